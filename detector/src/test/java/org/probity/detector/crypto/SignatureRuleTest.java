package org.probity.detector.crypto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.Provider;
import java.security.Security;
import java.security.Signature;
import java.security.SignatureSpi;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.bouncycastle.math.ec.rfc8032.Ed25519;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.probity.detector.Seeded;
import org.probity.detector.TestData;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Ed25519Reference.Point;

/** SPEC protocol.md §2.5: one rule, the same verdict from every provider. */
class SignatureRuleTest {
  private static final byte[] MESSAGE = "message".getBytes(StandardCharsets.UTF_8);

  /** A case of a vector file; the expected verdict is the file's own, or derived from its flags. */
  @SuppressWarnings("ArrayRecordComponent")
  private record Vector(
      String name, byte[] key, byte[] message, byte[] signature, boolean expected) {}

  static Stream<Ed25519Provider> providers() {
    return Ed25519Providers.available().stream();
  }

  @Test
  void shouldFindEveryProviderOnThePlatformItIsBuiltFor() {
    Assumptions.assumeTrue(
        System.getProperty("os.name").equals("Linux")
            && System.getProperty("os.arch").equals("amd64"),
        "Corretto's native library is for Linux on x86-64");
    assertEquals(
        List.of("corretto", "bouncycastle", "jdk"),
        providers().map(Ed25519Provider::name).toList());
    assertEquals("corretto", SignatureRule.fastest().provider().name());
    assertNull(
        Security.getProvider("AmazonCorrettoCryptoProvider"), "nobody else's cryptography changes");
  }

  /** RFC 8032 §7.1, tests 1, 2, 3 and SHA(abc). Test 1024 is in Wycheproof's file. */
  @ParameterizedTest
  @CsvSource({
    "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60,"
        + "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a,"
        + "'',"
        + "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb,"
        + "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c,"
        + "72,"
        + "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7,"
        + "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025,"
        + "af82,"
        + "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42,"
        + "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf,"
        + "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f,"
        + "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704",
  })
  void shouldGiveTheKnownAnswersOfTheRfc(String seed, String key, String message, String signature)
      throws DecodeException {
    PrivateKey privateKey = PrivateKey.fromSeed(hex(seed));
    assertEquals(key, privateKey.publicKey().toString());
    for (Ed25519Provider provider : Ed25519Providers.available()) {
      assertEquals(
          signature,
          Signer.of(privateKey, provider).sign(Bytes.fromHex(message)).toHex(),
          provider.name());
      assertTrue(
          new SignatureRule(provider)
              .accepts(
                  PublicKey.decode(hex(key)), Bytes.fromHex(message), Bytes.fromHex(signature)),
          provider.name());
    }
  }

  /** What Wycheproof calls valid is valid, and nothing else. */
  @Test
  void shouldAgreeWithWycheproof() {
    List<Vector> vectors = wycheproof();
    assertEquals(151, vectors.size());
    assertVerdicts(vectors);
  }

  /** Every flag of CCTV names a reason to refuse; one of the 914 cases has none. */
  @Test
  void shouldRefuseEveryOddityOfCctv() {
    List<Vector> vectors = cctv();
    assertEquals(914, vectors.size());
    assertEquals(1, vectors.stream().filter(Vector::expected).count());
    assertVerdicts(vectors);
  }

  /** All twelve cases of "Taming the many EdDSAs" (2020) have a reason to be refused here. */
  @Test
  void shouldRefuseEveryCaseOfSpeccheck() {
    List<Vector> vectors = speccheck();
    assertEquals(12, vectors.size());
    assertVerdicts(vectors);
  }

  /**
   * Planted bug: Bouncy Castle's verification without the full validation of R is cofactored and
   * accepts what the rule must not.
   */
  @Test
  void shouldNeedTheFullValidationOfRWithBouncyCastle() {
    List<String> wronglyAccepted = new ArrayList<>();
    for (Vector vector : cctv()) {
      if (!vector.expected()
          && decodes(vector.key())
          && Ed25519.verify(
              vector.signature(),
              0,
              vector.key(),
              0,
              vector.message(),
              0,
              vector.message().length)) {
        wronglyAccepted.add(vector.name());
      }
    }
    assertFalse(wronglyAccepted.isEmpty(), "the check of R no longer bites on any vector");
  }

