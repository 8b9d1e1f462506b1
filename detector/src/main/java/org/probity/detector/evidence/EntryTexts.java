package org.probity.detector.evidence;

import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.log.AckEntry;
import org.probity.detector.log.ChallengeEntry;
import org.probity.detector.log.DecisionEntry;
import org.probity.detector.log.Entry;
import org.probity.detector.log.EntryBody;
import org.probity.detector.log.FloorEntry;
import org.probity.detector.log.GenesisEntry;
import org.probity.detector.log.ReceiveEntry;
import org.probity.detector.log.SendEntry;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.StateEntry;
import org.probity.detector.log.TickEntry;
import org.probity.detector.log.TransactionEntry;
import org.probity.detector.program.TransactionOutcome;

/** Wording for people. */
final class EntryTexts {
  private static final int MAX_SHOWN_BYTES = 64;

  private EntryTexts() {}

  /** One line about an entry as it was logged. */
  static String logged(Exhibit exhibit) {
    try {
      return "entry " + exhibit.index() + ": " + text(Entry.decode(exhibit.bytes()).body());
    } catch (DecodeException e) {
      return "entry "
          + exhibit.index()
          + ": "
          + exhibit.bytes().size()
          + " bytes that are no entry ("
          + e.code()
          + ")";
    }
  }

  /** One line about an entry's content; long byte strings are cut. */
  static String text(EntryBody body) {
    return body.handle(new Texts());
  }

  private static final class Texts implements EntryBody.Handler<String> {
    @Override
    public String genesis(GenesisEntry body) {
      return "GENESIS of "
          + body.node()
          + "/"
          + body.incarnation()
          + ", program "
          + body.programId()
          + ", state root "
          + body.initialStateRoot();
    }

    @Override
    public String transaction(TransactionEntry body) {
      return "TRANSACTION with outcome " + outcome(body.outcome());
    }

    @Override
    public String send(SendEntry body) {
      return "SEND to "
          + body.toNode()
          + "/"
          + body.toIncarnation()
          + ", sequence "
          + body.sequence()
          + ", payload "
          + cut(body.payload());
    }

    @Override
    public String receive(ReceiveEntry body) {
      return "RECEIVE of " + body.sends().size() + " SENDs under " + head(body.checkpoint());
    }

    @Override
    public String ack(AckEntry body) {
      return "ACK under " + head(body.checkpoint());
    }

    @Override
    public String tick(TickEntry body) {
      return "TICK " + body.millis();
    }

    @Override
    public String challenge(ChallengeEntry body) {
      return "CHALLENGE " + cut(body.content());
    }

    @Override
    public String decision(DecisionEntry body) {
      return "DECISION " + cut(body.content());
    }

    @Override
    public String floor(FloorEntry body) {
      return "FLOOR " + cut(body.content());
    }

    @Override
    public String state(StateEntry body) {
      return "STATE with root "
          + body.stateRoot()
          + ", previous STATE "
          + body.previousStateIndex()
          + ", "
          + body.bytesBetween()
          + " bytes between";
    }

    private static String outcome(Bytes encoded) {
      try {
        TransactionOutcome outcome = TransactionOutcome.decode(encoded);
        return outcome.status() + " " + cut(outcome.detail());
      } catch (DecodeException e) {
        return cut(encoded);
      }
    }

    private static String head(Bytes checkpoint) {
      try {
        return SignedCheckpoint.parse(checkpoint).toString();
      } catch (DecodeException e) {
        return "a checkpoint that is none (" + e.code() + ")";
      }
    }

    private static String cut(Bytes bytes) {
      return bytes.size() <= MAX_SHOWN_BYTES
          ? "0x" + bytes.toHex()
          : "0x" + bytes.slice(0, MAX_SHOWN_BYTES).toHex() + "… (" + bytes.size() + " bytes)";
    }
  }

  /** What a log has to say to keep the rule with this code. */
  static String rule(String code) {
    return switch (code) {
      case "encoding" -> "every leaf is one entry in deterministic CBOR, within its limits";
      case "wrong_index" -> "an entry contains the index of its own position";
      case "wrong_prev" -> "an entry contains the leaf hash of the entry before it";
      case "wrong_network" -> "entry 0 contains the network id";
      case "genesis_missing" -> "an incarnation begins with GENESIS";
      case "genesis_misplaced" -> "GENESIS is where an incarnation begins and nowhere else";
      case "genesis_wrong_node" -> "GENESIS names the node and incarnation of its log";
      case "genesis_wrong_state" -> "a later GENESIS has the state root of the STATE before it";
      case "genesis_wrong_close" -> "before a later GENESIS stands the log that was closed";
      case EntryCheck.GENESIS_DIFFERS ->
          "GENESIS has the program and the initial state of the network, or those decided";
      case "tick_misplaced" -> "TICK comes first in its batch";
      case "tick_backwards" -> "TICK is never below an earlier TICK";
      case EntryCheck.TICK_BEFORE_FOUNDING -> "ledger time starts at the founding";
      case EntryCheck.TICK_BEFORE_BEGINNING -> "TICK is not below what was decided";
      case "output_without_input" -> "SEND follows an input or another SEND";
      case "sequence_used_twice" -> "every SEND of a channel has a sequence of its own";
      case "sequence_backwards" -> "the sequence of a channel's SENDs goes up";
      case "state_wrong_previous" -> "STATE names the STATE or GENESIS before it";
      case "state_wrong_bytes" -> "STATE names the sum of the bytes of the entries in its batch";
      case "batch_too_large" -> "a batch beyond the limits has one input only";
      case "checkpoint_not_on_state" -> "a checkpoint ends on STATE or GENESIS";
      case FalseAuditJudge.NOT_ON_STATE -> "an AUDIT ends on STATE or GENESIS";
      case "embedded_checkpoint" -> "RECEIVE and ACK contain a checkpoint in its strict form";
      case "embedded_origin" -> "RECEIVE is about a log of this network, ACK about another one";
      case "receive_not_sends" -> "RECEIVE contains SEND entries, at least one";
      case "receive_wrong_addressee" -> "RECEIVE contains SENDs addressed to its own node";
      case "receive_out_of_sequence" -> "the SENDs in a RECEIVE are contiguous";
      case "receive_proof" -> "the multiproof in a RECEIVE yields the root in its checkpoint";
      case "ack_not_state" -> "ACK contains the STATE at the end of its checkpoint";
      case "ack_proof" -> "the proof in an ACK yields the root in its checkpoint";
      case EntryCheck.TRANSACTION_INVALID ->
          "TRANSACTION contains a statement to this node, validly signed by the keys inside";
      case EntryCheck.TYPE_UNSUPPORTED -> "this version of the protocol has no such entries";
      default -> code;
    };
  }
}
