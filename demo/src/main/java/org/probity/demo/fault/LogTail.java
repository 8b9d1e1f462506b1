package org.probity.demo.fault;

import java.util.ArrayList;
import java.util.List;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.Signer;
import org.probity.detector.log.CheckpointSigner;
import org.probity.detector.log.Entry;
import org.probity.detector.log.EntryBody;
import org.probity.detector.log.Frontier;
import org.probity.detector.log.LogReader;
import org.probity.detector.log.Origin;
import org.probity.detector.log.Rfc6962;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.SigningMark;
import org.probity.detector.log.StateEntry;
import org.probity.node.http.PublishedLog;

/**
 * What a cheat writes behind the end of a true log: chained and counted as it must be where it is
 * not said otherwise, so that every departure from the rules is one that was asked for.
 */
final class LogTail {
  private final LogReader log;
  private final long end;
  private final StateEntry lastState;
  private final List<Bytes> more = new ArrayList<>();
  private Hash prev;
  private long batchStart;
  private long batchBytes;

  /** Behind the newest checkpoint of {@code truth}. */
  LogTail(PublishedLog truth) throws DecodeException {
    this.log = truth.entries();
    this.end = truth.size();
    Entry last = Entry.decode(log.entry(end - 1));
    if (!(last.body() instanceof StateEntry state)) {
      throw new IllegalStateException("the log does not end on STATE");
    }
    this.lastState = state;
    this.prev = last.leafHash();
    this.batchStart = last.index();
  }

  /** The index of the entry that comes next. */
  long next() {
    return end + more.size();
  }

  /** What the entry that comes next has to name as the one before it. */
  Hash prev() {
    return prev;
  }

  /** Of the entries since the last STATE. */
  long batchBytes() {
    return batchBytes;
  }

  /** The root of the state at the end of the true log. */
  Hash root() {
    return lastState.stateRoot();
  }

  /** Appends an entry with this body. */
  LogTail add(EntryBody body) {
    return add(Entry.of(next(), prev, body).bytes());
  }

  /** Appends anything. */
  LogTail add(Bytes entry) {
    more.add(entry);
    prev = Rfc6962.leaf(entry);
    batchBytes += entry.size();
    return this;
  }

  /** Ends the batch as if it had not changed anything. */
  LogTail state() {
    return state(root());
  }

  /** Ends the batch with any root. */
  LogTail state(Hash root) {
    add(new StateEntry(root, batchStart, batchBytes));
    batchStart = next() - 1;
    batchBytes = 0;
    return this;
  }

  /** The newest entry of the true log that has a body of this type. */
  <T extends EntryBody> T newest(Class<T> type) throws DecodeException {
    for (long index = end - 1; index >= 0; index--) {
      EntryBody body = Entry.decode(log.entry(index)).body();
      if (type.isInstance(body)) {
        return type.cast(body);
      }
    }
    throw new IllegalStateException("the log has no " + type.getSimpleName());
  }

  /** The whole log under a signature that has no regard to how far the true node has signed. */
  PublishedLog signed(Signer logKey, Origin origin) {
    CheckpointSigner signer = CheckpointSigner.guarding(logKey, origin, SigningMark.NOTHING_SIGNED);
    List<Hash> leaves = more.stream().map(Rfc6962::leaf).toList();
    Frontier whole = Frontier.read(log, end).append(leaves).frontier();
    if (signer.sign(whole.head()) instanceof CheckpointSigner.Signed signed) {
      SignedCheckpoint checkpoint = signed.checkpoint();
      return PublishedLog.of(checkpoint, new ContinuedLog(log, end, List.copyOf(more)));
    }
    throw new IllegalStateException("not signed: " + whole.head());
  }

  /** A log with entries behind its own; their hashes are of no use to anybody. */
  private record ContinuedLog(LogReader truth, long end, List<Bytes> more) implements LogReader {
    @Override
    public long size() {
      return end + more.size();
    }

    @Override
    public Bytes entry(long index) {
      return index < end ? truth.entry(index) : more.get((int) (index - end));
    }

    @Override
    public Hash node(int level, long index) {
      return truth.node(level, index);
    }
  }
}
