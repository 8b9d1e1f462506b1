package org.probity.node.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.function.Executable;
import org.probity.detector.codec.DecodeException;

/** A small consortium's keys and certificates. */
final class IdentityFixtures {
  static final SecureRandom RANDOM = new SecureRandom();

  // Handshakes compare with the machine's clock, so the tests live in the present too.
  @SuppressWarnings("TimeInStaticInitializer")
  static final Instant NOW = Instant.now();

  private IdentityFixtures() {}

  static CertificateAuthority authority() {
    return CertificateAuthority.create("Test consortium", NOW, RANDOM);
  }

  /** Keys and certificates of a node in {@code directory}, as NetworkInit lays them out. */
  static NodeKeys enrol(CertificateAuthority authority, String node, Path directory) {
    NodeKeys keys = NodeKeys.generate(RANDOM);
    keys.save(directory);
    NodeCertificates.issue(authority, keys, node, node, List.of(), NOW).save(directory);
    return keys;
  }

  static IdentityException assertFails(String code, Executable action) {
    IdentityException thrown = assertThrows(IdentityException.class, action);
    assertEquals(code, thrown.code(), thrown.getMessage());
    return thrown;
  }

  static void assertRejected(String code, Executable action) {
    DecodeException thrown = assertThrows(DecodeException.class, action);
    assertEquals(code, thrown.code(), thrown.getMessage());
  }
}
