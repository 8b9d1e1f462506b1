package org.probity.ledger.transaction;

import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.DecodeException;

/** Decodes one operation. */
final class OperationReader {
  private OperationReader() {}

  static Operation read(CborReader in) throws DecodeException {
    int fields = in.arrayHeader();
    if (fields == 0) {
      throw new DecodeException("invalid_operation", "an operation has a kind");
    }
    int kind = in.uintMaxInt(Integer.MAX_VALUE);
    int expected = fieldsOf(kind);
    if (fields != expected) {
      throw new DecodeException(
          "invalid_operation",
          "an operation of kind " + kind + " has " + expected + " items, not " + fields);
    }
    return switch (kind) {
      case Operation.DefineAsset.KIND -> new Operation.DefineAsset(AssetDefinition.readFields(in));
      case Operation.OpenAccount.KIND -> openAccount(in);
      case Operation.CloseAccount.KIND -> new Operation.CloseAccount(AccountId.read(in));
      case Operation.FreezeAccount.KIND -> new Operation.FreezeAccount(AccountId.read(in));
      case Operation.UnfreezeAccount.KIND -> new Operation.UnfreezeAccount(AccountId.read(in));
      case Operation.Issue.KIND -> issue(in);
      case Operation.Redeem.KIND -> redeem(in);
      case Operation.Transfer.KIND -> transfer(in);
      default -> remit(in);
    };
  }

  private static int fieldsOf(int kind) throws DecodeException {
    return switch (kind) {
      case Operation.CloseAccount.KIND,
          Operation.FreezeAccount.KIND,
          Operation.UnfreezeAccount.KIND ->
          2;
      case Operation.Redeem.KIND -> 4;
      case Operation.DefineAsset.KIND,
          Operation.OpenAccount.KIND,
          Operation.Issue.KIND,
          Operation.Transfer.KIND ->
          5;
      case Operation.Remit.KIND -> 6;
      default -> throw new DecodeException("unknown_operation", "no operation of kind " + kind);
    };
  }

  private static Operation openAccount(CborReader in) throws DecodeException {
    return new Operation.OpenAccount(
        AccountId.read(in), AssetId.read(in), KeyPolicy.read(in), in.uintMaxInt(Integer.MAX_VALUE));
  }

  private static Operation issue(CborReader in) throws DecodeException {
    return new Operation.Issue(
        AssetId.read(in), AccountId.read(in), Amount.read(in), References.read(in));
  }

  private static Operation redeem(CborReader in) throws DecodeException {
    return new Operation.Redeem(AccountId.read(in), Amount.read(in), References.read(in));
  }

  private static Operation transfer(CborReader in) throws DecodeException {
    return new Operation.Transfer(
        AccountId.read(in), AccountId.read(in), Amount.read(in), References.read(in));
  }

  private static Operation remit(CborReader in) throws DecodeException {
    return new Operation.Remit(
        AccountId.read(in),
        in.text(Operation.Remit.MAX_NODE_BYTES),
        AccountId.read(in),
        Amount.read(in),
        References.read(in));
  }
}