  /** Planted bug: a cofactorless verification alone accepts the neutral element as R. */
  @ParameterizedTest
  @MethodSource("providers")
  void shouldNeedTheSmallOrderCheckOfRWithNativeProviders(Ed25519Provider provider) {
    byte[] r = Ed25519Reference.NEUTRAL.encode();
    PrivateKey key = TestKeys.RFC_1;
    byte[] a = key.publicKey().toBytes().toArray();
    BigInteger k = Ed25519Reference.challenge(r, a, MESSAGE);
    BigInteger s = k.multiply(Ed25519Reference.secretScalar(key.seed())).mod(Ed25519Reference.L);
    byte[] signature = Ed25519Reference.signature(r, s);
    assertEquals(
        !provider.name().equals("bouncycastle"),
        provider.rawVerify(key.publicKey(), MESSAGE, signature),
        provider.name() + " without the rule");
    assertFalse(new SignatureRule(provider).accepts(key.publicKey(), MESSAGE, signature));
  }

  /** Signatures whose R carries a small-order component: valid with the cofactor, not without. */
  @Test
  void shouldRefuseSmallOrderComponentsInR() {
    List<Point> torsion = Ed25519Reference.smallOrderPoints();
    Seeded.run(
        20,
        random -> {
          byte[] seed = Seeded.bytes(random, 32);
          byte[] message = Seeded.bytesUpTo(random, 100);
          PrivateKey key = PrivateKey.fromSeed(seed);
          byte[] a = key.publicKey().toBytes().toArray();
          BigInteger nonce = new BigInteger(1, Seeded.bytes(random, 40)).mod(Ed25519Reference.L);
          Point commitment = Ed25519Reference.BASE.times(nonce);
          for (int i = 0; i < torsion.size(); i++) {
            byte[] r = commitment.add(torsion.get(i)).encode();
            BigInteger s =
                Ed25519Reference.challenge(r, a, message)
                    .multiply(Ed25519Reference.secretScalar(seed))
                    .add(nonce)
                    .mod(Ed25519Reference.L);
            byte[] signature = Ed25519Reference.signature(r, s);
            assertTrue(
                Ed25519.verify(signature, 0, a, 0, message, 0, message.length),
                "valid with the cofactor");
            assertVerdict(new Vector("R + torsion " + i, a, message, signature, i == 0));
          }
        });
  }

  /** Keys with a small-order component, whose signatures would pass for one message in eight. */
  @Test
  void shouldRefuseSmallOrderComponentsInTheKey() {
    List<Point> torsion = Ed25519Reference.smallOrderPoints();
    Seeded.run(
        10,
        random -> {
          byte[] seed = Seeded.bytes(random, 32);
          BigInteger secret = Ed25519Reference.secretScalar(seed);
          Point honest = Ed25519Reference.BASE.times(secret);
          BigInteger nonce = new BigInteger(1, Seeded.bytes(random, 40)).mod(Ed25519Reference.L);
          byte[] r = Ed25519Reference.BASE.times(nonce).encode();
          for (int i = 0; i < torsion.size(); i++) {
            byte[] a = honest.add(torsion.get(i)).encode();
            BigInteger s =
                Ed25519Reference.challenge(r, a, MESSAGE)
                    .multiply(secret)
                    .add(nonce)
                    .mod(Ed25519Reference.L);
            assertEquals(i == 0, decodes(a));
            assertVerdict(
                new Vector(
                    "A + torsion " + i, a, MESSAGE, Ed25519Reference.signature(r, s), i == 0));
          }
        });
  }

