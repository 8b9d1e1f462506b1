package org.probity.node.fuzz;

import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.probity.detector.challenge.Challenge;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CoseSign1;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.codec.Uint128;
import org.probity.detector.commitment.Ack;
import org.probity.detector.commitment.AuditStatement;
import org.probity.detector.commitment.Envelope;
import org.probity.detector.crypto.PublicKey;
import org.probity.detector.crypto.Statement;
import org.probity.detector.evidence.EvidenceVerifier;
import org.probity.detector.evidence.ExampleConsortium;
import org.probity.detector.evidence.Verification;
import org.probity.detector.governance.Ballot;
import org.probity.detector.governance.BallotMark;
import org.probity.detector.governance.Decision;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Parameters;
import org.probity.detector.governance.Proposal;
import org.probity.detector.log.AddCheckpointRequest;
import org.probity.detector.log.Checkpoint;
import org.probity.detector.log.Entry;
import org.probity.detector.log.NoteVerifierKey;
import org.probity.detector.log.Origin;
import org.probity.detector.log.ReceiptExtra;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.SignedNote;
import org.probity.detector.log.SigningMark;
import org.probity.detector.log.TilePath;
import org.probity.detector.log.Tiles;
import org.probity.detector.log.TlogPolicy;
import org.probity.detector.log.TlogProof;
import org.probity.detector.program.Program;
import org.probity.detector.program.Transaction;
import org.probity.detector.program.TransactionOutcome;
import org.probity.detector.state.StateWitness;
import org.probity.ledger.client.OrderFileException;
import org.probity.ledger.client.PaymentOrders;
import org.probity.ledger.client.TransactionResult;
import org.probity.ledger.program.Account;
import org.probity.ledger.program.Issuance;
import org.probity.ledger.program.PendingGroup;
import org.probity.ledger.program.Settlement;
import org.probity.ledger.transaction.AssetDefinition;
import org.probity.ledger.transaction.LedgerParameters;
import org.probity.ledger.transaction.TransactionBody;
import org.probity.node.http.wire.ChallengeReply;
import org.probity.node.http.wire.HeldLog;
import org.probity.node.http.wire.LogFrame;
import org.probity.node.http.wire.StrictBase64;
import org.probity.node.http.wire.StrictJson;
import org.probity.node.identity.CertificateRequest;

/** Every decoder there is of bytes that somebody else has made. */
final class FuzzTargets {
  private final List<FuzzTarget> all = new ArrayList<>();

  private FuzzTargets() {}

  static List<FuzzTarget> all() {
    FuzzTargets targets = new FuzzTargets();
    targets.signed();
    targets.logs();
    targets.messages();
    targets.governance();
    targets.ledger();
    targets.wire();
    return List.copyOf(targets.all);
  }

