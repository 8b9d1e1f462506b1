package org.probity.detector.log;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.probity.detector.DecoderFuzz;
import org.probity.detector.codec.Bytes;

/** Protocol §3.1: whatever a stranger sends is refused, or is exactly what we would write. */
class LogDecodersTest {
  private final ExampleLogs logs = new ExampleLogs();
  private final TestLog bank1 = logs.bank1;

  @Test
  void entries() {
    List<Bytes> valid = new ArrayList<>();
    bank1.entries().forEach(entry -> valid.add(entry.bytes()));
    DecoderFuzz.run(
        2_000,
        valid,
        Entry::decode,
        entry -> Entry.of(entry.index(), entry.prev(), entry.body()).bytes());
  }

  @Test
  void notes() {
    DecoderFuzz.run(
        5_000,
        List.of(bank1.checkpoint().bytes()),
        SignedNote::parse,
        note -> SignedNote.of(note.text(), note.signatures()).bytes());
  }

  @Test
  void checkpoints() {
    DecoderFuzz.run(
        5_000,
        List.of(bank1.checkpoint().bytes(), logs.bank2.checkpoint().bytes()),
        SignedCheckpoint::parse,
        checkpoint ->
            SignedNote.of(
                    new Checkpoint(checkpoint.origin().format(), checkpoint.head()).text(),
                    checkpoint.note().signatures())
                .bytes());
  }

  @Test
  void receipts() {
    TlogProof proof =
        new TlogProof(
            Optional.of(new ReceiptExtra(bank1.entry(2).bytes(), List.of()).encode()),
            2,
            MerkleProofs.inclusion(bank1.tree(), 2, 11),
            bank1.checkpoint().note());
    DecoderFuzz.run(5_000, List.of(proof.format()), TlogProof::parse, TlogProof::format);
    DecoderFuzz.run(
        5_000,
        List.of(
            new ReceiptExtra(
                    bank1.entry(2).bytes(),
                    List.of(
                        new ReceiptExtra.Audit(
                            Bytes.utf8("a"), List.of(bank1.entry(1).leafHash()))))
                .encode()),
        ReceiptExtra::decode,
        ReceiptExtra::encode);
  }

  @Test
  void addCheckpointRequests() {
    AddCheckpointRequest request =
        new AddCheckpointRequest(
            5, MerkleProofs.consistency(bank1.tree(), 5, 11), bank1.checkpoint().note());
    DecoderFuzz.run(
        5_000,
        List.of(request.format()),
        AddCheckpointRequest::parse,
        AddCheckpointRequest::format);
  }

  @Test
  void signingMarks() {
    DecoderFuzz.run(
        5_000,
        List.of(SigningMark.NOTHING_SIGNED.encode(), new SigningMark(11, TestLog.NETWORK).encode()),
        SigningMark::decode,
        SigningMark::encode);
  }

  @Test
  void verifierKeys() {
    DecoderFuzz.run(
        20_000,
        List.of(Bytes.utf8(NoteVerifierKey.ofLog("log", bank1.publicKey()).format())),
        bytes -> NoteVerifierKey.parse(StrictText.utf8(bytes)),
        key -> Bytes.utf8(key.format()));
  }

  @Test
  void origins() {
    DecoderFuzz.run(
        20_000,
        List.of(Bytes.utf8(bank1.origin().format())),
        bytes -> Origin.parse(StrictText.utf8(bytes)),
        origin -> Bytes.utf8(origin.format()));
  }
}
