package org.probity.benchmarks.local;

import io.vertx.core.Vertx;
import io.vertx.core.net.PemTrustOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.probity.benchmarks.load.HttpLoadTarget;
import org.probity.benchmarks.load.Load;
import org.probity.benchmarks.load.LoadGenerator;
import org.probity.benchmarks.load.LoadReport;
import org.probity.benchmarks.workload.BenchmarkKeys;
import org.probity.benchmarks.workload.TransferWorkload;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.Signer;
import org.probity.detector.crypto.Statement;
import org.probity.detector.governance.Genesis;
import org.probity.ledger.transaction.AssetDefinition;
import org.probity.ledger.transaction.KeyPolicy;
import org.probity.node.cli.NodeRunner;
import org.probity.node.config.AddressBook;
import org.probity.node.config.NodeConfig;
import org.probity.node.identity.PemFiles;
import org.probity.node.network.NetworkInit;
import org.probity.node.network.NetworkLayout;
import org.probity.node.network.NetworkPlan;
import org.probity.node.runtime.NodeParts;
import org.probity.node.runtime.RunningNode;
import org.probity.node.runtime.StartException;

/** Founds a consortium, starts one of its nodes and measures it. */
final class LocalBenchmark {
  private static final String NODE = "bank-a";
  private static final String WITNESS = "bank-b";
  private static final String MEMBER = "member-a";
  private static final String ASSET = "CZK";
  private static final int SCALE = 2;
  private static final Duration BARE_DURATION = Duration.ofSeconds(2);
  private static final Duration VALID = Duration.ofHours(12);
  private static final Duration SETUP_LIMIT = Duration.ofMinutes(10);
  private static final int BARE_SAMPLE = 500;
  private static final int CONNECTIONS = 4;

  /** A warm-up takes at most this share of the transfers that the measurement may take. */
  private static final double WARM_UP_SHARE = 0.5;

  private final LocalOptions options;
  private final Consumer<String> progress;
  private final SignatureRule rule;
  private final int cores = Runtime.getRuntime().availableProcessors();
  private long nextPayment;

  LocalBenchmark(LocalOptions options, Consumer<String> progress) {
    this.options = options;
    this.progress = progress;
    this.rule = new SignatureRule(BenchmarkKeys.provider(options.provider()));
  }

  /** What was measured: single transfers first. */
  List<Measurement> run() throws IOException {
    Instant now = Instant.now();
    Path network = options.directory().resolve("network");
    Genesis genesis =
        NetworkInit.create(
            NetworkPlan.local(2, 0, 1, 0, now).withAssets(Map.of(ASSET, SCALE)),
            network,
            new SecureRandom(),
            now);
    NetworkLayout layout = new NetworkLayout(network);
    Signer operator = Signer.of(PemFiles.readSecret(layout.operatorKey(MEMBER)).ed25519());
    Signer issuer = Signer.of(PemFiles.readSecret(layout.issuerKey()).ed25519());
    AssetDefinition asset =
        new AssetDefinition(ASSET, SCALE, KeyPolicy.single(issuer.publicKey().toBytes()), 0);
    TransferWorkload workload =
        new TransferWorkload(genesis.networkId(), NODE, asset.id(), options.accounts());
    long notAfterMillis = now.plus(VALID).toEpochMilli();

    PemTrustOptions trust = new PemTrustOptions().addCertPath(layout.roots().toString());
    Vertx vertx = Vertx.vertx();
    progress.accept("starting " + NODE + " in " + network);
    try (NodeProcess node = startAlone(layout);
        HttpLoadTarget target = new HttpLoadTarget(vertx, node.clientUrl(), trust, CONNECTIONS);
        LogMeter meter = new LogMeter(vertx, node.clientUrl(), trust)) {
      LoadGenerator generator = new LoadGenerator(vertx, target, options.clients());
      progress.accept("opening and funding " + options.accounts() + " accounts");
      // In order: an account must be open before it is funded.
      LoadGenerator inOrder = new LoadGenerator(vertx, target, 1);
      await(inOrder, Load.pack(workload.opening(operator, notAfterMillis), 10, 1), SETUP_LIMIT);
      await(inOrder, Load.pack(workload.funding(issuer, notAfterMillis), 10, 1), SETUP_LIMIT);
      Bench bench = new Bench(node, meter, generator, workload, notAfterMillis);
      return List.of(
          bench.measure(1, options.statementsPerRequest()),
          bench.measure(
              LocalOptions.BULK_TRANSFERS,
              Math.max(1, options.statementsPerRequest() / LocalOptions.BULK_TRANSFERS)));
    } finally {
      vertx.close();
    }
  }

