package org.probity.ledger.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.program.TransactionOutcome;
import org.probity.detector.program.TransactionOutcome.Status;
import org.probity.ledger.transaction.Outcome;
import org.probity.ledger.transaction.ResultCode;

class TransactionResultTest {
  private static TransactionResult executed(Outcome outcome) throws DecodeException {
    return TransactionResult.decode(TransactionOutcome.executed(outcome.encode()).encode());
  }

  @Test
  void readsWhatTheLedgerSaid() throws DecodeException {
    assertEquals(true, executed(new Outcome.Accepted(List.of())).accepted());
    TransactionResult failed = executed(new Outcome.Failed(3, ResultCode.INSUFFICIENT_FUNDS));
    assertEquals(false, failed.accepted());
    assertEquals("insufficient_funds", failed.code());
    assertEquals("debits would exceed credits", failed.message());
    assertEquals(OptionalInt.of(3), failed.operation());
    assertEquals("malformed", executed(new Outcome.Refused(ResultCode.MALFORMED)).code());
  }

  @Test
  void everyStatusOfTheNodeHasACodeOfItsOwn() throws DecodeException {
    Set<String> codes = new HashSet<>();
    for (Status status : Status.values()) {
      if (status != Status.EXECUTED) {
        TransactionResult result =
            TransactionResult.decode(TransactionOutcome.refused(status).encode());
        assertEquals(false, result.accepted());
        codes.add(result.code());
      }
    }
    assertEquals(Status.values().length - 1, codes.size());
    assertEquals(true, codes.contains("id_exists_with_different_content"));
  }

  @Test
  void refusesWhatIsNoOutcome() {
    assertThrows(DecodeException.class, () -> TransactionResult.decode(Bytes.EMPTY));
    assertThrows(
        DecodeException.class,
        () -> TransactionResult.decode(TransactionOutcome.executed(Bytes.EMPTY).encode()));
  }
}
