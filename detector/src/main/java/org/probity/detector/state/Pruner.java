package org.probity.detector.state;

import org.probity.detector.crypto.Hash;

/** Replaces what was not looked at by stubs. The tree must be hashed. */
final class Pruner {
  private final Trace trace;

  Pruner(Trace trace) {
    this.trace = trace;
  }

  /** The same tree with a leaf only where one was visited; has the same hash. */
  Node prune(Node node) {
    if (!trace.hasVisited(node)) {
      return node instanceof Stub ? node : stub(node);
    }
    if (!(node instanceof Interior interior)) {
      return node;
    }
    Node left = prune(interior.left);
    Node right = prune(interior.right);
    if (left instanceof Stub && right instanceof Stub) {
      return stub(node);
    }
    Interior pruned = new Interior(interior.position(), left, right);
    byte[] hash = new byte[Hash.BYTES];
    node.copyHash(hash, 0);
    pruned.setHash(hash, 0);
    return pruned;
  }

  private static Stub stub(Node node) {
    byte[] hash = new byte[Hash.BYTES];
    node.copyHash(hash, 0);
    return new Stub(hash, 0);
  }
}
