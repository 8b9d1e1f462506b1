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
import org.probity.benchmarks.workload.BenchmarkKeys;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Ed25519Provider;
import org.probity.detector.crypto.PrivateKey;
import org.probity.detector.crypto.PublicKey;
import org.probity.detector.crypto.SignatureRule;

/** One signature under the whole rule, and one made, for each provider. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@State(Scope.Benchmark)
public class SignatureRuleBenchmark {
  @Param({"corretto", "bouncycastle", "jdk"})
  String provider = "";

  @Param({"256", "11000"})
  int messageBytes;

  private SignatureRule rule;
  private Ed25519Provider implementation;
  private PrivateKey privateKey;
  private PublicKey key;
  private Bytes message;
  private Bytes signature;

  @Setup(Level.Trial)
  public void prepare() {
    implementation = BenchmarkKeys.provider(provider);
    rule = new SignatureRule(implementation);
    privateKey = BenchmarkKeys.privateKey("signature rule");
    key = privateKey.publicKey();
    message = Bytes.wrap(new byte[messageBytes]);
    signature = Bytes.wrap(sign());
  }

  @Benchmark
  public boolean verify() {
    return rule.accepts(key, message, signature);
  }

  @Benchmark
  public byte[] sign() {
    return implementation.sign(privateKey, message.unsafeArray());
  }
}
