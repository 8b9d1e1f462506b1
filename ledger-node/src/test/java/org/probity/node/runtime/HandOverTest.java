package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.challenge.Challenge;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.Signer;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.node.TestNetwork;
import org.probity.detector.program.TransactionOutcome.Status;
import org.probity.ledger.client.ClientIds;
import org.probity.ledger.client.Submitter;
import org.probity.ledger.client.TransactionDraft;
import org.probity.ledger.transaction.AccountFlags;
import org.probity.ledger.transaction.AccountId;
import org.probity.ledger.transaction.KeyPolicy;
import org.probity.ledger.transaction.Operation;
import org.probity.node.http.HandedOver;
import org.probity.node.http.api.Polling;

/**
 * SPEC protocol.md §7.1: a client's transaction handed to a witness. Running nodes; the client is
 * told what the home node has answered.
 */
@Timeout(180)
class HandOverTest {
  private static final String HOME = "b";

  @TempDir Path directory;

  private static Operation open(TestBanks banks, String name) {
    return new Operation.OpenAccount(
        AccountId.named(name),
        banks.crowns.id(),
        KeyPolicy.single(banks.bankKey.publicKey().toBytes()),
        AccountFlags.NONE);
  }

  private static HandedOver handOver(TestBanks banks, Bytes statement) throws Exception {
    return banks
        .node("a")
        .facade()
        .handOver(statement)
        .toCompletionStage()
        .toCompletableFuture()
        .get(20, TimeUnit.SECONDS);
  }

  /** Of somebody who is not the bank. */
  private static Bytes byStranger(TestBanks banks) {
    Signer stranger = TestNetwork.signer("stranger");
    return new TransactionDraft(
            banks.network.genesis().networkId(), HOME, Submitter.key(banks.bankKey.publicKey()))
        .add(open(banks, "stolen"))
        .sign(
            ClientIds.fromSeed(Bytes.utf8("stranger")).next(System.currentTimeMillis() + 60_000),
            List.of(stranger))
        .encoded();
  }

  /** The checkpoint of the home node that a challenge about this transaction names. */
  private static Optional<Bytes> namedIn(TestBanks banks, Bytes transaction) {
    try {
      assertEquals("refused", handOver(banks, transaction).state());
      StatementVerifier statements =
          new StatementVerifier(SignatureRule.fastest(), banks.network.genesis().networkId());
      for (Bytes put : banks.wire.challenges) {
        Challenge challenge = Challenge.decode(statements.verify(put, Challenge.TYP).payload());
        if (challenge.body() instanceof Challenge.Client client
            && client.statement().equals(transaction)) {
          return client.seen();
        }
      }
      return Optional.empty();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void theClientIsToldWhatTheHomeNodeAnswers() throws Exception {
    try (TestBanks banks = new TestBanks(directory, 1, 2, "a", "b", "c")) {
      for (String name : List.of("a", "b", "c")) {
        banks.start(name);
      }
      HandedOver recorded = handOver(banks, banks.sign(HOME, List.of(open(banks, "late"))).get(0));
      assertEquals("recorded", recorded.state());
      assertTrue(banks.node(HOME).facade().transaction(recorded.index().getAsLong()).isPresent());

      Bytes strange = byStranger(banks);
      HandedOver refused = handOver(banks, strange);
      assertEquals("refused", refused.state());
      assertEquals(Optional.of(Status.UNAUTHORISED), refused.refusal());
      assertEquals(HOME, refused.target());
      // The answer to the same question is known.
      assertEquals(Optional.of(Status.UNAUTHORISED), handOver(banks, strange).refusal());

      // A state from before what is known here would be no answer.
      assertTrue(
          Polling.LOCAL.await(
              Duration.ofMinutes(1), () -> namedIn(banks, byStranger(banks)).isPresent()),
          "nothing is named that the home node has signed");

      banks.stop(HOME);
      Bytes waiting = banks.sign(HOME, List.of(open(banks, "later"))).get(0);
      HandedOver asked = handOver(banks, waiting);
      assertEquals("asked", asked.state());
      // Whoever asks twice has asked once.
      assertEquals(asked, handOver(banks, waiting));
      assertEquals(
          1,
          banks.node("a").facade().challenges().stream()
              .filter(one -> one.kind().equals("client"))
              .count());
    }
  }
}
