package org.probity.node.actions;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Where the log of operators' actions is.
 *
 * @param log the newest file
 * @param head the copy of the newest entry's number and hash, best on another disk
 */
public record ActionFiles(Path log, Path head) {
  private static final String SUFFIX = ".log";

  /** The files of a node: its log, and the folder of its marks. */
  public static ActionFiles of(Path log, Path marks) {
    return new ActionFiles(log, marks.resolve("operators.head"));
  }

  Path lock() {
    return log.resolveSibling(stem() + ".lock");
  }

  private String stem() {
    String name = String.valueOf(log.getFileName());
    return name.endsWith(SUFFIX) ? name.substring(0, name.length() - SUFFIX.length()) : name;
  }

  /** What a full file is called from then on. */
  Path former(long lastSequence) {
    return log.resolveSibling(
        String.format(Locale.ROOT, "%s-%020d%s", stem(), lastSequence, SUFFIX));
  }

  /** All former files, oldest first. */
  List<Path> formers() {
    Path folder = log.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      return List.of();
    }
    String pattern = Pattern.quote(stem()) + "-[0-9]{20}\\.log";
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> String.valueOf(file.getFileName()).matches(pattern))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list " + folder, e);
    }
  }
}
