package org.probity.ledger.verifier;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.probity.detector.evidence.BlastRadius;
import org.probity.ledger.program.Account;
import org.probity.ledger.program.LedgerReader;
import org.probity.ledger.transaction.AccountId;
import org.probity.ledger.transaction.AssetId;

/**
 * An account that a fault has reached: what affected inputs booked on it. The amounts are what
 * moved through those inputs, all of it; how much of that was wrong is for people to judge.
 *
 * @param creditedMinor booked in, in minor units
 * @param debitedMinor booked out or on its way out; what came back is taken off again
 * @param availableMinor after the last of them; negative if the account owes
 * @param entries the inputs, ascending
 */
public record AffectedAccount(
    String node,
    AccountId account,
    AssetId asset,
    BigInteger creditedMinor,
    BigInteger debitedMinor,
    BigInteger availableMinor,
    SortedSet<Long> entries) {
  public AffectedAccount {
    entries = Collections.unmodifiableSortedSet(new TreeSet<>(entries));
  }

  /** By node, then in the order in which they were reached. Linear in the changes. */
  public static List<AffectedAccount> of(BlastRadius radius) {
    TreeMap<String, TreeMap<AccountId, AffectedAccount>> byNode = new TreeMap<>();
    for (BlastRadius.Change change : radius.changes()) {
      LedgerReader.accountOf(change.key())
          .ifPresent(
              id ->
                  byNode
                      .computeIfAbsent(change.at().node(), absent -> new TreeMap<>())
                      .merge(id, one(id, change), AffectedAccount::and));
    }
    List<AffectedAccount> all = new ArrayList<>();
    byNode.values().forEach(accounts -> all.addAll(accounts.values()));
    return all;
  }

  private static AffectedAccount one(AccountId id, BlastRadius.Change change) {
    // Accounts are never removed.
    Account after = LedgerReader.account(change.after().orElseThrow());
    Account before =
        change
            .before()
            .map(LedgerReader::account)
            .orElseGet(() -> Account.open(after.asset(), after.owner(), after.flags()));
    return new AffectedAccount(
        change.at().node(),
        id,
        after.asset(),
        credits(after).subtract(credits(before)),
        debits(after).subtract(debits(before)),
        after.availableMinor(),
        new TreeSet<>(List.of(change.at().index())));
  }

  private static BigInteger credits(Account account) {
    return account.creditsPosted().toBigInteger();
  }

  private static BigInteger debits(Account account) {
    return account.debitsPosted().toBigInteger().add(account.debitsPending().toBigInteger());
  }

  private AffectedAccount and(AffectedAccount later) {
    SortedSet<Long> both = new TreeSet<>(entries);
    both.addAll(later.entries);
    return new AffectedAccount(
        node,
        account,
        asset,
        creditedMinor.add(later.creditedMinor),
        debitedMinor.add(later.debitedMinor),
        later.availableMinor,
        both);
  }
}
