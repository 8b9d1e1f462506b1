package org.probity.demo.simulate;

import org.probity.node.cli.CliException;

/** {@code A..B}, both included, or a single seed. */
record SeedRange(long first, long last) {
  private static final String SEPARATOR = "..";

  static SeedRange parse(String text) {
    int at = text.indexOf(SEPARATOR);
    try {
      long first = Long.parseLong(at < 0 ? text : text.substring(0, at));
      long last = at < 0 ? first : Long.parseLong(text.substring(at + SEPARATOR.length()));
      if (first < 0 || last < first) {
        throw new NumberFormatException(text);
      }
      return new SeedRange(first, last);
    } catch (NumberFormatException e) {
      throw CliException.usage("--seeds is A..B with 0 <= A <= B, not " + text);
    }
  }

  long count() {
    return last - first + 1;
  }
}
