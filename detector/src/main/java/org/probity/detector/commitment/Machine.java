package org.probity.detector.commitment;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.VerifiedStatement;
import org.probity.detector.governance.DecisionRule;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.GovernanceState;
import org.probity.detector.governance.Incarnations;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Refusal;
import org.probity.detector.log.AckEntry;
import org.probity.detector.log.DecisionEntry;
import org.probity.detector.log.Entry;
import org.probity.detector.log.EntryFault;
import org.probity.detector.log.GenesisEntry;
import org.probity.detector.log.Origin;
import org.probity.detector.log.ReceiveEntry;
import org.probity.detector.log.SendEntry;
import org.probity.detector.program.Context;
import org.probity.detector.program.Program;
import org.probity.detector.program.Submission;
import org.probity.detector.program.SystemRules;
import org.probity.detector.program.Transaction;
import org.probity.detector.program.TransactionOutcome;
import org.probity.detector.program.TransactionOutcome.Status;
import org.probity.detector.state.PrefixedView;
import org.probity.detector.state.ReadOnlyView;
import org.probity.detector.state.StateTree;
import org.probity.detector.state.StateView;
import org.probity.detector.state.WorkingState;

/**
 * One node as a deterministic state machine: the system's rules around the program. The writer of a
 * log and its auditors call the same methods in the same order.
 *
 * <p>Immutable; the state is passed in. Not thread-safe per state, safe for many states at once.
 */
public final class Machine {
  private final Genesis genesis;
  private final Incarnations incarnations;
  private final NodeRecord self;
  private final Origin origin;
  private final Program program;
  private final FootprintRule footprints;
  private final KnownCheckpoint known;
  private final DecisionRule decisions;

  /**
   * Of a node that has had one incarnation.
   *
   * @throws IllegalArgumentException if the program is not the one the genesis names
   */
  public Machine(Genesis genesis, NodeRecord self, Program program) {
    this(genesis, Incarnations.founding(self), program);
  }

  /**
   * @param incarnations that have written the log
   * @throws IllegalArgumentException if the program is not the one the genesis names
   */
  public Machine(Genesis genesis, Incarnations incarnations, Program program) {
    // SPEC protocol.md §3.4: what we would execute is what the id says, the rules around the
    // program included.
    Hash runs = SystemRules.programId(program.rules());
    if (!runs.equals(genesis.programId()) || !runs.equals(program.id())) {
      throw new IllegalArgumentException(
          "the genesis names program "
              + genesis.programId()
              + "; this software runs "
              + runs
              + " ("
              + program.rules()
              + " under "
              + SystemRules.VERSION
              + ") and would do something else: run the release that the genesis names");
    }
    this.genesis = genesis;
    this.incarnations = incarnations;
    this.self = incarnations.present();
    this.program = program;
    this.footprints = new FootprintRule(program);
    this.origin = genesis.origin(self);
    this.known = new KnownCheckpoint(origin, genesis.signatures());
    this.decisions = new DecisionRule(genesis, genesis.signatures());
  }

  public Genesis genesis() {
    return genesis;
  }

  public NodeRecord self() {
    return self;
  }

  /** Who has written which part of the log. */
  public Incarnations incarnations() {
    return incarnations;
  }

  public Program program() {
    return program;
  }

  /** What inputs of this log cost in a proof. */
  public FootprintRule footprints() {
    return footprints;
  }

  /** Of the log under its present keys. */
  public Origin origin() {
    return origin;
  }

  /** The rule that an entry of this log breaks alone, whatever the state. */
  public Optional<EntryFault> alone(long position, Entry entry) {
    return incarnations.alone(genesis.networkId(), position, entry);
  }

  /** The state before the first entry; the same for everyone who knows the genesis document. */
  public StateTree initialState() {
    WorkingState state = new WorkingState(StateTree.EMPTY);
    system(state).found(genesis);
    program.initialise(genesis.programParameters(), new Call(state, 0, Powers.WRITE));
    return state.tree();
  }

  /** The one GENESIS that the present incarnation can begin with. */
  public GenesisEntry genesisBody() {
    return genesisBody(incarnations.last());
  }

