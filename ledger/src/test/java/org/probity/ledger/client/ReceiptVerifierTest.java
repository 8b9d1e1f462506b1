package org.probity.ledger.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.detector.commitment.AuditStatement;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.Signer;
import org.probity.detector.evidence.ByzantineLog;
import org.probity.detector.evidence.Court;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Parameters;
import org.probity.detector.governance.Polity;
import org.probity.detector.governance.Seating;
import org.probity.detector.governance.Seats;
import org.probity.detector.log.Cosignature;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.NoteSignature;
import org.probity.detector.log.NoteVerifierKey;
import org.probity.detector.log.ReceiptExtra;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.SignedNote;
import org.probity.detector.log.TlogPolicy;
import org.probity.detector.log.TlogProof;
import org.probity.detector.log.TreeHead;
import org.probity.detector.node.TestNetwork;

/** SPEC protocol.md §10: what makes a receipt recorded, witnessed, audited, and what does not. */
class ReceiptVerifierTest {
  private static final String AUTHOR = "alpha";
  private static final long INDEX = 2;

  // f = 1, w = 2, q = 2.
  private final Court court = new Court();
  private final Genesis genesis = court.network().genesis();
  private final ByzantineLog log = court.log(AUTHOR, 12);
  private final List<NodeRecord> witnesses =
      Seats.witnessesOf(AUTHOR, 0, genesis.parameters().witnesses(), genesis.nodes());
  private final String bystander =
      genesis.nodes().stream()
          .map(NodeRecord::node)
          .filter(node -> !node.equals(AUTHOR))
          .filter(node -> witnesses.stream().noneMatch(it -> it.node().equals(node)))
          .findFirst()
          .orElseThrow();
  private final ReceiptVerifier verifier = new ReceiptVerifier(genesis);
  private final SignedCheckpoint checkpoint = log.checkpoint();

  private NoteSignature cosigned(String node, Bytes text) {
    Signer cosigner = TestNetwork.signer("cosigner " + node);
    return Cosignature.sign(cosigner, name(node), text, 1_800_000_000L);
  }

  private NoteSignature cosigned(String node) {
    return cosigned(node, checkpoint.textBytes());
  }

  private String name(String node) {
    return genesis.origin(court.network().node(node)).format();
  }

  private ReceiptExtra.Audit audit(String auditor, TreeHead from, long toSize) {
    TreeHead to = new TreeHead(toSize, MerkleProofs.rootAt(log, toSize));
    return signed(
        auditor,
        new AuditStatement(checkpoint.origin(), from, to, genesis.programId()),
        INDEX < toSize ? MerkleProofs.inclusion(log, INDEX, toSize) : List.of());
  }

  private ReceiptExtra.Audit audit(String auditor, long toSize) {
    return audit(auditor, TreeHead.EMPTY, toSize);
  }

  private ReceiptExtra.Audit signed(
      String auditor, AuditStatement statement, List<Hash> inclusion) {
    return new ReceiptExtra.Audit(
        statement.sign(genesis.networkId(), court.network().logKey(auditor)).encoded(), inclusion);
  }

  private Bytes receipt(List<NoteSignature> lines, ReceiptExtra.Audit... audits) {
    return receipt(log.entry(INDEX), lines, audits);
  }

  private Bytes receipt(Bytes entry, List<NoteSignature> lines, ReceiptExtra.Audit... audits) {
    SignedNote note = lines.isEmpty() ? checkpoint.note() : checkpoint.note().with(lines);
    return new TlogProof(
            Optional.of(new ReceiptExtra(entry, Arrays.asList(audits)).encode()),
            INDEX,
            MerkleProofs.inclusion(log, INDEX, log.size()),
            note)
        .format();
  }

  private String first() {
    return witnesses.get(0).node();
  }

  private String second() {
    return witnesses.get(1).node();
  }

  private void assertAssurance(Assurance expected, Bytes receipt) {
    ReceiptVerifier.Verdict verdict = verifier.verify(receipt);
    assertTrue(verdict instanceof ReceiptVerifier.Valid, verdict.toString());
    ReceiptVerifier.Valid valid = (ReceiptVerifier.Valid) verdict;
    assertEquals(expected, valid.assurance());
    assertEquals(AUTHOR, valid.node().node());
    assertEquals(INDEX, valid.index());
  }

  private void assertInvalid(String code, Bytes receipt) {
    assertEquals(
        code,
        verifier.verify(receipt) instanceof ReceiptVerifier.Invalid invalid
            ? invalid.code()
            : "valid");
  }

