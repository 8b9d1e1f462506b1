package org.probity.detector.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.PrivateKey;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.Signer;
import org.probity.detector.crypto.TestKeys;

/** C2SP signed-note: format, keys, and what known and unknown keys mean. */
class SignedNoteTest {
  private static final SignatureRule RULE = SignatureRule.fastest();

  /** The example of the specification. */
  private static final String EXAMPLE =
      "This is an example message.\n\n"
          + "\u2014 example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYj"
          + "OBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

  private static final String EXAMPLE_KEY =
      "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";

  private static final Signer ALICE = Signer.of(TestKeys.named("alice"));
  private static final Signer BOB = Signer.of(TestKeys.named("bob"));

  private static SignedNote parse(String note) throws DecodeException {
    return SignedNote.parse(Bytes.utf8(note));
  }

  private static String codeOf(String note) {
    return assertThrows(DecodeException.class, () -> parse(note)).code();
  }

  private static NoteVerifierKey keyOf(String name, Signer signer) {
    return NoteVerifierKey.ofLog(name, signer.publicKey());
  }

  private static NoteSignature sign(String name, Signer signer, String text) {
    return new NoteSignature(name, keyOf(name, signer).keyId(), signer.sign(Bytes.utf8(text)));
  }

  private static String vkeyCode(String vkey) {
    return assertThrows(DecodeException.class, () -> NoteVerifierKey.parse(vkey)).code();
  }

  @Test
  void theExampleOfTheSpecificationVerifies() throws DecodeException {
    NoteVerifierKey key = NoteVerifierKey.parse(EXAMPLE_KEY);
    assertEquals("example.com/foo", key.name());
    assertEquals(0x530d903a, key.keyId());
    assertEquals(NoteKeyType.ED25519, key.type());
    assertEquals(EXAMPLE_KEY, key.format());
    SignedNote note = parse(EXAMPLE);
    assertEquals("This is an example message.\n", note.text());
    assertEquals(EXAMPLE, SignedNote.of(note.text(), note.signatures()).toString() + "\n");
    assertTrue(note.verify(RULE, List.of(key)).verified().orElseThrow().isBy(key));
  }

