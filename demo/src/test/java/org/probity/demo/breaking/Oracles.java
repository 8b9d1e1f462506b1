package org.probity.demo.breaking;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.probity.detector.codec.Bytes;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Seating;
import org.probity.ledger.audit.Sums;
import org.probity.ledger.client.ReceiptVerifier;
import org.probity.ledger.verifier.OfflineVerifier;
import org.probity.node.cli.CliException;
import org.probity.node.cli.NodeApi;

/**
 * What must hold after every way of breaking a node, worked out from what others hold and from what
 * the customer keeps, never from what the node says of itself.
 */
final class Oracles {
  /** From the moment at which the node may sign again. */
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final Banks banks;
  private final Customer customer;
  private final Shown shown;
  private final Copies copies;
  private final List<Customer.Acknowledged> found = new ArrayList<>();
  private final Map<String, Integer> generations = new TreeMap<>();

  Oracles(Banks banks, Customer customer, Shown shown) {
    this.banks = banks;
    this.customer = customer;
    this.shown = shown;
    this.copies = new Copies(banks, shown);
  }

  /**
   * What was found.
   *
   * @param acknowledged answers looked up for the first time
   * @param receipts verified and looked up
   * @param lost acknowledged, and not where the answer said in the log that its witnesses hold
   * @param badReceipts that do not verify, or not as what they were given out for
   * @param conflicts checkpoints that one key has signed and that are of two histories
   * @param evidence proofs that some node keeps or serves; nobody here cheats
   * @param distrust who does not trust whom when the patience is over, and why
   * @param faults entries that a witness would object to
   * @param unsettled what is wrong with the books, or has not arrived
   * @param trustedSeconds until everybody trusted everybody, had audited everything, and no money
   *     was on its way
   * @param entries in the log of the node that was broken
   */
  record Judgement(
      int acknowledged,
      int receipts,
      int checkpoints,
      List<String> lost,
      List<String> badReceipts,
      List<String> conflicts,
      List<String> evidence,
      List<String> distrust,
      List<String> faults,
      List<String> unsettled,
      double trustedSeconds,
      long entries,
      long incarnation) {}

  /** Waits until all is well, or the patience is over, and then looks at everything. */
  Judgement judge(String victim) throws Exception {
    return judge(victim, PATIENCE);
  }

  Judgement judge(String victim, Duration patience) throws Exception {
    long startNanos = System.nanoTime();
    Banks.await(patience, () -> restless().isEmpty());
    double seconds = (System.nanoTime() - startNanos) / 1e9;
    DecisionChain decisions = banks.decisions();
    copies.follow(decisions);
    List<Customer.Acknowledged> fresh = customer.takeAcknowledged();
    List<Shown.Receipt> receipts = shown.takeReceipts();
    return new Judgement(
        fresh.size(),
        receipts.size(),
        shown.count(),
        lost(fresh),
        badReceipts(receipts, decisions),
        copies.conflicts(decisions),
        evidence(),
        distrust(),
        faults(),
        unsettled(),
        seconds,
        copies.of(victim).size(),
        copies.of(victim).incarnation());
  }

  /** What time may still mend. */
  private List<String> restless() {
    List<String> restless = new ArrayList<>();
    copies.follow(banks.decisions());
    for (String node : banks.nodes()) {
      long largest = shown.largest(copies.of(node).origin());
      if (copies.of(node).size() < largest) {
        restless.add("nobody holds the " + largest + " entries that " + node + " has signed");
      }
    }
    restless.addAll(distrust());
    restless.addAll(unaudited());
    restless.addAll(unsettled());
    return restless;
  }

  /** Also what was found before is looked for again where a log is not what it was. */
  private List<String> lost(List<Customer.Acknowledged> fresh) {
    List<Customer.Acknowledged> sought = new ArrayList<>(fresh);
    for (String node : banks.nodes()) {
      int generation = copies.of(node).generation();
      Integer before = generations.put(node, generation);
      if (before != null && before != generation) {
        sought.addAll(found.stream().filter(each -> each.node().equals(node)).toList());
        found.removeIf(each -> each.node().equals(node));
      }
    }
    List<String> lost = new ArrayList<>();
    for (Customer.Acknowledged each : sought) {
      if (copies.of(each.node()).holds(each.index(), each.statement())) {
        found.add(each);
      } else {
        lost.add(each.node() + " " + each.index());
      }
    }
    return lost;
  }

