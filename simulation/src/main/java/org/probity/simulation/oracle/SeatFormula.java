package org.probity.simulation.oracle;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.NodeRecord;
import org.probity.simulation.node.SimulatedNode;
import org.probity.simulation.oracle.Violation.Promise;

/**
 * Who has to witness whom after some decisions, computed here once more: {@code
 * docs/format/genesis.md}, with a hash of the JDK and an encoder of its own, and with what the
 * decisions say of rotation, number and candidates (protocol.md §6.1) followed here.
 */
final class SeatFormula {
  private static final byte[] DOMAIN = "probity/seat".getBytes(StandardCharsets.US_ASCII);
  private static final int ARRAY_OF_FOUR = 0x84;
  private static final int TEXT = 0x60;

  /** The largest number, or length, that is in its first byte. */
  private static final int SHORT = 23;

  private final Genesis genesis;
  private final int rotation;
  private final int witnesses;
  private final Set<String> stopped;

  /** By ward, once each is asked for. */
  private final Map<String, List<String>> seats = new HashMap<>();

  private SeatFormula(Genesis genesis, int rotation, int witnesses, Set<String> stopped) {
    this.genesis = genesis;
    this.rotation = rotation;
    this.witnesses = witnesses;
    this.stopped = stopped;
  }

  /** Before the first decision. */
  static SeatFormula founding(Genesis genesis) {
    return new SeatFormula(genesis, 0, genesis.parameters().witnesses(), new TreeSet<>());
  }

  /** In every epoch: before the first of these decisions, and after each. */
  static List<SeatFormula> epochs(Genesis genesis, List<Action> decided) {
    List<SeatFormula> epochs = new ArrayList<>();
    epochs.add(founding(genesis));
    for (Action action : decided) {
      epochs.add(epochs.get(epochs.size() - 1).after(action));
    }
    return epochs;
  }

  private SeatFormula after(Action action) {
    int nextRotation = rotation;
    int nextWitnesses = witnesses;
    Set<String> nextStopped = new TreeSet<>(stopped);
    if (action instanceof Action.ReassignWitnesses) {
      nextRotation++;
    } else if (action instanceof Action.SetParameters changed) {
      nextWitnesses = changed.parameters().witnesses();
    } else if (action instanceof Action.SuspendNode suspended) {
      nextStopped.add(suspended.node());
    } else if (action instanceof Action.RevokeNode revoked) {
      nextStopped.add(revoked.node());
    } else if (action instanceof Action.ReadmitNode readmitted) {
      nextStopped.remove(readmitted.node());
    }
    return new SeatFormula(genesis, nextRotation, nextWitnesses, nextStopped);
  }

  /** Names of the witnesses of a node, stopped or not, in the order of their scores. */
  List<String> witnessesOf(String ward) {
    return seats.computeIfAbsent(ward, this::drawn);
  }

  private List<String> drawn(String ward) {
    String owner = genesis.node(ward).orElseThrow().member();
    List<NodeRecord> candidates =
        genesis.nodes().stream().filter(node -> !stopped.contains(node.node())).toList();
    return candidates.stream()
        .map(NodeRecord::member)
        .filter(member -> !member.equals(owner))
        .distinct()
        .sorted(byScore("member", ward))
        .limit(witnesses)
        .map(
            member ->
                candidates.stream()
                    .filter(node -> node.member().equals(member))
                    .map(NodeRecord::node)
                    .min(byScore("node", ward))
                    .orElseThrow())
        .toList();
  }

  /** The largest score first. */
  private Comparator<String> byScore(String level, String ward) {
    Map<String, byte[]> scores = new HashMap<>();
    Function<String, byte[]> score =
        candidate ->
            scores.computeIfAbsent(candidate, none -> score(level, rotation, ward, candidate));
    return (one, other) -> Arrays.compareUnsigned(score.apply(other), score.apply(one));
  }

  static byte[] score(String level, int rotation, String ward, String candidate) {
    ByteArrayOutputStream claim = new ByteArrayOutputStream();
    claim.write(ARRAY_OF_FOUR);
    text(level, claim);
    claim.write(requireShort(rotation));
    text(ward, claim);
    text(candidate, claim);
    try {
      MessageDigest hash = MessageDigest.getInstance("SHA-256");
      hash.update(DOMAIN);
      return hash.digest(claim.toByteArray());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void text(String text, ByteArrayOutputStream to) {
    byte[] ascii = text.getBytes(StandardCharsets.US_ASCII);
    to.write(TEXT + requireShort(ascii.length));
    to.writeBytes(ascii);
  }

  private static int requireShort(int number) {
    if (number > SHORT) {
      throw new IllegalArgumentException("in simulations names are short and rotations are few");
    }
    return number;
  }

  /**
   * C1 rests on it: those who have to watch a node by what stands in their log do, and know of one
   * another, as long as they are correct.
   */
  static void judge(Genesis genesis, Watch watch, List<SimulatedNode> correct) {
    Map<List<Action>, SeatFormula> present = new HashMap<>();
    for (SimulatedNode node : correct) {
      present
          .computeIfAbsent(Decided.by(node).actions(), decided -> last(epochs(genesis, decided)))
          .judge(watch, node);
    }
  }

  private static SeatFormula last(List<SeatFormula> epochs) {
    return epochs.get(epochs.size() - 1);
  }

  private void judge(Watch watch, SimulatedNode node) {
    for (NodeRecord ward : genesis.nodes()) {
      List<String> witnesses = witnessesOf(ward.node());
      List<String> seated =
          node.seating().witnessesOf(ward.node()).stream().map(NodeRecord::node).toList();
      if (!witnesses.equals(seated)) {
        watch.violated(
            Promise.C1,
            ward.node(),
            "is witnessed by " + seated + " instead of " + witnesses + ", says " + node.name());
      }
      if (witnesses.contains(node.name()) && !node.wards().containsKey(ward.node())) {
        watch.violated(Promise.C1, ward.node(), node.name() + " has to witness it, and does not");
      }
    }
  }
}
