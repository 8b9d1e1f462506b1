package org.probity.detector.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.Signer;
import org.probity.detector.crypto.TestKeys;

/** Protocol §4.5 and §2.1, C2SP tlog-checkpoint and tlog-cosignature. */
class CheckpointTest {
  private static final SignatureRule RULE = SignatureRule.fastest();
  private static final String ROOT = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";
  private static final Signer WITNESS = Signer.of(TestKeys.named("witness"));

  private final TestLog log = TestLog.of("bank-1");

  private static String codeOf(String text) {
    return assertThrows(DecodeException.class, () -> Checkpoint.parse(text)).code();
  }

  private static String strictCodeOf(SignedNote note) {
    return assertThrows(DecodeException.class, () -> SignedCheckpoint.of(note)).code();
  }

  @Test
  void theExampleOfTheSpecification() throws DecodeException {
    String text = "example.com/behind-the-sofa\n20852163\n" + ROOT + "\n";
    Checkpoint checkpoint = Checkpoint.parse(text);
    assertEquals("example.com/behind-the-sofa", checkpoint.origin());
    assertEquals(20_852_163, checkpoint.size());
    assertEquals(text, checkpoint.text());
  }

  @Test
  void refusesEveryOtherForm() throws DecodeException {
    assertEquals("bad_checkpoint", codeOf(""));
    assertEquals("bad_checkpoint", codeOf("origin\n1\n" + ROOT));
    assertEquals("bad_checkpoint", codeOf("origin\n1\n" + ROOT + "\nextension\n"));
    assertEquals("bad_checkpoint", codeOf("origin\n1\n" + ROOT + "\n\n"));
    assertEquals("bad_checkpoint", codeOf("\n1\n" + ROOT + "\n"));
    assertEquals("bad_checkpoint", codeOf("ori gin\n1\n" + ROOT + "\n"));
    for (String number :
        List.of(
            "",
            "01",
            "-1",
            "+1",
            "1 ",
            "1a",
            "\u0661",
            "9223372036854775808",
            "99999999999999999999",
            "0x1")) {
      assertEquals("bad_number", codeOf("origin\n" + number + "\n" + ROOT + "\n"));
    }
    assertEquals(
        Long.MAX_VALUE, Checkpoint.parse("origin\n9223372036854775807\n" + ROOT + "\n").size());
    assertEquals(0, Checkpoint.parse("origin\n0\n" + ROOT + "\n").size());
    for (String root :
        List.of("", "AAAA", ROOT + "=", ROOT.replace("=", ""), ROOT.replace("I=", "J="))) {
      assertEquals("bad_base64", codeOf("origin\n1\n" + root + "\n"));
    }
  }

  @Test
  void originsHaveOneSpelling() throws DecodeException {
    Origin origin = new Origin(TestLog.NETWORK, "bank-1", 12);
    String text = origin.format();
    assertEquals("probity/" + TestLog.NETWORK.toHex() + "/bank-1/12", text);
    assertEquals(origin, Origin.parse(text));
    Origin longest = new Origin(TestLog.NETWORK, "x".repeat(31), Long.MAX_VALUE);
    assertEquals(Origin.MAX_BYTES, longest.format().length());
    assertEquals(longest, Origin.parse(longest.format()));
    for (String bad :
        List.of(
            "",
            "probity",
            "Probity" + text.substring(7),
            text + "/",
            "/" + text,
            text + "x",
            text.replace("/12", "/012"),
            text.replace("/12", "/-1"),
            text.replace("/12", "/"),
            text.replace("bank-1", "Bank-1"),
            text.replace("bank-1", ""),
            text.replace("bank-1", "a/b"),
            text.replace(TestLog.NETWORK.toHex(), TestLog.NETWORK.toHex().toUpperCase(Locale.ROOT)),
            text.replace(TestLog.NETWORK.toHex(), TestLog.NETWORK.toHex().substring(2)),
            text.replace(TestLog.NETWORK.toHex(), "g".repeat(64)),
            longest.format() + "0")) {
      assertEquals(
          "bad_origin", assertThrows(DecodeException.class, () -> Origin.parse(bad), bad).code());
    }
  }

  @Test
  void theStrictFormIsTheTextAndTheLogsSignature() throws DecodeException {
    SignedCheckpoint checkpoint = log.checkpoint();
    SignedCheckpoint back = SignedCheckpoint.parse(checkpoint.bytes());
    assertEquals(checkpoint, back);
    assertEquals(log.origin(), back.origin());
    assertEquals(log.tree().head(), back.head());
    assertEquals(
        NoteVerifierKey.ofLog(log.origin().format(), log.publicKey()).keyId(), back.keyId());
    assertTrue(back.isSignedBy(RULE, log.publicKey()));
    assertFalse(back.isSignedBy(RULE, WITNESS.publicKey()));
    TestLog longest =
        new TestLog(new Origin(TestLog.NETWORK, "x".repeat(31), Long.MAX_VALUE), WITNESS);
    SignedCheckpoint largest = longest.sign(new TreeHead(Long.MAX_VALUE, TestLog.NETWORK));
    assertEquals(SignedCheckpoint.MAX_BYTES, largest.bytes().size());
    assertEquals(largest, SignedCheckpoint.parse(largest.bytes()));
    assertEquals(Long.MAX_VALUE, largest.size());
  }

