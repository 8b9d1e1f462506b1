package org.probity.ledger.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.probity.ledger.Fixture.A;
import static org.probity.ledger.Fixture.B;
import static org.probity.ledger.Fixture.account;
import static org.probity.ledger.Fixture.remit;
import static org.probity.ledger.Fixture.transfer;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CoseSign1;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.Signer;
import org.probity.detector.crypto.Statement;
import org.probity.detector.crypto.TestKeys;
import org.probity.detector.program.SystemRules;
import org.probity.detector.program.Transaction;
import org.probity.ledger.program.LedgerProgram;
import org.probity.ledger.transaction.AccountId;
import org.probity.ledger.transaction.Amount;
import org.probity.ledger.transaction.Operation;
import org.probity.ledger.transaction.References;
import org.probity.ledger.transaction.TransactionBody;

class TransactionDraftTest {
  private static final Hash NETWORK = Hash.sha256("network".getBytes(StandardCharsets.UTF_8));
  private static final long NOT_AFTER = 1_800_000_000_000L;

  private static Signer signer(String name) {
    return Signer.of(TestKeys.named(name));
  }

  private static Transaction content(Statement statement) throws DecodeException {
    CborReader in = new CborReader(statement.encoded());
    in.arrayHeader();
    return Transaction.decode(CoseSign1.decode(in.bytes()).unverifiedPayload());
  }

  private static TransactionDraft draft() {
    return new TransactionDraft(NETWORK, A, Submitter.account(account("alice")));
  }

  @Test
  void signsWhatWasBuilt() throws DecodeException {
    Bytes id = ClientIds.fromSeed(Bytes.EMPTY).next(NOT_AFTER);
    TransactionDraft draft = draft().add(transfer("alice", "bob", 7));
    Statement statement = draft.sign(id, List.of(signer("alice"), signer("bob")));
    assertEquals(Transaction.TYP, statement.typ());
    assertEquals(NETWORK, statement.networkId());
    assertEquals(2, statement.claimedSigners().size());
    assertEquals(draft.build(id), content(statement));
    assertEquals(NOT_AFTER, content(statement).notAfterMillis());
    assertEquals(
        TransactionBody.of(transfer("alice", "bob", 7)),
        TransactionBody.decode(content(statement).body()));
  }

  @Test
  void signersMaySignApart() throws DecodeException {
    Transaction transaction =
        draft().add(transfer("alice", "bob", 7)).build(Transaction.clientId(NOT_AFTER, 1));
    Statement first = TransactionDraft.sign(NETWORK, transaction, List.of(signer("alice")));
    Statement second = TransactionDraft.sign(NETWORK, transaction, List.of(signer("bob")));
    assertEquals(
        TransactionDraft.sign(NETWORK, transaction, List.of(signer("bob"), signer("alice"))),
        first.merge(second));
  }

  @Test
  void splitsALongListKeepingOrderAndFillingStatements() throws DecodeException {
    for (int signatures : new int[] {1, 2, 5, 16}) {
      List<Signer> signers = new ArrayList<>();
      for (int i = 0; i < signatures; i++) {
        signers.add(signer("signer-" + i));
      }
      List<Operation> operations = new ArrayList<>();
      for (int i = 0; i < 1_500; i++) {
        References references =
            i % 3 == 0 ? References.NONE : References.endToEnd("x".repeat(1 + i % 35));
        operations.add(
            new Operation.Remit(account("alice"), B, account("bob"), Amount.of(1 + i), references));
      }
      List<Statement> statements =
          draft()
              .addAll(operations)
              .signSplit(ClientIds.fromSeed(Bytes.EMPTY), NOT_AFTER, 512, signers);
      List<Operation> together = new ArrayList<>();
      for (Statement statement : statements) {
        assertTrue(statement.encoded().size() <= TransactionDraft.MAX_STATEMENT_BYTES);
        together.addAll(TransactionBody.decode(content(statement).body()).operations());
      }
      assertEquals(operations, together);
      int statement = statements.get(0).encoded().size();
      int footprint = new LedgerProgram().transactionFootprint(content(statements.get(0)));
      int footprintRoom = SystemRules.MAX_FOOTPRINT_BYTES - statement - footprint;
      assertTrue(footprintRoom >= 600, "no room for the id: " + footprintRoom);
      int room = Math.min(TransactionDraft.MAX_STATEMENT_BYTES - statement, footprintRoom);
      assertTrue(room >= 0 && room < signatures * 300 + 3_000, "room left: " + room);
    }
  }

  @Test
  void someHundredTransfersFitOneSignature() {
    List<Operation> operations = Collections.nCopies(2_000, transfer("alice", "bob", 1));
    List<List<Operation>> parts = TransactionDraft.split(operations, 512, 1);
    assertEquals(512, parts.get(0).size());
  }

  @Test
  void theLongestFieldsFitTheRoomThatSplitLeaves() {
    Submitter longest = new Submitter(Bytes.of(new byte[Transaction.MAX_SUBMITTER_BYTES]));
    String node = "n".repeat(31);
    List<Operation> operations =
        Collections.nCopies(
            1_000,
            new Operation.Remit(
                account("a"), node, account("b"), Amount.MAX, References.endToEnd("x")));
    List<Statement> statements =
        new TransactionDraft(NETWORK, node, longest)
            .addAll(operations)
            .signSplit(ClientIds.random(), Long.MAX_VALUE, 512, List.of(signer("alice")));
    assertTrue(statements.size() > 1);
  }

  @Test
  void refusesWhatDoesNotFit() {
    List<Operation> operations = Collections.nCopies(900, remit("alice", B, "bob", 1));
    TransactionDraft draft = draft().addAll(operations);
    assertEquals(900, draft.size());
    assertThrows(
        IllegalArgumentException.class,
        () -> draft.sign(Transaction.clientId(NOT_AFTER, 1), List.of(signer("alice"))));
    assertThrows(IllegalArgumentException.class, () -> TransactionDraft.split(operations, 513, 1));
    assertThrows(IllegalArgumentException.class, () -> TransactionDraft.split(operations, 0, 1));
  }

  @Test
  void idsFromASeedRepeatAndOthersDoNot() {
    ClientIds ids = ClientIds.fromSeed(Bytes.utf8("file"));
    ClientIds again = ClientIds.fromSeed(Bytes.utf8("file"));
    Bytes first = ids.next(5);
    assertEquals(first, again.next(5));
    assertEquals(ids.next(5), again.next(5));
    assertNotEquals(first, ids.next(5));
    assertNotEquals(first, ClientIds.fromSeed(Bytes.utf8("other")).next(5));
    assertNotEquals(ClientIds.random().next(5), ClientIds.random().next(5));
    assertEquals(AccountId.BYTES, first.size());
  }
}
