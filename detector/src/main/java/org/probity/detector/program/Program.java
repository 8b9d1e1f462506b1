package org.probity.detector.program;

import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;

/**
 * A deterministic state machine that a node runs and its witnesses replay.
 *
 * <p>Rules an implementation keeps, because an honest node is exposed by breaking them: the result
 * depends on the arguments and on what is read through {@link Context#state()} only; no floating
 * point, locale, clock, randomness, identity hash or unordered iteration; no field that changes; no
 * exception on any input (bad input is an outcome). A change of any rule is a change of {@link
 * #rules()}.
 *
 * <p>Called by one thread at a time per context, by many threads for many contexts.
 */
public interface Program {
  /**
   * What a transaction's outcome may have at most: with a statement of maximal size it still fits
   * an entry. A longer one is refused as {@code outcome_too_long} and what the transaction did is
   * undone.
   */
  int MAX_OUTCOME_BYTES = 32_000;

  /**
   * Name and version of the program's own rules, such as {@code probity-ledger/1 rules 5}. Changes
   * with every change of what any input does.
   */
  String rules();

  /**
   * What GENESIS names: these rules under the {@link SystemRules} of this software. Not to be
   * overridden.
   */
  default Hash id() {
    return SystemRules.programId(rules());
  }

  /**
   * Fills the application state before the first entry.
   *
   * @param parameters the program's part of the genesis document, its format is the program's own
   */
  void initialise(Bytes parameters, Context context);

  /**
   * Whether the signers may act for the submitter. If not, the transaction is recorded as
   * unauthorised, its id stays free and {@link #execute} is not called. Reads state; writing to it
   * or sending throws.
   */
  boolean authorises(Submission submission, Context context);

  /**
   * An upper bound, in bytes, of what a proof about this transaction discloses of the application's
   * state and logs as messages, for a state of a million keys; a function of the bytes alone. What
   * exceeds {@link SystemRules#MAX_FOOTPRINT_BYTES} together with its statement is refused
   * unexecuted, so that every fault has a small proof. Too low a bound convicts nobody wrongly: it
   * only lets proofs grow beyond what everybody carries and keeps.
   */
  int transactionFootprint(Transaction transaction);

  /**
   * The same of one message of another node's program. What the program sends in answer to it must
   * cost no more, payload included: what can be received can then be answered.
   */
  int messageFootprint(Bytes payload);

  /**
   * Executes one authorised client transaction and returns its outcome, success or failure, in the
   * program's own format, at most {@link #MAX_OUTCOME_BYTES}. What it wrote stands whatever the
   * outcome says: a program that fails half-way undoes with {@link Context#rollback}.
   */
  Bytes execute(Submission submission, Context context);

  /**
   * Executes one message of another node's program. Messages of one sender arrive once and in
   * order. A message that makes no sense is ignored or answered, never thrown at.
   *
   * @param from the sending node
   * @param payload what the sender's program passed to {@link Context#send}
   */
  void receive(String from, Bytes payload, Context context);

  /**
   * A message that this program sent to a node the members have revoked, in the order of sending,
   * each once (protocol.md §13.4). Nothing can be sent from here.
   *
   * @param to the node it was sent to
   * @param payload what was passed to {@link Context#send}
   * @param isTaken whether the node's final log took it in: then its effects there stand, whatever
   *     they are, and no answer will come; else it never arrived and never will
   */
  void returned(String to, Bytes payload, boolean isTaken, Context context);

  /**
   * Ledger time has moved to {@link Context#nowMillis()}. The work per call must be bounded by a
   * constant; sending throws (the log's grammar has no outputs after TICK).
   */
  void tick(Context context);
}
