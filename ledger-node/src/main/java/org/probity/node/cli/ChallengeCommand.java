package org.probity.node.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code challenge}: what nodes ask one another before everybody. */
@Command(
    name = "challenge",
    description = "Shows what nodes ask one another before everybody and have not answered yet.")
final class ChallengeCommand {
  private final Terminal terminal;

  ChallengeCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Command(
      name = "list",
      description = "Lists the challenges that are open at a node, whoever raised them.")
  void list(@Mixin Target target) {
    terminal.result(target.api(terminal).getJson("/v1/challenges"));
  }
}
