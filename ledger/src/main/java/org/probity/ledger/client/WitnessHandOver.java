package org.probity.ledger.client;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.AuditRule;
import org.probity.detector.crypto.Statement;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Seating;
import org.probity.detector.log.Checkpoint;
import org.probity.detector.log.Origin;
import org.probity.detector.log.ReceiptExtra;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.TlogProof;
import org.probity.detector.program.Transaction;

/**
 * What makes a client a correct observer (protocol.md §6.2, §7.1): it shows its receipts to f + 1
 * witnesses of the log, and hands them a transaction that the home node does not take. One of so
 * many is correct. So a node that keeps one history for its clients and another for its witnesses
 * is exposed by the first receipt out of the wrong one, an auditor that signed for a fault by the
 * first receipt that carries its AUDIT, and a node that ignores a client stays suspected until it
 * answers.
 *
 * <pre>{@code
 * WitnessHandOver witnesses = new WitnessHandOver(genesis, link);
 * WitnessHandOver.Showing shown = witnesses.show(receipt);
 * shown.conflicts().forEach(witness -> ...);   // keep the receipt: the log is forked
 * if (!shown.isEnough()) { ... }               // show it again later
 * }</pre>
 *
 * <p>Who the witnesses are, decisions say, and the nodes asked tell those, each verified. A node
 * that lies to its client may keep decisions back; those who have lost the seat, one of whom is
 * correct, do not.
 *
 * <p>Blocks for as long as the link does: one request for the decisions and one for the checkpoint
 * per witness, one more per AUDIT of the receipt (64 at most), one after the other. What a node
 * does wrong is a value, never an exception. Thread-safe if the link is; decisions once learned are
 * shared by all calls.
 */
public final class WitnessHandOver {
  private final Genesis genesis;
  private final WitnessLink link;

  /** Only ever longer. */
  private volatile DecisionChain known;

  /** For whoever knows of no decision. */
  public WitnessHandOver(Genesis genesis, WitnessLink link) {
    this(DecisionChain.of(genesis, genesis.signatures()), link);
  }

  /**
   * @param known decisions known so far; the nodes asked may know more
   */
  public WitnessHandOver(DecisionChain known, WitnessLink link) {
    this.genesis = known.genesis();
    this.link = link;
    this.known = known;
  }

  /** The decisions known by now. */
  public DecisionChain decisions() {
    return known;
  }

  /**
   * What has come of showing a receipt.
   *
   * @param node whose log it is of
   * @param shown witnesses in force that have seen it
   * @param needed of them, f + 1
   * @param answers of all who were asked, in that order
   */
  public record Showing(String node, long shown, int needed, List<Answer> answers) {
    public Showing {
      answers = List.copyOf(answers);
    }

    /** Whether a correct witness has seen it, if at most f members with a seat are faulty. */
    public boolean isEnough() {
      return shown >= needed;
    }

    /** Witnesses that hold another history than the receipt: each of them can prove a fork now. */
    public List<String> conflicts() {
      return answers.stream()
          .filter(
              answer -> answer.comparison().equals(Optional.of(WitnessLink.Comparison.CONFLICT)))
          .map(Answer::witness)
          .toList();
    }
  }

  /**
   * What one witness has said of a receipt.
   *
   * @param comparison empty if it said nothing of the checkpoint
   * @param trouble why it does not count as seen there, for people; empty if it does
   * @param audits AUDITs of the receipt that it has taken
   */
  public record Answer(
      String witness, Optional<WitnessLink.Comparison> comparison, String trouble, int audits) {
    /** Whether the witness has compared the checkpoint, or will, whatever happens to it. */
    public boolean hasSeen() {
      return comparison.filter(said -> trouble(said).isEmpty()).isPresent();
    }

    private static String trouble(WitnessLink.Comparison said) {
      return switch (said) {
        case CONSISTENT, KEPT, CONFLICT -> "";
        case AHEAD -> "has not got that far yet";
        case DROPPED -> "has kept enough of that closed log";
      };
    }

    private static Answer none(String witness, String trouble) {
      return new Answer(witness, Optional.empty(), trouble, 0);
    }
  }

