package org.probity.detector.governance;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.probity.detector.crypto.Hash;
import org.probity.detector.log.Entry;
import org.probity.detector.log.EntryFault;
import org.probity.detector.log.EntryRules;
import org.probity.detector.log.Origin;
import org.probity.detector.log.TreeHead;

/**
 * Who has written which part of one log: the incarnations of a node in order, each from where the
 * members closed the one before (protocol.md §11.3).
 *
 * <pre>
 *  0 .. 40   bank-a in incarnation 0, closed at size 41
 * 41 ..      bank-a in incarnation 1, whose GENESIS is entry 41
 * </pre>
 *
 * <p>An incarnation goes on with the tree of its predecessor under keys of its own: indices,
 * channels and proofs go on as well. What the old keys sign beyond the close is in another log, and
 * that the two differ there is nobody's fault.
 *
 * <p>Immutable; never empty.
 */
public final class Incarnations {
  private final List<Part> parts;

  private Incarnations(List<Part> parts) {
    this.parts = List.copyOf(parts);
  }

  /**
   * What one incarnation has written, or is writing.
   *
   * @param beginning how it had to begin; nothing for a founding one, which begins at 0
   */
  public record Part(NodeRecord record, Optional<Beginning> beginning) {

    /** Index of its GENESIS. */
    public long first() {
      return beginning.map(it -> it.close().size()).orElse(0L);
    }

    public Origin origin(Hash networkId) {
      return new Origin(networkId, record.node(), record.incarnation());
    }
  }

  /**
   * What the members fixed when they let an incarnation begin.
   *
   * @param close of the one before: its entries up to there are those of this log, too
   * @param stateRoot at the close, where GENESIS goes on
   * @param minTickMillis no TICK from there on may be below
   */
  public record Beginning(TreeHead close, Hash stateRoot, long minTickMillis) {}

  /** Of a node that has had no other. */
  public static Incarnations founding(NodeRecord node) {
    if (node.incarnation() != 0) {
      throw new IllegalArgumentException(node + " is no founding incarnation");
    }
    return new Incarnations(List.of(new Part(node, Optional.empty())));
  }

  /** Of a node as the decisions that made this state have left it; empty if there is none. */
  public static Optional<Incarnations> of(GovernanceState state, String node) {
    return state
        .node(node)
        .map(
            present -> {
              List<Part> parts = new ArrayList<>();
              for (long incarnation = 0; incarnation < present.incarnation(); incarnation++) {
                parts.add(part(state, state.closed(node, incarnation).orElseThrow().record()));
              }
              parts.add(part(state, present));
              return new Incarnations(parts);
            });
  }

  private static Part part(GovernanceState state, NodeRecord record) {
    return new Part(
        record,
        state
            .beginning(record.node(), record.incarnation())
            .map(
                begun ->
                    new Beginning(
                        state.closed(record.node(), record.incarnation() - 1).orElseThrow().last(),
                        begun.stateRoot(),
                        begun.minTickMillis())));
  }

  /** The one that writes now, or wrote last: under its key the whole log is signed. */
  public NodeRecord present() {
    return last().record();
  }

  /** The same, and how it began. */
  public Part last() {
    return parts.get(parts.size() - 1);
  }

  /** Index of its GENESIS. */
  public long first() {
    return last().first();
  }

  /** In order. */
  public List<Part> parts() {
    return parts;
  }

  /** Where an incarnation was closed; empty for the present one. */
  public Optional<TreeHead> close(long incarnation) {
    return incarnation < 0 || incarnation + 1 >= parts.size()
        ? Optional.empty()
        : parts.get((int) incarnation + 1).beginning().map(Beginning::close);
  }

  /**
   * SPEC protocol.md §11.3: whether what an incarnation has signed is of the log that goes on. One
   * that is below the close and of another tree is half of a FORK, which is proven elsewhere.
   */
  public static boolean stands(TreeHead signed, TreeHead close) {
    return signed.size() < close.size() || signed.equals(close);
  }

  /** Whose the entry at {@code index} is. Linear in the incarnations, which are few. */
  public Part at(long index) {
    for (int i = parts.size() - 1; i > 0; i--) {
      if (index >= parts.get(i).first()) {
        return parts.get(i);
      }
    }
    return parts.get(0);
  }

  /** The rule that an entry breaks alone, wherever it stands in this log. */
  public Optional<EntryFault> alone(Hash networkId, long position, Entry entry) {
    Part writer = at(position);
    return EntryRules.alone(writer.origin(networkId), writer.first(), position, entry);
  }

  /** The log as an earlier incarnation left it, or the present one; empty if there was none. */
  public Optional<Incarnations> upTo(long incarnation) {
    return incarnation >= 0 && incarnation < parts.size()
        ? Optional.of(new Incarnations(parts.subList(0, (int) incarnation + 1)))
        : Optional.empty();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Incarnations that && parts.equals(that.parts);
  }

  @Override
  public int hashCode() {
    return parts.hashCode();
  }

  @Override
  public String toString() {
    return parts.toString();
  }
}
