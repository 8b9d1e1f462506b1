package org.probity.ledger.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.AuditStatement;
import org.probity.detector.crypto.Statement;
import org.probity.detector.evidence.ByzantineLog;
import org.probity.detector.evidence.Court;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Polity;
import org.probity.detector.governance.Seating;
import org.probity.detector.governance.ValidDecision;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.ReceiptExtra;
import org.probity.detector.log.TlogProof;
import org.probity.detector.log.TreeHead;
import org.probity.detector.node.TestNetwork;
import org.probity.detector.program.Transaction;

/** SPEC protocol.md §6.2, §7.1: what a client shows to whom, and when that is enough. */
class WitnessHandOverTest {
  private static final String AUTHOR = "alpha";
  private static final long INDEX = 2;

  // f = 1, w = 2.
  private final Court court = new Court();
  private final Genesis genesis = court.network().genesis();
  private final ByzantineLog log = court.log(AUTHOR, 12);
  private final Polity polity = new Polity(court.network());
  private final List<String> witnesses = seats(polity.chain());
  private final Nodes nodes = new Nodes();

  /** The nodes of a consortium as a client meets them. */
  private static final class Nodes implements WitnessLink {
    /** What each has; who is not in it does not answer about decisions. */
    final Map<String, DecisionChain> chains = new TreeMap<>();

    final Map<String, Comparison> comparisons = new TreeMap<>();
    final Map<String, Asked> asked = new TreeMap<>();
    final List<String> silent = new ArrayList<>();
    final List<String> requests = new ArrayList<>();
    final List<Bytes> checkpoints = new ArrayList<>();
    final List<Bytes> audits = new ArrayList<>();

    private void request(String what, String node) throws UnansweredException {
      requests.add(what + " " + node);
      if (silent.contains(node)) {
        throw new UnansweredException("unreachable", "no answer from " + node);
      }
    }

    @Override
    public List<Bytes> decisions(String node, int from) throws UnansweredException {
      if (silent.contains(node) || !chains.containsKey(node)) {
        throw new UnansweredException("unreachable", "no answer from " + node);
      }
      // One at a time, as if an answer held no more.
      return chains.get(node).decisions().stream()
          .skip(from)
          .limit(1)
          .map(ValidDecision::encoded)
          .toList();
    }

    @Override
    public Comparison showCheckpoint(String node, Bytes checkpoint) throws UnansweredException {
      request("checkpoint", node);
      checkpoints.add(checkpoint);
      return comparisons.getOrDefault(node, Comparison.CONSISTENT);
    }

    @Override
    public void showAudit(String node, Bytes statement) throws UnansweredException {
      request("audit", node);
      audits.add(statement);
    }

    @Override
    public Asked handOver(String node, Bytes transaction) throws UnansweredException {
      request("transaction", node);
      return asked.getOrDefault(
          node, new Asked("c0", Asked.State.ASKED, OptionalLong.empty(), "", ""));
    }
  }

  private static List<String> seats(DecisionChain chain) {
    return Seating.of(chain.state()).witnessesOf(AUTHOR).stream().map(NodeRecord::node).toList();
  }

  private String first() {
    return witnesses.get(0);
  }

  private String second() {
    return witnesses.get(1);
  }

  private WitnessHandOver client() {
    return new WitnessHandOver(genesis, nodes);
  }

  private ReceiptExtra.Audit audit(ByzantineLog of, String auditor) {
    TreeHead to = new TreeHead(8, MerkleProofs.rootAt(of, 8));
    return new ReceiptExtra.Audit(
        AuditStatement.fromGenesis(of.checkpoint().origin(), to, genesis.programId())
            .sign(genesis.networkId(), court.network().logKey(auditor))
            .encoded(),
        MerkleProofs.inclusion(of, INDEX, 8));
  }

  private Bytes receipt(ReceiptExtra.Audit... audits) {
    return new TlogProof(
            Optional.of(new ReceiptExtra(log.entry(INDEX), Arrays.asList(audits)).encode()),
            INDEX,
            MerkleProofs.inclusion(log, INDEX, log.size()),
            log.checkpoint().note())
        .format();
  }

