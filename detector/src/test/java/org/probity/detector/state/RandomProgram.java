package org.probity.detector.state;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;

/**
 * A deterministic program of random operations, and all it observed: two executions that observe
 * the same have seen the same state.
 */
final class RandomProgram {
  /** What a run saw, in order, and the root it ended with. */
  record Run(List<Object> observed, Hash root) {}

  private final long seed;
  private final int operations;

  RandomProgram(SplittableRandom random, int operations) {
    this.seed = random.nextLong();
    this.operations = operations;
  }

  Run run(WorkingState state) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Object> observed = new ArrayList<>();
    List<StateTree> savepoints = new ArrayList<>(List.of(state.tree()));
    for (int i = 0; i < operations; i++) {
      Bytes key = Keys.hostile(random);
      switch (random.nextInt(9)) {
        case 0, 1 -> observed.add(String.valueOf(state.get(key)));
        case 2, 3 -> state.put(key, Keys.value(random));
        case 4, 5 -> state.remove(key);
        case 6 -> {
          Bytes to = random.nextInt(4) == 0 ? null : Keys.hostile(random);
          observed.add(state.scan(key, to, random.nextInt(6)));
        }
        case 7 -> state.removeRange(key, random.nextInt(4) == 0 ? null : Keys.hostile(random));
        default -> {
          if (random.nextBoolean()) {
            savepoints.add(state.tree());
          } else {
            state.rollbackTo(savepoints.get(random.nextInt(savepoints.size())));
          }
        }
      }
    }
    return new Run(observed, state.root());
  }
}
