package org.probity.detector.governance;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The witness seats of every epoch as far as decisions are known, for whoever judges what witnesses
 * have signed: what the witnesses of an epoch promised in it stands when the seats have moved.
 *
 * <p>Signatures count together when one seating gave their signers seats: a quorum made of seats of
 * two epochs need not have a correct node in common with any other. What a node signed that is
 * <i>revoked</i> by now counts in no seating: members have found that its word is worth nothing. A
 * suspended node's counts, since its case is open.
 *
 * <p>For example, with {@code q = 2} let b and c witness a in epoch 0, and c and d from epoch 1 on.
 * Cosignatures by b and c make a checkpoint witnessed, in epoch 5 as well, and so do those by c and
 * d; those by b and d do not.
 *
 * <p>Immutable.
 */
public final class SeatHistory {
  private final List<Seating> seatings;
  private final Set<String> revoked;

  private SeatHistory(List<Seating> seatings, Set<String> revoked) {
    this.seatings = List.copyOf(seatings);
    this.revoked = Set.copyOf(revoked);
  }

  /** For whoever knows of no decision. */
  public static SeatHistory founding(Genesis genesis) {
    return new SeatHistory(List.of(Seating.founding(genesis)), Set.of());
  }

  /** After every decision of the chain. One {@link Seating#of} per epoch. */
  public static SeatHistory of(DecisionChain chain) {
    List<Seating> newestFirst = new ArrayList<>();
    for (int epoch = chain.decisions().size(); epoch >= 0; epoch--) {
      Seating seating = Seating.of(chain.before(epoch).state());
      if (!newestFirst.contains(seating)) {
        newestFirst.add(seating);
      }
    }
    Set<String> revoked = new TreeSet<>();
    chain
        .state()
        .stopped()
        .forEach(
            (node, standing) -> {
              if (standing instanceof NodeStanding.Revoked) {
                revoked.add(node);
              }
            });
    return new SeatHistory(newestFirst, revoked);
  }

  /** Those in force after the last decision that is known. */
  public Seating inForce() {
    return seatings.get(0);
  }

  /** Of all epochs, each once, the newest first. */
  public List<Seating> seatings() {
    return seatings;
  }

  /** Who witnessed a node by that seating and is not revoked by now. */
  public List<NodeRecord> witnessesOf(String ward, Seating seating) {
    return seating.witnessesOf(ward).stream()
        .filter(seat -> !revoked.contains(seat.node()))
        .toList();
  }
}
