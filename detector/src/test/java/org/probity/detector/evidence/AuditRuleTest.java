package org.probity.detector.evidence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.probity.detector.DecoderFuzz;
import org.probity.detector.Seeded;
import org.probity.detector.codec.Bytes;
import org.probity.detector.commitment.AuditRule;
import org.probity.detector.commitment.AuditStatement;
import org.probity.detector.commitment.VerifiedAudit;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.Signer;
import org.probity.detector.crypto.Statement;
import org.probity.detector.governance.Refusal;
import org.probity.detector.log.Origin;
import org.probity.detector.log.TreeHead;
import org.probity.detector.node.TestNetwork;

/** protocol.md §6.6: which AUDIT counts, before anybody looks at the log. */
class AuditRuleTest {
  private static final Hash OTHER = Hash.sha256(new byte[] {42});

  private final Court court = new Court();
  private final Hash networkId = court.network.genesis().networkId();
  private final Origin alpha = court.machine("alpha").origin();
  private final AuditRule rule = AuditRule.founding(court.network.genesis());
  private final AuditStatement good =
      AuditStatement.fromGenesis(alpha, new TreeHead(7, OTHER), court.program.id());

  private Bytes signed(AuditStatement statement, String node) {
    return statement.sign(networkId, court.network.logKey(node)).encoded();
  }

  private void assertRefused(String code, Bytes statement) {
    AuditRule.Outcome outcome = rule.check(statement);
    assertEquals(code, outcome.refusal().map(Refusal::code).orElse("none"));
    assertTrue(outcome.valid().isEmpty());
  }

  @Test
  void saysWhoHasAuditedWhat() {
    Bytes statement = signed(good, "beta");
    VerifiedAudit audit = rule.check(statement).valid().orElseThrow();
    assertEquals(good, audit.content());
    assertEquals(court.network.node("beta"), audit.auditor());
    assertEquals(court.network.node("alpha"), audit.ward());
    assertEquals(alpha, audit.log());
    assertEquals(statement, audit.encoded());
    assertEquals(Statement.id(networkId, AuditStatement.TYP, good.encode()), audit.id());
  }

  @Test
  void coversWhatWasReplayed() {
    AuditStatement part =
        new AuditStatement(alpha, new TreeHead(3, OTHER), new TreeHead(7, OTHER), OTHER);
    assertEquals(
        List.of(false, true, true, false),
        List.of(part.covers(2), part.covers(3), part.covers(6), part.covers(7)));
  }

  @Test
  void onlyTheLogKeyOfAnotherMembersNodeCounts() {
    assertRefused("audit_by_owner", signed(good, "alpha"));
    for (Signer stranger :
        List.of(
            TestNetwork.signer("cosigner beta"),
            TestNetwork.signer("governance beta"),
            Court.CLIENT)) {
      assertRefused("audit_unknown_signer", good.sign(networkId, stranger).encoded());
    }
    Bytes two =
        Statement.sign(
                networkId,
                AuditStatement.TYP,
                good.encode(),
                List.of(court.network.logKey("beta"), court.network.logKey("gamma")))
            .encoded();
    assertRefused("audit_signer_count", two);
  }

  @Test
  void isAboutAKnownLogOfThisNetwork() {
    assertRefused("unknown_node", signed(of(new Origin(networkId, "mallory", 0)), "beta"));
    assertRefused("unknown_incarnation", signed(of(new Origin(networkId, "alpha", 1)), "beta"));
    assertRefused("wrong_network", signed(of(new Origin(OTHER, "alpha", 0)), "beta"));
  }

  private AuditStatement of(Origin log) {
    return AuditStatement.fromGenesis(log, good.to(), good.programId());
  }

  @Test
  void isSignedForThisNetworkAsAnAudit() {
    Signer beta = court.network.logKey("beta");
    assertRefused("statement_wrong_network", good.sign(OTHER, beta).encoded());
    for (String typ : List.of("probity/transaction", "probity/challenge", "probity/audits")) {
      assertRefused(
          "statement_wrong_typ", Statement.sign(networkId, typ, good.encode(), beta).encoded());
    }
  }

  @Test
  void hasARangeThatCanBeReplayed() {
    TreeHead three = new TreeHead(3, OTHER);
    for (AuditStatement bad :
        List.of(
            new AuditStatement(alpha, three, three, good.programId()),
            new AuditStatement(alpha, good.to(), three, good.programId()),
            new AuditStatement(alpha, new TreeHead(0, OTHER), three, good.programId()),
            AuditStatement.fromGenesis(alpha, TreeHead.EMPTY, good.programId()))) {
      assertRefused("audit_bad_range", signed(bad, "beta"));
    }
  }

  @Test
  void isByTheRulesOfTheNetwork() {
    assertRefused(
        "audit_wrong_program", signed(AuditStatement.fromGenesis(alpha, good.to(), OTHER), "beta"));
  }

  @Test
  void hasALimit() {
    AuditStatement longest =
        new AuditStatement(
            new Origin(networkId, "n".repeat(31), Long.MAX_VALUE),
            new TreeHead(Long.MAX_VALUE - 1, OTHER),
            new TreeHead(Long.MAX_VALUE, OTHER),
            OTHER);
    assertTrue(signed(longest, "beta").size() <= AuditStatement.MAX_STATEMENT_BYTES);
    assertRefused("unknown_node", signed(longest, "beta"));
    assertRefused("audit_too_large", Bytes.wrap(new byte[AuditStatement.MAX_STATEMENT_BYTES + 1]));
  }

  @Test
  void whatDecodesIsWhatWasEncoded() {
    DecoderFuzz.run(
        2_000,
        List.of(
            good.encode(),
            new AuditStatement(alpha, new TreeHead(3, OTHER), good.to(), OTHER).encode()),
        AuditStatement::decode,
        AuditStatement::encode);
  }

  @Test
  void noBytesMakeItThrow() {
    Bytes statement = signed(good, "beta");
    Seeded.run(
        2_000,
        random -> {
          byte[] damaged = statement.toArray();
          damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
          assertTrue(rule.check(Bytes.wrap(damaged)).valid().isEmpty());
        });
  }
}
