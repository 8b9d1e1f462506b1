package org.probity.simulation.fault;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.probity.detector.challenge.Claim;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.log.Entry;
import org.probity.detector.log.ReceiveEntry;
import org.probity.detector.log.SendEntry;
import org.probity.detector.log.TickEntry;
import org.probity.detector.log.TransactionEntry;
import org.probity.detector.node.Published;
import org.probity.detector.program.TransactionOutcome;
import org.probity.detector.trust.Verdict;
import org.probity.simulation.node.Behaviour;
import org.probity.simulation.node.SimulatedNode;
import org.probity.simulation.world.Reply;
import org.probity.simulation.world.Request;

/** What is not said, not sent or not taken in. */
final class Silences {
  /** Longer than anybody is waited for. */
  private static final long LATE_MILLIS = 25_000;

  private static final long LOOK_MILLIS = 2_000;

  /** So often it is looked whether something is owed by now. */
  private static final int LOOKS = 40;

  private Silences() {}

  static void silence(Stage stage) {
    stage
        .culprit()
        .puts(
            new Behaviour() {
              @Override
              public Optional<Reply> serve(SimulatedNode node, String from, Request request) {
                return Optional.of(SILENT);
              }

              @Override
              public boolean sends(SimulatedNode node, String to, Request request) {
                return false;
              }
            });
    owed(stage, stage.lastingOthers());
  }

  static void selectiveSilence(Stage stage) {
    List<String> correct = stage.correctOthers();
    if (correct.isEmpty()) {
      return;
    }
    String ignored = stage.chance().oneOf(correct);
    stage.culprit().puts(ignoring(ignored, false));
    stage.customers().remit(ignored, stage.name());
    stage.done(Expectation.UNPROVABLE);
    stage.due(
        "what " + ignored + " has sent is taken in, or is asked for by everybody",
        running ->
            running.stream()
                .filter(sender -> sender.name().equals(ignored))
                .allMatch(
                    sender ->
                        isStoppedOrSuspected(sender, stage.name())
                            || sends(sender, stage.name()).size()
                                == received(stage.node(), sender).size()));
  }

  static void ignoredChallenges(Stage stage) {
    List<String> correct = stage.lastingOthers();
    if (correct.isEmpty()) {
      return;
    }
    String ignored = stage.chance().oneOf(correct);
    stage.culprit().puts(ignoring(ignored, true));
    owed(stage, List.of(ignored));
  }

  private static Behaviour ignoring(String ignored, boolean isAlsoChallenges) {
    return new Behaviour() {
      @Override
      public Optional<Reply> serve(SimulatedNode node, String from, Request request) {
        return from.equals(ignored) || (isAlsoChallenges && request instanceof Request.Challenged)
            ? Optional.of(SILENT)
            : Optional.empty();
      }

      @Override
      public boolean sends(SimulatedNode node, String to, Request request) {
        return !to.equals(ignored);
      }
    };
  }

  /** It counts as done when one of these has logged a message for it that it does not get. */
  private static void owed(Stage stage, List<String> senders) {
    if (senders.isEmpty()) {
      return;
    }
    String sender = stage.chance().oneOf(senders);
    long before = stage.world().host(sender).process().disk().log().size();
    stage.customers().remit(sender, stage.name());
    look(stage, sender, before, LOOKS);
  }

  private static void look(Stage stage, String sender, long before, int looksLeft) {
    stage.later(
        LOOK_MILLIS,
        () -> {
          SimulatedNode process = stage.world().host(sender).process();
          Optional<Entry> owed =
              sends(process, stage.name()).stream()
                  .filter(send -> send.index() >= before)
                  .findFirst();
          if (owed.isPresent()) {
            stage.reads(process.machine().origin(), process.disk().log(), owed.get().index() + 1);
            stage.cameOffTowards(sender, Expectation.SUSPECTED);
          } else if (looksLeft > 1) {
            look(stage, sender, before, looksLeft - 1);
          }
        });
  }

  static void withheldLog(Stage stage) {
    withheldLog(
        stage,
        new Behaviour() {
          @Override
          public Optional<Reply> serve(SimulatedNode node, String from, Request request) {
            return request instanceof Request.Challenged ? Optional.of(SILENT) : Optional.empty();
          }
        });
  }

  static void trickledLog(Stage stage) {
    withheldLog(stage, new Trickle(stage));
  }

