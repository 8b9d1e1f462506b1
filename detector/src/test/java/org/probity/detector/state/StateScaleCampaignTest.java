package org.probity.detector.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;

/** A million keys: sizes are asserted, times and memory are printed. */
@Tag("campaign")
class StateScaleCampaignTest {
  private static final int KEYS = 1_000_000;

  @Test
  void aMillionKeys() throws Exception {
    long heapBefore = usedHeap();
    long start = System.nanoTime();
    StateTree tree = Population.of(KEYS);
    report("puts per second, one by one from empty", KEYS / seconds(start));
    start = System.nanoTime();
    tree.root();
    report("seconds for the first root", seconds(start));
    report(
        "heap bytes per key (33-byte keys, 100-byte values)",
        (usedHeap() - heapBefore) / (double) KEYS);

    StateTree current = tree;
    SplittableRandom random = new SplittableRandom(3);
    double getMicros = 0;
    double putMicros = 0;
    double rootMicros = 0;
    long found = 0;
    int rounds = 2_000;
    for (int round = 0; round < rounds; round++) {
      List<Bytes> touched = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        touched.add(Population.key(random.nextInt(KEYS)));
      }
      Bytes value = Population.value(round);
      start = System.nanoTime();
      for (Bytes key : touched) {
        found += current.get(key).size();
      }
      double get = seconds(start) * 1e6;
      start = System.nanoTime();
      for (Bytes key : touched) {
        current = current.put(key, value);
      }
      double put = seconds(start) * 1e6;
      start = System.nanoTime();
      current.root();
      double root = seconds(start) * 1e6;
      if (round >= rounds / 2) {
        getMicros += get;
        putMicros += put;
        rootMicros += root;
      }
    }
    assertTrue(found > 0);
    report("microseconds for 100 gets, cold", getMicros / (rounds / 2.0));
    report("microseconds for 100 puts", putMicros / (rounds / 2.0));
    report("microseconds for the root after 100 puts", rootMicros / (rounds / 2.0));

    int[] changes = new int[1];
    start = System.nanoTime();
    StateDiff.between(
        tree,
        current,
        new StateDiff.Sink() {
          @Override
          public void put(Bytes key, Bytes value) {
            changes[0]++;
          }

          @Override
          public void remove(Bytes key) {
            changes[0]++;
          }
        });
    report("microseconds per change of a diff", seconds(start) * 1e6 / changes[0]);

    start = System.nanoTime();
    StateWitness witness = StateWitness.ofKeys(tree, Population.sample(KEYS, 72));
    report("microseconds to make a witness of 72 keys", seconds(start) * 1e6);
    report("bytes of that witness", witness.encoded().size());
    assertTrue(witness.encoded().size() < 45 << 10, () -> "bytes " + witness.encoded().size());
    start = System.nanoTime();
    assertEquals(tree.root(), StateWitness.decode(witness.encoded()).root());
    report("microseconds to decode and hash it", seconds(start) * 1e6);

    StateTreeBuilder builder = new StateTreeBuilder();
    start = System.nanoTime();
    for (Iterator<KeyValue> all = tree.iterator(Bytes.EMPTY); all.hasNext(); ) {
      KeyValue binding = all.next();
      builder.add(binding.key(), binding.value());
    }
    StateTree rebuilt = builder.build();
    report("seconds to iterate and rebuild", seconds(start));
    assertEquals(tree.root(), rebuilt.root());
  }

  private static double seconds(long startNanos) {
    return (System.nanoTime() - startNanos) / 1e9;
  }

  private static long usedHeap() {
    System.gc();
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  private static void report(String what, double value) {
    System.out.printf("%-60s %,14.2f%n", what, value);
  }
}
