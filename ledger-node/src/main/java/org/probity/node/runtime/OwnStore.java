package org.probity.node.runtime;

import java.io.IOException;
import org.probity.detector.log.LogAppend;
import org.probity.detector.log.SigningMark;
import org.probity.detector.node.CommitStore;
import org.probity.node.store.LmdbLogStore;
import org.probity.node.store.LogWrites;
import org.probity.node.store.MarkFile;
import org.probity.node.store.StoreException;
import org.probity.node.store.StoredLog;

/**
 * The own log on disk: entries, tree, checkpoint and signing mark in one fsynced LMDB transaction,
 * then the mark's second copy, fsynced too, elsewhere. Only after both is a commit durable.
 */
final class OwnStore extends CommitStore {
  private final LmdbLogStore store;
  private final StoredLog log;
  private final MarkFile markFile;

  OwnStore(LmdbLogStore store, StoredLog log, MarkFile markFile) {
    this.store = store;
    this.log = log;
    this.markFile = markFile;
  }

  @Override
  protected void persist(LogAppend append, SigningMark mark) throws IOException {
    try {
      store.commit(
          new LogWrites()
              .append(log, append.firstIndex(), append.entries())
              .checkpoint(log, append.checkpoint().head(), append.checkpoint().bytes())
              .mark(mark.encode()));
      // A crash here leaves the copy behind: the higher of the two counts, and that is the store's.
      markFile.write(mark.encode());
    } catch (StoreException e) {
      throw new IOException(e.getMessage(), e);
    }
  }
}
