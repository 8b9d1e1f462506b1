package org.probity.simulation.fault;

import java.util.List;
import java.util.Optional;
import org.probity.detector.challenge.Challenge;
import org.probity.detector.codec.Bytes;
import org.probity.detector.commitment.Machine;
import org.probity.detector.crypto.Hash;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.Ballot;
import org.probity.detector.governance.Citations;
import org.probity.detector.governance.Decision;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.Proposal;
import org.probity.detector.governance.SignedBallot;
import org.probity.detector.governance.Stance;
import org.probity.detector.log.DecisionEntry;
import org.probity.detector.log.Entry;
import org.probity.detector.log.ReceiveEntry;
import org.probity.detector.log.SendEntry;
import org.probity.detector.log.TickEntry;
import org.probity.detector.log.TransactionEntry;
import org.probity.detector.program.TransactionOutcome;
import org.probity.simulation.node.SimulatedNode;
import org.probity.simulation.world.Request;

/** Logs that a culprit goes on with by hand: entries that no correct node would have written. */
final class WrittenLogs {
  private static final long SHOWN_MILLIS = 4_000;

  private WrittenLogs() {}

  /** Writes the log on by hand. */
  private interface Continuation {
    HandWrittenLog write(HandWrittenLog log);
  }

  static void clockBackwards(Stage stage) {
    written(stage, log -> log.add(new TickEntry(log.tickMillis() - 1)).state().sign());
  }

  static void brokenChain(Stage stage) {
    Hash other = Hash.sha256(Bytes.utf8("other").unsafeArray());
    written(
        stage,
        log -> {
          TickEntry tick = new TickEntry(log.tickMillis() + 1);
          return log.moves(tick).raw(Entry.of(log.next(), other, tick).bytes()).state().sign();
        });
  }

  static void junkEntry(Stage stage) {
    written(stage, log -> log.raw(Bytes.utf8("no entry at all")).state().sign());
  }

  static void wrongState(Stage stage) {
    written(
        stage, log -> log.state(Hash.sha256(Bytes.utf8("another state").unsafeArray()), 0).sign());
  }

  static void wrongBatchBytes(Stage stage) {
    written(stage, log -> log.state(log.lastState(), 1).sign());
  }

  static void checkpointInBatch(Stage stage) {
    written(stage, log -> log.add(new TickEntry(log.tickMillis() + 1)).sign());
  }

  static void forgedTransaction(Stage stage) {
    Optional<Entry> true_ =
        HandWrittenLog.of(stage.node(), TransactionEntry.class).stream().findFirst();
    if (true_.isEmpty()) {
      return;
    }
    TransactionEntry model = (TransactionEntry) true_.get().body();
    byte[] forged = model.statement().toArray();
    forged[forged.length - 1] ^= 1;
    written(
        stage,
        log -> log.add(new TransactionEntry(Bytes.wrap(forged), model.outcome())).state().sign());
  }

  static void repeatedTransaction(Stage stage) {
    Optional<Entry> first =
        HandWrittenLog.of(stage.node(), TransactionEntry.class).stream().findFirst();
    if (first.isPresent()) {
      written(stage, log -> log.add(first.get().body()).state().sign());
    }
  }

  static void repeatedMessage(Stage stage) {
    Optional<Entry> first =
        HandWrittenLog.of(stage.node(), ReceiveEntry.class).stream().findFirst();
    if (first.isPresent()) {
      written(stage, log -> log.add(first.get().body()).state().sign());
    }
  }

  static void sentWithoutCause(Stage stage) {
    Optional<Entry> model = HandWrittenLog.of(stage.node(), SendEntry.class).stream().findFirst();
    if (model.isEmpty()) {
      return;
    }
    SendEntry send = (SendEntry) model.get().body();
    written(
        stage,
        log ->
            log.add(new TickEntry(log.tickMillis() + 1))
                .add(
                    new SendEntry(
                        send.toNode(),
                        send.toIncarnation(),
                        send.sequence() + stage.chance().between(1, 5),
                        send.payload()))
                .state()
                .sign());
  }

