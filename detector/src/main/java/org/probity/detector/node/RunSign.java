package org.probity.detector.node;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.PublicKey;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.Signer;
import org.probity.detector.crypto.Statement;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.crypto.VerifiedStatement;

/**
 * A sign of life of one process that runs with a node's log key (protocol.md §11.5), signed with
 * it. It promises nothing about the log.
 *
 * <pre>{@code
 * run-sign = [run: bstr .size 16, signing: 0 / 1, seen: [0*8 bstr .size 16]]
 * ; a statement of type probity/run
 * }</pre>
 *
 * @param run drawn at random when the process started
 * @param isSigning whether it signs its log; if not, it is starting
 * @param seen other runs of the same key that it was told of by whom it shows this. Whoever names a
 *     run speaks after that run was drawn: so this cannot be an old sign that somebody has kept
 */
public record RunSign(Bytes run, boolean isSigning, List<Bytes> seen) {
  public static final String TYP = "probity/run";

  /** Bytes of a run's id. */
  public static final int RUN_BYTES = 16;

  /** Other runs that are named. */
  public static final int MAX_SEEN = 8;

  /** Rejects ids of another size, and too many. */
  public RunSign {
    seen = List.copyOf(seen);
    if (run.size() != RUN_BYTES || seen.stream().anyMatch(it -> it.size() != RUN_BYTES)) {
      throw new IllegalArgumentException("a run has " + RUN_BYTES + " bytes");
    }
    if (seen.size() > MAX_SEEN) {
      throw new IllegalArgumentException("at most " + MAX_SEEN + " other runs");
    }
  }

  /** As it is sent. */
  public Bytes sign(Hash networkId, Signer logKey) {
    CborWriter out = new CborWriter().array(3).bytes(run).uint(isSigning ? 1 : 0);
    out.array(seen.size());
    seen.forEach(out::bytes);
    return Statement.sign(networkId, TYP, out.toBytes(), logKey).encoded();
  }

  /** What {@code logKey} has signed, and nobody else with it; empty if this is something else. */
  public static Optional<RunSign> verify(
      Bytes encoded, Hash networkId, SignatureRule rule, PublicKey logKey) {
    try {
      VerifiedStatement verified = new StatementVerifier(rule, networkId).verify(encoded, TYP);
      return verified.signers().equals(List.of(logKey))
          ? Optional.of(read(verified.payload()))
          : Optional.empty();
    } catch (DecodeException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static RunSign read(Bytes payload) throws DecodeException {
    CborReader in = new CborReader(payload);
    in.arrayHeader(3);
    Bytes run = in.bytesUpTo(RUN_BYTES);
    boolean isSigning = in.uintMaxInt(1) == 1;
    int count = in.arrayHeaderUpTo(MAX_SEEN);
    List<Bytes> seen = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      seen.add(in.bytesUpTo(RUN_BYTES));
    }
    in.end();
    return new RunSign(run, isSigning, seen);
  }
}
