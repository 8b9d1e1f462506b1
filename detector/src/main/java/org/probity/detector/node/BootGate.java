package org.probity.detector.node;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.PublicKey;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.governance.DecisionChain;
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
 * <h2>How many have to answer</h2>
 *
 * Of the {@code w} seats of one epoch, {@code q} make a checkpoint witnessed, and {@code r} answer
 * here. Whoever counts shows all that it has cosigned, if it is correct. At least {@code q + r - w}
 * have done both, and genesis demands
 *
 * <pre>{@code q + r - w > f}</pre>
 *
 * so a correct one of them shows that checkpoint. For example, with {@code f = 1}, {@code w = 4},
 * {@code q = r = 3}: what three witnesses have cosigned is known to at least two of any three that
 * answer, one of them correct. Both of the following keep {@code q + r - w} above the number of
 * those who may be faulty:
 *
 * <ul>
 *   <li>Where only {@code w - m} have a seat, {@code r - m} have to answer ({@link
 *       Seating#bootAnswers}).
 *   <li>Where {@code g <= f} of them have been stopped since, or begin again without what they
 *       knew, {@code r - g} of the other {@code w - g} have to answer: {@code q - g} of those that
 *       have cosigned are among them, and {@code q - g + r - g - (w - g) > f - g}. That is how
 *       members let a node go on whose witness does not come back. More than {@code f} cannot all
 *       be faulty, so {@code r} falls by {@code f} at most; if so many are not left, it stays
 *       closed.
 * </ul>
 *
 * <h2>Of which epochs</h2>
 *
 * The inequality holds for the seats of one epoch, so it is asked of those of every epoch in which
 * the log may have gone on: from the one in which it ends here to the last decision that is known,
 * because the node may have logged that and forgotten it. It has had nothing cosigned by the seats
 * of an epoch before. Let it be put back to where its log ends in epoch {@code i}, and let the
 * longest checkpoint that was witnessed be of epoch {@code j >= i}. With at most {@code f} faulty
 * among the seats of {@code j}, if {@code j} is known here, that checkpoint is shown before the
 * gate opens; the node is {@link Behind} and recovers it. What it signs then continues all that was
 * ever witnessed. The seats of {@code i} alone would not do: they rest where they have handed the
 * log over.
 *
 * <p>If {@code j} is not known here, whoever counts must not know it either: an answer says how
 * many decisions its node knows, and as long as that is more than are known here it does not count.
 * Who claims decisions that there are not takes nothing away but its own answer. That somebody
 * among those who answer knows the decision is the one thing that is assumed.
 *
 * <p>Whoever has been given a seat since and has kept its store counts, for the seats of that
 * epoch: it knows what it has cosigned, also if that is nothing. So nobody waits for those who
 * cannot have a copy of the log. For the seats of an epoch in which it had none it does not.
 *
 * <p>Immutable, pure. Cost of {@link #judge}: one signature check and one root of the own tree per
 * answer that shows a checkpoint.
 */
public final class BootGate {
  private final Origin origin;
  private final PublicKey logKey;
  private final SignatureRule rule;
  private final List<Seats> seats;
  private final Set<String> others;
  private final long epoch;

  /**
   * Who holds the seats of one epoch.
   *
   * @param needed how many of them must count
   */
  public record Seats(Set<String> witnesses, int needed) {
    /** Copies. */
    public Seats {
      witnesses = Set.copyOf(witnesses);
    }

    private int missing(Set<String> counted) {
      return Math.max(0, needed - (int) witnesses.stream().filter(counted::contains).count());
    }
  }

  /**
   * @param origin of the log that is to go on
   * @param seats by which more of it than is here may have been cosigned
   * @param others whom to ask besides; waited for until they are silent
   * @param epoch so many decisions are known
   */
  public BootGate(
      Origin origin,
      PublicKey logKey,
      SignatureRule rule,
      List<Seats> seats,
      Set<String> others,
      long epoch) {
    this.origin = origin;
    this.logKey = logKey;
    this.rule = rule;
    this.seats = List.copyOf(seats);
    this.others = new TreeSet<>(others);
    this.epoch = epoch;
  }

  /**
   * The gate of a node. It is another one as soon as the log has been recovered further, or one
   * decision more is known.
   *
   * @param self in its present incarnation
   * @param epoch so many decisions are in the log as it is here
   * @param decided all decisions that are known, in that log or not: kept by the node, or told by
   *     whoever was asked. The caller goes on asking for them while the gate is closed
   * @throws IllegalArgumentException if that log has more decisions than are known
   */
  public static BootGate of(NodeRecord self, long epoch, DecisionChain decided) {
    int known = decided.decisions().size();
    if (epoch > known) {
      throw new IllegalArgumentException(epoch + " decisions are logged and " + known + " known");
    }
    Genesis genesis = decided.genesis();
    GovernanceState now = decided.state();
    // Nothing was signed in an incarnation before it began.
    int from = Math.max(Math.toIntExact(epoch), decided.beganAt(self));
    Set<Seats> seats = new LinkedHashSet<>();
    for (int at = from; at <= known; at++) {
      Seating seating = Seating.of(decided.before(at).state());
      if (seating.node(self.node()).isPresent()) {
        seats.add(seats(self.node(), seating, now));
      }
    }
    Set<String> others = new TreeSet<>();
    now.nodes().forEach(node -> others.add(node.node()));
    others.remove(self.node());
    return new BootGate(
        genesis.origin(self),
        self.logKey(),
        genesis.signatures(),
        List.copyOf(seats),
        others,
        known);
  }

  private static Seats seats(String self, Seating seating, GovernanceState now) {
    Set<String> witnesses = new TreeSet<>();
    int gone = 0;
    for (NodeRecord seat : seating.witnessesOf(self)) {
      if (isAsItWas(seat, now)) {
        witnesses.add(seat.node());
      } else {
        gone++;
      }
    }
    int given = Math.min(seating.faults(), gone);
    return new Seats(witnesses, Math.max(0, seating.bootAnswers(self) - given));
  }

  /** Everybody who is to be asked. */
  public Set<String> asked() {
    Set<String> all = new TreeSet<>(others);
    seats.forEach(one -> all.addAll(one.witnesses()));
    return all;
  }

  /** Whether so many seats of every epoch are among these as have to count. */
  public boolean isEnough(Set<String> nodes) {
    return seats.stream().allMatch(one -> one.missing(nodes) == 0);
  }

  private static boolean isAsItWas(NodeRecord seat, GovernanceState decided) {
    return decided.standing(seat.node()) instanceof NodeStanding.Active
        && decided.node(seat.node()).equals(Optional.of(seat));
  }

  /**
   * What one node says it knows of the log; unverified.
   *
   * @param counts whether it would know if it had ever cosigned more than it shows: it has kept its
   *     store since it began, though it may have been given the log later or not at all, or it has
   *     a copy of the log. Not if it has lost its store and has no copy yet
   * @param epoch so many decisions it knows
   * @param held the highest checkpoint it has; empty for none
   */
  public record Answer(boolean counts, long epoch, Optional<SignedCheckpoint> held) {
    /** Of a node that has kept its store and was never shown anything. */
    public static final Answer NOTHING = new Answer(true, 0, Optional.empty());

    /** Of a node that cannot say. */
    public static final Answer UNKNOWN = new Answer(false, 0, Optional.empty());

    /**
     * As it is sent. SPEC protocol.md §7.3: wrong data equals no answer.
     *
     * @param held the note; empty for none
     */
    public static Optional<Answer> parse(boolean counts, long epoch, Optional<Bytes> held) {
      try {
        return Optional.of(
            new Answer(
                counts,
                epoch,
                held.isPresent()
                    ? Optional.of(SignedCheckpoint.parse(held.get()))
                    : Optional.empty()));
      } catch (DecodeException e) {
        return Optional.empty();
      }
    }
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
   * @param missing so many of the witnesses of one epoch among them are needed, at least; 0 if only
   *     others are waited for
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
   * @param silent who was asked and has not answered in time, or not in a form that is an answer;
   *     also who knows more decisions than are known here and could not tell them in time
   */
  public Verdict judge(Own own, Map<String, Answer> answers, Set<String> silent) {
    Optional<SignedCheckpoint> newest = Optional.empty();
    Set<String> counted = new TreeSet<>();
    Set<String> heard = new TreeSet<>(silent);
    for (Map.Entry<String, Answer> one : answers.entrySet()) {
      boolean isUnderstood = one.getValue().epoch() <= epoch;
      if (isUnderstood) {
        heard.add(one.getKey());
      }
      Optional<SignedCheckpoint> held = one.getValue().held();
      // SPEC protocol.md §11.1: answers are unsigned; only the own signature in them says anything.
      if (held.isPresent() && !isGenuine(held.get())) {
        continue;
      }
      if (one.getValue().counts() && isUnderstood) {
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
    int missing = 0;
    Set<String> waitingFor = new TreeSet<>(others);
    waitingFor.removeAll(heard);
    for (Seats one : seats) {
      int missingHere = one.missing(counted);
      if (missingHere > 0) {
        missing = Math.max(missing, missingHere);
        one.witnesses().stream().filter(it -> !counted.contains(it)).forEach(waitingFor::add);
      }
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