  /** Whoever owes nothing any more is trusted again (protocol.md §8.2). */
  static void lateLog(Stage stage) {
    Behaviour withholding =
        new Behaviour() {
          @Override
          public Optional<Reply> serve(SimulatedNode node, String from, Request request) {
            return request instanceof Request.Follow || request instanceof Request.Challenged
                ? Optional.of(SILENT)
                : Optional.empty();
          }
        };
    stage.culprit().puts(withholding);
    stage.customers().remit(stage.name(), stage.victim());
    stage.later(
        LATE_MILLIS,
        () -> {
          stage.culprit().takesOff(withholding);
          boolean isSuspected =
              stage.correctOthers().stream()
                  .anyMatch(by -> stage.watch().suspectedSince(by, stage.name()).isPresent());
          if (isSuspected) {
            stage.cameOff(Expectation.NOTHING);
          }
        });
    stage.due(
        "it is trusted again, having shown what it had not",
        running ->
            stage.doesMore()
                || running.stream().allMatch(by -> by.verdict(stage.name()) == Verdict.TRUSTED));
  }

  static void falseAnswers(Stage stage) {
    withheldLog(stage, new FalseAnswers(stage));
  }

  /**
   * Witnesses do not get the log.
   *
   * @param toChallenges what is said to those who ask for it by a challenge
   */
  static void withheldLog(Stage stage, Behaviour toChallenges) {
    stage
        .culprit()
        .puts(
            new Behaviour() {
              @Override
              public Optional<Reply> serve(SimulatedNode node, String from, Request request) {
                return request instanceof Request.Follow ? Optional.of(SILENT) : Optional.empty();
              }
            });
    stage.culprit().puts(toChallenges);
    stage.customers().remit(stage.name(), stage.victim());
    stage.later(LOOK_MILLIS, () -> stage.cameOff(Expectation.SUSPECTED));
  }

  static void falseAcknowledgements(Stage stage) {
    List<String> correct = stage.lastingOthers();
    Optional<Published> before =
        stage.node().isUp() ? stage.node().core().published() : Optional.empty();
    if (correct.isEmpty() || before.isEmpty()) {
      return;
    }
    String ignored = stage.chance().oneOf(correct);
    stage.culprit().puts(new FalseAcknowledgements(stage, ignored, before.get()));
    owed(stage, List.of(ignored));
  }

  static void untransmitted(Stage stage) {
    stage
        .culprit()
        .puts(
            new Behaviour() {
              @Override
              public boolean sends(SimulatedNode node, String to, Request request) {
                return !(request instanceof Request.Envelope);
              }
            });
    stage.done(Expectation.UNPROVABLE);
    if (stage.correctWitnesses().isEmpty()) {
      return;
    }
    for (String peer : stage.correctOthers()) {
      stage.due(
          "what it has logged for " + peer + " is delivered, or it is not trusted",
          running ->
              running.stream()
                  .filter(receiver -> receiver.name().equals(peer))
                  .allMatch(
                      receiver ->
                          !stage.isWitnessedBy(running)
                              || isStoppedOrSuspected(receiver, stage.name())
                              || sends(stage.node(), peer).size()
                                  == received(receiver, stage.node()).size()));
    }
  }

  static void lateAcknowledgement(Stage stage) {
    stage
        .culprit()
        .puts(
            new Behaviour() {
              @Override
              public Reply answers(SimulatedNode node, String to, Request request, Reply honest) {
                return request instanceof Request.Envelope && stage.chance().happens(0.8)
                    ? SILENT
                    : honest;
              }
            });
    stage.done(Expectation.UNPROVABLE);
  }

  static void censorship(Stage stage) {
    Bytes dropped = stage.customers().remittance(stage.name(), stage.victim());
    stage.culprit().puts(dropping(dropped, false));
    stage.customers().send(stage.name(), dropped);
    stage.done(Expectation.UNPROVABLE);
    recordedOrSuspected(stage, dropped);
  }

  private static void recordedOrSuspected(Stage stage, Bytes dropped) {
    long deadlineMillis = stage.customers().deadlineMillis();
    if (!stage.correctWitnesses().isEmpty()) {
      stage.due(
          "the transaction is recorded, or it is suspected",
          running ->
              !stage.isWitnessedBy(running)
                  || times(stage.node(), dropped) > 0
                  || isPast(stage.node(), deadlineMillis)
                  || running.stream().allMatch(node -> isStoppedOrSuspected(node, stage.name())));
    }
  }

  /**
   * Nobody hands anything over to a node that a decision has stopped, takes anything from it, or
   * asks it for that.
   */
  static boolean isStoppedOrSuspected(SimulatedNode by, String node) {
    return by.isStopped(node) || by.verdict(node) != Verdict.TRUSTED;
  }

