package org.probity.ledger.transaction;

import java.util.ArrayList;
import java.util.List;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;

/**
 * The ledger's part of a client transaction: {@code [1, [+ operation]]}. The operations stand or
 * fall together, in this order.
 */
public record TransactionBody(List<Operation> operations) {
  /** Bounds the work and the outputs of one transaction. */
  public static final int MAX_OPERATIONS = 512;

  private static final int VERSION = 1;

  public TransactionBody {
    operations = List.copyOf(operations);
    if (operations.isEmpty()) {
      throw new IllegalArgumentException("a transaction has at least one operation");
    }
  }

  public static TransactionBody of(Operation... operations) {
    return new TransactionBody(List.of(operations));
  }

  public Bytes encode() {
    CborWriter out = new CborWriter();
    out.array(2).uint(VERSION).array(operations.size());
    for (Operation operation : operations) {
      Operation.write(operation, out);
    }
    return out.toBytes();
  }

  /**
   * Decodes at most {@link #MAX_OPERATIONS} operations. More is {@code too_many_operations}, all
   * else that is wrong another code.
   */
  public static TransactionBody decode(Bytes encoded) throws DecodeException {
    CborReader in = new CborReader(encoded);
    in.arrayHeader(2);
    if (in.uint() != VERSION) {
      throw new DecodeException("unknown_version", "a ledger transaction has version " + VERSION);
    }
    int count = in.arrayHeader();
    if (count > MAX_OPERATIONS) {
      throw new DecodeException(
          "too_many_operations", count + " operations, at most " + MAX_OPERATIONS);
    }
    if (count == 0) {
      throw new DecodeException("no_operations", "a transaction has at least one operation");
    }
    List<Operation> operations = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      operations.add(Operation.read(in));
    }
    in.end();
    return new TransactionBody(operations);
  }
}
