package org.probity.demo.breaking;

/** {@code kill -9} at a random moment under load, sometimes once more while it starts. */
final class Kill implements Way {
  private static final int STARTING_MILLIS = 2_500;

  @Override
  public String name() {
    return "kill";
  }

  @Override
  public Broken once(Scene scene) throws Exception {
    String victim = scene.anyNode();
    scene.payAndKill(victim, false);
    boolean again = scene.random().nextInt(4) == 0;
    if (again) {
      scene.banks().launch(victim);
      scene.sometime(STARTING_MILLIS);
      scene.banks().kill(victim);
    }
    return new Broken(
        victim,
        again ? "under load, and while it started" : "under load",
        false,
        false,
        scene.mend(victim));
  }
}
