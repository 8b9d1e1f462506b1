package org.probity.simulation.oracle;

import java.math.BigInteger;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.probity.detector.codec.Bytes;
import org.probity.detector.commitment.Machine;
import org.probity.detector.node.Published;
import org.probity.ledger.program.LedgerReader;
import org.probity.ledger.program.Settlement;
import org.probity.ledger.transaction.AccountId;
import org.probity.ledger.transaction.AssetDefinition;
import org.probity.ledger.transaction.AssetId;
import org.probity.simulation.node.Customers;
import org.probity.simulation.node.Host;
import org.probity.simulation.node.SimulatedNode;
import org.probity.simulation.node.World;
import org.probity.simulation.oracle.Violation.Promise;

/**
 * M at any instant and per asset, whoever else cheats: the books of each correct node are what its
 * durable log makes them, counted by {@link Recount}, and between two of them there is on the way
 * what one has sent and the other has not got.
 *
 * <pre>{@code
 * of a node:       issued - redeemed = sum over accounts + sum over other nodes of
 *                                      (sent - given back - received)
 * between two:     on the way there  = sent here - received there - refused there   >= 0
 *                  on the way back   = refused there - given back here              >= 0
 *                  settled here     <= received there
 * }</pre>
 *
 * <p>Nothing leaves before it is durable, so what is durable at one instant is a consistent cut.
 * What the faulty have got is what is left of the sum: nobody knows what they did with it. Nodes
 * that do not run have what their disks have, which may not be all, and are counted with those.
 */
public final class Reckoning {
  private final World world;
  private final Watch watch;
  private final Set<AssetId> founding = new TreeSet<>();
  private final Map<String, Recount> counts = new TreeMap<>();

  private final Set<Bytes> attempts;

  /** At this instant. */
  public Reckoning(World world, Watch watch, Customers customers) {
    this.world = world;
    this.watch = watch;
    this.attempts = customers.intruders().attempts();
    for (AssetDefinition asset : world.founding().assets()) {
      founding.add(asset.id());
    }
  }

  /**
   * Judges it.
   *
   * @param isAtRest whether nothing is on the way any more
   */
  public void judge(boolean isAtRest) {
    for (Host host : world.hosts()) {
      SimulatedNode node = host.process();
      if (node.isUp() && !watch.isFaulty(host.name())) {
        node.core().published().ifPresent(end -> count(node, end));
      }
    }
    counts.forEach(
        (one, here) -> here.assets().forEach(asset -> between(one, here, asset, isAtRest)));
  }

  private void count(SimulatedNode node, Published end) {
    Recount count = Recount.of(node.name(), node.disk().log(), end.size(), founding, attempts);
    counts.put(node.name(), count);
    count.findings().forEach(finding -> watch.violated(Promise.M, node.name(), finding));
    LedgerReader books = new LedgerReader(Machine.application(end.state()));
    Map<AccountId, BigInteger> available = new HashMap<>();
    books.forEachAccount(named -> available.put(named.id(), named.account().availableMinor()));
    equal(node, "on its accounts", available, count.available());
    for (AssetId asset : count.assets()) {
      equal(node, "issued", books.issuance(asset).issued().toBigInteger(), count.issued(asset));
      equal(
          node, "redeemed", books.issuance(asset).redeemed().toBigInteger(), count.redeemed(asset));
      BigInteger net = BigInteger.ZERO;
      for (String peer : count.peers(asset)) {
        Recount.Passed passed = count.passed(asset, peer);
        Settlement settlement = books.settlement(asset, peer);
        equal(node, "pending for " + peer, settlement.pending().toBigInteger(), passed.pending());
        equal(node, "settled with " + peer, settlement.settled().toBigInteger(), passed.settled());
        equal(
            node, "received from " + peer, settlement.received().toBigInteger(), passed.received());
        net = net.add(passed.net());
      }
      equal(
          node,
          "issued and not redeemed",
          count.issued(asset).subtract(count.redeemed(asset)),
          count.available(asset).add(net));
    }
  }

  private <T> void equal(SimulatedNode node, String what, T books, T counted) {
    if (!books.equals(counted)) {
      watch.violated(
          Promise.M, node.name(), what + " there is " + different(books, counted) + " by its log");
    }
  }

  /** Of two maps what is not the same in both. */
  private static String different(Object books, Object counted) {
    if (books instanceof Map<?, ?> one && counted instanceof Map<?, ?> other) {
      Optional<?> key =
          one.keySet().stream()
              .filter(it -> !Objects.equals(one.get(it), other.get(it)))
              .map(Object::toString)
              .sorted()
              .findFirst();
      return one.size() + " (" + key.map(Object::toString).orElse("") + "), and another sum";
    }
    return books + ", and " + counted;
  }

  /** Of one of them and all that it has to do with. */
  private void between(String one, Recount here, AssetId asset, boolean isAtRest) {
    for (String other : here.peers(asset)) {
      Recount there = counts.get(other);
      // Members may have taken one of them out: what it got by then is settled by them.
      if (there != null && !here.stopped().contains(other) && !there.stopped().contains(one)) {
        boolean isKnownThere = there.peers(asset).contains(one);
        onTheWay(one, here.passed(asset, other), other, there.passed(asset, one), isAtRest);
        if (!isKnownThere) {
          // It says that it has never had to do with it.
          onTheWay(other, there.passed(asset, one), one, here.passed(asset, other), isAtRest);
        }
      }
    }
  }

  private void onTheWay(
      String from, Recount.Passed sent, String to, Recount.Passed got, boolean isAtRest) {
    onTheWay(from, to, sent.sent().subtract(got.received()).subtract(got.refused()), isAtRest);
    onTheWay(to, from, got.refused().subtract(sent.returned()), isAtRest);
    onTheWay(to, from, got.received().subtract(sent.settled()), isAtRest);
  }

  private void onTheWay(String from, String to, BigInteger amount, boolean isAtRest) {
    if (amount.signum() < 0 || (isAtRest && amount.signum() != 0)) {
      watch.violated(Promise.M, to, "of what " + from + " owes it " + amount + " are on the way");
    }
  }
}
