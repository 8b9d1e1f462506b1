package org.probity.benchmarks.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** {@code probity node start} in a JVM of its own, which ends when this one does. */
final class NodeProcess implements AutoCloseable {
  private static final String MAIN = "org.probity.node.cli.Probity";
  private static final String CORRETTO_JAR = "AmazonCorrettoCryptoProvider";
  private static final long STOP_SECONDS = 20;

  private final Process process;
  private final URI clientUrl;

  private NodeProcess(Process process, URI clientUrl) {
    this.process = process;
    this.clientUrl = clientUrl;
  }

  /**
   * Starts the node and waits for its ready line.
   *
   * @param withCorretto without it the node verifies with Bouncy Castle
   * @param log where its standard error goes
   */
  static NodeProcess start(Path config, boolean withCorretto, List<String> jvmOptions, Path log)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(jvmOptions);
    command.addAll(
        List.of(
            "--add-opens=java.base/java.nio=ALL-UNNAMED",
            "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED"));
    if (Runtime.version().feature() >= 24) {
      command.add("--enable-native-access=ALL-UNNAMED");
      command.add("--sun-misc-unsafe-memory-access=allow");
    }
    command.addAll(List.of("-cp", classPath(withCorretto), MAIN));
    command.addAll(List.of("node", "start", "--config", config.toString(), "--exit-with-stdin"));
    Process process = new ProcessBuilder(command).redirectError(log.toFile()).start();
    try {
      return new NodeProcess(process, URI.create(readyLine(process, log)));
    } catch (IOException | RuntimeException e) {
      process.destroyForcibly();
      throw e;
    }
  }

  private static String classPath(boolean withCorretto) {
    String own = System.getProperty("java.class.path");
    return withCorretto
        ? own
        : Stream.of(own.split(File.pathSeparator, -1))
            .filter(element -> !element.contains(CORRETTO_JAR))
            .collect(Collectors.joining(File.pathSeparator));
  }

  private static String readyLine(Process process, Path log) throws IOException {
    BufferedReader out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    String line = out.readLine();
    // A JVM with options of its own may have something to say first.
    while (line != null && !line.startsWith("{")) {
      line = out.readLine();
    }
    if (line == null) {
      throw new IOException("the node did not become ready, see " + log);
    }
    JsonNode ready = new ObjectMapper().readTree(line);
    return ready.path("clientUrl").asText();
  }

  URI clientUrl() {
    return clientUrl;
  }

  long cpuNanos() {
    return CpuTime.of(process.toHandle());
  }

  /** Drains and ends it. */
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
