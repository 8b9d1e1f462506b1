package org.probity.node.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code peers}: a node's verdict on every other. */
@Command(name = "peers", description = "Shows a node's verdict on every other node.")
final class PeersCommand implements Runnable {
  private final Terminal terminal;

  @Mixin private Target target = new Target();

  PeersCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public void run() {
    terminal.result(target.api(terminal).getJson("/v1/peers"));
  }
}
