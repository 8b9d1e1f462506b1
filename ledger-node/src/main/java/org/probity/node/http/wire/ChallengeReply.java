package org.probity.node.http.wire;

import java.util.Optional;
import org.probity.detector.challenge.Answer;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;

/**
 * What a peer says to a challenge: {@code [? answer: bstr]}. Nothing in it is verified.
 *
 * @param answer empty if the peer is not the target and knows no answer: it asks the target itself
 *     from now on
 */
public record ChallengeReply(Optional<Bytes> answer) {
  public static final ChallengeReply HELD = new ChallengeReply(Optional.empty());

  public static ChallengeReply answered(Bytes answer) {
    return new ChallengeReply(Optional.of(answer));
  }

  public Bytes encode() {
    CborWriter out = new CborWriter().array(answer.isPresent() ? 1 : 0);
    answer.ifPresent(out::bytes);
    return out.toBytes();
  }

  public static ChallengeReply decode(Bytes encoded) throws DecodeException {
    CborReader in = new CborReader(encoded);
    boolean isAnswered = in.arrayHeaderUpTo(1) == 1;
    ChallengeReply reply = isAnswered ? answered(in.bytesUpTo(Answer.MAX_BYTES)) : HELD;
    in.end();
    return reply;
  }
}
