package org.probity.detector.commitment;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.Origin;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.TreeHead;

/**
 * The one view held of every log (protocol.md §5.2). A checkpoint supersedes another only after a
 * verified consistency proof between exactly these two; one that cannot be linked is kept, because
 * it may be half of a proof of a fork.
 *
 * <p>At most {@value #MAX_UNLINKED} of a log wait to be linked; then the log is refused until some
 * of them are linked after all, or confirmed by its witnesses.
 *
 * <p>All of it is to outlive this process: {@link #drainChanges} gives what a commit writes, {@link
 * #restore} takes it back. What is written of one log, in deterministic CBOR:
 *
 * <pre>
 * view = [newest: bstr, unlinked: [0*16 bstr]]   ; strict checkpoints, docs/format/checkpoint.md
 * </pre>
 *
 * <p>Not thread-safe; owned by the core.
 */
public final class Views {
  /** SPEC protocol.md §5.2: beyond this many a log is not listened to. */
  public static final int MAX_UNLINKED = 16;

  private final Map<Origin, View> views = new LinkedHashMap<>();
  private final Set<Origin> changed = new LinkedHashSet<>();
  private boolean isLosingAny;

  /** What became of an offered checkpoint. */
  public enum Verdict {
    /** It is the view, or is linked to it now. */
    LINKED,
    /** The proof does not start at the view held; ask again from there. */
    WRONG_BASE,
    /** A proof came and does not hold. */
    UNPROVEN,
    /** Another tree of the same size as one that is held: two halves of a FORK. */
    CONFLICT,
    /** Too many checkpoints of this log wait to be linked: nothing of it is taken. */
    LOG_REFUSED
  }

  /** Two checkpoints of one log and one size with different roots: nothing else is needed. */
  public record Fork(SignedCheckpoint one, SignedCheckpoint other) {}

  /**
   * What an offer came to.
   *
   * @param fork present if the checkpoint contradicts one that is held, whatever the verdict
   */
  public record Offer(Verdict verdict, Optional<Fork> fork) {}

  private static final class View {
    private VerifiedCheckpoint newest;
    private final List<VerifiedCheckpoint> unlinked = new ArrayList<>();
    private long refused;

    View(VerifiedCheckpoint newest) {
      this.newest = newest;
    }

    boolean isFull() {
      return unlinked.size() >= MAX_UNLINKED;
    }
  }

  /** Size of the log as seen here; 0 if never seen. */
  public long heldSize(Origin origin) {
    return newest(origin).map(VerifiedCheckpoint::size).orElse(0L);
  }

  /**
   * From which of our checkpoints a proof would help most: the largest that could not be linked, so
   * that whatever comes next supersedes it, else the view. 0 if the log was never seen.
   */
  public long wantedBase(Origin origin) {
    View view = views.get(origin);
    if (view == null) {
      return 0;
    }
    return view.unlinked.stream()
        .mapToLong(VerifiedCheckpoint::size)
        .max()
        .orElse(view.newest.size());
  }

  public Optional<VerifiedCheckpoint> newest(Origin origin) {
    return Optional.ofNullable(views.get(origin)).map(view -> view.newest);
  }

  /** What the log's own node has said that could not be linked to the view, oldest first. */
  public List<VerifiedCheckpoint> unlinked(Origin origin) {
    View view = views.get(origin);
    return view == null ? List.of() : List.copyOf(view.unlinked);
  }

  /** Whether a checkpoint with this head is the view, or waits to be linked to it. */
  public boolean isHeld(Origin origin, TreeHead head) {
    View view = views.get(origin);
    return view != null
        && (view.newest.head().equals(head) || view.unlinked.stream().anyMatch(has(head)));
  }

  /** Whether nothing of this log is taken, because too much of it could not be linked. */
  public boolean isRefused(Origin origin) {
    View view = views.get(origin);
    return view != null && view.isFull();
  }

