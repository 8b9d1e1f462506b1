package org.probity.ledger.verifier;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.evidence.EvidenceVerifier;
import org.probity.detector.evidence.Verification;
import org.probity.detector.governance.Genesis;

/**
 * {@code VerifyEvidence GENESIS FILE}, or {@code FILE --genesis GENESIS} as the node's command line
 * has it: one line of JSON. Exit codes: 0 proven, 10 rejected, 1 no such file, 2 usage, 3 no
 * genesis document.
 */
public final class VerifyEvidence {
  static final int PROVEN = 0;
  static final int ERROR = 1;
  static final int USAGE = 2;
  static final int BAD_GENESIS = 3;
  static final int REJECTED = 10;

  private VerifyEvidence() {}

  public static void main(String[] arguments) {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    PrintStream err = new PrintStream(System.err, true, StandardCharsets.UTF_8);
    System.exit(run(arguments, out, err));
  }

  static int run(String[] arguments, PrintStream out, PrintStream err) {
    if (arguments.length == 2) {
      return verify(Path.of(arguments[0]), Path.of(arguments[1]), out, err);
    }
    if (arguments.length == 3 && arguments[1].equals("--genesis")) {
      return verify(Path.of(arguments[2]), Path.of(arguments[0]), out, err);
    }
    err.println("usage: java -jar probity-verifier.jar GENESIS FILE");
    return USAGE;
  }

  private static int verify(Path genesisFile, Path file, PrintStream out, PrintStream err) {
    Genesis genesis;
    try {
      genesis = Genesis.decode(Bytes.wrap(Files.readAllBytes(genesisFile)));
    } catch (IOException | DecodeException e) {
      err.println("no genesis document: " + genesisFile + ": " + e.getMessage());
      return BAD_GENESIS;
    }
    try {
      Verification verification = new OfflineVerifier(genesis).verify(readBounded(file));
      out.println(OfflineVerifier.json(verification));
      return verification instanceof Verification.Proven ? PROVEN : REJECTED;
    } catch (NoSuchFileException e) {
      err.println("no such file: " + file);
      return ERROR;
    } catch (IOException e) {
      err.println("cannot read " + file + ": " + e.getMessage());
      return ERROR;
    }
  }

  /** Reads a file, or as much of it as shows that it is too large to be evidence. */
  public static Bytes readBounded(Path file) throws IOException {
    try (var in = Files.newInputStream(file)) {
      return Bytes.wrap(in.readNBytes(EvidenceVerifier.MAX_BYTES + 1));
    }
  }
}