  /**
   * SPEC protocol.md §7.1: whoever asks for it then is answered that its deadline has passed. The
   * clock of its machine may have been wrong by a day.
   */
  private static boolean isPast(SimulatedNode node, long deadlineMillis) {
    return HandWrittenLog.of(node, TickEntry.class).stream()
        .anyMatch(entry -> ((TickEntry) entry.body()).millis() > deadlineMillis);
  }

  static void stubbornCensorship(Stage stage) {
    Bytes dropped = stage.customers().remittance(stage.name(), stage.victim());
    stage.culprit().puts(dropping(dropped, true));
    stage.customers().send(stage.name(), dropped);
    // Whoever forgets to ask for it has no challenge open.
    recordedOrSuspected(stage, dropped);
    lookForChallenge(stage, dropped, LOOKS);
  }

  /** A challenge about it is answered with another transaction. */
  static void falseInclusion(Stage stage) {
    Bytes dropped = stage.customers().remittance(stage.name(), stage.victim());
    stage.culprit().puts(dropping(dropped, false));
    stage.culprit().puts(new FalseAnswers(stage));
    stage.customers().send(stage.name(), dropped);
    // Who takes the answer for one has no challenge open any more.
    recordedOrSuspected(stage, dropped);
    lookForChallenge(stage, dropped, LOOKS);
  }

  private static Behaviour dropping(Bytes statement, boolean isAlsoChallenges) {
    return new Behaviour() {
      @Override
      public Optional<Reply> serve(SimulatedNode node, String from, Request request) {
        boolean isDropped =
            request instanceof Request.Submit submit
                ? submit.body().equals(statement)
                : isAlsoChallenges && request instanceof Request.Challenged;
        return isDropped ? Optional.of(SILENT) : Optional.empty();
      }
    };
  }

  private static void lookForChallenge(Stage stage, Bytes statement, int looksLeft) {
    stage.later(
        LOOK_MILLIS,
        () -> {
          boolean isChallenged =
              stage.correctWitnesses().stream()
                  .map(witness -> stage.world().host(witness).process())
                  .filter(SimulatedNode::isUp)
                  .flatMap(witness -> witness.core().challenges().stream())
                  .anyMatch(
                      open ->
                          open.challenge().claim() instanceof Claim.Client claim
                              && claim.transaction().statement().encoded().equals(statement));
          if (isChallenged) {
            stage.cameOff(Expectation.SUSPECTED);
          } else if (looksLeft > 1) {
            lookForChallenge(stage, statement, looksLeft - 1);
          }
        });
  }

  static void contradictingCustomer(Stage stage) {
    String payee = stage.victim();
    List<Bytes> both = stage.customers().contradict(stage.name(), payee);
    // Its node is innocent, and has its own story.
    stage.done(Expectation.NOTHING);
    stage.due(
        "of two transactions under one id at most one is executed",
        running -> stage.watch().isFaulty(stage.name()) || executed(stage.node(), both) <= 1);
  }

  private static long executed(SimulatedNode node, List<Bytes> statements) {
    return HandWrittenLog.of(node, TransactionEntry.class).stream()
        .map(entry -> (TransactionEntry) entry.body())
        .filter(entry -> statements.contains(entry.statement()))
        .filter(entry -> isExecuted(entry.outcome()))
        .count();
  }

  private static boolean isExecuted(Bytes outcome) {
    try {
      return TransactionOutcome.decode(outcome).status() == TransactionOutcome.Status.EXECUTED;
    } catch (DecodeException e) {
      throw new IllegalStateException("a logged outcome is malformed", e);
    }
  }

  private static long times(SimulatedNode node, Bytes statement) {
    return HandWrittenLog.of(node, TransactionEntry.class).stream()
        .filter(entry -> ((TransactionEntry) entry.body()).statement().equals(statement))
        .count();
  }

  private static List<Entry> sends(SimulatedNode from, String to) {
    return HandWrittenLog.of(from, SendEntry.class).stream()
        .filter(entry -> ((SendEntry) entry.body()).toNode().equals(to))
        .toList();
  }

  /** Of what one has sent, what the other has logged. */
  private static List<Bytes> received(SimulatedNode by, SimulatedNode from) {
    List<Bytes> sent = sends(from, by.name()).stream().map(Entry::bytes).toList();
    List<Bytes> received = new ArrayList<>();
    for (Entry entry : HandWrittenLog.of(by, ReceiveEntry.class)) {
      for (Bytes send : ((ReceiveEntry) entry.body()).sends()) {
        if (sent.contains(send)) {
          received.add(send);
        }
      }
    }
    return received;
  }
}
