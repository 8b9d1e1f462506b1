package org.probity.node.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A main class of the test classpath in a process of its own, to be killed. */
public final class ChildJvm implements AutoCloseable {
  private final Process process;
  private final BufferedReader stdout;

  private ChildJvm(Process process) {
    this.process = process;
    this.stdout =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  public static ChildJvm start(Class<?> main, String... arguments) throws IOException {
    return start(List.of(), main, arguments);
  }

  /**
   * Starts the child.
   *
   * @param wrapper command that runs the JVM, such as strace with its options
   */
  public static ChildJvm start(List<String> wrapper, Class<?> main, String... arguments)
      throws IOException {
    return start(ProcessBuilder.Redirect.INHERIT, wrapper, main, arguments);
  }

  /**
   * The same.
   *
   * @param stderr where its standard error goes
   */
  public static ChildJvm start(
      ProcessBuilder.Redirect stderr, List<String> wrapper, Class<?> main, String... arguments)
      throws IOException {
    return start(stderr, wrapper, List.of(), main, arguments);
  }

  /**
   * The same.
   *
   * @param options more of them for the JVM
   */
  public static ChildJvm start(
      ProcessBuilder.Redirect stderr,
      List<String> wrapper,
      List<String> options,
      Class<?> main,
      String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>(wrapper);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xmx128m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "--add-opens=java.base/java.nio=ALL-UNNAMED",
            "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED"));
    if (Runtime.version().feature() >= 24) {
      // What the launcher says too: LMDB's binding is allowed what newer JVMs warn of.
      command.addAll(
          List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"));
    }
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(List.of(arguments));
    return new ChildJvm(new ProcessBuilder(command).redirectError(stderr).start());
  }

  /** The next line of its stdout, null at the end. */
  public String readLine() throws IOException {
    return stdout.readLine();
  }

  /** SIGKILL: no shutdown hook, no flush, no destructor. */
  public void kill() throws InterruptedException {
    // By the handle: Process.destroyForcibly also closes the pipe, with what is still in it.
    process.toHandle().destroyForcibly();
    process.waitFor();
  }

  /** Sends a signal by name, such as STOP or CONT. */
  public void signal(String name) throws IOException, InterruptedException {
    Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
    if (kill.waitFor() != 0) {
      throw new AssertionError("kill -" + name + " failed");
    }
  }

  /** SIGTERM: the shutdown hooks run. */
  public void terminate() {
    // By the handle, for the same reason.
    process.toHandle().destroy();
  }

  /** Ends its standard input, which a child that exits with its parent takes for its end. */
  public void closeStdin() throws IOException {
    process.getOutputStream().close();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  public int await() throws InterruptedException {
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("the child process did not end");
    }
    return process.exitValue();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
