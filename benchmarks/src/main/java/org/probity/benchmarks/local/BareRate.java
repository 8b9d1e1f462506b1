package org.probity.benchmarks.local;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CoseSign1;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.PublicKey;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.Statement;

/**
 * What the whole verification rule costs and nothing else: no decoding, no ledger, no network. The
 * keys are validated before, as a node remembers them.
 *
 * @param signaturesPerSecond of all cores together
 * @param cpuMicrosPerSignature of one core
 */
record BareRate(double signaturesPerSecond, double cpuMicrosPerSignature) {
  private static final Duration WARM_UP = Duration.ofSeconds(1);

  private record Signed(PublicKey key, Bytes message, Bytes signature) {}

  private record Count(long signatures, long cpuNanos) {}

  /** The mean of two measurements, taken before and after a load. */
  static BareRate mean(BareRate before, BareRate after) {
    return new BareRate(
        (before.signaturesPerSecond + after.signaturesPerSecond) / 2,
        (before.cpuMicrosPerSignature + after.cpuMicrosPerSignature) / 2);
  }

  /** Verifies the statements over and over, one thread per core; singly signed statements only. */
  static BareRate measure(
      SignatureRule rule, List<Statement> statements, int threads, Duration duration) {
    List<Signed> signed = statements.stream().map(BareRate::signed).toList();
    run(rule, signed, threads, WARM_UP);
    long startNanos = System.nanoTime();
    Count count = run(rule, signed, threads, duration);
    double seconds = (System.nanoTime() - startNanos) / 1e9;
    return new BareRate(count.signatures / seconds, count.cpuNanos / 1e3 / count.signatures);
  }

  private static Signed signed(Statement statement) {
    try {
      CborReader in = new CborReader(statement.encoded());
      in.arrayHeader(1);
      CoseSign1 cose = CoseSign1.decode(in.bytes());
      return new Signed(PublicKey.decode(cose.kid()), cose.toBeSigned(), cose.signature());
    } catch (DecodeException e) {
      throw new IllegalArgumentException("not a statement by one signer", e);
    }
  }

  private static Count run(
      SignatureRule rule, List<Signed> signed, int threads, Duration duration) {
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    try {
      List<Future<Count>> futures = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        int first = i * signed.size() / threads;
        futures.add(executor.submit(() -> verify(rule, signed, first, duration)));
      }
      long signatures = 0;
      long cpuNanos = 0;
      for (Future<Count> future : futures) {
        signatures += future.get().signatures;
        cpuNanos += future.get().cpuNanos;
      }
      return new Count(signatures, cpuNanos);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while measuring", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("cannot measure the signature rule", e.getCause());
    } finally {
      executor.shutdownNow();
    }
  }

  private static Count verify(
      SignatureRule rule, List<Signed> signed, int first, Duration duration) {
    long cpuBefore = CpuTime.ofThisThread();
    long endNanos = System.nanoTime() + duration.toNanos();
    long signatures = 0;
    int next = first;
    while (System.nanoTime() < endNanos) {
      Signed one = signed.get(next);
      next = next + 1 == signed.size() ? 0 : next + 1;
      if (!rule.accepts(one.key, one.message, one.signature)) {
        throw new IllegalStateException("a good signature was rejected");
      }
      signatures++;
    }
    return new Count(signatures, CpuTime.ofThisThread() - cpuBefore);
  }
}
