package org.probity.node.runtime;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.probity.detector.crypto.Hash;
import org.probity.detector.evidence.Evidence;

/**
 * Which proofs each peer was given while it lacks what they are for. It asks every second, and may
 * have a proof and refuse the proposal that rests on it for another reason, a quota for example: it
 * is not to be sent the same all the time. What it does not lack any more is forgotten here, so
 * that whoever loses it is given it again at once. Not thread-safe.
 *
 * <p>One entry for each peer and proof at most.
 */
final class GivenProofs {
  /**
   * Until a proof is given again: a peer may have acknowledged it and lost it in a crash before it
   * asked again. That is rare, so nobody waits long for it and it costs little.
   */
  static final long PAUSE_MILLIS = 10_000;

  /**
   * Proofs that are given for one question. As many as {@link GovernanceExchange#MAX_ANSWER_BYTES}
   * hold of 64 KiB each; the next question is for the rest.
   */
  static final int MAX_AT_ONCE = 8;

  /** Milliseconds of elapsed time, by fault, by peer. */
  private final Map<String, Map<Hash, Long>> given = new TreeMap<>();

  /**
   * What a peer that asks is to be given now: first what it was never given.
   *
   * @param lacking all that it lacks
   */
  List<Evidence> due(String peer, List<Evidence> lacking, long elapsedMillis) {
    Map<Hash, Long> before = given.getOrDefault(peer, Map.of());
    List<Evidence> due =
        lacking.stream()
            .filter(
                proof ->
                    !before.containsKey(proof.fault())
                        || elapsedMillis - before.get(proof.fault()) >= PAUSE_MILLIS)
            .sorted(
                Comparator.comparingLong(
                    proof -> before.getOrDefault(proof.fault(), Long.MIN_VALUE)))
            .limit(MAX_AT_ONCE)
            .toList();
    Map<Hash, Long> now = new HashMap<>(before);
    now.keySet().retainAll(lacking.stream().map(Evidence::fault).toList());
    due.forEach(proof -> now.put(proof.fault(), elapsedMillis));
    given.put(peer, now);
    return due;
  }
}
