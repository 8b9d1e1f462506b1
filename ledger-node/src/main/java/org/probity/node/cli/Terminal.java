package org.probity.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Where a command prints: results to standard output in the format asked for, everything else to
 * standard error. One per invocation; thread-safe as far as {@link PrintStream} is.
 */
public final class Terminal {

  /** How results are printed. */
  public enum Format {
    /** For people; the layout may change at any time. */
    TABLE,
    /** For programs: one line of JSON. */
    JSON
  }

  private final InputStream in;
  private final PrintStream out;
  private final PrintStream err;
  private Format format = Format.TABLE;
  private boolean assumeYes;
  private boolean verbose = "1".equals(System.getenv("PROBITY_TRACE"));

  public Terminal(InputStream in, PrintStream out, PrintStream err) {
    this.in = in;
    this.out = out;
    this.err = err;
  }

  void choose(Format chosen) {
    format = chosen;
  }

  void assumeYes() {
    assumeYes = true;
  }

  void traceErrors() {
    verbose = true;
  }

  public Format format() {
    return format;
  }

  public boolean verbose() {
    return verbose;
  }

  PrintStream out() {
    return out;
  }

  PrintStream err() {
    return err;
  }

  /** The result of a command: the last thing it prints to standard output. */
  public void result(JsonNode result) {
    if (format == Format.JSON) {
      out.println(result);
    } else {
      out.print(Table.render(result));
    }
    out.flush();
  }

  /**
   * The same, worded for people who read it.
   *
   * @param text instead of the table, without a final end of line
   */
  void result(JsonNode result, String text) {
    if (format == Format.JSON) {
      result(result);
    } else {
      out.println(text);
      out.flush();
    }
  }

  /** One line of JSON whatever the format: for output that programs wait for. */
  public void line(JsonNode result) {
    out.println(result);
    out.flush();
  }

  /** A line for people, on standard error. */
  public void say(String message) {
    err.println(message);
    err.flush();
  }

  /** Text on standard error without an end of line. */
  public void put(String text) {
    err.print(text);
    err.flush();
  }

  /**
   * Whether somebody watches: standard error is a terminal that can redraw a line. Java cannot
   * tell, so the launcher does.
   */
  public boolean interactive() {
    return Boolean.getBoolean("probity.terminal");
  }

  /**
   * Asks before something that cannot be undone. {@code --yes} answers; without a terminal to ask
   * on, the answer is no.
   */
  public void confirm(String question) {
    if (assumeYes) {
      return;
    }
    put(question + " [y/N] ");
    String answer;
    try {
      answer = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8)).readLine();
    } catch (IOException e) {
      answer = null;
    }
    if (answer == null || !answer.strip().toLowerCase(Locale.ROOT).startsWith("y")) {
      throw new CliException(
          ExitStatus.ERROR, "not_confirmed", "nothing was done; --yes answers this question");
    }
  }
}
