package org.probity.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.probity.detector.codec.Bytes;
import org.probity.detector.governance.Genesis;
import org.probity.ledger.verifier.OfflineVerifier;
import org.probity.ledger.verifier.VerifyEvidence;

/**
 * Has a proof verified by a fresh process that has nothing but the verifier's own jars, the genesis
 * document and the file.
 */
final class EvidenceCheck {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int WARM_UP_ROUNDS = 20;
  private static final int PATIENCE_SECONDS = 60;

  private EvidenceCheck() {}

  /**
   * A verified file.
   *
   * @param verdict the line that the fresh process printed
   * @param processMillis how long that process took, its start included
   * @param verifyMillis how long verification alone takes in a warm JVM
   */
  record Checked(
      Path file,
      long bytes,
      JsonNode verdict,
      int exitCode,
      long processMillis,
      double verifyMillis) {
    boolean isProven() {
      return exitCode == 0 && verdict.path("verdict").asText().equals("PROVEN");
    }
  }

  static Checked check(Path file, Path genesisFile, Genesis genesis)
      throws IOException, InterruptedException {
    long startNanos = System.nanoTime();
    Process process =
        new ProcessBuilder(
                ChildJvm.command(
                    List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
                    verifierClassPath(),
                    VerifyEvidence.class.getName(),
                    List.of(file.toString(), "--genesis", genesisFile.toString())))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    process.getOutputStream().close();
    JsonNode verdict = JSON.readTree(process.getInputStream());
    if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
    long processMillis = (System.nanoTime() - startNanos) / 1_000_000;
    return new Checked(
        file,
        Files.size(file),
        verdict,
        process.waitFor(),
        processMillis,
        warmMillis(Bytes.wrap(Files.readAllBytes(file)), genesis));
  }

  private static double warmMillis(Bytes file, Genesis genesis) {
    OfflineVerifier verifier = new OfflineVerifier(genesis);
    for (int i = 0; i < WARM_UP_ROUNDS; i++) {
      verifier.verify(file);
    }
    long startNanos = System.nanoTime();
    verifier.verify(file);
    return (System.nanoTime() - startNanos) / 1e6;
  }

  /** Of our own class path only what the verifier needs, as far as it can be told apart. */
  private static String verifierClassPath() {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(EvidenceCheck::isVerifiers)
        .collect(Collectors.joining(File.pathSeparator));
  }

  private static boolean isVerifiers(String entry) {
    String name = Path.of(entry).getFileName().toString();
    if (name.equals("classes")) {
      // Run from a build tree: classes of the two modules.
      return entry.contains("detector") || entry.matches(".*[/\\\\]ledger[/\\\\].*");
    }
    return name.startsWith("detector-")
        || name.matches("ledger-[0-9].*")
        || name.startsWith("bcprov-")
        || name.startsWith("AmazonCorretto");
  }
}
