package org.probity.detector.state;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;

/**
 * A part of a state that proves itself against the root of the whole: the tree with stubs in place
 * of what is not disclosed (protocol §8.1; bytes in {@code docs/format/state.md}).
 *
 * <p>Membership, absence, ranges, and the outcome of any sequence of reads, scans, writes and
 * removals are all proven the same way: execute on the witness, and compare its {@link #root}.
 *
 * <p><b>Why a look-up that ends at another key proves absence.</b> A look-up goes left or right by
 * the key's own bit at each fork. In a well-formed tree all keys on a fork's left have 0 at its
 * position, all on its right 1; so had the key been in the tree, every fork above it would have
 * sent us its way. The root of a correct node is that of a well-formed tree, and by collision
 * resistance what is disclosed under it is a part of that tree. A node that signs the root of
 * anything else has made an invalid transition on the way there. {@link #decode} also rejects
 * whatever of the disclosed structure is not well-formed by itself.
 *
 * <p>Immutable; may be shared between threads.
 */
public final class StateWitness {
  /**
   * The most bytes {@link #decode} looks at. Evidence and acks have tighter limits of their own;
   * this one is for a batch that is one maximal transaction.
   */
  public static final int MAX_BYTES = 1 << 20;

  /**
   * How many nodes {@link #execute} looks at before it gives up: many times what the largest batch
   * takes. Whoever signs a state can make it say anything, such as that a thousand million messages
   * are open; it must not keep those busy who only check a proof.
   */
  public static final long MAX_VISITS = 1L << 22;

  private final @Nullable Node node;
  private final Bytes encoded;
  private final Hash root;

  StateWitness(@Nullable Node node, Bytes encoded, Hash root) {
    this.node = node;
    this.encoded = encoded;
    this.root = root;
  }

  static StateWitness disclosing(StateTree base, Trace trace) {
    Hash root = base.root();
    Node full = base.rootNode();
    Node pruned = full == null ? null : new Pruner(trace).prune(full);
    return new StateWitness(pruned, WitnessEncoder.encode(pruned), root);
  }

  /** A proof of what these keys are bound to, or that they are not. */
  public static StateWitness ofKeys(StateTree tree, Iterable<Bytes> keys) {
    AccessLog log = new AccessLog(tree);
    for (Bytes key : keys) {
      log.state().get(key);
    }
    return log.witness();
  }

  /**
   * Strict: accepts exactly one encoding of each witness, and only disclosed structure that is
   * well-formed. Time and memory are linear in the size of the input.
   */
  public static StateWitness decode(Bytes encoded) throws DecodeException {
    Node node = WitnessDecoder.decode(encoded);
    if (node == null) {
      return new StateWitness(null, encoded, StateTree.EMPTY_ROOT);
    }
    new NodeHasher().hash(node);
    return new StateWitness(node, encoded, node.knownHash());
  }

  public Bytes encoded() {
    return encoded;
  }

  /** The root of the state this is a part of. */
  public Hash root() {
    return root;
  }

  /**
   * The disclosed part as a tree, whose operations throw {@link IncompleteWitness} at its edges.
   * Prefer {@link #execute}.
   */
  public StateTree tree() {
    return StateTree.pruned(node, new Trace());
  }

  /**
   * Executes on the disclosed state. Incomplete if anything undisclosed was needed, whatever {@code
   * body} then made of it: a program that swallows exceptions cannot turn an omission into a
   * result. The same after {@link #MAX_VISITS}. Other exceptions of {@code body} pass through.
   */
  public <T> Execution<T> execute(Function<? super WorkingState, ? extends T> body) {
    Trace trace = new Trace(MAX_VISITS);
    WorkingState state = new WorkingState(StateTree.pruned(node, trace));
    T result;
    try {
      result = body.apply(state);
    } catch (RuntimeException e) {
      if (trace.stubReached()) {
        return new Execution.Incomplete<>();
      }
      throw e;
    }
    return trace.stubReached()
        ? new Execution.Incomplete<>()
        : new Execution.Complete<>(result, isExact(trace));
  }

  private boolean isExact(Trace trace) {
    return node == null || isAllVisited(node, trace);
  }

  /**
   * Whether nothing could be left out: a witness of what was looked at would be this very one. A
   * fork of which both sides are undisclosed would have to be left out, too, and has no encoding.
   */
  private static boolean isAllVisited(Node disclosed, Trace trace) {
    if (disclosed instanceof Stub) {
      return true;
    }
    return trace.hasVisited(disclosed)
        && (!(disclosed instanceof Interior fork)
            || (isAllVisited(fork.left, trace) && isAllVisited(fork.right, trace)));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof StateWitness that && encoded.equals(that.encoded);
  }

  @Override
  public int hashCode() {
    return encoded.hashCode();
  }
}
