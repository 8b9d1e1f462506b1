package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.crypto.Hash;
import org.probity.detector.evidence.ByzantineLog;
import org.probity.detector.evidence.Court;
import org.probity.detector.log.AddCheckpointRequest;
import org.probity.detector.log.NoteVerifierKey;
import org.probity.detector.log.SignedNote;
import org.probity.detector.log.TlogPolicy;
import org.probity.detector.log.TreeHead;

/** A running node that cosigns a log of another consortium, which forks. */
@Timeout(120)
class ForeignLogTest {
  @TempDir Path directory;

  private final ByzantineLog log = new Court().log("beta", 5);

  private static int ask(RunningNode node, AddCheckpointRequest request) throws Exception {
    return node.facade()
        .witness()
        .add("", request.format())
        .toCompletionStage()
        .toCompletableFuture()
        .get(20, TimeUnit.SECONDS)
        .status();
  }

  private static String ops(RunningNode node, String path) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create(node.urls().ops() + path)).build(),
            HttpResponse.BodyHandlers.ofString())
        .body();
  }

  @Test
  void itsForkIsKeptCountedAndShownToTheOperator() throws Exception {
    String origin = log.machine().origin().format();
    NoteVerifierKey key = NoteVerifierKey.ofLog(origin, log.machine().self().logKey());
    SignedNote fork = log.sign(new TreeHead(log.size(), Hash.sha256(new byte[] {1}))).note();
    try (TestBanks banks = new TestBanks(directory, 0, 1, "a", "b")) {
      banks.witnessing = settings -> settings.witnessing(TlogPolicy.ofLog(key));
      RunningNode node = banks.start("a");
      assertEquals(200, ask(node, new AddCheckpointRequest(0, List.of(), log.checkpoint().note())));
      assertEquals(List.of(), node.facade().health().warnings());

      assertEquals(422, ask(node, new AddCheckpointRequest(log.size(), List.of(), fork)));

      String warning = "foreign log " + origin;
      assertTrue(ops(node, "/readyz").contains(warning));
      String metrics = ops(node, "/metrics");
      String labels = "{kind=\"fork\",log=\"" + origin + "\"}";
      assertTrue(
          metrics.contains("probity_witness_rejected_checkpoints_total" + labels + " 1"), metrics);
      assertTrue(metrics.contains("probity_witness_answers_total{status=\"422\"} 1"), metrics);
      banks.stop("a");
      assertTrue(ops(banks.start("a"), "/readyz").contains(warning), "a restart forgets it");
    }
  }
}
