package org.probity.benchmarks.workload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.Statement;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.program.Transaction;
import org.probity.ledger.transaction.AssetId;
import org.probity.ledger.transaction.Operation;
import org.probity.ledger.transaction.TransactionBody;

class TransferWorkloadTest {
  private static final Hash NETWORK = Hash.sha256(new byte[] {1});
  private static final AssetId ASSET = AssetId.fromHex("00112233445566778899aabbccddeeff");
  private static final long NOT_AFTER_MILLIS = 1_800_000_000_000L;

  private final TransferWorkload workload = new TransferWorkload(NETWORK, "bank-a", ASSET, 20);

  private Statement payment(long number, int transfers) {
    return workload.payment(number, transfers, NOT_AFTER_MILLIS);
  }

  @Test
  void isTheSameWheneverItIsAskedFor() {
    assertEquals(payment(7, 3), payment(7, 3));
    assertNotEquals(payment(7, 3).id(), payment(8, 3).id());
  }

  @Test
  void isSignedByThePayer() throws Exception {
    StatementVerifier verifier = new StatementVerifier(SignatureRule.fastest(), NETWORK);

    Transaction transaction =
        Transaction.decode(verifier.verify(payment(7, 1).encoded(), Transaction.TYP).payload());

    Operation.Transfer transfer =
        (Operation.Transfer) TransactionBody.decode(transaction.body()).operations().get(0);
    assertEquals("bank-a", transaction.node());
    assertEquals(transaction.submitter(), transfer.payer().value());
  }

  @Test
  void spreadsPaymentsOverAllAccountsAndNeverPaysThePayer() throws Exception {
    StatementVerifier verifier = new StatementVerifier(SignatureRule.fastest(), NETWORK);
    Set<Bytes> payers = new HashSet<>();
    Set<Bytes> payees = new HashSet<>();
    for (int i = 0; i < 200; i++) {
      Bytes payload = verifier.verify(payment(i, 2).encoded(), Transaction.TYP).payload();
      for (Operation operation :
          TransactionBody.decode(Transaction.decode(payload).body()).operations()) {
        Operation.Transfer transfer = (Operation.Transfer) operation;
        assertNotEquals(transfer.payer(), transfer.payee());
        payers.add(transfer.payer().value());
        payees.add(transfer.payee().value());
      }
    }

    assertEquals(20, payers.size());
    assertEquals(20, payees.size());
  }

  @Test
  void fitsTwoHundredTransfersUnderOneSignature() {
    assertTrue(payment(1, 200).encoded().size() < 16 * 1024);
  }
}
