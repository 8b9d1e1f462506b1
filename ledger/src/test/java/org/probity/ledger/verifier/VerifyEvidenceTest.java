package org.probity.ledger.verifier;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Exit codes of the stand-alone verifier; what it proves is tested with real evidence elsewhere.
 */
class VerifyEvidenceTest {
  @TempDir Path temporary;

  private static int run(String... arguments) {
    PrintStream nowhere =
        new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
    return VerifyEvidence.run(arguments, nowhere, nowhere);
  }

  @Test
  void saysWhatIsMissing() throws IOException {
    Path file = Files.writeString(temporary.resolve("file"), "no genesis");
    assertEquals(VerifyEvidence.USAGE, run());
    assertEquals(VerifyEvidence.USAGE, run("file"));
    assertEquals(VerifyEvidence.USAGE, run("file", "--genesys", "g"));
    assertEquals(VerifyEvidence.BAD_GENESIS, run("/nowhere", file.toString()));
    assertEquals(VerifyEvidence.BAD_GENESIS, run(file.toString(), "/nowhere"));
    assertEquals(VerifyEvidence.BAD_GENESIS, run(file.toString(), "--genesis", "/nowhere"));
    assertEquals(VerifyEvidence.BAD_GENESIS, run(file.toString(), "--genesis", file.toString()));
  }

  @Test
  void quotesWhatWouldBreakJson() {
    assertEquals("\"a\\\"b\\\\c\\u000a\\u00e9\"", OfflineVerifier.quote("a\"b\\c\n\u00e9"));
  }
}
