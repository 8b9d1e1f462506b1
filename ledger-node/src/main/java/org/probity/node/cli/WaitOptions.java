package org.probity.node.cli;

import java.time.Duration;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import picocli.CommandLine.Option;

/** How far what a command has sent must have got before the command returns. */
final class WaitOptions {
  /** In the order in which they are reached. */
  enum Wait {
    /** Durable in the log of the payer's node. */
    RECORDED,
    /** Answered by the payees' nodes, too. */
    SETTLED,
    /** Cosigned by witnesses; not there yet. */
    WITNESSED,
    /** Replayed by witnesses; not there yet. */
    AUDITED
  }

  /** Those that this version can wait for. */
  private static final Set<Wait> AVAILABLE = EnumSet.of(Wait.RECORDED, Wait.SETTLED);

  @Option(
      names = "--wait",
      defaultValue = "recorded",
      description = "recorded (default), or settled: the payee's node has answered.")
  private Wait wait = Wait.RECORDED;

  @Option(
      names = "--timeout",
      defaultValue = "30",
      paramLabel = "SECONDS",
      description = "How long to wait for settled; default ${DEFAULT-VALUE}.")
  private int timeoutSeconds;

  /** Call it before anything is sent. */
  void requireAvailable() {
    if (!AVAILABLE.contains(wait)) {
      throw CliException.usage(
          "--wait "
              + wait.name().toLowerCase(Locale.ROOT)
              + " is not available in this version: recorded or settled");
    }
  }

  /**
   * Waits as long as was asked for; what did not succeed is not waited for.
   *
   * @throws CliException as {@link Settlement#await}
   */
  void await(NodeApi api, Submission.Recorded recorded) {
    if (recorded.status() == ExitStatus.OK && wait == Wait.SETTLED) {
      Settlement.await(api, recorded, Duration.ofSeconds(timeoutSeconds));
    }
  }
}
