package org.probity.detector.node;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.log.Frontier;
import org.probity.detector.log.LogAppend;
import org.probity.detector.log.LogReader;
import org.probity.detector.log.Origin;
import org.probity.detector.log.Rfc6962;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.SigningMark;
import org.probity.detector.log.TreeNode;
import org.probity.detector.log.UnreadableLogException;

/** A log whose disk is memory; for tests, which may also tamper with it. */
public final class MemoryLog extends CommitStore implements LogReader {
  private final List<Bytes> entries = new ArrayList<>();
  private final Map<TreePlace, Hash> nodes = new HashMap<>();
  private final List<SignedCheckpoint> checkpoints = new ArrayList<>();
  private SigningMark mark = SigningMark.NOTHING_SIGNED;

  private record TreePlace(int level, long index) {}

  private final Map<Origin, Bytes> views = new LinkedHashMap<>();

  @Override
  protected void persist(Optional<Growth> growth, Map<Origin, Bytes> newViews) {
    if (growth.isPresent()) {
      append(growth.get().append());
      mark = growth.get().mark();
    }
    views.putAll(newViews);
  }

  /** What was held of others' logs at the last commit. */
  public List<Bytes> views() {
    return List.copyOf(views.values());
  }

  /** Appends what is somebody else's. */
  public void append(LogAppend append) {
    if (append.firstIndex() != entries.size()) {
      throw new IllegalStateException(
          "append at " + append.firstIndex() + ", the log has " + entries.size());
    }
    entries.addAll(append.entries());
    for (TreeNode node : append.completed()) {
      nodes.put(new TreePlace(node.level(), node.index()), node.hash());
    }
    checkpoints.add(append.checkpoint());
  }

  /** Takes the first entries of somebody else's log over, without a signature. */
  public void copy(LogReader other, long size) {
    List<Bytes> copied = LongStream.range(0, size).mapToObj(other::entry).toList();
    List<Hash> leaves = copied.stream().map(Rfc6962::leaf).toList();
    entries.addAll(copied);
    for (TreeNode node : Frontier.EMPTY.append(leaves).completed()) {
      nodes.put(new TreePlace(node.level(), node.index()), node.hash());
    }
  }

  public SigningMark mark() {
    return mark;
  }

  public Optional<SignedCheckpoint> newest() {
    return checkpoints.isEmpty()
        ? Optional.empty()
        : Optional.of(checkpoints.get(checkpoints.size() - 1));
  }

  public List<SignedCheckpoint> checkpoints() {
    return List.copyOf(checkpoints);
  }

  @Override
  public long size() {
    return entries.size();
  }

  /** As any reader of a disk does: what fails its hash was not read. */
  @Override
  public Bytes entry(long index) {
    Bytes entry = entries.get((int) index);
    if (!Rfc6962.leaf(entry).equals(node(0, index))) {
      throw new UnreadableLogException(
          "entry " + index + " fails its hash", new IllegalStateException());
    }
    return entry;
  }

  /** The disk changes one bit of an entry; a second time changes it back. */
  public void flipBit(long index, int bit) {
    byte[] bytes = entries.get((int) index).toArray();
    bytes[bit / 8] ^= (byte) (1 << (bit % 8));
    entries.set((int) index, Bytes.wrap(bytes));
  }

  @Override
  public Hash node(int level, long index) {
    Hash hash = nodes.get(new TreePlace(level, index));
    if (hash == null) {
      throw new IndexOutOfBoundsException("no node " + level + "/" + index);
    }
    return hash;
  }
}
