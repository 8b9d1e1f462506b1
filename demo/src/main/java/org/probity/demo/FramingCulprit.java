package org.probity.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.probity.demo.fault.Framing;
import org.probity.ledger.client.PaymentOrder;
import org.probity.node.cli.CliException;
import org.probity.node.http.api.Polling;

/** Accuses a correct node whose log it holds of whatever can be made up. */
final class FramingCulprit extends BankCulprit {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final List<String> complaints = new ArrayList<>();

  FramingCulprit(Consortium consortium, Bank bank) {
    super(consortium, bank);
  }

  private String victim() {
    return consortium.wardsOf(bank.node()).stream()
        .findFirst()
        .orElseThrow(() -> CliException.usage(bank.node() + " witnesses nobody"));
  }

  @Override
  void prepare() {}

  @Override
  void misbehave(List<PaymentOrder> orders, Progress progress) throws Exception {
    bank.trigger().give(victim());
    Path framed = bank.folder().resolve(Framing.FRAMED_FILE);
    if (!Polling.LOCAL.await(PATIENCE, () -> Files.exists(framed))) {
      throw new IOException(bank.node() + " has accused nobody; see " + bank.folder());
    }
    SortedMap<String, Integer> answers = new TreeMap<>();
    for (JsonNode one : JSON.readTree(framed.toFile())) {
      String answer = one.path("answer").asText();
      answers.merge(answer, 1, Integer::sum);
      if (answer.equals(Framing.ACCEPTED)) {
        complaints.add(one.path("to").asText() + " believes " + one.path("artefact").asText());
      }
    }
    progress.step(
        bank.node()
            + " accuses "
            + victim()
            + " before everybody, "
            + answers.values().stream().mapToInt(count -> count).sum()
            + " times; the answers: "
            + answers);
    awaitNothingOpen(progress);
  }

  /** A challenge that somebody took for one would make the victim suspected in the end. */
  private void awaitNothingOpen(Progress progress) throws InterruptedException {
    boolean none =
        Polling.LOCAL.await(
            PATIENCE,
            () ->
                consortium.banks().stream()
                    .allMatch(one -> one.api().getJson("/v1/challenges").isEmpty()));
    if (!none) {
      complaints.add("a challenge is open that asks for what does not exist");
    } else {
      progress.step("no node waits for an answer of " + victim());
    }
  }

  @Override
  List<String> complaints() {
    return complaints;
  }
}
