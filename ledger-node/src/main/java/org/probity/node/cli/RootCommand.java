package org.probity.node.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** {@code probity}: holds the options every command has. */
@Command(
    name = "probity",
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    versionProvider = VersionText.class,
    synopsisSubcommandLabel = "COMMAND",
    description = "An accountable ledger for consortia whose members do not trust one another.",
    footer = {
      "",
      "Exit codes: 0 ok, 1 error, 2 usage, 3 bad configuration, 4 unreachable,",
      "5 unauthorised, 10 verification failed or fault proven."
    })
final class RootCommand implements Runnable {
  private final Terminal terminal;

  @Spec private CommandSpec spec;

  RootCommand(Terminal terminal) {
    this.terminal = terminal;
    this.spec = CommandSpec.create();
  }

  @Option(
      names = {"-o", "--output"},
      paramLabel = "table|json",
      scope = ScopeType.INHERIT,
      description = "How to print results; default table.")
  void output(Terminal.Format format) {
    terminal.choose(format);
  }

  @Option(
      names = {"-y", "--yes"},
      scope = ScopeType.INHERIT,
      description = "Answer every question with yes.")
  void yes(boolean yes) {
    if (yes) {
      terminal.assumeYes();
    }
  }

  @Option(
      names = "--verbose",
      scope = ScopeType.INHERIT,
      description = "Show stack traces of errors.")
  void verbose(boolean verbose) {
    if (verbose) {
      terminal.traceErrors();
    }
  }

  @Override
  public void run() {
    throw new CommandLine.ParameterException(spec.commandLine(), "a command is missing");
  }
}
