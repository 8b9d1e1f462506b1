package org.probity.detector.crypto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.probity.detector.DecoderFuzz;
import org.probity.detector.GoldenFile;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.CoseSign1;
import org.probity.detector.codec.DecodeException;

/** SPEC protocol.md §3.2. */
class StatementTest {
  private static final Hash NETWORK =
      Hash.sha256("probity example genesis".getBytes(StandardCharsets.UTF_8));
  private static final Hash OTHER_NETWORK = Hash.sha256(new byte[] {1});
  private static final String TYP = "probity/transaction";
  private static final Bytes PAYLOAD = new CborWriter().array(2).uint(7).text("seven").toBytes();
  private static final Signer FIRST = Signer.of(TestKeys.RFC_1);
  private static final Signer SECOND = Signer.of(TestKeys.RFC_2);
  private static final StatementVerifier VERIFIER =
      new StatementVerifier(SignatureRule.fastest(), NETWORK);

  /** The bytes in the document were made by another implementation. */
  @Test
  void shouldMatchTheExamplesOfTheFormatDocument() throws DecodeException {
    GoldenFile document = GoldenFile.read("docs/format/cose.md");
    Statement one = Statement.sign(NETWORK, TYP, PAYLOAD, FIRST);
    document.assertExample("Example: one signer", one.encoded());
    assertEquals(
        document.hex("What was signed"),
        CoseSign1.toBeSigned(FIRST.publicKey().toBytes(), TYP, NETWORK.toBytes(), PAYLOAD));
    assertEquals(document.sha256("What the id is the hash of"), one.id());
    assertEquals(one.id(), Hash.sha256(document.hex("What the id is the hash of").unsafeArray()));
    Statement two = Statement.sign(NETWORK, TYP, PAYLOAD, List.of(FIRST, SECOND));
    document.assertExample("Example: two signers", two.encoded());
    assertEquals(one.id(), two.id());
    VERIFIER.verify(document.hex("Example: one signer"), TYP);
    VERIFIER.verify(document.hex("Example: two signers"), TYP);
  }

  @Test
  void shouldGiveOutThePayloadOnceVerified() throws DecodeException {
    Statement statement = Statement.sign(NETWORK, TYP, PAYLOAD, List.of(FIRST, SECOND));
    VerifiedStatement verified = VERIFIER.verify(statement.encoded(), TYP);
    assertEquals(PAYLOAD, verified.payload());
    assertEquals(List.of(SECOND.publicKey(), FIRST.publicKey()), verified.signers());
    assertEquals(TYP, verified.typ());
    assertEquals(NETWORK, verified.networkId());
    assertEquals(statement.id(), verified.id());
    assertEquals(statement.encoded(), verified.encoded());
  }

  @Test
  void shouldRejectEveryFlippedBit() {
    for (Statement statement :
        List.of(
            Statement.sign(NETWORK, TYP, PAYLOAD, FIRST),
            Statement.sign(NETWORK, TYP, PAYLOAD, List.of(FIRST, SECOND)))) {
      byte[] encoded = statement.encoded().toArray();
      for (int bit = 0; bit < encoded.length * 8; bit++) {
        byte[] flipped = encoded.clone();
        flipped[bit / 8] ^= (byte) (1 << (bit % 8));
        int flippedBit = bit;
        assertThrows(
            DecodeException.class,
            () -> VERIFIER.verify(Bytes.wrap(flipped), TYP),
            () -> "accepted with bit " + flippedBit + " flipped");
      }
    }
  }

  @Test
  void shouldRejectEveryTruncationAndExtension() {
    Bytes encoded = Statement.sign(NETWORK, TYP, PAYLOAD, FIRST).encoded();
    for (int size = 0; size < encoded.size(); size++) {
      Bytes truncated = encoded.slice(0, size);
      assertThrows(DecodeException.class, () -> Statement.decode(truncated));
    }
    byte[] extended = Arrays.copyOf(encoded.toArray(), encoded.size() + 1);
    assertCode("cbor_trailing_bytes", () -> Statement.decode(Bytes.wrap(extended)));
  }

  @Test
  void shouldRejectAStatementOfAnotherTypeOrNetwork() {
    Bytes ballot = Statement.sign(NETWORK, "probity/ballot", PAYLOAD, FIRST).encoded();
    assertCode("statement_wrong_typ", () -> VERIFIER.verify(ballot, TYP));
    Bytes elsewhere = Statement.sign(OTHER_NETWORK, TYP, PAYLOAD, FIRST).encoded();
    assertCode("statement_wrong_network", () -> VERIFIER.verify(elsewhere, TYP));
  }

