package org.probity.benchmarks.micro;

import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.state.StateTree;

/** The authenticated state at 100,000 keys: writes of one batch and the root after them. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@State(Scope.Thread)
public class StateTreeBenchmark {
  private static final int KEYS = 100_000;

  /** Two accounts and one transaction id for each of 31 transfers. */
  private static final int WRITES_PER_BATCH = 93;

  private static final int VALUE_BYTES = 110;

  private StateTree tree;
  private int next;

  @Setup(Level.Trial)
  public void fill() {
    tree = StateTree.EMPTY;
    for (int i = 0; i < KEYS; i++) {
      tree = tree.put(key(i), value(i));
    }
    tree.root();
  }

  private static Bytes key(int number) {
    return Hash.sha256(ByteBuffer.allocate(Integer.BYTES).putInt(number).array()).toBytes();
  }

  private static Bytes value(int number) {
    return Bytes.wrap(ByteBuffer.allocate(VALUE_BYTES).putInt(number).array());
  }

  /** Per write. */
  @Benchmark
  @OperationsPerInvocation(WRITES_PER_BATCH)
  public Hash putsAndRootOfOneBatch() {
    for (int i = 0; i < WRITES_PER_BATCH; i++) {
      next++;
      tree = tree.put(key(Math.floorMod(next * 7919, KEYS)), value(next));
    }
    return tree.root();
  }

  /** Per read, of keys all over the tree. */
  @Benchmark
  public Bytes get() {
    next++;
    Bytes value = tree.get(key(Math.floorMod(next * 7919, KEYS)));
    if (value == null) {
      throw new IllegalStateException("a key is gone");
    }
    return value;
  }
}
