package org.probity.node.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import org.probity.detector.codec.DecodeException;
import org.probity.node.identity.IdentityException;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The last stop of every exception: one line for people, a stable code, an exit code. A user never
 * sees a stack trace without having asked for one.
 */
final class Failures
    implements CommandLine.IExecutionExceptionHandler, CommandLine.IParameterExceptionHandler {
  private final Terminal terminal;

  Failures(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public int handleExecutionException(
      Exception exception, CommandLine commandLine, ParseResult parsed) {
    return handle(exception);
  }

  /** Reports and returns the exit code. */
  int handle(Exception exception) {
    CliException failure = classify(exception);
    report(failure);
    if (terminal.verbose()) {
      StringWriter trace = new StringWriter();
      exception.printStackTrace(new PrintWriter(trace));
      terminal.say(trace.toString());
    } else if (failure.code().equals("internal")) {
      terminal.say("This is a bug. Run again with --verbose and report what it prints.");
    }
    return failure.status().code();
  }

  @Override
  public int handleParseException(ParameterException exception, String[] arguments) {
    report(CliException.usage(String.valueOf(exception.getMessage())));
    if (!UnmatchedArgumentException.printSuggestions(
        exception, new PrintWriter(terminal.err(), true, StandardCharsets.UTF_8))) {
      terminal.say(
          "Try: " + exception.getCommandLine().getCommandSpec().qualifiedName() + " --help");
    }
    return ExitStatus.USAGE.code();
  }

  private void report(CliException failure) {
    if (terminal.format() == Terminal.Format.JSON) {
      ObjectNode error = JsonNodeFactory.instance.objectNode();
      error.putObject("error").put("code", failure.code()).put("message", failure.text());
      terminal.say(error.toString());
    } else {
      terminal.say("probity: " + failure.text());
    }
  }

  static CliException classify(Throwable exception) {
    if (exception instanceof CliException failure) {
      return failure;
    }
    if (exception instanceof NoSuchFileException missing) {
      return failure(ExitStatus.ERROR, "file_missing", missing.getFile() + " does not exist");
    }
    if (exception instanceof AccessDeniedException denied) {
      return failure(ExitStatus.ERROR, "file_denied", denied.getFile() + " may not be accessed");
    }
    if (exception instanceof FileAlreadyExistsException exists) {
      return failure(ExitStatus.ERROR, "file_exists", exists.getFile() + " exists already");
    }
    if (exception instanceof DecodeException malformed) {
      return failure(ExitStatus.ERROR, malformed.code(), String.valueOf(malformed.getMessage()));
    }
    if (exception instanceof IdentityException identity) {
      return failure(ExitStatus.BAD_CONFIG, identity.code(), String.valueOf(identity.getMessage()));
    }
    if (exception instanceof IOException io) {
      return failure(ExitStatus.ERROR, "io", describe(io));
    }
    return failure(ExitStatus.ERROR, "internal", "internal error: " + describe(exception));
  }

  private static CliException failure(ExitStatus status, String code, String message) {
    return new CliException(status, code, message);
  }

  private static String describe(Throwable exception) {
    String message = exception.getMessage();
    return message == null || message.isBlank() ? exception.getClass().getSimpleName() : message;
  }
}
