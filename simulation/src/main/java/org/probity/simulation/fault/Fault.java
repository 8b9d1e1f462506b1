package org.probity.simulation.fault;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.probity.detector.governance.Genesis;
import org.probity.simulation.Incident;

/** What a faulty member does, by the names that incidents have. */
public enum Fault {
  // Programs that lie.

  /** Payers without funds pay all the same. */
  OVERDRAFT(Lies.aboutOverdrafts(Lie.OVERDRAFT)),

  /** A refused transaction is said, and logged, to be accepted. */
  LYING_OUTCOME(Lies.aboutOverdrafts(Lie.LYING_OUTCOME)),

  /** Whoever signs issues money. */
  MINT(Lies.aboutIssues(Lie.MINT)),

  /** What comes from other nodes is credited twice. */
  DOUBLE_CREDIT(Lies.aboutReceipts(Lie.DOUBLE_CREDIT)),

  /** What is paid to other nodes is sent twice. */
  CREDIT_SENT_TWICE(Lies.aboutPayments(Lie.CREDIT_SENT_TWICE)),

  /** What is paid to other nodes is booked as sent, and kept. */
  CREDIT_NOT_SENT(Lies.aboutPayments(Lie.CREDIT_NOT_SENT)),

  /** Of what is paid to other nodes one minor unit arrives. */
  CREDIT_ALTERED(Lies.aboutPayments(Lie.CREDIT_ALTERED)),

  // Logs written by hand.

  /** Ledger time runs backwards. */
  CLOCK_BACKWARDS(WrittenLogs::clockBackwards),

  /** An entry names another one before it than is there. */
  BROKEN_CHAIN(WrittenLogs::brokenChain),

  /** An entry is no entry. */
  JUNK_ENTRY(WrittenLogs::junkEntry),

  /** An entry is not at the index that it names. */
  WRONG_INDEX(WrittenLogs::wrongIndex),

  /** An entry is in other bytes than its value has. */
  OTHER_ENCODING(WrittenLogs::otherEncoding),

  /** A batch begins, and the STATE that ends the one before is not there. */
  WITHHELD_STATE(WrittenLogs::withheldState),

  /** A batch is longer than any may be. */
  ENDLESS_BATCH(WrittenLogs::endlessBatch),

  /** A STATE names another state than there is. */
  WRONG_STATE(WrittenLogs::wrongState),

  /** A STATE is wrong about the batch it ends. */
  WRONG_BATCH_BYTES(WrittenLogs::wrongBatchBytes),

  /** A checkpoint ends in the middle of a batch. */
  CHECKPOINT_IN_BATCH(WrittenLogs::checkpointInBatch),

  /** A transaction is logged that its customer has not signed. */
  FORGED_TRANSACTION(WrittenLogs::forgedTransaction),

  /** A transaction is executed a second time. */
  REPEATED_TRANSACTION(WrittenLogs::repeatedTransaction),

  /** A message of a peer is logged a second time. */
  REPEATED_MESSAGE(WrittenLogs::repeatedMessage),

  /** A message is logged that its sender's checkpoint does not cover. */
  FORGED_MESSAGE(WrittenLogs::forgedMessage),

  /** A message is logged under a checkpoint that its sender has not signed. */
  FORGED_SENDER(WrittenLogs::forgedSender),

  /** An acknowledgement is logged that nobody has given. */
  FORGED_ACKNOWLEDGEMENT(WrittenLogs::forgedAcknowledgement),

  /** Of two messages of a peer the second is taken in, and the first is not. */
  SKIPPED_MESSAGE(WrittenLogs::skippedMessage),

  /** A message is sent that nothing has led to. */
  SENT_WITHOUT_CAUSE(WrittenLogs::sentWithoutCause),

  /** A sequence number is used again. */
  SEQUENCE_TWICE(WrittenLogs::sequenceTwice),

  /** A stranger's transaction is logged as executed. */
  STRANGERS_TRANSACTION(WrittenLogs::strangersTransaction),

  /** A crime is shown, and then cut off. */
  TRUNCATED_CRIME(Escapes::truncatedCrime),

  // Two histories.

  /** Two histories, each shown to half of the others. */
  FORK(Forks::fork),

