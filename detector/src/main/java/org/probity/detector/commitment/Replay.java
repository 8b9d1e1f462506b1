package org.probity.detector.commitment;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.log.AckEntry;
import org.probity.detector.log.DecisionEntry;
import org.probity.detector.log.Entry;
import org.probity.detector.log.EntryBody;
import org.probity.detector.log.EntryFault;
import org.probity.detector.log.EntryType;
import org.probity.detector.log.GenesisEntry;
import org.probity.detector.log.ReceiveEntry;
import org.probity.detector.log.SendEntry;
import org.probity.detector.log.StateEntry;
import org.probity.detector.log.TickEntry;
import org.probity.detector.log.TransactionEntry;
import org.probity.detector.state.WorkingState;

/**
 * Re-executes a log entry by entry and finds the first that is not what the {@link Machine} makes
 * of its inputs (protocol.md §6.4). Recovery, audits and the evidence verifier all use this one
 * class.
 *
 * <p>{@link #prepare} is the part that needs no state, decoding and client signatures: it may run
 * on many threads ahead of {@link #feed}. Otherwise not thread-safe.
 */
public final class Replay {
  /** Entries that nobody may log yet; one leaves this set together with the code to execute it. */
  private static final Set<EntryType> UNSUPPORTED =
      EnumSet.of(EntryType.CHALLENGE, EntryType.FLOOR);

  private final Machine machine;
  private final WorkingState state;
  private final Deque<SendEntry> expectedSends = new ArrayDeque<>();

  /** Of the inputs since the last STATE. */
  private final FootprintRule.Batch batch = new FootprintRule.Batch();

  /**
   * @param state right after a STATE or GENESIS entry; this class changes it
   */
  public Replay(Machine machine, WorkingState state) {
    this.machine = machine;
    this.state = state;
  }

  /**
   * An entry as it was logged, decoded, and what its bytes alone say about it. Made by {@link
   * #prepare} only. Immutable.
   */
  public static final class Prepared {
    private final Bytes encoded;
    private final Optional<Entry> entry;
    private final Optional<TransactionRule.Checked> transaction;
    private final Optional<Violation> violation;

    private Prepared(
        Bytes encoded,
        Optional<Entry> entry,
        Optional<TransactionRule.Checked> transaction,
        Optional<Violation> violation) {
      this.encoded = encoded;
      this.entry = entry;
      this.transaction = transaction;
      this.violation = violation;
    }

    public Bytes encoded() {
      return encoded;
    }

    /** Empty if the bytes are no entry. */
    public Optional<Entry> entry() {
      return entry;
    }

    /** Present for a TRANSACTION fit for the log. */
    public Optional<TransactionRule.Checked> transaction() {
      return transaction;
    }

    /** What is wrong with the bytes, if anything. */
    public Optional<Violation> violation() {
      return violation;
    }
  }

  /** Decodes one entry and verifies what can be verified without state. Thread-safe. */
  public static Prepared prepare(Bytes encoded, String node, StatementVerifier verifier) {
    Entry entry;
    try {
      entry = Entry.decode(encoded);
    } catch (DecodeException e) {
      return new Prepared(
          encoded,
          Optional.empty(),
          Optional.empty(),
          Optional.of(Violation.entry(e.code(), String.valueOf(e.getMessage()))));
    }
    if (UNSUPPORTED.contains(entry.type())) {
      Violation unsupported =
          Violation.entry("type_unsupported", "this program version knows no " + entry.type());
      return new Prepared(encoded, Optional.of(entry), Optional.empty(), Optional.of(unsupported));
    }
    if (!(entry.body() instanceof TransactionEntry transaction)) {
      return new Prepared(encoded, Optional.of(entry), Optional.empty(), Optional.empty());
    }
    TransactionRule.Outcome outcome =
        TransactionRule.check(transaction.statement(), node, verifier);
    return new Prepared(encoded, Optional.of(entry), outcome.checked(), outcome.violation());
  }

  /** The state after everything fed so far. */
  public WorkingState state() {
    return state;
  }

