package org.probity.detector.node;

import java.util.Map;
import java.util.TreeMap;
import org.probity.detector.challenge.Claim;
import org.probity.detector.challenge.ValidChallenge;
import org.probity.detector.challenge.VerifiedAnswer;
import org.probity.detector.log.TreeHead;

/**
 * Audit challenges of one node to another about one checkpoint, one part after the other. The
 * target has its whole time once, from when the first part was put to it, and not for each part
 * anew: else it could hand out a log more slowly than it grows and never be late.
 *
 * <p>One chain per challenger and target, so nobody's parts are forgotten because of somebody
 * else's.
 */
final class PromisesAsked {
  /** Who has asked for no further part for so long has what it wanted. */
  static final long IDLE_MILLIS = 60_000;

  private final Map<Pair, Chain> chains = new TreeMap<>();

  private record Pair(String challenger, String target) implements Comparable<Pair> {
    @Override
    public int compareTo(Pair other) {
      int byChallenger = challenger.compareTo(other.challenger);
      return byChallenger != 0 ? byChallenger : target.compareTo(other.target);
    }
  }

  private record Chain(TreeHead promised, long firstElapsed, long lastElapsed) {}

  private static Pair pair(ValidChallenge challenge) {
    return new Pair(challenge.challenger().node(), challenge.target().node());
  }

  /** A challenge is put to its target. */
  void put(ValidChallenge challenge, long elapsedMillis) {
    if (challenge.claim() instanceof Claim.Audit audit) {
      TreeHead promised = audit.checkpoint().head();
      chains.compute(
          pair(challenge),
          (pair, before) ->
              before != null
                      && before.promised().equals(promised)
                      && elapsedMillis - before.lastElapsed() < IDLE_MILLIS
                  ? new Chain(promised, before.firstElapsed(), elapsedMillis)
                  : new Chain(promised, elapsedMillis, elapsedMillis));
    }
  }

  /** The last part ends the chain. */
  void answered(VerifiedAnswer answer, long elapsedMillis) {
    if (answer.challenge().claim() instanceof Claim.Audit audit) {
      boolean isLast = audit.from() + answer.entries().size() >= audit.checkpoint().size();
      chains.computeIfPresent(
          pair(answer.challenge()),
          (pair, chain) ->
              isLast && chain.promised().equals(audit.checkpoint().head())
                  ? null
                  : new Chain(chain.promised(), chain.firstElapsed(), elapsedMillis));
    }
  }

  /** Witnesses have everything that the challenge's checkpoint promises. */
  void confirmed(ValidChallenge challenge) {
    if (challenge.claim() instanceof Claim.Audit audit) {
      chains.computeIfPresent(
          pair(challenge),
          (pair, chain) -> chain.promised().equals(audit.checkpoint().head()) ? null : chain);
    }
  }

  /** Whether the first part of what this challenge asks a part of was put so long ago. */
  boolean isOverdue(ValidChallenge challenge, long elapsedMillis, long patienceMillis) {
    Chain chain = chains.get(pair(challenge));
    return challenge.claim() instanceof Claim.Audit audit
        && chain != null
        && chain.promised().equals(audit.checkpoint().head())
        && elapsedMillis - chain.firstElapsed() >= patienceMillis;
  }
}
