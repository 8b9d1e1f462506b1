package org.probity.ledger.program;

import java.math.BigInteger;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.codec.Uint128;
import org.probity.ledger.transaction.AccountFlags;
import org.probity.ledger.transaction.AssetId;
import org.probity.ledger.transaction.KeyPolicy;

/**
 * A customer's account: {@code [asset, owner policy, flags, status, debits pending, debits posted,
 * credits pending, credits posted]}. Immutable; movements return the account after them.
 *
 * <p>Invariants the rules keep: {@code debitsPending + debitsPosted} and {@code creditsPending +
 * creditsPosted} fit 128 bits; with {@link AccountFlags#DEBITS_MUST_NOT_EXCEED_CREDITS}, {@code
 * debitsPending + debitsPosted <= creditsPosted}; with {@link
 * AccountFlags#CREDITS_MUST_NOT_EXCEED_DEBITS}, {@code creditsPending + creditsPosted <=
 * debitsPosted}.
 *
 * @param debitsPending remittances not yet confirmed by the payee's node
 * @param creditsPending always zero under these rules, kept for two-phase credits
 */
public record Account(
    AssetId asset,
    KeyPolicy owner,
    int flags,
    Status status,
    Uint128 debitsPending,
    Uint128 debitsPosted,
    Uint128 creditsPending,
    Uint128 creditsPosted) {

  /** The number is the wire format. */
  public enum Status {
    OPEN(0),
    FROZEN(1),
    CLOSED(2);

    private static final Status[] BY_NUMBER = values();

    private final int number;

    Status(int number) {
      this.number = number;
    }
  }

  public static Account open(AssetId asset, KeyPolicy owner, int flags) {
    return new Account(
        asset, owner, flags, Status.OPEN, Uint128.ZERO, Uint128.ZERO, Uint128.ZERO, Uint128.ZERO);
  }

  public boolean debitsMustNotExceedCredits() {
    return (flags & AccountFlags.DEBITS_MUST_NOT_EXCEED_CREDITS) != 0;
  }

  public boolean creditsMustNotExceedDebits() {
    return (flags & AccountFlags.CREDITS_MUST_NOT_EXCEED_DEBITS) != 0;
  }

  /** Posted credits less posted debits; negative if the customer owes. */
  public BigInteger balanceMinor() {
    return creditsPosted.toBigInteger().subtract(debitsPosted.toBigInteger());
  }

  /** What the customer can spend: the balance less what is on its way out. */
  public BigInteger availableMinor() {
    return balanceMinor().subtract(debitsPending.toBigInteger());
  }

  /** Whether debiting {@code amount} keeps the total of debits within 128 bits. */
  boolean canCountDebit(Uint128 amount) {
    return !totalDebits().addOverflows(amount);
  }

  /** Whether crediting {@code amount} keeps the total of credits within 128 bits. */
  boolean canCountCredit(Uint128 amount) {
    return !totalCredits().addOverflows(amount);
  }

  /** Whether the flags allow a debit of {@code amount}, posted or pending. */
  boolean allowsDebit(Uint128 amount) {
    // A total that does not fit is above any credits.
    return !debitsMustNotExceedCredits()
        || (canCountDebit(amount) && totalDebits().addExact(amount).compareTo(creditsPosted) <= 0);
  }

  /** Whether the flags allow a credit of {@code amount}. */
  boolean allowsCredit(Uint128 amount) {
    return !creditsMustNotExceedDebits()
        || (canCountCredit(amount) && totalCredits().addExact(amount).compareTo(debitsPosted) <= 0);
  }

  private Uint128 totalDebits() {
    return debitsPosted.addExact(debitsPending);
  }

  private Uint128 totalCredits() {
    return creditsPosted.addExact(creditsPending);
  }

  Account debit(Uint128 amount) {
    return withDebits(debitsPending, debitsPosted.addExact(amount));
  }

  Account credit(Uint128 amount) {
    return new Account(
        asset,
        owner,
        flags,
        status,
        debitsPending,
        debitsPosted,
        creditsPending,
        creditsPosted.addExact(amount));
  }

  Account reserveDebit(Uint128 amount) {
    return withDebits(debitsPending.addExact(amount), debitsPosted);
  }

  Account postDebit(Uint128 amount) {
    return withDebits(debitsPending.subtractExact(amount), debitsPosted.addExact(amount));
  }

  Account voidDebit(Uint128 amount) {
    return withDebits(debitsPending.subtractExact(amount), debitsPosted);
  }

  private Account withDebits(Uint128 pending, Uint128 posted) {
    return new Account(asset, owner, flags, status, pending, posted, creditsPending, creditsPosted);
  }

  Account withStatus(Status next) {
    return new Account(
        asset, owner, flags, next, debitsPending, debitsPosted, creditsPending, creditsPosted);
  }

  public Bytes encode() {
    CborWriter out = new CborWriter(192).array(8).bytes(asset.value());
    owner.write(out);
    out.uint(flags).uint(status.number);
    writeBalance(out, debitsPending);
    writeBalance(out, debitsPosted);
    writeBalance(out, creditsPending);
    writeBalance(out, creditsPosted);
    return out.toBytes();
  }

  /**
   * Without leading zeros: an account takes some 70 bytes instead of 120, in memory and, where it
   * counts most, in evidence about a batch.
   */
  private static void writeBalance(CborWriter out, Uint128 balance) {
    byte[] all = balance.toBytes().unsafeArray();
    int zeros = 0;
    while (zeros < all.length && all[zeros] == 0) {
      zeros++;
    }
    out.bytes(all, zeros, all.length - zeros);
  }

  private static Uint128 readBalance(CborReader in) throws DecodeException {
    Bytes shortened = in.bytesUpTo(Uint128.BYTES);
    if (!shortened.isEmpty() && shortened.at(0) == 0) {
      throw new DecodeException("balance_not_shortest", "a balance has no leading zeros");
    }
    byte[] all = new byte[Uint128.BYTES];
    System.arraycopy(
        shortened.unsafeArray(), 0, all, all.length - shortened.size(), shortened.size());
    return Uint128.fromBytes(all, 0);
  }

  public static Account decode(Bytes encoded) throws DecodeException {
    CborReader in = new CborReader(encoded);
    in.arrayHeader(8);
    AssetId asset = new AssetId(in.bytes(AssetId.BYTES));
    KeyPolicy owner = KeyPolicy.read(in);
    int flags = in.uintMaxInt(Integer.MAX_VALUE);
    Status status = Status.BY_NUMBER[in.uintMaxInt(Status.BY_NUMBER.length - 1)];
    Account decoded =
        new Account(
            asset,
            owner,
            flags,
            status,
            readBalance(in),
            readBalance(in),
            readBalance(in),
            readBalance(in));
    in.end();
    return decoded;
  }
}
