package org.probity.ledger.audit;

import java.math.BigInteger;
import java.util.List;
import org.probity.ledger.transaction.AssetId;

/**
 * The books of one asset over all nodes, in minor units; terms are defined at {@link Books}.
 *
 * @param issuedMinor issued less redeemed
 * @param balancesMinor what customers can spend; accounts that owe although they must not count 0
 * @param inFlightMinor gone from the payer, not yet at the payee or back
 * @param lossMinor balances nobody's money stands behind
 */
public record Sums(
    AssetId asset,
    BigInteger issuedMinor,
    BigInteger balancesMinor,
    BigInteger inFlightMinor,
    BigInteger lossMinor,
    List<BooksFinding> findings) {
  public Sums {
    findings = List.copyOf(findings);
  }

  /**
   * {@code issued = balances + in flight - loss}. Fails only if some node is {@code UNBALANCED}.
   */
  public boolean holds() {
    return issuedMinor.equals(balancesMinor.add(inFlightMinor).subtract(lossMinor));
  }

  /** Whether the states are of one moment, causally: nobody received what is not sent in them. */
  public boolean consistentCut() {
    return findings.stream().noneMatch(finding -> finding.kind() == BooksFinding.Kind.LAGGING);
  }

  /** Whether all money is there, every account is within its limits and nothing is odd. */
  public boolean clean() {
    return holds() && lossMinor.signum() == 0 && findings.isEmpty();
  }
}
