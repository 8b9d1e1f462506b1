package org.probity.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Governance as people read it. */
final class GovernanceTexts {
  private GovernanceTexts() {}

  static String status(JsonNode status) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "Epoch "
            + status.path("epoch").asLong()
            + ", round "
            + status.path("round").asInt()
            + ": "
            + status.path("electorate").size()
            + " electors, a quorum is "
            + status.path("quorum").asInt());
    for (Map.Entry<String, JsonNode> node : status.path("nodes").properties()) {
      String standing = node.getValue().path("standing").asText();
      if (!standing.equals("active")) {
        lines.add(
            node.getKey()
                + " is "
                + standing
                + " since the decision of epoch "
                + node.getValue().path("epoch").asLong());
      }
    }
    if (status.path("open").isEmpty()) {
      lines.add("Nothing is proposed");
    }
    for (JsonNode proposal : status.path("open")) {
      lines.add(
          proposal.path("id").asText()
              + "  "
              + text(proposal)
              + "  ballots by round: "
              + proposal.path("tallies"));
    }
    return String.join(System.lineSeparator(), lines);
  }

  static String decisions(JsonNode decisions) {
    List<String> lines = new ArrayList<>();
    if (decisions.isEmpty()) {
      lines.add("Nothing has been decided");
    }
    for (JsonNode decision : decisions) {
      lines.add(
          decision.path("epoch").asLong()
              + "  "
              + text(decision)
              + "  round "
              + decision.path("round").asInt()
              + ", "
              + decision.path("voters").size()
              + " ballots");
    }
    return String.join(System.lineSeparator(), lines);
  }

  static String handedIn(JsonNode result) {
    List<Long> epochs = new ArrayList<>();
    result.path("handedIn").forEach(epoch -> epochs.add(epoch.asLong()));
    return (epochs.isEmpty() ? "Nothing was new" : "Handed in " + decisionsOf(epochs))
        + "; the node is in epoch "
        + result.path("epoch").asLong();
  }

  /** Decisions by their epochs, which follow on one another. */
  static String decisionsOf(List<Long> epochs) {
    long first = epochs.get(0);
    long last = epochs.get(epochs.size() - 1);
    return first == last
        ? "the decision of epoch " + first
        : "the decisions of epochs " + first + " to " + last;
  }

  /** An action in one line. */
  static String text(JsonNode json) {
    JsonNode arguments = json.path("arguments");
    if (arguments.has("horizonMillis")) {
      StringBuilder values = new StringBuilder(json.path("action").asText());
      arguments
          .properties()
          .forEach(
              value ->
                  values.append(' ').append(value.getKey()).append('=').append(value.getValue()));
      return values.toString();
    }
    String object =
        arguments.path("node").isTextual()
            ? arguments.path("node").asText()
            : arguments.path("member").asText("");
    String text = (json.path("action").asText() + " " + object).strip();
    return arguments.has("stateRoot")
        ? text
            + ", incarnation "
            + arguments.path("incarnation").asLong()
            + " after "
            + arguments.path("size").asLong()
            + " entries"
        : text;
  }
}
