package org.probity.detector.commitment;

import java.util.Optional;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.crypto.VerifiedStatement;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.Incarnations;
import org.probity.detector.governance.KeyHistory;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Refusal;
import org.probity.detector.log.Origin;
import org.probity.detector.log.TreeHead;

/**
 * The only door to a {@link VerifiedAudit}: for those who make one, pass one on, rely on one, or
 * accuse its signer (protocol.md §6.6). It looks at the statement alone; what stands in the log is
 * for those who hold it.
 *
 * <p>Total: no bytes make it throw but as it says. Stateless and thread-safe. Cost: one signature.
 */
public final class AuditRule {
  private final Genesis genesis;
  private final KeyHistory keys;
  private final StatementVerifier statements;

  /**
   * @param keys that attribute
   * @param rule for signatures
   */
  public AuditRule(Genesis genesis, KeyHistory keys, SignatureRule rule) {
    this.genesis = genesis;
    this.keys = keys;
    this.statements = new StatementVerifier(rule, genesis.networkId());
  }

  /** The rule by the keys in the genesis document. */
  public static AuditRule founding(Genesis genesis) {
    return by(DecisionChain.of(genesis, genesis.signatures()));
  }

  /** The rule by the keys that decisions have brought in, too. */
  public static AuditRule by(DecisionChain decisions) {
    return new AuditRule(decisions.genesis(), decisions.keys(), decisions.genesis().signatures());
  }

  /** Either a valid AUDIT or the reason why not. */
  public record Outcome(Optional<VerifiedAudit> valid, Optional<Refusal> refusal) {}

  /** As {@link #verify}, with a refusal as a value. */
  public Outcome check(Bytes encoded) {
    try {
      return new Outcome(Optional.of(verify(encoded)), Optional.empty());
    } catch (DecodeException e) {
      return new Outcome(
          Optional.empty(), Optional.of(new Refusal(e.code(), String.valueOf(e.getMessage()))));
    }
  }

  /**
   * Verifies a statement. Codes: {@code audit_too_large}, those of {@link StatementVerifier} and
   * {@link AuditStatement#decode}; {@code audit_signer_count}; {@code wrong_network}, {@code
   * unknown_node}, {@code unknown_incarnation} of the log; {@code audit_unknown_signer} if the key
   * is no node's log key; {@code audit_by_owner} if the log's own member signed; {@code
   * audit_bad_range}; {@code audit_wrong_program}.
   */
  public VerifiedAudit verify(Bytes encoded) throws DecodeException {
    require(
        encoded.size() <= AuditStatement.MAX_STATEMENT_BYTES,
        "audit_too_large",
        encoded.size() + " bytes, at most " + AuditStatement.MAX_STATEMENT_BYTES);
    VerifiedStatement statement = statements.verify(encoded, AuditStatement.TYP);
    require(statement.signers().size() == 1, "audit_signer_count", "an AUDIT has one signature");
    AuditStatement content = AuditStatement.decode(statement.payload());
    Incarnations writers = writers(content.log());
    // SPEC protocol.md §2.4: only a log key that the owning member countersigned speaks for a node.
    NodeRecord auditor =
        keys.ofLogKey(statement.signers().get(0))
            .orElseThrow(
                () ->
                    new DecodeException("audit_unknown_signer", "not signed by a node's log key"));
    // SPEC protocol.md §6.1: none of a ward's witnesses is its own member's.
    require(
        !auditor.member().equals(writers.present().member()),
        "audit_by_owner",
        auditor.member() + " is the member that answers for the log");
    requireRange(content.from(), content.to());
    require(
        content.programId().equals(genesis.programId()),
        "audit_wrong_program",
        "a replay by the rules of " + content.programId());
    return new VerifiedAudit(statement, content, auditor, writers);
  }

  private Incarnations writers(Origin log) throws DecodeException {
    require(
        log.networkId().equals(genesis.networkId()), "wrong_network", "a log of another network");
    require(
        genesis.node(log.node()).isPresent(),
        "unknown_node",
        "no node " + log.node() + " in genesis");
    return keys.log(log.node(), log.incarnation())
        .orElseThrow(
            () ->
                new DecodeException(
                    "unknown_incarnation", "nothing enrols incarnation " + log.incarnation()));
  }

  private static void requireRange(TreeHead from, TreeHead to) throws DecodeException {
    require(from.size() < to.size(), "audit_bad_range", "no entry was replayed");
    require(
        from.size() > 0 || from.equals(TreeHead.EMPTY),
        "audit_bad_range",
        "a log without entries has one root");
  }

  private static void require(boolean condition, String code, String message)
      throws DecodeException {
    if (!condition) {
      throw new DecodeException(code, message);
    }
  }
}
