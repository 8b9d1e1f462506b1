package org.probity.node.cli;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.ServiceLoader;
import picocli.AutoComplete;
import picocli.CommandLine;

/** The program {@code probity}. */
public final class Probity {
  private Probity() {}

  public static void main(String[] arguments) {
    Terminal terminal =
        new Terminal(
            new FileInputStream(FileDescriptor.in),
            utf8(new FileOutputStream(FileDescriptor.out)),
            utf8(new FileOutputStream(FileDescriptor.err)));
    System.exit(run(terminal, arguments));
  }

  private static PrintStream utf8(FileOutputStream stream) {
    return new PrintStream(stream, false, StandardCharsets.UTF_8);
  }

  /** Runs one command line and returns its exit code; never throws and never exits. */
  public static int run(InputStream in, PrintStream out, PrintStream err, String... arguments) {
    return run(new Terminal(in, out, err), arguments);
  }

  private static int run(Terminal terminal, String... arguments) {
    Failures failures = new Failures(terminal);
    try {
      return commandLine(terminal, failures).execute(arguments);
    } catch (RuntimeException e) {
      // Only our own bug outside of any command gets here.
      return failures.handle(e);
    }
  }

  private static CommandLine commandLine(Terminal terminal, Failures failures) {
    CommandLine root = new CommandLine(new RootCommand(terminal));
    for (Object command : builtIn(terminal)) {
      root.addSubcommand(command);
    }
    for (CommandProvider provider : ServiceLoader.load(CommandProvider.class)) {
      for (Object command : provider.commands(terminal)) {
        root.addSubcommand(command);
      }
    }
    root.addSubcommand(AutoComplete.GenerateCompletion.class);
    return root.setCaseInsensitiveEnumValuesAllowed(true)
        .setOut(new PrintWriter(terminal.out(), true, StandardCharsets.UTF_8))
        .setErr(new PrintWriter(terminal.err(), true, StandardCharsets.UTF_8))
        .setExecutionExceptionHandler(failures)
        .setParameterExceptionHandler(failures);
  }

  private static List<Object> builtIn(Terminal terminal) {
    return List.of(
        new NetworkCommand(terminal),
        new NodeCommand(terminal),
        new IdentityCommand(terminal),
        new ConfigCommand(terminal),
        new AccountCommand(terminal),
        new TransferCommand(terminal),
        new TransactionCommand(terminal),
        new ReceiptCommand(terminal),
        new LogCommand(terminal),
        new PeersCommand(terminal),
        new ScoringCommand(terminal),
        new AuditCommand(terminal),
        new ChallengeCommand(terminal),
        new EvidenceCommand(terminal),
        new GovernanceCommand(terminal));
  }
}
