package org.probity.simulation.node;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.probity.detector.audit.EmbeddedCheckpoints;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.log.Entry;
import org.probity.detector.log.EntryType;
import org.probity.detector.log.LogAppend;
import org.probity.detector.log.LogReader;
import org.probity.detector.log.MemoryTree;
import org.probity.detector.log.Origin;
import org.probity.detector.log.Rfc6962;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.UnreadableLogException;

/** Entries of one log on a simulated disk, with the tree over them. */
public final class StoredEntries implements LogReader {
  private final List<Bytes> entries = new ArrayList<>();
  private final Map<Long, Bytes> damaged = new HashMap<>();

  /** Entries as somebody has asked for them; null where nobody has. */
  private final List<@Nullable Entry> decoded = new ArrayList<>();

  /** Where entries of each type stand, of those before {@link #sorted}. */
  private final Map<EntryType, List<Long>> byType = new EnumMap<>(EntryType.class);

  private long sorted;

  /** Checkpoints of other logs in the entries that members have looked at, in order. */
  private final Map<Origin, List<Shown>> shown = new HashMap<>();

  private int lookedAt;

  private record Shown(long index, SignedCheckpoint checkpoint) {}

  private final MemoryTree tree = new MemoryTree();
  private @Nullable SignedCheckpoint newest;

  /** Appends entries; the tree is of these very bytes. */
  public void append(List<Bytes> more) {
    List<Hash> hashes = more.stream().map(Rfc6962::leaf).toList();
    entries.addAll(more);
    tree.append(hashes);
  }

  /** Stores what a log has grown by, subtrees included, as a store on a real disk does. */
  void append(LogAppend growth) {
    entries.addAll(growth.entries());
    tree.store(growth.completed());
    newest = growth.checkpoint();
  }

  /** The newest checkpoint, over entries that are here. */
  public void checkpoint(SignedCheckpoint checkpoint) {
    newest = checkpoint;
  }

  public Optional<SignedCheckpoint> newest() {
    return Optional.ofNullable(newest);
  }

  /** From one index up to, and without, another. */
  public List<Bytes> range(long from, long to) {
    return List.copyOf(entries.subList((int) from, (int) to));
  }

  /** The same, independent of this from now on. */
  public StoredEntries copy() {
    StoredEntries copy = new StoredEntries();
    List<Bytes> undamaged = new ArrayList<>(entries);
    damaged.forEach((index, entry) -> undamaged.set(index.intValue(), entry));
    copy.append(undamaged);
    copy.newest = newest;
    return copy;
  }

  void restoreAll() {
    List.copyOf(damaged.keySet()).forEach(this::restore);
  }

  @Override
  public long size() {
    return entries.size();
  }

  /** As any reader of a disk does: what fails its hash was not read. */
  @Override
  public Bytes entry(long index) {
    Bytes entry = entries.get((int) index);
    boolean isSuspect = !damaged.isEmpty() && damaged.containsKey(index);
    if (isSuspect && !Rfc6962.leaf(entry).equals(tree.node(0, index))) {
      throw new UnreadableLogException(
          "entry " + index + " fails its hash", new IllegalStateException());
    }
    return entry;
  }

  /** The same, decoded: once, however many oracles read it. */
  public Entry decoded(long index) throws DecodeException {
    return decoded(index, entry(index));
  }

  /**
   * What has been written of one type, in order: most of a log is of no concern to who looks for a
   * few entries of it.
   */
  public List<Entry> decoded(EntryType type) throws DecodeException {
    for (; sorted < entries.size(); sorted++) {
      Optional<EntryType> known = Entry.typeOf(original(sorted));
      if (known.isPresent()) {
        byType.computeIfAbsent(known.get(), none -> new ArrayList<>()).add(sorted);
      }
    }
    List<Entry> found = new ArrayList<>();
    for (long index : byType.getOrDefault(type, List.of())) {
      found.add(decoded(index));
    }
    return found;
  }

  /** As it was before the disk damaged it, decoded. */
  public Entry originalDecoded(long index) throws DecodeException {
    return decoded(index, original(index));
  }

  /**
   * The checkpoints of another log in the first so many entries. Each entry is looked at once,
   * however many members look.
   *
   * @throws UnreadableLogException if one of these entries is damaged
   */
  Stream<SignedCheckpoint> shown(Origin log, long size) {
    damaged.keySet().stream().filter(index -> index < size).forEach(this::entry);
    for (; lookedAt < size; lookedAt++) {
      long index = lookedAt;
      EmbeddedCheckpoints.signed(entries.get(lookedAt))
          .ifPresent(
              it ->
                  shown
                      .computeIfAbsent(it.origin(), none -> new ArrayList<>())
                      .add(new Shown(index, it)));
    }
    return shown.getOrDefault(log, List.of()).stream()
        .filter(it -> it.index() < size)
        .map(Shown::checkpoint);
  }

  private Entry decoded(long index, Bytes bytes) throws DecodeException {
    while (decoded.size() <= index) {
      decoded.add(null);
    }
    Entry known = decoded.get((int) index);
    if (known == null || !known.bytes().equals(bytes)) {
      known = Entry.decode(bytes);
      decoded.set((int) index, known);
    }
    return known;
  }

  /** The disk changes one bit of an entry. */
  public void flipBit(long index, int bit) {
    byte[] bytes = entries.get((int) index).toArray();
    int at = Math.floorMod(bit, bytes.length * 8);
    bytes[at / 8] ^= (byte) (1 << (at % 8));
    damaged.putIfAbsent(index, entries.get((int) index));
    entries.set((int) index, Bytes.wrap(bytes));
  }

  /** As it was before the disk damaged it. */
  public Bytes original(long index) {
    Bytes before = damaged.get(index);
    return before == null ? entries.get((int) index) : before;
  }

  /** Somebody who has a copy puts back what was there. */
  public void restore(long index) {
    Bytes before = damaged.remove(index);
    if (before != null) {
      entries.set((int) index, before);
    }
  }

  @Override
  public Hash node(int level, long index) {
    return tree.node(level, index);
  }
}
