package org.probity.benchmarks.messages;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What was counted, and what the paper's protocol comes to.
 *
 * @param idle in a time without payments; what nodes say to one another anyway
 * @param counted from the first payment until all were settled and audited
 * @param answered from the first payment until the last was recorded
 * @param took as {@code counted}
 */
record MessagesReport(
    MessagesOptions options,
    Map<Traffic.Kind, Traffic.Count> idle,
    Map<Traffic.Kind, Traffic.Count> counted,
    Duration answered,
    Duration took,
    PaperProtocol paper) {

  private double perPayment(long total) {
    return (double) total / options.payments();
  }

  /** Payments a second that were recorded, of all banks together. */
  private double reached() {
    return options.payments() / Math.max(1e-3, answered.toNanos() / 1e9);
  }

  private long totalMessages() {
    return counted.values().stream().mapToLong(Traffic.Count::messages).sum();
  }

  private long totalBytes() {
    return counted.values().stream().mapToLong(Traffic.Count::bytes).sum();
  }

  private long paperBytes() {
    return paper.channel().bytes() + paper.forwarding().bytes() + paper.witnessingBytes();
  }

  /** A table for people. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add(
        String.format(
            Locale.ROOT,
            "%,d payments, %.0f a second; settled and replayed after %.1f s",
            options.payments(),
            reached(),
            took.toNanos() / 1e9));
    lines.add(
        String.format(
            Locale.ROOT, "%-12s %20s %20s   %s", "per payment", "messages", "bytes", "what"));
    for (Traffic.Kind kind : Traffic.Kind.values()) {
      Traffic.Count count = counted.getOrDefault(kind, Traffic.Count.NONE);
      lines.add(row(kind.label(), count.messages(), count.bytes(), kind.meaning()));
    }
    lines.add(row("all", totalMessages(), totalBytes(), "request and answer bodies"));
    lines.add("");
    lines.add("the paper's protocol, one signature per message, computed for the same payments:");
    lines.add(
        row(
            "channel",
            paper.channel().messages(),
            paper.channel().bytes(),
            "messages and acknowledgements with authenticators"));
    lines.add(
        row(
            "forwarding",
            paper.forwarding().messages(),
            paper.forwarding().bytes(),
            "authenticators to the witnesses"));
    lines.add(
        String.format(
            Locale.ROOT,
            "%-12s %20s %20s   %s",
            "witnessing",
            "",
            number(perPayment(paper.witnessingBytes())),
            "the same logs"));
    lines.add(
        String.format(Locale.ROOT, "%-12s %20s %20s", "all", "", number(perPayment(paperBytes()))));
    return lines;
  }

  private String row(String name, long messages, long bytes, String meaning) {
    return String.format(
        Locale.ROOT,
        "%-12s %20s %20s   %s",
        name,
        number(perPayment(messages)),
        number(perPayment(bytes)),
        meaning);
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, value < 100 ? "%.2f" : "%,.0f", value);
  }

  ObjectNode toJson() {
    JsonNodeFactory json = JsonNodeFactory.instance;
    ObjectNode report =
        json.objectNode()
            .put("nodes", options.nodes())
            .put("witnesses", options.witnesses())
            .put("payments", options.payments())
            .put("perSecond", options.perSecond())
            .put("outstanding", options.outstanding())
            .put("reachedPerSecond", reached())
            .put("seconds", took.toMillis() / 1e3)
            .put("applicationMessagesPerPayment", perPayment(paper.messages()))
            .put("logBytesPerPayment", perPayment(paper.logBytes()));
    ObjectNode perPayment = report.putObject("perPayment");
    counted.forEach(
        (kind, count) ->
            perPayment
                .putObject(kind.label())
                .put("messages", perPayment(count.messages()))
                .put("bytes", perPayment(count.bytes())));
    perPayment
        .putObject("all")
        .put("messages", perPayment(totalMessages()))
        .put("bytes", perPayment(totalBytes()));
    ObjectNode idlePerSecond = report.putObject("idlePerSecond");
    double idleSeconds = options.idle().toMillis() / 1e3;
    idle.forEach(
        (kind, count) ->
            idlePerSecond
                .putObject(kind.label())
                .put("messages", (double) count.messages() / idleSeconds)
                .put("bytes", (double) count.bytes() / idleSeconds));
    ObjectNode computed = report.putObject("paperPerPayment");
    computed
        .putObject("channel")
        .put("messages", perPayment(paper.channel().messages()))
        .put("bytes", perPayment(paper.channel().bytes()));
    computed
        .putObject("forwarding")
        .put("messages", perPayment(paper.forwarding().messages()))
        .put("bytes", perPayment(paper.forwarding().bytes()));
    computed.putObject("witnessing").put("bytes", perPayment(paper.witnessingBytes()));
    computed.put("signatures", perPayment(paper.signatures()));
    computed.put("bytes", perPayment(paperBytes()));
    return report;
  }
}
