package org.probity.demo;

import java.util.List;
import org.probity.demo.simulate.SimulateCommand;
import org.probity.node.cli.CommandProvider;
import org.probity.node.cli.Terminal;

/** Adds {@code demo} and {@code simulate} to the command line. */
public final class DemoCommands implements CommandProvider {
  @Override
  public List<Object> commands(Terminal terminal) {
    return List.of(new DemoCommand(terminal), new SimulateCommand(terminal));
  }
}
