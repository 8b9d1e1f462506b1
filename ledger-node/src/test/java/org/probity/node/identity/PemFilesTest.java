package org.probity.node.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.probity.node.identity.IdentityFixtures.RANDOM;
import static org.probity.node.identity.IdentityFixtures.assertFails;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.Signer;
import org.probity.node.testing.RequiredTool;

class PemFilesTest {
  @TempDir Path directory;

  @ParameterizedTest
  @EnumSource(KeyKind.class)
  void aKeyIsReadBackAndOnlyItsOwnerCanReadIt(KeyKind kind) throws IOException {
    Path file = directory.resolve("key.pem");
    Secret secret = Secret.generate(kind, RANDOM);
    PemFiles.writeSecret(file, secret);
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    Secret read = PemFiles.readSecret(file);
    assertEquals(kind, read.kind());
    assertEquals(secret.pkcs8(), read.pkcs8());
    assertEquals(secret.jcaPublic(), read.jcaPublic());
    assertFalse(read.toString().contains(secret.pkcs8().toHex().substring(40)));
    assertFails("key_file_exists", () -> PemFiles.writeSecret(file, secret));
  }

  @Test
  void theDetectorSignsWithTheSameKey() {
    Secret secret = Secret.generate(KeyKind.ED25519, RANDOM);
    Bytes message = Bytes.utf8("message");
    Bytes signature = Signer.of(secret.ed25519()).sign(message);
    assertTrue(SignatureRule.fastest().accepts(secret.ed25519().publicKey(), message, signature));
    byte[] spki = secret.jcaPublic().getEncoded();
    assertEquals(
        secret.ed25519().publicKey().toBytes(),
        Bytes.of(spki).slice(spki.length - 32, spki.length));
  }

  @Test
  void aKeyThatOthersCanReadIsRefused() throws IOException {
    Path file = directory.resolve("key.pem");
    PemFiles.writeSecret(file, Secret.generate(KeyKind.ED25519, RANDOM));
    for (String mode : new String[] {"rw-r-----", "rw----r--", "rw--w----", "rwx-----x"}) {
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
      IdentityException thrown =
          assertFails("key_file_permissions", () -> PemFiles.readSecret(file));
      assertTrue(thrown.getMessage().contains("chmod 600"), thrown.getMessage());
    }
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--------"));
    assertEquals(KeyKind.ED25519, PemFiles.readSecret(file).kind());
  }

  @Test
  void whatIsNotAKeyIsRefusedWithARemedy() throws IOException {
    assertFails("key_file_missing", () -> PemFiles.readSecret(directory.resolve("none.pem")));
    String[] contents = {
      "",
      "hello",
      "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
      "-----BEGIN PRIVATE KEY-----\n!!!!\n-----END PRIVATE KEY-----\n",
      "-----BEGIN PRIVATE KEY-----\nMC4C",
      "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n"
    };
    for (int i = 0; i < contents.length; i++) {
      Path file = directory.resolve("bad-" + i + ".pem");
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.writeString(file, contents[i]);
      assertFails("key_file_malformed", () -> PemFiles.readSecret(file));
    }
  }

  @ParameterizedTest
  @EnumSource(KeyKind.class)
  void opensslReadsOurKeys(KeyKind kind) throws IOException, InterruptedException {
    Path file = directory.resolve("key.pem");
    Secret secret = Secret.generate(kind, RANDOM);
    PemFiles.writeSecret(file, secret);
    Bytes spki = OpenSsl.run("pkey", "-in", file.toString(), "-pubout", "-outform", "DER").stdout();
    assertEquals(Bytes.of(secret.jcaPublic().getEncoded()), spki);
  }

  @Test
  void keysMadeByOpensslAreRead() throws IOException, InterruptedException {
    Path ed25519 = directory.resolve("ed25519.pem");
    OpenSsl.run("genpkey", "-algorithm", "ed25519", "-out", ed25519.toString());
    assertEquals(KeyKind.ED25519, PemFiles.readSecret(ed25519).kind());

    Path p256 = directory.resolve("p256.pem");
    OpenSsl.run(
        "genpkey",
        "-algorithm",
        "EC",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-out",
        p256.toString());
    assertEquals(KeyKind.P256, PemFiles.readSecret(p256).kind());

    Path rsa = directory.resolve("rsa.pem");
    OpenSsl.run("genpkey", "-algorithm", "RSA", "-out", rsa.toString());
    assertFails("key_file_malformed", () -> PemFiles.readSecret(rsa));

    Path p384 = directory.resolve("p384.pem");
    OpenSsl.run(
        "genpkey",
        "-algorithm",
        "EC",
        "-pkeyopt",
        "ec_paramgen_curve:P-384",
        "-out",
        p384.toString());
    assertFails("key_file_malformed", () -> PemFiles.readSecret(p384));
  }

  @ParameterizedTest
  @EnumSource(KeyKind.class)
  void anEncryptedKeyOpensWithItsPassphrase(KeyKind kind) throws IOException, InterruptedException {
    Path plain = directory.resolve("plain.pem");
    Path locked = directory.resolve("locked.pem");
    Secret secret = Secret.generate(kind, RANDOM);
    PemFiles.writeSecret(plain, secret);
    OpenSsl.run(
        "pkcs8",
        "-topk8",
        "-v2",
        "aes-256-cbc",
        "-in",
        plain.toString(),
        "-out",
        locked.toString(),
        "-passout",
        "pass:correct horse");
    Files.setPosixFilePermissions(locked, PosixFilePermissions.fromString("rw-------"));
    assertEquals(
        secret.jcaPublic(), PemFiles.readSecret(locked, Optional.of("correct horse")).jcaPublic());
    assertFails("key_file_locked", () -> PemFiles.readSecret(locked, Optional.of("wrong")));
    assertFails("key_file_locked", () -> PemFiles.readSecret(locked));
  }

  /** The machine's openssl, or a visible skip. */
  static final class OpenSsl {
    record Output(Bytes stdout, String stderr) {
      String text() {
        return new String(stdout.unsafeArray(), StandardCharsets.UTF_8);
      }
    }

    static Output run(String... arguments) throws IOException, InterruptedException {
      List<String> command = new ArrayList<>();
      command.add(RequiredTool.find("openssl").toString());
      command.addAll(List.of(arguments));
      Path errors = Files.createTempFile("openssl", ".err");
      try {
        Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
        process.getOutputStream().close();
        Bytes stdout = Bytes.wrap(process.getInputStream().readAllBytes());
        int exit = process.waitFor();
        String stderr = Files.readString(errors);
        assertEquals(0, exit, String.join(" ", command) + "\n" + stderr);
        return new Output(stdout, stderr);
      } finally {
        Files.delete(errors);
      }
    }
  }
}
