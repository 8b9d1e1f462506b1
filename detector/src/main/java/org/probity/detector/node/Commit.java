package org.probity.detector.node;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.probity.detector.codec.Bytes;
import org.probity.detector.log.Origin;

/**
 * What is to be made durable in one step: a part of the own log that is executed and signed, what
 * is held of others' logs, or both. Immutable.
 */
public final class Commit {
  private final Optional<LogWriter.Sealed> sealed;
  private final Map<Origin, Bytes> views;
  private final List<Release> releases;

  Commit(Optional<LogWriter.Sealed> sealed, Map<Origin, Bytes> views, List<Release> releases) {
    this.sealed = sealed;
    this.views = new LinkedHashMap<>(views);
    this.releases = List.copyOf(releases);
  }

  /** What the own log grows by, if it does. */
  public Optional<CommitStore.Growth> growth() {
    return sealed.map(part -> new CommitStore.Growth(part.append(), part.mark()));
  }

  /** What is held of others' logs, complete for each log in it; the rest has not changed. */
  public Map<Origin, Bytes> views() {
    return new LinkedHashMap<>(views);
  }

  /** Size of the own log when this is durable; 0 if it does not grow. */
  long newSize() {
    return sealed.map(part -> part.append().newSize()).orElse(0L);
  }

  /** What may leave now. */
  List<Release> releases(Durable durable) {
    require(durable);
    return releases;
  }

  /** What readers may see now; empty if nothing is new. */
  public Optional<Published> published(Durable durable) {
    require(durable);
    return sealed.map(
        part -> new Published(part.append().checkpoint(), part.lastEntry(), part.state()));
  }

  private void require(Durable durable) {
    if (durable.size() < newSize()) {
      throw new IllegalStateException(
          "durable up to " + durable.size() + ", this commit ends at " + newSize());
    }
  }
}
