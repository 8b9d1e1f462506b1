package org.probity.demo.breaking;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.Random;

/**
 * Bits of the node's own log flip on its disk while it is stopped, half of the time after others
 * have all of it.
 */
final class FlippedBits implements Way {
  /** Doublings of one bit: at the most, some in every page of the file. */
  private static final int DOUBLINGS = 13;

  @Override
  public String name() {
    return "flipped-bits";
  }

  @Override
  public boolean mayBeUnmendable() {
    return true;
  }

  @Override
  public Broken once(Scene scene) throws Exception {
    String victim = scene.victim();
    boolean quiet = scene.random().nextBoolean();
    int bits = 1 << scene.random().nextInt(DOUBLINGS);
    scene.payAndKill(victim, quiet);
    Path log = scene.folders(victim).get("data").resolve("log").resolve("data.mdb");
    flip(log, bits, scene.random());
    Scene.Mended mended = scene.mend(victim);
    return new Broken(
        victim,
        bits + (quiet ? " bits, witnessed" : " bits, under load"),
        !quiet && mended.isNextIncarnation(),
        false,
        mended);
  }

  private static void flip(Path path, int bits, Random random) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      for (int bit = 0; bit < bits; bit++) {
        long at = (long) (random.nextDouble() * file.length());
        file.seek(at);
        int before = file.read();
        file.seek(at);
        file.write(before ^ 1 << random.nextInt(Byte.SIZE));
      }
    }
  }
}
