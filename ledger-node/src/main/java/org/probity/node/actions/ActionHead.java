package org.probity.node.actions;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.probity.detector.crypto.Hash;

/**
 * The newest entry of a log.
 *
 * @param sequence its number
 * @param hash SHA-256 of its statement
 */
public record ActionHead(long sequence, Hash hash) {
  private static final Pattern LINE = Pattern.compile("([0-9]{1,18}) ([0-9a-f]{64})\n");

  /** The copy; empty if there is none or it cannot be read as one. */
  static Optional<ActionHead> read(Path file) throws IOException {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    Matcher line = LINE.matcher(Files.readString(file, StandardCharsets.UTF_8));
    return line.matches()
        ? Optional.of(new ActionHead(Long.parseLong(line.group(1)), Hash.fromHex(line.group(2))))
        : Optional.empty();
  }

  /** Replaces the copy as a whole. */
  void write(Path file) throws IOException {
    Path parent = file.toAbsolutePath().getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    Path draft = file.resolveSibling(file.getFileName() + ".new");
    Files.writeString(draft, sequence + " " + hash.toHex() + "\n");
    Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
