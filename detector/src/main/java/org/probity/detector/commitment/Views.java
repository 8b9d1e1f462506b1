package org.probity.detector.commitment;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.probity.detector.crypto.Hash;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.Origin;
import org.probity.detector.log.SignedCheckpoint;

/**
 * The one view held of every log (protocol.md §5.2). A checkpoint supersedes another only after a
 * verified consistency proof between exactly these two; one that cannot be linked is kept, because
 * it may be half of a proof of a fork.
 *
 * <p>Callers offer checkpoints whose signature they have verified. Not thread-safe; owned by the
 * core.
 */
public final class Views {
  /** SPEC protocol.md §5.2: beyond this many a log is not listened to. */
  public static final int MAX_UNLINKED = 16;

  private final Map<Origin, View> views = new LinkedHashMap<>();

  /** What became of an offered checkpoint. */
  public enum Verdict {
    /** It is the view, or became it. */
    LINKED,
    /** Another tree of the same size: two halves of a FORK. */
    CONFLICT,
    /** The proof does not start at the view held; ask again from there. */
    WRONG_BASE,
    /** A proof came and does not hold, or too many checkpoints are waiting. */
    REFUSED
  }

  private static final class View {
    private SignedCheckpoint newest;
    private final List<SignedCheckpoint> unlinked = new ArrayList<>();

    View(SignedCheckpoint newest) {
      this.newest = newest;
    }
  }

  /** Size of the log as seen here; 0 if never seen. */
  public long heldSize(Origin origin) {
    View view = views.get(origin);
    return view == null ? 0 : view.newest.head().size();
  }

  public Optional<SignedCheckpoint> newest(Origin origin) {
    return Optional.ofNullable(views.get(origin)).map(view -> view.newest);
  }

  /** Checkpoints that contradict or could not be linked to the view, oldest first. */
  public List<SignedCheckpoint> unlinked(Origin origin) {
    View view = views.get(origin);
    return view == null ? List.of() : List.copyOf(view.unlinked);
  }

  /** A checkpoint that could not be linked is taken care of. */
  public void forgetUnlinked(SignedCheckpoint checkpoint) {
    View view = views.get(checkpoint.origin());
    if (view != null) {
      view.unlinked.removeIf(waiting -> waiting.head().equals(checkpoint.head()));
    }
  }

  /** Every view, in the order in which the logs were first heard of. */
  public List<SignedCheckpoint> all() {
    return views.values().stream().map(view -> view.newest).toList();
  }

  /**
   * Offers a checkpoint together with a consistency proof from {@code base}.
   *
   * @return {@link Verdict#LINKED} also for one that is older than the view and proven its prefix
   */
  public Verdict offer(SignedCheckpoint offered, long base, List<Hash> consistency) {
    View view = views.get(offered.origin());
    if (view == null) {
      views.put(offered.origin(), new View(offered));
      return Verdict.LINKED;
    }
    SignedCheckpoint held = view.newest;
    if (offered.head().equals(held.head())) {
      return Verdict.LINKED;
    }
    if (offered.head().size() == held.head().size()) {
      keepUnlinked(view, offered);
      return Verdict.CONFLICT;
    }
    boolean isOlder = offered.head().size() < held.head().size();
    SignedCheckpoint older = isOlder ? offered : held;
    SignedCheckpoint newer = isOlder ? held : offered;
    if (base != older.head().size()) {
      keepUnlinked(view, offered);
      return Verdict.WRONG_BASE;
    }
    if (!MerkleProofs.verifyConsistency(older.head(), newer.head(), consistency)) {
      keepUnlinked(view, offered);
      return Verdict.REFUSED;
    }
    view.newest = newer;
    view.unlinked.removeIf(waiting -> waiting.head().equals(offered.head()));
    return Verdict.LINKED;
  }

  private static void keepUnlinked(View view, SignedCheckpoint offered) {
    boolean known =
        view.unlinked.stream().anyMatch(waiting -> waiting.head().equals(offered.head()));
    if (!known && view.unlinked.size() < MAX_UNLINKED) {
      view.unlinked.add(offered);
    }
  }
}