  // Receipts.

  @Test
  void fPlusOneWitnessesSeeTheCheckpoint() throws DecodeException {
    WitnessHandOver.Showing shown = client().show(receipt());
    assertTrue(shown.isEnough());
    assertEquals(2, shown.needed());
    assertEquals(AUTHOR, shown.node());
    assertEquals(List.of("checkpoint " + first(), "checkpoint " + second()), nodes.requests);
    assertEquals(List.of(log.checkpoint().bytes(), log.checkpoint().bytes()), nodes.checkpoints);
    assertEquals(List.of(), shown.conflicts());
  }

  @Test
  void aSilentWitnessIsNotEnoughAndIsNamed() throws DecodeException {
    nodes.silent.add(first());
    WitnessHandOver.Showing shown = client().show(receipt());
    assertFalse(shown.isEnough());
    assertEquals(1, shown.shown());
    assertEquals("no answer from " + first(), shown.answers().get(0).trouble());
    assertEquals(Optional.empty(), shown.answers().get(0).comparison());
  }

  @Test
  void aConflictIsToldWithWhoCanProveIt() throws DecodeException {
    nodes.comparisons.put(second(), WitnessLink.Comparison.CONFLICT);
    nodes.comparisons.put(first(), WitnessLink.Comparison.AHEAD);
    WitnessHandOver.Showing shown = client().show(receipt());
    assertEquals(List.of(second()), shown.conflicts());
    // The one has not got that far, and would forget it in a crash.
    assertFalse(shown.isEnough());
    assertEquals("has not got that far yet", shown.answers().get(0).trouble());
    assertTrue(shown.answers().get(1).hasSeen());
  }

  @Test
  void whatIsOfAClosedLogCountsWhereItIsKept() throws DecodeException {
    nodes.comparisons.put(first(), WitnessLink.Comparison.KEPT);
    nodes.comparisons.put(second(), WitnessLink.Comparison.DROPPED);
    WitnessHandOver.Showing shown = client().show(receipt());
    assertFalse(shown.isEnough());
    assertEquals(1, shown.shown());
    assertEquals(
        List.of(WitnessLink.Comparison.KEPT, WitnessLink.Comparison.DROPPED),
        shown.answers().stream().map(it -> it.comparison().orElseThrow()).toList());
    nodes.comparisons.put(second(), WitnessLink.Comparison.KEPT);
    assertTrue(client().show(receipt()).isEnough());
  }

  @Test
  void auditsOfTheReceiptAreShownToEveryWitnessThatSeesIt() throws DecodeException {
    ReceiptExtra.Audit by = audit(log, first());
    ReceiptExtra.Audit also = audit(log, second());
    WitnessHandOver.Showing shown = client().show(receipt(by, also));
    assertEquals(
        List.of(by.statement(), also.statement(), by.statement(), also.statement()), nodes.audits);
    assertEquals(2, shown.answers().get(0).audits());
  }

  @Test
  void whatBindsNobodyOrIsAboutAnotherLogCostsNoRequest() throws DecodeException {
    String other = genesis.nodes().get(genesis.nodes().size() - 1).node();
    ByzantineLog another = court.log(other, 12);
    WitnessHandOver.Showing shown =
        client()
            .show(
                receipt(
                    new ReceiptExtra.Audit(Bytes.utf8("junk"), List.of()),
                    audit(another, first())));
    assertEquals(List.of(), nodes.audits);
    assertTrue(shown.isEnough());
  }

  @Test
  void whatIsNoReceiptIsShownToNobody() {
    Bytes forged =
        new TlogProof(
                Optional.of(new ReceiptExtra(log.entry(INDEX), List.of()).encode()),
                INDEX + 1,
                MerkleProofs.inclusion(log, INDEX, log.size()),
                log.checkpoint().note())
            .format();
    DecodeException refused = assertThrows(DecodeException.class, () -> client().show(forged));
    assertEquals("not_included", refused.code());
    assertEquals(List.of(), nodes.requests);
  }

