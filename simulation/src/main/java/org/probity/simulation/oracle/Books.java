package org.probity.simulation.oracle;

import java.math.BigInteger;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.probity.detector.codec.Bytes;
import org.probity.detector.commitment.Machine;
import org.probity.detector.log.Entry;
import org.probity.detector.log.EntryType;
import org.probity.detector.log.TransactionEntry;
import org.probity.ledger.program.LedgerReader;
import org.probity.ledger.transaction.AssetId;
import org.probity.simulation.node.Customers;
import org.probity.simulation.node.Misers;
import org.probity.simulation.node.SimulatedNode;
import org.probity.simulation.node.World;
import org.probity.simulation.oracle.Violation.Promise;

/** M, in the books of correct nodes: judged by what customers know that they have signed. */
final class Books {
  private final World world;
  private final Watch watch;
  private final List<SimulatedNode> correct;
  private final Set<String> stopped;

  /**
   * @param stopped nodes that members have suspended or revoked, and not readmitted
   */
  Books(World world, Watch watch, List<SimulatedNode> correct, Set<String> stopped) {
    this.world = world;
    this.watch = watch;
    this.correct = List.copyOf(correct);
    this.stopped = new TreeSet<>(stopped);
  }

  void judge(Customers customers) {
    for (SimulatedNode node : correct) {
      issued(node, customers.issuedMinor());
      returned(node, customers.misers());
      authority(node, customers.intruders().attempts());
    }
    boundaries(customers.misers());
  }

  private static LedgerReader books(SimulatedNode node) {
    return new LedgerReader(Machine.application(node.core().published().orElseThrow().state()));
  }

  /** What the issuer has signed was issued, and nothing else. */
  private void issued(SimulatedNode node, Map<AssetId, Long> signed) {
    signed.forEach(
        (asset, minor) -> {
          BigInteger issued = books(node).issuance(asset).issued().toBigInteger();
          if (!issued.equals(BigInteger.valueOf(minor))) {
            watch.violated(Promise.M, node.name(), issued + " are issued instead of " + minor);
          }
        });
  }

  /**
   * What was paid to accounts that do not exist has come back, but for what a faulty node has, or
   * one that is stopped: {@link Recount} is exact about those.
   */
  private void returned(SimulatedNode node, Misers misers) {
    BigInteger has =
        books(node).account(Misers.wellWisher(node.name())).orElseThrow().availableMinor();
    BigInteger most = BigInteger.valueOf(Customers.OPENING_MINOR);
    BigInteger least = most;
    for (var host : world.hosts()) {
      if (stopped.contains(host.name())
          || stopped.contains(node.name())
          || correct.stream().noneMatch(one -> one.name().equals(host.name()))) {
        least = least.subtract(BigInteger.valueOf(misers.giftsMinor(node.name(), host.name())));
      }
    }
    if (has.compareTo(least) < 0 || has.compareTo(most) > 0) {
      watch.violated(
          Promise.M, node.name(), "of what was paid to nobody there is " + has + ", not " + most);
    }
  }

  /** Nobody gets what it may not ask for, and nobody gets twice what it has asked for once. */
  private void authority(SimulatedNode node, Set<Bytes> attempts) {
    Set<Bytes> executed = new HashSet<>();
    for (Entry entry : node.entries(EntryType.TRANSACTION)) {
      TransactionEntry logged = (TransactionEntry) entry.body();
      if (Misers.accepted(logged.outcome())) {
        if (attempts.contains(logged.statement())) {
          watch.violated(
              Promise.M,
              node.name(),
              "entry " + entry.index() + " is executed, and nobody may ask for it");
        }
        if (!executed.add(logged.statement())) {
          watch.violated(
              Promise.M,
              node.name(),
              "entry " + entry.index() + " is executed for the second time");
        }
      }
    }
  }

  /**
   * All that there is can be paid, and not one minor unit more. Of a node that has begun again
   * nobody knows which purse has it, since what it acknowledged behind the close is lost; that
   * there is no more than that in either is still so.
   */
  private void boundaries(Misers misers) {
    for (Misers.Payment payment : misers.payments()) {
      Customers.Sent sent = payment.sent();
      correct.stream()
          .filter(node -> node.name().equals(sent.home()) && sent.isAcknowledged())
          .filter(node -> !payment.isCovered() || node.machine().self().incarnation() == 0)
          .filter(node -> sent.index() < node.disk().log().size())
          .map(node -> node.entry(sent.index()).body())
          .filter(
              body ->
                  body instanceof TransactionEntry logged
                      && logged.statement().equals(sent.statement()))
          .map(body -> ((TransactionEntry) body).outcome())
          .filter(outcome -> Misers.wasExecuted(outcome))
          .filter(outcome -> Misers.accepted(outcome) != payment.isCovered())
          .forEach(
              outcome ->
                  watch.violated(
                      Promise.M,
                      sent.home(),
                      "entry "
                          + sent.index()
                          + " pays "
                          + (payment.isCovered()
                              ? "what there is, and is refused"
                              : "more than there is")));
    }
  }
}
