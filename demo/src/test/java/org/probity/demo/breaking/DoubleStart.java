package org.probity.demo.breaking;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.probity.demo.ChildJvm;

/** A second process on a folder that is in use, or two at once on one that is not. */
final class DoubleStart implements Way {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String LOCKED = "store_locked";

  @Override
  public String name() {
    return "double-start";
  }

  @Override
  public Broken once(Scene scene) throws Exception {
    String victim = scene.anyNode();
    return scene.random().nextBoolean() ? beside(scene, victim) : race(scene, victim);
  }

  private static Path log(Scene scene, String victim) {
    return scene.banks().log(victim).resolveSibling("second.log");
  }

  private static Broken beside(Scene scene, String victim) throws Exception {
    Path config = scene.banks().layout().config(victim);
    requireRefusedBeside(scene, victim, config, log(scene, victim), LOCKED);
    return new Broken(victim, "beside a running one", false, false, scene.mend(victim));
  }

  /** A process with a node's key is refused while the node goes on under load; which is killed. */
  static void requireRefusedBeside(Scene scene, String victim, Path config, Path log, String code)
      throws Exception {
    Banks banks = scene.banks();
    Scene.Pressure pressure = scene.pressure(victim);
    ChildJvm second = banks.launch(config, List.of(), log);
    try {
      requireRefused(second, log, code);
    } finally {
      Banks.kill(second);
    }
    int before = pressure.atVictim().answers();
    if (!pressure.atVictim().awaitAnswers(before + 20)) {
      throw new AssertionError(victim + " does not go on beside a process that was refused");
    }
    banks.kill(victim);
    pressure.end();
  }

  private static Broken race(Scene scene, String victim) throws Exception {
    Banks banks = scene.banks();
    Scene.Pressure pressure = scene.pressure(victim);
    pressure.atVictim().awaitAnswers(20);
    banks.kill(victim);
    pressure.end();
    Path config = banks.layout().config(victim);
    List<Path> logs = List.of(log(scene, victim), log(scene, victim).resolveSibling("third.log"));
    List<ChildJvm> both =
        List.of(
            banks.launch(config, List.of(), logs.get(0)),
            banks.launch(config, List.of(), logs.get(1)));
    long startNanos = System.nanoTime();
    Banks.await(PATIENCE, () -> both.stream().filter(ChildJvm::isAlive).count() < 2);
    int refused = both.get(0).isAlive() ? 1 : 0;
    banks.adopt(victim, both.get(1 - refused));
    requireRefused(both.get(refused), logs.get(refused), LOCKED);
    return new Broken(
        victim,
        "two at once",
        false,
        false,
        new Scene.Mended("", false, (System.nanoTime() - startNanos) / 1e9));
  }

  private static void requireRefused(ChildJvm second, Path log, String code) throws Exception {
    int exit = second.await(PATIENCE);
    String refusal = Banks.refusal(log);
    if (exit != 1 || !refusal.equals(code)) {
      throw new AssertionError("a second process ended with " + exit + ", " + refusal);
    }
  }
}
