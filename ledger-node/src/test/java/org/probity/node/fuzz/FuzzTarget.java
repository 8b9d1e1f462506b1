package org.probity.node.fuzz;

import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;

/**
 * One decoder.
 *
 * @param name of its corpus
 * @param again what the decoder made of the input, encoded again; the input itself where there is
 *     no encoder
 */
record FuzzTarget(String name, Again again) {
  /** Decodes, and encodes what came out. */
  @FunctionalInterface
  interface Again {
    /**
     * The input's one encoding.
     *
     * @throws DecodeException if the input is refused, which is the only way to refuse it
     */
    Bytes of(Bytes input) throws DecodeException;
  }

  /** Whether the input was taken; whatever is thrown here but an Error of ours is a finding. */
  boolean takes(Bytes input) {
    Bytes encoded;
    try {
      encoded = again.of(input);
    } catch (DecodeException refused) {
      return false;
    }
    // SPEC protocol.md §3.1: nothing has two encodings.
    if (!encoded.equals(input)) {
      throw new AssertionError(name + " takes another encoding of " + encoded + ": " + input);
    }
    return true;
  }

  @Override
  public String toString() {
    return name;
  }
}
