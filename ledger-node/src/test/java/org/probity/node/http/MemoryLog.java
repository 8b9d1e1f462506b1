package org.probity.node.http;

import java.util.ArrayList;
import java.util.List;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.PrivateKey;
import org.probity.detector.crypto.Signer;
import org.probity.detector.log.CheckpointSigner;
import org.probity.detector.log.LogReader;
import org.probity.detector.log.MemoryTree;
import org.probity.detector.log.Origin;
import org.probity.detector.log.Rfc6962;
import org.probity.detector.log.SigningMark;

/** A log in memory with real hashes and real checkpoints; its entries are any bytes. */
final class MemoryLog implements LogReader {
  private final MemoryTree tree = new MemoryTree();
  private final List<Bytes> entries = new ArrayList<>();
  private final CheckpointSigner signer;
  private PublishedLog published;
  private long highestRead = -1;

  MemoryLog(Origin origin, byte seed) {
    byte[] seedBytes = new byte[PrivateKey.SEED_BYTES];
    seedBytes[0] = seed;
    signer =
        CheckpointSigner.guarding(
            Signer.of(PrivateKey.fromSeed(seedBytes)), origin, SigningMark.NOTHING_SIGNED);
    append(List.of(Bytes.utf8("genesis of " + origin)));
  }

  /** Appends and publishes. */
  synchronized PublishedLog append(List<Bytes> more) {
    entries.addAll(more);
    tree.append(more.stream().map(Rfc6962::leaf).toList());
    CheckpointSigner.Signed signed = (CheckpointSigner.Signed) signer.sign(tree.head());
    published = PublishedLog.of(signed.checkpoint(), this);
    return published;
  }

  synchronized PublishedLog published() {
    return published;
  }

  /** Serves other bytes for an entry than those the checkpoints commit to. */
  synchronized void forge(int index, Bytes entry) {
    entries.set(index, entry);
  }

  /** The highest index anybody has read. */
  synchronized long highestRead() {
    return highestRead;
  }

  Origin origin() {
    return signer.origin();
  }

  String vkey() {
    return signer.verifierKey().format();
  }

  @Override
  public synchronized long size() {
    return entries.size();
  }

  @Override
  public synchronized Bytes entry(long index) {
    highestRead = Math.max(highestRead, index);
    return entries.get((int) index);
  }

  @Override
  public synchronized Hash node(int level, long index) {
    return tree.node(level, index);
  }
}
