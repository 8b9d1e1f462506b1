package org.probity.ledger.program;

import java.util.ArrayList;
import java.util.List;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;
import org.probity.ledger.transaction.AccountId;
import org.probity.ledger.transaction.Amount;
import org.probity.ledger.transaction.SettlementMessage;
import org.probity.ledger.transaction.TransactionBody;

/**
 * Credits sent together and not answered yet: {@code [index, [+ [operation, payer, amount]]]}. All
 * that is needed to bring the money home, so that nothing in a peer's answer but the codes counts.
 *
 * @param index of the transaction's entry in this log
 */
public record PendingGroup(long index, List<Remittance> remittances) {
  public PendingGroup {
    remittances = List.copyOf(remittances);
  }

  /**
   * One of them.
   *
   * @param operation its place in the transaction
   */
  public record Remittance(int operation, AccountId payer, Amount amountMinor) {}

  /** At most 3,114 bytes, of the 4,096 a value may have. */
  public Bytes encode() {
    CborWriter out = new CborWriter(32 * remittances.size() + 16).array(2).uint(index);
    out.array(remittances.size());
    for (Remittance remittance : remittances) {
      out.array(3).uint(remittance.operation).bytes(remittance.payer.value());
      remittance.amountMinor.write(out);
    }
    return out.toBytes();
  }

  public static PendingGroup decode(Bytes encoded) throws DecodeException {
    CborReader in = new CborReader(encoded);
    in.arrayHeader(2);
    long index = in.uint();
    int count = in.arrayHeaderUpTo(SettlementMessage.MAX_GROUP_CREDITS);
    List<Remittance> remittances = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      in.arrayHeader(3);
      remittances.add(
          new Remittance(
              in.uintMaxInt(TransactionBody.MAX_OPERATIONS - 1),
              new AccountId(in.bytes(AccountId.BYTES)),
              Amount.read(in)));
    }
    in.end();
    return new PendingGroup(index, remittances);
  }
}