  @Test
  void theExampleOfGoSumdbIsReproducedBitByBit() throws DecodeException {
    // The package example of golang.org/x/mod/sumdb/note: its private key is public.
    Bytes typeAndSeed = StrictText.fromBase64("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz");
    Signer peter = Signer.of(PrivateKey.fromSeed(typeAndSeed.slice(1, 33).toArray()));
    NoteVerifierKey key = keyOf("PeterNeumann", peter);
    assertEquals(0xc74f20a3, key.keyId());
    assertEquals(
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", key.format());
    String text =
        """
        If you think cryptography is the answer to your problem,
        then you don't know what your problem is.
        """;
    assertEquals(
        "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqf"
            + "qdngotpRZb6KE6RyyBwJnAM=",
        sign("PeterNeumann", peter, text).line());
  }

  @Test
  void everyChangedCharacterOfTheExampleIsRefused() throws DecodeException {
    NoteVerifierKey key = NoteVerifierKey.parse(EXAMPLE_KEY);
    byte[] bytes = Bytes.utf8(EXAMPLE).toArray();
    for (int i = 0; i < bytes.length; i++) {
      for (int bit = 0; bit < 8; bit++) {
        byte[] mutant = bytes.clone();
        mutant[i] ^= (byte) (1 << bit);
        try {
          SignedNote note = SignedNote.parse(Bytes.wrap(mutant));
          assertTrue(note.verify(RULE, List.of(key)).verified().isEmpty());
        } catch (DecodeException e) {
          assertFalse(e.code().isEmpty());
        }
      }
    }
  }

  @Test
  void theTextEndsAtTheLastEmptyLine() throws DecodeException {
    String text = "one\n\n\u2014 looks like a signature\n\n\ntwo\n";
    SignedNote note = SignedNote.of(text, List.of(sign("alice", ALICE, text)));
    assertEquals(text, note.text());
    assertEquals(note, SignedNote.parse(note.bytes()));
    assertTrue(note.verify(RULE, List.of(keyOf("alice", ALICE))).verified().isPresent());
  }

  @Test
  void theShortestTextIsOneNewline() throws DecodeException {
    SignedNote note = parse("\n\n" + sign("alice", ALICE, "\n").line() + "\n");
    assertEquals("\n", note.text());
    assertTrue(note.verify(RULE, List.of(keyOf("alice", ALICE))).verified().isPresent());
    assertEquals(1, NoteSignature.parse("\u2014 alice AAAAAAA=").signature().size());
  }

  @Test
  void takesANoteOfTheLargestSizeAndRefusesOneByteMore() throws DecodeException {
    String rest = "\n\n" + sign("alice", ALICE, "text\n").line() + "\n";
    String filler = "x".repeat(SignedNote.MAX_BYTES - Bytes.utf8(rest).size());
    assertEquals(SignedNote.MAX_BYTES, parse(filler + rest).bytes().size());
    assertEquals("note_too_large", codeOf("x" + filler + rest));
  }

  @Test
  void refusesWhatIsNoNote() {
    String line = sign("alice", ALICE, "text\n").line();
    assertEquals("note_without_signature", codeOf(""));
    assertEquals("note_without_signature", codeOf("text\n"));
    assertEquals("note_without_signature", codeOf("text\n" + line + "\n"));
    assertEquals("note_without_signature", codeOf("text\n\n"));
    assertEquals("note_without_signature", codeOf("text\n\n" + line));
    assertEquals("note_without_signature", codeOf("text\n\n" + line + "\n\n"));
    assertEquals("bad_signature_line", codeOf("text\n\n" + line + "\nmore\n"));
    assertEquals("note_control_character", codeOf("text\t\n\n" + line + "\n"));
    assertEquals("note_control_character", codeOf("text\r\n\n" + line + "\n"));
    assertEquals("note_control_character", codeOf("te\0xt\n\n" + line + "\n"));
    byte[] notUtf8 = Bytes.utf8("te*t\n\n" + line + "\n").toArray();
    for (int bad : new int[] {0x80, 0xC0, 0xFF, 0xED}) {
      notUtf8[2] = (byte) bad;
      assertEquals(
          "bad_utf8",
          assertThrows(DecodeException.class, () -> SignedNote.parse(Bytes.of(notUtf8))).code());
    }
    byte[] inTheLine = Bytes.utf8("text\n\n" + line + "\n").toArray();
    inTheLine["text\n\n\u2014 ".length() + 2] = (byte) 0xFF;
    assertEquals(
        "bad_utf8",
        assertThrows(DecodeException.class, () -> SignedNote.parse(Bytes.of(inTheLine))).code());
  }

  /** What decoders put in place of bad bytes is a character like others when somebody writes it. */
  @Test
  void takesAReplacementCharacterThatIsWrittenOut() throws DecodeException {
    String text = "te\uFFFDt\n";
    assertEquals(text, parse(text + "\n" + sign("alice", ALICE, text).line() + "\n").text());
  }

  @Test
  void refusesSignatureLinesWithAnotherSpelling() {
    NoteSignature good = sign("alice", ALICE, "text\n");
    String line = good.line();
    String name = "\u2014 alice ";
    String base64 = line.substring(name.length());
    assertTrue(line.startsWith(name));
    for (String bad :
        List.of(
            "- alice " + base64,
            "\u2014alice " + base64,
            "\u2014  alice " + base64,
            "\u2014 alice  " + base64,
            name + base64 + " ",
            name,
            "\u2014 alice",
            "\u2014 ",
            "\u2014 al+ice " + base64,
            "\u2014 al\u00A0ice " + base64,
            "\u2014 al\u3000ice " + base64,
            name + "AAAAAA==")) {
      assertThrows(DecodeException.class, () -> NoteSignature.parse(bad), bad);
    }
    // 68 bytes of base64 end in "="; without it, or with a spare bit set, Java still decodes.
    assertTrue(base64.endsWith("="));
    String noPadding = name + base64.substring(0, base64.length() - 1);
    assertThrows(DecodeException.class, () -> NoteSignature.parse(noPadding));
    char spare = (char) (base64.charAt(base64.length() - 2) + 1);
    String spareBit = name + base64.substring(0, base64.length() - 2) + spare + "=";
    assertEquals(
        "bad_base64",
        assertThrows(DecodeException.class, () -> NoteSignature.parse(spareBit)).code());
    assertThrows(
        DecodeException.class,
        () -> NoteSignature.parse(line.replace('+', '-').replace('/', '_') + "A"));
  }

  @Test
  void unknownKeysAreIgnoredAndKnownOnesMustVerify() {
    String text = "text\n";
    NoteVerifierKey alice = keyOf("alice", ALICE);
    NoteVerifierKey bob = keyOf("bob", BOB);
    NoteSignature good = sign("alice", ALICE, text);
    NoteSignature bad = sign("bob", BOB, "another text\n");
    SignedNote note = SignedNote.of(text, List.of(bad, good));
    // Bob is unknown: his bad line does not matter.
    assertTrue(note.verify(RULE, List.of(alice)).verified().isPresent());
    // Bob is known: his bad line rejects the whole note.
    assertEquals(
        new NoteVerdict.Rejected("bad_signature", "bob"), note.verify(RULE, List.of(alice, bob)));
    assertEquals(new NoteVerdict.Rejected("no_known_signature", ""), note.verify(RULE, List.of()));
    assertInstanceOf(NoteVerdict.Rejected.class, note.verify(RULE, List.of(keyOf("carol", ALICE))));
  }

  @Test
  void sharedNameOrSharedIdAloneIsAnotherKey() {
    String text = "text\n";
    NoteSignature good = sign("alice", ALICE, text);
    NoteSignature sameName = new NoteSignature("alice", good.keyId() + 1, good.signature());
    NoteSignature sameId = new NoteSignature("mallory", good.keyId(), good.signature());
    NoteVerifierKey alice = keyOf("alice", ALICE);
    SignedNote note = SignedNote.of(text, List.of(sameName, sameId, good));
    assertEquals(1, note.verify(RULE, List.of(alice)).verified().orElseThrow().signatures().size());
    SignedNote others = SignedNote.of(text, List.of(sameName, sameId));
    assertTrue(others.verify(RULE, List.of(alice)).verified().isEmpty());
  }

  @Test
  void aRepeatedBadLineOfAKnownKeyRejects() {
    String text = "text\n";
    NoteSignature good = sign("alice", ALICE, text);
    byte[] flipped = good.signature().toArray();
    flipped[40] ^= 1;
    NoteSignature bad = new NoteSignature("alice", good.keyId(), Bytes.wrap(flipped));
    NoteVerifierKey alice = keyOf("alice", ALICE);
    assertTrue(
        SignedNote.of(text, List.of(good, bad)).verify(RULE, List.of(alice)).verified().isEmpty());
    assertTrue(
        SignedNote.of(text, List.of(good, good))
            .verify(RULE, List.of(alice))
            .verified()
            .isPresent());
  }

  @Test
  void knownKeysMayShareNameAndId() {
    String text = "text\n";
    Signer first = Signer.of(KeyCollision.FIRST);
    Signer second = Signer.of(KeyCollision.SECOND);
    NoteVerifierKey firstKey = keyOf("collide", first);
    NoteVerifierKey secondKey = keyOf("collide", second);
    assertEquals(firstKey.keyId(), secondKey.keyId());
    assertNotEquals(firstKey, secondKey);
    SignedNote note = SignedNote.of(text, List.of(sign("collide", second, text)));
    NoteVerdict.Verified verdict =
        note.verify(RULE, List.of(firstKey, secondKey)).verified().orElseThrow();
    assertTrue(verdict.isBy(secondKey));
    assertFalse(verdict.isBy(firstKey));
    // Who knows only the first sees a bad signature of a known key.
    assertEquals(
        new NoteVerdict.Rejected("bad_signature", "collide"), note.verify(RULE, List.of(firstKey)));
  }

  @Test
  void takesAHundredSignaturesAndRefusesOneMore() throws DecodeException {
    String text = "text\n";
    List<NoteSignature> lines =
        IntStream.range(0, SignedNote.MAX_SIGNATURES)
            .mapToObj(i -> sign("witness" + i, ALICE, text))
            .toList();
    SignedNote note = SignedNote.of(text, lines);
    List<NoteVerifierKey> keys =
        IntStream.range(0, SignedNote.MAX_SIGNATURES)
            .mapToObj(i -> keyOf("witness" + i, ALICE))
            .toList();
    assertEquals(
        SignedNote.MAX_SIGNATURES,
        note.verify(RULE, keys).verified().orElseThrow().signatures().size());
    List<NoteSignature> more = new ArrayList<>(lines);
    more.add(sign("another", ALICE, text));
    assertThrows(IllegalArgumentException.class, () -> SignedNote.of(text, more));
    assertEquals(
        "note_too_many_signatures",
        codeOf(note + "\n" + sign("another", ALICE, text).line() + "\n"));
    assertEquals("note_too_large", codeOf("x".repeat(SignedNote.MAX_BYTES) + note + "\n"));
  }

  @Test
  void textsThatDoNotSurviveAreOurBug() {
    NoteSignature line = sign("alice", ALICE, "text\n");
    for (String bad : List.of("", "no newline", "tab\t\n", "x\n\n" + line.line() + "\n\ny")) {
      assertThrows(IllegalArgumentException.class, () -> SignedNote.of(bad, List.of(line)), bad);
    }
    assertThrows(IllegalArgumentException.class, () -> SignedNote.of("text\n", List.of()));
  }

  @Test
  void addsLines() {
    String text = "text\n";
    SignedNote one = SignedNote.of(text, List.of(sign("alice", ALICE, text)));
    SignedNote two = one.with(List.of(sign("bob", BOB, text)));
    assertEquals(2, two.signatures().size());
    assertEquals(
        2,
        two.verify(RULE, List.of(keyOf("alice", ALICE), keyOf("bob", BOB)))
            .verified()
            .orElseThrow()
            .signatures()
            .size());
  }

  @Test
  void vkeysHaveOneSpelling() throws DecodeException {
    for (NoteKeyType type : NoteKeyType.values()) {
      NoteVerifierKey key = NoteVerifierKey.of("witness.example/w1", type, ALICE.publicKey());
      assertEquals(key, NoteVerifierKey.parse(key.format()));
    }
    String good = EXAMPLE_KEY;
    assertEquals("bad_vkey", vkeyCode("example.com/foo"));
    assertEquals("bad_vkey", vkeyCode("example.com/foo+530d903a"));
    assertEquals("bad_vkey", vkeyCode(good.replace("530d903a", "530D903A")));
    assertEquals("bad_vkey", vkeyCode(good.replace("530d903a", "530d903b")));
    assertEquals("bad_vkey", vkeyCode(good.replace("example.com/foo", "example.com/bar")));
    assertEquals("bad_vkey", vkeyCode(good.replace("example.com/foo", "")));
    assertEquals("bad_vkey", vkeyCode(good.replace("example.com/foo", "example .com")));
    assertEquals("bad_base64", vkeyCode(good + "="));
    assertEquals("bad_base64", vkeyCode("example.com/foo+530d903a+"));
    assertEquals("unknown_vkey_type", vkeyCode(good.replace("+Aeky", "+Beky")));
    assertEquals("key_wrong_length", vkeyCode("a+00000000+AQAA"));
    assertThrows(
        IllegalArgumentException.class,
        () -> new NoteVerifierKey("name", NoteKeyType.ED25519, ALICE.publicKey(), 7));
  }

  @Test
  void keyNamesWithoutSpacesOrPlus() {
    for (String good :
        List.of("a", "example.com/foo", "\u00e4", "\u2014", "a/b/c", "\ud83d\ude00")) {
      assertTrue(KeyName.isValid(good), good);
    }
    for (String bad :
        List.of(
            "", "a b", "a+b", "a\n", "\u0085", "\u00a0", "\u1680", "\u2000", "\u200a", "\u2028",
            "\u2029", "\u202f", "\u205f", "\u3000", "\u0007", "\ud800", "\udfff")) {
      assertFalse(KeyName.isValid(bad), bad);
    }
  }
}
