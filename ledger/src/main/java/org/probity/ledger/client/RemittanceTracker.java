package org.probity.ledger.client;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.probity.ledger.transaction.AssetId;
import org.probity.ledger.transaction.Outcome;
import org.probity.ledger.transaction.ResultCode;
import org.probity.ledger.transaction.SettlementMessage.ResultGroup;
import org.probity.ledger.transaction.SettlementMessage.Results;

/**
 * Follows accepted transactions until every credit they sent is settled or returned, for whoever
 * reads the log of the payer's node: outcomes and received answers, in the order of the log.
 *
 * <p>Bounded; not thread-safe.
 *
 * @param <T> what the caller calls a transaction
 */
public final class RemittanceTracker<T> {
  /**
   * A transaction all of whose remittances have ended.
   *
   * @param codes by operation: {@link ResultCode#OK} is settled, all else returned, and why
   */
  public record Concluded<T>(T transaction, SortedMap<Integer, ResultCode> codes) {
    public boolean settled() {
      return codes.values().stream().allMatch(code -> code == ResultCode.OK);
    }
  }

  private record GroupId(String node, AssetId asset, long first) {}

  private record Open<T>(T transaction, SortedMap<Integer, ResultCode> codes, int expected) {}

  private record Following<T>(Open<T> open, List<Integer> operations) {}

  private final int maxGroups;
  private final Map<GroupId, Following<T>> groups = new LinkedHashMap<>();

  /** At most {@code maxGroups} groups of credits are followed at a time. */
  public RemittanceTracker(int maxGroups) {
    this.maxGroups = maxGroups;
  }

  /**
   * Starts to follow a transaction. Returns false, and does not, if there is no room for it. One
   * that sent nothing has ended already and is not followed either.
   */
  public boolean follow(T transaction, Outcome.Accepted outcome) {
    if (outcome.remitted().isEmpty() || groups.size() + outcome.remitted().size() > maxGroups) {
      return false;
    }
    int expected = outcome.remitted().stream().mapToInt(group -> group.operations().size()).sum();
    Open<T> open = new Open<>(transaction, new TreeMap<>(), expected);
    for (Outcome.Remitted group : outcome.remitted()) {
      groups.put(
          new GroupId(group.node(), group.asset(), group.first()),
          new Following<>(open, group.operations()));
    }
    return true;
  }

  /** Takes the answer of a node; returns the transactions that have ended by it. */
  public List<Concluded<T>> answered(String from, Results results) {
    List<Concluded<T>> concluded = new ArrayList<>();
    for (ResultGroup group : results.groups()) {
      GroupId id = new GroupId(from, group.asset(), group.first());
      Following<T> following = groups.get(id);
      // An answer of another length is one that the ledger ignores.
      if (following == null || following.operations.size() != group.codes().size()) {
        continue;
      }
      groups.remove(id);
      Open<T> open = following.open;
      for (int i = 0; i < group.codes().size(); i++) {
        open.codes.put(following.operations.get(i), group.codes().get(i));
      }
      if (open.codes.size() == open.expected) {
        concluded.add(new Concluded<>(open.transaction, open.codes));
      }
    }
    return concluded;
  }

  /** How many groups are being followed. */
  public int open() {
    return groups.size();
  }
}