  /**
   * Shows the receipt's checkpoint, and the AUDITs about its log that it carries, to one witness
   * after the other until f + 1 of those in force have seen the checkpoint. The transaction stands
   * whatever they say.
   *
   * @throws DecodeException with the code of {@link ReceiptVerifier} if it is no valid receipt by
   *     what its node says was decided; then it was shown to nobody, unless it is {@code
   *     beyond_close}: half of a fork may be in it
   */
  public Showing show(Bytes receipt) throws DecodeException {
    ReceiptVerifier.Verdict verdict = new ReceiptVerifier(known).verify(receipt);
    if (!(verdict instanceof ReceiptVerifier.Valid)) {
      // SPEC protocol.md §2.4: whose key it is under, members may have decided since.
      String author = authorOf(receipt);
      if (genesis.node(author).isPresent() && learn(author)) {
        verdict = new ReceiptVerifier(known).verify(receipt);
      }
    }
    NodeRecord author = author(verdict);
    String node = author.node();
    TlogProof proof = TlogProof.parse(receipt);
    // With the log's own signature alone, as everywhere but in receipts.
    SignedCheckpoint checkpoint = SignedCheckpoint.extract(proof.checkpoint(), author.logKey());
    learn(node);
    List<Bytes> audits = audits(checkpoint, proof);
    Map<String, Answer> answers = new LinkedHashMap<>();
    Optional<String> next = next(node, answers.keySet(), shown(node, answers.values()));
    while (next.isPresent()) {
      String witness = next.get();
      answers.put(witness, show(node, witness, checkpoint.bytes(), audits));
      next = next(node, answers.keySet(), shown(node, answers.values()));
    }
    if (verdict instanceof ReceiptVerifier.Invalid invalid) {
      throw invalid(invalid);
    }
    return new Showing(
        node, shown(node, answers.values()), seating().faults() + 1, List.copyOf(answers.values()));
  }

  /** Also of a receipt beyond the close of its author: half of a fork may be in it. */
  private static NodeRecord author(ReceiptVerifier.Verdict verdict) throws DecodeException {
    if (verdict instanceof ReceiptVerifier.Valid valid) {
      return valid.node();
    }
    ReceiptVerifier.Invalid invalid = (ReceiptVerifier.Invalid) verdict;
    return invalid
        .node()
        .filter(author -> invalid.code().equals(ReceiptVerifier.BEYOND_CLOSE))
        .orElseThrow(() -> invalid(invalid));
  }

  private static DecodeException invalid(ReceiptVerifier.Invalid invalid) {
    return new DecodeException(invalid.code(), "not a receipt: " + invalid.code());
  }

  private static String authorOf(Bytes receipt) throws DecodeException {
    return Origin.parse(Checkpoint.parse(TlogProof.parse(receipt).checkpoint().text()).origin())
        .node();
  }

  /** Those worth a request: the others say nothing about this log, or nobody is bound by them. */
  private List<Bytes> audits(SignedCheckpoint checkpoint, TlogProof proof) throws DecodeException {
    AuditRule valid = AuditRule.by(known);
    List<Bytes> audits = new ArrayList<>();
    if (proof.extra().isPresent()) {
      for (ReceiptExtra.Audit carried : ReceiptExtra.decode(proof.extra().get()).audits()) {
        valid
            .check(carried.statement())
            .valid()
            .filter(audit -> audit.log().equals(checkpoint.origin()))
            .ifPresent(audit -> audits.add(carried.statement()));
      }
    }
    return audits;
  }

  private Answer show(String node, String witness, Bytes checkpoint, List<Bytes> audits) {
    if (learn(witness) && !seating().isWitness(witness, node)) {
      return Answer.none(witness, "no witness any more");
    }
    WitnessLink.Comparison comparison;
    try {
      comparison = link.showCheckpoint(witness, checkpoint);
    } catch (WitnessLink.UnansweredException e) {
      return Answer.none(witness, e.text());
    }
    return new Answer(
        witness, Optional.of(comparison), Answer.trouble(comparison), showAudits(witness, audits));
  }

  /** How many it takes. What it has against one is its own affair: the next may be better. */
  private int showAudits(String witness, List<Bytes> audits) {
    int taken = 0;
    for (Bytes audit : audits) {
      try {
        link.showAudit(witness, audit);
        taken++;
      } catch (WitnessLink.UnansweredException e) {
        // For example one that no longer counts there.
      }
    }
    return taken;
  }

  private long shown(String node, Collection<Answer> answers) {
    List<String> seats = seats(node);
    return answers.stream()
        .filter(answer -> answer.hasSeen() && seats.contains(answer.witness()))
        .count();
  }

