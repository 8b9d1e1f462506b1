package org.probity.detector.governance;

import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.probity.detector.crypto.PublicKey;
import org.probity.detector.log.TreeHead;

/**
 * SPEC protocol.md §2.4: whose word a signature is. Every key that a member ever countersigned for
 * a node attributes for ever, at any position of that incarnation's log: a longer chain adds keys
 * and takes none away, whatever it says of the node's standing. Immutable, thread-safe.
 */
public final class KeyHistory {
  private final Genesis genesis;
  private final NavigableMap<String, Incarnations> logs = new TreeMap<>();

  private KeyHistory(DecisionChain chain) {
    this.genesis = chain.genesis();
    GovernanceState state = chain.state();
    for (NodeRecord present : state.nodes()) {
      Incarnations.of(state, present.node()).ifPresent(log -> logs.put(present.node(), log));
    }
  }

  /** Linear in the nodes and their incarnations. */
  public static KeyHistory of(DecisionChain chain) {
    return new KeyHistory(chain);
  }

  /** Who has written a log up to one incarnation; empty if there is no such log. */
  public Optional<Incarnations> log(String node, long incarnation) {
    return Optional.ofNullable(logs.get(node)).flatMap(all -> all.upTo(incarnation));
  }

  /** Who has written the log that is written now; empty if there is no such node. */
  public Optional<Incarnations> log(String node) {
    return Optional.ofNullable(logs.get(node));
  }

  /** The node in its present incarnation. */
  public Optional<NodeRecord> present(String node) {
    return log(node).map(Incarnations::present);
  }

  /** Every node in its present incarnation, by id. */
  public List<NodeRecord> present() {
    return logs.values().stream().map(Incarnations::present).toList();
  }

  /**
   * SPEC protocol.md §11.3: whether what a node has signed is of the log that goes on: in its
   * present incarnation, or in a closed one and not beyond the close.
   */
  public boolean stands(NodeRecord author, TreeHead head) {
    return node(author.node(), author.incarnation()).filter(author::equals).isPresent()
        && log(author.node())
            .flatMap(log -> log.close(author.incarnation()))
            .map(close -> Incarnations.stands(head, close))
            .orElse(true);
  }

  /** Who answers for a log, and the keys that speak for it. */
  public Optional<NodeRecord> node(String node, long incarnation) {
    return log(node, incarnation).map(Incarnations::present);
  }

  /**
   * The node whose log key this is; the first incarnation, should a node have kept its key. Linear
   * in the nodes.
   */
  public Optional<NodeRecord> ofLogKey(PublicKey key) {
    return logs.values().stream()
        .flatMap(log -> log.parts().stream())
        .map(Incarnations.Part::record)
        .filter(record -> record.logKey().equals(key))
        .findFirst();
  }

  /** Whether the key is one that the member governs with, or did. */
  public boolean governs(String member, PublicKey key) {
    return genesis.member(member).filter(it -> it.governanceKey().equals(key)).isPresent();
  }
}
