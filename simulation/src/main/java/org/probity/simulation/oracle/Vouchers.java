package org.probity.simulation.oracle;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.AuditStatement;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.crypto.VerifiedStatement;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.Origin;
import org.probity.detector.trust.Verdict;
import org.probity.simulation.node.SimulatedNode;
import org.probity.simulation.node.StoredEntries;
import org.probity.simulation.oracle.Violation.Promise;
import org.probity.simulation.oracle.Watch.Standing;

/**
 * What faulty nodes have vouched for by AUDITs, and to which correct ones: who has said that it has
 * such a statement, and holds the log that it is about, has to find out that it is false (SPEC
 * protocol.md §6.6), whatever its own book of AUDITs says.
 *
 * <p>Only what must be there counts: statements about the whole log, of auditors in their first
 * incarnations, taken by a process that runs to the end. One that is ahead of the log waits, and of
 * an auditor's the nearest few do.
 */
final class Vouchers {
  /** Of one auditor, about one log. */
  private static final int WAITING = 4;

  private record Voucher(String by, String auditor, AuditStatement content) {
    Origin log() {
      return content.log();
    }

    long size() {
      return content.to().size();
    }
  }

  private final Genesis genesis;
  private final StatementVerifier verifier;
  private final Map<String, List<Voucher>> taken = new TreeMap<>();

  Vouchers(Genesis genesis) {
    this.genesis = genesis;
    this.verifier = new StatementVerifier(genesis.signatures(), genesis.networkId());
  }

  /**
   * A node has answered that it has this statement.
   *
   * @param copies what it holds of a log at that instant
   */
  void take(
      String by, String from, Bytes statement, Function<Origin, Optional<StoredEntries>> copies) {
    Optional<AuditStatement> content = content(from, statement);
    if (content.isEmpty() || content.get().from().size() != 0) {
      return;
    }
    Voucher voucher = new Voucher(by, from, content.get());
    List<Voucher> all = taken.computeIfAbsent(by, none -> new ArrayList<>());
    if (all.contains(voucher)) {
      return;
    }
    all.add(voucher);
    long held = copies.apply(voucher.log()).map(StoredEntries::size).orElse(0L);
    List<Voucher> ahead =
        all.stream()
            .filter(one -> one.auditor().equals(from) && one.log().equals(voucher.log()))
            .filter(one -> one.size() > held)
            .sorted(Comparator.comparingLong(Voucher::size))
            .toList();
    all.removeAll(ahead.subList(Math.min(WAITING, ahead.size()), ahead.size()));
  }

  private Optional<AuditStatement> content(String auditor, Bytes statement) {
    try {
      VerifiedStatement verified = verifier.verify(statement, AuditStatement.TYP);
      boolean isItsOwn =
          genesis
              .node(auditor)
              .map(NodeRecord::logKey)
              .map(List::of)
              .equals(Optional.of(verified.signers()));
      return isItsOwn ? Optional.of(AuditStatement.decode(verified.payload())) : Optional.empty();
    } catch (DecodeException e) {
      return Optional.empty();
    }
  }

  /** Another process begins: what was in the memory of the one before is gone with it. */
  void forget(String by) {
    taken.remove(by);
  }

  /**
   * C1 of those who vouch.
   *
   * @param present correct nodes that hear of things
   * @param epochs the seats from the beginning on: who has not had one all the time may have been
   *     told when it did not have to listen
   */
  void judge(Watch watch, List<SimulatedNode> present, List<SeatFormula> epochs) {
    for (SimulatedNode by : present) {
      taken.getOrDefault(by.name(), List.of()).stream()
          .filter(voucher -> isSeated(epochs, voucher))
          .filter(voucher -> isFalse(watch, by, voucher))
          .forEach(voucher -> exposed(watch, present, voucher));
    }
  }

  private static boolean isSeated(List<SeatFormula> epochs, Voucher voucher) {
    return epochs.stream()
        .allMatch(seats -> seats.witnessesOf(voucher.log().node()).contains(voucher.by()));
  }

  private static boolean isFalse(Watch watch, SimulatedNode by, Voucher voucher) {
    return watch.standings().stream()
        .filter(standing -> standing.origin().equals(voucher.log()))
        .filter(standing -> standing.size() <= voucher.size())
        .anyMatch(
            standing ->
                by.copyOf(voucher.log()).filter(copy -> isIn(copy, voucher, standing)).isPresent());
  }

  private static boolean isIn(StoredEntries copy, Voucher voucher, Standing standing) {
    return Misdeeds.isWithin(standing, copy)
        && copy.size() >= voucher.size()
        && MerkleProofs.rootAt(copy, voucher.size()).equals(voucher.content().to().root());
  }

  private static void exposed(Watch watch, List<SimulatedNode> present, Voucher voucher) {
    for (SimulatedNode by : present) {
      if (by.verdict(voucher.auditor()) != Verdict.EXPOSED) {
        watch.violated(
            Promise.C1,
            voucher.auditor(),
            by.name()
                + " holds it for "
                + by.verdict(voucher.auditor())
                + " although "
                + voucher.by()
                + " has its AUDIT of "
                + voucher.size()
                + " entries of "
                + voucher.log().node()
                + ", and those, and they are wrong");
      }
    }
  }
}
