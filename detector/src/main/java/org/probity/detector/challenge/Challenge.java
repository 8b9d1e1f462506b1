package org.probity.detector.challenge;

import java.util.Optional;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.Signer;
import org.probity.detector.crypto.Statement;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.log.AckEntry;
import org.probity.detector.log.Identifier;
import org.probity.detector.log.ReceiveEntry;

/**
 * What a challenger signs, decoded and not judged:
 *
 * <pre>{@code [version: 1, kind: 0..4, target: [node, incarnation: uint], challenger: node, body]}
 * </pre>
 *
 * @param target whose answer is asked for
 * @param challenger whose log key signs
 */
public record Challenge(Target target, String challenger, Body body) {
  public static final String TYP = "probity/challenge";

  /** Of the signed statement: an acknowledgement and an envelope, or one decision, fit. */
  public static final int MAX_STATEMENT_BYTES = 112 * 1024;

  /**
   * Entries that one audit challenge may ask for. Not all of them need to be in the answer, see
   * {@link Answer#isEnough}.
   */
  public static final int MAX_ENTRIES = 256;

  private static final int VERSION = 1;

  /** A node in one incarnation. */
  public record Target(String node, long incarnation) {
    public Target {
      Identifier.require(node);
    }

    public static Target of(NodeRecord node) {
      return new Target(node.node(), node.incarnation());
    }
  }

  /** What is asked. */
  public sealed interface Body {
    ChallengeKind kind();

    void writeTo(CborWriter out);
  }

  /**
   * Acknowledge these: {@code [lastAck: [? ack], receive]}.
   *
   * @param lastAck that the target has received what came before; none for a channel's first SEND
   * @param receive as the target would log it
   */
  public record Message(Optional<AckEntry> lastAck, ReceiveEntry receive) implements Body {
    @Override
    public ChallengeKind kind() {
      return ChallengeKind.MESSAGE;
    }

    @Override
    public void writeTo(CborWriter out) {
      out.array(2).array(lastAck.isPresent() ? 1 : 0);
      lastAck.ifPresent(ack -> ack.writeTo(out));
      receive.writeTo(out);
    }

    static Message read(CborReader in) throws DecodeException {
      in.arrayHeader(2);
      boolean hasAck = in.arrayHeaderUpTo(1) == 1;
      Optional<AckEntry> ack = hasAck ? Optional.of(Parts.readAck(in)) : Optional.empty();
      return new Message(ack, Parts.readReceive(in));
    }
  }

  /**
   * Produce {@code count} entries from {@code from} on, or the first of them: {@code [checkpoint:
   * bstr, from: uint, count: 1..256]}.
   *
   * @param checkpoint the target's, over a log that has them
   */
  public record Audit(Bytes checkpoint, long from, int count) implements Body {
    @Override
    public ChallengeKind kind() {
      return ChallengeKind.AUDIT;
    }

    @Override
    public void writeTo(CborWriter out) {
      out.array(3).bytes(checkpoint).uint(from).uint(count);
    }

    static Audit read(CborReader in) throws DecodeException {
      in.arrayHeader(3);
      return new Audit(Parts.readCheckpoint(in), in.uint(), in.uintMaxInt(MAX_ENTRIES));
    }
  }

  /** Link two of your checkpoints, the smaller one first: {@code [older: bstr, newer: bstr]}. */
  public record Consistency(Bytes older, Bytes newer) implements Body {
    @Override
    public ChallengeKind kind() {
      return ChallengeKind.CONSISTENCY;
    }

    @Override
    public void writeTo(CborWriter out) {
      out.array(2).bytes(older).bytes(newer);
    }

    static Consistency read(CborReader in) throws DecodeException {
      in.arrayHeader(2);
      return new Consistency(Parts.readCheckpoint(in), Parts.readCheckpoint(in));
    }
  }

  /**
   * Log this transaction, or show why it is not executed: {@code [statement: bstr, seen: [?
   * bstr]]}.
   *
   * @param seen the target's newest checkpoint that the challenger knows: a state before that is no
   *     reason
   */
  public record Client(Bytes statement, Optional<Bytes> seen) implements Body {
    @Override
    public ChallengeKind kind() {
      return ChallengeKind.CLIENT;
    }

    @Override
    public void writeTo(CborWriter out) {
      out.array(2).bytes(statement).array(seen.isPresent() ? 1 : 0);
      seen.ifPresent(out::bytes);
    }

    static Client read(CborReader in) throws DecodeException {
      in.arrayHeader(2);
      Bytes statement = in.bytes();
      boolean hasSeen = in.arrayHeaderUpTo(1) == 1;
      return new Client(
          statement, hasSeen ? Optional.of(Parts.readCheckpoint(in)) : Optional.empty());
    }
  }

  /** Log the decision of this one's epoch: {@code [decision: bstr]}. */
  public record Decided(Bytes decision) implements Body {
    @Override
    public ChallengeKind kind() {
      return ChallengeKind.DECISION;
    }

    @Override
    public void writeTo(CborWriter out) {
      out.array(1).bytes(decision);
    }

    static Decided read(CborReader in) throws DecodeException {
      in.arrayHeader(1);
      return new Decided(in.bytes());
    }
  }

  /** The payload. */
  public Bytes encode() {
    CborWriter out = new CborWriter(1024).array(5).uint(VERSION).uint(body.kind().code());
    out.array(2).text(target.node()).uint(target.incarnation()).text(challenger);
    body.writeTo(out);
    return out.toBytes();
  }

  /** The statement to put before everybody; {@code logKey} is the challenger's. */
  public Statement sign(Hash networkId, Signer logKey) {
    return Statement.sign(networkId, TYP, encode(), logKey);
  }

  /**
   * Inverse of {@link #encode}. Codes: those of {@link CborReader}, {@code bad_id}, {@code
   * unknown_version}, {@code unknown_kind}, {@code envelope_too_large}.
   */
  public static Challenge decode(Bytes payload) throws DecodeException {
    CborReader in = new CborReader(payload);
    in.arrayHeader(5);
    if (in.uint() != VERSION) {
      throw new DecodeException("unknown_version", "the version of a challenge must be " + VERSION);
    }
    ChallengeKind kind = ChallengeKind.of(in.uint());
    in.arrayHeader(2);
    Target target = new Target(Identifier.read(in), in.uint());
    String challenger = Identifier.read(in);
    Body body =
        switch (kind) {
          case MESSAGE -> Message.read(in);
          case AUDIT -> Audit.read(in);
          case CONSISTENCY -> Consistency.read(in);
          case CLIENT -> Client.read(in);
          case DECISION -> Decided.read(in);
        };
    in.end();
    return new Challenge(target, challenger, body);
  }
}
