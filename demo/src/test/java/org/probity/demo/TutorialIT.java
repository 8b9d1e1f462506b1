package org.probity.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The tutorial's commands, as they stand in it and in their order, by real processes. Two things
 * are added: free ports, so that a consortium that runs on this machine already is left alone, and
 * the demonstration at the end is left to its own test.
 */
@Timeout(300)
class TutorialIT {
  private static final String LAUNCHER = "./probity ";
  private static final int MIN_COMMANDS = 12;
  private static final int STOP_SECONDS = 20;

  @TempDir Path folder;
  private final List<Process> nodes = new ArrayList<>();

  /** Nodes that have not said that they are ready, with what they say else. */
  private final Map<Process, Path> waiting = new LinkedHashMap<>();

  @AfterEach
  void stop() throws InterruptedException {
    nodes.forEach(Process::destroy);
    for (Process node : nodes) {
      if (!node.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        node.destroyForcibly();
      }
    }
  }

  /** All lines of code blocks, continued lines joined. */
  private static List<String> commands(String markdown) {
    List<String> commands = new ArrayList<>();
    boolean code = false;
    StringBuilder command = new StringBuilder();
    for (String line : markdown.lines().toList()) {
      if (line.startsWith("```")) {
        code = !code;
      } else if (code && line.endsWith("\\")) {
        command.append(line, 0, line.length() - 1);
      } else if (code) {
        commands.add(command.append(line).toString());
        command.setLength(0);
      }
    }
    return commands;
  }

  @Test
  void everyCommandDoesWhatTheTutorialSays() throws Exception {
    List<String> commands =
        commands(Files.readString(Launcher.script().resolveSibling("docs/tutorial.md")));
    assertTrue(commands.size() >= MIN_COMMANDS, commands.toString());
    for (String command : commands) {
      assertTrue(command.startsWith(LAUNCHER), command);
      List<String> words =
          new ArrayList<>(List.of(command.substring(LAUNCHER.length()).strip().split("\\s+")));
      if (command.contains("network init")) {
        words.add("--base-port=0");
      }
      if (command.contains(" node start ")) {
        startNode(words);
        continue;
      }
      awaitReady();
      if (!command.contains(" demo ")) {
        Launcher.Result result = Launcher.runIn(folder, words.toArray(String[]::new));
        assertEquals(0, result.exitCode(), command + "\n" + result);
      }
    }
    assertEquals(4, nodes.size());
    assertTrue(Files.size(folder.resolve("payment.txt")) > 0);
  }

  private void startNode(List<String> words) throws IOException {
    Path errors = folder.resolve("node-" + nodes.size() + ".log");
    Process node =
        Launcher.builder(folder, words.toArray(String[]::new))
            .redirectError(errors.toFile())
            .start();
    nodes.add(node);
    waiting.put(node, errors);
  }

  /** In a terminal each, they wait for one another; the next command comes when all are ready. */
  private void awaitReady() throws IOException {
    for (Map.Entry<Process, Path> node : waiting.entrySet()) {
      BufferedReader out =
          new BufferedReader(
              new InputStreamReader(node.getKey().getInputStream(), StandardCharsets.UTF_8));
      String ready = out.readLine();
      assertTrue(
          ready != null && ready.startsWith("{\"node\":"), Files.readString(node.getValue()));
    }
    waiting.clear();
  }
}
