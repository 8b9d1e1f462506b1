package org.probity.node.actions;

import java.nio.charset.StandardCharsets;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;

/**
 * One thing that was done to a node (docs/format/operators.md).
 *
 * @param node of which node this is the log
 * @param sequence from 0 on, one more than that of the entry before
 * @param previous SHA-256 of the statement before; zeros for the first
 * @param atMillis by the node's clock, since 1970
 * @param who a caller's name, {@code local} for whoever is on the node's machine, or {@code node}
 * @param what kind of action, {@code audit.run} for example
 * @param about what it was about, for people
 * @param outcome {@code done}, or the stable code of what went wrong
 */
public record ActionEntry(
    String node,
    long sequence,
    Hash previous,
    long atMillis,
    String who,
    String what,
    String about,
    String outcome) {
  /** Of the statement that carries it. */
  public static final String TYP = "probity/operator-action";

  /** Longest statement. */
  public static final int MAX_STATEMENT_BYTES = 4096;

  static final Hash NO_PREVIOUS = Hash.of(new byte[Hash.BYTES]);

  private static final int FIELDS = 8;
  private static final int MAX_NAME_BYTES = 64;
  private static final int MAX_ABOUT_BYTES = 3072;

  /** Cuts what is too long, and replaces what is no text: an entry is always written. */
  public ActionEntry {
    node = cut(node, MAX_NAME_BYTES);
    who = cut(who, MAX_NAME_BYTES);
    what = cut(what, MAX_NAME_BYTES);
    about = cut(about, MAX_ABOUT_BYTES);
    outcome = cut(outcome, MAX_NAME_BYTES);
  }

  private static String cut(String text, int maxBytes) {
    // What is no character, the half of one without the other, is a question mark from here on.
    String kept = new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    while (kept.getBytes(StandardCharsets.UTF_8).length > maxBytes) {
      int end = Math.min(kept.length() - 1, maxBytes);
      // Not between the two halves of one character.
      kept = kept.substring(0, Character.isHighSurrogate(kept.charAt(end - 1)) ? end - 1 : end);
    }
    return kept;
  }

  /** The payload. */
  public Bytes encode() {
    return new CborWriter()
        .array(FIELDS)
        .text(node)
        .uint(sequence)
        .bytes(previous.toBytes())
        .uint(atMillis)
        .text(who)
        .text(what)
        .text(about)
        .text(outcome)
        .toBytes();
  }

  /** Fails with a code of {@link CborReader}. */
  public static ActionEntry decode(Bytes payload) throws DecodeException {
    CborReader in = new CborReader(payload);
    in.arrayHeader(FIELDS);
    String node = in.text(MAX_NAME_BYTES);
    long sequence = in.uint();
    Hash previous = Hash.read(in);
    long atMillis = in.uint();
    ActionEntry entry =
        new ActionEntry(
            node,
            sequence,
            previous,
            atMillis,
            in.text(MAX_NAME_BYTES),
            in.text(MAX_NAME_BYTES),
            in.text(MAX_ABOUT_BYTES),
            in.text(MAX_NAME_BYTES));
    in.end();
    return entry;
  }
}