  /** A receipt for what a close has cut off is counted where its answer is: among the lost. */
  private static List<String> badReceipts(List<Shown.Receipt> receipts, DecisionChain decisions) {
    ReceiptVerifier verifier = new ReceiptVerifier(decisions);
    List<String> bad = new ArrayList<>();
    for (Shown.Receipt receipt : receipts) {
      ReceiptVerifier.Verdict verdict = verifier.verify(receipt.bytes());
      boolean isRight =
          verdict instanceof ReceiptVerifier.Valid valid
              && valid.node().node().equals(receipt.node())
              && valid.index() == receipt.index();
      boolean isCutOff =
          verdict instanceof ReceiptVerifier.Invalid invalid
              && invalid.code().equals("beyond_close");
      if (!isRight && !isCutOff) {
        bad.add(receipt.node() + " " + receipt.index() + ": " + verdict);
      }
    }
    return bad;
  }

  /** Proofs that running nodes serve, and that lie in the folder of any. */
  List<String> evidence() throws IOException {
    OfflineVerifier verifier = new OfflineVerifier(banks.genesis());
    List<String> evidence = new ArrayList<>();
    for (String node : banks.nodes()) {
      if (banks.isAlive(node)) {
        NodeApi api = banks.api(node);
        for (JsonNode held : api.getJson("/v1/evidence")) {
          byte[] file = api.get("/v1/evidence/" + held.path("faultId").asText());
          evidence.add(node + " serves " + OfflineVerifier.json(verifier.verify(Bytes.wrap(file))));
        }
      }
      Path folder = banks.storage(node).data().resolve("evidence");
      if (Files.isDirectory(folder)) {
        try (Stream<Path> files = Files.list(folder)) {
          files.forEach(file -> evidence.add(node + " keeps " + file.getFileName()));
        }
      }
    }
    return evidence;
  }

  private List<String> distrust() {
    List<String> distrust = new ArrayList<>();
    for (String judge : banks.nodes()) {
      try {
        for (JsonNode peer : banks.api(judge).getJson("/v1/peers")) {
          if (!peer.path("verdict").asText().equals("trusted")) {
            distrust.add(
                judge
                    + " holds "
                    + peer.path("node").asText()
                    + " "
                    + peer.path("verdict").asText()
                    + ": "
                    + peer.path("reason").asText());
          }
        }
      } catch (CliException e) {
        distrust.add(judge + " does not answer: " + e.getMessage());
      }
    }
    return distrust;
  }

  /** Who has not replayed yet what is held of a log: a verdict before that says nothing. */
  private List<String> unaudited() {
    Seating seats = Seating.founding(banks.genesis());
    List<String> unaudited = new ArrayList<>();
    for (String ward : banks.nodes()) {
      for (NodeRecord witness : seats.witnessesOf(ward)) {
        for (JsonNode peer : banks.api(witness.node()).getJson("/v1/peers")) {
          if (peer.path("node").asText().equals(ward)
              && peer.path("auditedSize").asLong() < copies.of(ward).size()) {
            unaudited.add(witness.node() + " has not audited " + ward);
          }
        }
      }
    }
    return unaudited;
  }

  private List<String> faults() {
    return banks.nodes().stream().flatMap(node -> copies.of(node).fault().stream()).toList();
  }

  /** Issued is balances, and nothing is on its way or lost. */
  private List<String> unsettled() {
    Sums sums = copies.sums(customer.asset());
    BigInteger issued = BigInteger.valueOf(customer.issuedMinor());
    boolean isSettled =
        sums.clean() && sums.issuedMinor().equals(issued) && sums.balancesMinor().equals(issued);
    return isSettled ? List.of() : List.of("of " + issued + " issued: " + sums);
  }
}
