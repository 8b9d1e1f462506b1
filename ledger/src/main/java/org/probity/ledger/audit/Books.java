package org.probity.ledger.audit;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.probity.detector.codec.Uint128;
import org.probity.detector.state.StateView;
import org.probity.ledger.program.Account;
import org.probity.ledger.program.LedgerReader;
import org.probity.ledger.program.Settlement;
import org.probity.ledger.transaction.AssetId;

/**
 * Adds up the states of all nodes. Works at any cut: the nodes need not be quiet, nor their states
 * of the same instant.
 *
 * <p>For one asset, with sums over all nodes and {@code S(n,m)} the settlement account for {@code
 * m} in the state of {@code n}:
 *
 * <pre>
 * issued    = sum of issued - redeemed                          (issuance accounts)
 * available = credits posted - debits posted - debits pending   (of one customer's account)
 * C(n)      = sum of available over the accounts of n
 * N(n)      = sum over m of pending + settled - received        (settlement accounts)
 * </pre>
 *
 * On each node debits equal credits, so {@code issued(n) = C(n) + N(n)}; anything else is {@code
 * UNBALANCED}. For each ordered pair {@code a -> b}, let
 *
 * <pre>
 * credits(a,b) = S(a,b).(pending + settled + returned) - S(b,a).(received + refused)
 * returns(a,b) = S(b,a).refused - S(a,b).returned
 * </pre>
 *
 * The first is what {@code a} sent and {@code b} has not taken in, the second what {@code b} gave
 * back and {@code a} has not booked. Their sum is {@code a}'s part of {@code N(a)} less {@code b}'s
 * part of {@code N(b)}, and so
 *
 * <pre>
 * issued = sum of available + sum of (credits + returns)
 * </pre>
 *
 * With every term split by its sign, negative balances of accounts that may not owe being {@code
 * overdrawn}:
 *
 * <pre>
 * balances  = sum of available + overdrawn
 * in flight = sum of the positive credits and returns
 * loss      = overdrawn - sum of the negative credits and returns
 * issued    = balances + in flight - loss
 * </pre>
 *
 * <p>That is an identity for balanced books; the content is in {@code loss = 0}. A negative term
 * has one of two causes, and the credits' numbers tell which: either {@code b} has taken in numbers
 * that {@code a}'s state has not yet given out (or {@code a} answers that {@code b}'s state has not
 * yet given), which is {@code LAGGING}, or the numbers agree and the amounts do not, which is a
 * fault. So at a consistent cut {@code loss > 0} if and only if somebody broke the rules; at any
 * other cut the excess is exactly the money the lagging state has not yet moved.
 *
 * <p>All nodes must be given: what a missing one holds shows as in flight.
 */
public final class Books {
  private final SortedMap<AssetId, SortedMap<String, NodeSums>> byAsset = new TreeMap<>();

  private Books() {}

  /** Reads the application state of each node; linear in their size. */
  public static Books of(SortedMap<String, ? extends StateView> states) {
    Books books = new Books();
    states.forEach(
        (node, state) ->
            NodeBooks.read(new LedgerReader(state))
                .assets
                .forEach(
                    (asset, sums) ->
                        books
                            .byAsset
                            .computeIfAbsent(asset, absent -> new TreeMap<>())
                            .put(node, sums)));
    return books;
  }

  /** The sums of every asset that any node has moved. */
  public SortedMap<AssetId, Sums> all() {
    SortedMap<AssetId, Sums> all = new TreeMap<>();
    byAsset.keySet().forEach(asset -> all.put(asset, sums(asset)));
    return all;
  }

  /** The sums of one asset; all zero if nobody knows it. */
  public Sums sums(AssetId asset) {
    SortedMap<String, NodeSums> perNode = byAsset.getOrDefault(asset, Collections.emptySortedMap());
    Total total = new Total();
    perNode.forEach(total::addNode);
    SortedSet<String> participants = new TreeSet<>(perNode.keySet());
    perNode.values().forEach(one -> participants.addAll(one.settlements.keySet()));
    for (String sender : participants) {
      for (String receiver : participants) {
        if (!sender.equals(receiver)) {
          total.addChannel(perNode, sender, receiver);
        }
      }
    }
    return total.toSums(asset);
  }

  private static final class Total {
    private BigInteger issued = BigInteger.ZERO;
    private BigInteger available = BigInteger.ZERO;
    private BigInteger overdrawn = BigInteger.ZERO;
    private BigInteger inFlight = BigInteger.ZERO;
    private BigInteger unbacked = BigInteger.ZERO;
    private final List<BooksFinding> findings = new ArrayList<>();

    void addNode(String node, NodeSums sums) {
      issued = issued.add(sums.issued);
      available = available.add(sums.available);
      overdrawn = overdrawn.add(sums.overdrawn);
      sums.overdrafts.forEach(
          (account, amount) ->
              findings.add(new BooksFinding(BooksFinding.Kind.OVERDRAWN, node, account, amount)));
      BigInteger unbalanced = sums.available.add(sums.netSettlement()).subtract(sums.issued);
      if (unbalanced.signum() != 0) {
        findings.add(new BooksFinding(BooksFinding.Kind.UNBALANCED, node, "", unbalanced));
      }
    }

    void addChannel(SortedMap<String, NodeSums> perNode, String sender, String receiver) {
      Channel channel = Channel.of(perNode, sender, receiver);
      add(channel.credits(), BooksFinding.Kind.UNBACKED_CREDIT, receiver, sender);
      add(channel.returns(), BooksFinding.Kind.UNBACKED_RETURN, sender, receiver);
      findings.addAll(channel.findings());
    }

