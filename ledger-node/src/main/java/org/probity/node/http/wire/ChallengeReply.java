package org.probity.node.http.wire;

import java.util.Optional;
import org.probity.detector.challenge.Answer;
import org.probity.detector.challenge.Confirmation;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;

/**
 * What a peer says to a challenge: {@code [? answer: bstr]}, or the two elements of a {@link
 * Confirmation}. Nothing in it is verified.
 *
 * @param answer empty if the peer is not the target and knows no answer: it asks the target itself
 *     from now on
 * @param confirmation of a witness that has what is asked for in its copy, and no answer
 */
public record ChallengeReply(Optional<Bytes> answer, Optional<Confirmation> confirmation) {
  public static final ChallengeReply HELD = new ChallengeReply(Optional.empty(), Optional.empty());

  public ChallengeReply {
    if (answer.isPresent() && confirmation.isPresent()) {
      throw new IllegalArgumentException("whoever has the answer gives that");
    }
  }

  public static ChallengeReply answered(Bytes answer) {
    return new ChallengeReply(Optional.of(answer), Optional.empty());
  }

  public static ChallengeReply confirmed(Confirmation confirmation) {
    return new ChallengeReply(Optional.empty(), Optional.of(confirmation));
  }

  public Bytes encode() {
    if (confirmation.isPresent()) {
      return confirmation.get().encode();
    }
    CborWriter out = new CborWriter().array(answer.isPresent() ? 1 : 0);
    answer.ifPresent(out::bytes);
    return out.toBytes();
  }

  /** Codes: those of {@link CborReader} and of {@link Confirmation#readParts}. */
  public static ChallengeReply decode(Bytes encoded) throws DecodeException {
    CborReader in = new CborReader(encoded);
    ChallengeReply reply =
        switch (in.arrayHeaderUpTo(Confirmation.PARTS)) {
          case 0 -> HELD;
          case 1 -> answered(in.bytesUpTo(Answer.MAX_BYTES));
          default -> confirmed(Confirmation.readParts(in));
        };
    in.end();
    return reply;
  }
}
