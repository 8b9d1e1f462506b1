package org.probity.node.http;

import java.util.regex.Pattern;

/** Numbers in paths and queries: decimal, not negative, one form each. */
final class Numbers {
  private static final Pattern DECIMAL = Pattern.compile("0|[1-9][0-9]{0,17}");

  private Numbers() {}

  static long parse(String name, String text) {
    if (!DECIMAL.matcher(text).matches()) {
      throw Problems.badField(
          "bad_number", name, "must be a decimal number without sign or leading zeros");
    }
    return Long.parseLong(text);
  }
}
