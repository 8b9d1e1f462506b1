package org.probity.detector.challenge;

import java.util.List;
import java.util.Optional;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.log.AckEntry;
import org.probity.detector.log.Entry;

/**
 * The bytes of answers, one form per kind of challenge. Which kind it answers is not in them: who
 * asked knows, and {@link AnswerRule} says whether they are the answer.
 *
 * <pre>
 * MESSAGE            the body of an ACK
 * AUDIT              [entries: [+ bstr], multiproof: [* bstr .size 32]]
 * CONSISTENCY        [* bstr .size 32]
 * CLIENT, DECISION   [checkpoint: bstr, entry: bstr, inclusion: [* bstr .size 32]]
 *                 or [checkpoint: bstr, state-entry: bstr, inclusion: [* bstr .size 32], state: bstr]
 * </pre>
 */
public final class Answer {
  /** SPEC protocol.md §7.1: entries, whatever their sizes, and one multiproof fit. */
  public static final int MAX_BYTES = 1_000_000;

  /** Of the entries in an answer: fifteen of the largest. */
  private static final long MAX_ENTRY_BYTES = 15 * Entry.MAX_BYTES;

  private Answer() {}

  /**
   * Whether entries of so many bytes may be the answer where more were asked for: one more of the
   * largest might not fit. So no target can dole out its log in parts of any size it likes.
   */
  public static boolean isEnough(long entryBytes) {
    return entryBytes > MAX_ENTRY_BYTES - Entry.MAX_BYTES;
  }

  /** To a message challenge. */
  public static Bytes acknowledging(AckEntry ack) {
    CborWriter out = new CborWriter(2048);
    ack.writeTo(out);
    return out.toBytes();
  }

  /** To an audit challenge. */
  public static Bytes producing(List<Bytes> entries, List<Hash> multiproof) {
    CborWriter out = new CborWriter(4096).array(2);
    Parts.writeByteStrings(out, entries);
    Parts.writeHashes(out, multiproof);
    return out.toBytes();
  }

  /** To a consistency challenge. */
  public static Bytes linking(List<Hash> proof) {
    CborWriter out = new CborWriter();
    Parts.writeHashes(out, proof);
    return out.toBytes();
  }

  /** To a client or a decision challenge: the entry it is in, with its index inside. */
  public static Bytes including(Bytes checkpoint, Bytes entry, List<Hash> inclusion) {
    CborWriter out = new CborWriter(2048).array(3).bytes(checkpoint).bytes(entry);
    Parts.writeHashes(out, inclusion);
    return out.toBytes();
  }

  /**
   * To a client challenge a state of the target's in which the transaction is not executed, to a
   * decision challenge one after that decision.
   *
   * @param stateEntry the STATE or GENESIS that the checkpoint ends on
   * @param state what is to be looked at there
   */
  public static Bytes stating(
      Bytes checkpoint, Bytes stateEntry, List<Hash> inclusion, Bytes state) {
    CborWriter out = new CborWriter(4096).array(4).bytes(checkpoint).bytes(stateEntry);
    Parts.writeHashes(out, inclusion);
    return out.bytes(state).toBytes();
  }

  static AckEntry readAcknowledgement(Bytes answer) throws DecodeException {
    CborReader in = new CborReader(answer);
    AckEntry ack = Parts.readAck(in);
    in.end();
    return ack;
  }

  record Production(List<Bytes> entries, List<Hash> multiproof) {
    static Production read(Bytes answer) throws DecodeException {
      CborReader in = new CborReader(answer);
      in.arrayHeader(2);
      Production read = new Production(Parts.readEntries(in), Parts.readHashes(in));
      in.end();
      return read;
    }
  }

  static List<Hash> readLink(Bytes answer) throws DecodeException {
    CborReader in = new CborReader(answer);
    List<Hash> proof = Parts.readHashes(in);
    in.end();
    return proof;
  }

  /**
   * An entry under a checkpoint.
   *
   * @param state a part of the state there, if that is the answer
   */
  record Inclusion(Bytes checkpoint, Entry entry, List<Hash> path, Optional<Bytes> state) {
    static Inclusion read(Bytes answer) throws DecodeException {
      CborReader in = new CborReader(answer);
      int parts = in.arrayHeaderUpTo(4);
      if (parts < 3) {
        throw new DecodeException("cbor_wrong_length", "an answer of " + parts + " parts");
      }
      boolean hasState = parts == 4;
      Inclusion read =
          new Inclusion(
              Parts.readCheckpoint(in),
              Entry.decode(in.bytesUpTo(Entry.MAX_BYTES)),
              Parts.readHashes(in),
              hasState ? Optional.of(in.bytesUpTo(MAX_BYTES)) : Optional.empty());
      in.end();
      return read;
    }
  }
}
