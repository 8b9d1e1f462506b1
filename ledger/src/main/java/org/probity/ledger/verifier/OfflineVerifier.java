package org.probity.ledger.verifier;

import java.util.Map;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.evidence.Evidence;
import org.probity.detector.evidence.EvidenceVerifier;
import org.probity.detector.evidence.Verification;
import org.probity.detector.governance.Genesis;
import org.probity.detector.program.Program;
import org.probity.ledger.program.LedgerProgram;

/** Judges evidence files with every version of the ledger's rules that this software has. */
public final class OfflineVerifier {
  private final EvidenceVerifier verifier;

  public OfflineVerifier(Genesis genesis) {
    this(genesis, programs());
  }

  /** For consortia that run other programs. */
  public OfflineVerifier(Genesis genesis, Map<Hash, Program> programs) {
    this.verifier = new EvidenceVerifier(genesis, programs);
  }

  /** All versions of the rules, by program id. Versions are added here and never taken away. */
  public static Map<Hash, Program> programs() {
    Program current = new LedgerProgram();
    return Map.of(current.id(), current);
  }

  /** Whether these bytes prove a fault; never throws. */
  public Verification verify(Bytes file) {
    return verifier.verify(file);
  }

  /** The verdict as one line of JSON, the same from every tool. */
  public static String json(Verification verification) {
    if (verification instanceof Verification.Rejected rejected) {
      return "{\"verdict\":\"REJECTED\",\"reason\":"
          + quote(rejected.code())
          + ",\"message\":"
          + quote(rejected.message())
          + "}";
    }
    Evidence evidence = ((Verification.Proven) verification).evidence();
    return "{\"verdict\":\"PROVEN\",\"member\":"
        + quote(evidence.member())
        + ",\"node\":"
        + evidence.node().map(OfflineVerifier::quote).orElse("null")
        + ",\"kind\":"
        + quote(evidence.faultId().kind().name())
        + ",\"position\":"
        + evidence.faultId().position()
        + ",\"faultId\":"
        + quote(evidence.fault().toHex())
        + ",\"code\":"
        + quote(evidence.code())
        + "}";
  }

  /** A JSON string; written by hand so that the verifier needs no JSON library. */
  static String quote(String text) {
    StringBuilder json = new StringBuilder(text.length() + 2).append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        json.append('\\').append(c);
      } else if (c < 0x20 || c > 0x7E) {
        json.append(String.format("\\u%04x", (int) c));
      } else {
        json.append(c);
      }
    }
    return json.append('"').toString();
  }
}
