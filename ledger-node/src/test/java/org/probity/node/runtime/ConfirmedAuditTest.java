package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.challenge.Challenge;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.Statement;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Seating;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.node.Patience;
import org.probity.node.http.PeerReply;
import org.probity.node.http.api.Polling;
import org.probity.node.http.wire.ChallengeReply;

/**
 * SPEC protocol.md §7.1: non-witnesses accept confirmations of f+1 witnesses. Running nodes; the
 * target of an audit challenge has stopped, and its witnesses have what it is asked for.
 */
@Timeout(240)
class ConfirmedAuditTest {
  private static final String TARGET = "b";
  private static final List<String> NAMES = List.of("a", "b", "c", "d", "e");

  @TempDir Path directory;

  private static void await(String what, BooleanSupplier condition) throws Exception {
    assertTrue(Polling.LOCAL.await(Duration.ofMinutes(1), condition), what);
  }

  private static List<String> witnesses(TestBanks banks) {
    return Seating.founding(banks.network.genesis()).witnessesOf(TARGET).stream()
        .map(NodeRecord::node)
        .toList();
  }

  private static PeerReply put(TestBanks banks, String to, String from, Bytes statement)
      throws Exception {
    return banks
        .node(to)
        .facade()
        .challenge(from, statement)
        .toCompletionStage()
        .toCompletableFuture()
        .get(20, TimeUnit.SECONDS);
  }

  private static boolean isOpen(TestBanks banks, String node, Hash challenge) {
    return banks.node(node).facade().challenges().stream()
        .anyMatch(one -> one.id().equals(challenge));
  }

  private static boolean isSaid(TestBanks banks, String by, String verdict) {
    return banks.node(by).facade().peers().stream()
        .anyMatch(peer -> peer.node().equals(TARGET) && peer.verdict().equals(verdict));
  }

  @Test
  void theWordOfTheWitnessesIsEnoughForOthers() throws Exception {
    try (TestBanks banks = new TestBanks(directory, 1, 2, NAMES.toArray(String[]::new))) {
      banks.patience = new Patience(60_000, 60_000, 2_000);
      for (String name : NAMES) {
        banks.start(name);
      }
      List<String> witnesses = witnesses(banks);
      String bystander =
          NAMES.stream()
              .filter(name -> !name.equals(TARGET) && !witnesses.contains(name))
              .findFirst()
              .orElseThrow();
      Hash origin =
          Hash.sha256(
              Bytes.utf8(banks.network.genesis().origin(banks.network.node(TARGET)).format())
                  .unsafeArray());
      SignedCheckpoint newest =
          SignedCheckpoint.parse(banks.node(TARGET).facade().ownLog().checkpoint());
      for (String witness : witnesses) {
        await(
            witness + " has not cosigned it",
            () ->
                banks.node(witness).facade().witness().cosigned(origin).stream()
                    .anyMatch(note -> note.text().equals(newest.note().text())));
      }
      banks.stop(TARGET);
      Challenge challenge =
          new Challenge(
              Challenge.Target.of(banks.network.node(TARGET)),
              witnesses.get(0),
              new Challenge.Audit(newest.bytes(), 0, 1));
      Statement signed =
          challenge.sign(
              banks.network.genesis().networkId(), banks.network.logKey(witnesses.get(0)));
      Bytes statement = signed.encoded();
      // One of f+1 is away.
      banks.stop(witnesses.get(1));
      assertEquals(PeerReply.OK, put(banks, bystander, witnesses.get(0), statement).status());
      await("nobody suspects", () -> isSaid(banks, bystander, "suspected"));
      banks.start(witnesses.get(1));
      await("nobody has confirmed", () -> isSaid(banks, bystander, "trusted"));
      await("it is open still", () -> !isOpen(banks, bystander, signed.id()));
      // The witnesses are asked for the entries as before.
      for (String witness : witnesses) {
        ChallengeReply reply =
            ChallengeReply.decode(put(banks, witness, bystander, statement).body());
        assertTrue(reply.confirmation().isPresent(), witness);
        await(witness + " is content", () -> isSaid(banks, witness, "suspected"));
      }
      banks.start(TARGET);
      for (String name : NAMES) {
        if (!name.equals(TARGET)) {
          await(name + " suspects", () -> isSaid(banks, name, "trusted"));
          assertEquals(List.of(), banks.node(name).facade().evidenceFiles(), name);
        }
      }
    }
  }
}
