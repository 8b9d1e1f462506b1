package org.probity.ledger.program;

import java.util.SortedSet;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.Uint128;
import org.probity.detector.program.Context;
import org.probity.ledger.transaction.AccountFlags;
import org.probity.ledger.transaction.AccountId;
import org.probity.ledger.transaction.AssetDefinition;
import org.probity.ledger.transaction.AssetId;
import org.probity.ledger.transaction.KeyPolicy;
import org.probity.ledger.transaction.Operation;
import org.probity.ledger.transaction.ResultCode;
import org.probity.ledger.transaction.SettlementMessage.Credit;

/**
 * What each operation needs and does. Every method first collects what is wrong, lowest number
 * first, and changes the working set only if nothing is.
 */
final class TransactionRules implements Operation.Handler<ResultCode> {
  private final WorkingSet state;
  private final Outbox outbox;
  private final Context context;
  private final SortedSet<Bytes> signers;
  private int operationIndex;

  TransactionRules(WorkingSet state, Outbox outbox, Context context, SortedSet<Bytes> signers) {
    this.state = state;
    this.outbox = outbox;
    this.context = context;
    this.signers = signers;
  }

  ResultCode apply(int index, Operation operation) {
    operationIndex = index;
    return operation.accept(this);
  }

  @Override
  public ResultCode defineAsset(Operation.DefineAsset operation) {
    AssetDefinition asset = operation.asset();
    if (state.asset(asset.id()) != null) {
      return ResultCode.ASSET_EXISTS;
    }
    // The issuer's keys are whatever the definition says: without the operator anybody could fill
    // the state with assets of their own.
    if (!signedByOperator() || !asset.issuer().satisfiedBy(signers)) {
      return ResultCode.UNAUTHORISED;
    }
    state.putAsset(asset);
    return ResultCode.OK;
  }

  @Override
  public ResultCode openAccount(Operation.OpenAccount operation) {
    if (!AccountFlags.valid(operation.flags())) {
      return ResultCode.INVALID_FLAGS;
    }
    if (state.asset(operation.asset()) == null) {
      return ResultCode.ASSET_NOT_FOUND;
    }
    if (state.account(operation.account()) != null) {
      return ResultCode.ACCOUNT_EXISTS;
    }
    if (!signedByOperator()) {
      return ResultCode.UNAUTHORISED;
    }
    state.putAccount(
        operation.account(), Account.open(operation.asset(), operation.owner(), operation.flags()));
    return ResultCode.OK;
  }

  @Override
  public ResultCode closeAccount(Operation.CloseAccount operation) {
    Account account = state.account(operation.account());
    if (account == null) {
      return ResultCode.ACCOUNT_NOT_FOUND;
    }
    if (!account.owner().satisfiedBy(signers) && !signedByOperator()) {
      return ResultCode.UNAUTHORISED;
    }
    ResultCode usable = usable(account);
    if (usable != ResultCode.OK) {
      return usable;
    }
    // A return must always find its account open, so nothing may be on its way.
    if (!account.debitsPending().isZero() || !account.creditsPending().isZero()) {
      return ResultCode.TRANSFERS_PENDING;
    }
    if (!account.debitsPosted().equals(account.creditsPosted())) {
      return ResultCode.BALANCE_NOT_ZERO;
    }
    state.putAccount(operation.account(), account.withStatus(Account.Status.CLOSED));
    return ResultCode.OK;
  }

  @Override
  public ResultCode freezeAccount(Operation.FreezeAccount operation) {
    Account account = state.account(operation.account());
    if (account == null) {
      return ResultCode.ACCOUNT_NOT_FOUND;
    }
    if (!mayFreeze(account)) {
      return ResultCode.UNAUTHORISED;
    }
    ResultCode usable = usable(account);
    if (usable != ResultCode.OK) {
      return usable;
    }
    state.putAccount(operation.account(), account.withStatus(Account.Status.FROZEN));
    return ResultCode.OK;
  }

  @Override
  public ResultCode unfreezeAccount(Operation.UnfreezeAccount operation) {
    Account account = state.account(operation.account());
    if (account == null) {
      return ResultCode.ACCOUNT_NOT_FOUND;
    }
    if (!mayFreeze(account)) {
      return ResultCode.UNAUTHORISED;
    }
    return switch (account.status()) {
      case CLOSED -> ResultCode.ACCOUNT_CLOSED;
      case OPEN -> ResultCode.ACCOUNT_NOT_FROZEN;
      case FROZEN -> {
        state.putAccount(operation.account(), account.withStatus(Account.Status.OPEN));
        yield ResultCode.OK;
      }
    };
  }

  @Override
  public ResultCode issue(Operation.Issue operation) {
    Uint128 amount = operation.amountMinor().toUint128();
    if (amount.isZero()) {
      return ResultCode.AMOUNT_ZERO;
    }
    AssetDefinition asset = state.asset(operation.asset());
    if (asset == null) {
      return ResultCode.ASSET_NOT_FOUND;
    }
    if (!asset.issuer().satisfiedBy(signers)) {
      return ResultCode.UNAUTHORISED;
    }
    Account payee = state.account(operation.payee());
    ResultCode credit = creditFault(payee, operation.asset(), amount);
    if (payee == null || credit != ResultCode.OK) {
      return credit;
    }
    Issuance issuance = state.issuance(operation.asset());
    if (issuance.issued().addOverflows(amount)) {
      return ResultCode.OVERFLOW;
    }
    state.putIssuance(operation.asset(), issuance.issue(amount));
    state.putAccount(operation.payee(), payee.credit(amount));
    return ResultCode.OK;
  }

