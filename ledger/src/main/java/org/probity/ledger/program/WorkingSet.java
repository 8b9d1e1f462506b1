package org.probity.ledger.program;

import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.state.StateView;
import org.probity.ledger.transaction.AccountId;
import org.probity.ledger.transaction.AssetDefinition;
import org.probity.ledger.transaction.AssetId;
import org.probity.ledger.transaction.KeyPolicy;

/**
 * What one call of the program reads and changes. Nothing reaches the state before {@link #flush},
 * so a call that fails half-way just drops this.
 */
final class WorkingSet {
  private final Table<Account> accounts;
  private final Table<Issuance> issuances;
  private final Table<Settlement> settlements;
  private final Table<PendingGroup> pending;
  private final Table<AssetDefinition> assets;
  private final Table<KeyPolicy> operator;

  WorkingSet(StateView view) {
    accounts = new Table<>(view, Account::decode, Account::encode);
    issuances = new Table<>(view, Issuance::decode, Issuance::encode);
    settlements = new Table<>(view, Settlement::decode, Settlement::encode);
    pending = new Table<>(view, PendingGroup::decode, PendingGroup::encode);
    assets = new Table<>(view, AssetDefinition::decode, AssetDefinition::encode);
    operator = new Table<>(view, WorkingSet::decodePolicy, WorkingSet::encodePolicy);
  }

  @Nullable Account account(AccountId id) {
    return accounts.get(StateKeys.account(id));
  }

  /** An account that must be there because a pending record names it. */
  Account knownAccount(AccountId id) {
    Account account = account(id);
    if (account == null) {
      throw new CorruptState("account " + id + " has pending remittances and is gone");
    }
    return account;
  }

  void putAccount(AccountId id, Account account) {
    accounts.put(StateKeys.account(id), account);
  }

  Issuance issuance(AssetId asset) {
    return issuances.getOr(StateKeys.issuance(asset), Issuance.NONE);
  }

  void putIssuance(AssetId asset, Issuance issuance) {
    issuances.put(StateKeys.issuance(asset), issuance);
  }

  Settlement settlement(AssetId asset, String node) {
    return settlements.getOr(StateKeys.settlement(asset, node), Settlement.NONE);
  }

  void putSettlement(AssetId asset, String node, Settlement settlement) {
    settlements.put(StateKeys.settlement(asset, node), settlement);
  }

  @Nullable PendingGroup pending(AssetId asset, String node, long first) {
    return pending.get(StateKeys.pending(asset, node, first));
  }

  void putPending(AssetId asset, String node, long first, PendingGroup group) {
    pending.put(StateKeys.pending(asset, node, first), group);
  }

  void removePending(AssetId asset, String node, long first) {
    pending.remove(StateKeys.pending(asset, node, first));
  }

  @Nullable AssetDefinition asset(AssetId id) {
    return assets.get(StateKeys.asset(id));
  }

  void putAsset(AssetDefinition asset) {
    assets.put(StateKeys.asset(asset.id()), asset);
  }

  @Nullable KeyPolicy operator() {
    return operator.get(StateKeys.OPERATOR);
  }

  void putOperator(KeyPolicy policy) {
    operator.put(StateKeys.OPERATOR, policy);
  }

  void flush() {
    assets.flush();
    accounts.flush();
    issuances.flush();
    settlements.flush();
    pending.flush();
    operator.flush();
  }

  static KeyPolicy decodePolicy(Bytes encoded) throws DecodeException {
    CborReader in = new CborReader(encoded);
    KeyPolicy policy = KeyPolicy.read(in);
    in.end();
    return policy;
  }

  private static Bytes encodePolicy(KeyPolicy policy) {
    CborWriter out = new CborWriter();
    policy.write(out);
    return out.toBytes();
  }
}
