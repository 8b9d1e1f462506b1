package org.probity.demo.simulate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.probity.node.cli.CliException;
import org.probity.node.cli.Terminal;
import picocli.CommandLine;

class SimulateCommandTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int run(String... arguments) {
    CommandLine line =
        new CommandLine(
            new SimulateCommand(
                new Terminal(
                    new ByteArrayInputStream(new byte[0]),
                    new PrintStream(out, true, StandardCharsets.UTF_8),
                    new PrintStream(err, true, StandardCharsets.UTF_8))));
    line.setExecutionExceptionHandler(
        (failure, command, parsed) -> {
          err.writeBytes(String.valueOf(failure.getMessage()).getBytes(StandardCharsets.UTF_8));
          return failure instanceof CliException ? 2 : 1;
        });
    return line.execute(arguments);
  }

  private JsonNode json() throws IOException {
    String[] lines = out.toString(StandardCharsets.UTF_8).strip().split("\n", -1);
    return new ObjectMapper().readTree(lines[lines.length - 1]);
  }

  private String said() {
    return err.toString(StandardCharsets.UTF_8);
  }

  @Test
  void aRangeOfSeedsIsAddedUp() throws IOException {
    assertEquals(
        0,
        run("--seeds", "1..4", "--nodes", "4", "--witnesses", "2", "--faults", "overdraft,fork"));

    JsonNode json = json();
    assertEquals(4, json.get("seeds").asInt());
    assertEquals(0, json.get("violations").asInt());
    assertEquals(0, json.get("correctNodesAccused").asInt());
    assertTrue(json.get("simulatedSeconds").asLong() > 4 * 60, json.toString());
    json.get("perFault")
        .fieldNames()
        .forEachRemaining(name -> assertTrue(name.matches("overdraft|fork"), name));
    for (String field :
        new String[] {"faultsInjected", "exposed", "suspected", "wallSeconds", "perFault"}) {
      assertTrue(json.has(field), field);
    }
  }

  @Test
  void aCampaignThatWasStoppedGoesOn(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("campaign.jsonl");
    assertEquals(0, run("--seeds", "1..2", "--out", file.toString()));
    String first = Files.readString(file);
    // As a crash in the middle of a line leaves it.
    Files.writeString(file, first + "{\"seed\":3,\"tra");

    assertEquals(0, run("--seeds", "1..3", "--out", file.toString()));

    assertEquals(3, json().get("seeds").asInt());
    String second = Files.readString(file);
    assertTrue(second.startsWith(first), "known seeds are kept as they are");
    assertEquals(3, second.lines().count());
  }

  @Test
  void whatAnotherChoiceMadeOfASeedDoesNotCount(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("campaign.jsonl");
    assertEquals(0, run("--seeds", "1..2", "--faults", "none", "--out", file.toString()));
    assertEquals(0, run("--seeds", "1..2", "--faults", "fork", "--out", file.toString()));

    assertEquals(4, Files.readString(file).lines().count(), "all four were run");
  }

  @Test
  void whatOtherSoftwareMadeOfASeedDoesNotCount(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("campaign.jsonl");
    String[] options = {"--seeds", "1..2", "--nodes", "3", "--out", file.toString()};
    assertEquals(0, run(options));
    String software = json().get("software").asText();
    String ours = Files.readString(file);
    assertTrue(ours.lines().allMatch(line -> line.contains(software)), ours);
    String[] lines = ours.split("\n", -1);
    // One of other software, and one of a version that did not say.
    Files.writeString(
        file,
        lines[0].replace(software, "0123456789abcdef")
            + "\n"
            + lines[1].replace("\"software\":\"" + software + "\",", "")
            + "\n");

    assertEquals(0, run(options));

    assertEquals(4, Files.readString(file).lines().count(), "both were run again");
    assertEquals(2, json().get("seeds").asInt());
  }

  @Test
  void aDamagedCampaignIsNotGuessedAt(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("campaign.jsonl");
    Files.writeString(file, "not a result\n");

    assertEquals(2, run("--seeds", "1..1", "--out", file.toString()));
    assertTrue(said().contains("line 1"), said());
  }

  @Test
  void theStoryOfASeedIsTold() throws IOException {
    assertEquals(0, run("--explain", "1"));

    assertTrue(said().contains("What happened:"), said());
    assertTrue(said().contains("No promise was broken."), said());
    assertEquals(1, json().get("seed").asInt());
  }

  @Test
  void whatFaultsCostIsMeasuredOneByOne() throws IOException {
    assertEquals(0, run("--costs", "--faults", "flood,silence", "--nodes", "4"));

    JsonNode costs = json().get("perFault");
    assertEquals(10, costs.get("flood").get("done").asInt());
    assertTrue(costs.get("flood").get("messages").asDouble() > 0, costs.toString());
    assertTrue(costs.get("silence").get("medianMillis").asLong() > 0, costs.toString());
    assertTrue(said().contains("CPU ms"), said());
  }

  @Test
  void speedIsMeasuredOnOneThreadAndOnAll() throws InterruptedException, IOException {
    Terminal terminal =
        new Terminal(
            new ByteArrayInputStream(new byte[0]),
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8));
    new Speed(terminal, 2, 1).measure();

    assertTrue(json().get("timesRealTimeOneThread").asLong() > 0, said());
    assertTrue(json().get("timesRealTimeAllThreads").asLong() > 0, said());
  }

  @Test
  void wrongOptionsAreNamed() {
    assertEquals(2, run("--seeds", "9..3"));
    assertEquals(2, run("--faults", "overdraft,nonsense"));
    assertEquals(2, run("--nodes", "4", "--witnesses", "4"));
    assertTrue(said().contains("--seeds"), said());
    assertTrue(said().contains("nonsense"), said());
    assertTrue(said().contains("--witnesses"), said());
  }
}
