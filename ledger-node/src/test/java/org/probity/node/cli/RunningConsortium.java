package org.probity.node.cli;

import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.probity.detector.program.Program;
import org.probity.node.config.AddressBook;
import org.probity.node.config.NodeConfig;
import org.probity.node.network.NetworkLayout;
import org.probity.node.runtime.NodeParts;
import org.probity.node.runtime.RunningNode;

/**
 * Two banks as {@code network init} founds them, running in this JVM; commands run against them.
 */
final class RunningConsortium implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Map<String, String> SMALL =
      Map.of("storage.logMib", "64", "storage.replicaMib", "64", "storage.stateMib", "64");

  final Path folder;
  final NetworkLayout layout;
  private final Map<String, RunningNode> nodes = new TreeMap<>();
  private final Map<String, JsonNode> readyLines = new TreeMap<>();

  /** What a command printed and how it ended. */
  record Run(int exit, String out, String err) {
    JsonNode json() throws IOException {
      List<String> lines = out.lines().toList();
      return JSON.readTree(lines.get(lines.size() - 1));
    }

    String errorCode() throws IOException {
      return JSON.readTree(err.lines().findFirst().orElse("{}")).at("/error/code").asText();
    }
  }

  /**
   * Founds and starts.
   *
   * @param programOfFirst applied to what bank-a executes
   */
  RunningConsortium(Path folder, UnaryOperator<Program> programOfFirst) throws Exception {
    this(folder, 2, 0, 1, programOfFirst);
  }

  /** As many banks as named. */
  RunningConsortium(
      Path folder, int banks, int faults, int witnesses, UnaryOperator<Program> programOfFirst)
      throws Exception {
    this.folder = folder;
    this.layout = new NetworkLayout(folder);
    Run founded =
        run(
            "network",
            "init",
            "--nodes=" + banks,
            "--faults=" + faults,
            "--witnesses=" + witnesses,
            "--base-port=0",
            "--dir=" + folder,
            "-o",
            "json");
    if (founded.exit() != 0) {
      throw new AssertionError(founded.err());
    }
    for (String node : new NetworkFolder(folder).nodes()) {
      UnaryOperator<Program> program =
          node.equals("bank-a") ? programOfFirst : UnaryOperator.identity();
      reach(node, program);
    }
    // Each of them asks all others before it signs.
    for (String node : nodes.keySet()) {
      await(node);
    }
  }

  /** It may not sign yet. */
  void reach(String node) throws Exception {
    reach(node, UnaryOperator.identity());
  }

  private void reach(String node, UnaryOperator<Program> program) throws Exception {
    NodeConfig config = NodeConfig.load(layout.config(node), SMALL, Map.of());
    RunningNode running =
        RunningNode.start(config, new NodeParts(program, UnaryOperator.identity()));
    nodes.put(node, running);
    NodeRunner.publish(running, layout.node(node));
  }

  /** Waits until it signs. */
  void await(String node) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    NodeRunner.announce(nodes.get(node), terminal(line));
    readyLines.put(node, JSON.readTree(line.toByteArray()));
  }

  RunningNode node(String node) {
    return nodes.get(node);
  }

  /** As SIGTERM does: nobody is told any more that it runs. */
  void stop(String node) throws IOException {
    nodes.remove(node).stop();
    Files.delete(layout.node(node).resolve(AddressBook.READY_FILE));
  }

  void start(String node) throws Exception {
    reach(node);
    await(node);
  }

  /** Stops a node and starts it again on the same folder. */
  void restart(String node) throws Exception {
    nodes.remove(node).stop();
    start(node);
  }

  private static Terminal terminal(ByteArrayOutputStream out) {
    PrintStream stream = new PrintStream(out, true, StandardCharsets.UTF_8);
    return new Terminal(InputStream.nullInputStream(), stream, stream);
  }

  JsonNode readyLine(String node) {
    return readyLines.get(node);
  }

  /** Runs one command line as a user does. */
  static Run run(String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int exit =
        Probity.run(
            new ByteArrayInputStream(new byte[0]),
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            arguments);
    Run run =
        new Run(exit, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    assertFalse(run.err().contains("\tat "), run.err());
    return run;
  }

  /** Runs one command with this consortium's folder, answering in JSON. */
  Run json(String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--dir", folder.toString(), "--output", "json"));
    return run(all.toArray(String[]::new));
  }

  String operatorKey(String member) {
    return layout.operatorKey(member).toString();
  }

  /** The names of an object's fields, in order. */
  static List<String> fields(JsonNode object) {
    List<String> names = new ArrayList<>();
    Iterator<String> all = object.fieldNames();
    all.forEachRemaining(names::add);
    return names;
  }

  @Override
  public void close() {
    nodes.values().forEach(RunningNode::stop);
  }
}
