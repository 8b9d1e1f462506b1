package org.probity.detector.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.Signer;
import org.probity.detector.crypto.TestKeys;
import org.probity.detector.log.AddCheckpointResponse.Cosigned;
import org.probity.detector.log.AddCheckpointResponse.Inconsistent;
import org.probity.detector.log.AddCheckpointResponse.Malformed;
import org.probity.detector.log.AddCheckpointResponse.NoTrustedSignature;
import org.probity.detector.log.AddCheckpointResponse.Unexpected;
import org.probity.detector.log.AddCheckpointResponse.UnknownOrigin;
import org.probity.detector.log.AddCheckpointResponse.WrongOldSize;

/** C2SP tlog-witness: what a log asks, what a witness concludes and answers. */
class AddCheckpointTest {
  private static final Signer WITNESS = Signer.of(TestKeys.named("witness"));

  private final TestLog log = TestLog.of("bank-1");

  AddCheckpointTest() {
    for (int i = 0; i < 9; i++) {
      log.addState("state " + i);
    }
  }

  private static String codeOf(String body) {
    return assertThrows(DecodeException.class, () -> AddCheckpointRequest.parse(Bytes.utf8(body)))
        .code();
  }

  @Test
  void requestsComeBackFromTheirBytes() throws DecodeException {
    for (long old = 1; old <= 10; old++) {
      AddCheckpointRequest request =
          new AddCheckpointRequest(
              old, MerkleProofs.consistency(log.tree(), old, 10), log.checkpoint().note());
      assertEquals(request, AddCheckpointRequest.parse(request.format()));
    }
    AddCheckpointRequest first = new AddCheckpointRequest(0, List.of(), log.checkpoint().note());
    assertEquals(Bytes.utf8("old 0\n\n" + log.checkpoint().note() + "\n"), first.format());
  }

  @Test
  void refusesOtherForms() {
    String note = log.checkpoint().note() + "\n";
    String hash = StrictText.base64(TestLog.NETWORK) + "\n";
    assertEquals("bad_add_checkpoint", codeOf(""));
    assertEquals("bad_add_checkpoint", codeOf("old 0"));
    assertEquals("bad_add_checkpoint", codeOf("new 0\n\n" + note));
    assertEquals("bad_add_checkpoint", codeOf("old 1\n" + hash.repeat(64) + "\n" + note));
    assertEquals("bad_number", codeOf("old 00\n\n" + note));
    assertEquals("bad_number", codeOf("old -1\n\n" + note));
    assertEquals("bad_number", codeOf("old 1 \n\n" + note));
    assertEquals("bad_base64", codeOf("old 1\nAAAA\n\n" + note));
    assertEquals("note_without_signature", codeOf("old 1\n\n"));
    assertEquals("bad_add_checkpoint", codeOf("x".repeat(AddCheckpointRequest.MAX_BYTES + 1)));
    SignedNote checkpoint = log.checkpoint().note();
    List<Hash> tooLong = Collections.nCopies(64, TestLog.NETWORK);
    assertThrows(
        IllegalArgumentException.class, () -> new AddCheckpointRequest(1, tooLong, checkpoint));
    assertThrows(
        IllegalArgumentException.class, () -> new AddCheckpointRequest(-1, List.of(), checkpoint));
  }

  @Test
  void theWitnessFollowsTheLogAndNothingElse() {
    for (long held = 0; held <= 10; held++) {
      TreeHead heldHead = new TreeHead(held, MerkleProofs.rootAt(log.tree(), held));
      for (long size = 1; size <= 10; size++) {
        TreeHead offered = new TreeHead(size, MerkleProofs.rootAt(log.tree(), size));
        for (long old = 0; old <= 10; old++) {
          List<Hash> proof =
              old == 0 || old > size ? List.of() : MerkleProofs.consistency(log.tree(), old, size);
          WitnessRule.Verdict expected =
              old > size
                  ? WitnessRule.Verdict.OLD_ABOVE_NEW
                  : old != held
                      ? WitnessRule.Verdict.WRONG_OLD_SIZE
                      : held == size ? WitnessRule.Verdict.SAME : WitnessRule.Verdict.ADVANCE;
          assertEquals(expected, WitnessRule.judge(heldHead, old, offered, proof));
        }
      }
    }
  }

