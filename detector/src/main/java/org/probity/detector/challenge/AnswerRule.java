package org.probity.detector.challenge;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.AckRule;
import org.probity.detector.commitment.CheckpointVerifier;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.VerifiedAck;
import org.probity.detector.commitment.VerifiedCheckpoint;
import org.probity.detector.crypto.Hash;
import org.probity.detector.governance.Decision;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.Incarnations;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Refusal;
import org.probity.detector.log.AckEntry;
import org.probity.detector.log.DecisionEntry;
import org.probity.detector.log.Entry;
import org.probity.detector.log.GenesisEntry;
import org.probity.detector.log.IndexedLeaf;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.Multiproof;
import org.probity.detector.log.Rfc6962;
import org.probity.detector.log.StateEntry;
import org.probity.detector.log.TransactionEntry;
import org.probity.detector.program.Program;
import org.probity.detector.program.TransactionOutcome.Status;
import org.probity.detector.state.Execution;
import org.probity.detector.state.StateWitness;

/**
 * Whether bytes answer a challenge (protocol.md §7.1), whoever hands them over. The only door to a
 * {@link VerifiedAnswer}.
 *
 * <p>SPEC protocol.md §7.3: what is wrong is no answer, and never evidence. Total, stateless and
 * thread-safe. Cost: one signature at most, and hashing what the answer carries; for a decision as
 * many signatures as it has ballots, and for a refused transaction one execution of it.
 */
public final class AnswerRule {
  private final Genesis genesis;
  private final Program program;
  private final Supplier<DecisionChain> decisions;
  private final CheckpointVerifier checkpoints;

  /**
   * @param program what nodes execute: whether a transaction would have been is found out by that
   * @param decisions as far as known here now, on any thread
   */
  public AnswerRule(Genesis genesis, Program program, Supplier<DecisionChain> decisions) {
    this.genesis = genesis;
    this.program = program;
    this.decisions = decisions;
    this.checkpoints = new CheckpointVerifier(decisions);
  }

  /** Either an answer or the reason why it is none. */
  public record Outcome(Optional<VerifiedAnswer> answer, Optional<Refusal> refusal) {}

  /**
   * Judges an answer. Codes: {@code answer_too_large}, those of decoding; then {@code
   * ack_unproven}, {@code ack_too_low} (message); {@code wrong_entries} (audit); {@code unlinked}
   * (consistency); {@code checkpoint_invalid}, {@code not_included}, {@code other_entry} (client,
   * decision); {@code not_a_state} (those with a state); {@code refusal_outdated}, {@code
   * not_refused} (client); {@code epoch_too_low} (decision).
   */
  public Outcome check(ValidChallenge challenge, Bytes answer) {
    try {
      if (answer.size() > Answer.MAX_BYTES) {
        throw new DecodeException(
            "answer_too_large", answer.size() + " bytes, at most " + Answer.MAX_BYTES);
      }
      return new Outcome(Optional.of(answered(challenge, answer)), Optional.empty());
    } catch (DecodeException e) {
      return new Outcome(
          Optional.empty(), Optional.of(new Refusal(e.code(), String.valueOf(e.getMessage()))));
    }
  }

  private VerifiedAnswer answered(ValidChallenge challenge, Bytes answer) throws DecodeException {
    Claim claim = challenge.claim();
    if (claim instanceof Claim.Message message) {
      return acknowledged(challenge, message, answer);
    }
    if (claim instanceof Claim.Audit audit) {
      return produced(challenge, audit, answer);
    }
    if (claim instanceof Claim.Consistency consistency) {
      return linked(challenge, consistency, answer);
    }
    Answer.Inclusion shown = Answer.Inclusion.read(answer);
    VerifiedCheckpoint checkpoint = included(challenge.target(), shown);
    if (claim instanceof Claim.Client client && shown.state().isPresent()) {
      Status refusal = refusal(challenge.target(), client, shown, checkpoint);
      return new VerifiedAnswer(
          challenge,
          answer,
          VerifiedAnswer.Content.refusing(checkpoint, shown.entry().bytes(), refusal));
    }
    if (claim instanceof Claim.Decided decided && shown.state().isPresent()) {
      requireAfter(decided, shown, checkpoint);
      return new VerifiedAnswer(
          challenge, answer, VerifiedAnswer.Content.including(checkpoint, shown.entry().bytes()));
    }
    boolean isIt =
        claim instanceof Claim.Client client
            ? isLogged(client, shown)
            : isLogged((Claim.Decided) claim, shown);
    require(isIt, "other_entry", "not the entry that was asked for");
    return new VerifiedAnswer(
        challenge, answer, VerifiedAnswer.Content.including(checkpoint, shown.entry().bytes()));
  }

  private VerifiedAnswer acknowledged(ValidChallenge challenge, Claim.Message claim, Bytes answer)
      throws DecodeException {
    AckEntry ack = Answer.readAcknowledgement(answer);
    Optional<VerifiedAck> verified =
        Acknowledgements.verified(genesis, checkpoints, ack, challenge.target(), claim.sender());
    long received =
        verified.isPresent() ? AckRule.provenCount(ack, claim.sender()).orElse(-1L) : -1;
    require(received >= 0, "ack_unproven", "not an acknowledgement of the target");
    require(received >= claim.end(), "ack_too_low", "it covers not all of the messages");
    return new VerifiedAnswer(
        challenge, answer, VerifiedAnswer.Content.acknowledging(verified.orElseThrow()));
  }