  @Test
  void shouldVerifyEverySignatureAndNotOnlyTheFirst() {
    for (int bad = 0; bad < 3; bad++) {
      List<CoseSign1> signatures = signatures(NETWORK, TYP, PAYLOAD, 3);
      CoseSign1 victim = signatures.get(bad);
      signatures.set(
          bad,
          CoseSign1.of(
              victim.kid(),
              TYP,
              NETWORK.toBytes(),
              PAYLOAD,
              signatures.get((bad + 1) % 3).signature()));
      Bytes encoded = encode(signatures);
      assertCode("statement_bad_signature", () -> VERIFIER.verify(encoded, TYP));
    }
  }

  @Test
  void shouldRejectAKidThatIsNoKey() {
    Bytes smallOrder = Bytes.of(new byte[32]);
    Bytes signature = Bytes.of(new byte[64]);
    Bytes encoded =
        encode(List.of(CoseSign1.of(smallOrder, TYP, NETWORK.toBytes(), PAYLOAD, signature)));
    assertCode("key_invalid", () -> VERIFIER.verify(encoded, TYP));
  }

  @Test
  void shouldTakeOneToSixteenSignatures() throws DecodeException {
    assertEquals(
        16, VERIFIER.verify(encode(signatures(NETWORK, TYP, PAYLOAD, 16)), TYP).signers().size());
    assertCode("statement_signature_count", () -> Statement.decode(encode(List.of())));
    assertCode(
        "cbor_wrong_length", () -> Statement.decode(encode(signatures(NETWORK, TYP, PAYLOAD, 17))));
    List<Signer> seventeen =
        IntStream.range(0, 17).mapToObj(i -> Signer.of(TestKeys.numbered(i))).toList();
    assertThrows(
        IllegalArgumentException.class, () -> Statement.sign(NETWORK, TYP, PAYLOAD, seventeen));
    assertThrows(
        IllegalArgumentException.class, () -> Statement.sign(NETWORK, TYP, PAYLOAD, List.of()));
    assertThrows(
        IllegalArgumentException.class,
        () -> Statement.sign(NETWORK, TYP, PAYLOAD, List.of(FIRST, FIRST)));
  }

  @Test
  void shouldRejectSignaturesOutOfOrderOrTwice() {
    List<CoseSign1> signatures = signatures(NETWORK, TYP, PAYLOAD, 2);
    Bytes reversed = encode(List.of(signatures.get(1), signatures.get(0)));
    assertCode("statement_signer_order", () -> Statement.decode(reversed));
    Bytes twice = encode(List.of(signatures.get(0), signatures.get(0)));
    assertCode("statement_signer_order", () -> Statement.decode(twice));
  }

  @Test
  void shouldRejectSignaturesOverDifferentThings() {
    CoseSign1 first = signatures(NETWORK, TYP, PAYLOAD, 2).get(0);
    List<CoseSign1> others =
        List.of(
            signatures(NETWORK, TYP, Bytes.fromHex("80"), 2).get(1),
            signatures(NETWORK, "probity/ballot", PAYLOAD, 2).get(1),
            signatures(OTHER_NETWORK, TYP, PAYLOAD, 2).get(1));
    for (CoseSign1 other : others) {
      assertCode("statement_mixed", () -> Statement.decode(encode(List.of(first, other))));
    }
  }

  @Test
  void shouldCollectSignatures() throws DecodeException {
    Statement first = Statement.sign(NETWORK, TYP, PAYLOAD, FIRST);
    Statement second = Statement.sign(NETWORK, TYP, PAYLOAD, SECOND);
    Statement both = Statement.sign(NETWORK, TYP, PAYLOAD, List.of(FIRST, SECOND));
    assertEquals(both, first.merge(second));
    assertEquals(both, second.merge(first));
    assertEquals(both, both.merge(first).merge(both));
    Statement other = Statement.sign(NETWORK, "probity/ballot", PAYLOAD, SECOND);
    assertCode("statement_mixed", () -> first.merge(other));
  }

  @Test
  void shouldRejectOrReEncodeWhateverIsDamaged() {
    List<Bytes> valid =
        List.of(
            Statement.sign(NETWORK, TYP, PAYLOAD, FIRST).encoded(),
            Statement.sign(NETWORK, TYP, Bytes.EMPTY, List.of(FIRST, SECOND)).encoded());
    DecoderFuzz.run(
        5_000,
        valid,
        Statement::decode,
        statement -> {
          CborWriter out = new CborWriter().array(statement.signatures().size());
          statement.signatures().forEach(signature -> out.bytes(signature.encode()));
          return out.toBytes();
        });
    List<Bytes> signatures =
        signatures(NETWORK, TYP, PAYLOAD, 3).stream().map(CoseSign1::encode).toList();
    DecoderFuzz.run(5_000, signatures, CoseSign1::decode, CoseSign1::encode);
  }

