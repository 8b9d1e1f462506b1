package org.probity.node.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.probity.node.identity.IdentityFixtures.RANDOM;
import static org.probity.node.identity.IdentityFixtures.assertRejected;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.pkcs.CertificationRequest;
import org.bouncycastle.asn1.pkcs.CertificationRequestInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;

class CertificateRequestTest {
  @TempDir Path directory;

  private static byte[] der(CertificateRequest request) throws IOException {
    return PemFiles.parse(request.pem()).get(0).getContent();
  }

  @ParameterizedTest
  @EnumSource(KeyKind.class)
  void aRequestIsReadBack(KeyKind kind) throws DecodeException {
    Secret secret = Secret.generate(kind, RANDOM);
    CertificateRequest request =
        CertificateRequest.create(
            secret,
            Purpose.TLS,
            "bank-a",
            "member-a",
            List.of("Node.Example.org", "192.0.2.7", "2001:db8::1"));
    CertificateRequest read = CertificateRequest.parse(request.pem());
    assertEquals("bank-a", read.node());
    assertEquals("member-a", read.member());
    assertEquals(kind, read.kind());
    assertEquals(secret.jcaPublic(), read.key());
    assertEquals(List.of("node.example.org", "192.0.2.7", "2001:db8:0:0:0:0:0:1"), read.hosts());
  }

  @ParameterizedTest
  @EnumSource(KeyKind.class)
  void aRequestForSomebodyElsesKeyIsRejected(KeyKind kind) throws IOException {
    CertificationRequest victim =
        CertificationRequest.getInstance(
            der(
                CertificateRequest.create(
                    Secret.generate(kind, RANDOM), Purpose.TLS, "bank-a", "member-a", List.of())));
    CertificationRequest thief =
        CertificationRequest.getInstance(
            der(
                CertificateRequest.create(
                    Secret.generate(kind, RANDOM), Purpose.TLS, "bank-b", "member-b", List.of())));
    // The victim's key under the thief's name, with a signature the thief can make.
    CertificationRequestInfo info =
        new CertificationRequestInfo(
            thief.getCertificationRequestInfo().getSubject(),
            victim.getCertificationRequestInfo().getSubjectPublicKeyInfo(),
            thief.getCertificationRequestInfo().getAttributes());
    byte[] forged =
        new CertificationRequest(
                info,
                thief.getSignatureAlgorithm(),
                new DERBitString(thief.getSignature().getOctets()))
            .getEncoded("DER");
    assertRejected(
        "request_signature_invalid", () -> CertificateRequest.decode(Bytes.wrap(forged)));
  }

  @ParameterizedTest
  @EnumSource(KeyKind.class)
  void noFlippedBitIsAccepted(KeyKind kind) throws IOException {
    byte[] der =
        der(
            CertificateRequest.create(
                Secret.generate(kind, RANDOM),
                Purpose.TLS,
                "bank-a",
                "member-a",
                List.of("example.org")));
    for (int bit = 0; bit < der.length * 8; bit += 3) {
      byte[] damaged = der.clone();
      damaged[bit / 8] ^= (byte) (1 << (bit % 8));
      assertThrows(
          DecodeException.class, () -> CertificateRequest.decode(Bytes.of(damaged)), "bit " + bit);
    }
  }

  @Test
  void aRequestSaysWhatForAndOneWithoutThatIsForTls() throws DecodeException {
    for (Purpose purpose : Purpose.values()) {
      Secret secret = Secret.generate(KeyKind.ED25519, RANDOM);
      CertificateRequest request =
          CertificateRequest.create(secret, purpose, "bank-a", "member-a", List.of());
      assertEquals(purpose, CertificateRequest.parse(request.pem()).purpose());
    }
    assertThrows(
        IllegalArgumentException.class,
        () ->
            CertificateRequest.create(
                Secret.generate(KeyKind.P256, RANDOM), Purpose.LOG, "a", "m", List.of()));
  }

  @Test
  void whatIsNotARequestIsRejected() {
    assertRejected("request_malformed", () -> CertificateRequest.parse(""));
    assertRejected("request_malformed", () -> CertificateRequest.parse("hello"));
    assertRejected(
        "request_malformed",
        () ->
            CertificateRequest.parse(
                "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n"));
    assertRejected(
        "request_too_large", () -> CertificateRequest.decode(Bytes.wrap(new byte[16 * 1024 + 1])));
    assertRejected("request_too_large", () -> CertificateRequest.parse("x".repeat(40_000)));
  }

  @Test
  void badNamesAndHostsAreOurBugWhenWeMakeThem() {
    Secret secret = Secret.generate(KeyKind.ED25519, RANDOM);
    for (String id : List.of("", "Bank", "-a", "a/b", "a".repeat(32))) {
      assertThrows(
          IllegalArgumentException.class,
          () -> CertificateRequest.create(secret, Purpose.TLS, id, "member", List.of()));
    }
    for (String host : List.of("", "a b", "http://x", "*.example.org", "x/y", "a".repeat(300))) {
      assertThrows(
          IllegalArgumentException.class,
          () -> CertificateRequest.create(secret, Purpose.TLS, "bank-a", "member", List.of(host)));
    }
    List<String> many = new ArrayList<>();
    for (int i = 0; i <= CertificateRequest.MAX_HOSTS; i++) {
      many.add("h" + i);
    }
    assertThrows(
        IllegalArgumentException.class,
        () -> CertificateRequest.create(secret, Purpose.TLS, "bank-a", "member", many));
  }

  @Test
  void aRequestMadeByOpensslIsAcceptedAndOneWithAnEmailIsNot() throws Exception {
    Path key = directory.resolve("key.pem");
    Path good = directory.resolve("good.csr");
    Path bad = directory.resolve("bad.csr");
    Path other = directory.resolve("p384.csr");
    PemFilesTest.OpenSsl.run("genpkey", "-algorithm", "ed25519", "-out", key.toString());
    PemFilesTest.OpenSsl.run(
        "req",
        "-new",
        "-key",
        key.toString(),
        "-subj",
        "/CN=bank-a/O=member-a",
        "-addext",
        "subjectAltName=DNS:example.org,IP:192.0.2.1",
        "-out",
        good.toString());
    CertificateRequest read = CertificateRequest.parse(Files.readString(good));
    assertEquals(List.of("example.org", "192.0.2.1"), read.hosts());
    assertEquals("bank-a", read.node());
    assertEquals(Purpose.TLS, read.purpose());

    PemFilesTest.OpenSsl.run(
        "req",
        "-new",
        "-key",
        key.toString(),
        "-subj",
        "/CN=bank-a/O=member-a",
        "-addext",
        "subjectAltName=URI:urn:probity:node:bank-b",
        "-out",
        bad.toString());
    assertRejected("request_host_invalid", () -> CertificateRequest.parse(Files.readString(bad)));

    Path p384 = directory.resolve("p384.pem");
    PemFilesTest.OpenSsl.run(
        "genpkey",
        "-algorithm",
        "EC",
        "-pkeyopt",
        "ec_paramgen_curve:P-384",
        "-out",
        p384.toString());
    PemFilesTest.OpenSsl.run(
        "req",
        "-new",
        "-key",
        p384.toString(),
        "-subj",
        "/CN=bank-a/O=member-a",
        "-out",
        other.toString());
    assertRejected("request_key_invalid", () -> CertificateRequest.parse(Files.readString(other)));
    assertTrue(Files.exists(other));
  }
}
