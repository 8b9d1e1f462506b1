package org.probity.detector.evidence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.probity.detector.TestData;
import org.probity.detector.program.Program;
import org.probity.detector.program.SystemRules;

/**
 * The logs that a fixed history gives, entry by entry, as they were when the program id was new.
 * One file per id, never written twice: rules that give another log need another id.
 */
public final class Transcript {
  private static final String RECORD = "probity.transcripts";

  private final List<String> lines = new ArrayList<>();

  /** Anything else that the rules fix, such as a limit. */
  public Transcript line(String text) {
    lines.add(text);
    return this;
  }

  public Transcript log(String name, ByzantineLog log) {
    for (long index = 0; index < log.size(); index++) {
      lines.add(name + " " + index + " " + log.entry(index).toHex());
    }
    return this;
  }

  /** Compares with the file of this program id, or writes it if asked to and there is none. */
  public void assertUnchanged(Program program) throws IOException {
    String name = (SystemRules.VERSION + " " + program.rules()).replaceAll("[^a-z0-9]+", "-");
    Path file = TestData.projectRoot().resolve("docs/format/transcripts").resolve(name + ".txt");
    if ("record".equals(System.getProperty(RECORD)) && !Files.exists(file)) {
      Files.createDirectories(file.getParent());
      Files.write(file, lines);
    }
    assertTrue(
        Files.exists(file),
        () -> "new rules: record their transcript with -D" + RECORD + "=record into " + file);
    List<String> recorded = Files.readAllLines(file);
    String remedy =
        "\nThe rules named '"
            + SystemRules.VERSION
            + "' and '"
            + program.rules()
            + "' give another log than when "
            + file.getFileName()
            + " was recorded: a witness with this code would convict correct nodes."
            + "\nUndo the change of behaviour, or give the rules that changed a new name"
            + " (SystemRules.VERSION for what surrounds every program, rules() for a program)"
            + " and record a transcript under it with -D"
            + RECORD
            + "=record. Never edit a recorded one.\n";
    for (int i = 0; i < Math.min(lines.size(), recorded.size()); i++) {
      assertEquals(recorded.get(i), lines.get(i), remedy);
    }
    assertEquals(recorded.size(), lines.size(), remedy);
  }
}
