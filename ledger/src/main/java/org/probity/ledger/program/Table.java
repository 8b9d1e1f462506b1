package org.probity.ledger.program;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.state.StateView;

/**
 * The records of one kind that one call looks at: each is read and decoded once, and written back
 * once if it changed. Changes stay here until {@link #flush}.
 */
final class Table<V> {
  /** Decodes a record. */
  interface Decoder<V> {
    V decode(Bytes encoded) throws DecodeException;
  }

  private final StateView view;
  private final Decoder<V> decoder;
  private final Function<V, Bytes> encoder;
  private final Map<Bytes, Slot<V>> slots = new TreeMap<>();

  Table(StateView view, Decoder<V> decoder, Function<V, Bytes> encoder) {
    this.view = view;
    this.decoder = decoder;
    this.encoder = encoder;
  }

  @Nullable V get(Bytes key) {
    Slot<V> slot = slots.get(key);
    if (slot == null) {
      slot = new Slot<>(read(view, key, decoder));
      slots.put(key, slot);
    }
    return slot.value;
  }

  V getOr(Bytes key, V absent) {
    V value = get(key);
    return value == null ? absent : value;
  }

  void put(Bytes key, V value) {
    change(key, value);
  }

  void remove(Bytes key) {
    change(key, null);
  }

  private void change(Bytes key, @Nullable V value) {
    Slot<V> slot = slots.get(key);
    if (slot == null) {
      slot = new Slot<>(null);
      slots.put(key, slot);
    }
    slot.value = value;
    slot.changed = true;
  }

  /** Writes what changed, in key order. */
  void flush() {
    slots.forEach(
        (key, slot) -> {
          if (!slot.changed) {
            return;
          }
          if (slot.value == null) {
            view.remove(key);
          } else {
            view.put(key, encoder.apply(slot.value));
          }
        });
  }

  /** Throws {@link CorruptState} on a value that is not a record of this kind. */
  static <V> @Nullable V read(StateView view, Bytes key, Decoder<V> decoder) {
    Bytes encoded = view.get(key);
    return encoded == null ? null : decode(key, encoded, decoder);
  }

  static <V> V decode(Bytes key, Bytes encoded, Decoder<V> decoder) {
    try {
      return decoder.decode(encoded);
    } catch (DecodeException e) {
      throw new CorruptState("key " + key + ": " + e.getMessage());
    }
  }

  private static final class Slot<V> {
    private @Nullable V value;
    private boolean changed;

    Slot(@Nullable V value) {
      this.value = value;
    }
  }
}
