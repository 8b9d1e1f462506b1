package org.probity.detector.state;

/** A subtree of which only the hash is known. Occurs in trees opened from a witness only. */
final class Stub extends Node {
  Stub(byte[] source, int offset) {
    setHash(source, offset);
  }
}