  @Test
  void theNodesOwnSignatureMakesItRecorded() {
    assertAssurance(Assurance.RECORDED, receipt(List.of()));
  }

  @Test
  void qCosignaturesMakeItWitnessed() {
    assertAssurance(Assurance.WITNESSED, receipt(List.of(cosigned(first()), cosigned(second()))));
  }

  @Test
  void lessThanQCosignaturesByWitnessesLeaveItRecorded() {
    List<List<NoteSignature>> tooFew = new ArrayList<>();
    tooFew.add(List.of(cosigned(first())));
    tooFew.add(List.of(cosigned(first()), cosigned(first())));
    tooFew.add(List.of(cosigned(first()), cosigned(bystander)));
    tooFew.add(List.of(cosigned(first()), cosigned(AUTHOR)));
    // Of another checkpoint: a known key with a bad signature, which lowers the assurance only.
    tooFew.add(List.of(cosigned(first()), cosigned(second(), Bytes.utf8("else\n"))));
    // The log key of a witness instead of its cosigner key.
    tooFew.add(
        List.of(
            cosigned(first()),
            Cosignature.sign(
                court.network().logKey(second()), name(second()), checkpoint.textBytes(), 1)));
    for (List<NoteSignature> lines : tooFew) {
      assertAssurance(Assurance.RECORDED, receipt(lines));
    }
  }

  @Test
  void auditsOfFPlusOneWitnessesMakeItAudited() {
    // Each under a root of its own, none of them the checkpoint's.
    assertAssurance(
        Assurance.AUDITED,
        receipt(
            List.of(cosigned(first()), cosigned(second())),
            audit(first(), 8),
            audit(second(), 14)));
    assertAssurance(
        Assurance.AUDITED, receipt(List.of(), audit(second(), 4), audit(first(), log.size())));
  }

  @Test
  void auditsThatDoNotCountLeaveItAsItWas() {
    ReceiptExtra.Audit good = audit(first(), 8);
    TreeHead later = new TreeHead(2, MerkleProofs.rootAt(log, 2));
    TreeHead to = new TreeHead(8, MerkleProofs.rootAt(log, 8));
    TreeHead otherRoot = new TreeHead(8, Hash.sha256(new byte[] {1}));
    List<Hash> proof = MerkleProofs.inclusion(log, INDEX, 8);
    List<ReceiptExtra.Audit> others = new ArrayList<>();
    others.add(good);
    others.add(audit(first(), 12));
    others.add(audit(bystander, 8));
    others.add(audit(AUTHOR, 8));
    others.add(audit(second(), later, 8));
    others.add(audit(second(), INDEX));
    others.add(
        signed(
            second(),
            AuditStatement.fromGenesis(checkpoint.origin(), otherRoot, genesis.programId()),
            proof));
    others.add(
        signed(
            second(),
            AuditStatement.fromGenesis(court.machine(bystander).origin(), to, genesis.programId()),
            proof));
    others.add(
        signed(
            second(),
            AuditStatement.fromGenesis(checkpoint.origin(), to, Hash.sha256(new byte[] {2})),
            proof));
    // Without the proof that the entry is under its root, or with that of another one.
    others.add(new ReceiptExtra.Audit(audit(second(), 8).statement(), List.of()));
    others.add(
        new ReceiptExtra.Audit(
            audit(second(), 8).statement(), MerkleProofs.inclusion(log, INDEX + 1, 8)));
    others.add(
        new ReceiptExtra.Audit(
            audit(second(), 8).statement(), MerkleProofs.inclusion(log, INDEX, log.size())));
    others.add(new ReceiptExtra.Audit(Bytes.utf8("junk"), proof));
    for (ReceiptExtra.Audit other : others) {
      assertAssurance(Assurance.RECORDED, receipt(List.of(), good, other));
    }
  }

  // Seats that have moved.

  private final Polity polity = new Polity(court.network());

  /** Until all witnesses of the author are others than the founding ones, or as many as can be. */
  private DecisionChain reassigned() {
    DecisionChain chain = polity.chain();
    do {
      chain = polity.decide(chain, new Action.ReassignWitnesses());
    } while (seats(chain).containsAll(witnesses));
    return chain;
  }

  private List<NodeRecord> seats(DecisionChain chain) {
    return Seating.of(chain.state()).witnessesOf(AUTHOR);
  }

  private Assurance assurance(DecisionChain chain, Bytes receipt) {
    return ((ReceiptVerifier.Valid) new ReceiptVerifier(chain).verify(receipt)).assurance();
  }

  private Bytes cosignedBy(List<NodeRecord> seats) {
    return receipt(seats.stream().map(seat -> cosigned(seat.node())).toList());
  }