  private static VerifiedAnswer produced(ValidChallenge challenge, Claim.Audit claim, Bytes answer)
      throws DecodeException {
    Answer.Production production = Answer.Production.read(answer);
    int count = production.entries().size();
    long bytes = production.entries().stream().mapToLong(Bytes::size).sum();
    require(
        count == claim.count() || (count < claim.count() && Answer.isEnough(bytes)),
        "wrong_entries",
        "not so many entries");
    List<IndexedLeaf> leaves = new ArrayList<>();
    for (Bytes entry : production.entries()) {
      leaves.add(new IndexedLeaf(claim.from() + leaves.size(), Rfc6962.leaf(entry)));
    }
    require(
        Multiproof.verify(claim.checkpoint().head(), leaves, production.multiproof()),
        "wrong_entries",
        "not what the checkpoint is over");
    return new VerifiedAnswer(
        challenge,
        answer,
        VerifiedAnswer.Content.producing(production.entries(), production.multiproof()));
  }

  private static VerifiedAnswer linked(
      ValidChallenge challenge, Claim.Consistency claim, Bytes answer) throws DecodeException {
    VerifiedAnswer linked =
        new VerifiedAnswer(
            challenge, answer, VerifiedAnswer.Content.linking(Answer.readLink(answer)));
    require(
        MerkleProofs.verifyConsistency(claim.older().head(), claim.newer().head(), linked.link()),
        "unlinked",
        "no proof between these two");
    return linked;
  }

  private VerifiedCheckpoint included(NodeRecord target, Answer.Inclusion shown)
      throws DecodeException {
    VerifiedCheckpoint checkpoint =
        checkpoints
            .verify(shown.checkpoint())
            .filter(signed -> signed.author().equals(target))
            .orElseThrow(
                () -> new DecodeException("checkpoint_invalid", "not a checkpoint of the target"));
    require(
        MerkleProofs.verifyInclusion(
            checkpoint.head(), shown.entry().index(), shown.entry().leafHash(), shown.path()),
        "not_included",
        "not under this checkpoint");
    return checkpoint;
  }

  /**
   * Why the transaction is not executed in the state the checkpoint ends on, by executing it there.
   * A later state than what the challenger has seen: what was true once is no excuse.
   */
  private Status refusal(
      NodeRecord target, Claim.Client claim, Answer.Inclusion shown, VerifiedCheckpoint checkpoint)
      throws DecodeException {
    require(
        checkpoint.size() >= claim.seen(),
        "refusal_outdated",
        "the challenger has seen a later one");
    StateWitness witness = state(shown, checkpoint);
    Incarnations log =
        decisions
            .get()
            .keys()
            .log(target.node(), target.incarnation())
            .orElseThrow(() -> new DecodeException("not_refused", "no log of the target"));
    Machine machine = new Machine(genesis, log, program);
    Execution<Machine.Effects> execution;
    try {
      execution =
          witness.execute(
              state ->
                  machine.transaction(
                      state,
                      claim.transaction().statement(),
                      claim.transaction().transaction(),
                      checkpoint.size()));
    } catch (RuntimeException | StackOverflowError e) {
      // Whoever signs a state can make it anything; what cannot be executed is no answer.
      throw new DecodeException("not_refused", "the program failed: " + e);
    }
    if (execution instanceof Execution.Complete<Machine.Effects> complete
        && complete.result().status() != Status.EXECUTED) {
      return complete.result().status();
    }
    throw new DecodeException("not_refused", "not shown that it is not executed");
  }

  /** The part of the state that the checkpoint ends on. */
  private static StateWitness state(Answer.Inclusion shown, VerifiedCheckpoint checkpoint)
      throws DecodeException {
    StateWitness witness = StateWitness.decode(shown.state().orElseThrow());
    boolean isState =
        shown.entry().index() == checkpoint.size() - 1
            && stateRoot(shown.entry()).filter(witness.root()::equals).isPresent();
    require(isState, "not_a_state", "not the state that the checkpoint ends on");
    return witness;
  }

  /** The state counts the decisions that its log has. */
  private void requireAfter(
      Claim.Decided claim, Answer.Inclusion shown, VerifiedCheckpoint checkpoint)
      throws DecodeException {
    StateWitness witness = state(shown, checkpoint);
    Execution<Long> epoch;
    try {
      epoch =
          witness.execute(state -> Machine.system(state).governance(genesis.networkId()).epoch());
    } catch (RuntimeException e) {
      throw new DecodeException("epoch_too_low", "not a state of this program: " + e);
    }
    boolean isAfter =
        epoch instanceof Execution.Complete<Long> complete
            && complete.result() > claim.decision().decision().epoch();
    require(isAfter, "epoch_too_low", "no state after that decision");
  }

  private static Optional<Hash> stateRoot(Entry entry) {
    if (entry.body() instanceof StateEntry state) {
      return Optional.of(state.stateRoot());
    }
    return entry.body() instanceof GenesisEntry genesis
        ? Optional.of(genesis.initialStateRoot())
        : Optional.empty();
  }

  /** The exact statement: with fewer signatures the same content may be worth less. */
  private static boolean isLogged(Claim.Client claim, Answer.Inclusion shown) {
    return shown.entry().body() instanceof TransactionEntry logged
        && logged.statement().equals(claim.transaction().statement().encoded());
  }

  private static boolean isLogged(Claim.Decided claim, Answer.Inclusion shown)
      throws DecodeException {
    if (!(shown.entry().body() instanceof DecisionEntry logged)
        || Decision.decode(logged.content()).epoch() != claim.decision().decision().epoch()) {
      return false;
    }
    // SPEC protocol.md §7.1: any valid decision of that epoch; this throws for one that is not.
    claim.before().append(logged.content());
    return true;
  }

  private static void require(boolean condition, String code, String message)
      throws DecodeException {
    if (!condition) {
      throw new DecodeException(code, message);
    }
  }
}