  /** One history for customers, another one for all nodes. */
  FORK_TO_CLIENTS(Forks::toClients),

  /** A history of its own for one other node, and then back to that of all. */
  FORK_TO_ONE(Forks::toOne),

  /** The log goes back, and on from there in another way. */
  REWRITTEN_LOG(Forks::rewrittenLog),

  /** Two settle something on a history that nobody else is to see. */
  COLLUDING_PAIR(Strategy.directing(Crew.ONE_OTHER, Forks::colludingPair)),

  // Incarnations.

  /** A crime is shown, and then its log is said to be lost. */
  LYING_RESTORE(Escapes::lyingRestore),

  /** A customer has a receipt of another history, when its log is said to be lost. */
  FORGOTTEN_RECEIPT(Escapes::forgottenReceipt),

  /** Two settle something on a hidden history, and one of them says that its log is lost. */
  ESCAPING_PAIR(Strategy.directing(Crew.ONE_OTHER, Escapes::pairsRestore)),

  /** Its next incarnation does not begin as the members have decided. */
  OTHER_GENESIS(Escapes::otherGenesis),

  /** A crime is shown, its log said to be lost, and some witnesses keep what they have of it. */
  WITHHOLDING_ACCOMPLICES(Witnesses.withholding(Crew.FEW_WITNESSES, Escapes::lyingRestore)),

  // Silence.

  /** It says nothing any more, and shows nothing. */
  SILENCE(Silences::silence),

  /** It has nothing to do with one of the others any more. */
  SELECTIVE_SILENCE(Silences::selectiveSilence),

  /** The same, and whatever anybody asks about it is not answered. */
  IGNORED_CHALLENGES(Silences::ignoredChallenges),

  /** Its witnesses do not get its log; everything else goes on. */
  WITHHELD_LOG(Silences::withheldLog),

  /**
   * The same, and whoever asks for it by a challenge gets less than was asked for, now and then.
   */
  TRICKLED_LOG(Silences::trickledLog),

  /**
   * Its witnesses do not get its log for a while, and what others have seen of it is not linked.
   */
  LATE_LOG(Silences::lateLog),

  /** It logs messages and does not transmit them. */
  UNTRANSMITTED(Silences::untransmitted),

  /** It takes messages and acknowledges them long after. */
  LATE_ACKNOWLEDGEMENT(Silences::lateAcknowledgement),

  /** A customer's transaction is dropped until a witness asks for it. */
  CENSORSHIP(Silences::censorship),

  /** A customer's transaction is dropped whoever asks for it. */
  STUBBORN_CENSORSHIP(Silences::stubbornCensorship),

  // What is said instead.

  /** Its witnesses do not get its log, and whoever challenges it gets something else. */
  FALSE_ANSWERS(Silences::falseAnswers),

  /** A customer's transaction is dropped; whoever asks for it is shown another one. */
  FALSE_INCLUSION(Silences::falseInclusion),

  /**
   * Its witnesses do not get its log; as many of them as are tolerated confirm that they have it,
   * and so does it.
   */
  FALSE_CONFIRMATIONS(Strategy.directing(Crew.FEW_WITNESSES, FalseConfirmations::withheldLog)),

  /** It takes nothing of one of the others in, and acknowledges it all the same. */
  FALSE_ACKNOWLEDGEMENTS(Silences::falseAcknowledgements),

  /** Most of its envelopes are not what its log has. */
  FALSE_ENVELOPES(FalseEnvelopes::envelopes),

  /** What others have sent it, and it has sent others, goes to whom it is not for. */
  REPLAYED_ENVELOPES(Replays::envelopes),

  /** One other node is shown a checkpoint that no log of it has. */
  UNLINKED_ENVELOPE(FalseEnvelopes::unlinked),

  // Witnesses.

  /** As a witness it vouches for whatever it has stored, and accuses nobody. */
  LAZY_WITNESS(Witnesses::lazy),

  /** As a witness it lets nobody have what it has of its wards, and confirms nothing. */
  WITHHOLDING_WITNESS(Witnesses::withholding),

  /** Whoever starts and asks it what it knows of its log is told something else. */
  FALSE_MEMORY(Witnesses::falseMemory),

