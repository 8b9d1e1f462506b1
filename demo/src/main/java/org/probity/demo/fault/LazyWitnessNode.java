package org.probity.demo.fault;

import java.nio.file.Path;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.probity.node.cli.NodeRunner;
import org.probity.node.runtime.NodeParts;
import org.probity.node.runtime.Vouching;

/**
 * A witness that, once triggered, signs that everything it holds of its wards' logs is as it must
 * be, whatever its own replay says: the accomplice of a ward that cheats, or one that saves itself
 * the work.
 */
public final class LazyWitnessNode {
  private LazyWitnessNode() {}

  /** Vouches for what it has looked at, until {@code cheating}. */
  public static Vouching vouching(BooleanSupplier cheating) {
    return (auditedSize, storedSize) -> cheating.getAsBoolean() ? storedSize : auditedSize;
  }

  public static void main(String[] arguments) {
    Path configFile = CulpritArguments.configFile(arguments);
    Trigger trigger = new Trigger(CulpritArguments.folder(configFile));
    NodeParts parts = NodeParts.standard().withVouching(vouching(trigger::isGiven));
    NodeRunner.run(configFile, Map.of(), true, parts, CulpritArguments.terminal());
  }
}
