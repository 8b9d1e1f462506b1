package org.probity.demo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Another JVM with this one's class path. It dies with its parent: the parent holds the other end
 * of its standard input, and the child ends when that closes.
 */
public final class ChildJvm implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int SHOWN_LOG_LINES = 15;

  private final Process process;
  private final Path log;
  private final CompletableFuture<JsonNode> ready = new CompletableFuture<>();

  private ChildJvm(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  /** Small enough that five of them share two cores. */
  public static List<String> nodeOptions() {
    return List.of(
        "-XX:+UseSerialGC",
        "-Xmx256m",
        "-XX:ActiveProcessorCount=1",
        "-XX:TieredStopAtLevel=1",
        "-Xshare:auto");
  }

  /** The command that runs a main class on this JVM's own Java and class path. */
  public static List<String> command(List<String> options, String mainClass, List<String> more) {
    return command(options, System.getProperty("java.class.path"), mainClass, more);
  }

  static List<String> command(
      List<String> options, String classPath, String mainClass, List<String> more) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.addAll(
        List.of(
            "--add-opens",
            "java.base/java.nio=ALL-UNNAMED",
            "--add-opens",
            "java.base/sun.nio.ch=ALL-UNNAMED"));
    if (Runtime.version().feature() >= 24) {
      command.add("--enable-native-access=ALL-UNNAMED");
      command.add("--sun-misc-unsafe-memory-access=allow");
    }
    command.addAll(List.of("-cp", classPath, mainClass));
    command.addAll(more);
    return command;
  }

  /**
   * Starts the command.
   *
   * @param log where its standard error goes, appended
   */
  public static ChildJvm start(List<String> command, Path log) throws IOException {
    Process process =
        new ProcessBuilder(command)
            .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    ChildJvm child = new ChildJvm(process, log);
    Thread reader = new Thread(child::readOutput, "output of " + process.pid());
    reader.setDaemon(true);
    reader.start();
    return child;
  }

  private void readOutput() {
    try (InputStream output = process.getInputStream();
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(output, StandardCharsets.UTF_8))) {
      String line = lines.readLine();
      while (line != null) {
        if (!ready.isDone() && line.startsWith("{")) {
          ready.complete(JSON.readTree(line));
        }
        line = lines.readLine();
      }
    } catch (JsonProcessingException e) {
      ready.completeExceptionally(e);
    } catch (IOException e) {
      // The process is gone; that is said below.
    }
    ready.completeExceptionally(new IOException("ended before it was ready"));
  }

  /** Waits for the ready line; fails with the end of the child's log if there is none. */
  public JsonNode awaitReady(Duration patience) throws IOException, InterruptedException {
    try {
      return ready.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException e) {
      throw new IOException(
          "a node did not become ready; the end of " + log + ":\n" + endOfLog(), e);
    }
  }

  private String endOfLog() {
    try {
      List<String> lines = Files.readAllLines(log);
      return String.join(
          "\n", lines.subList(Math.max(0, lines.size() - SHOWN_LOG_LINES), lines.size()));
    } catch (IOException | UncheckedIOException e) {
      return "(unreadable)";
    }
  }

  public long pid() {
    return process.pid();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** SIGTERM, without waiting. */
  void requestTermination() {
    // By the handle: Process.destroy also closes the pipe, which ends the child in another way.
    process.toHandle().destroy();
  }

  /** SIGTERM; returns the exit code. Kills after {@code patience}. */
  public int terminate(Duration patience) throws InterruptedException {
    requestTermination();
    return await(patience);
  }

  /** SIGKILL, as if the power went out for this process. */
  public int kill() throws InterruptedException {
    process.destroyForcibly();
    return process.waitFor();
  }

  /** Waits for the end; kills after {@code patience}. */
  public int await(Duration patience) throws InterruptedException {
    if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
      process.destroyForcibly();
    }
    return process.waitFor();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
