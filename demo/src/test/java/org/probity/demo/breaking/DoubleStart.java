package org.probity.demo.breaking;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.probity.demo.ChildJvm;

/** A second process on a folder that is in use, or two at once on one that is not. */
final class DoubleStart implements Way {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

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
    Banks banks = scene.banks();
    Scene.Pressure pressure = scene.pressure(victim);
    Path log = log(scene, victim);
    ChildJvm second = banks.launch(banks.layout().config(victim), List.of(), log);
    requireRefused(second, log);
    int before = pressure.atVictim().answers();
    if (!pressure.atVictim().awaitAnswers(before + 20)) {
      throw new AssertionError(victim + " does not go on beside a process that was refused");
    }
    banks.kill(victim);
    pressure.end();
    return new Broken(victim, "beside a running one", false, false, scene.mend(victim));
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
    requireRefused(both.get(refused), logs.get(refused));
    return new Broken(
        victim,
        "two at once",
        false,
        false,
        new Scene.Mended("", false, (System.nanoTime() - startNanos) / 1e9));
  }

  private static void requireRefused(ChildJvm second, Path log) throws Exception {
    int exit = second.await(PATIENCE);
    String code = Banks.refusal(log);
    if (exit != 1 || !code.equals("store_locked")) {
      throw new AssertionError("a second process ended with " + exit + ", " + code);
    }
  }
}
