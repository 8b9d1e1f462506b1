package org.probity.detector.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.Signer;
import org.probity.detector.crypto.TestKeys;

/** C2SP tlog-proof: receipts that are checked without a network. */
class TlogProofTest {
  private static final SignatureRule RULE = SignatureRule.fastest();
  private static final Signer WITNESS = Signer.of(TestKeys.named("witness"));

  private final TestLog log = TestLog.of("bank-1");
  private final Entry entry;
  private final TlogProof proof;
  private final TlogPolicy policy;

  TlogProofTest() {
    log.add(new TickEntry(1));
    entry = log.add(new TransactionEntry(Bytes.utf8("pay"), Bytes.utf8("paid")));
    log.addState("one");
    log.addState("two");
    SignedNote note = log.checkpoint().note();
    NoteSignature cosigned = Cosignature.sign(WITNESS, "w", note.textBytes(), 1_700_000_000);
    proof =
        new TlogProof(
            Optional.of(new ReceiptExtra(entry.bytes(), List.of()).encode()),
            entry.index(),
            MerkleProofs.inclusion(log.tree(), entry.index(), log.tree().size()),
            note.with(List.of(cosigned)));
    policy =
        TlogPolicy.of(
            List.of(NoteVerifierKey.ofLog(log.origin().format(), log.publicKey())),
            List.of(NoteVerifierKey.ofCosigner("w", WITNESS.publicKey())),
            1);
  }

  private TlogProof.Verdict verify(TlogProof changed) {
    return changed.verify(RULE, policy, entry.leafHash());
  }

  private static String codeOf(String text) {
    return assertThrows(DecodeException.class, () -> TlogProof.parse(Bytes.utf8(text))).code();
  }

  @Test
  void aReceiptComesBackAndVerifies() throws DecodeException {
    TlogProof back = TlogProof.parse(proof.format());
    assertEquals(proof, back);
    TlogProof.Valid valid = assertInstanceOf(TlogProof.Valid.class, verify(back));
    assertEquals(log.tree().head(), valid.checkpoint().checkpoint().head());
    assertEquals(1, valid.checkpoint().cosigned().size());
    Entry inside = Entry.decode(ReceiptExtra.decode(back.extra().orElseThrow()).entry());
    assertEquals(entry, inside);
  }

  @Test
  void aReceiptWithoutExtraOrHashes() throws DecodeException {
    TestLog tiny = TestLog.of("bank-1");
    TlogProof small = new TlogProof(Optional.empty(), 0, List.of(), tiny.checkpoint().note());
    assertEquals(small, TlogProof.parse(small.format()));
    assertTrue(
        Bytes.utf8("c2sp.org/tlog-proof@v1\nindex 0\n\n" + tiny.checkpoint().note() + "\n")
            .equals(small.format()));
    TlogPolicy any =
        TlogPolicy.ofLog(NoteVerifierKey.ofLog(tiny.origin().format(), tiny.publicKey()));
    assertInstanceOf(TlogProof.Valid.class, small.verify(RULE, any, tiny.entry(0).leafHash()));
  }

  @Test
  void refusesAnotherEntryIndexOrPath() {
    assertEquals(new TlogProof.NotIncluded(), proof.verify(RULE, policy, log.entry(1).leafHash()));
    for (long index : new long[] {0, 1, 3, 4, 5, Long.MAX_VALUE}) {
      assertEquals(
          new TlogProof.NotIncluded(),
          verify(new TlogProof(proof.extra(), index, proof.inclusion(), proof.checkpoint())));
    }
    Mutations.everyFlippedBit(
        proof.inclusion(),
        path ->
            assertEquals(
                new TlogProof.NotIncluded(),
                verify(new TlogProof(proof.extra(), 2, path, proof.checkpoint()))));
    Mutations.everyOtherShape(
        proof.inclusion(),
        path ->
            assertEquals(
                new TlogProof.NotIncluded(),
                verify(new TlogProof(proof.extra(), 2, path, proof.checkpoint()))));
  }

  @Test
  void refusesWhatThePolicyRefuses() {
    SignedNote unwitnessed = log.checkpoint().note();
    assertEquals(
        new TlogProof.Untrusted(TlogPolicy.Refusal.NO_QUORUM),
        verify(new TlogProof(proof.extra(), 2, proof.inclusion(), unwitnessed)));
  }

