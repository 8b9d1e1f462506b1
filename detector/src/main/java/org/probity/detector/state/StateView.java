package org.probity.detector.state;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;

/**
 * The state as a program sees it: an ordered map it may read, change and scan (protocol §4.4).
 *
 * <p>Everything a program knows must come through here: what it looks at is what evidence against
 * it discloses. Keys and values out of bounds are the program's bug: IllegalArgumentException.
 */
public interface StateView {
  /** The most bindings one {@link #scan} may ask for. */
  int MAX_SCAN_LIMIT = 1024;

  /** The value of a key, or null. */
  @Nullable Bytes get(Bytes key);

  void put(Bytes key, Bytes value);

  /** Does nothing if the key is not there. */
  void remove(Bytes key);

  /**
   * Removes all bindings with {@code from <= key < to}, at the cost of one removal however many
   * they are; bounds as for {@link #scan}.
   */
  void removeRange(Bytes from, @Nullable Bytes to);

  /**
   * The first {@code limit} bindings with {@code from <= key < to} in unsigned key order; no {@code
   * to} means no upper bound, an empty {@code from} is the start.
   */
  List<KeyValue> scan(Bytes from, @Nullable Bytes to, int limit);
}
