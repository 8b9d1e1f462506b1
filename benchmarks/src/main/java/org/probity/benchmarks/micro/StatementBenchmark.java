package org.probity.benchmarks.micro;

import java.util.concurrent.TimeUnit;
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
import org.openjdk.jmh.annotations.Warmup;
import org.probity.benchmarks.workload.TransferWorkload;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.TransactionRule;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.Statement;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.ledger.transaction.AssetId;
import org.probity.ledger.transaction.TransactionBody;

/** A client's statement on its way in: strict CBOR and COSE alone, and with the signature. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@State(Scope.Benchmark)
public class StatementBenchmark {
  private static final String NODE = "bank-a";
  private static final Hash NETWORK = Hash.sha256(new byte[] {1});
  private static final AssetId ASSET = AssetId.fromHex("00112233445566778899aabbccddeeff");

  @Param({"1", "200"})
  int transfers;

  private final StatementVerifier verifier =
      new StatementVerifier(SignatureRule.fastest(), NETWORK);
  private Bytes encoded;
  private Bytes body;

  @Setup(Level.Trial)
  public void sign() {
    encoded =
        new TransferWorkload(NETWORK, NODE, ASSET, 1000).payment(1, transfers, 1L << 40).encoded();
    body = check().checked().orElseThrow().transaction().body();
  }

  /** COSE envelope, headers and payload boundaries; the identity is hashed. */
  @Benchmark
  public Statement decode() throws DecodeException {
    return Statement.decode(encoded);
  }

  /** The ledger's operations. */
  @Benchmark
  public TransactionBody decodeOperations() throws DecodeException {
    return TransactionBody.decode(body);
  }

  /** All that a worker does before the core sees the transaction. */
  @Benchmark
  public TransactionRule.Outcome check() {
    return TransactionRule.check(encoded, NODE, verifier);
  }
}
