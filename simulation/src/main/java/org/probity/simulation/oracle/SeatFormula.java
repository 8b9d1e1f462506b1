package org.probity.simulation.oracle;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Seating;
import org.probity.simulation.node.SimulatedNode;
import org.probity.simulation.oracle.Violation.Promise;

/**
 * Who has to witness whom at the beginning, computed here once more: {@code
 * docs/format/genesis.md}, with a hash of the JDK and an encoder of its own.
 */
final class SeatFormula {
  private static final byte[] DOMAIN = "probity/seat".getBytes(StandardCharsets.US_ASCII);
  private static final int ARRAY_OF_FOUR = 0x84;
  private static final int TEXT = 0x60;
  private static final int ROTATION = 0;

  /** The longest text whose length is in its first byte. */
  private static final int SHORT = 23;

  private final Genesis genesis;

  SeatFormula(Genesis genesis) {
    this.genesis = genesis;
  }

  /** Names of the witnesses of a node, in the order of their scores. */
  List<String> witnessesOf(String ward) {
    String owner = genesis.node(ward).orElseThrow().member();
    return genesis.nodes().stream()
        .map(NodeRecord::member)
        .filter(member -> !member.equals(owner))
        .distinct()
        .sorted(byScore("member", ward))
        .limit(genesis.parameters().witnesses())
        .map(
            member ->
                genesis.nodes().stream()
                    .filter(node -> node.member().equals(member))
                    .map(NodeRecord::node)
                    .min(byScore("node", ward))
                    .orElseThrow())
        .toList();
  }

  /** The largest score first. */
  private static Comparator<String> byScore(String level, String ward) {
    return (one, other) ->
        Arrays.compareUnsigned(score(level, ward, other), score(level, ward, one));
  }

  static byte[] score(String level, String ward, String candidate) {
    ByteArrayOutputStream claim = new ByteArrayOutputStream();
    claim.write(ARRAY_OF_FOUR);
    text(level, claim);
    claim.write(ROTATION);
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
      throw new IllegalArgumentException("names in simulations are short, unlike " + text);
    }
    to.write(TEXT + ascii.length);
    to.writeBytes(ascii);
  }

  /** C1 rests on it: those who have to watch a node do, as long as they are correct. */
  void judge(Watch watch, List<SimulatedNode> correct) {
    Seating seating = Seating.founding(genesis);
    TreeMap<String, SimulatedNode> running = new TreeMap<>();
    correct.forEach(node -> running.put(node.name(), node));
    for (NodeRecord ward : genesis.nodes()) {
      List<String> witnesses = witnessesOf(ward.node());
      List<String> seated =
          seating.witnessesOf(ward.node()).stream().map(NodeRecord::node).toList();
      if (!witnesses.equals(seated)) {
        watch.violated(
            Promise.C1, ward.node(), "is witnessed by " + seated + " instead of " + witnesses);
      }
    }
    correct.stream().limit(1).forEach(one -> judge(watch, one.seatings(), running));
  }

  /** Whoever has a seat in the end keeps the log. */
  private void judge(Watch watch, List<Seating> seatings, Map<String, SimulatedNode> running) {
    Seating last = seatings.get(seatings.size() - 1);
    for (NodeRecord ward : genesis.nodes()) {
      for (NodeRecord seat : last.witnessesOf(ward.node())) {
        String witness = seat.node();
        if (running.containsKey(witness)
            && !running.get(witness).wards().containsKey(ward.node())) {
          watch.violated(Promise.C1, ward.node(), witness + " has to witness it, and does not");
        }
      }
    }
  }
}
