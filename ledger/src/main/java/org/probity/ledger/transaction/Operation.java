package org.probity.ledger.transaction;

import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;

/**
 * One step of a transaction, encoded {@code [kind uint, ...]} (CDDL: {@code
 * docs/format/ledger.md}).
 *
 * <p>The records check only what makes them unencodable; whether an operation succeeds is for the
 * ledger's state to say and comes back as a {@link ResultCode}.
 */
public sealed interface Operation {

  <R> R accept(Handler<R> handler);

  /** A new kind of operation fails to compile wherever one of these is missing. */
  interface Handler<R> {
    R defineAsset(DefineAsset operation);

    R openAccount(OpenAccount operation);

    R closeAccount(CloseAccount operation);

    R freezeAccount(FreezeAccount operation);

    R unfreezeAccount(UnfreezeAccount operation);

    R issue(Issue operation);

    R redeem(Redeem operation);

    R transfer(Transfer operation);

    R remit(Remit operation);
  }

  /**
   * {@code asset.define}: makes an asset known on this node; signed by its issuer and by the node's
   * operator.
   */
  record DefineAsset(AssetDefinition asset) implements Operation {
    static final int KIND = 1;

    @Override
    public <R> R accept(Handler<R> handler) {
      return handler.defineAsset(this);
    }
  }

  /**
   * {@code account.open}; signed by the node's operator.
   *
   * @param flags see {@link AccountFlags}
   */
  record OpenAccount(AccountId account, AssetId asset, KeyPolicy owner, int flags)
      implements Operation {
    static final int KIND = 2;

    public OpenAccount {
      requireNonNegative(flags);
    }

    @Override
    public <R> R accept(Handler<R> handler) {
      return handler.openAccount(this);
    }
  }

  /** {@code account.close}, for good; signed by the owner or the operator. */
  record CloseAccount(AccountId account) implements Operation {
    static final int KIND = 3;

    @Override
    public <R> R accept(Handler<R> handler) {
      return handler.closeAccount(this);
    }
  }

  /** {@code account.freeze}: nothing in, nothing out; signed by the operator. */
  record FreezeAccount(AccountId account) implements Operation {
    static final int KIND = 4;

    @Override
    public <R> R accept(Handler<R> handler) {
      return handler.freezeAccount(this);
    }
  }

  /** {@code account.unfreeze}; signed by whoever may freeze. */
  record UnfreezeAccount(AccountId account) implements Operation {
    static final int KIND = 5;

    @Override
    public <R> R accept(Handler<R> handler) {
      return handler.unfreezeAccount(this);
    }
  }

  /** {@code issue}: new money from the asset's issuance account; signed by its issuer. */
  record Issue(AssetId asset, AccountId payee, Amount amountMinor, References references)
      implements Operation {
    static final int KIND = 6;

    @Override
    public <R> R accept(Handler<R> handler) {
      return handler.issue(this);
    }
  }

  /** {@code redeem}: money back into the asset's issuance account; signed by the owner. */
  record Redeem(AccountId payer, Amount amountMinor, References references) implements Operation {
    static final int KIND = 7;

    @Override
    public <R> R accept(Handler<R> handler) {
      return handler.redeem(this);
    }
  }

  /** {@code transfer} between two accounts of this node; signed by the payer's owner. */
  record Transfer(AccountId payer, AccountId payee, Amount amountMinor, References references)
      implements Operation {
    static final int KIND = 8;

    @Override
    public <R> R accept(Handler<R> handler) {
      return handler.transfer(this);
    }
  }

  /**
   * {@code remit}: a transfer to an account at home on another node; signed by the payer's owner.
   */
  record Remit(
      AccountId payer, String node, AccountId payee, Amount amountMinor, References references)
      implements Operation {
    static final int KIND = 9;
    static final int MAX_NODE_BYTES = 31;

    public Remit {
      if (node.length() > MAX_NODE_BYTES) {
        throw new IllegalArgumentException("a node id has at most 31 characters: " + node);
      }
    }

    @Override
    public <R> R accept(Handler<R> handler) {
      return handler.remit(this);
    }
  }

  static void write(Operation operation, CborWriter out) {
    operation.accept(new OperationWriter(out));
  }

  /** The number of bytes {@link #write} writes. */
  static int encodedBytes(Operation operation) {
    CborWriter out = new CborWriter();
    write(operation, out);
    return out.size();
  }

  static Operation read(CborReader in) throws DecodeException {
    return OperationReader.read(in);
  }

  private static void requireNonNegative(int flags) {
    if (flags < 0) {
      throw new IllegalArgumentException("flags are unsigned, not " + flags);
    }
  }
}
