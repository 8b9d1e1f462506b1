package org.probity.detector;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
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
 *
 * <p>With the system property {@code probity.golden=record} an example that differs is replaced,
 * lines and comments kept where the length allows it.
 */
public final class GoldenFile {
  private static final Pattern HASH_LINE = Pattern.compile("SHA-256: `([0-9a-f]{64})`");

  private static final String RECORD = "probity.golden";
  private static final String REMEDY =
      "; if the bytes are meant to change, -D" + RECORD + "=record writes the new ones";

  /** One per file, so that none writes back what another has replaced. */
  private static final Map<Path, GoldenFile> FILES = new ConcurrentHashMap<>();

  private final Path path;
  private final List<String> lines;

  private GoldenFile(Path path, List<String> lines) {
    this.path = path;
    this.lines = lines;
  }

  /** Reads a file, named from the project's root. */
  public static GoldenFile read(String pathFromProjectRoot) {
    return FILES.computeIfAbsent(
        TestData.projectRoot().resolve(pathFromProjectRoot),
        path -> {
          try {
            return new GoldenFile(path, new ArrayList<>(Files.readAllLines(path)));
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  /** The first hex block below the heading with this exact text, whatever its level. */
  public Bytes hex(String heading) {
    StringBuilder digits = new StringBuilder();
    for (String line : block(heading, "hex")) {
      digits.append(line.replaceFirst("#.*", "").replaceAll("\\s", ""));
    }
    return Bytes.fromHex(digits.toString());
  }

  /** The first block marked {@code text} below the heading, every line with its newline. */
  public Bytes text(String heading) {
    StringBuilder text = new StringBuilder();
    block(heading, "text").forEach(line -> text.append(line).append('\n'));
    return Bytes.utf8(text.toString());
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
    if (isRecording() && !hex(heading).equals(actual)) {
      record(block(heading, "hex"), hexLines(heading, actual));
      recordHash(heading, actual);
    }
    String where = "'" + heading + "' in " + path + REMEDY;
    assertEquals(hex(heading).toHex(), actual.toHex(), where);
    assertEquals(sha256(heading), Hash.sha256(actual.unsafeArray()), "SHA-256 of " + where);
  }

  /** As {@link #assertExample}, for an example that is text. */
  public void assertTextExample(String heading, Bytes actual) {
    assertText(heading, actual);
    if (isRecording()) {
      recordHash(heading, actual);
    }
    String where = "'" + heading + "' in " + path + REMEDY;
    assertEquals(sha256(heading), Hash.sha256(actual.unsafeArray()), "SHA-256 of " + where);
  }

  /** Asserts that the text block is {@code actual}, which no documented hash belongs to. */
  public void assertText(String heading, Bytes actual) {
    String expected = new String(actual.toArray(), StandardCharsets.UTF_8);
    if (isRecording()) {
      record(block(heading, "text"), expected.lines().toList());
    }
    assertEquals(
        expected,
        new String(text(heading).toArray(), StandardCharsets.UTF_8),
        "'" + heading + "' in " + path + REMEDY);
  }

  private static boolean isRecording() {
    return "record".equals(System.getProperty(RECORD));
  }

  /** New bytes of the old length keep the lines and their comments. */
  private List<String> hexLines(String heading, Bytes actual) {
    String digits = actual.toHex();
    if (hex(heading).size() != actual.size()) {
      return digits.replaceAll("(.{96})", "$1\n").lines().toList();
    }
    List<String> lines = new ArrayList<>();
    int next = 0;
    for (String line : block(heading, "hex")) {
      StringBuilder renewed = new StringBuilder();
      int comment = line.indexOf('#') < 0 ? line.length() : line.indexOf('#');
      for (int i = 0; i < line.length(); i++) {
        boolean isDigit = i < comment && !Character.isWhitespace(line.charAt(i));
        renewed.append(isDigit ? digits.charAt(next++) : line.charAt(i));
      }
      lines.add(renewed.toString());
    }
    return lines;
  }

  /** The lines of the first fenced block below the heading that is marked so. */
  private List<String> block(String heading, String mark) {
    List<String> section = section(heading);
    int from = section.indexOf("```" + mark) + 1;
    int length = from == 0 ? -1 : section.subList(from, section.size()).indexOf("```");
    if (length < 0) {
      throw new AssertionError("no complete " + mark + " block below '" + heading + "' in " + path);
    }
    return section.subList(from, from + length);
  }

  private void record(List<String> block, List<String> example) {
    block.clear();
    block.addAll(example);
    write();
  }

  private void recordHash(String heading, Bytes actual) {
    String hash = "SHA-256: `" + Hash.sha256(actual.unsafeArray()) + "`";
    section(heading).replaceAll(line -> HASH_LINE.matcher(line).matches() ? hash : line);
    write();
  }

  private void write() {
    try {
      Files.write(path, lines);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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
