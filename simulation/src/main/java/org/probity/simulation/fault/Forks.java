package org.probity.simulation.fault;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.log.Entry;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.Origin;
import org.probity.detector.log.ReceiveEntry;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.simulation.node.Behaviour;
import org.probity.simulation.node.Customers;
import org.probity.simulation.node.Disk;
import org.probity.simulation.node.SimulatedNode;
import org.probity.simulation.node.StoredEntries;
import org.probity.simulation.node.Ward;
import org.probity.simulation.world.Reply;
import org.probity.simulation.world.Request;

/** Two histories of one log: two processes with one key, and who is shown which of them. */
final class Forks {
  private static final long SPLIT_MILLIS = 5_000;
  private static final long LOOK_MILLIS = 2_000;
  private static final int LOOKS = 40;

  private Forks() {}

  static void fork(Stage stage) {
    SimulatedNode one = stage.node();
    Set<String> deceived = new HashSet<>();
    for (String node : stage.others()) {
      if (stage.chance().happens(0.5)) {
        deceived.add(node);
      }
    }
    List<String> correct = stage.correctOthers();
    boolean isSeen =
        !deceived.containsAll(correct) && correct.stream().anyMatch(deceived::contains);
    if (!one.isUp() || !isSeen) {
      return;
    }
    SimulatedNode other = second(stage);
    stage.world().host(stage.name()).route(from -> deceived.contains(from) ? 1 : 0);
    if (other.start()) {
      stage.later(
          SPLIT_MILLIS,
          () -> {
            if (isForked(one.disk(), other.disk())) {
              stage.cameOff(Expectation.EXPOSED);
            }
          });
    }
  }

  static void toClients(Stage stage) {
    if (!stage.node().isUp()) {
      return;
    }
    SimulatedNode other = second(stage);
    List<Bytes> receipts = new ArrayList<>();
    Behaviour mask =
        new Behaviour() {
          @Override
          public boolean sends(SimulatedNode node, String to, Request request) {
            return node != other;
          }

          @Override
          public Reply answers(SimulatedNode node, String to, Request request, Reply honest) {
            if (node == other && honest instanceof Reply.Recorded recorded) {
              receipts.add(recorded.checkpoint());
            }
            return honest;
          }
        };
    stage.culprit().puts(mask);
    stage.world().host(stage.name()).route(from -> from.equals(Customers.NAME) ? 1 : 0);
    if (!other.start()) {
      return;
    }
    stage.customers().remit(stage.name(), stage.victim());
    stage.later(
        SPLIT_MILLIS,
        () -> {
          stage.world().host(stage.name()).alone();
          stage.culprit().takesOff(mask);
          receipts.stream()
              .filter(stage.customers()::holds)
              .map(Forks::parsed)
              .filter(receipt -> differs(stage.node().disk().log(), receipt))
              .findFirst()
              .ifPresent(receipt -> seen(stage, receipt));
        });
  }

  static void toOne(Stage stage) {
    List<String> correct = stage.lastingOthers();
    if (!stage.node().isUp() || correct.isEmpty()) {
      return;
    }
    String only = stage.chance().oneOf(correct);
    long before = stage.node().disk().log().size();
    SimulatedNode other = second(stage);
    Behaviour mask = apart(other, only);
    stage.culprit().puts(mask);
    stage.world().host(stage.name()).route(from -> from.equals(only) ? 1 : 0);
    if (!other.start()) {
      return;
    }
    pays(stage, other, only);
    stage.later(
        SPLIT_MILLIS,
        () -> {
          Optional<SignedCheckpoint> held =
              viewed(stage, only)
                  .filter(view -> view.size() > before)
                  .filter(view -> isOf(other.disk().log(), view))
                  .filter(view -> differs(stage.node().disk().log(), view));
          stage.world().host(stage.name()).alone();
          stage.culprit().takesOff(mask);
          held.ifPresent(
              view -> {
                SimulatedNode shown = stage.world().host(only).process();
                stage.reads(
                    shown.machine().origin(), shown.disk().log(), shown.disk().log().size());
                stage.cameOffTowards(only, expected(stage, view));
              });
        });
  }

  static void rewrittenLog(Stage stage) {
    SimulatedNode node = stage.node();
    if (!node.isUp()) {
      return;
    }
    Disk before = node.disk().backup();
    stage.later(
        3_000,
        () -> {
          // What nobody has got of the log is not there to be contradicted.
          boolean isSeen = isSeenBeyond(stage, before.log().size());
          node.crash();
          stage.watch().history(stage.name(), node.disk().log());
          node.replaceDisk(before);
          if (node.start() && isSeen) {
            stage.later(
                SPLIT_MILLIS,
                () -> {
                  // Its machine may have lost the other one again before anybody has got any of it.
                  if (stage.node().disk() == before) {
                    stage.cameOff(Expectation.EXPOSED_OR_SUSPECTED);
                  }
                });
          }
        });
  }

  /**
   * Whether a correct node holds more than so many entries of the culprit's log, or a view of it.
   */
  private static boolean isSeenBeyond(Stage stage, long size) {
    return stage.correctOthers().stream()
        .map(other -> stage.world().host(other).process())
        .filter(SimulatedNode::isUp)
        .anyMatch(
            other -> {
              Ward ward = other.wards().get(stage.name());
              return (ward != null && ward.stored().size() > size)
                  || other.core().views().heldSize(stage.node().machine().origin()) > size;
            });
  }