  @Test
  void everyFlippedBitIsRefused() {
    SignedCheckpoint checkpoint = log.checkpoint();
    for (int i = 0; i < checkpoint.bytes().size(); i++) {
      for (int bit = 0; bit < 8; bit++) {
        byte[] mutant = checkpoint.bytes().toArray();
        mutant[i] ^= (byte) (1 << bit);
        try {
          assertFalse(SignedCheckpoint.parse(Bytes.wrap(mutant)).isSignedBy(RULE, log.publicKey()));
        } catch (DecodeException e) {
          assertFalse(e.code().isEmpty());
        }
      }
    }
  }

  @Test
  void refusesAnythingButTheOneSignature() throws DecodeException {
    SignedNote note = log.checkpoint().note();
    NoteSignature own = note.signatures().get(0);
    NoteSignature cosigned = Cosignature.sign(WITNESS, "witness", note.textBytes(), 1_700_000_000);
    assertEquals("checkpoint_not_strict", strictCodeOf(note.with(List.of(cosigned))));
    assertEquals("checkpoint_not_strict", strictCodeOf(note.with(List.of(own))));
    assertEquals(
        "checkpoint_not_strict", strictCodeOf(SignedNote.of(note.text(), List.of(cosigned))));
    NoteSignature shorter =
        new NoteSignature(own.name(), own.keyId(), own.signature().slice(0, 63));
    assertEquals(
        "checkpoint_not_strict", strictCodeOf(SignedNote.of(note.text(), List.of(shorter))));
    Checkpoint empty = new Checkpoint(own.name(), TreeHead.EMPTY);
    assertEquals("checkpoint_empty_log", strictCodeOf(SignedNote.of(empty.text(), List.of(own))));
    Checkpoint foreign = new Checkpoint("example.com/log", log.tree().head());
    assertEquals("bad_origin", strictCodeOf(SignedNote.of(foreign.text(), List.of(own))));
    Bytes tooLarge = Bytes.wrap(new byte[SignedCheckpoint.MAX_BYTES + 1]);
    assertEquals(
        "checkpoint_too_large",
        assertThrows(DecodeException.class, () -> SignedCheckpoint.parse(tooLarge)).code());
  }

  @Test
  void extractsTheStrictFormFromAPublishedCheckpoint() throws DecodeException {
    SignedCheckpoint checkpoint = log.checkpoint();
    NoteSignature cosigned =
        Cosignature.sign(WITNESS, "witness", checkpoint.textBytes(), 1_700_000_000);
    SignedNote published = checkpoint.note().with(List.of(cosigned));
    assertEquals(checkpoint, SignedCheckpoint.extract(published, log.publicKey()));
    assertThrows(
        DecodeException.class, () -> SignedCheckpoint.extract(published, WITNESS.publicKey()));
  }

  @Test
  void cosignaturesVerifyUnderTheirOwnKeyAndTypeOnly() {
    SignedCheckpoint checkpoint = log.checkpoint();
    NoteSignature line =
        Cosignature.sign(WITNESS, "witness.example/w1", checkpoint.textBytes(), 1_679_315_147);
    NoteVerifierKey witness = NoteVerifierKey.ofCosigner("witness.example/w1", WITNESS.publicKey());
    assertTrue(witness.accepts(RULE, checkpoint.textBytes(), line));
    assertEquals(1_679_315_147, Cosignature.of(line).orElseThrow().timeSeconds());
    NoteVerifierKey asLog = NoteVerifierKey.ofLog("witness.example/w1", WITNESS.publicKey());
    assertFalse(asLog.accepts(RULE, checkpoint.textBytes(), line));
    assertFalse(witness.accepts(RULE, Bytes.utf8("another text\n"), line));
    for (int bit = 0; bit < line.signature().size() * 8; bit++) {
      byte[] mutant = line.signature().toArray();
      mutant[bit / 8] ^= (byte) (1 << bit % 8);
      NoteSignature changed = new NoteSignature(line.name(), line.keyId(), Bytes.wrap(mutant));
      assertFalse(witness.accepts(RULE, checkpoint.textBytes(), changed));
    }
    NoteSignature shorter =
        new NoteSignature(line.name(), line.keyId(), line.signature().slice(0, 71));
    assertFalse(witness.accepts(RULE, checkpoint.textBytes(), shorter));
    NoteSignature epoch =
        Cosignature.sign(WITNESS, "witness.example/w1", checkpoint.textBytes(), 0);
    assertTrue(witness.accepts(RULE, checkpoint.textBytes(), epoch));
    assertThrows(
        IllegalArgumentException.class,
        () -> Cosignature.sign(WITNESS, "w", checkpoint.textBytes(), -1));
  }

  @Test
  void theCosignedMessageIsTheOneOfTheSpecification() {
    Bytes text = Bytes.utf8("example.com/behind-the-sofa\n20852163\n" + ROOT + "\n");
    Bytes message =
        Bytes.utf8(
            "cosignature/v1\ntime 1679315147\nexample.com/behind-the-sofa\n20852163\n"
                + ROOT
                + "\n");
    Cosignature cosignature =
        Cosignature.of(Cosignature.sign(WITNESS, "w", text, 1_679_315_147)).orElseThrow();
    assertTrue(RULE.accepts(WITNESS.publicKey(), message, cosignature.signature()));
  }

  @Test
  void checkpointsOfOtherRootsDiffer() {
    Hash other = TestLog.hash("other");
    assertFalse(log.checkpoint().equals(log.sign(new TreeHead(1, other))));
  }
}
