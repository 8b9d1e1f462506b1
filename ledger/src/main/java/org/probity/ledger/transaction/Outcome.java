package org.probity.ledger.transaction;

import java.util.ArrayList;
import java.util.List;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;

/**
 * What became of a transaction, as recorded in its log entry: {@code [0, [* remitted]]}, {@code [1,
 * operation, code]} or {@code [2, code]}.
 */
public sealed interface Outcome {

  /** {@link ResultCode#OK}, or why nothing of the transaction stands. */
  ResultCode code();

  Bytes encode();

  default boolean accepted() {
    return code() == ResultCode.OK;
  }

  /** All operations stand. {@code remitted} is what left for other nodes, in the order sent. */
  record Accepted(List<Remitted> remitted) implements Outcome {
    static final int STATUS = 0;

    public Accepted {
      remitted = List.copyOf(remitted);
    }

    @Override
    public ResultCode code() {
      return ResultCode.OK;
    }

    @Override
    public Bytes encode() {
      CborWriter out = new CborWriter().array(2).uint(STATUS).array(remitted.size());
      for (Remitted group : remitted) {
        group.write(out);
      }
      return out.toBytes();
    }
  }

  /**
   * Credits sent together: {@code [node, asset, first, [+ operation index]]}. The i-th of them has
   * number {@code first + i} in the channel of (node, asset), which is the number the answer to it
   * will bear.
   */
  record Remitted(String node, AssetId asset, long first, List<Integer> operations) {
    public Remitted {
      operations = List.copyOf(operations);
    }

    void write(CborWriter out) {
      out.array(4).text(node).bytes(asset.value()).uint(first).array(operations.size());
      for (int operation : operations) {
        out.uint(operation);
      }
    }

    static Remitted read(CborReader in) throws DecodeException {
      in.arrayHeader(4);
      String node = in.text(Operation.Remit.MAX_NODE_BYTES);
      AssetId asset = AssetId.read(in);
      long first = in.uint();
      int count = in.arrayHeaderUpTo(TransactionBody.MAX_OPERATIONS);
      List<Integer> operations = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        operations.add(in.uintMaxInt(TransactionBody.MAX_OPERATIONS - 1));
      }
      return new Remitted(node, asset, first, operations);
    }
  }

  /** The first operation that failed, counted from 0; nothing of the transaction stands. */
  record Failed(int operation, ResultCode code) implements Outcome {
    static final int STATUS = 1;

    @Override
    public Bytes encode() {
      return new CborWriter().array(3).uint(STATUS).uint(operation).uint(code.number()).toBytes();
    }
  }

  /** The transaction as a whole cannot be executed. */
  record Refused(ResultCode code) implements Outcome {
    static final int STATUS = 2;

    @Override
    public Bytes encode() {
      return new CborWriter().array(2).uint(STATUS).uint(code.number()).toBytes();
    }
  }

  static Outcome decode(Bytes encoded) throws DecodeException {
    CborReader in = new CborReader(encoded);
    int items = in.arrayHeader();
    int status = in.uintMaxInt(Refused.STATUS);
    int expected = status == Failed.STATUS ? 3 : 2;
    if (items != expected) {
      throw new DecodeException(
          "invalid_outcome", "an outcome of status " + status + " has " + expected + " items");
    }
    Outcome decoded =
        switch (status) {
          case Accepted.STATUS -> readAccepted(in);
          case Failed.STATUS ->
              new Failed(in.uintMaxInt(TransactionBody.MAX_OPERATIONS - 1), failure(in));
          default -> new Refused(failure(in));
        };
    in.end();
    return decoded;
  }

  private static Outcome readAccepted(CborReader in) throws DecodeException {
    int count = in.arrayHeaderUpTo(TransactionBody.MAX_OPERATIONS);
    List<Remitted> remitted = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      remitted.add(Remitted.read(in));
    }
    return new Accepted(remitted);
  }

  private static ResultCode failure(CborReader in) throws DecodeException {
    ResultCode code = ResultCode.of(in.uint());
    if (code == ResultCode.OK) {
      throw new DecodeException("invalid_outcome", "a failure has a code that says so");
    }
    return code;
  }
}
