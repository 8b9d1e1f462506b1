package org.probity.node.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.codec.Bytes;

/**
 * Jazzer on every decoder, each in a JVM of its own with bounded memory and time per input.
 *
 * <pre>
 * mvn -Pcampaign -pl ledger-node -am test -Dtest=FuzzCampaignTest -Dsurefire.failIfNoSpecifiedTests=false
 * </pre>
 *
 * <p>{@code -Dprobity.fuzz.runs=N} for other than 100,000 inputs each, {@code
 * -Dprobity.fuzz.only=NAME} for one decoder, {@code -Dprobity.fuzz.record=true} to keep what was
 * found in the corpus that every build replays. What it came to is in {@code
 * target/fuzz-campaign.txt}.
 */
@Tag("campaign")
class FuzzCampaignTest {
  private static final int RUNS = Integer.getInteger("probity.fuzz.runs", 100_000);
  private static final String ONLY = System.getProperty("probity.fuzz.only", "");
  private static final Path CORPUS = Path.of("src", "test", "resources", "fuzz");

  /** What an input may take; a decoder is linear in its input. */
  private static final int SECONDS_PER_INPUT = 10;

  private static final int MAX_INPUT_BYTES = 8_192;
  private static final int KEPT_INPUT_BYTES = 256;
  private static final int KEPT_INPUTS = 32;
  private static final long PATIENCE_MINUTES = 30;
  private static final Pattern DONE = Pattern.compile("Done (\\d+) runs in (\\d+) second");

  @TempDir Path folder;

  @Test
  void noDecoderThrowsHangsOrAllocatesWithoutBound() throws IOException, InterruptedException {
    List<FuzzTarget> targets =
        FuzzTargets.all().stream()
            .filter(target -> ONLY.isEmpty() || target.name().equals(ONLY))
            .toList();
    List<Bytes> examples = Examples.all();
    StringBuilder report = new StringBuilder();
    long total = 0;
    for (FuzzTarget target : targets) {
      Path corpus = Files.createDirectory(folder.resolve(target.name()));
      seed(target, examples, corpus);
      long runs = fuzz(target, corpus, report);
      assertTrue(runs >= RUNS, target + ": " + runs);
      total += runs;
      if (Boolean.getBoolean("probity.fuzz.record")) {
        record(target, corpus);
      }
    }
    report.append(String.format(Locale.ROOT, "%-28s %,12d%n", "all", total));
    Files.writeString(Path.of("target", "fuzz-campaign.txt"), report.toString());
    assertEquals((long) RUNS * targets.size(), total);
  }

  private static void seed(FuzzTarget target, List<Bytes> examples, Path corpus)
      throws IOException {
    int name = 0;
    for (Bytes input : Stream.concat(examples.stream(), Corpus.of(target).stream()).toList()) {
      if (input.size() <= MAX_INPUT_BYTES && target.takes(input)) {
        Files.write(corpus.resolve("example-" + name++), input.toArray());
      }
    }
  }

  private long fuzz(FuzzTarget target, Path corpus, StringBuilder report)
      throws IOException, InterruptedException {
    Path output = folder.resolve(target.name() + ".log");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-D" + DecoderFuzzer.TARGET + "=" + target.name(),
                "-cp",
                System.getProperty("java.class.path"),
                "com.code_intelligence.jazzer.Jazzer",
                "--target_class=" + DecoderFuzzer.class.getName(),
                "--instrumentation_includes=org.probity.**",
                "--custom_hook_includes=org.probity.**",
                "--reproducer_path=" + folder,
                "-artifact_prefix=" + folder + "/",
                "-seed=1",
                "-runs=" + RUNS,
                "-max_len=" + MAX_INPUT_BYTES,
                "-timeout=" + SECONDS_PER_INPUT,
                corpus.toString())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertTrue(process.waitFor(PATIENCE_MINUTES, TimeUnit.MINUTES), target + " does not end");
    } finally {
      process.destroyForcibly();
    }
    String said = Files.readString(output, StandardCharsets.ISO_8859_1);
    String end = said.substring(Math.max(0, said.length() - 4_000));
    assertEquals(0, process.exitValue(), () -> target + ":\n" + end);
    Matcher done = DONE.matcher(end);
    assertTrue(done.find(), () -> target + ":\n" + end);
    report.append(
        String.format(
            Locale.ROOT,
            "%-28s %,12d %6s s%n",
            target.name(),
            Long.parseLong(done.group(1)),
            done.group(2)));
    return Long.parseLong(done.group(1));
  }

  private static void record(FuzzTarget target, Path corpus) throws IOException {
    List<String> kept = new ArrayList<>();
    try (Stream<Path> files = Files.list(corpus)) {
      for (Path file : files.sorted(Comparator.comparing(Path::toString)).toList()) {
        byte[] input = Files.readAllBytes(file);
        boolean isFound = !String.valueOf(file.getFileName()).startsWith("example-");
        if (isFound && input.length <= KEPT_INPUT_BYTES && kept.size() < KEPT_INPUTS) {
          kept.add(HexFormat.of().formatHex(input));
        }
      }
    }
    Files.createDirectories(CORPUS);
    Files.writeString(CORPUS.resolve(target.name() + ".txt"), String.join("\n", kept) + "\n");
  }
}
