package org.probity.demo.fault;

import java.nio.file.Path;
import java.util.Map;
import org.probity.node.cli.NodeRunner;
import org.probity.node.runtime.NodeParts;
import org.probity.node.runtime.NodeSettings;

/**
 * A node that cheats in the way its first argument names, a {@link Cheat}, once it is triggered;
 * the other arguments are those of {@code node start}.
 */
public final class CheatingNode {
  private CheatingNode() {}

  public static void main(String[] arguments) {
    Path configFile = CulpritArguments.configFile(arguments);
    Trigger trigger = new Trigger(CulpritArguments.folder(configFile));
    NodeSettings settings = NodeRunner.settings(configFile, Map.of());
    NodeParts parts = Cheat.valueOf(arguments[0]).parts(settings, trigger);
    NodeRunner.run(configFile, Map.of(), true, parts, CulpritArguments.terminal());
  }
}
