package org.probity.detector.node;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.probity.detector.crypto.PublicKey;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.GovernanceState;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.NodeStanding;
import org.probity.detector.governance.Seating;
import org.probity.detector.log.HashReader;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.Origin;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.SigningMark;

/**
 * Whether a node that starts may sign (protocol.md §11.1, §11.2). It may when so many of its
 * witnesses have said how far they know its log that they have a correct one in common with any
 * quorum of cosignatures, all others have been asked, and nobody has shown more than it has.
 *
 * <p>Answers are unsigned, so they are believed in one direction only: what somebody claims not to
 * know counts towards the number, and what somebody claims to know counts if the node's own key has
 * signed it. Who lies can keep the gate shut, and can hide what the others show.
 *
 * <p>For example, with {@code f = 1}, {@code w = 4}, {@code q = r = 3}: a checkpoint that three
 * witnesses have cosigned is known to at least two of any three that answer, one of them correct.
 *
 * <p>Immutable, pure. Cost of {@link #judge}: one signature check and one root of the own tree per
 * answer that shows a checkpoint.
 */
public final class BootGate {
  private final Origin origin;
  private final PublicKey logKey;
  private final SignatureRule rule;
  private final Set<String> witnesses;
  private final int needed;
  private final Set<String> others;

  /**
   * @param origin of the log that is to go on
   * @param witnesses who holds seats for it
   * @param needed how many of them must count, {@link Seating#bootAnswers}
   * @param others whom to ask besides; asked once, they need not answer
   */
  public BootGate(
      Origin origin,
      PublicKey logKey,
      SignatureRule rule,
      Set<String> witnesses,
      int needed,
      Set<String> others) {
    this.origin = origin;
    this.logKey = logKey;
    this.rule = rule;
    this.witnesses = new TreeSet<>(witnesses);
    this.needed = needed;
    this.others = new TreeSet<>(others);
  }

  /**
   * The gate of a node, by the seats that were in force where its log ends here.
   *
   * <p>Who has been stopped since, or begins again without what it knew, is not waited for: that is
   * how members let a node go on whose witness does not come back. It is one of the {@code f} that
   * may be faulty, so one answer fewer is needed. With {@code g <= f} of them, {@code q - g} of
   * those that have cosigned are among the other {@code w - g}, and {@code q - g + r - g - (w - g)
   * > f - g}. More than {@code f} can not all be faulty, so {@code r} falls by {@code f} at most;
   * if so many are not left the gate stays closed.
   *
   * @param self in its present incarnation
   * @param seating where the own log ends
   * @param decided by all decisions that are known, logged here or not
   */
  public static BootGate of(
      Genesis genesis, NodeRecord self, Seating seating, GovernanceState decided) {
    Set<String> witnesses = new TreeSet<>();
    int gone = 0;
    for (NodeRecord seat : seating.witnessesOf(self.node())) {
      if (isAsItWas(seat, decided)) {
        witnesses.add(seat.node());
      } else {
        gone++;
      }
    }
    Set<String> others = new TreeSet<>();
    decided.nodes().forEach(node -> others.add(node.node()));
    others.remove(self.node());
    return new BootGate(
        genesis.origin(self),
        self.logKey(),
        genesis.signatures(),
        witnesses,
        Math.max(0, seating.bootAnswers(self.node()) - Math.min(seating.faults(), gone)),
        others);
  }

  /** Everybody who is to be asked. */
  public Set<String> asked() {
    Set<String> all = new TreeSet<>(others);
    all.addAll(witnesses);
    return all;
  }

  private static boolean isAsItWas(NodeRecord seat, GovernanceState decided) {
    return decided.standing(seat.node()) instanceof NodeStanding.Active
        && decided.nodes().contains(seat);
  }

  /**
   * What one node says it knows of the log; unverified.
   *
   * @param counts whether it has known the log from its beginning, or all that it shows now; not if
   *     it has lost its store or has come to the log later and holds nothing yet
   * @param held the highest checkpoint it has; empty for none
   */
  public record Answer(boolean counts, Optional<SignedCheckpoint> held) {
    /** Of a node that has kept its store and was never shown anything. */
    public static final Answer NOTHING = new Answer(true, Optional.empty());

