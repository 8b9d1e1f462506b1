package org.probity.node.http.wire;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The part of a C2SP tlog-tiles path after the level: {@code x001/x234/067} or {@code
 * x001/x234/067.p/112}.
 *
 * @param index N, the tile's number in its level
 * @param width how many of the 256 places are meant
 */
public record TilePath(long index, int width) {
  /** Places in a full tile. */
  public static final int FULL = 256;

  private static final Pattern FORM =
      Pattern.compile("((?:x[0-9]{3}/){0,5})([0-9]{3})(?:\\.p/([1-9][0-9]{0,2}))?");
  private static final int GROUP = 1000;

  /** Reads a path; empty unless it is the one form of its index and width. */
  public static Optional<TilePath> parse(String path) {
    Matcher form = FORM.matcher(path);
    if (!form.matches()) {
      return Optional.empty();
    }
    long index = Long.parseLong((form.group(1) + form.group(2)).replace("x", "").replace("/", ""));
    String partial = form.group(3);
    int width = partial == null ? FULL : Integer.parseInt(partial);
    TilePath parsed = new TilePath(index, width);
    // Leading x000 groups and widths from 256 on are other spellings.
    return parsed.toString().equals(path) ? Optional.of(parsed) : Optional.empty();
  }

  /** The first place's number in its level. */
  public long first() {
    return index * FULL;
  }

  @Override
  public String toString() {
    StringBuilder path = new StringBuilder(group(index));
    for (long rest = index / GROUP; rest > 0; rest /= GROUP) {
      path.insert(0, 'x' + group(rest) + '/');
    }
    return width >= FULL ? path.toString() : path.append(".p/").append(width).toString();
  }

  private static String group(long number) {
    String digits = Long.toString(number % GROUP);
    return "0".repeat(3 - digits.length()) + digits;
  }
}
