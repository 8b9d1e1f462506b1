package org.probity.demo.simulate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.TreeMap;
import org.probity.node.cli.CliException;
import org.probity.node.cli.ExitStatus;
import org.probity.simulation.report.SeedResult;

/**
 * The file of a campaign: one line of JSON for each seed, in any order, appended to as seeds end.
 * Seeds that are in it are not run again. Thread-safe.
 */
final class SeedFile {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;

  SeedFile(Path file) {
    this.file = file;
  }

  /** What is there, by seed; a last line that a crash has cut is not. */
  Map<Long, SeedResult> read() throws IOException {
    Map<Long, SeedResult> known = new TreeMap<>();
    if (!Files.exists(file)) {
      return known;
    }
    String text = Files.readString(file);
    int number = 0;
    for (String line : text.lines().toList()) {
      number++;
      try {
        SeedResult result = JSON.readValue(line, SeedResult.class);
        known.put(result.seed(), result);
      } catch (JsonProcessingException e) {
        if (text.endsWith("\n")) {
          throw new CliException(
              ExitStatus.ERROR,
              "campaign_damaged",
              file + ": line " + number + " is no result of a seed; remove it",
              e);
        }
      }
    }
    if (!text.isEmpty() && !text.endsWith("\n")) {
      int whole = text.lastIndexOf('\n') + 1;
      Files.writeString(file, text.substring(0, whole));
    }
    return known;
  }

  synchronized void append(SeedResult result) throws IOException {
    Files.write(
        file,
        (JSON.writeValueAsString(result) + "\n").getBytes(StandardCharsets.UTF_8),
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }
}
