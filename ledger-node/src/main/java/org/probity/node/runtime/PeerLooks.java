package org.probity.node.runtime;

import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.probity.node.http.ChallengeStatus;
import org.probity.node.scoring.PeerScores;

/** What the scores look at from time to time. */
record PeerLooks(
    Supplier<Collection<Ward>> wards, Supplier<List<ChallengeStatus>> challenges, Clock clock)
    implements PeerScores.Looks {
  /** What has been signed and is not here after that long is overdue. */
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  @Override
  public Map<String, Boolean> wardsThatOwe() {
    Map<String, Boolean> owing = new TreeMap<>();
    wards.get().forEach(ward -> owing.put(ward.node(), ward.owed(PATIENCE).isPresent()));
    return owing;
  }

  @Override
  public Map<String, Double> openChallengeSeconds() {
    Map<String, Double> ages = new TreeMap<>();
    for (ChallengeStatus challenge : challenges.get()) {
      challenge
          .since()
          .ifPresent(
              since ->
                  ages.merge(
                      challenge.target(),
                      Duration.between(since, clock.instant()).toMillis() / 1e3,
                      Math::max));
    }
    return ages;
  }
}
