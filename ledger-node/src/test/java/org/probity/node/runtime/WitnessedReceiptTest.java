package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Seats;
import org.probity.detector.log.NoteVerifierKey;
import org.probity.detector.log.ReceiptExtra;
import org.probity.detector.log.Rfc6962;
import org.probity.detector.log.SignedNote;
import org.probity.detector.log.TlogPolicy;
import org.probity.detector.log.TlogProof;
import org.probity.ledger.client.Assurance;
import org.probity.ledger.client.OrderPlan;
import org.probity.ledger.client.PaymentOrders;
import org.probity.ledger.client.ReceiptVerifier;
import org.probity.ledger.transaction.KeyPolicy;
import org.probity.node.http.SubmissionReply;
import org.probity.node.http.api.ApiClient;
import org.probity.node.http.api.Polling;

/**
 * SPEC protocol.md §10 on running nodes with real stores and listeners: a receipt is recorded at
 * once, witnessed when q witnesses have cosigned a checkpoint that covers it, and audited when f +
 * 1 of them have said that they replayed it.
 */
@Timeout(180)
class WitnessedReceiptTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir private Path directory;

  /** Other accounts each time. */
  private long seed = 1;

  @Test
  void goesFromRecordedToWitnessed() throws Exception {
    try (TestBanks banks = new TestBanks(directory, 1, 2, "a", "b", "c", "d")) {
      banks.cosigning = Duration.ofMillis(100);
      banks.start("a");
      long index = openAccounts(banks);
      ApiClient client = ApiClient.of(banks.node("a").urls().client(), List.of(banks.authority()));

      // Alone: nobody can have cosigned it.
      assertTrue(verify(banks, receipt(client, index), 0).isPresent());
      assertTrue(verify(banks, receipt(client, index), 2).isEmpty());

      for (String name : List.of("b", "c", "d")) {
        banks.start(name);
      }
      assertTrue(
          Polling.REMOTE.await(
              PATIENCE, () -> verify(banks, receipt(client, index), 2).isPresent()),
          "never witnessed");
      SignedNote checkpoint = receipt(client, index).checkpoint();
      assertTrue(checkpoint.signatures().size() >= 3, checkpoint.toString());
      assertServedByItsWitnesses(banks);

      // A newer transaction is recorded at once and has a receipt of its own.
      long later = openAccounts(banks);
      assertTrue(verify(banks, receipt(client, later), 0).isPresent());
      assertTrue(
          Polling.REMOTE.await(
              PATIENCE, () -> verify(banks, receipt(client, later), 2).isPresent()));

      // Their audits follow, each under a root of its own.
      assertTrue(
          Polling.REMOTE.await(
              PATIENCE, () -> assurance(banks, receipt(client, index)) == Assurance.AUDITED),
          "never audited");

      // A restart forgets the cosignatures and gets them again.
      banks.stop("a");
      banks.start("a");
      ApiClient again = ApiClient.of(banks.node("a").urls().client(), List.of(banks.authority()));
      assertTrue(
          Polling.REMOTE.await(
              PATIENCE, () -> verify(banks, receipt(again, index), 2).isPresent()));
    }
  }

  private long openAccounts(TestBanks banks) throws Exception {
    OrderPlan plan = new OrderPlan(PaymentOrders.generate(seed++, 20), List.of("a", "b"));
    KeyPolicy owner = KeyPolicy.single(banks.bankKey.publicKey().toBytes());
    List<SubmissionReply> replies = banks.submit("a", plan.openings("a", banks.crowns.id(), owner));
    return replies.get(0).recorded().orElseThrow().index();
  }

  private static TlogProof receipt(ApiClient client, long index) {
    try {
      return TlogProof.parse(client.receipt(index));
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** The checkpoint, if the receipt is valid with so many cosignatures of a's witnesses. */
  private static Optional<TlogPolicy.Accepted> verify(
      TestBanks banks, TlogProof receipt, int cosignatures) {
    Genesis genesis = banks.network.genesis();
    NodeRecord author = banks.network.node("a");
    TlogPolicy policy =
        TlogPolicy.of(
            List.of(NoteVerifierKey.ofLog(genesis.origin(author).format(), author.logKey())),
            witnesses(banks).stream().map(it -> Witnessing.cosigner(genesis, it)).toList(),
            cosignatures);
    try {
      Bytes entry = ReceiptExtra.decode(receipt.extra().orElseThrow()).entry();
      return receipt.verify(SignatureRule.fastest(), policy, Rfc6962.leaf(entry))
              instanceof TlogProof.Valid valid
          ? Optional.of(valid.checkpoint())
          : Optional.empty();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static Assurance assurance(TestBanks banks, TlogProof receipt) {
    ReceiptVerifier.Verdict verdict =
        new ReceiptVerifier(banks.network.genesis()).verify(receipt.format());
    return ((ReceiptVerifier.Valid) verdict).assurance();
  }

  private static List<NodeRecord> witnesses(TestBanks banks) {
    Genesis genesis = banks.network.genesis();
    return Seats.witnessesOf("a", 0, genesis.parameters().witnesses(), genesis.nodes());
  }

  private static void assertServedByItsWitnesses(TestBanks banks) throws Exception {
    byte[] origin = Bytes.utf8(banks.node("a").identity().origin()).toArray();
    for (NodeRecord witness : witnesses(banks)) {
      ApiClient client =
          ApiClient.of(banks.node(witness.node()).urls().client(), List.of(banks.authority()));
      SignedNote served =
          SignedNote.parse(client.bytes("/witness/" + Hash.sha256(origin).toHex() + "/checkpoint"));
      assertEquals(2, served.signatures().size(), served.toString());
      assertEquals(
          Witnessing.cosigner(banks.network.genesis(), witness).name(),
          served.signatures().get(1).name());
    }
  }
}
