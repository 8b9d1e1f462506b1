package org.probity.node.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.NodeRecord;
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
  private final KnownDecisions decisions;

  /**
   * @param decisions known so far; the node and the witnesses that are asked may know more
   */
  ReceiptHandOver(Target target, Terminal terminal, KnownDecisions decisions) {
    this.target = target;
    this.terminal = terminal;
    this.genesis = decisions.chain().genesis();
    this.decisions = decisions;
  }

  /**
   * Asks one witness after the other until enough have it. The payment stands whatever they say, so
   * what goes wrong is told on standard error and nothing fails.
   *
   * <p>Who the witnesses are, a node that lies to its client may keep back; those who have lost the
   * seat, one of whom is correct, do not.
   *
   * @param receipt valid
   */
  void show(String node, Bytes receipt) throws DecodeException {
    NodeRecord author = genesis.node(node).orElseThrow();
    // With the log's own signature alone, as everywhere but in receipts.
    Bytes checkpoint =
        SignedCheckpoint.extract(TlogProof.parse(receipt).checkpoint(), author.logKey()).bytes();
    learn(node);
    Map<String, Optional<String>> asked = new LinkedHashMap<>();
    Optional<String> next = next(node, asked);
    while (next.isPresent()) {
      String witness = next.get();
      asked.put(witness, show(node, witness, checkpoint));
      next = next(node, asked);
    }
    complain(node, asked);
  }

  private void learn(String node) {
    try {
      decisions.learn(target.witness(terminal, node));
    } catch (CliException e) {
      // What it does not tell, its witnesses may.
    }
  }

  /** A witness in force that was not asked, unless enough of those in force have it. */
  private Optional<String> next(String node, Map<String, Optional<String>> asked) {
    return shown(node, asked) > decisions.seating().faults()
        ? Optional.empty()
        : decisions.seating().witnessesOf(node).stream()
            .map(NodeRecord::node)
            .filter(witness -> !asked.containsKey(witness))
            .findFirst();
  }

  private long shown(String node, Map<String, Optional<String>> asked) {
    return decisions.seating().witnessesOf(node).stream()
        .map(witness -> asked.get(witness.node()))
        .filter(trouble -> trouble != null && trouble.isEmpty())
        .count();
  }

  /** Why it has not been shown, if it has not. */
  private Optional<String> show(String node, String witness, Bytes checkpoint) {
    try {
      NodeApi api = target.witness(terminal, witness);
      if (decisions.learn(api) && !decisions.seating().isWitness(witness, node)) {
        return Optional.of("no witness any more");
      }
      tell(node, witness, api.show(checkpoint));
      return Optional.empty();
    } catch (CliException e) {
      return Optional.of(e.text());
    }
  }

  private void complain(String node, Map<String, Optional<String>> asked) {
    int needed = decisions.seating().faults() + 1;
    long shown = shown(node, asked);
    if (shown < needed) {
      List<String> missing = new ArrayList<>();
      asked.forEach(
          (witness, trouble) -> trouble.ifPresent(text -> missing.add(witness + ": " + text)));
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