    /** Of a node that cannot say. */
    public static final Answer UNKNOWN = new Answer(false, Optional.empty());
  }

  /**
   * The own log as it is on disk.
   *
   * @param hashes of a tree of {@code size} leaves
   * @param mark how far the key has signed, as far as the disk knows
   */
  public record Own(HashReader hashes, long size, SigningMark mark) {}

  /** Whether to sign. */
  public sealed interface Verdict {}

  /** Nothing is missing here that anybody could miss. */
  public record Open() implements Verdict {}

  /**
   * Not yet.
   *
   * @param waitingFor whose answers may open it
   * @param missing so many of the witnesses among them are needed; 0 if only others are waited for
   */
  public record Closed(Set<String> waitingFor, int missing) implements Verdict {}

  /**
   * There is more of this log than is here: it is recovered up to there first.
   *
   * @param upTo signed by this log's key
   */
  public record Behind(SignedCheckpoint upTo) implements Verdict {}

  /**
   * The key has signed what is not this log: two processes have run with it, or this store was
   * rolled back and written on. Every further signature could be half of a FORK.
   */
  public record Contradicted(SignedCheckpoint signed) implements Verdict {}

  /**
   * The mark says that more was signed than is here, and whoever was asked does not have it.
   *
   * @param signed entries under the mark
   */
  public record Lost(long signed) implements Verdict {}

  /**
   * Judges by the answers so far.
   *
   * @param answers by node, the newest of each
   * @param silent who was asked and has not answered in time, or not in a form that is an answer
   */
  public Verdict judge(Own own, Map<String, Answer> answers, Set<String> silent) {
    Optional<SignedCheckpoint> newest = Optional.empty();
    Set<String> counted = new TreeSet<>();
    Set<String> heard = new TreeSet<>(silent);
    for (Map.Entry<String, Answer> one : answers.entrySet()) {
      heard.add(one.getKey());
      Optional<SignedCheckpoint> held = one.getValue().held();
      // SPEC protocol.md §11.1: answers are unsigned; only the own signature in them says anything.
      if (held.isPresent() && !isGenuine(held.get())) {
        continue;
      }
      if (one.getValue().counts() && witnesses.contains(one.getKey())) {
        counted.add(one.getKey());
      }
      if (held.isEmpty()) {
        continue;
      }
      if (contradicts(own, held.get())
          || newest.filter(it -> isOther(it, held.get())).isPresent()) {
        return new Contradicted(held.get());
      }
      if (newest.isEmpty() || newest.get().size() < held.get().size()) {
        newest = held;
      }
    }
    if (newest.isPresent() && newest.get().size() > own.size()) {
      return new Behind(newest.get());
    }
    // SPEC protocol.md §11.1: until r witnesses count, and the others have answered or timed out.
    int missing = Math.max(0, needed - counted.size());
    Set<String> waitingFor = new TreeSet<>(others);
    waitingFor.removeAll(heard);
    if (missing > 0) {
      waitingFor.addAll(witnesses);
      waitingFor.removeAll(counted);
    }
    if (missing > 0 || !waitingFor.isEmpty()) {
      return new Closed(waitingFor, missing);
    }
    return own.mark().size() > own.size() ? new Lost(own.mark().size()) : new Open();
  }

  private boolean isGenuine(SignedCheckpoint held) {
    return held.origin().equals(origin) && held.isSignedBy(rule, logKey);
  }

  private static boolean isOther(SignedCheckpoint one, SignedCheckpoint other) {
    return one.size() == other.size() && !one.head().equals(other.head());
  }

  private static boolean contradicts(Own own, SignedCheckpoint held) {
    if (held.size() <= own.size()) {
      return !MerkleProofs.rootAt(own.hashes(), held.size()).equals(held.head().root());
    }
    return held.size() == own.mark().size() && !SigningMark.of(held).equals(own.mark());
  }
}