  // Seats that have moved.

  private DecisionChain reassigned() {
    DecisionChain chain = polity.chain();
    do {
      chain = polity.decide(chain, new Action.ReassignWitnesses());
    } while (seats(chain).containsAll(witnesses));
    return chain;
  }

  @Test
  void theWitnessesInForceAreAskedNotTheFoundingOnes() throws DecodeException {
    DecisionChain chain = reassigned();
    nodes.chains.put(AUTHOR, chain);
    WitnessHandOver client = client();
    WitnessHandOver.Showing shown = client.show(receipt());
    assertEquals(
        seats(chain), shown.answers().stream().map(WitnessHandOver.Answer::witness).toList());
    assertEquals(chain.decisions().size(), client.decisions().decisions().size());
  }

  @Test
  void decisionsThatTheNodeKeepsBackAreToldByWhoHasLostTheSeat() throws DecodeException {
    DecisionChain chain = reassigned();
    witnesses.forEach(witness -> nodes.chains.put(witness, chain));
    WitnessHandOver.Showing shown = client().show(receipt());
    List<String> saw =
        shown.answers().stream()
            .filter(answer -> answer.comparison().isPresent())
            .map(WitnessHandOver.Answer::witness)
            .toList();
    assertTrue(shown.isEnough());
    assertTrue(saw.containsAll(seats(chain)), saw.toString());
    assertTrue(shown.answers().stream().anyMatch(it -> it.trouble().equals("no witness any more")));
  }

  @Test
  void decisionsThatDoNotVerifyAreNotBelieved() throws DecodeException {
    Polity strangers = new Polity("alpha", "bravo", "charlie", "delta", "echo");
    nodes.chains.put(AUTHOR, strangers.decide(strangers.chain(), new Action.ReassignWitnesses()));
    WitnessHandOver client = client();
    assertTrue(client.show(receipt()).isEnough());
    assertEquals(0, client.decisions().decisions().size());
  }

  // Transactions.

  private Statement transaction(String home) {
    return Statement.sign(
        genesis.networkId(),
        Transaction.TYP,
        new Transaction(
                home,
                Transaction.clientId(1_800_000_000_000L, 7),
                TestNetwork.signer("customer").publicKey().toBytes(),
                Bytes.utf8("pay"))
            .encode(),
        TestNetwork.signer("customer"));
  }

  @Test
  void aTransactionIsHandedToFPlusOneWitnesses() throws DecodeException {
    nodes.asked.put(
        second(),
        new WitnessLink.Asked("c1", WitnessLink.Asked.State.RECORDED, OptionalLong.of(41), "", ""));
    WitnessHandOver.Handing handing = client().handOver(transaction(AUTHOR));
    assertEquals(List.of("transaction " + first(), "transaction " + second()), nodes.requests);
    assertTrue(handing.isEnough());
    assertEquals(OptionalLong.of(41), handing.index());
    assertEquals(AUTHOR, handing.node());
  }

  @Test
  void whoDoesNotAskIsNotCounted() throws DecodeException {
    nodes.silent.add(second());
    WitnessHandOver.Handing handing = client().handOver(transaction(AUTHOR));
    assertFalse(handing.isEnough());
    assertEquals(1, handing.asking());
    assertEquals("unreachable", handing.answers().get(1).code());
  }

  @Test
  void whatIsNotSignedForThisConsortiumIsHandedToNobody() {
    Statement elsewhere =
        Statement.sign(
            court.network().genesis().programId(),
            Transaction.TYP,
            Bytes.utf8("x"),
            TestNetwork.signer("customer"));
    assertThrows(DecodeException.class, () -> client().handOver(elsewhere));
    assertEquals(
        "unknown_node",
        assertThrows(DecodeException.class, () -> client().handOver(transaction("nobody"))).code());
    assertEquals(List.of(), nodes.requests);
  }
}
