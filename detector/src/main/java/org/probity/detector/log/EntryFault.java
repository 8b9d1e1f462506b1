package org.probity.detector.log;

import java.util.Locale;

/**
 * What can be wrong with logged entries and be seen without any state (protocol §8.1,
 * INVALID_ENTRY). Verdicts, not exceptions: each becomes evidence against the node that signed a
 * checkpoint over it. The codes are stable.
 */
public enum EntryFault {
  /** The bytes are no entry: not deterministic CBOR, wrong fields, a size beyond its limit. */
  ENCODING,
  /** The index inside the entry is not its position in the log. */
  WRONG_INDEX,
  /** {@code prev} is not the leaf hash of the entry before. */
  WRONG_PREV,
  /** {@code prev} of entry 0 is not the network id of the log's origin. */
  WRONG_NETWORK,
  /** Where an incarnation begins, at entry 0 if it is the first, is no GENESIS. */
  GENESIS_MISSING,
  /** GENESIS anywhere else. */
  GENESIS_MISPLACED,
  /** GENESIS names another node or incarnation than the log's origin. */
  GENESIS_WRONG_NODE,
  /** GENESIS of a later incarnation goes on with another state than the STATE before it names. */
  GENESIS_WRONG_STATE,
  /** The entries before GENESIS of a later incarnation are not those of the log that was closed. */
  GENESIS_WRONG_CLOSE,
  /** TICK anywhere but at the start of a batch. */
  TICK_MISPLACED,
  /** TICK below an earlier TICK. */
  TICK_BACKWARDS,
  /** SEND that follows no input. */
  OUTPUT_WITHOUT_INPUT,
  /** Two SENDs of one channel with the same sequence. */
  SEQUENCE_USED_TWICE,
  /** A SEND with a lower sequence than an earlier one of the same channel. */
  SEQUENCE_BACKWARDS,
  /** STATE names something else than the STATE or GENESIS before it. */
  STATE_WRONG_PREVIOUS,
  /** STATE names another number of bytes than there are in between. */
  STATE_WRONG_BYTES,
  /** More than one input in a batch beyond the limits. */
  BATCH_TOO_LARGE,
  /** A checkpoint whose last entry completes no batch. */
  CHECKPOINT_NOT_ON_STATE,
  /** The checkpoint inside a RECEIVE or ACK is not in our strict form. */
  EMBEDDED_CHECKPOINT,
  /** A RECEIVE or ACK about a log of another network; an ACK about a log of this very node. */
  EMBEDDED_ORIGIN,
  /** A RECEIVE without SENDs, or with something in it that is not a SEND entry. */
  RECEIVE_NOT_SENDS,
  /** SENDs in a RECEIVE that are not all to this node, or of this node and to one other. */
  RECEIVE_WRONG_ADDRESSEE,
  /** SENDs in a RECEIVE that skip or repeat a sequence or go back in the sender's log. */
  RECEIVE_OUT_OF_SEQUENCE,
  /** The multiproof in a RECEIVE does not yield the root of the checkpoint in it. */
  RECEIVE_PROOF,
  /** The entry in an ACK is not the STATE at the end of its checkpoint. */
  ACK_NOT_STATE,
  /** The inclusion proof in an ACK does not yield the root of the checkpoint in it. */
  ACK_PROOF;

  private final String code = name().toLowerCase(Locale.ROOT);

  /** Stable lower_snake, for files and people. */
  public String code() {
    return code;
  }
}
