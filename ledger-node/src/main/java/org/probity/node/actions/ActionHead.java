package org.probity.node.actions;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.probity.detector.crypto.Hash;
import org.probity.node.store.StoreFiles;

/**
 * The newest entry of a log.
 *
 * @param sequence its number
 * @param hash SHA-256 of its statement
 */
public record ActionHead(long sequence, Hash hash) {
  private static final Pattern LINE = Pattern.compile("([0-9]{1,18}) ([0-9a-f]{64})\n");

  /**
   * What there is of the copy.
   *
   * @param head empty if there is no file, or it is no head
   * @param damage why a file that is there is no head; empty if it is one, or there is none
   */
  record Copy(Optional<ActionHead> head, Optional<String> damage) {

    /**
     * Why nobody knows by this copy whether a log was cut; empty if it tells. A log has its head
     * from its first entry on: only a crash in between leaves one of a single entry without.
     *
     * @param last what the log ends with
     */
    Optional<String> trouble(Optional<ActionHead> last) {
      boolean isMissing =
          head.isEmpty() && damage.isEmpty() && last.filter(it -> it.sequence() > 0).isPresent();
      return isMissing ? Optional.of("it is missing") : damage;
    }
  }

  /** Reads the copy. That it cannot be read is no reason to record nothing any more. */
  static Copy read(Path file) {
    if (!Files.exists(file)) {
      return new Copy(Optional.empty(), Optional.empty());
    }
    try {
      // Whatever bytes stand there: each is a character.
      Matcher line = LINE.matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
      return line.matches()
          ? new Copy(
              Optional.of(
                  new ActionHead(Long.parseLong(line.group(1)), Hash.fromHex(line.group(2)))),
              Optional.empty())
          : new Copy(Optional.empty(), Optional.of("it is not a number and a hash"));
    } catch (IOException e) {
      return new Copy(Optional.empty(), Optional.of("it cannot be read: " + e));
    }
  }

  /** Replaces the copy as a whole; it is on the disk when this returns. */
  void write(Path file) throws IOException {
    Path absolute = file.toAbsolutePath();
    StoreFiles.replace(
        Objects.requireNonNull(absolute.getParent()),
        String.valueOf(absolute.getFileName()),
        (sequence + " " + hash.toHex() + "\n").getBytes(StandardCharsets.US_ASCII));
  }
}
