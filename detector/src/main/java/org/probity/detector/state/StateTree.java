package org.probity.detector.state;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;

/**
 * An immutable ordered map from keys to values under a Merkle root (protocol §4.4).
 *
 * <p>The root depends on the content only, not on the order of changes. {@link #put} and {@link
 * #remove} return a new tree that shares all but one path with this one: O(depth) time and memory,
 * where the depth is about log2 of the size for evenly spread keys and at most 1,151 for hostile
 * ones. Hashing waits for {@link #root}, which then visits only what changed since the last time.
 *
 * <p>A tree opened from a {@link StateWitness} has stubs in place of what is not disclosed; any
 * operation that needs one throws {@link IncompleteWitness}.
 *
 * <p>Trees may be shared between threads, except those of a witness or an {@link AccessLog}, which
 * keep a record of what is looked at.
 */
public final class StateTree {
  public static final int MAX_KEY_BYTES = 128;
  public static final int MAX_VALUE_BYTES = 4096;

  /** The root of the empty tree: SHA-256 of nothing, as for the log. */
  public static final Hash EMPTY_ROOT = Hash.sha256();

  public static final StateTree EMPTY = new StateTree(null, null);

  private final @Nullable Node root;
  private final @Nullable Trace trace;

  private StateTree(@Nullable Node root, @Nullable Trace trace) {
    this.root = root;
    this.trace = trace;
  }

  static StateTree complete(@Nullable Node root) {
    return new StateTree(root, null);
  }

  static StateTree pruned(@Nullable Node root, Trace trace) {
    return new StateTree(root, trace);
  }

  /** This tree, noting in {@code trace} what is looked at. */
  StateTree traced(Trace newTrace) {
    return new StateTree(root, newTrace);
  }

  StateTree untraced() {
    return new StateTree(root, null);
  }

  @Nullable Node rootNode() {
    return root;
  }

  /** The value of a key, or null. Copies the value. */
  public @Nullable Bytes get(Bytes key) {
    requireKey(key);
    if (root == null) {
      return null;
    }
    Leaf candidate = Trie.candidate(root, key.unsafeArray(), trace);
    return candidate.firstDifference(key.unsafeArray()) == KeyBits.NONE ? candidate.value() : null;
  }

  /** The tree with this binding; this very tree if it is there already. */
  public StateTree put(Bytes key, Bytes value) {
    requireKey(key);
    requireValue(value);
    if (root == null) {
      return new StateTree(Leaf.of(key, value), trace);
    }
    byte[] bits = key.unsafeArray();
    Leaf candidate = Trie.candidate(root, bits, trace);
    int difference = candidate.firstDifference(bits);
    if (difference == KeyBits.NONE && candidate.hasValue(value)) {
      return this;
    }
    return new StateTree(Trie.with(root, bits, difference, Leaf.of(key, value)), trace);
  }

  /** The tree without this key; this very tree if it is not in it. */
  public StateTree remove(Bytes key) {
    requireKey(key);
    if (root == null) {
      return this;
    }
    byte[] bits = key.unsafeArray();
    Leaf candidate = Trie.candidate(root, bits, trace);
    if (candidate.firstDifference(bits) != KeyBits.NONE) {
      return this;
    }
    return new StateTree(Trie.without(root, bits), trace);
  }

  /**
   * The tree without the keys {@code from <= key < to}; this very tree if there are none. No {@code
   * to} means no upper bound; the bounds need not be valid keys.
   *
   * <p>However many keys go, this looks at the paths to the two bounds and nothing else: O(depth)
   * time, and a witness of it discloses two leaves.
   */
  public StateTree removeRange(Bytes from, @Nullable Bytes to) {
    if (root == null || (to != null && from.compareTo(to) >= 0)) {
      return this;
    }
    Node rest =
        RangeCut.without(root, from.unsafeArray(), to == null ? null : to.unsafeArray(), trace);
    return rest == root ? this : new StateTree(rest, trace);
  }

  /** The number of keys. Counts them: O(size). */
  public int size() {
    int size = 0;
    for (Iterator<KeyValue> keys = iterator(Bytes.EMPTY); keys.hasNext(); keys.next()) {
      size++;
    }
    return size;
  }

  /**
   * The first {@code limit} bindings with {@code from <= key < to} in unsigned key order; no {@code
   * to} means no upper bound. The bounds need not be valid keys; an empty {@code from} is the
   * start.
   */
  public List<KeyValue> scan(Bytes from, @Nullable Bytes to, int limit) {
    if (limit < 0) {
      throw new IllegalArgumentException("a scan returns at least 0 bindings, not " + limit);
    }
    if (limit == 0 || (to != null && from.compareTo(to) >= 0)) {
      return List.of();
    }
    LeafCursor cursor =
        new LeafCursor(root, from.unsafeArray(), to == null ? null : to.unsafeArray(), trace);
    List<KeyValue> found = new ArrayList<>(Math.min(limit, 16));
    while (found.size() < limit) {
      Leaf leaf = cursor.next();
      if (leaf == null) {
        break;
      }
      found.add(leaf.keyValue());
    }
    return found;
  }

  /** All bindings from a key on, in order, one at a time: a snapshot costs no extra memory. */
  public Iterator<KeyValue> iterator(Bytes from) {
    LeafCursor cursor = new LeafCursor(root, from.unsafeArray(), null, trace);
    return new Iterator<>() {
      private @Nullable Leaf next = cursor.next();

      @Override
      public boolean hasNext() {
        return next != null;
      }

      @Override
      public KeyValue next() {
        if (next == null) {
          throw new NoSuchElementException();
        }
        KeyValue current = next.keyValue();
        next = cursor.next();
        return current;
      }
    };
  }

  /**
   * The Merkle root. Hashes what is new since it was last asked of a tree this one derives from:
   * call it once per batch.
   */
  public Hash root() {
    if (root == null) {
      return EMPTY_ROOT;
    }
    new NodeHasher().hash(root);
    return root.knownHash();
  }

  static void requireKey(Bytes key) {
    if (key.isEmpty() || key.size() > MAX_KEY_BYTES) {
      throw new IllegalArgumentException(
          "a key has 1 to " + MAX_KEY_BYTES + " bytes, not " + key.size());
    }
  }

  static void requireValue(Bytes value) {
    if (value.size() > MAX_VALUE_BYTES) {
      throw new IllegalArgumentException(
          "a value has at most " + MAX_VALUE_BYTES + " bytes, not " + value.size());
    }
  }
}