  /**
   * The one GENESIS that an incarnation can begin with. Costs the initial state for a founding one.
   */
  public GenesisEntry genesisBody(Incarnations.Part part) {
    Hash root =
        part.beginning()
            .map(Incarnations.Beginning::stateRoot)
            .orElseGet(() -> initialState().root());
    return new GenesisEntry(self.node(), part.record().incarnation(), genesis.programId(), root);
  }

  /** Moves ledger time; going back is refused. */
  public Optional<Violation> tick(WorkingState state, long millis) {
    SystemState system = system(state);
    if (millis < system.tickMillis()) {
      return Optional.of(
          Violation.transition(
              "tick_backwards", "TICK " + millis + " after " + system.tickMillis()));
    }
    system.putTick(millis);
    // SPEC protocol.md §4.4: ids are kept until they expire, and no longer, at any rate.
    system.forgetBefore(millis);
    program.tick(new Call(state, 0, Powers.WRITE));
    return Optional.empty();
  }

  /**
   * Executes a client transaction as the entry at {@code index}. Never refused: whatever is wrong
   * with it is its outcome. The caller has made sure that the statement is a transaction for this
   * node ({@link TransactionRule}).
   */
  public Effects transaction(
      WorkingState state, VerifiedStatement statement, Transaction transaction, long index) {
    return transaction(state, statement, transaction, footprints.of(statement, transaction), index);
  }

  /** The same with the footprint that {@link #footprints} gives: whoever counts a batch has it. */
  public Effects transaction(
      WorkingState state,
      VerifiedStatement statement,
      Transaction transaction,
      long footprint,
      long index) {
    StateTree before = state.tree();
    if (FootprintRule.isTooLarge(footprint)) {
      return Effects.refused(Status.FOOTPRINT_TOO_LARGE);
    }
    Submission submission = new Submission(statement.signers(), transaction, index);
    Status standing = standing(state, submission, statement.id());
    if (standing != Status.EXECUTED) {
      return Effects.refused(standing);
    }
    system(state)
        .remember(
            transaction.clientId(),
            transaction.submitter(),
            new SystemState.Remembered(statement.id(), index));
    Call call = new Call(state, index, Powers.SEND);
    Bytes detail = program.execute(submission, call);
    if (detail.size() > Program.MAX_OUTCOME_BYTES) {
      // No entry has room for it, so nothing has happened; the same for the node and its auditors.
      state.rollbackTo(before);
      return Effects.refused(Status.OUTCOME_TOO_LONG);
    }
    return new Effects(Status.EXECUTED, TransactionOutcome.executed(detail).encode(), call.sends);
  }

  private Status standing(WorkingState state, Submission submission, Hash id) {
    SystemState system = system(state);
    Transaction transaction = submission.transaction();
    if (!system.isActive(self.node())) {
      return Status.NODE_STOPPED;
    }
    long now = system.tickMillis();
    if (transaction.notAfterMillis() < now) {
      return Status.EXPIRED;
    }
    if (transaction.notAfterMillis() - now > system.parameters().horizonMillis()) {
      return Status.NOT_AFTER_TOO_FAR;
    }
    if (!program.authorises(submission, new Call(state, submission.index(), Powers.READ))) {
      return Status.UNAUTHORISED;
    }
    return system
        .transaction(transaction.clientId(), transaction.submitter())
        .map(
            known ->
                known.statementId().equals(id)
                    ? Status.ALREADY_RECORDED
                    : Status.ID_EXISTS_WITH_DIFFERENT_CONTENT)
        .orElse(Status.EXECUTED);
  }

  /**
   * Executes the messages of a RECEIVE entry, which has passed EntryRules, at {@code index}, or
   * names the rule it breaks.
   */
  public Result receive(WorkingState state, ReceiveEntry body, long index) {
    return receive(state, body, footprints.of(body), index);
  }

  /** The same with the footprint that {@link #footprints} gives: whoever counts a batch has it. */
  public Result receive(WorkingState state, ReceiveEntry body, long footprint, long index) {
    return ReturnRule.isReturn(body, incarnations.at(index).origin(genesis.networkId()))
        ? takeBack(state, body, footprint, index)
        : receive(state, body, known.of(body.checkpoint()), footprint, index);
  }

