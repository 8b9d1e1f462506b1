package org.probity.demo.breaking;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** The node's own log reaches {@code storage.logMib}, which its operator then raises. */
final class FullMap implements Way {
  private static final long MIB = 1 << 20;
  private static final Duration PATIENCE = Duration.ofMinutes(4);

  @Override
  public String name() {
    return "full-map";
  }

  @Override
  public Broken once(Scene scene) throws Exception {
    Banks banks = scene.banks();
    String victim = scene.victim();
    Path config = banks.layout().config(victim);
    String roomy = Files.readString(config);
    banks.kill(victim);
    Path log = scene.folders(victim).get("data").resolve("log").resolve("data.mdb");
    long mib = Files.size(log) / MIB + 1;
    Files.writeString(config, tight(roomy, mib));
    if (!banks.start(victim).isReady()) {
      throw new AssertionError(victim + " does not start with " + mib + " MiB");
    }
    Scene.Pressure pressure = scene.pressure(victim);
    boolean isFull = Banks.await(PATIENCE, () -> isRefused(banks.log(victim)));
    pressure.end();
    if (!isFull) {
      throw new AssertionError(victim + " does not fill " + mib + " MiB");
    }
    scene.awaitWitnessed(victim);
    banks.kill(victim);
    Files.writeString(config, roomy);
    Scene.Mended mended = scene.mend(victim);
    if (!mended.code().isEmpty()) {
      throw new AssertionError(victim + " with more room starts with " + mended.code());
    }
    return new Broken(victim, mib + " MiB", false, false, mended);
  }

  private static String tight(String config, long mib) {
    String tight = config.replaceFirst("logMib: \"?\\d+\"?", "logMib: \"" + mib + "\"");
    if (tight.equals(config)) {
      throw new AssertionError("no storage.logMib in " + config);
    }
    return tight;
  }

  private static boolean isRefused(Path log) throws IOException {
    return Files.readString(log).contains("the node stops signing");
  }
}
