package org.probity.detector.governance;

import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.log.Identifier;

/**
 * One member's word in one round of one epoch: the payload of a statement of typ {@link #TYP} under
 * its governance key (protocol.md §13.3).
 *
 * @param epoch how many decisions were taken before
 * @param previous id of the last of them, the network id if there is none
 * @param round from 0
 * @param reason for people, at most {@link #MAX_REASON_BYTES} bytes
 * @param citations what the stance follows from, nothing in round 0
 */
public record Ballot(
    long epoch,
    Hash previous,
    int round,
    String member,
    Stance stance,
    String reason,
    Citations citations) {
  public static final String TYP = "probity/ballot";
  public static final int MAX_REASON_BYTES = 200;
  public static final int MAX_ROUND = 9_999;

  /** The largest statement that is looked at; one that cites everybody's own proposal. */
  public static final int MAX_STATEMENT_BYTES = 8 * 1024;

  private static final int VERSION = 1;

  public Ballot {
    if (round < 0 || round > MAX_ROUND || Bytes.utf8(reason).size() > MAX_REASON_BYTES) {
      throw new IllegalArgumentException("round or reason out of bounds");
    }
  }

  public Bytes encode() {
    CborWriter out =
        new CborWriter(256)
            .array(8)
            .uint(VERSION)
            .uint(epoch)
            .bytes(previous.unsafeArray())
            .uint(round)
            .text(member)
            .array(2);
    stance.write(out);
    out.text(reason);
    citations.write(out);
    return out.toBytes();
  }

  /**
   * Inverse of {@link #encode}. Codes: those of {@link CborReader}, {@code unknown_version}, {@code
   * bad_id}, {@code confirms_nothing}, {@code bad_citation}.
   */
  public static Ballot decode(Bytes payload) throws DecodeException {
    CborReader in = new CborReader(payload);
    in.arrayHeader(8);
    if (in.uint() != VERSION) {
      throw new DecodeException("unknown_version", "the version of a ballot must be " + VERSION);
    }
    long epoch = in.uint();
    Hash previous = Hash.read(in);
    int round = in.uintMaxInt(MAX_ROUND);
    String member = Identifier.read(in);
    in.arrayHeader(2);
    Stance stance = Stance.read(in);
    Ballot ballot =
        new Ballot(
            epoch, previous, round, member, stance, in.text(MAX_REASON_BYTES), Citations.read(in));
    in.end();
    if (round == 0 && (stance.confirms() || !ballot.citations.groups().isEmpty())) {
      throw new DecodeException("bad_citation", "there is nothing before round 0");
    }
    return ballot;
  }

  /** What must not differ between two ballots of one member in one round. */
  public BallotMark mark() {
    return new BallotMark(epoch, round, previous, stance);
  }
}