  /** The same of an envelope whose signature has been verified: it is not verified again. */
  public Result receive(WorkingState state, VerifiedEnvelope envelope, long footprint, long index) {
    return receive(
        state, envelope.envelope().receive(), known.of(envelope.checkpoint()), footprint, index);
  }

  private Result receive(
      WorkingState state,
      ReceiveEntry body,
      KnownCheckpoint.Authorship authorship,
      long footprint,
      long index) {
    if (!system(state).isActive(self.node())) {
      return Result.refused(
          Violation.transition("node_stopped", "a decision has suspended or revoked this node"));
    }
    ReceiveRule.Outcome checked = ReceiveRule.check(body, authorship, system(state));
    if (checked.violation().isPresent()) {
      return Result.refused(checked.violation().get());
    }
    if (FootprintRule.isTooLarge(footprint)) {
      return Result.refused(
          Violation.transition("footprint_too_large", "too much to receive at once"));
    }
    for (SendEntry send : checked.sends()) {
      // No correct node sends one, and who took it in might be unable to send the answer.
      if (!footprints.canBeSent(send.payload())) {
        return Result.refused(
            Violation.transition("message_footprint_too_large", "a message costs too much"));
      }
    }
    ChannelId channel = checked.channel();
    SystemState system = system(state);
    system.putReceived(channel, system.received(channel) + checked.sends().size());
    Call call = new Call(state, index, Powers.SEND);
    for (SendEntry send : checked.sends()) {
      call.begin();
      program.receive(channel.node(), send.payload(), call);
    }
    return Result.executed(Effects.of(call.sends));
  }

  /** Takes back what was sent to a node that the members revoked ({@link ReturnRule}). */
  private Result takeBack(WorkingState state, ReceiveEntry body, long footprint, long index) {
    if (!system(state).isActive(self.node())) {
      return Result.refused(
          Violation.transition("node_stopped", "a decision has suspended or revoked this node"));
    }
    ReturnRule.Outcome checked =
        ReturnRule.check(
            body, incarnations.at(index).record(), genesis.signatures(), system(state));
    if (checked.violation().isPresent()) {
      return Result.refused(checked.violation().get());
    }
    if (FootprintRule.isTooLarge(footprint)) {
      return Result.refused(
          Violation.transition("footprint_too_large", "too much to take back at once"));
    }
    ChannelId channel = checked.channel();
    SystemState system = system(state);
    system.acknowledge(channel, system.outgoing(channel).acked() + checked.returned().size());
    Call call = new Call(state, index, Powers.WRITE);
    for (ReturnRule.Returned returned : checked.returned()) {
      call.begin();
      program.returned(channel.node(), returned.send().payload(), returned.isTaken(), call);
    }
    return Result.executed(Effects.of(List.of()));
  }

  /**
   * Closes the SENDs an ACK entry, which has passed EntryRules, proves received, or names the rule
   * it breaks.
   */
  public Result acknowledge(WorkingState state, AckEntry body) {
    return acknowledge(state, body, known.of(body.checkpoint()));
  }

  /** The same of an ack whose signature has been verified: it is not verified again. */
  public Result acknowledge(WorkingState state, VerifiedAck ack) {
    return acknowledge(state, ack.ack().ack(), known.of(ack.checkpoint()));
  }

  private Result acknowledge(
      WorkingState state, AckEntry body, KnownCheckpoint.Authorship authorship) {
    AckRule.Outcome checked = AckRule.check(body, self, authorship, system(state));
    if (checked.violation().isPresent()) {
      return Result.refused(checked.violation().get());
    }
    system(state).acknowledge(checked.channel(), checked.received());
    return Result.executed(Effects.of(List.of()));
  }

  /**
   * Does what the members decided, or names the rule that the decision breaks. Codes: those of
   * {@link DecisionRule#check}, and of {@link CarriedOut} for what this version cannot do.
   *
   * <p>Cost: one signature for each ballot.
   */
  public Result decide(WorkingState state, DecisionEntry body) {
    GovernanceState governance = system(state).governance(genesis.networkId());
    DecisionRule.Verdict verdict = decisions.check(body.content(), governance);
    if (!(verdict instanceof DecisionRule.Taken taken)) {
      return refused(((DecisionRule.Refused) verdict).refusal());
    }
    Optional<Refusal> refusal =
        CarriedOut.refusal(taken.decision().decision().action(), governance);
    if (refusal.isPresent()) {
      return refused(refusal.get());
    }
    decisions.apply(taken.decision(), governance);
    return Result.executed(Effects.of(List.of()));
  }

