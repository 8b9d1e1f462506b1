package org.probity.demo.breaking;

import java.nio.file.Path;
import java.util.Map;

/**
 * An old copy of the data folder is put back and started, half of the time with the marks of that
 * time: what no operator should do and some do. Half of the time the payments have ended before,
 * and witnesses have all there is.
 */
final class StaleRestore implements Way {
  @Override
  public String name() {
    return "stale";
  }

  @Override
  public boolean mayBeUnmendable() {
    return true;
  }

  @Override
  public Broken once(Scene scene) throws Exception {
    String victim = scene.victim();
    boolean oldMarks = scene.random().nextBoolean();
    boolean quiet = scene.random().nextBoolean();
    Banks banks = scene.banks();
    Map<String, Path> folders = scene.folders(victim);
    Path old = banks.layout().directory().resolve("old");
    Scene.delete(old);
    banks.kill(victim);
    for (Map.Entry<String, Path> folder : folders.entrySet()) {
      Scene.copy(folder.getValue(), old.resolve(folder.getKey()));
    }
    scene.mend(victim);
    scene.payAndKill(victim, quiet);
    Scene.replace(folders.get("data"), old.resolve("data"));
    if (oldMarks) {
      Scene.replace(folders.get("marks"), old.resolve("marks"));
    }
    String how =
        (quiet ? "witnessed" : "under load") + ", " + (oldMarks ? "old marks" : "newest marks");
    return new Broken(victim, how, !quiet, oldMarks, scene.mend(victim));
  }
}
