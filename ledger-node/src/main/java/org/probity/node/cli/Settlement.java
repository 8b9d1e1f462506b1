package org.probity.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.probity.node.http.api.EventStream;

/**
 * Waits for the answer of the payee's node to one payment. The outcome of the payment names its
 * number in the channel to that node, and the answer, a message in the payer's own log, names it
 * again.
 */
final class Settlement {
  private static final String OK = "ok";

  private final String node;
  private final String asset;
  private final long number;

  private Settlement(String node, String asset, long number) {
    this.node = node;
    this.asset = asset;
    this.number = number;
  }

  /**
   * Returns when the payee has the money; at once if it is on the payer's own node.
   *
   * @throws CliException {@code not_settled} if there is no answer in time, {@code returned} if the
   *     payee's node did not take it
   */
  static void await(NodeApi api, Submission.Recorded recorded, Duration patience) {
    Optional<Settlement> expected = of(recorded.result().outcome().orElseThrow());
    if (expected.isPresent()) {
      String code = expected.get().answer(api, recorded.index() + 1, patience);
      if (!code.equals(OK)) {
        throw new CliException(
            ExitStatus.ERROR,
            "returned",
            "recorded, but " + expected.get().node + " returned the payment: " + code);
      }
    }
  }

  private static Optional<Settlement> of(JsonNode outcome) {
    JsonNode group = outcome.path("remitted").path(0);
    return group.isObject()
        ? Optional.of(
            new Settlement(
                group.path("node").asText(),
                group.path("asset").asText(),
                group.path("first").asLong()))
        : Optional.empty();
  }

  private String answer(NodeApi api, long from, Duration patience) {
    CompletableFuture<String> code = new CompletableFuture<>();
    try (EventStream events =
        api.events(
            from,
            event -> {
              codeIn(event).ifPresent(code::complete);
              return code.isDone();
            })) {
      if (!api.call(() -> events.await(patience))) {
        throw new CliException(
            ExitStatus.ERROR,
            "not_settled",
            "recorded, but " + node + " has not answered within " + patience.toSeconds() + " s");
      }
    }
    return code.join();
  }

  private Optional<String> codeIn(JsonNode event) {
    if (!event.path("from").asText().equals(node)) {
      return Optional.empty();
    }
    for (JsonNode group : event.path("settlements")) {
      long position = number - group.path("first").asLong();
      JsonNode codes = group.path("codes");
      if (group.path("asset").asText().equals(asset) && position >= 0 && position < codes.size()) {
        return Optional.of(codes.get((int) position).asText());
      }
    }
    return Optional.empty();
  }
}
