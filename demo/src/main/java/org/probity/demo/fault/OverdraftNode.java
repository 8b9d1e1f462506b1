package org.probity.demo.fault;

import java.nio.file.Path;
import java.util.Map;
import org.probity.node.cli.NodeRunner;
import org.probity.node.runtime.NodeParts;

/**
 * A node that, once triggered, lets its customers pay what they do not have, and keeps its
 * witnesses waiting until the money has arrived.
 */
public final class OverdraftNode {
  private OverdraftNode() {}

  public static void main(String[] arguments) {
    Path configFile = CulpritArguments.configFile(arguments);
    Trigger trigger = new Trigger(CulpritArguments.folder(configFile));
    Withholding withholding = new Withholding(trigger::isGiven);
    NodeParts parts =
        new NodeParts(
            truth -> new OverdraftProgram(truth, trigger::isGiven),
            withholding::watching,
            withholding::streamed);
    NodeRunner.run(configFile, Map.of(), true, parts, CulpritArguments.terminal());
  }
}