  /** The accomplice logs what it got on the hidden history; whoever reads its log can tell. */
  static void colludingPair(Stage stage) {
    if (stage.accomplices().isEmpty() || !stage.node().isUp()) {
      return;
    }
    String accomplice = stage.accomplices().get(0);
    Disk disk = stage.node().disk();
    SimulatedNode other = second(stage);
    Behaviour mask = apart(other, accomplice);
    stage.culprit().puts(mask);
    stage.culprit(accomplice).puts(new Accomplice(stage.name(), false));
    stage.world().host(stage.name()).route(from -> from.equals(accomplice) ? 1 : 0);
    if (!other.start()) {
      return;
    }
    pays(stage, other, accomplice);
    stage.later(
        SPLIT_MILLIS,
        () -> {
          SimulatedNode receiver = stage.world().host(accomplice).process();
          // If it has said by then that it lost its disk, there is nothing to compare with.
          Optional<Entry> hidden =
              HandWrittenLog.of(receiver, ReceiveEntry.class).stream()
                  .filter(entry -> stage.node().disk() == disk)
                  .filter(entry -> isHidden(stage, other, received(entry)))
                  .findFirst();
          stage.world().host(stage.name()).alone();
          stage.culprit().takesOff(mask);
          hidden.ifPresent(entry -> lookForThird(stage, accomplice, entry, LOOKS));
        });
  }

  private static boolean isHidden(Stage stage, SimulatedNode other, SignedCheckpoint checkpoint) {
    return checkpoint.origin().equals(stage.node().machine().origin())
        && isOf(other.disk().log(), checkpoint)
        && differs(stage.node().disk().log(), checkpoint);
  }

  /** It counts as done when a correct witness of the accomplice holds what that has logged. */
  private static void lookForThird(Stage stage, String accomplice, Entry hidden, int looksLeft) {
    Optional<Ward> held =
        stage.correctWitnesses(accomplice).stream()
            .map(witness -> stage.world().host(witness).process().wards().get(accomplice))
            .filter(ward -> ward != null && ward.stored().size() > hidden.index())
            .findFirst();
    if (held.isPresent()) {
      stage.reads(held.get().origin(), held.get().stored(), hidden.index() + 1);
      stage.cameOffTowards(accomplice, expected(stage, received(hidden)));
    } else if (looksLeft > 1) {
      stage.later(LOOK_MILLIS, () -> lookForThird(stage, accomplice, hidden, looksLeft - 1));
    }
  }

  /** A process beside the first, on a copy of its disk; it does not run yet. */
  static SimulatedNode second(Stage stage) {
    SimulatedNode second =
        new SimulatedNode(
            stage.world(), stage.name(), stage.node().disk().backup(), stage.culprit());
    stage.world().host(stage.name()).add(second);
    stage.watch().history(stage.name(), second.disk().log());
    return second;
  }

  /** One process talks to one of the others alone, the other one to all but that. */
  private static Behaviour apart(SimulatedNode second, String only) {
    return new Behaviour() {
      @Override
      public boolean sends(SimulatedNode node, String to, Request request) {
        return (node == second) == to.equals(only);
      }
    };
  }

  /** A customer of the hidden history pays to whoever sees it. */
  private static void pays(Stage stage, SimulatedNode hidden, String payee) {
    hidden.arrived(
        Customers.NAME,
        new Request.Submit(stage.customers().remittance(stage.name(), payee)),
        reply -> {});
  }

  private static void seen(Stage stage, SignedCheckpoint checkpoint) {
    stage.cameOff(expected(stage, checkpoint));
  }

  private static Expectation expected(Stage stage, SignedCheckpoint checkpoint) {
    boolean isPassed = stage.node().disk().log().size() >= checkpoint.size();
    return isPassed ? Expectation.EXPOSED : Expectation.EXPOSED_OR_SUSPECTED;
  }

  private static Optional<SignedCheckpoint> viewed(Stage stage, String by) {
    SimulatedNode node = stage.world().host(by).process();
    Origin origin = stage.node().machine().origin();
    return node.isUp()
        ? node.core().views().newest(origin).map(view -> view.signed())
        : Optional.empty();
  }

  private static SignedCheckpoint received(Entry entry) {
    return parsed(((ReceiveEntry) entry.body()).checkpoint());
  }

  static SignedCheckpoint parsed(Bytes checkpoint) {
    try {
      return SignedCheckpoint.parse(checkpoint);
    } catch (DecodeException e) {
      throw new IllegalStateException("a logged checkpoint is malformed", e);
    }
  }

  private static boolean isOf(StoredEntries log, SignedCheckpoint checkpoint) {
    return log.size() >= checkpoint.size() && !differs(log, checkpoint);
  }

  /** Whether this log can never be one with that checkpoint; one that is too short may. */
  static boolean differs(StoredEntries log, SignedCheckpoint checkpoint) {
    return log.size() < checkpoint.size()
        || !MerkleProofs.rootAt(log, checkpoint.size()).equals(checkpoint.head().root());
  }

  private static boolean isForked(Disk one, Disk other) {
    long common = Math.min(one.log().size(), other.log().size());
    return common > 0 && !one.log().entry(common - 1).equals(other.log().entry(common - 1));
  }
}
