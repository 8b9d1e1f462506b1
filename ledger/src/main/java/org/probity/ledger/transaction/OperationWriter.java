package org.probity.ledger.transaction;

import org.probity.detector.codec.CborWriter;

/** Encodes one operation. */
final class OperationWriter implements Operation.Handler<CborWriter> {
  private final CborWriter out;

  OperationWriter(CborWriter out) {
    this.out = out;
  }

  @Override
  public CborWriter defineAsset(Operation.DefineAsset operation) {
    out.array(5).uint(Operation.DefineAsset.KIND);
    operation.asset().writeFields(out);
    return out;
  }

  @Override
  public CborWriter openAccount(Operation.OpenAccount operation) {
    out.array(5)
        .uint(Operation.OpenAccount.KIND)
        .bytes(operation.account().value())
        .bytes(operation.asset().value());
    operation.owner().write(out);
    return out.uint(operation.flags());
  }

  @Override
  public CborWriter closeAccount(Operation.CloseAccount operation) {
    return account(Operation.CloseAccount.KIND, operation.account());
  }

  @Override
  public CborWriter freezeAccount(Operation.FreezeAccount operation) {
    return account(Operation.FreezeAccount.KIND, operation.account());
  }

  @Override
  public CborWriter unfreezeAccount(Operation.UnfreezeAccount operation) {
    return account(Operation.UnfreezeAccount.KIND, operation.account());
  }

  private CborWriter account(int kind, AccountId account) {
    return out.array(2).uint(kind).bytes(account.value());
  }

  @Override
  public CborWriter issue(Operation.Issue operation) {
    out.array(5)
        .uint(Operation.Issue.KIND)
        .bytes(operation.asset().value())
        .bytes(operation.payee().value());
    return amount(operation.amountMinor(), operation.references());
  }

  @Override
  public CborWriter redeem(Operation.Redeem operation) {
    out.array(4).uint(Operation.Redeem.KIND).bytes(operation.payer().value());
    return amount(operation.amountMinor(), operation.references());
  }

  @Override
  public CborWriter transfer(Operation.Transfer operation) {
    out.array(5)
        .uint(Operation.Transfer.KIND)
        .bytes(operation.payer().value())
        .bytes(operation.payee().value());
    return amount(operation.amountMinor(), operation.references());
  }

  @Override
  public CborWriter remit(Operation.Remit operation) {
    out.array(6)
        .uint(Operation.Remit.KIND)
        .bytes(operation.payer().value())
        .text(operation.node())
        .bytes(operation.payee().value());
    return amount(operation.amountMinor(), operation.references());
  }

  private CborWriter amount(Amount amount, References references) {
    amount.write(out);
    references.write(out);
    return out;
  }
}
