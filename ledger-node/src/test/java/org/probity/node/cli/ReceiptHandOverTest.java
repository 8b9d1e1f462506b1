package org.probity.node.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
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
import org.probity.detector.commitment.AuditStatement;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.Signer;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Seating;
import org.probity.detector.log.CheckpointSigner;
import org.probity.detector.log.Entry;
import org.probity.detector.log.LogReader;
import org.probity.detector.log.MemoryTree;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.ReceiptExtra;
import org.probity.detector.log.SigningMark;
import org.probity.detector.log.TlogProof;
import org.probity.detector.log.TreeHead;
import org.probity.ledger.client.ClientIds;
import org.probity.ledger.client.Submitter;
import org.probity.ledger.client.TransactionDraft;
import org.probity.ledger.transaction.AccountFlags;
import org.probity.ledger.transaction.AccountId;
import org.probity.ledger.transaction.AssetId;
import org.probity.ledger.transaction.KeyPolicy;
import org.probity.ledger.transaction.LedgerParameters;
import org.probity.ledger.transaction.Operation;
import org.probity.node.cli.RunningConsortium.Run;
import org.probity.node.http.api.Polling;
import org.probity.node.identity.NodeKeys;

/** Clients show their receipts to witnesses: a history made for a client alone is found out. */
@Timeout(120)
class ReceiptHandOverTest {
  @TempDir static Path temporary;
  private static final String HOME = "bank-a";

  private static RunningConsortium banks;
  private static Genesis genesis;
  private static String witness;
  private static Path genuine;

  @BeforeAll
  static void open() throws Exception {
    banks = new RunningConsortium(temporary.resolve("banks"), 3, 0, 1, UnaryOperator.identity());
    genesis = new NetworkFolder(banks.folder).genesis();
    witness = Seating.founding(genesis).witnessesOf(HOME).get(0).node();
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
    assertTrue(shown.err().contains(witness + " holds another history of bank-a"), shown.err());
    awaitProof("FORK");
  }

  private static void awaitProof(String kind) throws InterruptedException {
    assertTrue(
        Polling.REMOTE.await(Duration.ofSeconds(60), () -> isProven(kind)),
        "no proof was made of it");
  }

  private static boolean isProven(String kind) {
    try {
      return banks
          .json("evidence", "list", "--node=" + witness)
          .json()
          .findValuesAsText("kind")
          .contains(kind);
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
    Signer key = logKey(HOME);
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

  private static Signer logKey(String node) {
    return NodeKeys.load(banks.layout.keys(node), Optional.empty()).logSigner();
  }

  /** SPEC protocol.md §6.6: only the home node and its client have ever seen this AUDIT. */
  @Test
  void anAuditThatOnlyAReceiptCarriesIsJudged() throws Exception {
    Path carrying = temporary.resolve("carrying");
    Files.write(carrying, withFalseAudit().toArray());
    Run shown = show(carrying);
    assertEquals(0, shown.exit(), shown.err());
    awaitProof("FALSE_AUDIT");
  }

  /** The receipt with an AUDIT that ends in the middle of a batch, by somebody without a seat. */
  private static Bytes withFalseAudit() throws Exception {
    TlogProof receipt = TlogProof.parse(Bytes.wrap(Files.readAllBytes(genuine)));
    ReceiptExtra extra = ReceiptExtra.decode(receipt.extra().orElseThrow());
    String auditor =
        genesis.nodes().stream()
            .map(NodeRecord::node)
            .filter(node -> !node.equals(HOME) && !node.equals(witness))
            .findFirst()
            .orElseThrow();
    NodeApi api = NodeApi.at(banks.readyLine(HOME).path("clientUrl").asText(), trust());
    LogReader log =
        DownloadedLog.fetch(LogSource.of(api.pinnedTo(HOME), "/log"), genesis, Optional.of(HOME));
    long size = receipt.index() + 1;
    TreeHead to = new TreeHead(size, MerkleProofs.rootAt(log, size));
    Bytes statement =
        AuditStatement.fromGenesis(
                genesis.origin(genesis.node(HOME).orElseThrow()), to, genesis.programId())
            .sign(genesis.networkId(), logKey(auditor))
            .encoded();
    ReceiptExtra.Audit audit =
        new ReceiptExtra.Audit(statement, MerkleProofs.inclusion(log, receipt.index(), to.size()));
    return new TlogProof(
            Optional.of(new ReceiptExtra(extra.entry(), List.of(audit)).encode()),
            receipt.index(),
            receipt.inclusion(),
            receipt.checkpoint())
        .format();
  }

  private static List<X509Certificate> trust() {
    return new NetworkFolder(banks.folder).trust();
  }

  @Test
  void whatIsHandedToTheWitnessesIsRecordedOnceOrItsReasonIsTold() throws Exception {
    Path statement = temporary.resolve("late.statement");
    Files.write(statement, opening("late", banks.operatorKey("member-a")).toArray());
    Run handed = banks.json("transaction", "hand-over", statement.toString());
    assertEquals(0, handed.exit(), handed.err());
    assertEquals("recorded", handed.json().path("state").asText());
    assertEquals(HOME, handed.json().path("target").asText());
    assertEquals(witness, handed.json().at("/witnesses/0").asText());
    Run again = banks.json("transaction", "resend", statement.toString());
    assertEquals(0, again.exit(), again.err());
    assertEquals(handed.json().path("index").asLong(), again.json().path("index").asLong());

    Path stranger = temporary.resolve("stranger.statement");
    Files.write(stranger, opening("stolen", banks.operatorKey("member-b")).toArray());
    Run refused = banks.json("transaction", "hand-over", stranger.toString());
    assertEquals("unauthorised", refused.errorCode(), refused.out());

    Path junk = temporary.resolve("junk.statement");
    Files.write(junk, new byte[] {1, 2, 3});
    assertEquals(1, banks.json("transaction", "hand-over", junk.toString()).exit());
  }

  /** A transaction for the home node. */
  private static Bytes opening(String account, String keyFile) throws Exception {
    Signer key = Ballots.signer(Path.of(keyFile));
    AssetId asset = LedgerParameters.decode(genesis.programParameters()).assets().get(0).id();
    return new TransactionDraft(genesis.networkId(), HOME, Submitter.key(key.publicKey()))
        .add(
            new Operation.OpenAccount(
                AccountId.named(account),
                asset,
                KeyPolicy.single(key.publicKey().toBytes()),
                AccountFlags.NONE))
        .sign(ClientIds.random().next(System.currentTimeMillis() + 60_000), List.of(key))
        .encoded();
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
