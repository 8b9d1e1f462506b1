package org.probity.simulation.fault;

import java.util.List;
import org.probity.detector.log.Origin;
import org.probity.detector.trust.Verdict;
import org.probity.simulation.node.Behaviour;
import org.probity.simulation.node.SimulatedNode;
import org.probity.simulation.node.Ward;
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

  static void amnesiac(Stage stage) {
    loses(stage, stage.name(), LOSSES);
    stage.done(Expectation.UNPROVABLE);
  }

  /** The accomplices vouch for the culprit and look away from now on. */
  static void help(Stage stage) {
    for (String accomplice : stage.accomplices()) {
      stage.culprit(accomplice).puts(new Accomplice(stage.name(), true));
      stage.due(
          accomplice + " is exposed for what it vouched for",
          running -> isExposedIfFalse(stage, accomplice, running));
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

  /** Whoever has found the crime and has a statement that covers it has told everybody. */
  private static boolean isExposedIfFalse(
      Stage stage, String accomplice, List<SimulatedNode> correct) {
    boolean isKnown =
        correct.stream()
            .map(node -> node.wards().get(stage.name()))
            .anyMatch(ward -> ward != null && isContradicted(ward, accomplice));
    return !isKnown
        || correct.stream().allMatch(node -> node.verdict(accomplice) == Verdict.EXPOSED);
  }

  private static boolean isContradicted(Ward ward, String auditor) {
    return ward.finding()
        .filter(
            finding ->
                ward.book()
                    .by(auditor)
                    .filter(audit -> audit.content().covers(finding.index()))
                    .isPresent())
        .isPresent();
  }
}
