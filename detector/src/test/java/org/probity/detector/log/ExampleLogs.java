package org.probity.detector.log;

import java.util.List;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Signer;
import org.probity.detector.crypto.TestKeys;

/**
 * The two logs of docs/format: bank-1 with every type of entry, signed with the key of RFC 8032
 * §7.1, test 1, and bank-2, signed with that of test 2.
 */
final class ExampleLogs {
  final TestLog bank1 =
      new TestLog(new Origin(TestLog.NETWORK, "bank-1", 1), Signer.of(TestKeys.RFC_1));
  final TestLog bank2 =
      new TestLog(new Origin(TestLog.NETWORK, "bank-2", 1), Signer.of(TestKeys.RFC_2));

  ExampleLogs() {
    bank2.add(new GenesisEntry("bank-2", 1, TestLog.hash("program"), TestLog.hash("state 0")));
    bank2.add(transaction());
    bank2.add(new SendEntry("bank-1", 1, 0, Bytes.utf8("hello")));
    bank2.addState("state 1");
    SignedCheckpoint sent = bank2.checkpoint();
    ReceiveEntry receive =
        new ReceiveEntry(
            sent.bytes(),
            List.of(bank2.entry(2).bytes()),
            Multiproof.build(bank2.tree(), 4, List.of(2L)));
    bank2.add(new TickEntry(1_767_225_601_000L));
    bank2.addState("state 2");
    AckEntry ack =
        new AckEntry(
            bank2.checkpoint().bytes(),
            bank2.entry(5).bytes(),
            MerkleProofs.inclusion(bank2.tree(), 5, 6),
            Bytes.utf8("state proof"));

    bank1.add(new GenesisEntry("bank-1", 1, TestLog.hash("program"), TestLog.hash("state 0")));
    bank1.add(new TickEntry(1_767_225_600_000L));
    bank1.add(transaction());
    bank1.add(new SendEntry("bank-2", 1, 0, Bytes.utf8("hello")));
    bank1.addState("state 1");
    bank1.add(receive);
    bank1.add(ack);
    bank1.add(new ChallengeEntry(Bytes.utf8("challenge")));
    bank1.add(new DecisionEntry(Bytes.utf8("decision")));
    bank1.add(new FloorEntry(Bytes.utf8("floor")));
    bank1.addState("state 2");
  }

  private static TransactionEntry transaction() {
    return new TransactionEntry(Bytes.utf8("statement"), Bytes.utf8("outcome"));
  }

  /** The witness of the examples, with a cosigner key made from its name. */
  static final Signer WITNESS = Signer.of(TestKeys.named("witness"));

  static final String WITNESS_NAME = "witness.example/w1";

  /** The checkpoint over all of bank-1, cosigned. */
  SignedNote cosigned() {
    SignedNote note = bank1.checkpoint().note();
    return note.with(
        List.of(Cosignature.sign(WITNESS, WITNESS_NAME, note.textBytes(), 1_767_225_602L)));
  }
}
