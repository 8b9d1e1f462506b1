package org.probity.node.runtime;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.probity.detector.audit.Finding;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.Incarnations;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.log.DecisionEntry;
import org.probity.detector.log.Entry;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.SigningMark;
import org.probity.detector.log.TreeHead;
import org.probity.node.store.LmdbLogStore;
import org.probity.node.store.StoreException;
import org.probity.node.store.StoreMaintenance;
import org.probity.node.store.StoredLog;

/**
 * A node's own log as it lies on a disk, looked at by somebody who does not run the node: in its
 * data folder or in a backup of it.
 *
 * @param decisions that are kept beside it
 * @param author whose key signs it
 * @param checkpoint over all of it; empty if this incarnation has signed nothing yet
 */
public record OwnLog(
    DecisionChain decisions,
    NodeRecord author,
    StoredLog log,
    Optional<SignedCheckpoint> checkpoint) {

  /** The decisions that are kept in a node's data folder, judged again. */
  public static DecisionChain decisions(Path data, Genesis genesis) throws IOException {
    return new GovernanceStore(data.resolve("governance")).chain(genesis);
  }

  /**
   * The log of the newest incarnation that there is one of.
   *
   * @throws StartException {@code log_damaged} if its newest checkpoint is none
   */
  public static Optional<OwnLog> find(LmdbLogStore own, DecisionChain decisions, String node)
      throws StartException {
    List<Incarnations.Part> parts =
        decisions
            .keys()
            .log(node)
            .orElseThrow(
                () ->
                    new StartException("unknown_node", "the genesis document has no node " + node))
            .parts();
    for (int i = parts.size() - 1; i >= 0; i--) {
      NodeRecord author = parts.get(i).record();
      Optional<StoredLog> log = own.find(decisions.genesis().origin(author).format());
      if (log.isPresent()) {
        return Optional.of(of(decisions, author, log.get()));
      }
    }
    return Optional.empty();
  }

  private static OwnLog of(DecisionChain decisions, NodeRecord author, StoredLog log)
      throws StartException {
    try {
      // Not the newest: a node that runs may have signed more since the log was opened.
      Optional<Bytes> note = log.checkpointAt(log.size());
      return new OwnLog(
          decisions,
          author,
          log,
          note.isPresent() ? Optional.of(SignedCheckpoint.parse(note.get())) : Optional.empty());
    } catch (DecodeException | StoreException e) {
      throw new StartException("log_damaged", "the newest checkpoint: " + e.getMessage(), e);
    }
  }

  /** Size and root of what is there. */
  public TreeHead head() {
    return log.frontier().head();
  }

  /** How far the newest checkpoint says that the key has signed. */
  public SigningMark mark() {
    return checkpoint.map(SigningMark::of).orElse(SigningMark.NOTHING_SIGNED);
  }

  /**
   * Every entry hashes to the root that the log's own key has signed, or, if this incarnation has
   * signed nothing yet, that its members have closed. Linear.
   *
   * @throws StartException {@code log_damaged}
   */
  public void requireSigned() throws StartException {
    List<StoreMaintenance.Damage> damage = StoreMaintenance.check(List.of(log), checked -> {});
    if (!damage.isEmpty()) {
      throw new StartException("log_damaged", damage.get(0).message());
    }
    if (checkpoint.isEmpty()) {
      requireClosed();
      return;
    }
    SignedCheckpoint newest = checkpoint.get();
    Genesis genesis = decisions.genesis();
    if (!newest.origin().equals(genesis.origin(author))
        || !newest.isSignedBy(genesis.signatures(), author.logKey())) {
      throw new StartException(
          "log_damaged", "its newest checkpoint is not signed by the log key of " + author.node());
    }
    if (!newest.head().equals(head())) {
      throw new StartException(
          "log_damaged",
          "its entries lead to " + head() + " and its newest checkpoint is over " + newest.head());
    }
  }

  /**
   * The same of a copy that does not grow: nothing was signed beyond its end.
   *
   * @throws StartException {@code log_damaged}
   */
  void requireWhole() throws StartException {
    requireSigned();
    if (!log.checkpoint().equals(checkpoint.map(SignedCheckpoint::bytes))) {
      throw new StartException("log_damaged", "it has a checkpoint of entries that are not in it");
    }
  }

  private void requireClosed() throws StartException {
    TreeHead close =
        decisions
            .keys()
            .log(author.node(), author.incarnation())
            .orElseThrow()
            .last()
            .beginning()
            .map(Incarnations.Beginning::close)
            .orElse(TreeHead.EMPTY);
    if (!close.equals(head())) {
      throw new StartException(
          "log_damaged", "it ends at " + head() + " and nobody has signed or closed it there");
    }
  }

  /** The decisions in it, and how many there are: a disk may have lost those beside it. */
  Logged logged() throws StartException {
    DecisionChain chain = decisions;
    int epoch = 0;
    try {
      for (long index = 0; index < log.size(); index++) {
        if (Entry.decode(log.entry(index)).body() instanceof DecisionEntry decision) {
          epoch++;
          if (chain.decisions().size() < epoch) {
            chain = chain.append(decision.content());
          }
        }
      }
    } catch (DecodeException e) {
      throw new StartException("log_damaged", "a decision in it: " + e.getMessage(), e);
    }
    return new Logged(chain, epoch);
  }

  /**
   * Decisions.
   *
   * @param known kept beside the log, or in it
   * @param epoch so many are in it
   */
  record Logged(DecisionChain known, long epoch) {}

  /**
   * What a witness would find in it.
   *
   * @throws StartException {@code unknown_program} if this software does not have the rules
   */
  public Optional<Finding> replay() throws StartException {
    return LogReplay.of(decisions, author, log, StartChecks.program(decisions.genesis()));
  }
}
