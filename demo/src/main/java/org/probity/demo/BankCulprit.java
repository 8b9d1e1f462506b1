package org.probity.demo;

import java.util.Optional;
import org.probity.ledger.transaction.AccountId;

/** A bank that cheats. */
abstract class BankCulprit extends Culprit {
  final Consortium consortium;
  final Bank bank;
  private Optional<Theft> theft = Optional.empty();

  BankCulprit(Consortium consortium, Bank bank) {
    this.consortium = consortium;
    this.bank = bank;
  }

  @Override
  final Optional<String> node() {
    return Optional.of(bank.node());
  }

  @Override
  final Optional<Theft> theft() {
    return theft;
  }

  /** Remembers what it has made up. */
  final void steals(String node, AccountId payee, long amountMinor) {
    theft = Optional.of(new Theft(node, payee, amountMinor));
  }

  /** From now on the node cheats. */
  @Override
  void prepare() throws Exception {
    bank.trigger().give("");
  }
}