    private void add(BigInteger amount, BooksFinding.Kind ifNegative, String node, String other) {
      if (amount.signum() >= 0) {
        inFlight = inFlight.add(amount);
      } else {
        unbacked = unbacked.subtract(amount);
        findings.add(new BooksFinding(ifNegative, node, other, amount.negate()));
      }
    }

    Sums toSums(AssetId asset) {
      return new Sums(
          asset, issued, available.add(overdrawn), inFlight, overdrawn.add(unbacked), findings);
    }
  }

  /** Both ends of the channel from one node to another. */
  private record Channel(
      String sender, String receiver, Settlement there, Settlement here, BigInteger unconfirmed) {

    static Channel of(SortedMap<String, NodeSums> perNode, String sender, String receiver) {
      NodeSums from = perNode.getOrDefault(sender, NodeSums.NONE);
      NodeSums to = perNode.getOrDefault(receiver, NodeSums.NONE);
      return new Channel(
          sender,
          receiver,
          from.settlements.getOrDefault(receiver, Settlement.NONE),
          to.settlements.getOrDefault(sender, Settlement.NONE),
          from.unconfirmed.getOrDefault(receiver, BigInteger.ZERO));
    }

    BigInteger credits() {
      return big(there.pending())
          .add(big(there.settled()))
          .add(big(there.returned()))
          .subtract(big(here.received()))
          .subtract(big(here.refused()));
    }

    BigInteger returns() {
      return big(here.refused()).subtract(big(there.returned()));
    }

    List<BooksFinding> findings() {
      List<BooksFinding> findings = new ArrayList<>();
      long sent = there.nextOutgoing();
      long received = here.nextIncoming();
      long taken = there.nextTaken();
      if (received > sent) {
        findings.add(
            new BooksFinding(
                BooksFinding.Kind.LAGGING, sender, receiver, BigInteger.valueOf(received - sent)));
      }
      if (taken > received) {
        findings.add(
            new BooksFinding(
                BooksFinding.Kind.LAGGING, receiver, sender, BigInteger.valueOf(taken - received)));
      }
      BigInteger uncredited = big(there.settled()).subtract(big(here.received()));
      if (taken <= received && uncredited.signum() > 0) {
        findings.add(new BooksFinding(BooksFinding.Kind.UNCREDITED, sender, receiver, uncredited));
      }
      BigInteger mismatch = big(there.pending()).subtract(unconfirmed);
      if (mismatch.signum() != 0) {
        findings.add(
            new BooksFinding(BooksFinding.Kind.PENDING_MISMATCH, sender, receiver, mismatch));
      }
      return findings;
    }
  }

  /** One asset on one node. */
  private static final class NodeSums {
    static final NodeSums NONE = new NodeSums();

    private BigInteger issued = BigInteger.ZERO;
    private BigInteger available = BigInteger.ZERO;
    private BigInteger overdrawn = BigInteger.ZERO;
    private final SortedMap<String, BigInteger> overdrafts = new TreeMap<>();
    private final SortedMap<String, Settlement> settlements = new TreeMap<>();

    /** What the pending groups towards a node add up to. */
    private final SortedMap<String, BigInteger> unconfirmed = new TreeMap<>();

    BigInteger netSettlement() {
      BigInteger net = BigInteger.ZERO;
      for (Settlement settlement : settlements.values()) {
        net =
            net.add(big(settlement.pending()))
                .add(big(settlement.settled()))
                .subtract(big(settlement.received()));
      }
      return net;
    }
  }

  private static final class NodeBooks {
    private final SortedMap<AssetId, NodeSums> assets = new TreeMap<>();

    static NodeBooks read(LedgerReader state) {
      NodeBooks books = new NodeBooks();
      state.forEachAccount(named -> books.addAccount(named.id().toString(), named.account()));
      for (LedgerReader.NamedIssuance named : state.issuances()) {
        NodeSums sums = books.of(named.asset());
        sums.issued = big(named.issuance().issued()).subtract(big(named.issuance().redeemed()));
      }
      for (LedgerReader.NamedSettlement named : state.settlements()) {
        books.of(named.asset()).settlements.put(named.node(), named.settlement());
      }
      state.forEachPending(books::addPending);
      return books;
    }

    private void addAccount(String id, Account account) {
      NodeSums sums = of(account.asset());
      BigInteger available = account.availableMinor();
      sums.available = sums.available.add(available);
      if (available.signum() < 0 && account.debitsMustNotExceedCredits()) {
        sums.overdrawn = sums.overdrawn.subtract(available);
        sums.overdrafts.put(id, available.negate());
      }
    }

    private void addPending(LedgerReader.NamedPending pending) {
      BigInteger amount = BigInteger.ZERO;
      for (var remittance : pending.group().remittances()) {
        amount = amount.add(big(remittance.amountMinor().toUint128()));
      }
      SortedMap<String, BigInteger> unconfirmed = of(pending.asset()).unconfirmed;
      unconfirmed.put(
          pending.node(), unconfirmed.getOrDefault(pending.node(), BigInteger.ZERO).add(amount));
    }

    private NodeSums of(AssetId asset) {
      return assets.computeIfAbsent(asset, absent -> new NodeSums());
    }
  }

  private static BigInteger big(Uint128 value) {
    return value.toBigInteger();
  }
}
