package org.probity.simulation.fault;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.state.KeyValue;
import org.probity.detector.state.StateView;
import org.probity.ledger.program.Account;
import org.probity.ledger.program.LedgerReader;

/** A state in which accounts look different to who reads, or end up different from what is put. */
abstract class AlteredAccounts implements StateView {
  private final StateView truth;

  AlteredAccounts(StateView truth) {
    this.truth = truth;
  }

  /** The account as the rules are shown it. */
  Account shown(Bytes key, Account account) {
    return account;
  }

  /** The account as it is kept when the rules write {@code account}. */
  Account written(Bytes key, Account account) {
    return account;
  }

  /** The account as it is kept now, if the key is an account's. */
  final Optional<Account> stored(Bytes key) {
    return account(key, truth.get(key));
  }

  private static Optional<Account> account(Bytes key, @Nullable Bytes value) {
    return value != null && LedgerReader.accountOf(key).isPresent()
        ? Optional.of(LedgerReader.account(value))
        : Optional.empty();
  }

  @Override
  public final @Nullable Bytes get(Bytes key) {
    Bytes value = truth.get(key);
    Optional<Account> account = account(key, value);
    return account.isPresent() ? shown(key, account.get()).encode() : value;
  }

  @Override
  public final void put(Bytes key, Bytes value) {
    truth.put(
        key, account(key, value).map(account -> written(key, account).encode()).orElse(value));
  }

  @Override
  public final void remove(Bytes key) {
    truth.remove(key);
  }

  @Override
  public final void removeRange(Bytes from, @Nullable Bytes to) {
    truth.removeRange(from, to);
  }

  @Override
  public final List<KeyValue> scan(Bytes from, @Nullable Bytes to, int limit) {
    return truth.scan(from, to, limit);
  }
}