  private static Result refused(Refusal refusal) {
    return Result.refused(Violation.transition(refusal.code(), refusal.message()));
  }

  /** The system's part of a state. */
  public static SystemState system(WorkingState state) {
    return new SystemState(PrefixedView.system(state));
  }

  /** The system's part of a state at rest; writing to it has no effect on {@code tree}. */
  public static SystemState system(StateTree tree) {
    return system(new WorkingState(tree));
  }

  /** The application's part of a state at rest. */
  public static StateView application(StateTree tree) {
    return PrefixedView.application(new WorkingState(tree));
  }

  /** The full key of something in the system's part. */
  public static Bytes systemKey(Bytes key) {
    return PrefixedView.fullKey(PrefixedView.SYSTEM, key);
  }

  /**
   * What executing one input brought about.
   *
   * @param status of a transaction; executed for other inputs
   * @param outcome of a transaction; empty for other inputs
   * @param sends in the order in which they are logged right after the input
   */
  public record Effects(Status status, Bytes outcome, List<SendEntry> sends) {
    public Effects {
      sends = List.copyOf(sends);
    }

    static Effects refused(Status status) {
      return new Effects(status, TransactionOutcome.refused(status).encode(), List.of());
    }

    static Effects of(List<SendEntry> sends) {
      return new Effects(Status.EXECUTED, Bytes.EMPTY, sends);
    }
  }

  /** Either the effects of an input or the rule it breaks. */
  public record Result(Optional<Effects> effects, Optional<Violation> violation) {
    static Result executed(Effects effects) {
      return new Result(Optional.of(effects), Optional.empty());
    }

    static Result refused(Violation violation) {
      return new Result(Optional.empty(), Optional.of(violation));
    }
  }

  /** What a call may do to the world; the others it is told are its mistake. */
  private enum Powers {
    READ,
    WRITE,
    SEND
  }

  /** One call into the program. */
  private final class Call implements Context {
    private final WorkingState state;
    private final long index;
    private final Powers powers;
    private final List<SendEntry> sends = new ArrayList<>();
    private StateTree before;
    private int sendsBefore;

    Call(WorkingState state, long index, Powers powers) {
      this.state = state;
      this.index = index;
      this.powers = powers;
      this.before = state.tree();
    }

    /** From here on {@link #rollback} undoes. */
    void begin() {
      before = state.tree();
      sendsBefore = sends.size();
    }

    @Override
    public String self() {
      return self.node();
    }

    @Override
    public long nowMillis() {
      return system(state).tickMillis();
    }

    @Override
    public boolean isPeer(String node) {
      return peer(node).isPresent();
    }

    private Optional<NodeRecord> peer(String node) {
      SystemState system = system(state);
      return node.equals(self.node())
          ? Optional.empty()
          : system.node(node).filter(record -> system.isActive(node));
    }

    @Override
    public StateView state() {
      StateView application = PrefixedView.application(state);
      return powers == Powers.READ ? new ReadOnlyView(application) : application;
    }

    @Override
    public void send(String to, Bytes payload) {
      if (powers != Powers.SEND) {
        throw new IllegalStateException("nothing can be sent from here");
      }
      @Nullable NodeRecord peer = peer(to).orElse(null);
      if (peer == null || payload.size() > MAX_PAYLOAD_BYTES) {
        throw new IllegalArgumentException(
            "cannot send " + payload.size() + " bytes to " + to + ": not a peer, or too long");
      }
      if (!footprints.canBeSent(payload)) {
        throw new IllegalArgumentException(
            "nobody may receive a message with so large a footprint");
      }
      ChannelId channel = ChannelId.to(peer);
      long sequence = system(state).openSend(channel, index + 1 + sends.size(), payload);
      sends.add(new SendEntry(peer.node(), peer.incarnation(), sequence, payload));
    }

    @Override
    public void rollback() {
      state.rollbackTo(before);
      while (sends.size() > sendsBefore) {
        sends.remove(sends.size() - 1);
      }
    }
  }
}