  /**
   * What has come of handing over a transaction.
   *
   * @param node the home node
   * @param asking witnesses in force that have asked it
   * @param needed of them, f + 1
   * @param answers of all that were asked, in that order
   */
  public record Handing(String node, long asking, int needed, List<Handed> answers) {
    public Handing {
      answers = List.copyOf(answers);
    }

    /** Whether a correct witness has asked, if at most f members with a seat are faulty. */
    public boolean isEnough() {
      return asking >= needed;
    }

    /**
     * Where the transaction is in the home node's log, as a witness says. The receipt, which the
     * home node gives for that index, proves it.
     */
    public OptionalLong index() {
      return answers.stream()
          .flatMap(answer -> answer.asked().stream())
          .filter(asked -> asked.index().isPresent())
          .mapToLong(asked -> asked.index().getAsLong())
          .findFirst();
    }
  }

  /**
   * What one witness has said of a transaction.
   *
   * @param asked empty if it does not ask the home node
   * @param code why not: the witness's own, stable, lower_snake, or the link's; empty if it does
   * @param trouble the same for people
   */
  public record Handed(
      String witness, Optional<WitnessLink.Asked> asked, String code, String trouble) {}

  /**
   * Hands a transaction that its home node does not take to f + 1 of the node's witnesses, who ask
   * for it before everybody: it is logged once at most, however many ask. Returns when each of them
   * has said what has come of it so far, which takes a few seconds if the home node is silent.
   *
   * @throws DecodeException if it is no signed transaction of this consortium; then nothing was
   *     sent
   */
  public Handing handOver(Statement transaction) throws DecodeException {
    String node =
        Transaction.decode(
                new StatementVerifier(genesis.signatures(), genesis.networkId())
                    .verify(transaction, Transaction.TYP)
                    .payload())
            .node();
    if (genesis.node(node).isEmpty()) {
      throw new DecodeException("unknown_node", "no node " + node + " in this consortium");
    }
    learn(node);
    Map<String, Handed> answers = new LinkedHashMap<>();
    Optional<String> next = next(node, answers.keySet(), asking(node, answers.values()));
    while (next.isPresent()) {
      String witness = next.get();
      answers.put(witness, handOver(witness, transaction.encoded()));
      next = next(node, answers.keySet(), asking(node, answers.values()));
    }
    return new Handing(
        node,
        asking(node, answers.values()),
        seating().faults() + 1,
        List.copyOf(answers.values()));
  }

  private Handed handOver(String witness, Bytes transaction) {
    learn(witness);
    try {
      return new Handed(witness, Optional.of(link.handOver(witness, transaction)), "", "");
    } catch (WitnessLink.UnansweredException e) {
      return new Handed(witness, Optional.empty(), e.code(), e.text());
    }
  }

  private long asking(String node, Collection<Handed> answers) {
    List<String> seats = seats(node);
    return answers.stream()
        .filter(answer -> answer.asked().isPresent() && seats.contains(answer.witness()))
        .count();
  }

  // Who the witnesses are.

  private Seating seating() {
    return Seating.of(known.state());
  }

  private List<String> seats(String node) {
    return seating().witnessesOf(node).stream().map(NodeRecord::node).toList();
  }

  /**
   * A witness in force that was not asked, unless enough of those in force have done their part.
   */
  private Optional<String> next(String node, Collection<String> asked, long done) {
    return done > seating().faults()
        ? Optional.empty()
        : seats(node).stream().filter(witness -> !asked.contains(witness)).findFirst();
  }

  /**
   * Takes what decisions a node has on top of those known; whether there were any. A chain shows by
   * itself that it was decided, so whoever has the longest is right, and nobody is believed.
   */
  private boolean learn(String node) {
    DecisionChain before = known;
    DecisionChain chain = before;
    try {
      List<Bytes> more = link.decisions(node, chain.decisions().size());
      while (!more.isEmpty()) {
        for (Bytes decision : more) {
          chain = chain.append(decision);
        }
        more = link.decisions(node, chain.decisions().size());
      }
    } catch (WitnessLink.UnansweredException | DecodeException e) {
      // What does not come, or does not verify, is not missed: others may tell it.
    }
    keep(chain);
    return chain.decisions().size() > before.decisions().size();
  }

  private synchronized void keep(DecisionChain chain) {
    if (chain.decisions().size() > known.decisions().size()) {
      known = chain;
    }
  }
}
