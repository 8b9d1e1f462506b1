package org.probity.detector.state;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which nodes the operations on a tree, and on all trees derived from it, have looked into.
 *
 * <p>Nodes are told apart by identity: derived trees share the untouched nodes of their base, so
 * what was visited of the base is known however often the tree has changed since. Recording nodes
 * and not keys matters: after a removal has hoisted a sibling, a later look-up of another key can
 * end in a subtree that the base alone would never have led it to.
 */
final class Trace {
  private final Set<Node> visited = Collections.newSetFromMap(new IdentityHashMap<>());
  private long visitsLeft;
  private boolean stubReached;

  /** One that records without end. */
  Trace() {
    this(Long.MAX_VALUE);
  }

  /** One for which there is nothing to see any more after so many visits. */
  Trace(long maxVisits) {
    this.visitsLeft = maxVisits;
  }

  /** Notes that an operation is about to look into a node; throws if there is nothing to see. */
  static void visit(@Nullable Trace trace, Node node) {
    if (trace != null) {
      trace.visit(node);
    }
  }

  private void visit(Node node) {
    if (node instanceof Stub || visitsLeft-- <= 0) {
      throw incomplete(this);
    }
    visited.add(node);
  }

  /** To be thrown where something undisclosed is needed. */
  static IncompleteWitness incomplete(@Nullable Trace trace) {
    if (trace != null) {
      trace.stubReached = true;
    }
    return new IncompleteWitness();
  }

  boolean hasVisited(Node node) {
    return visited.contains(node);
  }

  /** Stays true, even when whoever ran into the stub swallowed the exception. */
  boolean stubReached() {
    return stubReached;
  }
}
