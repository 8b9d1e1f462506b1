package org.probity.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A drill of the operator guide, run as operators run it. */
record Drill(String name) {
  Path script() {
    return Launcher.script().resolveSibling("config/drills/" + name + ".sh");
  }

  /**
   * Runs it to its end, which has to be a good one.
   *
   * @param folder for what it says beside
   * @param arguments of the script
   * @return what it measured
   */
  JsonNode run(Path folder, Object... arguments) throws IOException, InterruptedException {
    Path steps = folder.resolve("steps");
    List<String> command = new ArrayList<>(List.of(script().toString()));
    for (Object argument : arguments) {
      command.add(argument.toString());
    }
    Process process =
        Launcher.command(folder, command.toArray(String[]::new))
            .redirectError(steps.toFile())
            .start();
    process.getOutputStream().close();
    List<String> out =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
            .lines()
            .toList();
    if (!process.waitFor(1, TimeUnit.MINUTES)) {
      process.destroy();
    }
    assertEquals(0, process.waitFor(), Files.readString(steps));
    JsonNode measured = new ObjectMapper().readTree(out.get(out.size() - 1));
    assertEquals("ok", measured.path("verdict").asText());
    return measured;
  }

  /** What the guide shows is what the drill does. */
  void requireInGuide(List<String> commands) throws IOException {
    String guide = Files.readString(Launcher.script().resolveSibling("docs/operator-guide.md"));
    List<String> missing = new ArrayList<>();
    if (!guide.contains("config/drills/" + name + ".sh")) {
      missing.add("the drill");
    }
    for (String command : commands) {
      if (!guide.contains("./probity " + command)) {
        missing.add("in the guide: " + command);
      }
      if (!Files.readString(script()).contains("run " + command)) {
        missing.add("in the drill: " + command);
      }
    }
    assertEquals(List.of(), missing);
  }
}
