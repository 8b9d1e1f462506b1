package org.probity.detector.governance;

import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.log.TreeHead;

/** What the consortium decided about a node. */
public sealed interface NodeStanding {
  /** Nothing against it. */
  record Active() implements NodeStanding {}

  /** Stopped by the decision of {@code epoch}. */
  record Suspended(long epoch) implements NodeStanding {}

  /** Ended by the decision of {@code epoch}; nothing of its log beyond {@code last} counts. */
  record Revoked(long epoch, TreeHead last) implements NodeStanding {}

  /** {@code [epoch]} or {@code [epoch, size, root]}; an active node has no entry in the state. */
  default Bytes encode() {
    if (this instanceof Suspended suspended) {
      return new CborWriter().array(1).uint(suspended.epoch()).toBytes();
    }
    if (this instanceof Revoked revoked) {
      return new CborWriter()
          .array(3)
          .uint(revoked.epoch())
          .uint(revoked.last().size())
          .bytes(revoked.last().root().unsafeArray())
          .toBytes();
    }
    throw new IllegalStateException("an active node has no entry");
  }

  static NodeStanding decode(Bytes value) throws DecodeException {
    CborReader in = new CborReader(value);
    int fields = in.arrayHeaderUpTo(3);
    long epoch = in.uint();
    NodeStanding standing =
        fields == 1
            ? new Suspended(epoch)
            : new Revoked(epoch, new TreeHead(in.uint(), Hash.read(in)));
    in.end();
    return standing;
  }
}
