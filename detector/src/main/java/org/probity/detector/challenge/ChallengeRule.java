package org.probity.detector.challenge;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.CarriedOut;
import org.probity.detector.commitment.CheckpointVerifier;
import org.probity.detector.commitment.Envelope;
import org.probity.detector.commitment.FootprintRule;
import org.probity.detector.commitment.TransactionRule;
import org.probity.detector.commitment.VerifiedCheckpoint;
import org.probity.detector.commitment.VerifiedEnvelope;
import org.probity.detector.commitment.Violation;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.crypto.VerifiedStatement;
import org.probity.detector.governance.Decision;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Refusal;
import org.probity.detector.governance.ValidDecision;
import org.probity.detector.log.AckEntry;
import org.probity.detector.log.Entry;
import org.probity.detector.log.EntryBody;
import org.probity.detector.log.EntryFault;
import org.probity.detector.log.ReceiveEntry;
import org.probity.detector.log.SendEntry;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.program.Program;

/**
 * The only door to a {@link ValidChallenge}: everybody who relays one goes through it, the
 * challenger included (protocol.md §7.2). What a correct target could not answer does not pass,
 * because it would leave a correct node suspected.
 *
 * <p>Total: no bytes make it throw. Stateless and thread-safe. Cost: at most four signatures, and
 * sixteen for a client's transaction or as many as a decision has ballots.
 */
public final class ChallengeRule {
  private final Genesis genesis;
  private final FootprintRule footprints;
  private final Supplier<DecisionChain> decisions;
  private final StatementVerifier statements;
  private final CheckpointVerifier checkpoints;

  /**
   * @param program whose footprints bound what can be received at once
   * @param decisions as far as known here now, on any thread; one of an epoch beyond them is
   *     refused
   */
  public ChallengeRule(Genesis genesis, Program program, Supplier<DecisionChain> decisions) {
    this.genesis = genesis;
    this.footprints = new FootprintRule(program);
    this.decisions = decisions;
    this.statements = new StatementVerifier(genesis.signatures(), genesis.networkId());
    this.checkpoints = new CheckpointVerifier(decisions);
  }

  /** The rule before the first decision. */
  public static ChallengeRule founding(Genesis genesis, Program program) {
    DecisionChain chain = DecisionChain.of(genesis, genesis.signatures());
    return new ChallengeRule(genesis, program, () -> chain);
  }

  /** Either a valid challenge or the reason why not. */
  public record Outcome(Optional<ValidChallenge> valid, Optional<Refusal> refusal) {
    static Outcome refused(String code, String message) {
      return new Outcome(Optional.empty(), Optional.of(new Refusal(code, message)));
    }
  }

  /**
   * Judges a statement. Codes: {@code challenge_too_large}, those of {@link StatementVerifier} and
   * {@link Challenge#decode}, {@code unknown_target}, {@code unknown_challenger}, {@code
   * not_by_challenger}, {@code challenges_itself}; then by kind:
   *
   * <ul>
   *   <li>all that name a checkpoint: {@code checkpoint_invalid}, {@code not_of_target}
   *   <li>message: the codes of {@link EntryFault}, {@code sends_unproven} if the sender did not
   *       sign them, {@code own_messages}, {@code ack_missing}, {@code ack_unproven}, {@code
   *       ack_too_low}, {@code footprint_too_large}, {@code message_footprint_too_large}
   *   <li>audit: {@code bad_range}
   *   <li>consistency: {@code bad_order}
   *   <li>client: the codes of {@link TransactionRule}
   *   <li>decision: {@code decision_ahead}, those of the decision and of {@link CarriedOut}
   * </ul>
   */
  public Outcome check(Bytes encoded) {
    if (encoded.size() > Challenge.MAX_STATEMENT_BYTES) {
      return Outcome.refused(
          "challenge_too_large",
          encoded.size() + " bytes, at most " + Challenge.MAX_STATEMENT_BYTES);
    }
    try {
      return new Outcome(Optional.of(valid(encoded)), Optional.empty());
    } catch (DecodeException e) {
      return Outcome.refused(e.code(), String.valueOf(e.getMessage()));
    }
  }

  private ValidChallenge valid(Bytes encoded) throws DecodeException {
    VerifiedStatement statement = statements.verify(encoded, Challenge.TYP);
    Challenge challenge = Challenge.decode(statement.payload());
    NodeRecord target = known(challenge.target().node(), "unknown_target");
    require(
        target.incarnation() == challenge.target().incarnation(),
        "unknown_target",
        "this incarnation of the target answers nothing");
    NodeRecord challenger = known(challenge.challenger(), "unknown_challenger");
    require(
        statement.signers().equals(List.of(challenger.logKey())),
        "not_by_challenger",
        "not signed by the challenger's log key alone");
    require(!challenger.equals(target), "challenges_itself", "nobody challenges itself");
    return new ValidChallenge(
        statement, challenge.body().kind(), target, challenger, claim(challenge.body(), target));
  }

  private Claim claim(Challenge.Body body, NodeRecord target) throws DecodeException {
    if (body instanceof Challenge.Message message) {
      return message(message, target);
    }
    if (body instanceof Challenge.Audit audit) {
      return audit(audit, target);
    }
    if (body instanceof Challenge.Consistency consistency) {
      return consistency(consistency, target);
    }
    if (body instanceof Challenge.Client client) {
      return client(client, target);
    }
    return decision((Challenge.Decided) body);
  }