  /** Every special R with every special S, under a key made to fit: S B - R = k A for k = 0 too. */
  @Test
  void shouldRefuseSmallOrderAndNonCanonicalRWhateverS() {
    List<byte[]> encodings = new ArrayList<>();
    for (Point point : Ed25519Reference.smallOrderPoints()) {
      encodings.add(point.encode());
    }
    for (int y = 0; y < 19; y++) { // p + y fits 255 bits
      byte[] nonCanonical =
          Ed25519Reference.littleEndian(Ed25519Reference.P.add(BigInteger.valueOf(y)));
      encodings.add(nonCanonical.clone());
      nonCanonical[31] |= (byte) 0x80;
      encodings.add(nonCanonical);
    }
    for (BigInteger y :
        List.of(BigInteger.ONE, Ed25519Reference.P.subtract(BigInteger.ONE))) { // x = 0, odd
      byte[] negativeZero = Ed25519Reference.littleEndian(y);
      negativeZero[31] |= (byte) 0x80;
      encodings.add(negativeZero);
    }
    PrivateKey key = TestKeys.RFC_1;
    byte[] a = key.publicKey().toBytes().toArray();
    for (byte[] r : encodings) {
      BigInteger fitting =
          Ed25519Reference.challenge(r, a, MESSAGE)
              .multiply(Ed25519Reference.secretScalar(key.seed()))
              .mod(Ed25519Reference.L);
      for (BigInteger s : List.of(fitting, BigInteger.ZERO, BigInteger.ONE)) {
        assertVerdict(
            new Vector(
                "R " + HexFormat.of().formatHex(r),
                a,
                MESSAGE,
                Ed25519Reference.signature(r, s),
                false));
      }
    }
  }

  @Test
  void shouldRefuseAnSThatIsNotReduced() {
    PrivateKey key = TestKeys.RFC_1;
    byte[] good = Signer.of(key).sign(Bytes.of(MESSAGE)).toArray();
    byte[] a = key.publicKey().toBytes().toArray();
    BigInteger s = Ed25519Reference.integer(Arrays.copyOfRange(good, 32, 64));
    assertVerdict(new Vector("S", a, MESSAGE, good, true));
    for (int times = 1; times <= 14; times++) { // S + 14 L is below 2^256
      BigInteger malleated = s.add(Ed25519Reference.L.multiply(BigInteger.valueOf(times)));
      byte[] signature = Ed25519Reference.signature(good, malleated);
      assertVerdict(new Vector("S + " + times + " L", a, MESSAGE, signature, false));
    }
    for (BigInteger other :
        List.of(
            Ed25519Reference.L,
            Ed25519Reference.L.subtract(BigInteger.ONE),
            Ed25519Reference.L.add(BigInteger.ONE),
            BigInteger.ZERO,
            BigInteger.ONE.shiftLeft(256).subtract(BigInteger.ONE))) {
      byte[] signature = Ed25519Reference.signature(good, other);
      assertVerdict(new Vector("S = " + other, a, MESSAGE, signature, false));
    }
  }

  /** JDK 17.0.15 by itself accepts 65 bytes. */
  @Test
  void shouldRefuseEveryOtherLength() {
    PrivateKey key = TestKeys.RFC_1;
    byte[] a = key.publicKey().toBytes().toArray();
    byte[] good = Signer.of(key).sign(Bytes.of(MESSAGE)).toArray();
    for (int length : new int[] {0, 1, 31, 32, 33, 63, 65, 66, 96, 128}) {
      assertVerdict(new Vector(length + " bytes", a, MESSAGE, Arrays.copyOf(good, length), false));
    }
  }

  @Test
  void shouldRefuseEveryFlippedBit() {
    PrivateKey key = TestKeys.numbered(1);
    byte[] good = Signer.of(key).sign(Bytes.of(MESSAGE)).toArray();
    for (Ed25519Provider provider : Ed25519Providers.available()) {
      SignatureRule rule = new SignatureRule(provider);
      for (int bit = 0; bit < 512; bit++) {
        byte[] flipped = good.clone();
        flipped[bit / 8] ^= (byte) (1 << (bit % 8));
        assertFalse(rule.accepts(key.publicKey(), MESSAGE, flipped), provider.name() + " " + bit);
      }
      assertTrue(rule.accepts(key.publicKey(), MESSAGE, good), provider.name());
    }
  }

