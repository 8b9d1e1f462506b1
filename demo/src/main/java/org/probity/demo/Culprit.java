package org.probity.demo;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.probity.ledger.client.PaymentOrder;
import org.probity.node.cli.CliException;

/** Who cheats and how; knows what it made up, so that the sums can be judged. */
abstract class Culprit {

  /** Nobody, or the bank named on the command line, or the third. */
  static Culprit of(DemoOptions options, Consortium consortium) {
    if (options.fault() == Fault.NONE) {
      return new Nobody();
    }
    String node = options.culprit().orElse(consortium.nodes().get(2));
    Bank bank =
        consortium.banks().stream()
            .filter(candidate -> candidate.node().equals(node))
            .findFirst()
            .orElseThrow(() -> CliException.usage("no bank " + node + ": " + consortium.nodes()));
    return switch (options.fault()) {
      case OVERDRAFT -> new OverdraftCulprit(consortium, bank);
      case FORK -> new ForkCulprit(consortium, bank);
      case NONE -> new Nobody();
    };
  }

  abstract Optional<String> node();

  boolean is(Bank bank) {
    return node().equals(Optional.of(bank.node()));
  }

  /** Gets everything ready for the fault, which does not happen yet. */
  abstract void prepare() throws Exception;

  /** Commits the fault. */
  abstract void misbehave(List<PaymentOrder> orders, Progress progress) throws Exception;

  /** What the fault made up; empty before it and where it steals nothing. */
  abstract Optional<Theft> theft();

  private static final class Nobody extends Culprit {
    @Override
    Optional<String> node() {
      return Optional.empty();
    }

    @Override
    void prepare() {}

    @Override
    void misbehave(List<PaymentOrder> orders, Progress progress) {}

    @Override
    Optional<Theft> theft() {
      return Optional.empty();
    }
  }

  static Path triggerFile(Bank bank) {
    return bank.folder().resolve(org.probity.demo.fault.Trigger.FILE);
  }
}