  @Test
  void theWitnessTellsAForkFromABadProof() {
    Hash other = TestLog.hash("other");
    TreeHead held = new TreeHead(7, MerkleProofs.rootAt(log.tree(), 7));
    List<Hash> proof = MerkleProofs.consistency(log.tree(), 7, 10);
    assertEquals(
        WitnessRule.Verdict.FORK, WitnessRule.judge(held, 7, new TreeHead(7, other), List.of()));
    assertEquals(
        WitnessRule.Verdict.UNLINKED, WitnessRule.judge(held, 7, new TreeHead(10, other), proof));
    Mutations.everyOtherShape(
        proof,
        p ->
            assertEquals(
                WitnessRule.Verdict.UNLINKED, WitnessRule.judge(held, 7, log.tree().head(), p)));
    // The proof from nothing, and from a head to itself, must be empty.
    assertEquals(
        WitnessRule.Verdict.UNLINKED,
        WitnessRule.judge(TreeHead.EMPTY, 0, log.tree().head(), proof));
    assertEquals(WitnessRule.Verdict.UNLINKED, WitnessRule.judge(held, 7, held, proof));
  }

  @Test
  void responsesComeBackFromHttp() {
    NoteSignature line =
        Cosignature.sign(WITNESS, "w", log.checkpoint().textBytes(), 1_700_000_000);
    List<AddCheckpointResponse> all =
        List.of(
            new Cosigned(List.of(line)),
            new Cosigned(List.of(line, line)),
            new Malformed(),
            new NoTrustedSignature(),
            new UnknownOrigin(),
            new WrongOldSize(0),
            new WrongOldSize(Long.MAX_VALUE),
            new Inconsistent());
    for (AddCheckpointResponse response : all) {
      assertEquals('\n', response.body().at(response.body().size() - 1));
      assertTrue(response.contentType().startsWith("text/"));
      assertEquals(
          response,
          AddCheckpointResponse.read(response.status(), response.contentType(), response.body()));
    }
    assertEquals("text/x.tlog.size", new WrongOldSize(7).contentType());
    assertEquals(Bytes.utf8("7\n"), new WrongOldSize(7).body());
    assertThrows(IllegalArgumentException.class, () -> new Cosigned(List.of()));
  }

  @Test
  void acceptsBothAnswersToAnotherRootAtTheSameSize() {
    assertEquals(new Inconsistent(), AddCheckpointResponse.read(422, "text/plain", Bytes.EMPTY));
    assertEquals(new Inconsistent(), AddCheckpointResponse.read(409, "text/plain", Bytes.EMPTY));
  }

  @Test
  void whateverElseAServerSaysIsNoStatement() {
    Bytes junk = Bytes.utf8("junk");
    assertInstanceOf(Unexpected.class, AddCheckpointResponse.read(500, "text/plain", junk));
    assertInstanceOf(Unexpected.class, AddCheckpointResponse.read(200, "text/plain", junk));
    assertInstanceOf(Unexpected.class, AddCheckpointResponse.read(200, "text/plain", Bytes.EMPTY));
    assertInstanceOf(
        Unexpected.class,
        AddCheckpointResponse.read(
            200, "text/plain", Bytes.wrap(new byte[AddCheckpointResponse.MAX_BYTES + 1])));
    for (String size : List.of("", "\n", "7", "07\n", "-7\n", "7\n\n", "x\n")) {
      assertInstanceOf(
          Unexpected.class, AddCheckpointResponse.read(409, "text/x.tlog.size", Bytes.utf8(size)));
    }
  }

  @Test
  void aWitnessedCheckpointSatisfiesAPolicy() {
    SignedNote note = log.checkpoint().note();
    NoteSignature line = Cosignature.sign(WITNESS, "w", note.textBytes(), 1_700_000_000);
    Cosigned answer =
        (Cosigned)
            AddCheckpointResponse.read(
                200, AddCheckpointResponse.TEXT, new Cosigned(List.of(line)).body());
    TlogPolicy policy =
        TlogPolicy.of(
            List.of(NoteVerifierKey.ofLog(log.origin().format(), log.publicKey())),
            List.of(NoteVerifierKey.ofCosigner("w", WITNESS.publicKey())),
            1);
    assertTrue(
        policy.evaluate(SignatureRule.fastest(), note.with(answer.lines()))
            instanceof TlogPolicy.Accepted);
  }
}
