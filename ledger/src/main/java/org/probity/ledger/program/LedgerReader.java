package org.probity.ledger.program;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.state.KeyValue;
import org.probity.detector.state.StateView;
import org.probity.ledger.transaction.AccountId;
import org.probity.ledger.transaction.AssetDefinition;
import org.probity.ledger.transaction.AssetId;
import org.probity.ledger.transaction.KeyPolicy;

/**
 * The ledger's state, typed, for whoever only reads: queries, sums, explanations. Lists are in key
 * order; throws IllegalStateException on a state these rules do not lead to.
 */
public final class LedgerReader {
  /** One account and its id. */
  public record NamedAccount(AccountId id, Account account) {}

  /** The issuance account of one asset. */
  public record NamedIssuance(AssetId asset, Issuance issuance) {}

  /** The settlement account for one asset and one other node. */
  public record NamedSettlement(AssetId asset, String node, Settlement settlement) {}

  /** Credits sent to {@code node} that it has not answered, numbered {@code first} and up. */
  public record NamedPending(AssetId asset, String node, long first, PendingGroup group) {}

  private final StateView view;

  /** Over the application's part of a state. */
  public LedgerReader(StateView view) {
    this.view = view;
  }

  public Optional<Account> account(AccountId id) {
    return read(StateKeys.account(id), Account::decode);
  }

  public Optional<AssetDefinition> asset(AssetId id) {
    return read(StateKeys.asset(id), AssetDefinition::decode);
  }

  public Issuance issuance(AssetId asset) {
    return read(StateKeys.issuance(asset), Issuance::decode).orElse(Issuance.NONE);
  }

  public Settlement settlement(AssetId asset, String node) {
    return read(StateKeys.settlement(asset, node), Settlement::decode).orElse(Settlement.NONE);
  }

  /** Empty once the other node has answered, or if nothing with this number was sent. */
  public Optional<PendingGroup> pending(AssetId asset, String node, long first) {
    return read(StateKeys.pending(asset, node, first), PendingGroup::decode);
  }

  /** Who opens accounts on this node. */
  public Optional<KeyPolicy> operator() {
    return read(StateKeys.OPERATOR, WorkingSet::decodePolicy);
  }

  /** How many messages of a node were ignored. */
  public long nonsense(String node) {
    Bytes encoded = view.get(StateKeys.nonsense(node));
    return encoded == null ? 0 : LedgerProgram.nonsenseCount(encoded);
  }

  /** The key of an account's record, relative to the application's part of the state. */
  public static Bytes accountKey(AccountId id) {
    return StateKeys.account(id);
  }

  /** The key of a settlement account's record, relative to the application's part of the state. */
  public static Bytes settlementKey(AssetId asset, String node) {
    return StateKeys.settlement(asset, node);
  }

  /**
   * Whether a row holds something that is wrong if what made it is: accounts do, and what is
   * pending between nodes. The others are counters, totals and definitions, which every payment
   * reads.
   */
  public static boolean carriesValue(Bytes key) {
    return key.at(0) == StateKeys.ACCOUNT || key.at(0) == StateKeys.PENDING;
  }

  /** Whose account a row is; nothing for other rows. */
  public static Optional<AccountId> accountOf(Bytes key) {
    return key.at(0) == StateKeys.ACCOUNT
        ? Optional.of(StateKeys.accountOf(key))
        : Optional.empty();
  }

  /** An account's row; throws IllegalStateException if it is none. */
  public static Account account(Bytes row) {
    try {
      return Account.decode(row);
    } catch (DecodeException e) {
      throw new IllegalStateException("no account: " + e.getMessage(), e);
    }
  }

  /**
   * At most {@code limit} accounts that follow {@code after}; null starts at the first. Their order
   * is that of their keys, which is no order for people.
   */
  public List<NamedAccount> accounts(@Nullable AccountId after, int limit) {
    List<NamedAccount> page = new ArrayList<>();
    Bytes from =
        after == null ? StateKeys.table(StateKeys.ACCOUNT) : successor(StateKeys.account(after));
    for (KeyValue binding : view.scan(from, StateKeys.tableEnd(StateKeys.ACCOUNT), limit)) {
      page.add(named(binding));
    }
    return page;
  }

  public void forEachAccount(Consumer<NamedAccount> consumer) {
    forEach(StateKeys.ACCOUNT, binding -> consumer.accept(named(binding)));
  }

  public List<AssetDefinition> assets() {
    List<AssetDefinition> all = new ArrayList<>();
    forEach(StateKeys.ASSET, binding -> all.add(decode(binding, AssetDefinition::decode)));
    return all;
  }

  public List<NamedIssuance> issuances() {
    List<NamedIssuance> all = new ArrayList<>();
    forEach(
        StateKeys.ISSUANCE,
        binding ->
            all.add(
                new NamedIssuance(
                    StateKeys.assetOf(binding.key()), decode(binding, Issuance::decode))));
    return all;
  }

  public List<NamedSettlement> settlements() {
    List<NamedSettlement> all = new ArrayList<>();
    forEach(
        StateKeys.SETTLEMENT,
        binding ->
            all.add(
                new NamedSettlement(
                    StateKeys.assetOf(binding.key()),
                    StateKeys.nodeOfSettlement(binding.key()),
                    decode(binding, Settlement::decode))));
    return all;
  }

  public void forEachPending(Consumer<NamedPending> consumer) {
    forEach(
        StateKeys.PENDING,
        binding ->
            consumer.accept(
                new NamedPending(
                    StateKeys.assetOf(binding.key()),
                    StateKeys.nodeOfPending(binding.key()),
                    StateKeys.firstOfPending(binding.key()),
                    decode(binding, PendingGroup::decode))));
  }

  private static NamedAccount named(KeyValue binding) {
    return new NamedAccount(StateKeys.accountOf(binding.key()), decode(binding, Account::decode));
  }

  private void forEach(byte table, Consumer<KeyValue> consumer) {
    Bytes from = StateKeys.table(table);
    Bytes end = StateKeys.tableEnd(table);
    List<KeyValue> page = view.scan(from, end, StateView.MAX_SCAN_LIMIT);
    while (!page.isEmpty()) {
      page.forEach(consumer);
      from = successor(page.get(page.size() - 1).key());
      page = view.scan(from, end, StateView.MAX_SCAN_LIMIT);
    }
  }

  /** The smallest key above {@code key}. */
  private static Bytes successor(Bytes key) {
    byte[] next = new byte[key.size() + 1];
    System.arraycopy(key.unsafeArray(), 0, next, 0, key.size());
    return Bytes.wrap(next);
  }

  private <V> Optional<V> read(Bytes key, Table.Decoder<V> decoder) {
    try {
      return Optional.ofNullable(Table.read(view, key, decoder));
    } catch (CorruptState e) {
      throw new IllegalStateException(e.getMessage(), e);
    }
  }

  private static <V> V decode(KeyValue binding, Table.Decoder<V> decoder) {
    try {
      return Table.decode(binding.key(), binding.value(), decoder);
    } catch (CorruptState e) {
      throw new IllegalStateException(e.getMessage(), e);
    }
  }
}