  @Override
  public ResultCode redeem(Operation.Redeem operation) {
    Uint128 amount = operation.amountMinor().toUint128();
    if (amount.isZero()) {
      return ResultCode.AMOUNT_ZERO;
    }
    Account payer = state.account(operation.payer());
    ResultCode debit = debitFault(payer, amount);
    if (payer == null || debit != ResultCode.OK) {
      return debit;
    }
    Issuance issuance = state.issuance(payer.asset());
    if (issuance.redeemed().addOverflows(amount)) {
      return ResultCode.OVERFLOW;
    }
    state.putIssuance(payer.asset(), issuance.redeem(amount));
    state.putAccount(operation.payer(), payer.debit(amount));
    return ResultCode.OK;
  }

  @Override
  public ResultCode transfer(Operation.Transfer operation) {
    Uint128 amount = operation.amountMinor().toUint128();
    if (amount.isZero()) {
      return ResultCode.AMOUNT_ZERO;
    }
    if (operation.payer().equals(operation.payee())) {
      return ResultCode.SAME_ACCOUNT;
    }
    Account payer = state.account(operation.payer());
    if (payer == null) {
      return ResultCode.ACCOUNT_NOT_FOUND;
    }
    Account payee = state.account(operation.payee());
    ResultCode fault = lowest(debitFault(payer, amount), creditFault(payee, payer.asset(), amount));
    if (payee == null || fault != ResultCode.OK) {
      return fault;
    }
    state.putAccount(operation.payer(), payer.debit(amount));
    state.putAccount(operation.payee(), payee.credit(amount));
    return ResultCode.OK;
  }

  @Override
  public ResultCode remit(Operation.Remit operation) {
    Uint128 amount = operation.amountMinor().toUint128();
    String node = operation.node();
    if (amount.isZero()) {
      return ResultCode.AMOUNT_ZERO;
    }
    if (!context.isPeer(node)) {
      return ResultCode.UNKNOWN_PEER;
    }
    Account payer = state.account(operation.payer());
    ResultCode debit = debitFault(payer, amount);
    if (payer == null || debit != ResultCode.OK) {
      return debit;
    }
    AssetId asset = payer.asset();
    Settlement settlement = state.settlement(asset, node);
    if (!settlement.canSend(amount)) {
      return ResultCode.OVERFLOW;
    }
    outbox.add(
        node,
        asset,
        settlement.nextOutgoing(),
        operationIndex,
        new Credit(
            operation.payer(), operation.payee(), operation.amountMinor(), operation.references()));
    state.putSettlement(asset, node, settlement.send(amount));
    state.putAccount(operation.payer(), payer.reserveDebit(amount));
    return ResultCode.OK;
  }

  /** What keeps the signers from taking {@code amount} out of an account. */
  private ResultCode debitFault(@Nullable Account payer, Uint128 amount) {
    if (payer == null) {
      return ResultCode.ACCOUNT_NOT_FOUND;
    }
    if (!payer.owner().satisfiedBy(signers)) {
      return ResultCode.UNAUTHORISED;
    }
    ResultCode usable = usable(payer);
    if (usable != ResultCode.OK) {
      return usable;
    }
    if (!payer.allowsDebit(amount)) {
      return ResultCode.INSUFFICIENT_FUNDS;
    }
    return payer.canCountDebit(amount) ? ResultCode.OK : ResultCode.OVERFLOW;
  }

  /** What keeps an account from taking in {@code amount} of an asset. */
  static ResultCode creditFault(@Nullable Account payee, AssetId asset, Uint128 amount) {
    if (payee == null) {
      return ResultCode.PAYEE_NOT_FOUND;
    }
    if (payee.status() != Account.Status.OPEN) {
      return payee.status() == Account.Status.CLOSED
          ? ResultCode.PAYEE_CLOSED
          : ResultCode.PAYEE_FROZEN;
    }
    if (!payee.asset().equals(asset)) {
      return ResultCode.ASSET_MISMATCH;
    }
    if (!payee.allowsCredit(amount)) {
      return ResultCode.CREDITS_EXCEED_DEBITS;
    }
    return payee.canCountCredit(amount) ? ResultCode.OK : ResultCode.OVERFLOW;
  }

  private static ResultCode usable(Account account) {
    return switch (account.status()) {
      case OPEN -> ResultCode.OK;
      case FROZEN -> ResultCode.ACCOUNT_FROZEN;
      case CLOSED -> ResultCode.ACCOUNT_CLOSED;
    };
  }

  /** The one that takes precedence; OK only if both are. */
  private static ResultCode lowest(ResultCode left, ResultCode right) {
    if (left == ResultCode.OK) {
      return right;
    }
    return right == ResultCode.OK || left.number() < right.number() ? left : right;
  }

  private boolean signedByOperator() {
    KeyPolicy operator = state.operator();
    return operator != null && operator.satisfiedBy(signers);
  }

  private boolean mayFreeze(Account account) {
    if (signedByOperator()) {
      return true;
    }
    AssetDefinition asset = state.asset(account.asset());
    return asset != null && asset.freezableByIssuer() && asset.issuer().satisfiedBy(signers);
  }

  /** Whether the signers may act for an account. */
  boolean mayActFor(AccountId id) {
    Account account = state.account(id);
    return account != null && account.owner().satisfiedBy(signers);
  }
}
