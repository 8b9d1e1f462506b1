package org.probity.demo.fault;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import org.probity.node.http.api.Polling;

/**
 * The signal to start cheating, and to stop: files in the culprit's folder. The first may have a
 * content, which says whom or what the cheating is about.
 */
public final class Trigger {
  /** From when it exists, the node cheats. */
  private static final String START = "misbehave";

  /** From when it exists, the node does not cheat any more. */
  private static final String END = "behave";

  /** The process ends with its parent, however long that takes. */
  private static final Duration UNTIL_TOLD = Duration.ofDays(365);

  private final Path folder;
  private final Path start;
  private final Path end;
  private volatile boolean given;

  public Trigger(Path folder) {
    this.folder = folder;
    this.start = folder.resolve(START);
    this.end = folder.resolve(END);
  }

  public boolean isGiven() {
    if (!given && Files.exists(start)) {
      given = true;
    }
    return given && !Files.exists(end);
  }

  /** What was said with it. */
  public String text() {
    try {
      return Files.readString(start);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Blocks until it is given. */
  void await() throws InterruptedException {
    Polling.LOCAL.await(UNTIL_TOLD, this::isGiven);
  }

  /** Blocks until there is such a file. */
  static void awaitFile(Path file) throws InterruptedException {
    Polling.LOCAL.await(UNTIL_TOLD, () -> Files.exists(file));
  }

  /** Runs a task when it is given, on a thread of its own. */
  void whenGiven(String name, Runnable task) {
    Thread thread =
        new Thread(
            () -> {
              try {
                await();
                task.run();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            name);
    thread.setDaemon(true);
    thread.start();
  }

  /** Gives the signal; whoever sees it sees all of the text. */
  public void give(String text) throws IOException {
    write(start, text);
  }

  /** Leaves word in the culprit's folder. */
  void tell(String file, String text) {
    try {
      write(folder.resolve(file), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends it. */
  public void end() throws IOException {
    write(end, "");
  }

  private void write(Path file, String text) throws IOException {
    Path draft = folder.resolve(file.getFileName() + ".new");
    Files.writeString(draft, text);
    Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