  /** How many of this log's checkpoints were turned away since the start, for that reason. */
  public long refusals(Origin origin) {
    View view = views.get(origin);
    return view == null ? 0 : view.refused;
  }

  /** Enough witnesses have said that this is on the log they hold: nobody has to wait for it. */
  public void confirmed(SignedCheckpoint checkpoint) {
    View view = views.get(checkpoint.origin());
    if (view != null && view.unlinked.removeIf(has(checkpoint.head()))) {
      changed.add(checkpoint.origin());
    }
  }

  /** Every view, in the order in which the logs were first heard of. */
  public List<VerifiedCheckpoint> all() {
    return views.values().stream().map(view -> view.newest).toList();
  }

  /**
   * Offers a checkpoint together with a consistency proof from {@code base}, as its author's own
   * message. Cost: a proof is checked against those of at most 17 checkpoints it can be about.
   *
   * @return {@link Verdict#LINKED} also for one that is older than the view and proven its prefix
   */
  public Offer offer(VerifiedCheckpoint offered, long base, List<Hash> consistency) {
    View view = views.get(offered.origin());
    Optional<Fork> fork = contradiction(offered);
    if (view == null) {
      views.put(offered.origin(), new View(offered));
      keep(offered.origin());
      return new Offer(fork.isEmpty() ? Verdict.LINKED : Verdict.CONFLICT, fork);
    }
    Linked linked = link(view, offered, base, consistency);
    if (view.isFull() && linked.unlinked().size() >= view.unlinked.size()) {
      // SPEC protocol.md §5.2: beyond the cap that log is refused; only what links one of those
      // that wait is heard.
      view.refused++;
      return new Offer(fork.isEmpty() ? Verdict.LOG_REFUSED : Verdict.CONFLICT, fork);
    }
    install(view, linked);
    if (fork.isPresent()) {
      return new Offer(Verdict.CONFLICT, fork);
    }
    if (linked.isToView()) {
      return new Offer(Verdict.LINKED, fork);
    }
    long viewBase = Math.min(view.newest.size(), offered.size());
    return new Offer(base == viewBase ? Verdict.UNPROVEN : Verdict.WRONG_BASE, fork);
  }

  private record Linked(
      boolean isToView, VerifiedCheckpoint newest, List<VerifiedCheckpoint> unlinked) {}

  /** What the view would be with {@code offered} in it. */
  private static Linked link(
      View view, VerifiedCheckpoint offered, long base, List<Hash> consistency) {
    boolean isToView =
        isSame(view.newest, offered) || isLinked(view.newest, offered, base, consistency);
    List<VerifiedCheckpoint> unlinked = new ArrayList<>();
    boolean isSuperseded = isToView;
    for (VerifiedCheckpoint waiting : view.unlinked) {
      boolean isSettled = isSame(waiting, offered);
      if (isLinked(waiting, offered, base, consistency)) {
        isSettled = waiting.size() < offered.size();
        isSuperseded |= !isSettled;
      }
      if (!isSettled) {
        unlinked.add(waiting);
      }
    }
    if (!isSuperseded) {
      unlinked.add(offered);
    }
    boolean isNewest = isToView && offered.size() > view.newest.size();
    return new Linked(isToView, isNewest ? offered : view.newest, unlinked);
  }

  private void install(View view, Linked linked) {
    Origin origin = linked.newest().origin();
    boolean isNews =
        !linked.newest().equals(view.newest)
            || linked.unlinked().stream().anyMatch(has -> !view.unlinked.contains(has));
    if (isNews) {
      keep(origin);
    } else if (linked.unlinked().size() != view.unlinked.size()) {
      changed.add(origin);
    }
    view.newest = linked.newest();
    view.unlinked.clear();
    view.unlinked.addAll(linked.unlinked());
  }

  private void keep(Origin origin) {
    changed.add(origin);
    isLosingAny = true;
  }

