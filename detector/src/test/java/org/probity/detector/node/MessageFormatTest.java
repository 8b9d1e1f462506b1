package org.probity.detector.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.probity.detector.GoldenFile;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.Ack;
import org.probity.detector.commitment.Envelope;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.Statement;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Parameters;
import org.probity.detector.program.Transaction;
import org.probity.detector.program.TransactionOutcome;

/** The examples in docs/format/genesis.md and docs/format/messages.md. */
class MessageFormatTest {
  private static final GoldenFile GENESIS = GoldenFile.read("docs/format/genesis.md");
  private static final GoldenFile MESSAGES = GoldenFile.read("docs/format/messages.md");

  private final ObjectStore program = new ObjectStore();
  private final TestNetwork network =
      TestNetwork.of(Parameters.of(0, 1), program.id(), Bytes.EMPTY, "a", "b");

  @Test
  void aGenesisOfTwoMembers() throws DecodeException {
    Bytes encoded = network.genesis().encoded();
    GENESIS.assertExample("Example: a consortium of two", encoded);
    assertEquals(
        network.genesis().networkId(),
        Genesis.decode(GENESIS.hex("Example: a consortium of two")).networkId());
  }

  @Test
  void aNodeRecord() {
    GENESIS.assertExample("Example: a node record", network.node("a").encode());
  }

  @Test
  void anEnrolment() throws DecodeException {
    NodeRecord node = network.node("a");
    CborReader genesis = new CborReader(network.genesis().encoded());
    genesis.arrayHeader(2);
    Hash foundingId = Hash.sha256(genesis.bytes().unsafeArray());
    Statement signed =
        Statement.sign(
            foundingId,
            NodeRecord.ENROLMENT_TYP,
            node.encode(),
            TestNetwork.signer("governance a"));
    GENESIS.assertExample("Example: an enrolment", signed.encoded());
    Statement documented = Statement.decode(GENESIS.hex("Example: an enrolment"));
    assertEquals(NodeRecord.ENROLMENT_TYP, documented.typ());
    assertEquals(foundingId, documented.networkId());
    assertTrue(network.genesis().encoded().toHex().contains(documented.encoded().toHex()));
  }

  @Test
  void aTransactionAndItsOutcome() throws DecodeException {
    Transaction transaction =
        new Transaction(
            "a",
            Transaction.clientId(TestNetwork.FOUNDED_MILLIS + 60_000, 7),
            Bytes.utf8("c"),
            Bytes.utf8("b/x=ping"));
    MESSAGES.assertExample("Example: a transaction", transaction.encode());
    assertEquals(transaction, Transaction.decode(MESSAGES.hex("Example: a transaction")));
    MESSAGES.assertExample(
        "Example: an outcome", TransactionOutcome.executed(Bytes.utf8("stored")).encode());
  }

  @Test
  void anEnvelopeAndItsAck() throws DecodeException {
    TestConsortium consortium = new TestConsortium(network, program);
    List<Bytes> envelopes = new ArrayList<>();
    List<Bytes> acks = new ArrayList<>();
    consortium.observe(envelopes::add, acks::add);
    Statement put = consortium.sign(TestNetwork.signer("client"), "a", 7, "c", "b/x=1");
    consortium.submit("a", put);
    consortium.run();

    MESSAGES.assertExample("Example: an envelope", envelopes.get(0));
    assertEquals(envelopes.get(0), Envelope.decode(MESSAGES.hex("Example: an envelope")).encode());
    MESSAGES.assertExample("Example: an ack", acks.get(0));
    assertEquals(acks.get(0), Ack.decode(MESSAGES.hex("Example: an ack")).encode());
  }
}
