package org.probity.demo.fault;

import java.util.List;
import java.util.function.UnaryOperator;
import org.probity.detector.codec.Bytes;
import org.probity.detector.log.TransactionEntry;
import org.probity.detector.program.TransactionOutcome;
import org.probity.ledger.transaction.Outcome;
import org.probity.node.http.NodeService;
import org.probity.node.runtime.NodeParts;
import org.probity.node.runtime.NodeSettings;
import org.probity.simulation.fault.Lie;
import org.probity.simulation.fault.LyingProgram;

/** What a {@link CheatingNode} does once it is triggered. */
public enum Cheat {
  OVERDRAFT,
  MINT,
  DOUBLE_CREDIT,
  LYING_OUTCOME,
  FORGED_TRANSACTION,
  SILENCE,
  CENSORSHIP,
  FRAMING,

  /**
   * Signs that everything it holds of its wards' logs is as it must be, whatever its own replay
   * says: the accomplice of a ward that cheats, or one that saves itself the work.
   */
  LAZY_WITNESS;

  /** What to build the node from; correct until the trigger is given. */
  public NodeParts parts(NodeSettings settings, Trigger trigger) {
    return switch (this) {
      case OVERDRAFT -> payingOut(Lie.OVERDRAFT, trigger);
      case MINT -> payingOut(Lie.MINT, trigger);
      case DOUBLE_CREDIT -> payingOut(Lie.DOUBLE_CREDIT, trigger);
      case LYING_OUTCOME ->
          new NodeParts(
              truth -> new LyingProgram(truth, Lie.LYING_OUTCOME, trigger::isGiven),
              UnaryOperator.identity());
      case FORGED_TRANSACTION ->
          NodeParts.standard()
              .withService(
                  truth -> new ForgedLog(truth, settings.logKey(), trigger, Cheat::forgedPayment));
      case SILENCE ->
          NodeParts.standard().withService(truth -> new Silence(truth, trigger::isGiven));
      case CENSORSHIP -> NodeParts.standard().withService(truth -> new Censorship(truth, trigger));
      case FRAMING -> {
        Framing framing = new Framing(settings, trigger);
        yield new NodeParts(UnaryOperator.identity(), framing::through)
            .withService(framing::behind);
      }
      case LAZY_WITNESS ->
          NodeParts.standard()
              .withVouching(
                  (auditedSize, storedSize) -> trigger.isGiven() ? storedSize : auditedSize);
    };
  }

  /** Logs the transaction that the trigger gives, in hex, as accepted. */
  private static void forgedPayment(LogTail tail, NodeService node, String told) {
    tail.add(
            new TransactionEntry(
                Bytes.fromHex(told),
                TransactionOutcome.executed(new Outcome.Accepted(List.of()).encode()).encode()))
        .state();
  }

  /** Keeps the witnesses waiting until the money has arrived. */
  private static NodeParts payingOut(Lie lie, Trigger trigger) {
    Withholding withholding = new Withholding(trigger::isGiven);
    return new NodeParts(
        truth -> new LyingProgram(truth, lie, trigger::isGiven),
        withholding::watching,
        withholding::streamed);
  }
}
