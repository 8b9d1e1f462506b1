package org.probity.detector.codec;

/** What the reader and the writer agree on. */
final class Cbor {
  static final int UNSIGNED = 0;
  static final int NEGATIVE = 1;
  static final int BYTE_STRING = 2;
  static final int TEXT_STRING = 3;
  static final int ARRAY = 4;
  static final int MAP = 5;

  /** Arguments up to this one live inside the first byte of a head. */
  static final int LARGEST_IMMEDIATE = 23;

  static final int ONE_BYTE_ARGUMENT = 24;
  static final int TWO_BYTE_ARGUMENT = 25;
  static final int FOUR_BYTE_ARGUMENT = 26;
  static final int EIGHT_BYTE_ARGUMENT = 27;

  private Cbor() {}
}
