package org.probity.detector;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;

/**
 * The worked examples of the format documents, read by the tests, so that document and code cannot
 * drift apart.
 *
 * <p>An example is a fenced block marked {@code hex} below a heading, in which white space and
 * everything from {@code #} to the end of a line is commentary, or one marked {@code text}, to be
 * taken literally, and perhaps a line {@code SHA-256: `...`} before the next heading:
 *
 * <pre>
 * ## Example: an empty array
 * ```hex
 * 80   # array of 0
 * ```
 * SHA-256: `76be8b528d0075f7aae98d6fa57a6d3c83ae480a8469e668d7b0af968995ac71`
 * </pre>
 *
 * <pre>{@code
 * GoldenFile.read("docs/format/cose.md").assertExample("Example: an empty array", encoded);
 * }</pre>
 */
public final class GoldenFile {
  private static final Pattern HASH_LINE = Pattern.compile("SHA-256: `([0-9a-f]{64})`");

  private final Path path;
  private final List<String> lines;

  private GoldenFile(Path path, List<String> lines) {
    this.path = path;
    this.lines = lines;
  }

  /** Reads a file, named from the project's root. */
  public static GoldenFile read(String pathFromProjectRoot) {
    Path path = TestData.projectRoot().resolve(pathFromProjectRoot);
    try {
      return new GoldenFile(path, Files.readAllLines(path));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The first hex block below the heading with this exact text, whatever its level. */
  public Bytes hex(String heading) {
    StringBuilder digits = new StringBuilder();
    boolean inside = false;
    for (String line : section(heading)) {
      if (inside && line.startsWith("```")) {
        return Bytes.fromHex(digits.toString());
      } else if (inside) {
        digits.append(line.replaceFirst("#.*", "").replaceAll("\\s", ""));
      } else if (line.equals("```hex")) {
        inside = true;
      }
    }
    throw new AssertionError("no complete hex block below '" + heading + "' in " + path);
  }

  /** The first block marked {@code text} below the heading, every line with its newline. */
  public Bytes text(String heading) {
    StringBuilder text = new StringBuilder();
    boolean inside = false;
    for (String line : section(heading)) {
      if (inside && line.startsWith("```")) {
        return Bytes.utf8(text.toString());
      } else if (inside) {
        text.append(line).append('\n');
      } else if (line.equals("```text")) {
        inside = true;
      }
    }
    throw new AssertionError("no complete text block below '" + heading + "' in " + path);
  }

  /** The documented SHA-256 below the heading. */
  public Hash sha256(String heading) {
    for (String line : section(heading)) {
      Matcher matcher = HASH_LINE.matcher(line);
      if (matcher.matches()) {
        return Hash.fromHex(matcher.group(1));
      }
    }
    throw new AssertionError("no SHA-256 line below '" + heading + "' in " + path);
  }

  /** Asserts that the example and its documented hash are those of {@code actual}. */
  public void assertExample(String heading, Bytes actual) {
    String where = "'" + heading + "' in " + path;
    assertEquals(hex(heading).toHex(), actual.toHex(), where);
    assertEquals(sha256(heading), Hash.sha256(actual.unsafeArray()), "SHA-256 of " + where);
  }

  /** As {@link #assertExample}, for an example that is text. */
  public void assertTextExample(String heading, Bytes actual) {
    String where = "'" + heading + "' in " + path;
    assertEquals(
        new String(text(heading).toArray(), StandardCharsets.UTF_8),
        new String(actual.toArray(), StandardCharsets.UTF_8),
        where);
    assertEquals(sha256(heading), Hash.sha256(actual.unsafeArray()), "SHA-256 of " + where);
  }

  /** The whole document. */
  public String content() {
    return String.join("\n", lines);
  }

  private List<String> section(String heading) {
    boolean fenced = false;
    int from = -1;
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      if (line.startsWith("```")) {
        fenced = !fenced;
      } else if (!fenced && line.matches("#+ .*")) {
        if (from >= 0) {
          return lines.subList(from, i);
        }
        if (line.replaceFirst("#+ ", "").equals(heading)) {
          from = i + 1;
        }
      }
    }
    if (from < 0) {
      throw new AssertionError("no heading '" + heading + "' in " + path);
    }
    return lines.subList(from, lines.size());
  }
}
