package org.probity.demo.fault;

import java.util.function.UnaryOperator;
import org.probity.node.runtime.NodeParts;
import org.probity.node.runtime.NodeSettings;

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
          NodeParts.standard().withService(truth -> new Forgery(truth, settings.logKey(), trigger));
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

  /** Keeps the witnesses waiting until the money has arrived. */
  private static NodeParts payingOut(Lie lie, Trigger trigger) {
    Withholding withholding = new Withholding(trigger::isGiven);
    return new NodeParts(
        truth -> new LyingProgram(truth, lie, trigger::isGiven),
        withholding::watching,
        withholding::streamed);
  }
}