  @Test
  void shouldNotCollectMoreThanSixteen() throws DecodeException {
    Statement sixteen = Statement.decode(encode(signatures(NETWORK, TYP, PAYLOAD, 16)));
    Statement one = Statement.sign(NETWORK, TYP, PAYLOAD, Signer.of(TestKeys.numbered(16)));
    Statement known = Statement.sign(NETWORK, TYP, PAYLOAD, Signer.of(TestKeys.numbered(3)));
    assertCode("statement_signature_count", () -> sixteen.merge(one));
    assertEquals(sixteen, sixteen.merge(known));
  }

  @Test
  void shouldBeAValue() throws DecodeException {
    Statement one = Statement.sign(NETWORK, TYP, PAYLOAD, FIRST);
    Statement same = Statement.decode(Bytes.of(one.encoded().toArray()));
    Statement other = Statement.sign(NETWORK, TYP, PAYLOAD, SECOND);
    assertEquals(one, same);
    assertEquals(one.hashCode(), same.hashCode());
    assertNotEquals(one, other);
    assertEquals(List.of(FIRST.publicKey().toBytes()), one.claimedSigners());
    assertEquals(VERIFIER.verify(one, TYP), VERIFIER.verify(same, TYP));
    assertEquals(VERIFIER.verify(one, TYP).hashCode(), VERIFIER.verify(same, TYP).hashCode());
    assertNotEquals(VERIFIER.verify(one, TYP), VERIFIER.verify(other, TYP));
    assertTrue(one.toString().contains("unverified"));
    assertTrue(VERIFIER.verify(one, TYP).toString().contains(one.id().toHex()));
  }

  @Test
  void shouldHaveAnIdThatCoversNetworkTypAndPayloadOnly() {
    Hash id = Statement.id(NETWORK, TYP, PAYLOAD);
    assertEquals(id, Statement.sign(NETWORK, TYP, PAYLOAD, FIRST).id());
    assertEquals(id, Statement.sign(NETWORK, TYP, PAYLOAD, SECOND).id());
    assertFalse(id.equals(Statement.id(OTHER_NETWORK, TYP, PAYLOAD)));
    assertFalse(id.equals(Statement.id(NETWORK, "probity/ballot", PAYLOAD)));
    assertFalse(id.equals(Statement.id(NETWORK, TYP, Bytes.EMPTY)));
  }

  @Test
  void shouldNeverHandOutASignatureThatDoesNotVerify() {
    SignatureRule rule = SignatureRule.fastest();
    Signer good = Signer.checked(FIRST, rule);
    assertEquals(FIRST.sign(PAYLOAD), good.sign(PAYLOAD));
    Signer liar =
        new Signer() {
          @Override
          public PublicKey publicKey() {
            return FIRST.publicKey();
          }

          @Override
          public Bytes sign(Bytes message) {
            return SECOND.sign(message);
          }
        };
    assertThrows(IllegalStateException.class, () -> Signer.checked(liar, rule).sign(PAYLOAD));
  }

  @Test
  void shouldNotShowASeed() {
    String seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
    for (Object shown :
        List.of(TestKeys.RFC_1, FIRST, Signer.checked(FIRST, SignatureRule.fastest()))) {
      if (shown.toString().contains(seed.substring(0, 8))) {
        fail("shows its seed: " + shown.getClass());
      }
    }
  }

  private static List<CoseSign1> signatures(Hash network, String typ, Bytes payload, int count) {
    List<CoseSign1> signatures = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Signer signer = Signer.of(TestKeys.numbered(i));
      Bytes kid = signer.publicKey().toBytes();
      Bytes signature = signer.sign(CoseSign1.toBeSigned(kid, typ, network.toBytes(), payload));
      signatures.add(CoseSign1.of(kid, typ, network.toBytes(), payload, signature));
    }
    signatures.sort(Comparator.comparing(CoseSign1::kid));
    return signatures;
  }

  private static Bytes encode(List<CoseSign1> signatures) {
    CborWriter out = new CborWriter().array(signatures.size());
    signatures.forEach(signature -> out.bytes(signature.encode()));
    return out.toBytes();
  }

  private static void assertCode(String code, Executable call) {
    DecodeException e = assertThrows(DecodeException.class, call);
    assertEquals(code, e.code(), e.getMessage());
  }
}
