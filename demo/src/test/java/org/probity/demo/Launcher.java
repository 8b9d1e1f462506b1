package org.probity.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs the real launcher as users and scripts do. */
final class Launcher {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int PATIENCE_MINUTES = 6;

  private Launcher() {}

  /** What a run left behind. */
  record Result(int exitCode, String out, String err) {
    /** The contract: the last line of standard output is the JSON. */
    JsonNode json() throws IOException {
      List<String> lines = out.lines().toList();
      if (lines.isEmpty()) {
        throw new IOException("nothing on standard output; standard error:\n" + err);
      }
      return JSON.readTree(lines.get(lines.size() - 1));
    }

    @Override
    public String toString() {
      return "exit " + exitCode + "\n" + out + "\n" + err;
    }
  }

  static Path script() {
    return Path.of("..", "probity").toAbsolutePath().normalize();
  }

  /** From anywhere: the launcher finds its own folder. */
  static Result run(String... arguments) throws IOException, InterruptedException {
    return runIn(Path.of(System.getProperty("java.io.tmpdir")), arguments);
  }

  static Result runIn(Path folder, String... arguments) throws IOException, InterruptedException {
    Process process = builder(folder, arguments).start();
    process.getOutputStream().close();
    Path errors = Files.createTempFile("launcher", ".err");
    Thread reader =
        new Thread(
            () -> {
              try {
                Files.write(errors, process.getErrorStream().readAllBytes());
              } catch (IOException e) {
                throw new IllegalStateException(e);
              }
            });
    reader.start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(PATIENCE_MINUTES, TimeUnit.MINUTES)) {
      process.destroyForcibly();
    }
    reader.join();
    String err = Files.readString(errors);
    Files.delete(errors);
    return new Result(process.waitFor(), out, err);
  }

  static ProcessBuilder builder(Path folder, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(script().toString());
    command.addAll(List.of(arguments));
    return command(folder, command.toArray(String[]::new));
  }

  /** A script that runs the launcher. */
  static ProcessBuilder command(Path folder, String... command) {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("PROBITY", script().toString());
    builder.environment().put("PROBITY_NO_BUILD", "1");
    // Commands that end before a better compiler would pay.
    builder.environment().putIfAbsent("PROBITY_JAVA_OPTS", "-XX:TieredStopAtLevel=1");
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.directory(folder.toFile());
    return builder;
  }
}
