package org.probity.detector.codec;

import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Remembers what was decoded from some bytes a short while ago. For results of pure functions
 * alone, which makes it innocent: a hit and a miss differ in time only. Keep only what is valid in
 * it, so that a flood of what is not displaces nothing.
 *
 * <p>A set-associative cache: a result may stand in any of the {@link #WAYS} slots of its set, the
 * newest first, the oldest falls out. Threads that write to one set at once may lose a result or
 * keep it twice, which costs one more decoding. So does an attacker who finds bytes of the same
 * set: each of its messages then costs what it would have cost without a memo. Thread-safe.
 *
 * @param <T> immutable
 */
public final class Memo<T> {
  private static final int WAYS = 4;

  /** What varies most stands last: of a key any byte does, of a note its signature. */
  private static final int HASHED_BYTES = 16;

  private final Function<T, Bytes> source;
  private final int sets;
  private final AtomicReferenceArray<@Nullable T> slots;

  /** Of what stands in the slots, so that as a rule only what is sought is looked into. */
  private final AtomicIntegerArray hashes;

  /**
   * @param most results kept, {@link #WAYS} times a power of two
   * @param source the bytes that a result was made of
   */
  public Memo(int most, Function<T, Bytes> source) {
    this.sets = most / WAYS;
    if (Integer.bitCount(sets) != 1 || sets * WAYS != most) {
      throw new IllegalArgumentException("not four times a power of two: " + most);
    }
    this.source = source;
    this.slots = new AtomicReferenceArray<>(most);
    this.hashes = new AtomicIntegerArray(most);
  }

  /** The result of these bytes, if it is still here. */
  public @Nullable T find(Bytes bytes) {
    int hash = hash(bytes);
    int first = firstSlot(hash);
    for (int slot = first; slot < first + WAYS; slot++) {
      if (hashes.get(slot) == hash) {
        T known = slots.get(slot);
        if (known != null && source.apply(known).equals(bytes)) {
          return known;
        }
      }
    }
    return null;
  }

  public void keep(T result) {
    int hash = hash(source.apply(result));
    int first = firstSlot(hash);
    for (int slot = first + WAYS - 1; slot > first; slot--) {
      slots.set(slot, slots.get(slot - 1));
      hashes.set(slot, hashes.get(slot - 1));
    }
    slots.set(first, result);
    hashes.set(first, hash);
  }

  private static int hash(Bytes bytes) {
    int hash = 0;
    for (int at = Math.max(0, bytes.size() - HASHED_BYTES); at < bytes.size(); at++) {
      hash = 31 * hash + bytes.at(at);
    }
    return hash;
  }

  private int firstSlot(int hash) {
    return ((hash ^ hash >>> 15) & (sets - 1)) * WAYS;
  }
}