  /**
   * A node that nobody talks to: its witness runs until it has said that it knows nothing of the
   * log, since the node signs nothing before (protocol.md §11.1).
   */
  private NodeProcess startAlone(NetworkLayout layout) throws IOException {
    Path folder = layout.node(WITNESS);
    RunningNode witness;
    try {
      witness =
          RunningNode.start(
              NodeConfig.load(layout.config(WITNESS), Map.of(), Map.of()), NodeParts.standard());
    } catch (StartException e) {
      throw new IOException(e.code() + ": " + e.getMessage(), e);
    }
    try {
      NodeRunner.publish(witness, folder);
      return NodeProcess.start(
          layout.config(NODE),
          options.provider().equals("corretto"),
          List.of("-Xmx1g", "-XX:+UseSerialGC"),
          options.directory().resolve("node.log"));
    } finally {
      witness.stop();
      Files.deleteIfExists(folder.resolve(AddressBook.READY_FILE));
    }
  }

  /** A node with funded accounts. */
  private final class Bench {
    private final NodeProcess node;
    private final LogMeter meter;
    private final LoadGenerator generator;
    private final TransferWorkload workload;
    private final long notAfterMillis;

    Bench(
        NodeProcess node,
        LogMeter meter,
        LoadGenerator generator,
        TransferWorkload workload,
        long notAfterMillis) {
      this.node = node;
      this.meter = meter;
      this.generator = generator;
      this.workload = workload;
      this.notAfterMillis = notAfterMillis;
    }

    Measurement measure(int transfersPerSignature, int statementsPerRequest) {
      int statements = Math.max(1, options.transfers() / transfersPerSignature);
      progress.accept(
          "signing " + statements + " statements of " + transfersPerSignature + " transfers");
      List<Load> warmUp =
          sign((int) (statements * WARM_UP_SHARE), transfersPerSignature, statementsPerRequest);
      List<Load> loads = sign(statements, transfersPerSignature, statementsPerRequest);
      List<Statement> sample = payments(Math.min(statements, BARE_SAMPLE), transfersPerSignature);

      progress.accept("measuring the signature rule, then transfers, then the rule again");
      BareRate before = BareRate.measure(rule, sample, cores, BARE_DURATION);
      await(generator, warmUp, options.warmUp());
      long sizeBefore = meter.size();
      long nodeCpuBefore = node.cpuNanos();
      long ownCpuBefore = CpuTime.ofThisProcess();
      LoadReport load = await(generator, loads, options.limit());
      long nodeCpu = node.cpuNanos() - nodeCpuBefore;
      long ownCpu = CpuTime.ofThisProcess() - ownCpuBefore;
      long sizeAfter = meter.size();
      double bytes = meter.meanEntryBytes(sizeBefore, sizeAfter) * (sizeAfter - sizeBefore);
      BareRate after = BareRate.measure(rule, sample, cores, BARE_DURATION);
      return new Measurement(
          transfersPerSignature,
          statementsPerRequest,
          options.clients(),
          load,
          nodeCpu,
          ownCpu,
          bytes,
          BareRate.mean(before, after));
    }

    private List<Load> sign(int count, int transfersPerSignature, int statementsPerRequest) {
      return Load.pack(
          payments(count, transfersPerSignature), statementsPerRequest, transfersPerSignature);
    }

    private List<Statement> payments(int count, int transfersPerSignature) {
      long first = nextPayment;
      nextPayment += count;
      return IntStream.range(0, count)
          .parallel()
          .mapToObj(i -> workload.payment(first + i, transfersPerSignature, notAfterMillis))
          .toList();
    }
  }

  private static LoadReport await(LoadGenerator generator, List<Load> loads, Duration limit) {
    Iterator<Load> iterator = new ArrayList<>(loads).iterator();
    try {
      return generator.run(iterator, limit).toCompletionStage().toCompletableFuture().get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("the load failed: " + e.getMessage(), e);
    }
  }
}
