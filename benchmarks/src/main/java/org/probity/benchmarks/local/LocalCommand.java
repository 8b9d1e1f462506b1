package org.probity.benchmarks.local;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.probity.benchmarks.TemporaryFolder;
import org.probity.detector.crypto.Ed25519Provider;
import org.probity.detector.crypto.Ed25519Providers;
import org.probity.node.cli.CliException;
import org.probity.node.cli.Terminal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code bench local}: one node under transfers. */
@Command(
    name = "local",
    description = {
      "Runs one node as a process of its own and sends it signed transfers through its client",
      "listener, counted when they are durable: singly signed, then 200 under one signature.",
      "Beside every figure stands the bare cost of the signature rule, measured in the same run.",
      "The last line on standard output is JSON; the table goes to standard error."
    })
public final class LocalCommand implements Callable<Integer> {
  /** Corretto where it is found, or Bouncy Castle: the node picks no other. */
  private static final Set<String> NODE_PROVIDERS = Set.of("corretto", "bouncycastle");

  private final Terminal terminal;

  @Option(
      names = "--transfers",
      defaultValue = "200000",
      description = "At most so many per measurement, signed ahead; default ${DEFAULT-VALUE}.")
  private int transfers;

  @Option(
      names = "--seconds",
      defaultValue = "20",
      description = "At most so long per measurement; default ${DEFAULT-VALUE}.")
  private int seconds;

  @Option(
      names = "--warm-up-seconds",
      defaultValue = "15",
      description = "At most so long before each measurement; default ${DEFAULT-VALUE}.")
  private int warmUpSeconds;

  @Option(
      names = "--clients",
      defaultValue = "8",
      description = "Requests outstanding at once; default ${DEFAULT-VALUE}.")
  private int clients;

  @Option(
      names = "--accounts",
      defaultValue = "1000",
      description = "Customers the transfers are spread over; default ${DEFAULT-VALUE}.")
  private int accounts;

  @Option(
      names = "--per-request",
      defaultValue = "100",
      description = "Singly signed statements per request; default ${DEFAULT-VALUE}.")
  private int perRequest;

  @Option(
      names = "--provider",
      paramLabel = "corretto|bouncycastle",
      description = "Ed25519 for node and bare rate; default the fastest there is.")
  private @Nullable String provider;

  @Option(
      names = "--dir",
      paramLabel = "FOLDER",
      description = "Where keys and log go and stay; default a temporary folder, deleted.")
  private @Nullable Path dir;

  public LocalCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    requireAtLeast("--transfers", transfers, LocalOptions.MIN_TRANSFERS);
    requireAtLeast("--seconds", seconds, 1);
    requireAtLeast("--warm-up-seconds", warmUpSeconds, 0);
    requireAtLeast("--clients", clients, 1);
    requireAtLeast("--accounts", accounts, 2);
    requireAtLeast("--per-request", perRequest, 1);
    if (perRequest > LocalOptions.MAX_STATEMENTS_PER_REQUEST) {
      throw CliException.usage(
          "--per-request is at most " + LocalOptions.MAX_STATEMENTS_PER_REQUEST);
    }
    Path folder = dir == null ? Files.createTempDirectory("probity-bench-") : dir;
    try {
      report(new LocalBenchmark(options(folder), terminal::say).run());
    } finally {
      if (dir == null) {
        TemporaryFolder.delete(folder);
      }
    }
    return 0;
  }

  private LocalOptions options(Path folder) {
    return new LocalOptions(
        folder,
        transfers,
        Duration.ofSeconds(seconds),
        Duration.ofSeconds(warmUpSeconds),
        clients,
        accounts,
        perRequest,
        provider());
  }

  private static void requireAtLeast(String option, int value, int least) {
    if (value < least) {
      throw CliException.usage(option + " is at least " + least);
    }
  }

  private String provider() {
    List<String> usable =
        Ed25519Providers.available().stream()
            .map(Ed25519Provider::name)
            .filter(NODE_PROVIDERS::contains)
            .toList();
    if (provider == null) {
      return usable.get(0);
    }
    if (!usable.contains(provider)) {
      throw CliException.usage("--provider is one of " + usable + " on this machine");
    }
    return provider;
  }

  private void report(List<Measurement> measurements) {
    Measurement single = measurements.get(0);
    Measurement bulk = measurements.get(1);
    terminal.say("");
    row("", "1 per signature", LocalOptions.BULK_TRANSFERS + " per signature");
    row("transfers/s, durable", single.transfersPerSecond(), bulk.transfersPerSecond());
    row("latency p50, ms", single.p50Millis(), bulk.p50Millis());
    row("latency p99, ms", single.p99Millis(), bulk.p99Millis());
    row(
        "node CPU per transfer, us",
        single.nodeCpuMicrosPerTransfer(),
        bulk.nodeCpuMicrosPerTransfer());
    row("log bytes per transfer", single.logBytesPerTransfer(), bulk.logBytesPerTransfer());
    row(
        "bare rule, CPU us per signature",
        single.bare().cpuMicrosPerSignature(),
        bulk.bare().cpuMicrosPerSignature());
    row("bare rule, transfers/s", single.bareTransfersPerSecond(), bulk.bareTransfersPerSecond());
    row("ratio to the bare rate", single.ratioToBareRate(), bulk.ratioToBareRate());
    ObjectNode json =
        JsonNodeFactory.instance
            .objectNode()
            .put("cores", Runtime.getRuntime().availableProcessors())
            .put("java", Runtime.version().toString())
            .put("provider", provider())
            .put("accounts", accounts);
    json.set("single", single.toJson());
    json.set("bulk", bulk.toJson());
    terminal.line(json);
  }

  private void row(String name, double single, double bulk) {
    row(name, format(single), format(bulk));
  }

  private static String format(double value) {
    return String.format(Locale.ROOT, value < 100 ? "%.2f" : "%,.0f", value);
  }

  private void row(String name, String single, String bulk) {
    terminal.say(String.format(Locale.ROOT, "%-32s %18s %18s", name, single, bulk));
  }
}
