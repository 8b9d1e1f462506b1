package org.probity.benchmarks.micro;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.log.SigningMark;
import org.probity.node.store.LogWrites;
import org.probity.node.store.NodeStore;
import org.probity.node.store.StoredLog;

/**
 * One durable commit: entries and their tree in LMDB, the signing mark inside and beside it, each
 * with its own fdatasync. On the disk of the folder for temporary files.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 2)
@Fork(
    value = 1,
    jvmArgsAppend = {
      "--add-opens=java.base/java.nio=ALL-UNNAMED",
      "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED"
    })
@State(Scope.Thread)
public class CommitBenchmark {
  private static final long MAP_BYTES = 8L << 30;
  private static final int ENTRY_BYTES = 330;

  @Param({"32", "512"})
  int entries;

  private Path directory;
  private NodeStore store;
  private StoredLog log;
  private List<Bytes> batch;

  @Setup(Level.Trial)
  public void open() throws IOException {
    directory = Files.createTempDirectory("probity-commit-");
    NodeStore.Options options =
        new NodeStore.Options(
            directory.resolve("data"),
            directory.resolve("marks"),
            MAP_BYTES,
            MAP_BYTES,
            MAP_BYTES,
            1);
    NodeStore.initialise(options);
    store = NodeStore.open(options);
    log = store.own().log("benchmark");
    batch = new ArrayList<>();
    for (int i = 0; i < entries; i++) {
      byte[] entry = new byte[ENTRY_BYTES];
      entry[0] = (byte) i;
      batch.add(Bytes.wrap(entry));
    }
  }

  /** Per commit of so many entries. */
  @Benchmark
  public long commit() {
    long size = log.size();
    SigningMark mark =
        new SigningMark(size + entries, Hash.sha256(Bytes.utf8("mark " + size).unsafeArray()));
    store.commit(new LogWrites().append(log, size, batch), mark);
    return log.size();
  }

  @TearDown(Level.Trial)
  public void delete() throws IOException {
    store.close();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
