package org.probity.demo.breaking;

import java.nio.file.Path;

/**
 * SPEC protocol.md §11.5: the whole folder of a node, keys and all, is copied while the node is
 * down, and started as if on another machine, beside the original under load.
 */
final class CopiedFolder implements Way {
  @Override
  public String name() {
    return "copied-folder";
  }

  @Override
  public Broken once(Scene scene) throws Exception {
    Banks banks = scene.banks();
    String victim = scene.anyNode();
    scene.payAndKill(victim, false);
    Path original = banks.layout().config(victim);
    // Beside the original's, where nobody looks for its address, and it finds everybody's.
    Path folder = banks.layout().node(victim).resolveSibling(victim + "-copy");
    Scene.delete(folder);
    Scene.copy(banks.layout().node(victim), folder);
    scene.mend(victim);
    DoubleStart.requireRefusedBeside(
        scene,
        victim,
        folder.resolve(original.getFileName()),
        folder.resolve("copy.log"),
        "another_run");
    return new Broken(victim, "beside the original", false, false, scene.mend(victim));
  }
}
