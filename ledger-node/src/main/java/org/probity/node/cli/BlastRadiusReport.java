package org.probity.node.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.evidence.BlastRadius;
import org.probity.detector.log.Entry;
import org.probity.detector.log.LogReader;
import org.probity.ledger.transaction.AssetDefinition;
import org.probity.ledger.verifier.AffectedAccount;
import org.probity.node.ledger.LedgerWords;

/**
 * What a fault has reached, as JSON, as tables for people, and as a Graphviz graph whose arrows go
 * from cause to effect.
 */
public final class BlastRadiusReport {
  private static final String NOTE =
      "What was reached is affected, not guilty: nobody but the culprit is at fault for any of it.";

  private static final String NOBODY_ELSE = "No other node took anything of it in.";

  private final BlastRadius radius;
  private final SortedMap<String, ? extends LogReader> logs;
  private final List<AssetDefinition> assets;
  private final LedgerWords words;
  private final List<AffectedAccount> accounts;

  /**
   * @param logs that the radius was made from
   * @param assets of the genesis document
   */
  public BlastRadiusReport(
      BlastRadius radius,
      SortedMap<String, ? extends LogReader> logs,
      List<AssetDefinition> assets) {
    this.radius = radius;
    this.logs = logs;
    this.assets = assets;
    this.words = new LedgerWords(assets);
    this.accounts = AffectedAccount.of(radius);
  }

