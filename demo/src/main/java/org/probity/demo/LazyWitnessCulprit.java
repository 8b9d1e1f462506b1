package org.probity.demo;

import java.util.List;
import java.util.Optional;
import org.probity.ledger.client.PaymentOrder;
import org.probity.node.cli.CliException;

/** Signs that a ward's log is clean which it has not looked at, while the ward overdraws. */
final class LazyWitnessCulprit extends BankCulprit {
  private final OverdraftCulprit ward;

  LazyWitnessCulprit(Consortium consortium, Bank bank) {
    super(consortium, bank);
    String cheat =
        ward(consortium, bank.node())
            .orElseThrow(
                () ->
                    CliException.usage(
                        bank.node()
                            + " witnesses nobody, or is with any of its wards all the witnesses"
                            + " that somebody has: another --culprit, or more --nodes"));
    this.ward = new OverdraftCulprit(consortium, consortium.bank(cheat));
  }

  /** A ward of {@code witness} such that nobody has those two for all of its witnesses. */
  static Optional<String> ward(Consortium consortium, String witness) {
    return consortium.wardsOf(witness).stream()
        .filter(
            ward ->
                consortium.nodes().stream()
                    .noneMatch(
                        node -> List.of(witness, ward).containsAll(consortium.witnessesOf(node))))
        .findFirst();
  }

  @Override
  Optional<String> accomplice() {
    return ward.node();
  }

  @Override
  void prepare() throws Exception {
    super.prepare();
    ward.prepare();
  }

  @Override
  void misbehave(List<PaymentOrder> orders, Progress progress) {
    ward.misbehave(orders, progress);
    ward.theft().ifPresent(theft -> steals(theft.node(), theft.payee(), theft.amountMinor()));
  }
}
