package org.probity.node.store;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.probity.detector.codec.Bytes;
import org.probity.detector.log.LogAppend;
import org.probity.detector.log.Origin;
import org.probity.detector.log.SigningMark;
import org.probity.detector.node.CommitStore;

/**
 * The node's own log as the core knows it: entries, tree, checkpoint, signing mark and the views of
 * others' logs in one fsynced LMDB transaction, then the mark's second copy elsewhere. Only after
 * both is a commit durable (protocol.md §4.6).
 *
 * <p>The other order would let a crash in between leave a mark ahead of the log, which looks
 * exactly like a store that was rolled back.
 */
public final class DurableLog extends CommitStore {
  private static final String VIEW_PREFIX = "view/";

  private final LmdbLogStore store;
  private final StoredLog log;
  private final MarkFile markFile;

  public DurableLog(LmdbLogStore store, StoredLog log, MarkFile markFile) {
    this.store = store;
    this.log = log;
    this.markFile = markFile;
  }

  @Override
  protected void persist(Optional<Growth> growth, Map<Origin, Bytes> views) throws IOException {
    LogWrites writes = new LogWrites();
    views.forEach((origin, view) -> writes.put(viewKey(origin.format()), view));
    try {
      if (growth.isPresent()) {
        append(writes, growth.get().append());
        commit(store, markFile, writes, growth.get().mark());
      } else {
        // Nothing is signed, so the mark stays where it is.
        store.commit(writes);
      }
    } catch (StoreException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private void append(LogWrites writes, LogAppend append) {
    if (!append.origin().format().equals(log.origin())) {
      throw new IllegalArgumentException(append.origin() + " is not " + log.origin());
    }
    writes
        .append(log, append.firstIndex(), append.entries())
        .checkpoint(log, append.checkpoint().head(), append.checkpoint().bytes());
  }

  private static Bytes viewKey(String origin) {
    return Bytes.utf8(VIEW_PREFIX + origin);
  }

  /** What was held of others' logs at the last commit, one value per log. */
  static List<Bytes> views(LmdbLogStore store) {
    return List.copyOf(store.withPrefix(Bytes.utf8(VIEW_PREFIX)).values());
  }

  /**
   * One commit to both places, in order.
   *
   * @throws StoreException whatever the code, the commit does not count as durable; only {@code
   *     FULL} says that it certainly did not happen
   */
  static void commit(LmdbLogStore store, MarkFile markFile, LogWrites writes, SigningMark mark) {
    store.commit(writes.mark(mark.encode()));
    // A crash here leaves the second copy one commit behind; the higher of the two counts, and
    // nothing of this commit has been released yet.
    try {
      markFile.write(mark.encode());
    } catch (StoreException e) {
      store.latch().set(String.valueOf(e.getMessage()));
      throw e;
    }
  }
}