  static void sequenceTwice(Stage stage) {
    Optional<Entry> sent = HandWrittenLog.of(stage.node(), SendEntry.class).stream().findFirst();
    Optional<Entry> cause =
        HandWrittenLog.of(stage.node(), TransactionEntry.class).stream().findFirst();
    if (sent.isPresent() && cause.isPresent()) {
      written(stage, log -> log.add(cause.get().body()).add(sent.get().body()).state().sign());
    }
  }

  static void strangersTransaction(Stage stage) {
    Bytes statement = stage.customers().strangersPayment(stage.name());
    written(
        stage,
        log ->
            log.add(
                    new TransactionEntry(
                        statement, TransactionOutcome.executed(Bytes.utf8("paid")).encode()))
                .state()
                .sign());
  }

  static void inventedDecision(Stage stage) {
    SimulatedNode node = stage.node();
    if (!isRunning(node)) {
      return;
    }
    Hash networkId = node.machine().genesis().networkId();
    String member = node.machine().self().member();
    Action action = new Action.ReassignWitnesses();
    long epoch = node.loggedEpoch();
    Hash previous =
        Machine.system(node.core().published().orElseThrow().state())
            .governance(networkId)
            .lastDecision();
    Ballot ballot =
        new Ballot(
            epoch,
            previous,
            0,
            member,
            Stance.of(new Proposal(epoch, action).id(networkId)),
            "",
            Citations.NONE);
    Bytes alone =
        SignedBallot.sign(networkId, ballot, stage.world().founding().memberKey(member)).encoded();
    Decision decision = new Decision(epoch, previous, 0, action, List.of(alone));
    written(stage, log -> log.add(new DecisionEntry(decision.encode())).state().sign());
    stage.others().forEach(other -> demand(stage, other, decision));
  }

  /** Everybody else is to log it, too. */
  private static void demand(Stage stage, String other, Decision decision) {
    Genesis genesis = stage.node().machine().genesis();
    stage
        .node()
        .chain()
        .keys()
        .present(other)
        .map(
            target ->
                new Challenge(
                        Challenge.Target.of(target),
                        stage.name(),
                        new Challenge.Decided(decision.encode()))
                    .sign(genesis.networkId(), stage.node().logKey())
                    .encoded())
        .ifPresent(
            challenge ->
                stage
                    .world()
                    .network()
                    .ask(stage.name(), other, new Request.Challenged(challenge), reply -> {}));
  }

  /**
   * The crime is shown to whoever looks, and then it is cut off: the log goes on from before it as
   * if nothing had been.
   */
  static void truncatedCrime(Stage stage) {
    SimulatedNode node = stage.node();
    if (!isRunning(node)) {
      return;
    }
    HandWrittenLog crime = new HandWrittenLog(node).add(new TickEntry(1)).state().sign();
    node.retireCore();
    stage.watch().history(stage.name(), crime.log());
    stage.culprit().puts(crime);
    stage.later(
        SHOWN_MILLIS,
        () -> {
          boolean isHeld =
              stage.correctWitnesses().stream()
                  .anyMatch(
                      witness -> stage.holding(witness).equals(Optional.of(crime.checkpoint())));
          stage.culprit().takesOff(crime);
          node.crash();
          if (node.start() && isHeld) {
            stage.cameOff(Expectation.EXPOSED);
          }
        });
  }

  private static boolean isRunning(SimulatedNode node) {
    return node.isUp() && node.core().published().isPresent();
  }

  private static void written(Stage stage, Continuation continuation) {
    SimulatedNode node = stage.node();
    if (!isRunning(node)) {
      return;
    }
    HandWrittenLog log = continuation.write(new HandWrittenLog(node));
    node.retireCore();
    stage.watch().history(stage.name(), log.log());
    stage.culprit().puts(log);
    stage.stands(log.log(), log.log().size());
    stage.done(Expectation.EXPOSED);
  }
}
