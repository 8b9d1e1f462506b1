package org.probity.detector.log;

import org.probity.detector.codec.DecodeException;

/**
 * The address of a tile or an entry bundle below a log's URL (C2SP tlog-tiles): {@code
 * tile/<level>/<index>[.p/<width>]} or {@code tile/entries/<index>[.p/<width>]}.
 *
 * <p>The index is written in groups of three digits, all but the last prefixed with {@code x}:
 * index 1234067 of level 0 is {@code tile/0/x001/x234/067}. A tile has 256 hashes or entries; a
 * partial one, at the right edge of a log, says how many.
 *
 * @param level 0 to 63, or {@link #ENTRIES}
 * @param width 1 to 256
 */
public record TilePath(int level, long index, int width) {
  /** The level of entry bundles. */
  public static final int ENTRIES = -1;

  public static final int FULL_WIDTH = 256;
  public static final int MAX_LEVEL = 63;

  /** The longest path: seven groups of digits and a width. */
  public static final int MAX_LENGTH = "tile/entries/".length() + 6 * 5 + 3 + ".p/255".length();

  private static final String PREFIX = "tile/";
  private static final String ENTRIES_NAME = "entries";
  private static final String PARTIAL = ".p/";

  public TilePath {
    boolean exists =
        level >= ENTRIES && level <= MAX_LEVEL && index >= 0 && width >= 1 && width <= FULL_WIDTH;
    if (!exists) {
      throw new IllegalArgumentException("no tile " + level + ", " + index + ", " + width);
    }
  }

  /** A complete tile. */
  public static TilePath full(int level, long index) {
    return new TilePath(level, index, FULL_WIDTH);
  }

  public boolean isEntries() {
    return level == ENTRIES;
  }

  public boolean isFull() {
    return width == FULL_WIDTH;
  }

  /** Inverse of {@link #format}: one spelling only; code {@code bad_tile_path}. */
  public static TilePath parse(String path) throws DecodeException {
    int slash = path.indexOf('/', PREFIX.length());
    if (path.length() > MAX_LENGTH || !path.startsWith(PREFIX) || slash < 0) {
      throw bad();
    }
    String levelName = path.substring(PREFIX.length(), slash);
    String rest = path.substring(slash + 1);
    int partial = rest.indexOf(PARTIAL);
    String groups = partial < 0 ? rest : rest.substring(0, partial);
    try {
      int level = levelName.equals(ENTRIES_NAME) ? ENTRIES : small(levelName, MAX_LEVEL);
      int width =
          partial < 0
              ? FULL_WIDTH
              : small(rest.substring(partial + PARTIAL.length()), FULL_WIDTH - 1);
      long index = Long.parseLong(groups.replace("/", "").replace("x", ""));
      TilePath parsed = new TilePath(level, index, width);
      // Whatever was read too generously above is written differently.
      if (parsed.format().equals(path)) {
        return parsed;
      }
    } catch (IllegalArgumentException | DecodeException e) {
      throw bad();
    }
    throw bad();
  }

  public String format() {
    StringBuilder groups = new StringBuilder(threeDigits(index % 1_000));
    for (long rest = index / 1_000; rest > 0; rest /= 1_000) {
      groups.insert(0, "x" + threeDigits(rest % 1_000) + "/");
    }
    String levelName = isEntries() ? ENTRIES_NAME : Integer.toString(level);
    return PREFIX + levelName + "/" + groups + (isFull() ? "" : PARTIAL + width);
  }

  @Override
  public String toString() {
    return format();
  }

  private static String threeDigits(long number) {
    return (number < 10 ? "00" : number < 100 ? "0" : "") + number;
  }

  private static int small(String text, int max) throws DecodeException {
    long number = StrictText.decimal(text);
    if (number > max) {
      throw bad();
    }
    return (int) number;
  }

  private static DecodeException bad() {
    return new DecodeException("bad_tile_path", "not the path of a tile");
  }
}
