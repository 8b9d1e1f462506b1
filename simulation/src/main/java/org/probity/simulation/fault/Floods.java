package org.probity.simulation.fault;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.probity.detector.challenge.Challenge;
import org.probity.detector.codec.Bytes;
import org.probity.detector.commitment.AuditStatement;
import org.probity.detector.crypto.Hash;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.simulation.node.Behaviour;
import org.probity.simulation.node.SimulatedNode;
import org.probity.simulation.oracle.Quotas;
import org.probity.simulation.world.Chance;
import org.probity.simulation.world.Request;

/** Much more of everything than anybody needs: genuine, old and junk. */
final class Floods {
  private static final int WAVES = 30;
  private static final int REQUESTS_OF_A_WAVE = 5;
  private static final long BETWEEN_WAVES_MILLIS = 100;
  private static final int MOST_KEPT = 40;
  private static final int CHALLENGES = 100;
  private static final int GLANCES = 20;
  private static final long BETWEEN_GLANCES_MILLIS = 2;

  private Floods() {}

  static void flood(Stage stage) {
    List<Request> old = new ArrayList<>();
    stage
        .culprit()
        .puts(
            new Behaviour() {
              @Override
              public boolean sends(SimulatedNode node, String to, Request request) {
                if (request instanceof Request.Envelope && old.size() < MOST_KEPT) {
                  old.add(request);
                }
                return true;
              }
            });
    stage.done(Expectation.NOTHING);
    wave(stage, old, WAVES);
  }

  /** So many at once about one of the others; each could be answered, and all are too many. */
  static void challenges(Stage stage) {
    stage.done(Expectation.UNPROVABLE);
    Optional<SignedCheckpoint> end = end(stage, stage.victim());
    if (end.isEmpty()) {
      return;
    }
    List<Bytes> challenges = new ArrayList<>();
    for (int i = 0; i < CHALLENGES; i++) {
      challenges.add(challenge(stage, end.get()));
    }
    for (String to : stage.others()) {
      challenges.forEach(
          challenge ->
              stage
                  .world()
                  .network()
                  .ask(stage.name(), to, new Request.Challenged(challenge), reply -> {}));
    }
    glance(stage, GLANCES);
  }

  /** What is open of one challenger is no more than it may put, while it puts them, too. */
  private static void glance(Stage stage, int glancesLeft) {
    Quotas.judge(stage.world(), stage.watch());
    if (glancesLeft > 1) {
      stage.later(BETWEEN_GLANCES_MILLIS, () -> glance(stage, glancesLeft - 1));
    }
  }

  private static void wave(Stage stage, List<Request> old, int wavesLeft) {
    for (String to : stage.others()) {
      for (int i = 0; i < REQUESTS_OF_A_WAVE; i++) {
        stage.world().network().ask(stage.name(), to, request(stage, old), reply -> {});
      }
    }
    if (wavesLeft > 1) {
      stage.later(BETWEEN_WAVES_MILLIS, () -> wave(stage, old, wavesLeft - 1));
    }
  }

  private static Request request(Stage stage, List<Request> old) {
    Chance chance = stage.chance();
    Optional<SignedCheckpoint> end = end(stage, chance.oneOf(stage.others()));
    int kind = chance.below(6);
    if (kind == 0 && !old.isEmpty()) {
      return chance.oneOf(old);
    }
    if (kind == 1 && end.isPresent() && !end.get().origin().node().equals(stage.name())) {
      return new Request.Challenged(challenge(stage, end.get()));
    }
    if (kind == 2 && end.isPresent()) {
      return new Request.Shown(end.get().bytes());
    }
    if (kind == 3) {
      return new Request.Follow(0, 0);
    }
    if (kind == 4 && end.isPresent()) {
      return new Request.Audited(audit(stage, end.get()));
    }
    Bytes junk = junk(chance);
    return chance.happens(0.5) ? new Request.Proof(junk) : new Request.Submit(junk);
  }

  private static Optional<SignedCheckpoint> end(Stage stage, String node) {
    return stage.world().host(node).process().disk().log().newest();
  }

  /** A challenge that may be put: there is nothing in it that its target cannot answer. */
  private static Bytes challenge(Stage stage, SignedCheckpoint end) {
    long from = stage.chance().between(0, end.size() - 1);
    int count = (int) Math.min(end.size() - from, stage.chance().between(1, Challenge.MAX_ENTRIES));
    return new Challenge(
            new Challenge.Target(end.origin().node(), end.origin().incarnation()),
            stage.name(),
            new Challenge.Audit(end.bytes(), from, count))
        .sign(networkId(stage), stage.node().logKey())
        .encoded();
  }

  /** It says no more than what the log's own node has signed. */
  private static Bytes audit(Stage stage, SignedCheckpoint end) {
    return AuditStatement.fromGenesis(
            end.origin(), end.head(), stage.world().founding().genesis().programId())
        .sign(networkId(stage), stage.node().logKey())
        .encoded();
  }

  private static Hash networkId(Stage stage) {
    return stage.world().founding().genesis().networkId();
  }

  private static Bytes junk(Chance chance) {
    byte[] junk = new byte[chance.below(2_000)];
    for (int i = 0; i < junk.length; i++) {
      junk[i] = (byte) chance.below(256);
    }
    return Bytes.wrap(junk);
  }
}
