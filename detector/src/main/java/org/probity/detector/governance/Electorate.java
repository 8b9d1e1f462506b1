package org.probity.detector.governance;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.PublicKey;

/**
 * Who may vote in one epoch, the same for every proposal (protocol.md §13.1): member ids in
 * ascending order, each with its governance key.
 *
 * @param keys by member id
 */
public record Electorate(SortedMap<String, PublicKey> keys) {
  /**
   * The most members a consortium may have: with so many, a decision fits a log entry, whatever the
   * members write in their ballots.
   */
  public static final int MAX_MEMBERS = 100;

  public Electorate {
    keys = Collections.unmodifiableSortedMap(new TreeMap<>(keys));
    if (keys.isEmpty() || keys.size() > MAX_MEMBERS) {
      throw new IllegalArgumentException(
          "an electorate has 1 to " + MAX_MEMBERS + " members, not " + keys.size());
    }
  }

  public int size() {
    return keys.size();
  }

  public int quorum() {
    return RoundRule.quorum(size());
  }

  /** In ascending order. */
  public List<String> members() {
    return List.copyOf(keys.keySet());
  }

  public boolean has(String member) {
    return keys.containsKey(member);
  }

  public Optional<PublicKey> key(String member) {
    return Optional.ofNullable(keys.get(member));
  }

  /**
   * A set of electors as bits: bit {@code i % 8} (from the least significant) of byte {@code i / 8}
   * stands for the i-th member, counted from 0 in ascending order.
   */
  public Bytes bits(Collection<String> members) {
    byte[] bits = new byte[(size() + 7) / 8];
    List<String> all = members();
    for (String member : members) {
      int index = Collections.binarySearch(all, member);
      if (index < 0) {
        throw new IllegalArgumentException(member + " is no elector");
      }
      bits[index / 8] |= (byte) (1 << index % 8);
    }
    return Bytes.wrap(bits);
  }

  /** Inverse of {@link #bits}; fails with {@code bad_citation} on another length or stray bits. */
  public List<String> members(Bytes bits) throws DecodeException {
    if (bits.size() != (size() + 7) / 8) {
      throw new DecodeException(
          "bad_citation", bits.size() + " bytes of bits for " + size() + " electors");
    }
    List<String> all = members();
    List<String> chosen = new ArrayList<>();
    for (int index = 0; index < 8 * bits.size(); index++) {
      if ((bits.at(index / 8) >>> index % 8 & 1) == 1) {
        if (index >= size()) {
          throw new DecodeException("bad_citation", "a bit that stands for no elector");
        }
        chosen.add(all.get(index));
      }
    }
    return chosen;
  }
}
