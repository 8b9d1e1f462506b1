package org.probity.simulation.fault;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.governance.Incarnations;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.log.GenesisEntry;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.TickEntry;
import org.probity.simulation.node.Behaviour;
import org.probity.simulation.node.Customers;
import org.probity.simulation.node.Disk;
import org.probity.simulation.node.SimulatedNode;
import org.probity.simulation.node.StoredEntries;
import org.probity.simulation.world.Reply;
import org.probity.simulation.world.Request;

/**
 * Culprits who want what they have done to be forgotten: they cut it off, or say that they have
 * lost their disk and begin again under new keys without it. What anybody has of it stands.
 */
final class Escapes {
  private static final long SHOWN_MILLIS = 4_000;
  private static final long SPLIT_MILLIS = 4_000;
  private static final long LOOK_MILLIS = 2_000;
  private static final int LOOKS = 25;

  private Escapes() {}

  /** It says that its disk is lost; and so it is. */
  private static void loses(Stage stage) {
    SimulatedNode node = stage.node();
    if (node.isAbandoned()) {
      return;
    }
    stage.world().host(stage.name()).alone();
    node.crash();
    StoredEntries lost = node.disk().log();
    node.replaceDisk(Disk.lost());
    stage.world().trace().tell(stage.name(), "says that it has lost its disk");
    stage.world().succeed(stage.name(), lost);
  }

  /** A crime is shown, and then there is no log any more: with it in there nobody approves. */
  static void lyingRestore(Stage stage) {
    showsCrime(
        stage,
        isHeld -> {
          loses(stage);
          if (isHeld) {
            stage.cameOff(Expectation.EXPOSED);
          }
        });
  }

  /**
   * The crime is shown to whoever looks, and then it is cut off: the log goes on from before it as
   * if nothing had been.
   */
  static void truncatedCrime(Stage stage) {
    showsCrime(
        stage,
        isHeld -> {
          SimulatedNode node = stage.node();
          node.crash();
          if (node.start() && isHeld) {
            stage.cameOff(Expectation.EXPOSED);
          }
        });
  }

