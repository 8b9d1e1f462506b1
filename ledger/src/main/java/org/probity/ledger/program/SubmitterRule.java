package org.probity.ledger.program;

import java.util.SortedSet;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.ledger.transaction.AccountId;
import org.probity.ledger.transaction.AssetDefinition;
import org.probity.ledger.transaction.AssetId;
import org.probity.ledger.transaction.KeyPolicy;
import org.probity.ledger.transaction.Operation;
import org.probity.ledger.transaction.TransactionBody;

/**
 * Whether a key may submit a transaction. It need not satisfy any policy, which the operations see
 * to; but one that no policy names which the transaction touches is a stranger's, and what
 * strangers make up costs the log nothing.
 *
 * <p>Looks at the operator's policy and then at no more than what the operations look at, up to the
 * first that names the key; the footprint of a transaction covers both.
 */
final class SubmitterRule implements Operation.Handler<Boolean> {
  private final WorkingSet state;
  private final Bytes key;

  private SubmitterRule(WorkingSet state, Bytes key) {
    this.state = state;
    this.key = key;
  }

  /** Whether {@code key} is the node operator's, or the operator signed as well. */
  static boolean isVouchedFor(Bytes key, SortedSet<Bytes> signers, WorkingSet state) {
    KeyPolicy operator = state.operator();
    return operator != null && (operator.names(key) || operator.satisfiedBy(signers));
  }

  /** Whether a policy names {@code key} that the operations touch. */
  static boolean hasASay(Bytes key, TransactionBody body, WorkingSet state) {
    SubmitterRule rule = new SubmitterRule(state, key);
    return body.operations().stream().anyMatch(operation -> operation.accept(rule));
  }

  @Override
  public Boolean defineAsset(Operation.DefineAsset operation) {
    // An issuer of an asset that is not known yet is whoever the transaction says it is.
    return isIssuer(operation.asset().id());
  }

  @Override
  public Boolean openAccount(Operation.OpenAccount operation) {
    return isIssuer(operation.asset());
  }

  @Override
  public Boolean closeAccount(Operation.CloseAccount operation) {
    return isOwner(operation.account());
  }

  @Override
  public Boolean freezeAccount(Operation.FreezeAccount operation) {
    return isOwnerOrIssuer(operation.account());
  }

  @Override
  public Boolean unfreezeAccount(Operation.UnfreezeAccount operation) {
    return isOwnerOrIssuer(operation.account());
  }

  @Override
  public Boolean issue(Operation.Issue operation) {
    return isIssuer(operation.asset()) || isOwner(operation.payee());
  }

  @Override
  public Boolean redeem(Operation.Redeem operation) {
    return isOwner(operation.payer());
  }

  @Override
  public Boolean transfer(Operation.Transfer operation) {
    return isOwner(operation.payer()) || isOwner(operation.payee());
  }

  @Override
  public Boolean remit(Operation.Remit operation) {
    return isOwner(operation.payer());
  }

  private boolean isOwner(AccountId id) {
    return isOwner(state.account(id));
  }

  private boolean isOwner(@Nullable Account account) {
    return account != null && account.owner().names(key);
  }

  private boolean isIssuer(AssetId id) {
    AssetDefinition asset = state.asset(id);
    return asset != null && asset.issuer().names(key);
  }

  private boolean isOwnerOrIssuer(AccountId id) {
    Account account = state.account(id);
    return account != null && (isOwner(account) || isIssuer(account.asset()));
  }
}