  private Bytes auditedBy(List<NodeRecord> seats) {
    return receipt(
        List.of(),
        seats.stream().map(seat -> audit(seat.node(), 8)).toArray(ReceiptExtra.Audit[]::new));
  }

  /** One of each, so that a quorum is there and nobody had both seats in one epoch. */
  private List<NodeRecord> mixed(List<NodeRecord> next) {
    NodeRecord gone = witnesses.stream().filter(it -> !next.contains(it)).findFirst().orElseThrow();
    NodeRecord come = next.stream().filter(it -> !witnesses.contains(it)).findFirst().orElseThrow();
    return List.of(gone, come);
  }

  @Test
  void whatTheWitnessesOfOneEpochSayAddsUp() {
    DecisionChain chain = reassigned();
    List<NodeRecord> next = seats(chain);
    assertEquals(Assurance.WITNESSED, assurance(chain, cosignedBy(next)));
    assertEquals(Assurance.AUDITED, assurance(chain, auditedBy(next)));
    // Those before them have promised it all the same.
    assertEquals(Assurance.WITNESSED, assurance(chain, cosignedBy(witnesses)));
    assertEquals(Assurance.AUDITED, assurance(chain, auditedBy(witnesses)));
    // Whoever knows of no decision finds less in it.
    assertAssurance(Assurance.RECORDED, cosignedBy(next));
    assertAssurance(Assurance.RECORDED, auditedBy(next));
  }

  @Test
  void whatWitnessesOfTwoEpochsSayDoesNotAddUp() {
    DecisionChain chain = reassigned();
    List<NodeRecord> mixed = mixed(seats(chain));
    assertEquals(Assurance.RECORDED, assurance(chain, cosignedBy(mixed)));
    assertEquals(Assurance.RECORDED, assurance(chain, auditedBy(mixed)));
  }

  @Test
  void whatARevokedNodeSaidCountsNoMore() {
    String gone = first();
    DecisionChain suspended = polity.decide(polity.chain(), new Action.SuspendNode(gone));
    assertEquals(Assurance.WITNESSED, assurance(suspended, cosignedBy(witnesses)));
    DecisionChain revoked =
        polity.decide(suspended, new Action.RevokeNode(gone, Polity.HEAD, List.of()));
    assertEquals(Assurance.RECORDED, assurance(revoked, cosignedBy(witnesses)));
    assertEquals(Assurance.RECORDED, assurance(revoked, auditedBy(witnesses)));
    assertEquals(Assurance.WITNESSED, assurance(revoked, cosignedBy(seats(revoked))));
    assertEquals(Assurance.AUDITED, assurance(revoked, auditedBy(seats(revoked))));
  }

  /** Its log is closed there, and it goes on under other keys. */
  private DecisionChain closedAt(long size) {
    NodeRecord next = Polity.next(court.network().node(AUTHOR));
    return polity.decide(
        polity.chain(),
        new Action.ApproveIncarnation(
            polity.enrolment(next, Polity.signer(next.member())),
            new TreeHead(size, MerkleProofs.rootAt(log, size)),
            Polity.ROOT,
            TestNetwork.FOUNDED_MILLIS,
            List.of()));
  }

  @Test
  void whatAClosedIncarnationHasPromisedStandsUpToTheClose() {
    Bytes receipt = cosignedBy(witnesses);
    assertEquals(Assurance.WITNESSED, assurance(closedAt(log.size()), receipt));
    // Under a checkpoint of more than was closed: the entry is in the log that goes on.
    assertEquals(Assurance.WITNESSED, assurance(closedAt(INDEX + 1), receipt));
    ReceiptVerifier.Verdict beyond = new ReceiptVerifier(closedAt(INDEX)).verify(receipt);
    assertEquals(
        new ReceiptVerifier.Invalid(
            "beyond_close", Optional.of(court.network().node(AUTHOR)), INDEX),
        beyond);
  }

  @Test
  void theNumbersAreThoseOfTheEpochWhoseSeatsSigned() {
    // One more witness, and all three must sign.
    DecisionChain chain =
        polity.decide(polity.chain(), new Action.SetParameters(Parameters.of(1, 3)));
    List<NodeRecord> three = seats(chain);
    assertEquals(3, three.size());
    assertEquals(
        List.of(Assurance.RECORDED, Assurance.WITNESSED),
        List.of(
            assurance(chain, cosignedBy(List.of(witnesses.get(0), added(three)))),
            assurance(chain, cosignedBy(three))));
    // By the founding numbers two were enough, and still are.
    assertEquals(Assurance.WITNESSED, assurance(chain, cosignedBy(witnesses)));
  }

