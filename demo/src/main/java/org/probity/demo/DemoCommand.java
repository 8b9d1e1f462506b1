package org.probity.demo;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.probity.node.cli.CliException;
import org.probity.node.cli.Terminal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code demo}: a consortium of banks on this machine, one of which cheats. */
@Command(
    name = "demo",
    description = {
      "Runs a consortium of banks, lets one cheat, and shows how the others prove it.",
      "Every bank's node is a process of its own; payment orders are settled between them first.",
      "Exit code 0 only if every correct node reached the verdict expected for the fault, nobody",
      "else was accused and the sums over all banks agree."
    })
final class DemoCommand implements Callable<Integer> {
  private static final int MIN_NODES = 4;
  private static final int MAX_NODES = 20;

  private final Terminal terminal;

  @Option(
      names = "--dir",
      paramLabel = "FOLDER",
      description = "Where keys, logs and evidence go and stay; default a new temporary folder.")
  private @Nullable Path dir;

  @Option(
      names = "--nodes",
      description = {
        "How many banks; default 5, and 7 for lazy-witness, where two cheat: a decision takes more",
        "than two thirds of all members."
      })
  private @Nullable Integer nodes;

  @Option(
      names = "--seed",
      defaultValue = "1",
      description = "Of the generated orders; default ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--orders",
      paramLabel = "FILE",
      description = "Payment orders in the form of PKDD'99 order.csv; default: generated ones.")
  private @Nullable Path orders;

  @Option(names = "--quick", description = "Fewer orders: done within a minute.")
  private boolean quick;

  @Option(names = "--keep", description = "Leave the nodes running until SIGTERM or Ctrl-C.")
  private boolean keep;

  @Option(
      names = "--fault",
      defaultValue = "overdraft",
      paramLabel = "FAULT",
      description = "What the culprit does, see --list-faults; default ${DEFAULT-VALUE}.")
  private String fault = "";

  @Option(
      names = "--culprit",
      paramLabel = "NODE",
      description = "Who cheats; default bank-c, or where it cannot, the first that can.")
  private @Nullable String culprit;

  @Option(names = "--list-faults", description = "List faults and expected verdicts.")
  private boolean listFaults;

  DemoCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws Exception {
    if (listFaults) {
      terminal.result(faults());
      return 0;
    }
    return new Demonstration(options(), terminal).run();
  }

  private DemoOptions options() throws IOException {
    if (orders != null && !Files.isRegularFile(orders)) {
      throw CliException.usage("there is no file " + orders);
    }
    Fault chosen =
        Fault.of(fault)
            .orElseThrow(() -> CliException.usage("no fault " + fault + "; there are " + labels()));
    int count = Optional.ofNullable(nodes).orElse(chosen.usualNodes());
    if (count < MIN_NODES || count > MAX_NODES) {
      throw CliException.usage("--nodes is " + MIN_NODES + " to " + MAX_NODES);
    }
    List<String> banks = Consortium.nodes(count);
    if (culprit != null && !banks.contains(culprit)) {
      throw CliException.usage("no bank " + culprit + "; there are " + String.join(", ", banks));
    }
    return new DemoOptions(
        folder(),
        count,
        seed,
        Optional.ofNullable(orders),
        quick,
        keep,
        chosen,
        Optional.ofNullable(culprit));
  }

  private Path folder() throws IOException {
    if (dir == null) {
      return Files.createTempDirectory("probity-demo-");
    }
    Files.createDirectories(dir);
    try (Stream<Path> content = Files.list(dir)) {
      if (content.findAny().isPresent()) {
        throw CliException.usage(dir + " is not empty: a demo starts from nothing");
      }
    }
    return dir.toAbsolutePath().normalize();
  }

  private static String labels() {
    return Arrays.stream(Fault.values()).map(Fault::label).collect(Collectors.joining(", "));
  }

  private static ArrayNode faults() {
    ArrayNode rows = JsonNodeFactory.instance.arrayNode();
    for (Fault fault : Fault.values()) {
      rows.addObject()
          .put("fault", fault.label())
          .put("expectedVerdict", fault.expectedVerdict().orElse("trusted"))
          .put("evidence", fault.expectedEvidence().orElse(null))
          .put("description", fault.description());
    }
    return rows;
  }
}