  @Test
  void everyFlippedBitOutsideTheExtraIsRefused() {
    byte[] bytes = proof.format().toArray();
    String text = new String(bytes, StandardCharsets.UTF_8);
    int extraFrom = text.indexOf("extra ") + 6;
    int extraTo = text.indexOf("\n", extraFrom);
    for (int i = 0; i < bytes.length; i++) {
      if (i >= extraFrom && i < extraTo) {
        continue;
      }
      for (int bit = 0; bit < 8; bit++) {
        byte[] mutant = bytes.clone();
        mutant[i] ^= (byte) (1 << bit);
        try {
          assertFalse(verify(TlogProof.parse(Bytes.wrap(mutant))) instanceof TlogProof.Valid);
        } catch (DecodeException e) {
          assertFalse(e.code().isEmpty());
        }
      }
    }
  }

  @Test
  void refusesOtherForms() {
    String note = log.checkpoint().note() + "\n";
    String header = "c2sp.org/tlog-proof@v1\n";
    String hash = StrictText.base64(log.entry(0).leafHash()) + "\n";
    assertEquals("bad_proof", codeOf(""));
    assertEquals("bad_proof", codeOf("c2sp.org/tlog-proof@v2\nindex 0\n\n" + note));
    assertEquals("bad_proof", codeOf(header));
    assertEquals("bad_proof", codeOf(header + "index 0\n" + hash));
    assertEquals("bad_proof", codeOf(header + "\nindex 0\n\n" + note));
    assertEquals("bad_proof", codeOf(header + "index 0\n" + hash.repeat(65) + "\n" + note));
    assertEquals("bad_proof", codeOf(header + "extra AAAA\nextra AAAA\nindex 0\n\n" + note));
    assertEquals("bad_base64", codeOf(header + "extra \nindex 0\n\n" + note));
    assertEquals("bad_base64", codeOf(header + "extra AAA\nindex 0\n\n" + note));
    assertEquals("bad_base64", codeOf(header + "index 0\nAAAA\n\n" + note));
    assertEquals("bad_number", codeOf(header + "index 00\n\n" + note));
    assertEquals("bad_number", codeOf(header + "index -1\n\n" + note));
    assertEquals("note_without_signature", codeOf(header + "index 0\n\n"));
    assertEquals("proof_too_large", codeOf(header + "x".repeat(TlogProof.MAX_BYTES)));
    assertThrows(
        IllegalArgumentException.class,
        () -> new TlogProof(Optional.empty(), -1, List.of(), proof.checkpoint()));
    List<Hash> tooLong = IntStream.range(0, 65).mapToObj(i -> entry.leafHash()).toList();
    assertThrows(
        IllegalArgumentException.class,
        () -> new TlogProof(Optional.empty(), 0, tooLong, proof.checkpoint()));
  }

  @Test
  void extraDataHasOneFormAndLimits() throws DecodeException {
    ReceiptExtra extra =
        new ReceiptExtra(
            entry.bytes(),
            List.of(
                new ReceiptExtra.Audit(Bytes.utf8("audit 1"), List.of(entry.leafHash())),
                new ReceiptExtra.Audit(Bytes.utf8("audit 2"), List.of())));
    Bytes encoded = extra.encode();
    assertEquals(extra, ReceiptExtra.decode(encoded));
    for (int i = 0; i < encoded.size(); i++) {
      Bytes cut = encoded.slice(0, i);
      assertThrows(DecodeException.class, () -> ReceiptExtra.decode(cut));
    }
    List<ReceiptExtra.Audit> tooMany =
        IntStream.rangeClosed(0, ReceiptExtra.MAX_AUDITS)
            .mapToObj(i -> new ReceiptExtra.Audit(Bytes.EMPTY, List.of()))
            .toList();
    assertThrows(IllegalArgumentException.class, () -> new ReceiptExtra(entry.bytes(), tooMany));
    assertThrows(
        IllegalArgumentException.class,
        () -> new ReceiptExtra(Bytes.wrap(new byte[Entry.MAX_BYTES + 1]), List.of()));
  }
}
