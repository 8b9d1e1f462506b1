package org.probity.node.http.wire;

import java.util.Optional;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;

/**
 * How far a node knows some log (protocol.md §11.1). Nothing in it is verified.
 *
 * <pre>{@code held = [counts: 0 / 1, epoch: uint, ? checkpoint: bstr]   ; deterministic CBOR}</pre>
 *
 * @param counts whether it has known the log from its beginning, or keeps a copy of it
 * @param epoch so many decisions it knows
 * @param checkpoint the highest one it has, signed by the log and by nobody else; empty for none
 */
public record HeldLog(boolean counts, long epoch, Optional<Bytes> checkpoint) {
  private static final int MAX_CHECKPOINT_BYTES = 64 * 1024;

  /** Of whoever cannot say. */
  public static final HeldLog UNKNOWN = new HeldLog(false, 0, Optional.empty());

  /** Of whoever was never shown anything of it. */
  public static final HeldLog NOTHING = new HeldLog(true, 0, Optional.empty());

  public Bytes encode() {
    CborWriter out =
        new CborWriter().array(checkpoint.isPresent() ? 3 : 2).uint(counts ? 1 : 0).uint(epoch);
    checkpoint.ifPresent(out::bytes);
    return out.toBytes();
  }

  public static HeldLog decode(Bytes encoded) throws DecodeException {
    CborReader in = new CborReader(encoded);
    int fields = in.arrayHeaderUpTo(3);
    boolean counts = in.uintMaxInt(1) == 1;
    long epoch = in.uint();
    Optional<Bytes> checkpoint =
        fields == 3 ? Optional.of(in.bytesUpTo(MAX_CHECKPOINT_BYTES)) : Optional.empty();
    in.end();
    return new HeldLog(counts, epoch, checkpoint);
  }
}