  static FuzzTarget named(String name) {
    return all().stream()
        .filter(target -> target.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no decoder is called " + name));
  }

  private void add(String name, FuzzTarget.Again again) {
    all.add(new FuzzTarget(name, again));
  }

  /** Decodes only. */
  private void addReader(String name, FuzzTarget.Again reads) {
    add(
        name,
        input -> {
          reads.of(input);
          return input;
        });
  }

  private static String ascii(Bytes input) {
    return new String(input.unsafeArray(), StandardCharsets.ISO_8859_1);
  }

  private static Bytes ascii(String text) {
    return Bytes.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  private void signed() {
    add("cose-sign1", input -> CoseSign1.decode(input).encode());
    add("statement", input -> Statement.decode(input).encoded());
    add("public-key", input -> PublicKey.decode(input).toBytes());
  }

  private void logs() {
    add(
        "entry",
        input -> {
          Entry entry = Entry.decode(input);
          return Entry.of(entry.index(), entry.prev(), entry.body()).bytes();
        });
    addReader("entry-type", input -> Entry.typeOf(input).isPresent() ? input : refused());
    add(
        "note",
        input -> {
          SignedNote note = SignedNote.parse(input);
          return SignedNote.of(note.text(), note.signatures()).bytes();
        });
    add(
        "checkpoint",
        input -> {
          SignedCheckpoint checkpoint = SignedCheckpoint.parse(input);
          return SignedNote.of(
                  new Checkpoint(checkpoint.origin().format(), checkpoint.head()).text(),
                  checkpoint.note().signatures())
              .bytes();
        });
    add("origin", input -> ascii(Origin.parse(ascii(input)).format()));
    add("verifier-key", input -> Bytes.utf8(NoteVerifierKey.parse(ascii(input)).format()));
    add("tile-path", input -> ascii(TilePath.parse(ascii(input)).format()));
    add("entry-bundle", input -> Tiles.bundle(Tiles.entries(input, 2)));
    add("receipt", input -> TlogProof.parse(input).format());
    add("receipt-extra", input -> ReceiptExtra.decode(input).encode());
    add("add-checkpoint", input -> AddCheckpointRequest.parse(input).format());
    addReader("tlog-policy", input -> TlogPolicy.parse(input) == null ? refused() : input);
    add("signing-mark", input -> SigningMark.decode(input).encode());
    add("state-witness", input -> StateWitness.decode(input).encoded());
  }

  private void messages() {
    add("envelope", input -> Envelope.decode(input).encode());
    add("ack", input -> Ack.decode(input).encode());
    add("audit-statement", input -> AuditStatement.decode(input).encode());
    add("challenge", input -> Challenge.decode(input).encode());
    add("transaction", input -> Transaction.decode(input).encode());
    add("transaction-outcome", input -> TransactionOutcome.decode(input).encode());
    Program program = ExampleConsortium.program();
    EvidenceVerifier verifier =
        new EvidenceVerifier(ExampleConsortium.genesis(), Map.of(program.id(), program));
    addReader(
        "evidence",
        input -> verifier.verify(input) instanceof Verification.Proven ? input : refused());
  }

  private void governance() {
    add("genesis", input -> Genesis.decode(input).encoded());
    add("node-record", input -> NodeRecord.decode(input).encode());
    add("parameters", input -> Parameters.decode(input).encode());
    add("proposal", input -> Proposal.decode(input).encode());
    add("ballot", input -> Ballot.decode(input).encode());
    add("ballot-mark", input -> BallotMark.decode(input).encode());
    add("decision", input -> Decision.decode(input).encode());
  }

  private void ledger() {
    add("transaction-body", input -> TransactionBody.decode(input).encode());
    addReader(
        "transaction-result", input -> TransactionResult.decode(input) == null ? refused() : input);
    add("account", input -> Account.decode(input).encode());
    add("pending-group", input -> PendingGroup.decode(input).encode());
    add("issuance", input -> Issuance.decode(input).encode());
    add("settlement", input -> Settlement.decode(input).encode());
    add("asset-definition", input -> AssetDefinition.decode(input).encode());
    add("ledger-parameters", input -> LedgerParameters.decode(input).encode());
    addReader("amount", FuzzTargets::amount);
    addReader("payment-orders", FuzzTargets::orders);
  }

  private void wire() {
    add("challenge-reply", input -> ChallengeReply.decode(input).encode());
    add("held-log", input -> HeldLog.decode(input).encode());
    add("log-frame", input -> LogFrame.decode(input).encode());
    addReader("json", input -> StrictJson.parse(input.unsafeArray()) == null ? refused() : input);
    add("base64", input -> ascii(StrictBase64.encode(StrictBase64.decode(ascii(input)))));
    addReader(
        "certificate-request",
        input -> CertificateRequest.decode(input) == null ? refused() : input);
    addReader(
        "certificate-request-pem",
        input -> CertificateRequest.parse(ascii(input)) == null ? refused() : input);
  }

  private static Bytes amount(Bytes input) throws DecodeException {
    try {
      Uint128.parse(ascii(input));
      return input;
    } catch (IllegalArgumentException refused) {
      return refused();
    }
  }

  private static Bytes orders(Bytes input) throws DecodeException {
    try {
      PaymentOrders.parse("fuzz", new StringReader(ascii(input)));
      return input;
    } catch (OrderFileException refused) {
      return refused();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Bytes refused() throws DecodeException {
    throw new DecodeException("refused", "not one");
  }
}
