package org.probity.detector.evidence;

import java.util.Optional;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.Replay;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.Incarnations;
import org.probity.detector.log.Entry;
import org.probity.detector.log.EntryFault;
import org.probity.detector.log.GenesisEntry;
import org.probity.detector.log.TickEntry;
import org.probity.detector.log.TransactionEntry;
import org.probity.detector.program.Program;

/**
 * What a single entry convicts its node of, wherever it stands and whatever the state: the rules of
 * {@link EntryRules#alone} and those that need the genesis document. Auditors and judges ask this
 * one class. Thread-safe.
 */
public final class EntryCheck {
  /** A TRANSACTION whose statement is malformed, not validly signed, or for another node. */
  public static final String TRANSACTION_INVALID = "transaction_invalid";

  /** An entry of a type that this version of the protocol does not let a node log. */
  public static final String TYPE_UNSUPPORTED = "type_unsupported";

  /** A GENESIS with another program or initial state than the genesis document gives. */
  public static final String GENESIS_DIFFERS = "genesis_differs";

  /** A TICK below the time at which the members let its incarnation begin. */
  public static final String TICK_BEFORE_BEGINNING = "tick_before_beginning";

  /** A TICK below the time at which the consortium was founded. */
  public static final String TICK_BEFORE_FOUNDING = "tick_before_founding";

  private final Genesis genesis;
  private final Incarnations writers;
  private final Optional<Program> program;

  /**
   * @param writers whose log it is
   * @param program the one the genesis names; without it no founding GENESIS is found to differ
   */
  public EntryCheck(Genesis genesis, Incarnations writers, Optional<Program> program) {
    this.genesis = genesis;
    this.writers = writers;
    this.program = program;
  }

  /**
   * The rule that this entry breaks at {@code position}, by its stable code: one of {@link
   * EntryFault} or of the constants here. Linear in the entry; GENESIS costs the initial state.
   *
   * @param prepared by {@link Replay#prepare} for this node
   */
  public Optional<String> fault(long position, Replay.Prepared prepared) {
    if (prepared.entry().isEmpty()) {
      return Optional.of(EntryFault.ENCODING.code());
    }
    Entry entry = prepared.entry().get();
    Optional<EntryFault> shown = writers.alone(genesis.networkId(), position, entry);
    if (shown.isPresent()) {
      return shown.map(EntryFault::code);
    }
    if (prepared.violation().isPresent()) {
      // One code for all that can be wrong with a statement: which check comes first may change.
      return Optional.of(
          entry.body() instanceof TransactionEntry ? TRANSACTION_INVALID : TYPE_UNSUPPORTED);
    }
    if (entry.body() instanceof TickEntry tick) {
      return early(writers.at(position), tick);
    }
    return entry.body() instanceof GenesisEntry logged && differs(writers.at(position), logged)
        ? Optional.of(GENESIS_DIFFERS)
        : Optional.empty();
  }

  private Optional<String> early(Incarnations.Part writer, TickEntry tick) {
    // SPEC protocol.md §4.2: ledger time starts at the founding and never goes back.
    if (tick.millis() < genesis.foundedMillis()) {
      return Optional.of(TICK_BEFORE_FOUNDING);
    }
    return writer.beginning().filter(begun -> tick.millis() < begun.minTickMillis()).isPresent()
        ? Optional.of(TICK_BEFORE_BEGINNING)
        : Optional.empty();
  }

  /**
   * The one GENESIS an incarnation can begin with; for a founding one the program must be known.
   */
  private boolean differs(Incarnations.Part writer, GenesisEntry logged) {
    return program
        .map(known -> new Machine(genesis, writers, known).genesisBody(writer))
        .filter(body -> !body.equals(logged))
        .isPresent();
  }
}
