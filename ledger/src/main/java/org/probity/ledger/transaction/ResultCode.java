package org.probity.ledger.transaction;

import java.util.Locale;
import org.probity.detector.codec.DecodeException;

/**
 * How an operation ended. Numbers and names are stable; the number is also the precedence: of
 * several things wrong with one operation the one with the lowest number is reported.
 */
public enum ResultCode {
  OK(0, "done"),
  MALFORMED(1, "the transaction is not what docs/format/ledger.md says"),
  TOO_MANY_OPERATIONS(2, "more than 512 operations"),
  AMOUNT_ZERO(3, "the amount is zero"),
  SAME_ACCOUNT(4, "payer and payee are the same account"),
  UNKNOWN_PEER(5, "the payee's node is this node or no node of the consortium"),
  INVALID_FLAGS(6, "unknown account flags, or flags that exclude one another"),
  ASSET_NOT_FOUND(7, "this node does not know the asset"),
  ASSET_EXISTS(8, "this node knows the asset already"),
  ACCOUNT_NOT_FOUND(9, "this node has no such account"),
  ACCOUNT_EXISTS(10, "this node has such an account already"),
  UNAUTHORISED(11, "the signers do not satisfy every key policy that the operation needs"),
  ACCOUNT_CLOSED(12, "the account is closed"),
  ACCOUNT_FROZEN(13, "the account is frozen"),
  ACCOUNT_NOT_FROZEN(14, "the account is not frozen"),
  PAYEE_NOT_FOUND(15, "the payee's node has no such account"),
  PAYEE_CLOSED(16, "the payee's account is closed"),
  PAYEE_FROZEN(17, "the payee's account is frozen"),
  ASSET_MISMATCH(18, "the payee's account is in another asset"),
  INSUFFICIENT_FUNDS(19, "debits would exceed credits"),
  CREDITS_EXCEED_DEBITS(20, "credits would exceed debits"),
  OVERFLOW(21, "a balance would exceed 2^128 - 1"),
  TRANSFERS_PENDING(22, "remittances of the account are not confirmed yet"),
  BALANCE_NOT_ZERO(23, "the account's balance is not zero"),
  STATE_CORRUPT(24, "the node's state is not one these rules lead to");

  private static final ResultCode[] BY_NUMBER = values();

  private final int number;
  private final String meaning;

  ResultCode(int number, String meaning) {
    this.number = number;
    this.meaning = meaning;
  }

  /** The number on the wire. */
  public int number() {
    return number;
  }

  /** The name in JSON and problem documents: {@code insufficient_funds}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** One sentence for people. */
  public String meaning() {
    return meaning;
  }

  public static ResultCode of(long number) throws DecodeException {
    if (number < 0 || number >= BY_NUMBER.length) {
      throw new DecodeException("unknown_result_code", "no result code " + number);
    }
    return BY_NUMBER[(int) number];
  }
}