  /** As a witness it loses all that it has of its wards, again and again. */
  AMNESIAC_WITNESS(Witnesses::amnesiac),

  /** It cheats, and as many witnesses as are tolerated vouch for it. */
  VOUCHING_ACCOMPLICES(
      Strategy.with(Crew.FEW_WITNESSES, Lies.aboutPayments(Lie.CREDIT_SENT_TWICE))),

  /** It forks, and as many witnesses as are tolerated look away. */
  DEAF_ACCOMPLICES(Strategy.with(Crew.FEW_WITNESSES, Forks::toOne)),

  /** It cheats, and as many witnesses as are tolerated forget about it again and again. */
  AMNESIAC_ACCOMPLICES(
      Witnesses.forgetting(Crew.FEW_WITNESSES, Lies.aboutOverdrafts(Lie.OVERDRAFT))),

  /** It cheats, and all of its witnesses help. */
  WHOLE_WITNESS_SET(Strategy.with(Crew.ALL_WITNESSES, Lies.aboutOverdrafts(Lie.OVERDRAFT))),

  // Governance.

  /** Its owner says one thing to some nodes and another to others. */
  DOUBLE_BALLOT(Votes::doubleBallot),

  /** Its owner does not vote, and what it tells others of the vote is not true. */
  FALSE_STATEMENTS(FalseStatements::tell),

  /** It logs what the members decide, and nothing comes of it. */
  EFFECTLESS_DECISION(WrittenLogs::effectlessDecision),

  /** It does what the members decide, and does not log it. */
  UNLOGGED_DECISION(WrittenLogs::unloggedDecision),

  /** It does not log what the members decide about somebody else. */
  IGNORED_DECISION(Strategy.directing(Crew.ONE_OTHER, Votes::ignoredDecision)),

  /** Members stop it, on no more than a suspicion; it goes on as if it had not heard of that. */
  IGNORED_SUSPENSION(Votes::ignoredSuspension),

  /** It signs another history by accident, once; members stop it, and forgive it. */
  FORGIVEN_FORK(Votes::accident),

  /** It logs a decision that nobody but itself has taken, and demands that of the others, too. */
  INVENTED_DECISION(WrittenLogs::inventedDecision),

  // Harm to others.

  /** Everybody gets much more of everything than anybody needs. */
  FLOOD(Floods::flood),

  /** More true challenges than anybody may put. */
  CHALLENGE_FLOOD(Floods::challenges),

  /** True artefacts of others with something changed in them. */
  FRAMING_BY_MUTATION(Framings::mutation),

  /** True parts of others put together as a proof against them. */
  FRAMING_BY_SPLICING(Framings::splicing),

  /** True artefacts under another name, number, network or key. */
  FRAMING_BY_RELABELLING(Framings::relabelling),

  /** True artefacts in other bytes. */
  FRAMING_BY_REENCODING(Framings::reencoding),

  /** Others are asked for what they cannot answer. */
  FALSE_CHALLENGES(Framings::falseChallenges),

  /** A customer signs two transactions under one id; its node is innocent. */
  CONTRADICTING_CUSTOMER(
      new Strategy() {
        @Override
        public boolean isOfCustomer() {
          return true;
        }

        @Override
        public void strike(Stage stage) {
          Silences.contradictingCustomer(stage);
        }
      });

  private static final Set<Fault> NEEDING_VOTES =
      EnumSet.of(
          DOUBLE_BALLOT,
          FALSE_STATEMENTS,
          EFFECTLESS_DECISION,
          UNLOGGED_DECISION,
          IGNORED_DECISION,
          IGNORED_SUSPENSION,
          FORGIVEN_FORK,
          LYING_RESTORE,
          FORGOTTEN_RECEIPT,
          ESCAPING_PAIR,
          OTHER_GENESIS,
          WITHHOLDING_ACCOMPLICES);

  /**
   * Those that may keep from others what else the node has done: it shows its log to nobody, or not
   * to one that may be its only witness, or answers no challenges about it, or shows another log,
   * or what stood in it is gone, or nobody reads it, since it is stopped.
   */
  private static final Set<Fault> HIDING = hiding();

