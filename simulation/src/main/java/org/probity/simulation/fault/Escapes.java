package org.probity.simulation.fault;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.TickEntry;
import org.probity.simulation.node.Customers;
import org.probity.simulation.node.Disk;
import org.probity.simulation.node.SimulatedNode;
import org.probity.simulation.node.StoredEntries;
import org.probity.simulation.world.Reply;
import org.probity.simulation.world.Request;

/**
 * Culprits who say that they have lost their disk, to begin again under new keys without what they
 * did under the old ones. What anybody has of it stands.
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
    SimulatedNode node = stage.node();
    if (!node.isUp() || node.core().published().isEmpty()) {
      return;
    }
    HandWrittenLog crime = new HandWrittenLog(node).add(new TickEntry(1)).state().sign();
    node.retireCore();
    stage.culprit().puts(crime);
    stage.later(
        SHOWN_MILLIS,
        () -> {
          boolean isHeld =
              stage.correctWitnesses().stream()
                  .anyMatch(
                      witness -> stage.holding(witness).equals(Optional.of(crime.checkpoint())));
          stage.culprit().takesOff(crime);
          loses(stage);
          if (isHeld) {
            stage.cameOff(Expectation.EXPOSED);
          }
        });
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
    for (String witness : stage.correctWitnesses()) {
      SimulatedNode process = stage.world().host(witness).process();
      isSeen |=
          process.isUp()
              && process
                  .copyOf(receipt.origin())
                  .filter(log -> log.size() >= receipt.size() && Forks.differs(log, receipt))
                  .isPresent();
      stage.customers().showTo(witness, receipt.bytes());
    }
    if (isSeen) {
      stage.cameOff(Expectation.EXPOSED);
    }
  }
}
