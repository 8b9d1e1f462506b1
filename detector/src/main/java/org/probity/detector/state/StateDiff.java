package org.probity.detector.state;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;

/**
 * What to do to one tree's bindings to get another's, in key order. Subtrees the two share are
 * skipped unseen, so between a tree and one derived from it this costs O(changes * depth).
 *
 * <p>Both trees are walked in order side by side; whichever front subtree forks earlier is opened,
 * and when both fronts are the same subtree both are dropped.
 */
public final class StateDiff {
  /** Receives the changes in key order. */
  public interface Sink {
    /** The key is new or has another value. */
    void put(Bytes key, Bytes value);

    /** The key is gone. */
    void remove(Bytes key);
  }

  private final Deque<Node> before = new ArrayDeque<>();
  private final Deque<Node> after = new ArrayDeque<>();
  private final Sink sink;

  private StateDiff(StateTree before, StateTree after, Sink sink) {
    pushRoot(this.before, before.rootNode());
    pushRoot(this.after, after.rootNode());
    this.sink = sink;
  }

  /** Throws {@link IncompleteWitness} where the trees differ in something not disclosed. */
  public static void between(StateTree before, StateTree after, Sink sink) {
    StateDiff diff = new StateDiff(before, after, sink);
    while (diff.step()) {}
  }

  private boolean step() {
    Node old = before.peek();
    Node current = after.peek();
    if (old == null || current == null) {
      return old == null ? drain(after, current) : drain(before, old);
    }
    if (old == current || old.sameHash(current)) {
      before.pop();
      after.pop();
    } else if (forkPosition(old) < forkPosition(current)) {
      open(before);
    } else if (current instanceof Interior) {
      open(after);
    } else {
      compare(leaf(old), leaf(current));
    }
    return true;
  }

  /** One side has nothing left: all on the other one is removed or new. */
  private boolean drain(Deque<Node> side, @Nullable Node front) {
    if (front == null) {
      return false;
    }
    if (front instanceof Interior) {
      open(side);
    } else {
      emit(side);
    }
    return true;
  }

  private void compare(Leaf old, Leaf current) {
    int difference = old.firstDifference(current);
    if (difference == KeyBits.NONE) {
      before.pop();
      after.pop();
      if (!old.hasValueOf(current)) {
        sink.put(current.key(), current.value());
      }
    } else {
      emit(current.bit(difference) == 0 ? after : before);
    }
  }

  private void emit(Deque<Node> side) {
    Leaf leaf = leaf(side.pop());
    if (side == after) {
      sink.put(leaf.key(), leaf.value());
    } else {
      sink.remove(leaf.key());
    }
  }

  private static void open(Deque<Node> side) {
    Interior interior = (Interior) side.pop();
    side.push(interior.right);
    side.push(interior.left);
  }

  private static void pushRoot(Deque<Node> side, @Nullable Node root) {
    if (root != null) {
      side.push(root);
    }
  }

  private static int forkPosition(Node node) {
    return node instanceof Interior interior ? interior.position() : Integer.MAX_VALUE;
  }

  private static Leaf leaf(Node node) {
    if (node instanceof Leaf leaf) {
      return leaf;
    }
    throw new IncompleteWitness();
  }
}
