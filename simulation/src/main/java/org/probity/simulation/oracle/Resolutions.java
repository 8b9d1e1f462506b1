package org.probity.simulation.oracle;

import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.Decision;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.SignedBallot;
import org.probity.detector.log.DecisionEntry;
import org.probity.detector.log.EntryBody;
import org.probity.detector.log.ReceiveEntry;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.simulation.node.SimulatedNode;
import org.probity.simulation.node.World;
import org.probity.simulation.oracle.Violation.Promise;

/**
 * G: a decision in the log of a correct node has the votes that it takes, of those who have one;
 * correct nodes have the same ones; and whom one has stopped is heard no more. Who has a vote, and
 * how many it takes, is counted here once more (protocol.md §13).
 */
final class Resolutions {
  private final World world;
  private final Genesis genesis;
  private final Watch watch;
  private final List<SimulatedNode> correct;
  private final List<SimulatedNode> present;

  /**
   * @param correct that sign in the end
   * @param present those of them that are not stopped
   */
  Resolutions(World world, Watch watch, List<SimulatedNode> correct, List<SimulatedNode> present) {
    this.world = world;
    this.genesis = world.founding().genesis();
    this.watch = watch;
    this.correct = List.copyOf(correct);
    this.present = List.copyOf(present);
  }

  void judge() {
    TreeMap<String, Decided> logs = new TreeMap<>();
    correct.forEach(node -> logs.put(node.name(), Decided.by(node)));
    logs.forEach(this::voted);
    logs.values().stream()
        .max(Comparator.comparingInt(decided -> decided.decisions().size()))
        .ifPresent(
            longest -> {
              logs.forEach((node, decided) -> agreed(node, decided, longest));
              present.forEach(
                  node ->
                      heard(node.name(), Objects.requireNonNull(logs.get(node.name())), longest));
            });
    correct.stream()
        .filter(node -> !Objects.requireNonNull(logs.get(node.name())).decisions().isEmpty())
        .forEach(this::enforced);
    correct.forEach(node -> logged(node, Objects.requireNonNull(logs.get(node.name()))));
  }

  private void voted(String node, Decided decided) {
    Voters voters = new Voters(genesis);
    long epoch = 0;
    for (Decision decision : decided.decisions()) {
      Set<String> votes = new TreeSet<>();
      decision.ballots().forEach(ballot -> votes.add(voter(ballot, decision)));
      boolean isVoted =
          decision.epoch() == epoch
              && votes.size() == decision.ballots().size()
              && voters.containsAll(votes)
              && voters.isDecidedBy(votes.size(), decision.round());
      if (!isVoted) {
        watch.violated(
            Promise.G,
            node,
            "has logged in epoch "
                + epoch
                + " "
                + decision.action().name()
                + " with votes of "
                + votes
                + ", and a vote have "
                + voters);
      }
      voters.after(decision.action());
      epoch++;
    }
  }

  /** Whose vote for a decision this is; of nobody if it is none. */
  private String voter(Bytes ballot, Decision decision) {
    try {
      SignedBallot signed =
          SignedBallot.verify(
              ballot, new StatementVerifier(genesis.signatures(), genesis.networkId()));
      String member = signed.ballot().member();
      Hash proposal = decision.proposal().id(genesis.networkId());
      boolean isForIt =
          signed.signer().equals(world.founding().memberKey(member).publicKey())
              && signed.ballot().epoch() == decision.epoch()
              && signed.ballot().round() == decision.round()
              && signed.ballot().previous().equals(decision.previous())
              && signed.ballot().stance().isFor(proposal);
      return isForIt ? member : "";
    } catch (DecodeException e) {
      return "";
    }
  }

  /** SPEC protocol.md §13.3: two decisions in one epoch take a third of the members. */
  private void agreed(String node, Decided decided, Decided longest) {
    Voters voters = new Voters(genesis);
    for (int epoch = 0; epoch < decided.decisions().size(); epoch++) {
      Action other = longest.decisions().get(epoch).action();
      if (!voters.areFewerThanAThird(watch::isFaultyMember)) {
        return;
      }
      if (!decided.decisions().get(epoch).action().equals(other)) {
        watch.violated(
            Promise.G, node, "has another decision of epoch " + epoch + " than " + other.name());
        return;
      }
      voters.after(other);
    }
  }

  /** L: what one correct node has logged, all of them have that are not stopped, a turn later. */
  private void heard(String node, Decided decided, Decided longest) {
    boolean isOver =
        watch.lastDecidedMicros() <= world.timeline().nowMicros() - world.agenda().turnMicros();
    if (decided.decisions().size() < longest.decisions().size()
        && Voters.after(genesis, decided.actions()).areFewerThanAThird(watch::isFaultyMember)
        && isOver) {
      watch.violated(
          Promise.L,
          node,
          "has logged "
              + decided.decisions().size()
              + " decisions, another correct node "
              + longest.decisions().size());
    }
  }

  /** L: what a node knows to be decided stands in its log. */
  private void logged(SimulatedNode node, Decided decided) {
    int known = node.chain().decisions().size();
    Voters voters = Voters.after(genesis, decided.actions());
    if (known > decided.decisions().size() && voters.areFewerThanAThird(watch::isFaultyMember)) {
      watch.violated(
          Promise.L,
          node.name(),
          "knows " + known + " decisions and has logged " + decided.decisions().size());
    }
  }

  /** SPEC protocol.md §13.4: what was received before the DECISION stands, and nothing after. */
  private void enforced(SimulatedNode node) {
    Set<String> stopped = new TreeSet<>();
    for (long index = 0; index < node.disk().log().size(); index++) {
      EntryBody body = node.entry(index).body();
      if (body instanceof DecisionEntry entry) {
        after(Decided.decoded(entry).action(), stopped);
      } else if (body instanceof ReceiveEntry receive) {
        String sender = sender(receive);
        if (stopped.contains(sender)) {
          watch.violated(
              Promise.G,
              node.name(),
              "entry " + index + " takes in a message of " + sender + ", which is stopped by then");
        }
      }
    }
  }

  private static void after(Action action, Set<String> stopped) {
    if (action instanceof Action.SuspendNode suspended) {
      stopped.add(suspended.node());
    } else if (action instanceof Action.ReadmitNode readmitted) {
      stopped.remove(readmitted.node());
    }
  }

  private static String sender(ReceiveEntry receive) {
    try {
      return SignedCheckpoint.parse(receive.checkpoint()).origin().node();
    } catch (DecodeException e) {
      throw new IllegalStateException("a logged checkpoint is malformed", e);
    }
  }
}
