package org.probity.detector.audit;

import java.util.List;
import java.util.SplittableRandom;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Signer;
import org.probity.detector.governance.Parameters;
import org.probity.detector.node.ObjectStore;
import org.probity.detector.node.TestConsortium;
import org.probity.detector.node.TestNetwork;

/**
 * Correct nodes that did something: reads, writes, messages both ways, time, repetitions. Every now
 * and then the process of one ends, in the middle of anything, and another goes on from its disk.
 */
final class RandomLogs {
  static final List<String> NODES = List.of("alpha", "beta", "gamma", "delta");
  private static final Signer CLIENT = TestNetwork.signer("client");

  private RandomLogs() {}

  /** The same consortium for the same random numbers; some 30 to 300 entries a log. */
  static TestConsortium consortium(SplittableRandom random) {
    ObjectStore program = new ObjectStore();
    TestConsortium consortium =
        new TestConsortium(
            TestNetwork.of(
                Parameters.of(1, 2), program.id(), Bytes.EMPTY, NODES.toArray(String[]::new)),
            program);
    int rounds = 2 + random.nextInt(6);
    for (int round = 0; round < rounds; round++) {
      int transactions = random.nextInt(20);
      for (int i = 0; i < transactions; i++) {
        String home = pick(random, NODES);
        // Few ids and keys, so that repetitions and overwriting happen.
        consortium.submit(
            home,
            consortium.sign(
                CLIENT,
                home,
                random.nextInt(200),
                pick(random, List.of("c", "nobody")),
                body(random)));
      }
      consortium.runRounds(random.nextInt(3));
      if (random.nextInt(3) == 0) {
        consortium.member(pick(random, NODES)).restart();
      }
      if (random.nextInt(3) > 0) {
        consortium.run();
      }
      if (random.nextBoolean()) {
        consortium.advance(random.nextInt(70_000));
      }
    }
    consortium.run();
    // Whatever a restart has lost is sent again.
    consortium.advance(60_000);
    consortium.run();
    return consortium;
  }

  private static String body(SplittableRandom random) {
    String key = pick(random, List.of("x", "y", "z", "alpha/a", "beta/b", "gamma/c", "delta/d"));
    return switch (random.nextInt(4)) {
      case 0 -> key;
      case 1 -> key + "=undo";
      case 2 -> key + "=ping" + random.nextInt(10);
      default -> key + "=" + "v".repeat(random.nextInt(400));
    };
  }

  static <T> T pick(SplittableRandom random, List<T> choices) {
    return choices.get(random.nextInt(choices.size()));
  }
}
