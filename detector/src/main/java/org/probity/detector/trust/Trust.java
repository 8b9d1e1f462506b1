package org.probity.detector.trust;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.probity.detector.evidence.Evidence;
import org.probity.detector.evidence.FaultId;

/**
 * The verdicts of one node about all others. Only {@link Evidence} exposes, and there is no way
 * back. Not thread-safe; owned by the core.
 */
public final class Trust {
  private final Map<FaultId, Evidence> proofs = new TreeMap<>();
  private final Map<String, Evidence> exposed = new TreeMap<>();
  private final List<TrustListener> listeners = new ArrayList<>();

  public void listen(TrustListener listener) {
    listeners.add(listener);
  }

  public Verdict verdict(String node) {
    return exposed.containsKey(node) ? Verdict.EXPOSED : Verdict.TRUSTED;
  }

  /** Every proof held, one per fault. */
  public List<Evidence> proofs() {
    return List.copyOf(proofs.values());
  }

  /**
   * Takes a proof into account.
   *
   * @return whether the fault is new here; the same fault again changes nothing (protocol.md §8.1)
   */
  public boolean learn(Evidence evidence) {
    if (proofs.putIfAbsent(evidence.faultId(), evidence) != null) {
      return false;
    }
    if (exposed.putIfAbsent(evidence.node(), evidence) == null) {
      listeners.forEach(listener -> listener.exposed(evidence.node(), evidence));
    }
    return true;
  }
}
