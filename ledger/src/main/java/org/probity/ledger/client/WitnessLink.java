package org.probity.ledger.client;

import java.util.List;
import java.util.OptionalLong;
import org.probity.detector.codec.Bytes;

/**
 * How a client's software reaches the nodes of its consortium: what {@link WitnessHandOver} asks
 * them, without saying over what. {@code org.probity.node.http.api.HttpWitnesses} does it over
 * HTTPS; an application with a stack of its own implements these four methods.
 *
 * <p>Calls block. An implementation bounds how long they take and how large an answer is, and is
 * thread-safe if the hand-over is used by several threads. Nothing that comes back is believed
 * because of where it comes from, so it need not authenticate nodes for the safety of the client,
 * only so that nobody in between keeps things from a witness.
 */
public interface WitnessLink {

  /**
   * Asks a node for the decisions that it has.
   *
   * @param from the first epoch asked for
   * @return exact bytes in epoch order, from {@code from} on, as many as one answer holds; empty if
   *     it has no more
   */
  List<Bytes> decisions(String node, int from) throws UnansweredException;

  /**
   * Shows a node a checkpoint of a log that it witnesses.
   *
   * @param checkpoint a signed note with the log's line alone
   */
  Comparison showCheckpoint(String node, Bytes checkpoint) throws UnansweredException;

  /** Shows a node what somebody has signed about a log that it witnesses. */
  void showAudit(String node, Bytes statement) throws UnansweredException;

  /** Has a node ask the home node of a transaction, before everybody, to log it. */
  Asked handOver(String node, Bytes transaction) throws UnansweredException;

  /** What a witness says of a checkpoint. */
  enum Comparison {
    /** It holds the same history. */
    CONSISTENT,
    /**
     * It has not got that far. It will compare when it has, unless it restarts before: whoever has
     * shown it should show it again.
     */
    AHEAD,
    /**
     * The members have closed the incarnation that signed it, and it does not hold as much of that
     * log: it has kept it, across restarts, until it can compare it.
     */
    KEPT,
    /**
     * As {@link #KEPT}, but it has kept enough of what the closed incarnation has signed, and not
     * this one: whoever has shown it should keep it as a possible half of a fork.
     */
    DROPPED,
    /** It holds another history: the log is forked, and now the witness can prove it. */
    CONFLICT
  }

  /**
   * What the home node has said to a witness that asked it for a transaction, as that witness tells
   * it.
   *
   * @param challenge id of the challenge, hex
   * @param index in the home node's log; for {@link State#RECORDED} only
   * @param code why it is not executed, stable, lower_snake; for {@link State#REFUSED} only, else
   *     empty
   * @param message the same for people
   */
  record Asked(String challenge, State state, OptionalLong index, String code, String message) {
    /** What has come of it so far. */
    public enum State {
      /** The home node has not answered yet, and is suspected if that lasts. */
      ASKED,
      /** It is in the home node's log. */
      RECORDED,
      /** The home node has shown a state in which it is not executed. */
      REFUSED
    }
  }

  /** A node did not do what it was asked: there is no answer from it, or it refuses. */
  final class UnansweredException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String code;

    /**
     * @param code stable, lower_snake: the node's own, or the transport's
     * @param message for people
     */
    public UnansweredException(String code, String message) {
      super(message);
      this.code = code;
    }

    public UnansweredException(String code, String message, Throwable cause) {
      super(message, cause);
      this.code = code;
    }

    public String code() {
      return code;
    }

    public String text() {
      return String.valueOf(getMessage());
    }
  }
}
