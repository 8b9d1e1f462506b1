package org.probity.node.cli;

import java.util.ArrayList;
import java.util.List;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Seating;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.TlogProof;
import org.probity.node.http.api.ApiClient;

/**
 * Shows the checkpoint of a receipt to f + 1 witnesses of its log (protocol.md §6.2), one of which
 * is correct: a node that keeps one history for its clients and another for its witnesses is
 * exposed by the first receipt out of the wrong one.
 */
final class ReceiptHandOver {
  private final Target target;
  private final Terminal terminal;
  private final Genesis genesis;

  ReceiptHandOver(Target target, Terminal terminal, Genesis genesis) {
    this.target = target;
    this.terminal = terminal;
    this.genesis = genesis;
  }

  /**
   * Asks one witness after the other until enough have it. The payment stands whatever they say, so
   * what goes wrong is told on standard error and nothing fails.
   *
   * @param receipt valid
   */
  void show(String node, Bytes receipt) throws DecodeException {
    int needed = genesis.parameters().faults() + 1;
    NodeRecord author = genesis.node(node).orElseThrow();
    // With the log's own signature alone, as everywhere but in receipts.
    Bytes checkpoint =
        SignedCheckpoint.extract(TlogProof.parse(receipt).checkpoint(), author.logKey()).bytes();
    List<String> missing = new ArrayList<>();
    int shown = 0;
    for (NodeRecord witness : Seating.founding(genesis).witnessesOf(node)) {
      if (shown == needed) {
        return;
      }
      try {
        tell(node, witness.node(), target.witness(terminal, witness.node()).show(checkpoint));
        shown++;
      } catch (CliException e) {
        missing.add(witness.node() + ": " + e.text());
      }
    }
    if (shown < needed) {
      terminal.say(
          "the receipt was shown to "
              + shown
              + " of the "
              + needed
              + " witnesses that must see it to be sure that "
              + node
              + " shows everybody the same log ("
              + String.join("; ", missing)
              + "); probity receipt verify --show-witnesses does it again");
    }
  }

  private void tell(String node, String witness, ApiClient.Shown shown) {
    if (shown == ApiClient.Shown.CONFLICT) {
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
}
