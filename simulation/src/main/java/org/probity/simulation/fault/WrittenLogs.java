package org.probity.simulation.fault;

import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import org.probity.detector.challenge.Challenge;
import org.probity.detector.codec.Bytes;
import org.probity.detector.commitment.ChannelId;
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
import org.probity.detector.log.AckEntry;
import org.probity.detector.log.CheckpointSigner;
import org.probity.detector.log.DecisionEntry;
import org.probity.detector.log.Entry;
import org.probity.detector.log.Frontier;
import org.probity.detector.log.Multiproof;
import org.probity.detector.log.Origin;
import org.probity.detector.log.ReceiveEntry;
import org.probity.detector.log.Rfc6962;
import org.probity.detector.log.SendEntry;
import org.probity.detector.log.SigningMark;
import org.probity.detector.log.TickEntry;
import org.probity.detector.log.TransactionEntry;
import org.probity.detector.log.TreeHead;
import org.probity.detector.program.TransactionOutcome;
import org.probity.simulation.node.Behaviour;
import org.probity.simulation.node.SimulatedNode;
import org.probity.simulation.node.StoredEntries;
import org.probity.simulation.world.Reply;
import org.probity.simulation.world.Request;

/** Logs that a culprit goes on with by hand: entries that no correct node would have written. */
final class WrittenLogs {
  private static final long LOOK_MILLIS = 2_000;

  /** So often it is looked whether there is by now what is needed. */
  private static final int LOOKS = 25;

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

  static void wrongIndex(Stage stage) {
    written(
        stage,
        log -> {
          TickEntry tick = new TickEntry(log.tickMillis() + 1);
          return log.moves(tick)
              .raw(Entry.of(log.next() + 1, log.prev(), tick).bytes())
              .state()
              .sign();
        });
  }

  /** The length of the array takes a byte more than it needs. */
  static void otherEncoding(Stage stage) {
    written(
        stage,
        log -> {
          TickEntry tick = new TickEntry(log.tickMillis() + 1);
          return log.moves(tick)
              .raw(Reencoding.longer(Entry.of(log.next(), log.prev(), tick).bytes()))
              .state()
              .sign();
        });
  }

  /** The next batch begins, and the STATE that ends the one before is not there. */
  static void withheldState(Stage stage) {
    written(
        stage,
        log ->
            log.add(new TickEntry(log.tickMillis() + 1))
                .add(new TickEntry(log.tickMillis() + 2))
                .state()
                .sign());
  }

