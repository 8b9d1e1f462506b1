package org.probity.ledger.transaction;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.PublicKey;

/**
 * Who may act: at least {@code threshold} of these Ed25519 keys must sign. Encoded {@code
 * [threshold, [+ key bstr32]]}, keys ascending without duplicates.
 *
 * <p>Keys are kept as the 32 bytes they are. A key that is not a valid point makes a policy harder
 * to satisfy, never easier, because no signature under it verifies.
 */
public record KeyPolicy(int threshold, List<Bytes> keys) {
  public static final int MAX_KEYS = 8;
  public static final int KEY_BYTES = 32;

  public KeyPolicy {
    keys = List.copyOf(keys);
    String fault = fault(threshold, keys);
    if (!fault.isEmpty()) {
      throw new IllegalArgumentException(fault);
    }
  }

  /** {@code threshold} of the given keys, in any order. */
  public static KeyPolicy of(int threshold, Collection<Bytes> keys) {
    return new KeyPolicy(threshold, new ArrayList<>(new TreeSet<>(keys)));
  }

  public static KeyPolicy of(int threshold, Bytes... keys) {
    return of(threshold, Arrays.asList(keys));
  }

  public static KeyPolicy single(PublicKey key) {
    return single(key.toBytes());
  }

  public static KeyPolicy single(Bytes key) {
    return new KeyPolicy(1, List.of(key));
  }

  /** Whether enough of the keys are among {@code signers}; other signers do no harm. */
  public boolean satisfiedBy(SortedSet<Bytes> signers) {
    int signed = 0;
    for (Bytes key : keys) {
      if (signers.contains(key)) {
        signed++;
      }
    }
    return signed >= threshold;
  }

  /** Whether {@code key} is one of them, whether or not it suffices. */
  public boolean names(Bytes key) {
    return keys.contains(key);
  }

  public void write(CborWriter out) {
    out.array(2).uint(threshold).array(keys.size());
    for (Bytes key : keys) {
      out.bytes(key);
    }
  }

  public static KeyPolicy read(CborReader in) throws DecodeException {
    in.arrayHeader(2);
    int threshold = in.uintMaxInt(MAX_KEYS);
    int count = in.arrayHeaderUpTo(MAX_KEYS);
    List<Bytes> keys = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      keys.add(in.bytes(KEY_BYTES));
    }
    String fault = fault(threshold, keys);
    if (!fault.isEmpty()) {
      throw new DecodeException("invalid_key_policy", fault);
    }
    return new KeyPolicy(threshold, keys);
  }

  private static String fault(int threshold, List<Bytes> keys) {
    if (keys.isEmpty() || keys.size() > MAX_KEYS) {
      return "a policy has 1 to " + MAX_KEYS + " keys, not " + keys.size();
    }
    if (threshold < 1 || threshold > keys.size()) {
      return threshold + " of " + keys.size() + " keys is not a policy";
    }
    for (int i = 0; i < keys.size(); i++) {
      if (keys.get(i).size() != KEY_BYTES) {
        return "a key has 32 bytes, not " + keys.get(i).size();
      }
      if (i > 0 && keys.get(i - 1).compareTo(keys.get(i)) >= 0) {
        return "keys must ascend without duplicates";
      }
    }
    return "";
  }
}
