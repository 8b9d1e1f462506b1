package org.probity.detector.evidence;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.probity.detector.codec.Bytes;
import org.probity.detector.governance.Genesis;
import org.probity.detector.log.EntryType;
import org.probity.detector.log.LogReader;
import org.probity.detector.program.Program;

/**
 * Everything that a fault has reached (protocol.md §8.3; PeerReview's accomplices, by values rather
 * than by nodes): what the culprit sent from its fault on, the inputs that took it in at other
 * nodes, the rows of state that those wrote, the inputs that read these rows, what they sent, and
 * so on. Nobody else is at fault for any of it.
 *
 * <p>Found by replaying the logs of all nodes while watching which keys the program reads and
 * writes. Reads that carry no value, such as counters, are left out by a filter that knows the
 * program's tables; without one, everything would touch everything. The granularity is one input: a
 * transaction that reads one affected row affects all rows that it writes.
 *
 * <pre>{@code
 * BlastRadius radius = BlastRadius.of(genesis, program, LedgerTables::carriesValue, logs,
 *     List.of(new BlastRadius.Source("bank-c", 62)));
 * radius.effects().forEach(effect -> ...);
 * }</pre>
 *
 * <p>Cost: one replay of each log. Immutable.
 */
public final class BlastRadius {

  /** An entry of a node's log. */
  public record At(String node, long index) implements Comparable<At> {
    @Override
    public int compareTo(At other) {
      int byNode = node.compareTo(other.node);
      return byNode != 0 ? byNode : Long.compare(index, other.index);
    }

    @Override
    public String toString() {
      return node + "/" + index;
    }
  }

  /** From here on nothing that this node logged can be relied on. */
  public record Source(String node, long position) {

    /**
     * Of a fork, whose proof names the size of the smaller tree: the histories have parted before.
     * Where they did is seen from what others took in and the log at hand does not have; from the
     * first of that, or from the smaller tree's last entry, it goes back to where its batch begins.
     *
     * @param size of the smaller tree
     * @param logs by node, as far as they are at hand
     */
    public static Source ofFork(
        String node, long size, SortedMap<String, ? extends LogReader> logs) {
      return new Source(node, ForkPoint.of(node, size, logs));
    }
  }

  /**
   * An input that took in or read something affected.
   *
   * @param causes the entries that it has it from: a SEND of another log, or an input of the same
   *     one that wrote what this one read
   */
  public record Effect(At at, EntryType type, SortedSet<At> causes) {}

  /**
   * A row that an affected input wrote.
   *
   * @param key as the program knows it
   * @param before empty if it was absent; likewise {@code after}
   */
  public record Change(At at, Bytes key, Optional<Bytes> before, Optional<Bytes> after) {}

  private final List<Source> sources;
  private final SortedMap<At, Effect> effects;
  private final List<Change> changes;
  private final SortedMap<String, Long> diverging;
  private final SortedSet<At> unseen;

  private BlastRadius(
      List<Source> sources,
      SortedMap<At, Effect> effects,
      List<Change> changes,
      SortedMap<String, Long> diverging,
      SortedSet<At> unseen) {
    this.sources = List.copyOf(sources);
    this.effects = effects;
    this.changes = List.copyOf(changes);
    this.diverging = diverging;
    this.unseen = unseen;
  }

  /**
   * Follows what comes of faults.
   *
   * @param carriesValue which of the program's keys hold something that can be wrong because of a
   *     wrong input
   * @param logs by node, as far as they are at hand; the culprits' own may be missing
   * @param sources the faults; several of one node count from the first
   */
  public static BlastRadius of(
      Genesis genesis,
      Program program,
      Predicate<Bytes> carriesValue,
      SortedMap<String, ? extends LogReader> logs,
      List<Source> sources) {
    SortedMap<String, Long> from = new TreeMap<>();
    sources.forEach(source -> from.merge(source.node(), source.position(), Math::min));
    Spread spread = new Spread(carriesValue, from);
    TreeMap<String, LogWalk> walks = new TreeMap<>();
    logs.forEach(
        (node, log) ->
            genesis
                .node(node)
                .ifPresent(
                    record -> walks.put(node, new LogWalk(genesis, record, program, log, spread))));
    follow(walks);
    SortedMap<String, Long> diverging = new TreeMap<>();
    walks.forEach((node, walk) -> walk.divergence().ifPresent(at -> diverging.put(node, at)));
    walks.values().forEach(walk -> walk.stuck().ifPresent(spread::unseen));
    return new BlastRadius(sources, spread.effects(), spread.changes(), diverging, spread.unseen());
  }

  /**
   * Replays all logs, each as far as it takes in nothing that another has still to show. Messages
   * go from cause to effect, so somebody can always go on, unless a copy ends too early.
   */
  private static void follow(NavigableMap<String, LogWalk> walks) {
    boolean isMoving = true;
    while (isMoving) {
      isMoving = false;
      for (LogWalk walk : walks.values()) {
        isMoving |= walk.advance(walks);
      }
    }
  }

  public List<Source> sources() {
    return sources;
  }

  /** Every input affected, by node and index. */
  public List<Effect> effects() {
    return List.copyOf(effects.values());
  }

  /** Every row written by one of them, in the order in which it was found. */
  public List<Change> changes() {
    return changes;
  }

  /** Nodes with an input that is affected; the culprits are not counted by their own faults. */
  public SortedSet<String> nodes() {
    SortedSet<String> nodes = new TreeSet<>();
    effects.keySet().forEach(at -> nodes.add(at.node()));
    return nodes;
  }

  /**
   * Other logs whose replay fails, and where: more faults than were asked about. From there on they
   * count as sources.
   */
  public SortedMap<String, Long> diverging() {
    return diverging;
  }

  /**
   * SENDs that were taken in and whose log is not at hand so far: what led to them is not known, so
   * the result may be too small. Likewise the first inputs of copies that each take in what the
   * other has only later, which no two genuine logs do.
   */
  public SortedSet<At> unseen() {
    return unseen;
  }

  /** What is known of the spread while it is followed. */
  static final class Spread {
    private final Predicate<Bytes> carriesValue;
    private final SortedMap<String, Long> sources;
    private final SortedMap<At, Effect> effects = new TreeMap<>();
    private final List<Change> changes = new ArrayList<>();
    private final SortedSet<At> affectedSends = new TreeSet<>();
    private final SortedSet<At> unseen = new TreeSet<>();

    Spread(Predicate<Bytes> carriesValue, SortedMap<String, Long> sources) {
      this.carriesValue = carriesValue;
      this.sources = new TreeMap<>(sources);
    }

    boolean carriesValue(Bytes key) {
      return carriesValue.test(key);
    }

    /** Where nothing of a log counts any more. */
    long end(String node) {
      return sources.getOrDefault(node, Long.MAX_VALUE);
    }

    void source(String node, long position) {
      sources.merge(node, position, Math::min);
    }

    boolean isAffected(At send) {
      return send.index() >= end(send.node()) || affectedSends.contains(send);
    }

    void send(At at) {
      affectedSends.add(at);
    }

    void effect(Effect effect) {
      effects.merge(
          effect.at(),
          effect,
          (one, other) -> {
            SortedSet<At> causes = new TreeSet<>(one.causes());
            causes.addAll(other.causes());
            return new Effect(one.at(), one.type(), causes);
          });
    }

    void change(Change change) {
      changes.add(change);
    }

    void unseen(At send) {
      unseen.add(send);
    }

    SortedMap<At, Effect> effects() {
      return effects;
    }

    List<Change> changes() {
      return changes;
    }

    SortedSet<At> unseen() {
      return unseen;
    }
  }
}
