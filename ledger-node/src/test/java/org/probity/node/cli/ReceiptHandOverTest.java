package org.probity.node.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.Signer;
import org.probity.detector.governance.Genesis;
import org.probity.detector.log.CheckpointSigner;
import org.probity.detector.log.Entry;
import org.probity.detector.log.MemoryTree;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.ReceiptExtra;
import org.probity.detector.log.SigningMark;
import org.probity.detector.log.TlogProof;
import org.probity.node.cli.RunningConsortium.Run;
import org.probity.node.http.api.Polling;
import org.probity.node.identity.NodeKeys;

/** Clients show their receipts to witnesses: a history made for a client alone is found out. */
@Timeout(120)
class ReceiptHandOverTest {
  @TempDir static Path temporary;
  private static RunningConsortium banks;
  private static Path genuine;

  @BeforeAll
  static void open() throws Exception {
    banks = new RunningConsortium(temporary.resolve("banks"), UnaryOperator.identity());
    genuine = temporary.resolve("genuine");
    Run open =
        banks.json(
            "account",
            "open",
            "alice",
            "--asset=CZK",
            "--key=" + banks.operatorKey("member-a"),
            "--receipt=" + genuine);
    assertEquals(0, open.exit(), open.err());
    assertEquals("", open.err(), "the witness has the same history");
  }

  @AfterAll
  static void stop() {
    banks.close();
  }

  private static Run show(Path receipt) {
    return banks.json("receipt", "verify", receipt.toString(), "--show-witnesses");
  }

  @Test
  void aWitnessThatHasTheSameHistoryIsContent() throws IOException {
    Run shown = show(genuine);
    assertEquals(0, shown.exit(), shown.err());
    assertEquals("", shown.err());
  }

  @Test
  void aReceiptOutOfAnotherHistoryIsAProof() throws Exception {
    Path forged = temporary.resolve("forged");
    Files.write(forged, privateHistory().toArray());
    Run shown = show(forged);
    assertEquals(0, shown.exit(), "it is signed as it should be");
    assertTrue(shown.err().contains("bank-b holds another history of bank-a"), shown.err());
    assertTrue(
        Polling.REMOTE.await(Duration.ofSeconds(60), ReceiptHandOverTest::isForkProven),
        "no proof was made of it");
  }

  private static boolean isForkProven() {
    try {
      return banks
          .json("evidence", "list", "--node=bank-b")
          .json()
          .findValuesAsText("kind")
          .contains("FORK");
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** The same entry in a log that nobody else has been shown, under the node's own key. */
  private static Bytes privateHistory() throws Exception {
    TlogProof receipt = TlogProof.parse(Bytes.wrap(Files.readAllBytes(genuine)));
    Bytes entry = ReceiptExtra.decode(receipt.extra().orElseThrow()).entry();
    MemoryTree tree = new MemoryTree();
    for (long index = 0; index < receipt.index(); index++) {
      tree.append(List.of(Hash.sha256(Bytes.utf8("private " + index).toArray())));
    }
    tree.append(List.of(Entry.decode(entry).leafHash()));
    Genesis genesis = new NetworkFolder(banks.folder).genesis();
    Signer key = NodeKeys.load(banks.layout.keys("bank-a"), Optional.empty()).logSigner();
    CheckpointSigner.Result signed =
        CheckpointSigner.guarding(
                key,
                genesis.origin(genesis.node("bank-a").orElseThrow()),
                SigningMark.NOTHING_SIGNED)
            .sign(tree.head());
    return new TlogProof(
            receipt.extra(),
            receipt.index(),
            MerkleProofs.inclusion(tree, receipt.index(), tree.size()),
            ((CheckpointSigner.Signed) signed).checkpoint().note())
        .format();
  }

  @Test
  void whoCannotBeReachedIsNamed() throws IOException {
    assertFalse(
        RunningConsortium.run(
                "receipt",
                "verify",
                genuine.toString(),
                "--show-witnesses",
                "--genesis=" + banks.folder.resolve("genesis.cbor"))
            .err()
            .isEmpty());
  }
}
