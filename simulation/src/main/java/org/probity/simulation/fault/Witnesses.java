package org.probity.simulation.fault;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.log.CheckpointSigner;
import org.probity.detector.log.Origin;
import org.probity.detector.log.SigningMark;
import org.probity.detector.log.TreeHead;
import org.probity.simulation.node.Behaviour;
import org.probity.simulation.node.SimulatedNode;
import org.probity.simulation.world.Chance;
import org.probity.simulation.world.Reply;
import org.probity.simulation.world.Request;

/** Witnesses that do not do their duty, and culprits who count on that. */
final class Witnesses {
  private static final int LOSSES = 5;
  private static final long BETWEEN_LOSSES_MILLIS = 2_500;

  private Witnesses() {}

  /** Vouches for whatever it has stored, compares nothing, accuses nobody. */
  static void lazy(Stage stage) {
    stage
        .culprit()
        .puts(
            new Behaviour() {
              @Override
              public long vouches(long auditedSize, long storedSize) {
                return storedSize;
              }

              @Override
              public boolean accuses(String accused) {
                return false;
              }

              @Override
              public boolean compares(String author) {
                return false;
              }
            });
    stage.done(Expectation.NOTHING);
  }

  /** Lets nobody have what it has of others' logs. */
  static void withholding(Stage stage) {
    stage.culprit().puts(new Withholding());
    stage.done(Expectation.UNPROVABLE);
  }

  /** Those cast keep what they have to themselves, and some other fault is committed. */
  static Strategy withholding(Crew crew, Strategy crime) {
    return Strategy.directing(
        crew,
        stage -> {
          stage
              .accomplices()
              .forEach(accomplice -> stage.culprit(accomplice).puts(new Withholding()));
          crime.strike(stage);
        });
  }

  /** Copies and confirmations stay with it. */
  private static final class Withholding implements Behaviour {
    @Override
    public boolean discloses(Origin log) {
      return false;
    }

    @Override
    public Reply answers(SimulatedNode node, String to, Request request, Reply honest) {
      return honest instanceof Reply.Confirmed ? new Reply.Held() : honest;
    }
  }

  /** What somebody says of a log to the node that writes it, when that starts. */
  private enum Said {
    NOTHING,
    LESS,
    GARBAGE,
    FORGED,
    INVENTED_DECISIONS
  }

  /**
   * Tells whoever starts something else than it knows of its log, or says it under another key;
   * gives that log, and everybody else's, also closed ones, away entry by entry, or another one.
   */
  static void falseMemory(Stage stage) {
    Map<Origin, Bytes> before = new HashMap<>();
    Chance chance = stage.chance();
    stage
        .culprit()
        .puts(
            new Behaviour() {
              @Override
              public Reply answers(SimulatedNode node, String to, Request request, Reply honest) {
                if (request instanceof Request.Held asked && honest instanceof Reply.HeldLog held) {
                  held.checkpoint().ifPresent(it -> before.putIfAbsent(asked.log(), it));
                  return said(node, asked.log(), held);
                }
                return request instanceof Request.Copy && honest instanceof Reply.LogPart part
                    ? given(part)
                    : honest;
              }

              private Reply said(SimulatedNode node, Origin log, Reply.HeldLog held) {
                return switch (chance.oneOf(List.of(Said.values()))) {
                  case NOTHING -> new Reply.HeldLog(true, held.epoch(), Optional.empty());
                  case LESS ->
                      new Reply.HeldLog(true, held.epoch(), Optional.ofNullable(before.get(log)));
                  case GARBAGE ->
                      new Reply.HeldLog(true, held.epoch(), Optional.of(Bytes.utf8("none\n")));
                  case INVENTED_DECISIONS ->
                      new Reply.HeldLog(true, held.epoch() + 1, held.checkpoint());
                  case FORGED ->
                      new Reply.HeldLog(true, held.epoch(), Optional.of(forged(node, log)));
                };
              }

              private Reply given(Reply.LogPart part) {
                List<Bytes> first = part.entries().subList(0, Math.min(1, part.entries().size()));
                return chance.happens(0.5)
                    ? new Reply.LogPart(part.checkpoint(), first)
                    : new Reply.LogPart(
                        part.checkpoint(),
                        part.entries().stream().map(entry -> Bytes.utf8("none")).toList());
              }
            });
    stage.done(Expectation.NOTHING);
  }

  /** Of a log that is longer than any, under the key of whoever shows it. */
  private static Bytes forged(SimulatedNode by, Origin log) {
    CheckpointSigner.Result signed =
        CheckpointSigner.guarding(by.logKey(), log, SigningMark.NOTHING_SIGNED)
            .sign(new TreeHead(1 << 20, Hash.sha256(Bytes.utf8("none").unsafeArray())));
    return ((CheckpointSigner.Signed) signed).checkpoint().bytes();
  }

  static void amnesiac(Stage stage) {
    loses(stage, stage.name(), LOSSES);
    stage.done(Expectation.UNPROVABLE);
  }

  /** The accomplices vouch for the culprit and look away from now on. */
  static void help(Stage stage) {
    for (String accomplice : stage.accomplices()) {
      stage.culprit(accomplice).puts(new Accomplice(stage.name(), true));
    }
  }

  /** Those cast lose what they have, again and again, and some other fault is committed. */
  static Strategy forgetting(Crew crew, Strategy crime) {
    Strategy forgotten =
        new Strategy() {
          @Override
          public void enlist(Culprit culprit) {
            crime.enlist(culprit);
          }

          @Override
          public void strike(Stage stage) {
            stage.accomplices().forEach(accomplice -> loses(stage, accomplice, LOSSES));
            crime.strike(stage);
          }
        };
    return Strategy.directing(crew, forgotten);
  }

  private static void loses(Stage stage, String witness, int timesLeft) {
    SimulatedNode node = stage.world().host(witness).process();
    node.crash();
    node.disk().forgetWards();
    node.start();
    if (timesLeft > 1) {
      stage.later(BETWEEN_LOSSES_MILLIS, () -> loses(stage, witness, timesLeft - 1));
    }
  }
}