  /** It goes on beyond what a proof about it could hold; each entry could be there. */
  static void endlessBatch(Stage stage) {
    Optional<Entry> first =
        HandWrittenLog.of(stage.node(), TransactionEntry.class).stream().findFirst();
    if (first.isEmpty()) {
      return;
    }
    TransactionEntry again =
        new TransactionEntry(
            ((TransactionEntry) first.get().body()).statement(),
            TransactionOutcome.refused(TransactionOutcome.Status.ALREADY_RECORDED).encode());
    long most = stage.world().founding().genesis().parameters().maxBatchBytes();
    written(
        stage,
        log -> {
          while (log.batchBytes() <= most) {
            log.add(again);
          }
          return log.state().sign();
        });
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

  /** A message that its sender's checkpoint does not cover. */
  static void forgedMessage(Stage stage) {
    Optional<ReceiveEntry> model = lastReceived(stage);
    model.ifPresent(
        receive ->
            written(
                stage,
                log ->
                    log.add(
                            new ReceiveEntry(
                                receive.checkpoint(),
                                FalseEnvelopes.altered(
                                    receive.sends().stream().map(HandWrittenLog::decoded).toList()),
                                receive.multiproof()))
                        .state()
                        .sign()));
  }

  /**
   * The next message of a peer, which that has not sent: under a checkpoint over its log and that
   * message, as if it had signed it.
   */
  static void forgedSender(Stage stage) {
    SimulatedNode node = stage.node();
    Optional<ReceiveEntry> model = lastReceived(stage);
    if (!isRunning(node) || model.isEmpty()) {
      return;
    }
    Entry last = HandWrittenLog.decoded(model.get().sends().get(model.get().sends().size() - 1));
    SendEntry send = (SendEntry) last.body();
    Origin sender = Forks.parsed(model.get().checkpoint()).origin();
    StoredEntries log = stage.world().host(sender.node()).process().disk().log().copy();
    if (log.size() == 0) {
      // Its disk is lost.
      return;
    }
    long index = log.size();
    Bytes forged =
        Entry.of(
                index,
                Rfc6962.leaf(log.entry(index - 1)),
                new SendEntry(
                    send.toNode(), send.toIncarnation(), send.sequence() + 1, send.payload()))
            .bytes();
    log.append(List.of(forged));
    TreeHead head = new TreeHead(log.size(), Frontier.read(log, log.size()).root());
    Bytes checkpoint =
        ((CheckpointSigner.Signed)
                CheckpointSigner.guarding(node.logKey(), sender, SigningMark.NOTHING_SIGNED)
                    .sign(head))
            .checkpoint()
            .bytes();
    written(
        stage,
        own ->
            own.add(
                    new ReceiveEntry(
                        checkpoint,
                        List.of(forged),
                        Multiproof.build(log, log.size(), List.of(index))))
                .state()
                .sign());
  }

  private static Optional<ReceiveEntry> lastReceived(Stage stage) {
    return HandWrittenLog.of(stage.node(), ReceiveEntry.class).stream()
        .findFirst()
        .map(entry -> (ReceiveEntry) entry.body());
  }

  /** An acknowledgement that a peer has not given: in a state in which it has received nothing. */
  static void forgedAcknowledgement(Stage stage) {
    List<Entry> acks = HandWrittenLog.of(stage.node(), AckEntry.class);
    if (acks.isEmpty()) {
      return;
    }
    AckEntry model = (AckEntry) acks.get(0).body();
    byte[] proof = model.stateProof().toArray();
    proof[proof.length - 1] ^= 1;
    written(
        stage,
        log ->
            log.add(
                    new AckEntry(
                        model.checkpoint(),
                        model.stateEntry(),
                        model.inclusion(),
                        Bytes.wrap(proof)))
                .state()
                .sign());
  }

  /** Of two messages that wait the second is taken in, and the first is not. */
  static void skippedMessage(Stage stage) {
    List<String> correct = stage.lastingOthers();
    if (correct.isEmpty()) {
      return;
    }
    String peer = stage.chance().oneOf(correct);
    Behaviour mask =
        new Behaviour() {
          @Override
          public Optional<Reply> serve(SimulatedNode node, String from, Request request) {
            boolean isHeldUp =
                (request instanceof Request.Envelope && from.equals(peer))
                    || request instanceof Request.Challenged;
            return isHeldUp ? Optional.of(SILENT) : Optional.empty();
          }
        };
    stage.culprit().puts(mask);
    stage.customers().remit(peer, stage.name());
    stage.customers().remit(peer, stage.name());
    lookForTwo(stage, peer, mask, LOOKS);
  }

  private static void lookForTwo(Stage stage, String peer, Behaviour mask, int looksLeft) {
    stage.later(
        LOOK_MILLIS,
        () -> {
          Optional<ReceiveEntry> second = isRunning(stage.node()) ? second(stage, peer) : none();
          if (second.isPresent()) {
            stage.culprit().takesOff(mask);
            written(stage, log -> log.add(second.get()).state().sign());
          } else if (looksLeft > 1) {
            lookForTwo(stage, peer, mask, looksLeft - 1);
          }
        });
  }

  private static Optional<ReceiveEntry> none() {
    return Optional.empty();
  }

  /** What is to be taken in after the next message, as the peer's log has it. */
  private static Optional<ReceiveEntry> second(Stage stage, String peer) {
    SimulatedNode sender = stage.world().host(peer).process();
    StoredEntries log = sender.disk().log();
    long next =
        Machine.system(stage.node().core().published().orElseThrow().state())
            .received(ChannelId.to(sender.machine().self()));
    return HandWrittenLog.of(sender, SendEntry.class).stream()
        .filter(
            entry ->
                ((SendEntry) entry.body()).toNode().equals(stage.name())
                    && ((SendEntry) entry.body()).sequence() == next + 1)
        .findFirst()
        .flatMap(
            entry ->
                log.newest()
                    .filter(end -> end.size() > entry.index())
                    .map(
                        end ->
                            new ReceiveEntry(
                                end.bytes(),
                                List.of(entry.bytes()),
                                Multiproof.build(log, end.size(), List.of(entry.index())))));
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

  /** What the members have decided is logged, and nothing comes of it. */
  static void effectlessDecision(Stage stage) {
    decided(stage, (log, decision) -> log.add(decision).state().sign());
  }

  /** What the members have decided is carried out, and is not in the log. */
  static void unloggedDecision(Stage stage) {
    decided(
        stage,
        (log, decision) ->
            log.add(new TickEntry(log.tickMillis() + 1)).carriesOut(decision).state().sign());
  }

  /** Has the members decide something, which its core does not hear of. */
  private static void decided(
      Stage stage, BiFunction<HandWrittenLog, DecisionEntry, HandWrittenLog> continuation) {
    Behaviour mask =
        new Behaviour() {
          @Override
          public boolean decides() {
            return false;
          }

          @Override
          public Optional<Reply> serve(SimulatedNode node, String from, Request request) {
            return request instanceof Request.Challenged ? Optional.of(SILENT) : Optional.empty();
          }
        };
    stage.culprit().puts(mask);
    stage.world().agenda().put(new Action.ReassignWitnesses());
    lookForDecision(stage, continuation, mask, LOOKS);
  }

  private static void lookForDecision(
      Stage stage,
      BiFunction<HandWrittenLog, DecisionEntry, HandWrittenLog> continuation,
      Behaviour mask,
      int looksLeft) {
    stage.later(
        LOOK_MILLIS,
        () -> {
          SimulatedNode node = stage.node();
          boolean isDecided =
              isRunning(node) && node.chain().decisions().size() > node.loggedEpoch();
          if (isDecided) {
            DecisionEntry decision =
                new DecisionEntry(node.chain().decisions().get((int) node.loggedEpoch()).encoded());
            stage.culprit().takesOff(mask);
            written(stage, log -> continuation.apply(log, decision));
          } else if (looksLeft > 1) {
            lookForDecision(stage, continuation, mask, looksLeft - 1);
          }
        });
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
