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
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Parameters;
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

  private static final int IN_ONE_BYTE = 24;
  private static final int IN_TWO_BYTES = 25;

  private final Genesis genesis;
  private final int rotation;
  private final Parameters parameters;
  private final Set<String> stopped;

  /** Of nodes that do not go on in their founding one. */
  private final Map<String, Long> incarnations;

  /** By ward, once each is asked for. */
  private final Map<String, List<String>> seats = new HashMap<>();

  private SeatFormula(
      Genesis genesis,
      int rotation,
      Parameters parameters,
      Set<String> stopped,
      Map<String, Long> incarnations) {
    this.genesis = genesis;
    this.rotation = rotation;
    this.parameters = parameters;
    this.stopped = stopped;
    this.incarnations = incarnations;
  }

  /** Before the first decision. */
  static SeatFormula founding(Genesis genesis) {
    return new SeatFormula(genesis, 0, genesis.parameters(), new TreeSet<>(), new TreeMap<>());
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
    Parameters nextParameters = parameters;
    Set<String> nextStopped = new TreeSet<>(stopped);
    Map<String, Long> nextIncarnations = new TreeMap<>(incarnations);
    if (action instanceof Action.ReassignWitnesses) {
      nextRotation++;
    } else if (action instanceof Action.SetParameters changed) {
      nextParameters = changed.parameters();
    } else if (action instanceof Action.SuspendNode suspended) {
      nextStopped.add(suspended.node());
    } else if (action instanceof Action.RevokeNode revoked) {
      nextStopped.add(revoked.node());
    } else if (action instanceof Action.ReadmitNode readmitted) {
      nextStopped.remove(readmitted.node());
    } else if (action instanceof Action.ApproveIncarnation approved) {
      NodeRecord next = enrolled(approved);
      nextIncarnations.put(next.node(), next.incarnation());
    }
    return new SeatFormula(genesis, nextRotation, nextParameters, nextStopped, nextIncarnations);
  }

  private NodeRecord enrolled(Action.ApproveIncarnation approved) {
    try {
      return NodeRecord.decode(
          new StatementVerifier(genesis.signatures(), genesis.networkId())
              .verify(approved.enrolment(), NodeRecord.ENROLMENT_TYP)
              .payload());
    } catch (DecodeException e) {
      throw new IllegalStateException("an approved enrolment is malformed", e);
    }
  }

  /** In which incarnation a node goes on. */
  long incarnation(String node) {
    return incarnations.getOrDefault(node, 0L);
  }

  /** {@code f}: so many witnesses of one node may cheat, or be gone. */
  int faults() {
    return parameters.faults();
  }

  /**
   * SPEC protocol.md §2.3: how many witnesses of a node answer before it signs after a start, so
   * that more than {@code f} of them are among any {@code q} that have cosigned; {@code r = w + f +
   * 1 - q}. With fewer seats than {@code w} the ones that are not there have cosigned nothing.
   */
  int bootAnswers(String node) {
    int needed = parameters.witnesses() + parameters.faults() + 1 - parameters.cosignatures();
    return Math.max(0, needed - (parameters.witnesses() - witnessesOf(node).size()));
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
        .limit(parameters.witnesses())
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
    number(rotation, claim);
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
    if (ascii.length > SHORT) {
      throw new IllegalArgumentException("in simulations names are short");
    }
    to.write(TEXT + ascii.length);
    to.writeBytes(ascii);
  }

  /** RFC 8949, section 3: in the first byte, in one more or in two. */
  private static void number(int number, ByteArrayOutputStream to) {
    if (number > 0xffff) {
      throw new IllegalArgumentException("in simulations rotations are few");
    }
    if (number > 0xff) {
      to.write(IN_TWO_BYTES);
      to.write(number >> 8);
    } else if (number > SHORT) {
      to.write(IN_ONE_BYTE);
    }
    to.write(number);
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
