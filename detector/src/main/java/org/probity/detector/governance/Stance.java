package org.probity.detector.governance;

import java.util.Optional;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;

/**
 * What a ballot stands for in its round: everything the rules of the rounds look at.
 *
 * @param choice a proposal's id, or none of them
 * @param confirms whether a quorum of the round before, cited by the ballot, chose this proposal
 */
public record Stance(Optional<Hash> choice, boolean confirms) implements Comparable<Stance> {
  /** For none of the proposals. */
  public static final Stance NONE = new Stance(Optional.empty(), false);

  public Stance {
    if (confirms && choice.isEmpty()) {
      throw new IllegalArgumentException("there is no confirming of no proposal");
    }
  }

  /** For a proposal, for the first time or still. */
  public static Stance of(Hash proposal) {
    return new Stance(Optional.of(proposal), false);
  }

  /** For a proposal that a quorum of the round before chose. */
  public static Stance confirming(Hash proposal) {
    return new Stance(Optional.of(proposal), true);
  }

  public boolean isFor(Hash proposal) {
    return choice.isPresent() && choice.get().equals(proposal);
  }

  void write(CborWriter out) {
    out.array(choice.isPresent() ? 1 : 0);
    choice.ifPresent(proposal -> out.bytes(proposal.unsafeArray()));
    out.flag(confirms);
  }

  static Stance read(CborReader in) throws DecodeException {
    Optional<Hash> choice =
        in.arrayHeaderUpTo(1) == 0 ? Optional.empty() : Optional.of(Hash.read(in));
    boolean confirms = in.flag();
    if (confirms && choice.isEmpty()) {
      throw new DecodeException("confirms_nothing", "a ballot for none cannot confirm");
    }
    return new Stance(choice, confirms);
  }

  /** None first, then by proposal id, the confirming after the plain. */
  @Override
  public int compareTo(Stance other) {
    if (choice.isEmpty() || other.choice.isEmpty()) {
      return Boolean.compare(choice.isPresent(), other.choice.isPresent());
    }
    int byChoice = choice.get().compareTo(other.choice.get());
    return byChoice != 0 ? byChoice : Boolean.compare(confirms, other.confirms);
  }
}
