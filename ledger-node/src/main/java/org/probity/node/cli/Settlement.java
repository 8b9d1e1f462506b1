package org.probity.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.probity.node.http.api.EventStream;

/**
 * Waits for the answers of the payees' nodes to the payments of one transaction. Its outcome names
 * their numbers in the channels to those nodes, and an answer, a message in the payer's own log,
 * names them again.
 */
final class Settlement {
  private static final String OK = "ok";

  /** A payment under way. */
  private record Payment(String node, String asset, long number) {}

  private final Set<Payment> open;
  private final List<String> returned = new ArrayList<>();

  private Settlement(Set<Payment> open) {
    this.open = open;
  }

  /**
   * Returns when every payee has the money; at once if all are on the payer's own node.
   *
   * @throws CliException {@code not_settled} if answers are missing when the patience is over,
   *     {@code returned} if a payee's node did not take its payment
   */
  static void await(NodeApi api, Submission.Recorded recorded, Duration patience) {
    Settlement settlement = new Settlement(payments(recorded.result().outcome().orElseThrow()));
    if (!settlement.open.isEmpty()) {
      settlement.awaitAnswers(api, recorded.index() + 1, patience);
    }
  }

  private static Set<Payment> payments(JsonNode outcome) {
    Set<Payment> payments = new LinkedHashSet<>();
    for (JsonNode group : outcome.path("remitted")) {
      for (int i = 0; i < group.path("operations").size(); i++) {
        payments.add(
            new Payment(
                group.path("node").asText(),
                group.path("asset").asText(),
                group.path("first").asLong() + i));
      }
    }
    return payments;
  }

  private void awaitAnswers(NodeApi api, long from, Duration patience) {
    try (EventStream events = api.events(from, this::isOver)) {
      if (!api.call(() -> events.await(patience))) {
        throw new CliException(
            ExitStatus.ERROR,
            "not_settled",
            "recorded, but " + late() + " not answered within " + patience.toSeconds() + " s");
      }
    }
    if (!returned.isEmpty()) {
      throw new CliException(
          ExitStatus.ERROR, "returned", "recorded, but " + String.join(", ", returned));
    }
  }

  /** The nodes that owe an answer. */
  private synchronized String late() {
    List<String> nodes = open.stream().map(Payment::node).distinct().toList();
    return String.join(", ", nodes) + (nodes.size() == 1 ? " has" : " have");
  }

  /** Takes note of an event's answers; whether all are there. */
  private synchronized boolean isOver(JsonNode event) {
    String node = event.path("from").asText();
    for (JsonNode group : event.path("settlements")) {
      long number = group.path("first").asLong();
      for (JsonNode code : group.path("codes")) {
        Payment answered = new Payment(node, group.path("asset").asText(), number++);
        if (open.remove(answered) && !code.asText().equals(OK)) {
          returned.add(node + " returned the payment: " + code.asText());
        }
      }
    }
    return open.isEmpty();
  }
}
