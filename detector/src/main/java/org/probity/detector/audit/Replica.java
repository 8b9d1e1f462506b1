package org.probity.detector.audit;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.PublicKey;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.evidence.EntryExhibits;
import org.probity.detector.evidence.EvidenceBuilder;
import org.probity.detector.log.Frontier;
import org.probity.detector.log.LogAppend;
import org.probity.detector.log.LogReader;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.Origin;
import org.probity.detector.log.ProvenRange;
import org.probity.detector.log.Rfc6962;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.TreeHead;

/**
 * A ward's log as its witness holds it: the consistency check of protocol.md §6.3. It grows by
 * entries that a checkpoint of the ward commits to, and by nothing else; a checkpoint that commits
 * to another past is half of a FORK, and the replica has the other half.
 *
 * <p>Single owner, not thread-safe.
 */
public final class Replica {
  /** Checkpoints ahead of the replica that wait until it gets there. */
  public static final int MAX_AHEAD = 64;

  /** Checkpoints that are known to be genuine, some 400 bytes each. */
  private static final int MAX_GENUINE = 64;

  private final EvidenceBuilder evidence;
  private final Origin origin;
  private final PublicKey logKey;
  private final SignatureRule rule;
  private final List<SignedCheckpoint> ahead = new ArrayList<>();
  private final Set<Long> conflictsShown = new HashSet<>();
  private Frontier frontier;

