package org.probity.node.cli;

import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.ledger.client.WitnessHandOver;

/**
 * Shows a receipt to witnesses and tells people what they say. The payment stands whatever that is,
 * so what goes wrong is told on standard error and nothing fails.
 */
final class ReceiptHandOver {
  private final Target target;
  private final Terminal terminal;
  private final KnownDecisions decisions;

  /**
   * @param decisions known so far; the node and the witnesses that are asked may know more
   */
  ReceiptHandOver(Target target, Terminal terminal, KnownDecisions decisions) {
    this.target = target;
    this.terminal = terminal;
    this.decisions = decisions;
  }

  /**
   * @param receipt valid
   */
  void show(Bytes receipt) throws DecodeException {
    WitnessHandOver.Showing shown =
        new WitnessHandOver(decisions.chain(), target.link(terminal)).show(receipt);
    shown.conflicts().forEach(witness -> warn(shown.node(), witness));
    if (!shown.isEnough()) {
      complain(shown);
    }
  }

  private void complain(WitnessHandOver.Showing shown) {
    String missing =
        String.join(
            "; ",
            shown.answers().stream()
                .filter(answer -> !answer.hasSeen())
                .map(answer -> answer.witness() + ": " + answer.trouble())
                .toList());
    terminal.say(
        "the receipt was shown to "
            + shown.shown()
            + " of the "
            + shown.needed()
            + " witnesses that must see it to be sure that "
            + shown.node()
            + " shows everybody the same log ("
            + missing
            + "); probity receipt verify --show-witnesses does it again");
  }

  private void warn(String node, String witness) {
    terminal.say(
        "WARNING: "
            + witness
            + " holds another history of "
            + node
            + " than this receipt: keep the receipt; probity evidence list --node "
            + witness
            + " shows the proof");
  }
}
