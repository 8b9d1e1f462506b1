package org.probity.detector.governance;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The witness seats in force (protocol.md §6.1): what decides them, as the decisions in one log
 * have left it, and who sits where.
 *
 * <p>A stopped node is still somebody's ward, because its log must stay available, but it holds no
 * seat itself. A member whose seat was held by a node that is stopped keeps it as long as another
 * of its nodes can take it; else the next member does. So a decision moves the seats it touches and
 * no others, and only {@code witness.reassign} moves all of them. Where fewer than {@code w} other
 * members have a node that may sit, there are as many witnesses as there are such members.
 *
 * <p>With the seats go the numbers that say how many of their holders it takes: {@code f}, {@code
 * q} and {@code r} of the same state. Whoever counts what witnesses say takes both from one
 * seating, so that seats of one epoch are never counted by the numbers of another.
 *
 * <p>For example, with one node of each of the members a to e and two witnesses, let c and e
 * witness a. When e is suspended, c keeps its seat and whoever comes next of b and d takes e's;
 * what a, c and e itself are witnessed by does not change, unless e was one of theirs.
 *
 * <p>Immutable to whoever looks, thread-safe. Cost of {@link #witnessesOf}: once per ward as for
 * {@link Seats}; of {@link #wardsOf}: that for every node.
 */
public final class Seating {
  private final long rotation;
  private final Counts counts;
  private final Map<String, NodeRecord> nodes = new TreeMap<>();
  private final List<NodeRecord> candidates;

  /**
   * What has been drawn, by ward: a pure function's results, so it changes nothing but the cost.
   */
  private final AtomicReference<Map<String, List<NodeRecord>>> drawn =
      new AtomicReference<>(Map.of());

  /** {@code f}, {@code w}, {@code q} and {@code r}. */
  private record Counts(int faults, int witnesses, int cosignatures, int bootAnswers) {
    static Counts of(Parameters parameters) {
      return new Counts(
          parameters.faults(),
          parameters.witnesses(),
          parameters.cosignatures(),
          parameters.bootAnswers());
    }
  }

  private Seating(
      long rotation, Counts counts, List<NodeRecord> nodes, List<NodeRecord> candidates) {
    this.rotation = rotation;
    this.counts = counts;
    nodes.forEach(node -> this.nodes.put(node.node(), node));
    this.candidates = candidates.stream().sorted(Comparator.comparing(NodeRecord::node)).toList();
  }

  /** What genesis alone says: before any decision, and for whoever knows of none. */
  public static Seating founding(Genesis genesis) {
    return new Seating(0, Counts.of(genesis.parameters()), genesis.nodes(), genesis.nodes());
  }

  /** After the decisions that have made this state. One scan. */
  public static Seating of(GovernanceState state) {
    List<NodeRecord> nodes = state.nodes();
    List<NodeRecord> active =
        nodes.stream()
            .filter(node -> state.standing(node.node()).equals(new NodeStanding.Active()))
            .toList();
    return new Seating(state.rotation(), Counts.of(state.parameters()), nodes, active);
  }

  public long rotation() {
    return rotation;
  }

  /** {@code f}: of so many witnesses of one node and one more, one is correct. */
  public int faults() {
    return counts.faults;
  }

  /** {@code w}: how many a node has if there are members enough. */
  public int witnesses() {
    return counts.witnesses;
  }

  /** {@code q}: cosignatures of witnesses of one node that make a checkpoint <i>witnessed</i>. */
  public int cosignatures() {
    return counts.cosignatures;
  }

  /**
   * {@code r}: how many witnesses of a node must answer before it signs again after a start. Where
   * it has fewer than {@code w} of them, as many fewer: those who are not there cannot have
   * cosigned either, and {@code q} of the others still have more than {@code f} in common with so
   * many.
   */
  public int bootAnswers(String node) {
    return Math.max(0, counts.bootAnswers - (counts.witnesses - witnessesOf(node).size()));
  }

  /**
   * Who witnesses a node, stopped or not, best score first.
   *
   * @throws IllegalArgumentException if there is no such node
   */
  public List<NodeRecord> witnessesOf(String ward) {
    NodeRecord record = nodes.get(ward);
    if (record == null) {
      throw new IllegalArgumentException("no node " + ward);
    }
    Map<String, List<NodeRecord>> known = Objects.requireNonNull(drawn.get());
    List<NodeRecord> before = known.get(ward);
    if (before != null) {
      return before;
    }
    List<NodeRecord> seats =
        Seats.drawn(ward, record.member(), rotation, counts.witnesses, candidates);
    Map<String, List<NodeRecord>> more = new TreeMap<>(known);
    more.put(ward, seats);
    // Whoever comes second draws the same once more.
    drawn.set(more);
    return seats;
  }

  /** Whether {@code node} holds a seat for {@code ward}, which may be no node at all. */
  public boolean isWitness(String node, String ward) {
    return nodes.containsKey(ward)
        && witnessesOf(ward).stream().anyMatch(seat -> seat.node().equals(node));
  }

  /** Whose witness {@code node} is, by id; nobody's if it is stopped. */
  public List<NodeRecord> wardsOf(String node) {
    return nodes.values().stream().filter(ward -> isWitness(node, ward.node())).toList();
  }

  /** The node in its present incarnation, stopped or not. */
  public Optional<NodeRecord> node(String id) {
    return Optional.ofNullable(nodes.get(id));
  }

  /** Every node in its present incarnation, stopped or not, by id. */
  public List<NodeRecord> nodes() {
    return List.copyOf(nodes.values());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Seating that
        && rotation == that.rotation
        && counts.equals(that.counts)
        && nodes.equals(that.nodes)
        && candidates.equals(that.candidates);
  }

  @Override
  public int hashCode() {
    return Objects.hash(rotation, counts, nodes, candidates);
  }
}
