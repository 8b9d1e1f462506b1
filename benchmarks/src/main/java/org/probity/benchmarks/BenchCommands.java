package org.probity.benchmarks;

import java.util.List;
import org.probity.benchmarks.local.LocalCommand;
import org.probity.benchmarks.messages.MessagesCommand;
import org.probity.benchmarks.micro.MicroCommand;
import org.probity.node.cli.CommandProvider;
import org.probity.node.cli.Terminal;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Adds {@code bench} to the command line. */
public final class BenchCommands implements CommandProvider {

  /** {@code bench}: holds its subcommands. */
  @Command(name = "bench", description = "Measures what the ledger costs on this machine.")
  static final class Bench {}

  @Override
  public List<Object> commands(Terminal terminal) {
    return List.of(
        new CommandLine(new Bench())
            .addSubcommand(new LocalCommand(terminal))
            .addSubcommand(new MessagesCommand(terminal))
            .addSubcommand(new MicroCommand()));
  }
}
