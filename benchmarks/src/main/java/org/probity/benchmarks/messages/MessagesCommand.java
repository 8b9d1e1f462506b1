package org.probity.benchmarks.messages;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.probity.benchmarks.TemporaryFolder;
import org.probity.node.cli.CliException;
import org.probity.node.cli.Terminal;
import org.probity.node.runtime.StartException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code bench messages}: what nodes send one another for a payment from bank to bank. */
@Command(
    name = "messages",
    description = {
      "Runs a consortium of real nodes in this process and counts what they send one another while",
      "customers pay from bank to bank: messages and bytes per payment, by purpose, until it is",
      "settled and replayed by the witnesses. Beside it, computed for the same payments, the",
      "protocol of the PeerReview paper, which signs every message.",
      "The last line on standard output is JSON; the table goes to standard error."
    })
public final class MessagesCommand implements Callable<Integer> {
  private static final int MAX_OUTSTANDING = 100;

  private final Terminal terminal;

  @Option(names = "--nodes", defaultValue = "5", description = "Default ${DEFAULT-VALUE}.")
  private int nodes;

  @Option(
      names = "--witnesses",
      defaultValue = "2",
      description = "Of each node; default ${DEFAULT-VALUE}.")
  private int witnesses;

  @Option(names = "--payments", defaultValue = "2000", description = "Default ${DEFAULT-VALUE}.")
  private int payments;

  @Option(
      names = "--per-second",
      defaultValue = "100",
      description =
          "Payments of all banks together, 0 for as fast as they are answered; default"
              + " ${DEFAULT-VALUE}. The rate that was reached is in the result.")
  private double perSecond;

  @Option(
      names = "--outstanding",
      defaultValue = "64",
      description = "Payments that one bank has not answered, at most; default ${DEFAULT-VALUE}.")
  private int outstanding;

  @Option(
      names = "--idle-seconds",
      defaultValue = "10",
      description = "Counted without payments before; default ${DEFAULT-VALUE}.")
  private int idleSeconds;

  @Option(
      names = "--dir",
      paramLabel = "FOLDER",
      description = "Where keys and logs go and stay; default a temporary folder, deleted.")
  private @Nullable Path dir;

  public MessagesCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException, StartException, InterruptedException {
    require(witnesses >= 1, "--witnesses is at least 1");
    require(nodes > witnesses, "--nodes must be more than --witnesses: nobody watches itself");
    require(payments >= 1, "--payments is at least 1");
    require(perSecond >= 0 && perSecond <= 100_000, "--per-second is 0 to 100000");
    require(
        outstanding >= 1 && outstanding <= MAX_OUTSTANDING,
        "--outstanding is 1 to " + MAX_OUTSTANDING + ": a node takes no more on one connection");
    require(idleSeconds >= 1, "--idle-seconds is at least 1");
    Path folder = dir == null ? Files.createTempDirectory("probity-bench-") : dir;
    try {
      MessagesReport report =
          new MessagesBenchmark(
                  new MessagesOptions(
                      folder,
                      nodes,
                      witnesses,
                      payments,
                      perSecond,
                      outstanding,
                      Duration.ofSeconds(idleSeconds)),
                  terminal::say)
              .run();
      terminal.say("");
      report.lines().forEach(terminal::say);
      terminal.line(report.toJson());
    } finally {
      if (dir == null) {
        TemporaryFolder.delete(folder);
      }
    }
    return 0;
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw CliException.usage(message);
    }
  }
}