  @Test
  void shouldSignAlikeWithEveryProvider() {
    Seeded.run(
        50,
        random -> {
          PrivateKey key = PrivateKey.fromSeed(Seeded.bytes(random, 32));
          byte[] message = Seeded.bytesUpTo(random, 2_000);
          byte[] expected = Ed25519Providers.bouncyCastle().sign(key, message);
          assertTrue(
              Ed25519Reference.accepts(key.publicKey().toBytes().toArray(), message, expected));
          for (Ed25519Provider provider : Ed25519Providers.available()) {
            assertArrayEquals(expected, provider.sign(key, message), provider.name());
            SignatureRule rule = new SignatureRule(provider);
            assertTrue(rule.accepts(key.publicKey(), message, expected), provider.name());
            byte[] longer = Arrays.copyOf(message, message.length + 1);
            assertFalse(rule.accepts(key.publicKey(), longer, expected), provider.name());
          }
        });
  }

  @ParameterizedTest
  @MethodSource("providers")
  void shouldGiveTheSameVerdictsOnManyThreads(Ed25519Provider provider) throws Exception {
    SignatureRule rule = new SignatureRule(provider);
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Future<Integer>> wrongVerdicts = new ArrayList<>();
      for (int thread = 0; thread < 8; thread++) {
        int number = thread;
        wrongVerdicts.add(threads.submit(() -> wrongVerdicts(rule, new SplittableRandom(number))));
      }
      for (Future<Integer> wrong : wrongVerdicts) {
        assertEquals(0, wrong.get());
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void shouldTakeAnExceptionOfAProviderForANo() throws Exception {
    Provider broken = new StubProvider(BrokenSignature.class);
    JcaEd25519 provider = new JcaEd25519("broken", Security.getProvider("SunEC"), broken);
    byte[] good = Signer.of(TestKeys.RFC_1).sign(Bytes.of(MESSAGE)).toArray();
    assertFalse(new SignatureRule(provider).accepts(TestKeys.RFC_1.publicKey(), MESSAGE, good));
    assertThrows(IllegalStateException.class, () -> provider.sign(TestKeys.RFC_1, MESSAGE));
  }

  /** The rule's own checks, which most providers repeat, must not rest on that. */
  @Test
  void shouldCheckTheFormOfASignatureByItself() {
    byte[] good = Signer.of(TestKeys.RFC_1).sign(Bytes.of(MESSAGE)).toArray();
    BigInteger one = BigInteger.ONE;
    BigInteger l = Ed25519Reference.L;
    BigInteger p = Ed25519Reference.P;
    assertTrue(SignatureRule.isWellFormed(good));
    assertTrue(SignatureRule.isWellFormed(Ed25519Reference.signature(good, l.subtract(one))));
    assertTrue(SignatureRule.isWellFormed(Ed25519Reference.signature(good, BigInteger.ZERO)));
    assertFalse(SignatureRule.isWellFormed(Ed25519Reference.signature(good, l)));
    assertFalse(SignatureRule.isWellFormed(Ed25519Reference.signature(good, l.add(one))));
    for (int length : new int[] {0, 63, 65}) {
      assertFalse(SignatureRule.isWellFormed(Arrays.copyOf(good, length)));
    }
    List<Point> smallOrder = Ed25519Reference.smallOrderPoints();
    Seeded.run(
        5_000,
        random -> {
          // y and S around every boundary there is, and both signs.
          List<BigInteger> bounds =
              new ArrayList<>(List.of(BigInteger.ZERO, p, l, p.shiftRight(1)));
          smallOrder.forEach(
              point -> {
                byte[] encoded = point.encode();
                encoded[31] &= 0x7F;
                bounds.add(Ed25519Reference.integer(encoded));
              });
          BigInteger y = near(bounds.get(random.nextInt(bounds.size())), random, 255);
          BigInteger s = near(bounds.get(random.nextInt(bounds.size())), random, 256);
          byte[] r = Ed25519Reference.littleEndian(y);
          r[31] |= (byte) (random.nextBoolean() ? 0x80 : 0);
          boolean expected =
              s.compareTo(l) < 0 && y.compareTo(p) < 0 && !bounds.subList(4, 12).contains(y);
          assertEquals(expected, SignatureRule.isWellFormed(Ed25519Reference.signature(r, s)));
        });
  }

  @Test
  void shouldUseNoProviderThatFailsItsKnownAnswer() throws Exception {
    for (Ed25519Provider provider : Ed25519Providers.available()) {
      assertTrue(Ed25519Providers.KnownAnswer.given(provider));
    }
    Provider jdk = Security.getProvider("SunEC");
    for (Class<? extends StubSignature> odd :
        List.of(BrokenSignature.class, BlindSignature.class, RefusingSignature.class)) {
      JcaEd25519 provider = new JcaEd25519("odd", jdk, new StubProvider(odd));
      assertFalse(Ed25519Providers.KnownAnswer.given(provider), odd.getName());
    }
  }

  @Test
  @SuppressWarnings("ReferenceEquality")
  void shouldRememberValidatedKeys() throws DecodeException {
    List<PublicKey> keys = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      keys.add(TestKeys.numbered(i).publicKey());
    }
    int remembered = 0;
    for (PublicKey key : keys) {
      PublicKey again = PublicKey.decode(key.toBytes().toArray());
      assertEquals(key, again);
      remembered += key == again ? 1 : 0;
    }
    assertTrue(remembered > 990, remembered + " of 1,000");
  }

  @Test
  void shouldDecodeOnlyValidKeys() throws DecodeException {
    assertEquals(
        "key_wrong_length",
        assertThrows(DecodeException.class, () -> PublicKey.decode(new byte[31])).code());
    assertEquals(
        "key_wrong_length",
        assertThrows(DecodeException.class, () -> PublicKey.decode(new byte[33])).code());
    for (Point point : Ed25519Reference.smallOrderPoints()) {
      assertFalse(decodes(point.encode()));
    }
    int valid = 0;
    for (int i = 0; i < 300; i++) {
      byte[] encoded = Hash.sha256(new byte[] {(byte) i, (byte) (i >> 8)}).toArray();
      boolean expected =
          Ed25519Reference.decode(encoded).filter(Point::isInPrimeOrderSubgroup).isPresent();
      assertEquals(expected, decodes(encoded));
      assertEquals(expected, decodes(encoded), "the second time, from memory");
      valid += expected ? 1 : 0;
    }
    assertTrue(valid > 5, "one random string in 16 is a valid key");
    for (int y = 0; y < 19; y++) {
      byte[] nonCanonical =
          Ed25519Reference.littleEndian(Ed25519Reference.P.add(BigInteger.valueOf(y)));
      assertFalse(decodes(nonCanonical));
    }
    PublicKey key = TestKeys.RFC_1.publicKey();
    assertEquals(key, PublicKey.decode(key.toBytes()));
    assertEquals(key.hashCode(), PublicKey.decode(key.toBytes().toArray()).hashCode());
  }

  private static BigInteger near(BigInteger bound, SplittableRandom random, int bits) {
    BigInteger offset = BigInteger.valueOf(random.nextInt(-1, 2)).shiftLeft(8 * random.nextInt(32));
    return bound.add(offset).mod(BigInteger.ONE.shiftLeft(bits));
  }

  private static int wrongVerdicts(SignatureRule rule, SplittableRandom random) {
    int wrong = 0;
    for (int i = 0; i < 60; i++) {
      PrivateKey key = TestKeys.numbered(random.nextInt(5));
      byte[] message = Seeded.bytesUpTo(random, 500);
      byte[] signature = rule.provider().sign(key, message);
      boolean damage = random.nextBoolean();
      if (damage) {
        signature[random.nextInt(64)] ^= 1;
      }
      wrong += rule.accepts(key.publicKey(), message, signature) == damage ? 1 : 0;
    }
    return wrong;
  }

  private static void assertVerdicts(List<Vector> vectors) {
    vectors.forEach(SignatureRuleTest::assertVerdict);
  }

  /** The oracle and every provider give the expected verdict. */
  private static void assertVerdict(Vector vector) {
    assertEquals(
        vector.expected(),
        Ed25519Reference.accepts(vector.key(), vector.message(), vector.signature()),
        () -> "reference on " + vector.name());
    for (Ed25519Provider provider : Ed25519Providers.available()) {
      assertEquals(
          vector.expected(),
          accepts(provider, vector),
          () -> provider.name() + " on " + vector.name());
    }
  }

  private static boolean accepts(Ed25519Provider provider, Vector vector) {
    try {
      return new SignatureRule(provider)
          .accepts(PublicKey.decode(vector.key()), vector.message(), vector.signature());
    } catch (DecodeException e) {
      return false;
    }
  }

  private static boolean decodes(byte[] key) {
    try {
      return PublicKey.decode(key).toBytes().equals(Bytes.of(key));
    } catch (DecodeException e) {
      return false;
    }
  }

  private static List<Vector> wycheproof() {
    List<Vector> vectors = new ArrayList<>();
    for (JsonNode group : json("vectors/wycheproof-ed25519.json").get("testGroups")) {
      byte[] key = hex(group.get("publicKey").get("pk").asText());
      for (JsonNode test : group.get("tests")) {
        vectors.add(
            new Vector(
                "wycheproof " + test.get("tcId").asInt() + " " + test.get("comment").asText(),
                key,
                hex(test.get("msg").asText()),
                hex(test.get("sig").asText()),
                test.get("result").asText().equals("valid")));
      }
    }
    return vectors;
  }

  private static List<Vector> cctv() {
    List<Vector> vectors = new ArrayList<>();
    for (JsonNode test : json("vectors/cctv-ed25519.json")) {
      vectors.add(
          new Vector(
              "cctv " + test.get("number").asInt() + " " + test.get("flags"),
              hex(test.get("key").asText()),
              test.get("msg").asText().getBytes(StandardCharsets.UTF_8),
              hex(test.get("sig").asText()),
              test.get("flags").isEmpty()));
    }
    return vectors;
  }

  private static List<Vector> speccheck() {
    List<Vector> vectors = new ArrayList<>();
    for (JsonNode test : json("vectors/speccheck-ed25519.json")) {
      vectors.add(
          new Vector(
              "speccheck " + vectors.size(),
              hex(test.get("pub_key").asText()),
              hex(test.get("message").asText()),
              hex(test.get("signature").asText()),
              false));
    }
    return vectors;
  }

  private static JsonNode json(String path) {
    try {
      return new ObjectMapper().readTree(TestData.bytes(path));
    } catch (IOException e) {
      throw new AssertionError(path, e);
    }
  }

  private static byte[] hex(String digits) {
    return HexFormat.of().parseHex(digits);
  }

  /** A provider whose only algorithm is this Ed25519. */
  @SuppressWarnings("serial")
  private static final class StubProvider extends Provider {
    StubProvider(Class<? extends StubSignature> signature) {
      super("Stub", "1", "for tests");
      put("Signature.Ed25519", signature.getName());
    }
  }

  /** Public like its subclasses, because {@link Signature} makes them. */
  public abstract static class StubSignature extends SignatureSpi {
    @Override
    protected void engineInitVerify(java.security.PublicKey key) {}

    @Override
    protected void engineInitSign(java.security.PrivateKey key) {}

    @Override
    protected void engineUpdate(byte b) {}

    @Override
    protected void engineUpdate(byte[] b, int offset, int length) {}

    @Override
    @Deprecated
    protected void engineSetParameter(String name, Object value) {}

    @Override
    @Deprecated
    protected Object engineGetParameter(String name) {
      throw new UnsupportedOperationException();
    }
  }

  /** Fails at everything. */
  public static final class BrokenSignature extends StubSignature {
    @Override
    protected byte[] engineSign() {
      throw new UnsupportedOperationException("broken");
    }

    @Override
    protected boolean engineVerify(byte[] signature) {
      throw new UnsupportedOperationException("broken");
    }
  }

  /** Signs like the known answer and verifies without looking. */
  public static class BlindSignature extends StubSignature {
    @Override
    protected byte[] engineSign() {
      return Ed25519Providers.bouncyCastle().sign(TestKeys.RFC_2, new byte[] {0x72});
    }

    @Override
    protected boolean engineVerify(byte[] signature) {
      return true;
    }
  }

  /** Signs like the known answer and accepts nothing. */
  public static final class RefusingSignature extends BlindSignature {
    @Override
    protected boolean engineVerify(byte[] signature) {
      return false;
    }
  }
}