  private Claim message(Challenge.Message message, NodeRecord target) throws DecodeException {
    ReceiveEntry receive = message.receive();
    // SPEC protocol.md §7.1: what the target is to log must be what it may log.
    requireFaultless(target, receive);
    VerifiedCheckpoint checkpoint =
        checkpoints
            .verifyStanding(receive.checkpoint())
            .orElseThrow(() -> new DecodeException("sends_unproven", "not of a node we know"));
    // What a revoked node never got comes back to its sender by itself; nobody can ask for it.
    require(
        !checkpoint.author().equals(target),
        "own_messages",
        "nobody acknowledges its own messages");
    VerifiedEnvelope envelope = asEnvelope(checkpoint, receive);
    require(
        !FootprintRule.isTooLarge(footprints.of(receive)),
        "footprint_too_large",
        "too much to receive at once");
    for (Bytes send : receive.sends()) {
      require(
          footprints.canBeSent(send(send).payload()),
          "message_footprint_too_large",
          "a message costs too much");
    }
    long first = send(receive.sends().get(0)).sequence();
    requireContiguous(message.lastAck(), target, checkpoint.author(), first);
    return new Claim.Message(envelope, first, first + receive.sends().size());
  }

  private VerifiedEnvelope asEnvelope(VerifiedCheckpoint checkpoint, ReceiveEntry receive)
      throws DecodeException {
    Envelope envelope = new Envelope(receive, 0, genesis.networkId(), 0, List.of(), 0);
    return checkpoints
        .envelope(checkpoint.author().node(), envelope)
        .orElseThrow(() -> new DecodeException("sends_unproven", "not under the sender's key"));
  }

  /** The target has all that came before, and says so itself. */
  private void requireContiguous(
      Optional<AckEntry> lastAck, NodeRecord target, NodeRecord sender, long first)
      throws DecodeException {
    if (lastAck.isEmpty()) {
      require(first == 0, "ack_missing", "the target may lack what came before");
      return;
    }
    long received =
        Acknowledgements.count(genesis, checkpoints, lastAck.get(), target, sender)
            .orElseThrow(
                () -> new DecodeException("ack_unproven", "not an acknowledgement of the target"));
    require(received >= first, "ack_too_low", "the target may lack what came before");
  }

  private void requireFaultless(NodeRecord target, EntryBody body) throws DecodeException {
    Optional<EntryFault> fault = Acknowledgements.fault(genesis.origin(target), body);
    if (fault.isPresent()) {
      throw new DecodeException(fault.get().code(), "the target may not log these messages");
    }
  }

  private static SendEntry send(Bytes send) throws DecodeException {
    if (Entry.decode(send).body() instanceof SendEntry body) {
      return body;
    }
    throw new DecodeException(EntryFault.RECEIVE_NOT_SENDS.code(), "not a SEND");
  }

  private Claim audit(Challenge.Audit audit, NodeRecord target) throws DecodeException {
    VerifiedCheckpoint checkpoint = ofTarget(audit.checkpoint(), target);
    boolean isInside =
        audit.count() >= 1
            && audit.from() < checkpoint.size()
            && audit.count() <= checkpoint.size() - audit.from();
    require(isInside, "bad_range", "not entries that the checkpoint promises");
    return new Claim.Audit(checkpoint, audit.from(), audit.count());
  }

  private Claim consistency(Challenge.Consistency challenge, NodeRecord target)
      throws DecodeException {
    VerifiedCheckpoint older = ofTarget(challenge.older(), target);
    VerifiedCheckpoint newer = ofTarget(challenge.newer(), target);
    // Of one size they are the same or a proof of a fork; there is nothing to ask.
    require(older.size() < newer.size(), "bad_order", "the smaller checkpoint comes first");
    return new Claim.Consistency(older, newer);
  }

  private Claim client(Challenge.Client challenge, NodeRecord target) throws DecodeException {
    TransactionRule.Outcome outcome =
        TransactionRule.check(challenge.statement(), target.node(), statements);
    if (outcome.violation().isPresent()) {
      Violation violation = outcome.violation().get();
      throw new DecodeException(violation.code(), violation.message());
    }
    long seen = 0;
    if (challenge.seen().isPresent()) {
      seen = ofTarget(challenge.seen().get(), target).size();
    }
    return new Claim.Client(outcome.checked().orElseThrow(), seen);
  }

  private Claim decision(Challenge.Decided challenge) throws DecodeException {
    Decision decision = Decision.decode(challenge.decision());
    DecisionChain known = decisions.get();
    // One that could follow on what is known here is judged; beyond that nobody can tell.
    require(
        decision.epoch() <= known.decisions().size(),
        "decision_ahead",
        "the decisions before are unknown");
    DecisionChain before = known.before((int) decision.epoch());
    List<ValidDecision> all = before.append(challenge.decision()).decisions();
    ValidDecision taken = all.get(all.size() - 1);
    Optional<Refusal> refusal = CarriedOut.refusal(taken.decision().action(), before.state());
    if (refusal.isPresent()) {
      // No correct node logs it.
      throw new DecodeException(refusal.get().code(), refusal.get().message());
    }
    return new Claim.Decided(before, taken);
  }

  private VerifiedCheckpoint ofTarget(Bytes encoded, NodeRecord target) throws DecodeException {
    SignedCheckpoint checkpoint = SignedCheckpoint.parse(encoded);
    require(
        checkpoint.origin().equals(genesis.origin(target)),
        "not_of_target",
        "a checkpoint of another log");
    return checkpoints
        .verify(checkpoint)
        .orElseThrow(
            () -> new DecodeException("checkpoint_invalid", "not signed by the target's log key"));
  }

  private NodeRecord known(String node, String code) throws DecodeException {
    return decisions
        .get()
        .keys()
        .present(node)
        .orElseThrow(() -> new DecodeException(code, "no node " + node));
  }

  private static void require(boolean condition, String code, String message)
      throws DecodeException {
    if (!condition) {
      throw new DecodeException(code, message);
    }
  }
}