  /** {@code sources, nodes, entries, accounts, diverging, unseen, complete}. */
  public ObjectNode json() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    ArrayNode sources = json.putArray("sources");
    radius
        .sources()
        .forEach(
            source ->
                sources.addObject().put("node", source.node()).put("from", source.position()));
    ArrayNode nodes = json.putArray("nodes");
    radius.nodes().forEach(nodes::add);
    json.set("entries", entries());
    json.set("accounts", accounts());
    ArrayNode diverging = json.putArray("diverging");
    radius
        .diverging()
        .forEach((node, index) -> diverging.addObject().put("node", node).put("index", index));
    ArrayNode unseen = json.putArray("unseen");
    radius.unseen().forEach(at -> unseen.add(at.toString()));
    return json.put("complete", radius.unseen().isEmpty()).put("note", NOTE);
  }

  private ArrayNode entries() {
    ArrayNode entries = JsonNodeFactory.instance.arrayNode();
    for (BlastRadius.Effect effect : radius.effects()) {
      ObjectNode row =
          entries
              .addObject()
              .put("node", effect.at().node())
              .put("index", effect.at().index())
              .put("type", effect.type().name());
      ArrayNode causes = row.putArray("causes");
      effect.causes().forEach(cause -> causes.add(cause.toString()));
      ArrayNode text = row.putArray("text");
      text(effect.at()).forEach(text::add);
    }
    return entries;
  }

  private ArrayNode accounts() {
    ArrayNode rows = JsonNodeFactory.instance.arrayNode();
    for (AffectedAccount account : accounts) {
      ArrayNode entries =
          rows.addObject()
              .put("node", account.node())
              .put("account", account.account().toString())
              .put("asset", code(account))
              .put("creditedMinor", account.creditedMinor())
              .put("debitedMinor", account.debitedMinor())
              .put("availableMinor", account.availableMinor())
              .putArray("entries");
      account.entries().forEach(entries::add);
    }
    return rows;
  }

  private String code(AffectedAccount account) {
    return assets.stream()
        .filter(asset -> asset.id().equals(account.asset()))
        .findFirst()
        .map(AssetDefinition::code)
        .orElseGet(() -> account.asset().toString());
  }

  private List<String> text(BlastRadius.At at) {
    LogReader log = logs.get(at.node());
    try {
      return log == null ? List.of() : words.entry(Entry.decode(log.entry(at.index())).body());
    } catch (DecodeException e) {
      return List.of("no entry (" + e.code() + ")");
    }
  }

  /**
   * In a few lines: what cannot be relied on, how much was reached, and the accounts with the
   * amounts.
   *
   * @param maxAccounts that are named
   */
  public List<String> summary(int maxAccounts) {
    List<String> lines = sources();
    if (radius.effects().isEmpty()) {
      lines.add(NOBODY_ELSE);
      return lines;
    }
    lines.add(reached());
    Table.render(accountRows(maxAccounts)).lines().forEach(lines::add);
    if (accounts.size() > maxAccounts) {
      lines.add("and " + (accounts.size() - maxAccounts) + " more accounts");
    }
    return lines;
  }

  /** For people. */
  String text() {
    List<String> lines = sources();
    lines.add("");
    if (radius.effects().isEmpty()) {
      lines.add(NOBODY_ELSE);
      return String.join("\n", lines);
    }
    lines.add(reached());
    lines.add("");
    ArrayNode entryRows = JsonNodeFactory.instance.arrayNode();
    for (BlastRadius.Effect effect : radius.effects()) {
      entryRows
          .addObject()
          .put("entry", effect.at().toString())
          .put("type", effect.type().name())
          .put("because of", causes(effect))
          .put("what", what(text(effect.at())));
    }
    lines.add(Table.render(entryRows));
    lines.add(Table.render(accountRows(accounts.size())).stripTrailing());
    return String.join("\n", lines);
  }

  private String reached() {
    return count(radius.effects().size(), "entry", "entries")
        + " and "
        + count(accounts.size(), "account", "accounts")
        + " on "
        + count(radius.nodes().size(), "other node", "other nodes")
        + " were reached. "
        + NOTE;
  }

  private static String count(int number, String one, String more) {
    return number + " " + (number == 1 ? one : more);
  }

  private ArrayNode accountRows(int most) {
    ArrayNode rows = JsonNodeFactory.instance.arrayNode();
    accounts.stream()
        .limit(most)
        .forEach(
            account ->
                rows.addObject()
                    .put("node", account.node())
                    .put("account", account.account().toString())
                    .put("credited", amount(account, account.creditedMinor()))
                    .put("debited", amount(account, account.debitedMinor()))
                    .put("available", amount(account, account.availableMinor())));
    return rows;
  }

  /** What cannot be relied on, and what is missing. */
  private List<String> sources() {
    List<String> lines = new ArrayList<>();
    radius
        .sources()
        .forEach(
            source ->
                lines.add(
                    "Nothing that "
                        + source.node()
                        + " logged from entry "
                        + source.position()
                        + " on can be relied on."));
    radius
        .diverging()
        .forEach(
            (node, index) ->
                lines.add(
                    "The log of "
                        + node
                        + " breaks the rules too, at entry "
                        + index
                        + "; all after that counts as reached."));
    if (!radius.unseen().isEmpty()) {
      lines.add(
          "INCOMPLETE: "
              + radius.unseen().size()
              + " messages were taken in from logs that are not at hand, the first is "
              + radius.unseen().first()
              + "; start these nodes or their witnesses, or copy their logs.");
    }
    return lines;
  }

  /** The first operation or message, after the headline, if there is one. */
  private static String what(List<String> text) {
    if (text.size() < 2) {
      return String.join("", text);
    }
    int more = text.size() - 2;
    return text.get(1) + (more == 0 ? "" : " and " + more + " more");
  }

  private static String causes(BlastRadius.Effect effect) {
    int more = effect.causes().size() - 1;
    return effect.causes().first() + (more == 0 ? "" : " and " + more + " more");
  }

  private String amount(AffectedAccount account, BigInteger minor) {
    return assets.stream()
        .filter(asset -> asset.id().equals(account.asset()))
        .findFirst()
        .map(asset -> asset.format(minor) + " " + asset.code())
        .orElse(minor + " minor units of " + account.asset());
  }

  /** For Graphviz's {@code dot}. */
  String graph() {
    StringBuilder dot = new StringBuilder(1024);
    dot.append("digraph blast_radius {\n  rankdir=LR;\n  node [shape=box, fontname=sans];\n");
    SortedMap<String, TreeSet<BlastRadius.At>> byNode = new TreeMap<>();
    for (BlastRadius.Effect effect : radius.effects()) {
      byNode.computeIfAbsent(effect.at().node(), absent -> new TreeSet<>()).add(effect.at());
      effect
          .causes()
          .forEach(
              cause -> byNode.computeIfAbsent(cause.node(), absent -> new TreeSet<>()).add(cause));
    }
    for (Map.Entry<String, TreeSet<BlastRadius.At>> node : byNode.entrySet()) {
      dot.append("  subgraph \"cluster_").append(node.getKey()).append("\" {\n    label=\"");
      dot.append(node.getKey()).append("\";\n");
      for (BlastRadius.At at : node.getValue()) {
        boolean isSource =
            radius.sources().stream()
                .anyMatch(it -> it.node().equals(at.node()) && it.position() <= at.index());
        dot.append("    \"").append(at).append("\" [label=\"").append(at.index()).append('"');
        dot.append(isSource ? ", style=filled, fillcolor=\"#f4b6b6\"" : "").append("];\n");
      }
      dot.append("  }\n");
    }
    for (BlastRadius.Effect effect : radius.effects()) {
      for (BlastRadius.At cause : effect.causes()) {
        dot.append("  \"").append(cause).append("\" -> \"").append(effect.at()).append("\";\n");
      }
    }
    return dot.append("}\n").toString();
  }
}