  private NodeRecord added(List<NodeRecord> three) {
    return three.stream().filter(it -> !witnesses.contains(it)).findFirst().orElseThrow();
  }

  @Test
  void anotherEntryIsNotIncluded() {
    assertInvalid("not_included", receipt(log.entry(4), List.of()));
  }

  @Test
  void anEntryThatIsNoTransactionIsNoReceipt() {
    TlogProof proof =
        new TlogProof(
            Optional.of(new ReceiptExtra(log.entry(3), List.of()).encode()),
            3,
            MerkleProofs.inclusion(log, 3, log.size()),
            checkpoint.note());

    assertInvalid("not_a_transaction", proof.format());
  }

  @Test
  void withoutTheEntryThereIsNothingToVerify() {
    TlogProof proof =
        new TlogProof(
            Optional.empty(),
            INDEX,
            MerkleProofs.inclusion(log, INDEX, log.size()),
            checkpoint.note());

    assertInvalid("entry_missing", proof.format());
  }

  @Test
  void aStrangersLogIsUnknown() {
    assertEquals(
        "unknown_origin",
        new ReceiptVerifier(
                        TestNetwork.of(
                                genesis.parameters(),
                                genesis.programId(),
                                Bytes.utf8("x"),
                                AUTHOR,
                                "b",
                                "c")
                            .genesis())
                    .verify(receipt(List.of()))
                instanceof ReceiptVerifier.Invalid invalid
            ? invalid.code()
            : "valid");
  }

  /** Whatever is cut or flipped: no more is assured than before, and of the same entry. */
  @Test
  void noCutOrFlippedReceiptSaysMore() {
    // One short of witnessed, and one short of audited: there is something to gain.
    assertNoneSaysMore(receipt(List.of(cosigned(first())), audit(first(), 8)));
    assertNoneSaysMore(receipt(List.of(cosigned(first()), cosigned(second())), audit(first(), 8)));
  }

  private void assertNoneSaysMore(Bytes receipt) {
    ReceiptVerifier.Valid before = (ReceiptVerifier.Valid) verifier.verify(receipt);
    byte[] good = receipt.toArray();
    String text = new String(good, StandardCharsets.US_ASCII);
    int proofStart = text.indexOf("\nindex ") + 1;
    int proofEnd = text.indexOf("\n\n", proofStart);
    for (int i = 0; i < good.length; i += 3) {
      assertNotMore(before, verifier.verify(Bytes.of(Arrays.copyOf(good, i))));
      byte[] flipped = good.clone();
      flipped[i] ^= (byte) (1 << i % 7);
      ReceiptVerifier.Verdict verdict = verifier.verify(Bytes.of(flipped));
      assertNotMore(before, verdict);
      if (i >= proofStart && i < proofEnd) {
        assertTrue(verdict instanceof ReceiptVerifier.Invalid, "byte " + i + ": " + verdict);
      }
    }
  }

  private static void assertNotMore(ReceiptVerifier.Valid before, ReceiptVerifier.Verdict verdict) {
    if (verdict instanceof ReceiptVerifier.Valid valid) {
      assertEquals(before.node(), valid.node());
      assertEquals(before.index(), valid.index());
      assertEquals(before.entry(), valid.entry());
      assertTrue(before.isWitnessed() || !valid.isWitnessed());
      assertTrue(valid.assurance() != Assurance.AUDITED, "one AUDIT is not enough");
    }
  }

  private TlogPolicy policy(List<String> cosigners, int quorum) {
    return TlogPolicy.of(
        List.of(
            NoteVerifierKey.ofLog(
                checkpoint.origin().format(), court.network().logKey(AUTHOR).publicKey())),
        cosigners.stream()
            .map(
                node ->
                    NoteVerifierKey.ofCosigner(
                        name(node), TestNetwork.signer("cosigner " + node).publicKey()))
            .toList(),
        quorum);
  }

  private Assurance assurance(Bytes receipt, TlogPolicy policy) {
    return ((ReceiptVerifier.Valid) verifier.verify(receipt, policy)).assurance();
  }

  @Test
  void byAPolicyItIsWitnessedAsThePolicySays() {
    Bytes receipt = receipt(List.of(cosigned(bystander)));

    assertEquals(Assurance.WITNESSED, assurance(receipt, policy(List.of(bystander), 1)));
    assertEquals(Assurance.RECORDED, assurance(receipt, policy(List.of(), 0)));
    assertEquals(
        "no_quorum",
        ((ReceiptVerifier.Invalid) verifier.verify(receipt, policy(List.of(first()), 1))).code());
  }
}
