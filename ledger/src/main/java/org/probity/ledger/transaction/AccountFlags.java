package org.probity.ledger.transaction;

/** What an account promises about its balance, fixed when it is opened. */
public final class AccountFlags {
  public static final int NONE = 0;

  /** A customer's account: no overdraft. */
  public static final int DEBITS_MUST_NOT_EXCEED_CREDITS = 1;

  /** A lender's account: never owed anything. */
  public static final int CREDITS_MUST_NOT_EXCEED_DEBITS = 2;

  private static final int KNOWN = DEBITS_MUST_NOT_EXCEED_CREDITS | CREDITS_MUST_NOT_EXCEED_DEBITS;

  private AccountFlags() {}

  /** Known flags only, and not both, which would pin the balance to zero. */
  public static boolean valid(int flags) {
    return (flags & ~KNOWN) == 0 && flags != KNOWN;
  }
}
