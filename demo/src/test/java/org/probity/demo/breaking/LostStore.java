package org.probity.demo.breaking;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** The data folder is gone, half of the time the marks with it. */
final class LostStore implements Way {
  @Override
  public String name() {
    return "lost-store";
  }

  @Override
  public boolean mayBeUnmendable() {
    return true;
  }

  @Override
  public Broken once(Scene scene) throws Exception {
    String victim = scene.victim();
    boolean marksToo = scene.random().nextBoolean();
    boolean quiet = scene.random().nextBoolean();
    scene.payAndKill(victim, quiet);
    Map<String, Path> folders = scene.folders(victim);
    Scene.delete(folders.get("data"));
    if (marksToo) {
      Scene.delete(folders.get("marks"));
      Files.createDirectory(folders.get("marks"));
    }
    String how =
        (quiet ? "witnessed" : "under load") + ", marks " + (marksToo ? "gone, too" : "kept");
    return new Broken(victim, how, !quiet, false, scene.mend(victim));
  }
}