  /** By size, those found genuine last: who floods with others displaces none of them. */
  private final Map<Long, SignedCheckpoint> genuine =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, SignedCheckpoint> eldest) {
          return size() > MAX_GENUINE;
        }
      };

  /** Of what is stored, at sizes that were asked for last. */
  private final Map<Long, Hash> roots =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Hash> eldest) {
          return size() > MAX_GENUINE;
        }
      };

  /** What a stored checkpoint covers; beyond it stands what one that is not reached promises. */
  private long coveredSize;

  /**
   * All that is stored is covered by a checkpoint.
   *
   * @param frontier of what is stored of the log
   */
  public Replica(Origin origin, PublicKey logKey, SignatureRule rule, Frontier frontier) {
    this(new EvidenceBuilder(origin.networkId()), origin, logKey, rule, frontier, frontier.size());
  }

  /**
   * @param evidence of forks: for a later incarnation one that brings the decisions along
   * @param frontier of what is stored of the log
   * @param coveredSize of the newest checkpoint whose entries are stored
   */
  public Replica(
      EvidenceBuilder evidence,
      Origin origin,
      PublicKey logKey,
      SignatureRule rule,
      Frontier frontier,
      long coveredSize) {
    this.evidence = evidence;
    this.origin = origin;
    this.logKey = logKey;
    this.rule = rule;
    this.frontier = frontier;
    this.coveredSize = coveredSize;
  }

  /** What entries with a checkpoint are good for. */
  public sealed interface Growth {

    /** Store this, then tell {@link #stored}. */
    record Extends(LogAppend append, Frontier after) implements Growth {}

    /**
     * The entries are not what the checkpoint commits to, or the checkpoint is not the ward's: the
     * same as no answer, and never evidence (protocol.md §7.3).
     *
     * @param code stable, lower_snake
     */
    record WrongData(String code) implements Growth {}
  }

  /**
   * What entries are good for that the ward has produced when challenged, see {@link
   * #judge(SignedCheckpoint, long, List, List, Optional)}.
   */
  public sealed interface Produced {

    /**
     * They come next, and are in the tree that is promised: store them, then tell {@link #kept}.
     */
    record Continues(long firstIndex, List<Bytes> entries, Frontier after) implements Produced {}

    /** The promised tree has another past than what is held: FORK. */
    record Forks(Bytes candidate) implements Produced {}

    /** Not what comes next here, or proven by nothing: ask again. */
    record Useless() implements Produced {}
  }

  /** How a checkpoint compares with what is held. */
  public enum Comparison {
    /** It commits to a prefix of the replica. */
    CONSISTENT,
    /** It commits to something else: FORK. */
    CONFLICT,
    /** It is ahead of the replica; it will be compared when the replica gets there. */
    AHEAD,
    /** It is not a checkpoint of this log, or too many are waiting that are less far ahead. */
    REFUSED
  }

  /**
   * A checkpoint compared, and what that proves.
   *
   * @param candidate bytes for {@code EvidenceVerifier}: FORK, or INVALID_ENTRY for a checkpoint in
   *     the middle of a batch
   */
  public record Judged(Comparison comparison, Optional<Bytes> candidate) {}

  public Origin origin() {
    return origin;
  }

  /** Entries stored. */
  public long size() {
    return frontier.size();
  }

  /**
   * Checks the entries from {@link #size} up to exactly the checkpoint's size. Cost: one signature
   * verification and one hash per entry.
   *
   * <p>Data that does not fit proves nothing, but its checkpoint may be genuine and then speaks of
   * another past: hand it to {@link #judge} in any case.
   */
  public Growth grow(SignedCheckpoint checkpoint, List<Bytes> entries) {
    if (!isGenuine(checkpoint)) {
      return new Growth.WrongData("checkpoint_invalid");
    }
    if (entries.isEmpty() || checkpoint.size() != frontier.size() + entries.size()) {
      return new Growth.WrongData("range_unexpected");
    }
    Frontier.Grown grown = frontier.append(entries.stream().map(Rfc6962::leaf).toList());
    if (!grown.frontier().head().equals(checkpoint.head())) {
      return new Growth.WrongData("root_differs");
    }
    LogAppend append =
        new LogAppend(origin, frontier.size(), entries, grown.completed(), checkpoint);
    return new Growth.Extends(append, grown.frontier());
  }

  /**
   * The growth is durable.
   *
   * @return checkpoints to be judged now: its own, and those that were ahead until now
   */
  public List<SignedCheckpoint> stored(Growth.Extends growth) {
    if (growth.append().firstIndex() != frontier.size()) {
      throw new IllegalStateException("growth from " + growth.append().firstIndex());
    }
    frontier = growth.after();
    coveredSize = frontier.size();
    roots.put(coveredSize, growth.append().checkpoint().head().root());
    return reached(growth.append().checkpoint());
  }

  /**
   * Judges a part of what a checkpoint promises that is not reached yet. Its proof shows the tree
   * to the left of it: if that is ours, these entries come next in a log that the ward has signed,
   * however far away the end of it is. Cost: one hash per entry and what the proof takes.
   *
   * @param promised signed by the ward; the same one until it is reached
   * @param newest the checkpoint at {@link #coveredSize}, if there is one
   */
  public Produced judge(
      SignedCheckpoint promised,
      long from,
      List<Bytes> entries,
      List<Hash> multiproof,
      Optional<SignedCheckpoint> newest) {
    long known = frontier.size() - from;
    if (known < 0 || known >= entries.size() || promised.size() <= frontier.size()) {
      return new Produced.Useless();
    }
    int skipped = (int) known;
    List<Hash> leaves = entries.stream().map(Rfc6962::leaf).toList();
    Optional<ProvenRange> proven =
        ProvenRange.of(promised.head(), from, leaves, multiproof)
            .map(range -> range.without(skipped));
    if (proven.isEmpty() || !isGenuine(promised)) {
      return new Produced.Useless();
    }
    if (proven.get().before().equals(frontier)) {
      Frontier.Grown grown = frontier.append(leaves.subList(skipped, leaves.size()));
      return new Produced.Continues(
          frontier.size(), entries.subList(skipped, entries.size()), grown.frontier());
    }
    // SPEC protocol.md §6.3: extends my view, or conflict -> FORK.
    return newest
        .filter(covering -> covering.size() == frontier.size())
        .<Produced>map(
            covering ->
                new Produced.Forks(
                    evidence.fork(covering, promised, proven.get().pathFromBefore())))
        .orElseGet(Produced.Useless::new);
  }

  /**
   * Checks the entries from {@link #size} up to where the members have closed the log, out of
   * anybody's copy: also of the log that the next incarnation has gone on with, which has them, too
   * (protocol.md §11.3). What was fixed then decides, so no signature is needed. Cost: one hash per
   * entry.
   *
   * @param close beyond what is held
   * @return store them, then tell {@link #kept}; empty if they are not what was closed
   */
  public Optional<Produced.Continues> rest(TreeHead close, List<Bytes> entries) {
    if (entries.isEmpty() || frontier.size() + entries.size() != close.size()) {
      return Optional.empty();
    }
    Frontier after = frontier.append(entries.stream().map(Rfc6962::leaf).toList()).frontier();
    return after.head().equals(close)
        ? Optional.of(new Produced.Continues(frontier.size(), entries, after))
        : Optional.empty();
  }

  /** What continues is durable. */
  public void kept(Produced.Continues part) {
    if (part.firstIndex() != frontier.size()) {
      throw new IllegalStateException("a part from " + part.firstIndex());
    }
    frontier = part.after();
  }

  /**
   * The largest of the checkpoints that wait whose entries are stored by now; to be stored, and
   * told {@link #covered}.
   *
   * @param stored reads at least {@link #size} entries of the replica
   */
  public Optional<SignedCheckpoint> passed(LogReader stored) {
    return ahead.stream()
        .filter(waiting -> waiting.size() <= frontier.size() && isPrefix(waiting, stored))
        .max(Comparator.comparingLong(SignedCheckpoint::size));
  }

  /**
   * A checkpoint over a prefix of what is stored is durable, too.
   *
   * @return checkpoints to be judged now: itself, and those that were ahead until now
   */
  public List<SignedCheckpoint> covered(SignedCheckpoint checkpoint) {
    if (checkpoint.size() > frontier.size()) {
      throw new IllegalStateException("a checkpoint of " + checkpoint.size());
    }
    coveredSize = Math.max(coveredSize, checkpoint.size());
    return reached(checkpoint);
  }

  private List<SignedCheckpoint> reached(SignedCheckpoint checkpoint) {
    List<SignedCheckpoint> reached = new ArrayList<>();
    reached.add(checkpoint);
    ahead.stream().filter(waiting -> waiting.size() <= coveredSize).forEach(reached::add);
    ahead.removeAll(reached);
    conflictsShown.removeIf(size -> size <= coveredSize);
    return reached;
  }

  /** What is stored stays as it is, so its roots are computed once: many show the same. */
  private boolean isPrefix(SignedCheckpoint checkpoint, LogReader stored) {
    Hash root = roots.computeIfAbsent(checkpoint.size(), size -> MerkleProofs.rootAt(stored, size));
    return root.equals(checkpoint.head().root());
  }

  /** Entries stored up to the newest checkpoint among them. */
  public long coveredSize() {
    return coveredSize;
  }

  /**
   * Compares a checkpoint that somebody has shown us with the log we hold.
   *
   * @param stored reads at least {@link #size} entries of the replica
   */
  public Comparison compare(SignedCheckpoint checkpoint, LogReader stored) {
    if (!isGenuine(checkpoint)) {
      return Comparison.REFUSED;
    }
    if (checkpoint.size() <= frontier.size() && isPrefix(checkpoint, stored)) {
      return Comparison.CONSISTENT;
    }
    // Half of a fork beyond what is covered waits, too: the other half is what was promised, and
    // proves it when it is reached.
    if (checkpoint.size() > coveredSize) {
      // By head: one that signs the same again and again must not fill the list.
      if (ahead.stream().anyMatch(waiting -> waiting.head().equals(checkpoint.head()))) {
        return Comparison.AHEAD;
      }
      return waits(checkpoint) ? Comparison.AHEAD : Comparison.REFUSED;
    }
    // SPEC protocol.md §6.3: prefix of what I hold, or conflict.
    return Comparison.CONFLICT;
  }

  /**
   * Compares, and says what of it proves a fault.
   *
   * @param newest the checkpoint whose entries {@code stored} ends with
   */
  public Judged judge(SignedCheckpoint checkpoint, SignedCheckpoint newest, LogReader stored) {
    return judge(checkpoint, Optional.of(newest), stored);
  }

  /**
   * Compares, and says what of it proves a fault; also where no checkpoint is stored.
   *
   * @param newest the one at {@link #coveredSize}, if there is one
   */
  public Judged judge(
      SignedCheckpoint checkpoint, Optional<SignedCheckpoint> newest, LogReader stored) {
    // First: what one that waits proves together with this one, it proves even if there is no room.
    Optional<SignedCheckpoint> otherHalf = otherHalf(checkpoint);
    Comparison comparison = compare(checkpoint, stored);
    Optional<Bytes> candidate =
        switch (comparison) {
          case CONFLICT -> newest.map(covering -> evidence.fork(checkpoint, covering, stored));
          case CONSISTENT ->
              EntryExhibits.misplacedCheckpoint(stored, checkpoint.size())
                  .map(it -> evidence.invalidEntry(checkpoint, it.code(), it.indices(), stored));
          case AHEAD, REFUSED -> otherHalf.map(waiting -> evidence.fork(waiting, checkpoint));
        };
    return new Judged(comparison, candidate);
  }

  /** Those that wait until the replica gets there. */
  public List<SignedCheckpoint> waiting() {
    return List.copyOf(ahead);
  }

  /** Takes a place among those that wait, from the farthest if there is none. */
  private boolean waits(SignedCheckpoint checkpoint) {
    ahead.add(checkpoint);
    if (ahead.size() <= MAX_AHEAD) {
      return true;
    }
    // The nearest stay: junk that is to keep others out has to be where the log will come by.
    SignedCheckpoint farthest =
        Collections.max(ahead, Comparator.comparingLong(SignedCheckpoint::size));
    ahead.remove(farthest);
    if (ahead.stream().noneMatch(waiting -> waiting.size() == farthest.size())) {
      conflictsShown.remove(farthest.size());
    }
    return !farthest.equals(checkpoint);
  }

  /** One that waits and contradicts this one; each size is told once. */
  private Optional<SignedCheckpoint> otherHalf(SignedCheckpoint checkpoint) {
    if (ahead.isEmpty()) {
      // As a rule: nothing more to be done for most of what is shown.
      return Optional.empty();
    }
    return ahead.stream()
        .filter(waiting -> waiting.size() == checkpoint.size())
        .filter(waiting -> !waiting.head().equals(checkpoint.head()))
        .findFirst()
        .filter(waiting -> isGenuine(checkpoint))
        .filter(waiting -> conflictsShown.add(waiting.size()));
  }

  /**
   * Whether it is a checkpoint of this log, signed by its node. Cost: one verification, none of one
   * that has been found genuine a short while ago: many show the same.
   */
  public boolean isGenuine(SignedCheckpoint checkpoint) {
    SignedCheckpoint known = genuine.get(checkpoint.size());
    if (known != null && known.equals(checkpoint)) {
      return true;
    }
    boolean isGenuine = checkpoint.origin().equals(origin) && checkpoint.isSignedBy(rule, logKey);
    if (isGenuine) {
      genuine.put(checkpoint.size(), checkpoint);
    }
    return isGenuine;
  }
}
