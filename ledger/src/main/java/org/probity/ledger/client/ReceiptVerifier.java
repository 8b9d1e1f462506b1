package org.probity.ledger.client;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToIntFunction;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.AuditRule;
import org.probity.detector.commitment.AuditStatement;
import org.probity.detector.commitment.VerifiedAudit;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.KeyHistory;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.SeatHistory;
import org.probity.detector.governance.Seating;
import org.probity.detector.log.Checkpoint;
import org.probity.detector.log.Entry;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.NoteVerifierKey;
import org.probity.detector.log.Origin;
import org.probity.detector.log.ReceiptExtra;
import org.probity.detector.log.Rfc6962;
import org.probity.detector.log.TlogPolicy;
import org.probity.detector.log.TlogProof;
import org.probity.detector.log.TransactionEntry;
import org.probity.detector.log.TreeHead;

/**
 * Verifies receipts offline, from the genesis document and the decisions that whoever verifies has:
 * that the transaction stands in the node's log, and how far others stand behind it (protocol.md
 * §10, docs/format/receipt.md).
 *
 * <pre>{@code
 * ReceiptVerifier verifier = new ReceiptVerifier(genesis);
 * if (verifier.verify(bytes) instanceof ReceiptVerifier.Valid receipt
 *     && receipt.isWitnessed()) { ... }
 * }</pre>
 *
 * <p>Decisions move witness seats. What the witnesses of one epoch have said together counts in
 * every later one, unless their nodes are revoked by now; what witnesses of two epochs say does not
 * add up ({@link SeatHistory}). Whoever knows fewer decisions than there are finds less assurance
 * in a receipt, never more, but for what nodes revoked since have signed.
 *
 * <p>A receipt of an incarnation that the members have closed stands for what is below the close;
 * beyond it is {@code beyond_close}, in no log that goes on.
 *
 * <p>What a receipt carries and what does not count, such as the AUDIT of somebody who is no
 * witness of the node, lowers nothing but the assurance. Never throws on a receipt. Thread-safe.
 * Cost: one signature per line of a known key and per AUDIT, 64 of each at most; the lines once
 * more for each set of witnesses that the node has had.
 */
public final class ReceiptVerifier {
  /** Code of a receipt that is all right but for the close of its author's incarnation. */
  static final String BEYOND_CLOSE = "beyond_close";

  private final Genesis genesis;
  private final KeyHistory keys;
  private final SeatHistory seats;
  private final AuditRule audits;
  private final SignatureRule rule;

  /** For whoever knows of no decision. */
  public ReceiptVerifier(Genesis genesis) {
    this(DecisionChain.of(genesis, genesis.signatures()));
  }

  /** With every decision of the chain, which is verified by construction. */
  public ReceiptVerifier(DecisionChain chain) {
    this.genesis = chain.genesis();
    this.rule = genesis.signatures();
    this.keys = chain.keys();
    this.seats = SeatHistory.of(chain);
    this.audits = AuditRule.by(chain);
  }

  /** What a receipt is worth. */
  public sealed interface Verdict {}

  /**
   * The transaction stands in the log of the node at this index.
   *
   * @param assurance the highest
   * @param isWitnessed whether it has the cosignatures, also if it is audited: AUDITs alone say
   *     that it is valid, not that there is no second history
   */
  public record Valid(
      NodeRecord node, long index, TransactionEntry entry, Assurance assurance, boolean isWitnessed)
      implements Verdict {}

  /**
   * It proves nothing.
   *
   * @param code stable, lower_snake
   * @param node whose log it claims to be of, if it is a node of the consortium
   */
  public record Invalid(String code, Optional<NodeRecord> node, long index) implements Verdict {}

  /** Verifies by the keys, seats and quorums of the genesis document and the decisions known. */
  public Verdict verify(Bytes receipt) {
    return verify(receipt, Optional.empty());
  }

  /**
   * Verifies by somebody's own policy: its logs, its witnesses, its quorum. A receipt that
   * satisfies a policy that demands witnesses is <i>witnessed</i>.
   */
  public Verdict verify(Bytes receipt, TlogPolicy policy) {
    return verify(receipt, Optional.of(policy));
  }

  private Verdict verify(Bytes bytes, Optional<TlogPolicy> policy) {
    try {
      TlogProof proof = TlogProof.parse(bytes);
      Origin origin = Origin.parse(Checkpoint.parse(proof.checkpoint().text()).origin());
      Optional<NodeRecord> node =
          keys.node(origin.node(), origin.incarnation())
              .filter(known -> genesis.origin(known).equals(origin));
      if (node.isEmpty()) {
        return new Invalid("unknown_origin", Optional.empty(), proof.index());
      }
      if (proof.extra().isEmpty()) {
        return new Invalid("entry_missing", node, proof.index());
      }
      ReceiptExtra extra = ReceiptExtra.decode(proof.extra().get());
      return verify(proof, extra, node.get(), policy);
    } catch (DecodeException e) {
      return new Invalid(e.code(), Optional.empty(), 0);
    }
  }