  private static Set<Fault> hiding() {
    Set<Fault> all =
        EnumSet.of(
            SILENCE,
            SELECTIVE_SILENCE,
            IGNORED_CHALLENGES,
            WITHHELD_LOG,
            TRICKLED_LOG,
            LATE_LOG,
            STUBBORN_CENSORSHIP,
            FALSE_ANSWERS,
            FALSE_INCLUSION,
            FALSE_CONFIRMATIONS,
            IGNORED_DECISION,
            IGNORED_SUSPENSION,
            EFFECTLESS_DECISION,
            UNLOGGED_DECISION);
    all.addAll(EnumSet.range(CLOCK_BACKWARDS, WITHHOLDING_ACCOMPLICES));
    all.add(INVENTED_DECISION);
    return all;
  }

  /**
   * Those that write what breaks a rule into a log, or sign two: half done, they may be proven all
   * the same.
   */
  private static final Set<Fault> BREAKING_LOGS = breakingLogs();

  private static Set<Fault> breakingLogs() {
    Set<Fault> all = EnumSet.range(OVERDRAFT, WITHHOLDING_ACCOMPLICES);
    all.addAll(EnumSet.range(VOUCHING_ACCOMPLICES, WHOLE_WITNESS_SET));
    all.addAll(
        EnumSet.of(
            UNLINKED_ENVELOPE,
            EFFECTLESS_DECISION,
            UNLOGGED_DECISION,
            FORGIVEN_FORK,
            INVENTED_DECISION));
    return all;
  }

  // Strategies have no state: what they do is in the stage and the culprits.
  @SuppressWarnings("ImmutableEnumChecker")
  private final Strategy strategy;

  Fault(Strategy strategy) {
    this.strategy = strategy;
  }

  /** As incidents are called. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  public static Optional<Fault> of(String label) {
    return Arrays.stream(values()).filter(fault -> fault.label().equals(label)).findFirst();
  }

  /** Before the culprit starts for the first time. */
  public void enlist(Culprit culprit) {
    strategy.enlist(culprit);
  }

  /** Whether it is about what members vote on. */
  public boolean needsVotes() {
    return NEEDING_VOTES.contains(this);
  }

  /** Whether other faults of the same node may go unseen because of it. */
  public boolean hides() {
    return HIDING.contains(this);
  }

  /** Whether there is something in its log, or in two, to be proven, as far as it has come. */
  public boolean breaksLogs() {
    return BREAKING_LOGS.contains(this);
  }

  /** Whether the culprit signs AUDITs of what it has not looked at. */
  public boolean isVouching() {
    return this == LAZY_WITNESS || this == FLOOD;
  }

  /** Whether those who help vouch for what the culprit does. */
  public boolean isVouchedFor() {
    return !strategy.directs();
  }

  /** Whether nobody but a customer does anything wrong. */
  public boolean isOfCustomer() {
    return strategy.isOfCustomer();
  }

  /**
   * The incident with all who have a part in it. Whoever is named beside the culprit is an
   * accomplice and has no others; accomplices whom the fault gives no other part look away from
   * what the culprit does, and vouch for it.
   *
   * @param faulty who is faulty because of other incidents
   * @param struck whose machine loses what it has, and who is nobody's accomplice for that
   */
  public Incident cast(Incident incident, Genesis genesis, Set<String> faulty, Set<String> struck) {
    List<String> all = new ArrayList<>(incident.nodes());
    if (all.size() == 1) {
      all.addAll(strategy.accomplices(new Casting(genesis, incident, faulty, struck)));
    }
    return new Incident(
        incident.kind(), incident.atMillis(), incident.forMillis(), all, incident.chance());
  }

  /** Arranges for an incident, {@code offsetMicros} from now. */
  public void arrange(Stage stage, long offsetMicros) {
    stage
        .world()
        .timeline()
        .after(
            offsetMicros,
            "fault " + label(),
            () -> {
              stage.world().trace().tell(stage.name(), "turns to " + label());
              stage.watch().struck(stage.incident());
              if (!strategy.directs()) {
                Witnesses.help(stage);
              }
              strategy.strike(stage);
            });
  }
}
