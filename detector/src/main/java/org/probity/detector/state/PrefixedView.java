package org.probity.detector.state;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;

/**
 * The part of a state whose keys start with one byte, which the user of the view neither sees nor
 * can leave. Keys are 1 to 127 bytes here.
 */
public final class PrefixedView implements StateView {
  /** Channel counters, members, keys, parameters: what the protocol itself keeps. */
  public static final byte SYSTEM = 0x00;

  /** What the program keeps. */
  public static final byte APPLICATION = 0x01;

  public static final int MAX_KEY_BYTES = StateTree.MAX_KEY_BYTES - 1;

  private final StateView parent;
  private final byte prefix;

  private PrefixedView(StateView parent, byte prefix) {
    this.parent = parent;
    this.prefix = prefix;
  }

  public static PrefixedView system(StateView state) {
    return new PrefixedView(state, SYSTEM);
  }

  public static PrefixedView application(StateView state) {
    return new PrefixedView(state, APPLICATION);
  }

  /** The key in the whole state of a key in the part with this prefix. */
  public static Bytes fullKey(byte prefix, Bytes key) {
    byte[] full = new byte[key.size() + 1];
    full[0] = prefix;
    System.arraycopy(key.unsafeArray(), 0, full, 1, key.size());
    return Bytes.wrap(full);
  }

  @Override
  public @Nullable Bytes get(Bytes key) {
    return parent.get(full(key));
  }

  @Override
  public void put(Bytes key, Bytes value) {
    parent.put(full(key), value);
  }

  @Override
  public void remove(Bytes key) {
    parent.remove(full(key));
  }

  @Override
  public void removeRange(Bytes from, @Nullable Bytes to) {
    parent.removeRange(fullKey(prefix, from), end(to));
  }

  @Override
  public List<KeyValue> scan(Bytes from, @Nullable Bytes to, int limit) {
    List<KeyValue> found = parent.scan(fullKey(prefix, from), end(to), limit);
    List<KeyValue> stripped = new ArrayList<>(found.size());
    for (KeyValue binding : found) {
      Bytes key = binding.key();
      stripped.add(new KeyValue(key.slice(1, key.size()), binding.value()));
    }
    return stripped;
  }

  private Bytes end(@Nullable Bytes to) {
    return to == null ? Bytes.of((byte) (prefix + 1)) : fullKey(prefix, to);
  }

  private Bytes full(Bytes key) {
    if (key.isEmpty() || key.size() > MAX_KEY_BYTES) {
      throw new IllegalArgumentException(
          "a key has 1 to " + MAX_KEY_BYTES + " bytes here, not " + key.size());
    }
    return fullKey(prefix, key);
  }
}
