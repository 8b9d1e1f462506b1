package org.probity.detector.governance;

import java.util.Comparator;
import java.util.Optional;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;

/**
 * The last ballot a member signed: durable, and shared by all of its devices, before that ballot
 * leaves (protocol.md §13.3).
 *
 * <pre>{@code
 * BallotMark next = BallotMark.next(lastMark, ballot).orElseThrow();  // else: do not sign
 * // make `next` durable, then sign, then send
 * }</pre>
 *
 * <p>Two ballots of one member are <b>different</b>, and prove DOUBLE_BALLOT, if they have the same
 * epoch and round and another previous decision, choice or confirmation. Another reason or other
 * citations make no difference: a ballot may be signed again in other words.
 */
public record BallotMark(long epoch, int round, Hash previous, Stance stance) {
  private static final Comparator<BallotMark> BY_PLACE =
      Comparator.comparingLong(BallotMark::epoch).thenComparingInt(BallotMark::round);

  /**
   * The mark to keep before {@code ballot} is signed, or nothing if signing it could prove a fault:
   * it lies before the last one, or beside it and differs.
   *
   * @param last empty only for a member that has never voted; a lost mark is not empty
   */
  public static Optional<BallotMark> next(Optional<BallotMark> last, Ballot ballot) {
    BallotMark next = ballot.mark();
    boolean maySign =
        last.isEmpty() || BY_PLACE.compare(last.get(), next) < 0 || last.get().equals(next);
    return maySign ? Optional.of(next) : Optional.empty();
  }

  /** Whether the two prove DOUBLE_BALLOT if one member signed both. */
  public boolean conflictsWith(BallotMark other) {
    return BY_PLACE.compare(this, other) == 0 && !equals(other);
  }

  /** {@code [epoch, round, previous, stance]}, for the durable store and nothing else. */
  public Bytes encode() {
    CborWriter out =
        new CborWriter().array(4).uint(epoch).uint(round).bytes(previous.unsafeArray()).array(2);
    stance.write(out);
    return out.toBytes();
  }

  /** Inverse of {@link #encode}. */
  public static BallotMark decode(Bytes encoded) throws DecodeException {
    CborReader in = new CborReader(encoded);
    in.arrayHeader(4);
    long epoch = in.uint();
    int round = in.uintMaxInt(Ballot.MAX_ROUND);
    Hash previous = Hash.read(in);
    in.arrayHeader(2);
    BallotMark mark = new BallotMark(epoch, round, previous, Stance.read(in));
    in.end();
    return mark;
  }
}