  /**
   * Executes the next entry; the grammar and the chain are somebody else's check. After a violation
   * this object is spent.
   */
  public Optional<Violation> feed(Prepared prepared) {
    if (prepared.violation().isPresent()) {
      return prepared.violation();
    }
    Entry entry = prepared.entry().orElseThrow();
    if (entry.body() instanceof SendEntry send) {
      return matchSend(send);
    }
    if (!expectedSends.isEmpty()) {
      return differs("send_missing", "the input before it must send", expectedSends.remove());
    }
    long footprint = footprint(prepared);
    boolean isInput = entry.type().role() == EntryType.Role.INPUT;
    boolean isOneTooMany = isInput && !batch.hasRoomFor(footprint);
    batch.add(footprint);
    if (isOneTooMany) {
      return transition(
          "batch_footprint_too_large", "the inputs of a batch could cost too large a proof");
    }
    if (entry.body() instanceof TransactionEntry transaction) {
      return transaction(
          transaction, prepared.transaction().orElseThrow(), footprint, entry.index());
    }
    if (entry.body() instanceof ReceiveEntry receive) {
      return input(machine.receive(state, receive, footprint, entry.index()));
    }
    if (entry.body() instanceof AckEntry ack) {
      return input(machine.acknowledge(state, ack));
    }
    if (entry.body() instanceof DecisionEntry decision) {
      return input(machine.decide(state, decision));
    }
    if (entry.body() instanceof TickEntry tick) {
      return machine.tick(state, tick.millis());
    }
    if (entry.body() instanceof StateEntry logged) {
      batch.end();
      return logged.stateRoot().equals(state.root())
          ? Optional.empty()
          : differs(
              "state_root_differs",
              "execution gives another state root",
              new StateEntry(state.root(), logged.previousStateIndex(), logged.bytesBetween()));
    }
    if (entry.body() instanceof GenesisEntry genesis) {
      // SPEC protocol.md §11.3: a later incarnation goes on with the state that its close fixes.
      return genesis.initialStateRoot().equals(state.root())
          ? Optional.empty()
          : Optional.of(
              Violation.entry(
                  EntryFault.GENESIS_WRONG_STATE.code(), "the state before has another root"));
    }
    return Optional.of(Violation.entry("type_unsupported", "nothing executes " + entry.type()));
  }

  /** Of an input; TICK, outputs and STATE cost next to nothing. */
  private long footprint(Prepared prepared) {
    EntryBody body = prepared.entry().orElseThrow().body();
    FootprintRule footprints = machine.footprints();
    if (body instanceof TransactionEntry) {
      TransactionRule.Checked checked = prepared.transaction().orElseThrow();
      return footprints.of(checked.statement(), checked.transaction());
    }
    if (body instanceof ReceiveEntry receive) {
      return footprints.of(receive);
    }
    if (body instanceof AckEntry ack) {
      return footprints.of(ack);
    }
    return body instanceof DecisionEntry decision ? footprints.of(decision) : 0;
  }

  private Optional<Violation> transaction(
      TransactionEntry logged, TransactionRule.Checked checked, long footprint, long index) {
    Machine.Effects effects =
        machine.transaction(state, checked.statement(), checked.transaction(), footprint, index);
    if (!effects.outcome().equals(logged.outcome())) {
      return differs(
          "outcome_differs",
          "execution gives another outcome",
          new TransactionEntry(logged.statement(), effects.outcome()));
    }
    expectedSends.addAll(effects.sends());
    return Optional.empty();
  }

  private Optional<Violation> input(Machine.Result result) {
    result.effects().ifPresent(effects -> expectedSends.addAll(effects.sends()));
    return result.violation();
  }

  private Optional<Violation> matchSend(SendEntry logged) {
    if (expectedSends.isEmpty()) {
      return transition("send_unexpected", "the input before it sends nothing more");
    }
    SendEntry expected = expectedSends.remove();
    return expected.equals(logged)
        ? Optional.empty()
        : differs("send_differs", "execution sends something else", expected);
  }

  private static Optional<Violation> transition(String code, String message) {
    return Optional.of(Violation.transition(code, message));
  }

  private static Optional<Violation> differs(String code, String message, EntryBody expected) {
    return Optional.of(Violation.transition(code, message, expected));
  }
}
