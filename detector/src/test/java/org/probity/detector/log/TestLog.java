package org.probity.detector.log;

import java.util.ArrayList;
import java.util.List;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.PublicKey;
import org.probity.detector.crypto.Signer;
import org.probity.detector.crypto.TestKeys;

/**
 * A log on the heap that says whatever a test wants it to say, true or not, and signs it: it has a
 * key and no guard.
 */
public final class TestLog {
  /** The network of all examples: SHA-256 of "probity example genesis". */
  public static final Hash NETWORK = hash("probity example genesis");

  public static final Hash PROGRAM = hash("program");

  private final Origin origin;
  private final Signer key;
  private final List<Entry> entries = new ArrayList<>();
  private final MemoryTree tree = new MemoryTree();

  public TestLog(Origin origin, Signer key) {
    this.origin = origin;
    this.key = key;
  }

  /** An empty log of this node's first incarnation, with a key of its own. */
  public static TestLog empty(String node) {
    return new TestLog(new Origin(NETWORK, node, 1), Signer.of(TestKeys.named("log " + node)));
  }

  /** A log with its GENESIS. */
  public static TestLog of(String node) {
    TestLog log = empty(node);
    log.add(new GenesisEntry(node, 1, PROGRAM, hash("initial state")));
    return log;
  }

  public static Hash hash(String text) {
    return Hash.sha256(Bytes.utf8(text).unsafeArray());
  }

  public Entry add(EntryBody body) {
    Hash prev = entries.isEmpty() ? origin.networkId() : entries.get(entries.size() - 1).leafHash();
    return addRaw(Entry.of(entries.size(), prev, body));
  }

  /** Any entry, whether it fits or not. */
  public Entry addRaw(Entry entry) {
    entries.add(entry);
    tree.append(entry.leafHash());
    return entry;
  }

  /** A STATE that says the truth about its batch. */
  public Entry addState(String root) {
    int previous = entries.size() - 1;
    long bytes = 0;
    while (!entries.get(previous).type().completesBatch()) {
      bytes += entries.get(previous).bytes().size();
      previous--;
    }
    return add(new StateEntry(hash(root), previous, bytes));
  }

  public Origin origin() {
    return origin;
  }

  public PublicKey publicKey() {
    return key.publicKey();
  }

  public List<Entry> entries() {
    return entries;
  }

  public Entry entry(long index) {
    return entries.get((int) index);
  }

  public MemoryTree tree() {
    return tree;
  }

  /** A checkpoint over everything. */
  public SignedCheckpoint checkpoint() {
    return checkpoint(tree.size());
  }

  /** A checkpoint over a prefix. */
  public SignedCheckpoint checkpoint(long size) {
    return sign(new TreeHead(size, MerkleProofs.rootAt(tree, size)));
  }

  /** A checkpoint over anything. */
  public SignedCheckpoint sign(TreeHead head) {
    Checkpoint checkpoint = new Checkpoint(origin.format(), head);
    NoteVerifierKey name = NoteVerifierKey.ofLog(origin.format(), key.publicKey());
    NoteSignature line =
        new NoteSignature(name.name(), name.keyId(), key.sign(checkpoint.textBytes()));
    try {
      return SignedCheckpoint.of(SignedNote.of(checkpoint.text(), List.of(line)));
    } catch (DecodeException e) {
      throw new IllegalArgumentException(e);
    }
  }
}