  private Verdict verify(
      TlogProof proof, ReceiptExtra extra, NodeRecord node, Optional<TlogPolicy> policy)
      throws DecodeException {
    Hash leaf = Rfc6962.leaf(extra.entry());
    // What its witnesses add decides the assurance, not the validity.
    TlogPolicy demanded = policy.orElseGet(() -> TlogPolicy.ofLog(logKey(node)));
    TlogProof.Verdict verdict = proof.verify(rule, demanded, leaf);
    if (verdict instanceof TlogProof.Untrusted untrusted) {
      String code = untrusted.reason().name().toLowerCase(Locale.ROOT);
      return new Invalid(code, Optional.of(node), proof.index());
    }
    if (verdict instanceof TlogProof.NotIncluded) {
      return new Invalid("not_included", Optional.of(node), proof.index());
    }
    Entry entry = Entry.decode(extra.entry());
    if (entry.index() != proof.index() || !(entry.body() instanceof TransactionEntry transaction)) {
      return new Invalid("not_a_transaction", Optional.of(node), proof.index());
    }
    if (isBeyondItsClose(node, proof.index())) {
      return new Invalid(BEYOND_CLOSE, Optional.of(node), proof.index());
    }
    boolean isWitnessed =
        policy.map(TlogPolicy::demandsWitnesses).orElseGet(() -> isWitnessed(proof, node));
    Assurance assurance =
        isAudited(proof, extra, leaf, node)
            ? Assurance.AUDITED
            : isWitnessed ? Assurance.WITNESSED : Assurance.RECORDED;
    return new Valid(node, proof.index(), transaction, assurance, isWitnessed);
  }

  /** SPEC protocol.md §11.3: nobody goes on from what the members have not closed with the log. */
  private boolean isBeyondItsClose(NodeRecord author, long index) {
    return keys.log(author.node())
        .flatMap(log -> log.close(author.incarnation()))
        .filter(close -> index >= close.size())
        .isPresent();
  }

  private NoteVerifierKey logKey(NodeRecord node) {
    return NoteVerifierKey.ofLog(genesis.origin(node).format(), node.logKey());
  }

  /** What witnesses of one node add up to: who they are and how many must say it. */
  private record Quorum(List<NodeRecord> seats, int needed) {
    boolean canBeReached() {
      return needed <= seats.size();
    }
  }

  /** One for every set of witnesses that the node has had. */
  private List<Quorum> quorums(NodeRecord node, ToIntFunction<Seating> needed) {
    return seats.seatings().stream()
        .map(
            seating ->
                new Quorum(seats.witnessesOf(node.node(), seating), needed.applyAsInt(seating)))
        .filter(Quorum::canBeReached)
        .distinct()
        .toList();
  }

  /** SPEC protocol.md §10: q cosignatures of witnesses, who are of distinct members. */
  private boolean isWitnessed(TlogProof proof, NodeRecord node) {
    return quorums(node, Seating::cosignatures).stream()
        .anyMatch(quorum -> isWitnessed(proof, node, quorum));
  }

  private boolean isWitnessed(TlogProof proof, NodeRecord node, Quorum quorum) {
    List<NoteVerifierKey> cosigners =
        quorum.seats().stream()
            .map(
                seat ->
                    NoteVerifierKey.ofCosigner(genesis.origin(seat).format(), seat.cosignerKey()))
            .toList();
    TlogPolicy policy = TlogPolicy.of(List.of(logKey(node)), cosigners, quorum.needed());
    return policy.evaluate(rule, proof.checkpoint()) instanceof TlogPolicy.Accepted;
  }

  /** SPEC protocol.md §10: f + 1 AUDITs of distinct members that cover it from GENESIS on. */
  private boolean isAudited(TlogProof proof, ReceiptExtra extra, Hash leaf, NodeRecord node) {
    Set<NodeRecord> auditors = new HashSet<>();
    for (ReceiptExtra.Audit carried : extra.audits()) {
      audits
          .check(carried.statement())
          .valid()
          .filter(audit -> audit.log().equals(genesis.origin(node)))
          .filter(audit -> covers(audit.content(), proof.index(), leaf, carried.inclusion()))
          .map(VerifiedAudit::auditor)
          .ifPresent(auditors::add);
    }
    // A member has one seat for a node, so that nodes of one seating are of distinct members.
    return quorums(node, seating -> seating.faults() + 1).stream()
        .anyMatch(
            quorum ->
                quorum.seats().stream().filter(auditors::contains).count() >= quorum.needed());
  }

  /** The AUDIT speaks of its own root: that this entry is under it has a proof of its own. */
  private static boolean covers(AuditStatement audit, long index, Hash leaf, List<Hash> inclusion) {
    return audit.from().equals(TreeHead.EMPTY)
        && audit.covers(index)
        && MerkleProofs.verifyInclusion(audit.to(), index, leaf, inclusion);
  }
}
