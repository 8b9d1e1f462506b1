package org.probity.detector.trust;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.probity.detector.crypto.Hash;
import org.probity.detector.evidence.Evidence;
import org.probity.detector.evidence.FaultId;

/**
 * The verdicts of one node about all others. Only {@link Evidence} exposes, and there is no way
 * back; a suspicion ends with its reason. Not thread-safe; owned by the core.
 */
public final class Trust {
  /**
   * Proofs of one kind that are held against one node or member. A culprit can make as many as it
   * likes, and must not fill the memory, the disks and the wires of the correct with them.
   */
  public static final int MAX_PROOFS_PER_KIND = 8;

  private final Map<FaultId, Evidence> proofs = new TreeMap<>();
  private final Map<String, Evidence> exposed = new TreeMap<>();
  private final Map<String, String> suspected = new TreeMap<>();
  private final List<TrustListener> listeners = new ArrayList<>();

  public void listen(TrustListener listener) {
    listeners.add(listener);
  }

  public Verdict verdict(String node) {
    if (exposed.containsKey(node)) {
      return Verdict.EXPOSED;
    }
    return suspected.containsKey(node) ? Verdict.SUSPECTED : Verdict.TRUSTED;
  }

  /**
   * The node leaves open what a correct one must answer, as long as nobody says otherwise. Nothing
   * to a node that is exposed, or suspected already for whatever reason.
   */
  public void suspect(String node, String reason) {
    // SPEC protocol.md §8.2: an unanswered challenge never converts into evidence, nor back.
    if (!exposed.containsKey(node) && suspected.putIfAbsent(node, reason) == null) {
      listeners.forEach(listener -> listener.suspected(node, reason));
    }
  }

  /** Nothing is overdue from the node any more. */
  public void clear(String node) {
    if (suspected.remove(node) != null) {
      listeners.forEach(listener -> listener.trusted(node));
    }
  }

  /**
   * Whether one more fault is to be kept beside those that are: the one rule for memory and disk.
   */
  public static boolean hasRoom(Collection<FaultId> kept, FaultId fault) {
    return kept.stream()
            .filter(known -> accused(known).equals(accused(fault)))
            .filter(known -> known.kind() == fault.kind())
            .filter(known -> !known.equals(fault))
            .count()
        < MAX_PROOFS_PER_KIND;
  }

  /**
   * What another node is to see of the proofs held here: one for each of those whom it has none
   * against, as one is enough to be exposed, and those of faults that it is to vote on.
   *
   * @param proofs held here
   * @param accused by {@link Evidence#accused}, those whom the other has a proof against
   * @param faults that are before the members, and that the other has not seen proven
   */
  public static List<Evidence> lacking(
      Collection<Evidence> proofs, Set<String> accused, Set<Hash> faults) {
    Set<String> shown = new TreeSet<>(accused);
    List<Evidence> lacking = new ArrayList<>();
    for (Evidence proof : proofs) {
      if (faults.contains(proof.fault()) || !shown.contains(proof.accused())) {
        lacking.add(proof);
        shown.add(proof.accused());
      }
    }
    return lacking;
  }

  /** A node in whatever incarnation, or a member. */
  private static String accused(FaultId fault) {
    return fault.subject().node().orElseGet(fault.subject()::format);
  }

  /** Every proof held, one per fault. */
  public List<Evidence> proofs() {
    return List.copyOf(proofs.values());
  }

  /**
   * Takes a proof into account.
   *
   * <p>A proof that names a member and none of its nodes exposes no node: what follows from it is
   * for the members to decide.
   *
   * @return whether the fault is new here and worth telling others; the same fault again changes
   *     nothing (protocol.md §8.1), nor does one more of a kind that there is enough of
   */
  public boolean learn(Evidence evidence) {
    if (proofs.containsKey(evidence.faultId()) || !hasRoom(proofs.keySet(), evidence.faultId())) {
      return false;
    }
    proofs.put(evidence.faultId(), evidence);
    evidence.node().ifPresent(node -> expose(node, evidence));
    return true;
  }

  private void expose(String node, Evidence evidence) {
    if (exposed.putIfAbsent(node, evidence) == null) {
      suspected.remove(node);
      listeners.forEach(listener -> listener.exposed(node, evidence));
    }
  }
}
