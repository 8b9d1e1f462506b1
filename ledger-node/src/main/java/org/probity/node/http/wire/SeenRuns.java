package org.probity.node.http.wire;

import java.util.ArrayList;
import java.util.List;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.node.RunSign;

/**
 * Which other runs of a node somebody has seen (protocol.md §11.5). Nothing in it is verified.
 *
 * <pre>{@code seen-runs = [*8 [age-millis: uint, run-sign: bstr]]   ; deterministic CBOR}</pre>
 *
 * @param runs the last sign of each, oldest first
 */
public record SeenRuns(List<Seen> runs) {
  /** Whoever is told of them can name them all. */
  private static final int MAX_RUNS = RunSign.MAX_SEEN;

  /** Of one sign. */
  public static final int MAX_SIGN_BYTES = 1024;

  /** Nobody else. */
  public static final SeenRuns NOBODY = new SeenRuns(List.of());

  /** Copies. */
  public SeenRuns {
    runs = List.copyOf(runs);
  }

  /**
   * One run.
   *
   * @param ageMillis since it was shown
   */
  public record Seen(long ageMillis, Bytes sign) {}

  public Bytes encode() {
    CborWriter out = new CborWriter().array(runs.size());
    runs.forEach(one -> out.array(2).uint(one.ageMillis()).bytes(one.sign()));
    return out.toBytes();
  }

  public static SeenRuns decode(Bytes encoded) throws DecodeException {
    CborReader in = new CborReader(encoded);
    int count = in.arrayHeaderUpTo(MAX_RUNS);
    List<Seen> runs = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      in.arrayHeader(2);
      runs.add(new Seen(in.uint(), in.bytesUpTo(MAX_SIGN_BYTES)));
    }
    in.end();
    return new SeenRuns(runs);
  }
}
