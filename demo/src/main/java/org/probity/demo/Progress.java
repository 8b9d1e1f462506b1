package org.probity.demo;

import java.time.Duration;
import java.util.Locale;
import org.probity.node.cli.Terminal;

/**
 * Live progress on standard error: one line that is redrawn where somebody watches, a line per
 * second where not. Thread-safe.
 */
final class Progress {
  private static final String CLEAR_LINE = "\r\u001B[K";
  private static final String BOLD = "\u001B[1m";
  private static final String PLAIN = "\u001B[0m";
  private static final String INDENT = " ".repeat(9);
  private static final long PLAIN_INTERVAL_NANOS = Duration.ofSeconds(2).toNanos();

  private final Terminal terminal;
  private final boolean redraw;
  private final long startNanos = System.nanoTime();
  private long lastPlainNanos = startNanos - PLAIN_INTERVAL_NANOS;
  private boolean open;

  Progress(Terminal terminal) {
    this.terminal = terminal;
    this.redraw = terminal.interactive();
  }

  /** Replaces the live line. */
  synchronized void update(String text) {
    if (redraw) {
      terminal.put(CLEAR_LINE + stamped(text));
      open = true;
    } else if (System.nanoTime() - lastPlainNanos >= PLAIN_INTERVAL_NANOS) {
      lastPlainNanos = System.nanoTime();
      terminal.say(stamped(text));
    }
  }

  /** A line that stays. */
  synchronized void step(String text) {
    close();
    terminal.say(stamped(text));
  }

  /** What follows is about something else. */
  synchronized void chapter(String title) {
    close();
    terminal.say("");
    terminal.say(colours() ? BOLD + title + PLAIN : title);
  }

  /** More about the step before. */
  synchronized void detail(String text) {
    close();
    terminal.say(INDENT + text);
  }

  private void close() {
    if (open) {
      terminal.put(CLEAR_LINE);
      open = false;
    }
  }

  /** Where somebody watches and has not asked for none (no-color.org). */
  private boolean colours() {
    String unwanted = System.getenv("NO_COLOR");
    return redraw && (unwanted == null || unwanted.isEmpty());
  }

  double seconds() {
    return (System.nanoTime() - startNanos) / 1e9;
  }

  /** As it is printed. */
  static String seconds(double seconds) {
    return String.format(Locale.ROOT, "%.2f s", seconds);
  }

  private String stamped(String text) {
    return String.format(Locale.ROOT, "%6.1fs  %s", seconds(), text);
  }
}
