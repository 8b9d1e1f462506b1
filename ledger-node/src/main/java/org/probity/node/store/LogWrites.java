package org.probity.node.store;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.log.TreeHead;

/**
 * What one commit writes: all of it or nothing. Single owner; used once.
 *
 * <p>Nothing is checked against the store before {@link LmdbLogStore#commit}.
 */
public final class LogWrites {
  public static final int MAX_KEY_BYTES = LmdbEnvironment.MAX_KEY_BYTES;

  record Append(StoredLog log, long firstIndex, List<Bytes> entries) {}

  record Checkpoint(StoredLog log, TreeHead head, Bytes note) {}

  private final Map<StoredLog, Append> appends = new LinkedHashMap<>();
  private final List<Checkpoint> checkpoints = new ArrayList<>();
  private final Map<Bytes, Optional<Bytes>> metadata = new LinkedHashMap<>();

  /**
   * Entries at the end of a log, at most one such call per log.
   *
   * @param firstIndex the size of the log before; named so that a caller that has lost count fails
   */
  public LogWrites append(StoredLog log, long firstIndex, List<Bytes> entries) {
    if (appends.putIfAbsent(log, new Append(log, firstIndex, List.copyOf(entries))) != null) {
      throw new IllegalArgumentException("two appends to " + log.origin() + " in one commit");
    }
    return this;
  }

  /**
   * A checkpoint under its size; one of the same size is replaced (it has gained cosignatures).
   *
   * @param head what the note says, checked against the tree where the log reaches that size
   * @param note the signed note, exact bytes
   */
  public LogWrites checkpoint(StoredLog log, TreeHead head, Bytes note) {
    checkpoints.add(new Checkpoint(log, head, note));
    return this;
  }

  /** The signing mark; the caller writes the second copy after the commit. */
  public LogWrites mark(Bytes mark) {
    return put(LmdbLogStore.MARK_KEY, mark);
  }

  /** Free metadata. Keys of 1 to {@value #MAX_KEY_BYTES} bytes. */
  public LogWrites put(Bytes key, Bytes value) {
    metadata.put(key, Optional.of(value));
    return this;
  }

  public LogWrites remove(Bytes key) {
    metadata.put(key, Optional.empty());
    return this;
  }

  Iterable<Append> appends() {
    return appends.values();
  }

  @Nullable Append appendTo(StoredLog log) {
    return appends.get(log);
  }

  List<Checkpoint> checkpoints() {
    return checkpoints;
  }

  Map<Bytes, Optional<Bytes>> metadata() {
    return metadata;
  }
}
