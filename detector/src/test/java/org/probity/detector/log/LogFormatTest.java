package org.probity.detector.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.probity.detector.GoldenFile;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.Signer;
import org.probity.detector.crypto.TestKeys;

/** docs/format/log.md, checkpoint.md and receipt.md say what the code does. */
class LogFormatTest {
  private static final GoldenFile LOG = GoldenFile.read("docs/format/log.md");
  private static final GoldenFile CHECKPOINT = GoldenFile.read("docs/format/checkpoint.md");
  private static final GoldenFile RECEIPT = GoldenFile.read("docs/format/receipt.md");
  private static final SignatureRule RULE = SignatureRule.fastest();

  private final ExampleLogs logs = new ExampleLogs();
  private final TestLog bank1 = logs.bank1;

  private static Bytes joined(List<Hash> hashes) {
    ByteBuffer all = ByteBuffer.allocate(hashes.size() * Hash.BYTES);
    hashes.forEach(hash -> all.put(hash.unsafeArray()));
    return Bytes.wrap(all.array());
  }

  @Test
  void everyTypeOfEntryHasAnExample() throws DecodeException {
    List<String> examples =
        List.of(
            "GENESIS",
            "TICK",
            "TRANSACTION",
            "SEND",
            "STATE",
            "RECEIVE",
            "ACK",
            "CHALLENGE",
            "DECISION",
            "FLOOR",
            "second STATE");
    List<EntryType> seen = new ArrayList<>();
    for (int i = 0; i < examples.size(); i++) {
      LOG.assertExample("Example: " + examples.get(i), bank1.entry(i).bytes());
      assertTrue(LOG.content().contains("Leaf hash: `" + bank1.entry(i).leafHash() + "`"));
      seen.add(Entry.decode(LOG.hex("Example: " + examples.get(i))).type());
    }
    assertTrue(seen.containsAll(List.of(EntryType.values())));
  }

  @Test
  void theExampleLogBreaksNoRule() {
    BatchGrammar grammar = BatchGrammar.afterGenesis(bank1.entry(0), BatchLimits.DEFAULT);
    for (Entry entry : bank1.entries()) {
      assertEquals(
          Optional.empty(), EntryRules.alone(bank1.origin(), entry.index(), entry.bytes()));
      if (entry.index() > 0) {
        grammar = assertInstanceOf(GrammarVerdict.Fits.class, grammar.accept(entry)).next();
      }
    }
    assertTrue(grammar.isBatchComplete());
  }

  @Test
  void proofsHaveExamples() {
    MemoryTree tree = bank1.tree();
    LOG.assertExample("Example: root", tree.head().root().toBytes());
    LOG.assertExample("Example: inclusion of entry 2", joined(MerkleProofs.inclusion(tree, 2, 11)));
    LOG.assertExample(
        "Example: consistency of sizes 5 and 11", joined(MerkleProofs.consistency(tree, 5, 11)));
    LOG.assertExample(
        "Example: multiproof of entries 2 and 3", joined(Multiproof.buildRange(tree, 11, 2, 4)));
    LOG.assertExample("Example: fork path for sizes 4 and 11", joined(ForkPath.build(tree, 4, 11)));
  }

  @Test
  void everyFaultIsDocumented() {
    for (EntryFault fault : EntryFault.values()) {
      assertTrue(LOG.content().contains("`" + fault.code() + "`"), fault.code());
    }
  }

  @Test
  void limitsAreDocumented() {
    assertTrue(LOG.content().contains("at most 65,535 bytes"));
    assertEquals(65_535, Entry.MAX_BYTES);
    assertTrue(LOG.content().contains("statement at most 32,768 bytes"));
    assertEquals(32_768, TransactionEntry.MAX_STATEMENT_BYTES);
    assertTrue(LOG.content().contains("payload at most 8,192 bytes"));
    assertEquals(8_192, SendEntry.MAX_PAYLOAD_BYTES);
    assertTrue(LOG.content().contains("body at most 49,152 bytes"));
    assertEquals(49_152, ReceiveEntry.MAX_BODY_BYTES);
    assertTrue(LOG.content().contains("K = 32 and M = 16,384"));
    assertEquals(new BatchLimits(32, 16_384), BatchLimits.DEFAULT);
    assertTrue(CHECKPOINT.content().contains("at most 413 bytes"));
    assertEquals(413, SignedCheckpoint.MAX_BYTES);
  }

  @Test
  void checkpointsHaveExamples() throws DecodeException {
    CHECKPOINT.assertTextExample("Example: checkpoint", bank1.checkpoint().bytes());
    CHECKPOINT.assertTextExample("Example: cosigned checkpoint", logs.cosigned().bytes());
    SignedNote cosigned = SignedNote.parse(CHECKPOINT.text("Example: cosigned checkpoint"));
    NoteVerifierKey log = NoteVerifierKey.ofLog(bank1.origin().format(), bank1.publicKey());
    NoteVerifierKey witness =
        NoteVerifierKey.ofCosigner(ExampleLogs.WITNESS_NAME, ExampleLogs.WITNESS.publicKey());
    assertTrue(CHECKPOINT.content().contains("`" + log.format() + "`"));
    assertTrue(CHECKPOINT.content().contains("`" + witness.format() + "`"));
    NoteVerdict.Verified verdict =
        cosigned.verify(RULE, List.of(log, witness)).verified().orElseThrow();
    assertEquals(2, verdict.signatures().size());
  }

  @Test
  void signingMarkHasAnExample() {
    CheckpointSigner signer =
        CheckpointSigner.guarding(
            Signer.of(TestKeys.RFC_1), bank1.origin(), SigningMark.NOTHING_SIGNED);
    CheckpointSigner.Signed signed = (CheckpointSigner.Signed) signer.sign(bank1.tree().head());
    CHECKPOINT.assertExample("Example: signing mark", signed.mark().encode());
    assertEquals(bank1.checkpoint(), signed.checkpoint());
  }

  @Test
  void addCheckpointHasAnExample() {
    AddCheckpointRequest request =
        new AddCheckpointRequest(
            5, MerkleProofs.consistency(bank1.tree(), 5, 11), bank1.checkpoint().note());
    CHECKPOINT.assertTextExample("Example: add-checkpoint", request.format());
  }

  @Test
  void receiptsHaveExamples() throws DecodeException {
    Bytes extra = new ReceiptExtra(bank1.entry(2).bytes(), List.of()).encode();
    RECEIPT.assertExample("Example: extra", extra);
    TlogProof proof =
        new TlogProof(
            Optional.of(extra), 2, MerkleProofs.inclusion(bank1.tree(), 2, 11), logs.cosigned());
    RECEIPT.assertTextExample("Example: receipt", proof.format());
    TlogPolicy policy = TlogPolicy.parse(RECEIPT.text("Example: policy"));
    assertInstanceOf(TlogProof.Valid.class, proof.verify(RULE, policy, bank1.entry(2).leafHash()));
  }
}