  private static boolean isSame(VerifiedCheckpoint one, VerifiedCheckpoint other) {
    return one.head().equals(other.head());
  }

  private static Predicate<VerifiedCheckpoint> has(TreeHead head) {
    return checkpoint -> checkpoint.head().equals(head);
  }

  /** Whether this is a proof between exactly these two. */
  private static boolean isLinked(
      VerifiedCheckpoint held, VerifiedCheckpoint offered, long base, List<Hash> consistency) {
    boolean isOlder = offered.size() < held.size();
    TreeHead older = isOlder ? offered.head() : held.head();
    TreeHead newer = isOlder ? held.head() : offered.head();
    return older.size() < newer.size()
        && base == older.size()
        && MerkleProofs.verifyConsistency(older, newer, consistency);
  }

  /** Every pair among what is held that proves a fork; not empty only after {@link #restore}. */
  public List<Fork> forks() {
    List<Fork> forks = new ArrayList<>();
    for (View view : views.values()) {
      view.unlinked.forEach(waiting -> contradiction(waiting).ifPresent(forks::add));
    }
    return forks;
  }

  /** What a checkpoint proves together with one that is held of its log. No work but comparing. */
  public Optional<Fork> contradiction(VerifiedCheckpoint other) {
    View view = views.get(other.origin());
    if (view == null) {
      return Optional.empty();
    }
    if (contradicts(view.newest, other)) {
      return Optional.of(new Fork(view.newest.signed(), other.signed()));
    }
    for (VerifiedCheckpoint waiting : view.unlinked) {
      if (contradicts(waiting, other)) {
        return Optional.of(new Fork(waiting.signed(), other.signed()));
      }
    }
    return Optional.empty();
  }

  private static boolean contradicts(VerifiedCheckpoint known, VerifiedCheckpoint other) {
    return known.size() == other.size() && !isSame(known, other);
  }

  /** Whether a crash now would lose something that was heard. */
  public boolean isLosingAny() {
    return isLosingAny;
  }

  /** What has changed since the last call, for a commit to write: everything about those logs. */
  public Map<Origin, Bytes> drainChanges() {
    Map<Origin, Bytes> changes = new LinkedHashMap<>();
    changed.forEach(
        origin ->
            Optional.ofNullable(views.get(origin))
                .map(Views::encode)
                .ifPresent(bytes -> changes.put(origin, bytes)));
    changed.clear();
    isLosingAny = false;
    return changes;
  }

  private static Bytes encode(View view) {
    CborWriter out =
        new CborWriter().array(2).bytes(view.newest.bytes()).array(view.unlinked.size());
    view.unlinked.forEach(waiting -> out.bytes(waiting.bytes()));
    return out.toBytes();
  }

  /**
   * Takes back what {@link #drainChanges} has given. Signatures are verified again: 17 at most.
   *
   * @throws DecodeException if it is something else; code {@code view_unknown} for a checkpoint
   *     that is not one of the consortium's
   */
  public void restore(Bytes encoded, CheckpointVerifier verifier) throws DecodeException {
    CborReader in = new CborReader(encoded);
    in.arrayHeader(2);
    View view = new View(stored(in, verifier));
    int count = in.arrayHeaderUpTo(MAX_UNLINKED);
    for (int i = 0; i < count; i++) {
      VerifiedCheckpoint waiting = stored(in, verifier);
      if (!waiting.origin().equals(view.newest.origin())) {
        throw new DecodeException("view_unknown", "checkpoints of two logs in one view");
      }
      view.unlinked.add(waiting);
    }
    in.end();
    views.put(view.newest.origin(), view);
  }

  private static VerifiedCheckpoint stored(CborReader in, CheckpointVerifier verifier)
      throws DecodeException {
    return verifier
        .verify(in.bytesUpTo(SignedCheckpoint.MAX_BYTES))
        .orElseThrow(
            () -> new DecodeException("view_unknown", "not a checkpoint of a node we know"));
  }
}
