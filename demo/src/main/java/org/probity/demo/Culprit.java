package org.probity.demo;

import java.io.IOException;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.probity.ledger.client.PaymentOrder;
import org.probity.node.cli.CliException;

/** Who cheats and how; knows what it made up, so that the sums can be judged. */
abstract class Culprit {

  private static final int USUAL = 2;

  /** Nobody, or the bank named on the command line, or the third, or the first that can. */
  static Culprit of(DemoOptions options, Consortium consortium) {
    if (options.fault() == Fault.NONE) {
      return new Nobody();
    }
    Bank bank = consortium.bank(options.culprit().orElseGet(() -> usual(options, consortium)));
    return switch (options.fault()) {
      case OVERDRAFT -> new OverdraftCulprit(consortium, bank);
      case FORK -> new ForkCulprit(consortium, bank);
      case SILENCE -> new SilentCulprit(consortium, bank);
      case LYING_OUTCOME -> new LyingCulprit(consortium, bank);
      case MINT -> new MintingCulprit(consortium, bank);
      case DOUBLE_CREDIT -> new DoubleCreditCulprit(consortium, bank);
      case FORGED_TRANSACTION -> new ForgingCulprit(consortium, bank);
      case CENSORSHIP -> new CensoringCulprit(consortium, bank);
      case REWRITE -> new RewriteCulprit(consortium, bank);
      case FRAMING -> new FramingCulprit(consortium, bank);
      case LAZY_WITNESS -> new LazyWitnessCulprit(consortium, bank);
      case NONE -> new Nobody();
    };
  }

  private static String usual(DemoOptions options, Consortium consortium) {
    List<String> nodes = consortium.nodes();
    return Stream.concat(Stream.of(nodes.get(USUAL)), nodes.stream())
        .filter(node -> canBe(options.fault(), consortium, node))
        .findFirst()
        .orElseThrow(() -> CliException.usage("nobody can do that here: more --nodes"));
  }

  /** Some faults are a witness's, and not everybody is one. */
  private static boolean canBe(Fault fault, Consortium consortium, String node) {
    return switch (fault) {
      case FRAMING -> !consortium.wardsOf(node).isEmpty();
      case LAZY_WITNESS -> LazyWitnessCulprit.ward(consortium, node).isPresent();
      default -> true;
    };
  }

  abstract Optional<String> node();

  /** Who cheats together with it. */
  Optional<String> accomplice() {
    return Optional.empty();
  }

  /** Both, as far as there are. */
  final NavigableSet<String> all() {
    NavigableSet<String> all = new TreeSet<>();
    node().ifPresent(all::add);
    accomplice().ifPresent(all::add);
    return all;
  }

  /** Starts a node: the shipped one, unless it is one of those who cheat. */
  final void launch(Bank bank, Fault fault) throws IOException {
    if (node().equals(Optional.of(bank.node()))) {
      fault.launch(bank);
    } else if (accomplice().equals(Optional.of(bank.node()))) {
      Fault.OVERDRAFT.launch(bank);
    } else {
      bank.launch();
    }
  }

  /** Gets everything ready for the fault, which does not happen yet. */
  abstract void prepare() throws Exception;

  /** Commits the fault. */
  abstract void misbehave(List<PaymentOrder> orders, Progress progress) throws Exception;

  /** What the fault made up; empty before it and where it steals nothing. */
  Optional<Theft> theft() {
    return Optional.empty();
  }

  /** What went otherwise than it must while it cheated. */
  List<String> complaints() {
    return List.of();
  }

  /**
   * Does at last what it has left undone, so that the others have no reason to suspect it any more.
   *
   * @return false if that is beyond it: what it has done stays proven
   */
  boolean relent() throws IOException {
    return false;
  }

  private static final class Nobody extends Culprit {
    @Override
    Optional<String> node() {
      return Optional.empty();
    }

    @Override
    void prepare() {}

    @Override
    void misbehave(List<PaymentOrder> orders, Progress progress) {}
  }
}
