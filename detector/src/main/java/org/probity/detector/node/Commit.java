package org.probity.detector.node;

import java.util.List;
import org.probity.detector.log.LogAppend;
import org.probity.detector.log.SigningMark;

/** A part of the own log that is executed and signed but not yet durable. Immutable. */
public final class Commit {
  private final LogWriter.Sealed sealed;
  private final List<Release> releases;

  Commit(LogWriter.Sealed sealed, List<Release> releases) {
    this.sealed = sealed;
    this.releases = List.copyOf(releases);
  }

  /** What to write. */
  public LogAppend append() {
    return sealed.append();
  }

  /** The signing mark to write in the same step. */
  public SigningMark mark() {
    return sealed.mark();
  }

  /** What may leave now. */
  List<Release> releases(Durable durable) {
    require(durable);
    return releases;
  }

  /** What readers may see now. */
  Published published(Durable durable) {
    require(durable);
    return new Published(sealed.append().checkpoint(), sealed.lastEntry(), sealed.state());
  }

  private void require(Durable durable) {
    if (durable.size() < append().newSize()) {
      throw new IllegalStateException(
          "durable up to " + durable.size() + ", this commit ends at " + append().newSize());
    }
  }
}