  /**
   * @param escape is told whether a correct witness has it, and keeps it
   */
  private static void showsCrime(Stage stage, Consumer<Boolean> escape) {
    SimulatedNode node = stage.node();
    if (!node.isUp() || node.core().published().isEmpty()) {
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
                  .filter(stage.lastingOthers()::contains)
                  .anyMatch(
                      witness -> stage.holding(witness).equals(Optional.of(crime.checkpoint())));
          stage.culprit().takesOff(crime);
          escape.accept(isHeld);
        });
  }

  /** The log is lost, and its next incarnation begins otherwise than was decided. */
  static void otherGenesis(Stage stage) {
    if (!stage.node().isUp() || stage.node().core().published().isEmpty()) {
      return;
    }
    Behaviour waiting =
        new Behaviour() {
          @Override
          public Optional<Reply> serve(SimulatedNode node, String from, Request request) {
            return Optional.of(SILENT);
          }

          @Override
          public boolean isWrittenByHand() {
            return true;
          }
        };
    stage.culprit().puts(waiting);
    loses(stage);
    beginsWhenDecided(stage, waiting, LOOKS);
  }

  private static void beginsWhenDecided(Stage stage, Behaviour waiting, int looksLeft) {
    boolean isDecided =
        stage.world().succession(stage.name()).filter(succession -> succession.isOver()).isPresent()
            && stage.node().isUp();
    if (isDecided) {
      HandWrittenLog log = begun(HandWrittenLog.ofNext(stage.node()), stage);
      stage.culprit().puts(log.sign());
      stage.culprit().takesOff(waiting);
      stage.watch().history(stage.name(), log.log());
      stage.stands(log.log(), log.log().size());
      stage.done(Expectation.EXPOSED);
    } else if (looksLeft > 1) {
      stage.later(LOOK_MILLIS, () -> beginsWhenDecided(stage, waiting, looksLeft - 1));
    }
  }

  /** In another state, or with a clock that goes back behind the close. */
  private static HandWrittenLog begun(HandWrittenLog log, Stage stage) {
    NodeRecord self = stage.node().machine().self();
    Incarnations writers = stage.node().machine().incarnations();
    boolean isOfOtherState = stage.chance().happens(0.5);
    HandWrittenLog genesis =
        log.add(
            new GenesisEntry(
                self.node(),
                self.incarnation(),
                stage.world().founding().genesis().programId(),
                isOfOtherState
                    ? Hash.sha256(Bytes.utf8("another state").unsafeArray())
                    : writers.last().beginning().orElseThrow().stateRoot()));
    return isOfOtherState ? genesis : genesis.add(new TickEntry(1)).state();
  }

  /** What a pair has settled on a hidden history, one of them says it has lost. */
  static void pairsRestore(Stage stage) {
    Forks.colludingPair(stage);
    stage.later(2 * SPLIT_MILLIS, () -> loses(stage));
  }

  /**
   * A customer gets a receipt of a history that nobody else sees, and shows it when another
   * incarnation has begun. The log that was closed is longer than that, and has another past.
   */
  static void forgottenReceipt(Stage stage) {
    SimulatedNode node = stage.node();
    if (!node.isUp()) {
      return;
    }
    SimulatedNode other = Forks.second(stage);
    Behaviours.Hidden mask = new Behaviours.Hidden(other);
    List<SignedCheckpoint> receipts = new ArrayList<>();
    stage.culprit().puts(mask);
    if (!other.start()) {
      return;
    }
    other.arrived(
        Customers.NAME,
        new Request.Submit(stage.customers().remittance(stage.name(), stage.victim())),
        reply -> {
          if (reply instanceof Reply.Recorded recorded) {
            receipts.add(Forks.parsed(recorded.checkpoint()));
          }
        });
    stage.later(
        SPLIT_MILLIS,
        () -> {
          stage.world().host(stage.name()).alone();
          stage.culprit().takesOff(mask);
          receipts.stream()
              .filter(receipt -> Forks.differs(stage.node().disk().log(), receipt))
              .findFirst()
              .ifPresent(receipt -> losesWhenPassed(stage, receipt, LOOKS));
        });
  }

  /** Whoever closes a log before the receipt closes it without what was promised in there. */
  private static void losesWhenPassed(Stage stage, SignedCheckpoint receipt, int looksLeft) {
    boolean isPassed =
        stage.correctWitnesses().stream()
            .flatMap(witness -> stage.holding(witness).stream())
            .anyMatch(held -> held.size() >= receipt.size());
    if (isPassed) {
      loses(stage);
      showWhenBegun(stage, receipt, LOOKS);
    } else if (looksLeft > 1) {
      stage.later(LOOK_MILLIS, () -> losesWhenPassed(stage, receipt, looksLeft - 1));
    }
  }

  private static void showWhenBegun(Stage stage, SignedCheckpoint receipt, int looksLeft) {
    boolean isBegun =
        stage.world().succession(stage.name()).filter(waiting -> waiting.isOver()).isPresent();
    if (!isBegun && looksLeft > 1) {
      stage.later(LOOK_MILLIS, () -> showWhenBegun(stage, receipt, looksLeft - 1));
      return;
    }
    boolean isSeen = false;
    // Whom members have stopped tells others what it sees, and nobody listens.
    for (String witness : stage.customers().witnessesOf(stage.name())) {
      SimulatedNode process = stage.world().host(witness).process();
      isSeen |=
          !stage.watch().isFaulty(witness)
              && process.isUp()
              && process
                  .copyOf(receipt.origin())
                  .filter(log -> log.size() >= receipt.size() && Forks.differs(log, receipt))
                  .isPresent();
      stage.customers().showTo(witness, receipt.bytes(), () -> {});
    }
    if (isSeen) {
      stage.cameOff(Expectation.EXPOSED);
    }
  }
}
