package org.probity.benchmarks.micro;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.probity.detector.commitment.TransactionRule;

/**
 * The core alone: transactions whose signatures are verified already, through machine, log writer
 * and state tree to sealed, signed commits, on one core and without a disk. What a node can do at
 * most, whatever the number of cores that verify signatures.
 */
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 8)
@Measurement(iterations = 8)
@Fork(
    value = 1,
    jvmArgsAppend = {"-Xmx2g", "-XX:+UseSerialGC"})
@State(Scope.Thread)
public class CoreBenchmark {
  private static final int TRANSFERS = 20_000;
  private static final int PER_COMMIT = 500;
  private static final int BULK = 200;

  @Param({"1000", "100000"})
  int accounts;

  private CoreFixture core;
  private long next;
  private List<TransactionRule.Checked> single;
  private List<TransactionRule.Checked> bulk;

  @Setup(Level.Trial)
  public void found() {
    core = new CoreFixture(accounts);
  }

  @Setup(Level.Iteration)
  public void sign() {
    single = core.payments(next, TRANSFERS, 1);
    next += TRANSFERS;
    bulk = core.payments(next, TRANSFERS / BULK, BULK);
    next += TRANSFERS / BULK;
  }

  /** Per transfer, each under a signature of its own. */
  @Benchmark
  @OperationsPerInvocation(TRANSFERS)
  public void singleTransfers() {
    core.execute(single, PER_COMMIT);
  }

  /** Per transfer, 200 under one signature. */
  @Benchmark
  @OperationsPerInvocation(TRANSFERS)
  public void bulkTransfers() {
    core.execute(bulk, PER_COMMIT / BULK + 1);
  }
}
