package org.probity.detector.evidence;

import java.util.Optional;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.Replay;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.log.Entry;
import org.probity.detector.log.EntryFault;
import org.probity.detector.log.EntryRules;
import org.probity.detector.log.GenesisEntry;
import org.probity.detector.log.Origin;
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

  /** A TICK below the time at which the consortium was founded. */
  public static final String TICK_BEFORE_FOUNDING = "tick_before_founding";

  private final Genesis genesis;
  private final NodeRecord node;
  private final Origin origin;
  private final Optional<Program> program;

  /**
   * @param node whose log it is
   * @param program the one the genesis names; without it no GENESIS is found to differ
   */
  public EntryCheck(Genesis genesis, NodeRecord node, Optional<Program> program) {
    this.genesis = genesis;
    this.node = node;
    this.origin = genesis.origin(node);
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
    Optional<EntryFault> shown = EntryRules.alone(origin, position, entry);
    if (shown.isPresent()) {
      return shown.map(EntryFault::code);
    }
    if (prepared.violation().isPresent()) {
      // One code for all that can be wrong with a statement: which check comes first may change.
      return Optional.of(
          entry.body() instanceof TransactionEntry ? TRANSACTION_INVALID : TYPE_UNSUPPORTED);
    }
    if (entry.body() instanceof TickEntry tick) {
      // SPEC protocol.md §4.2: ledger time starts at the founding and never goes back.
      return tick.millis() < genesis.foundedMillis()
          ? Optional.of(TICK_BEFORE_FOUNDING)
          : Optional.empty();
    }
    return entry.body() instanceof GenesisEntry logged && differs(logged)
        ? Optional.of(GENESIS_DIFFERS)
        : Optional.empty();
  }

  /** The one GENESIS this log can start with, if the program is known. */
  Optional<GenesisEntry> genesisBody() {
    return program.map(known -> new Machine(genesis, node, known).genesisBody());
  }

  private boolean differs(GenesisEntry logged) {
    return genesisBody().filter(body -> !body.equals(logged)).isPresent();
  }
}
