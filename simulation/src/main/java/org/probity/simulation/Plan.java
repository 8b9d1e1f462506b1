package org.probity.simulation;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;

/**
 * All that is decided before a simulation starts: its settings and its incidents. The same plan
 * gives the same simulation.
 */
public record Plan(long seed, Settings settings, List<Incident> incidents) {
  public Plan {
    List<Incident> sorted = new ArrayList<>(incidents);
    sorted.sort(Comparator.comparingLong(Incident::atMillis).thenComparingLong(Incident::chance));
    incidents = List.copyOf(sorted);
  }

  /** The same with other incidents. */
  public Plan with(List<Incident> others) {
    return new Plan(seed, settings, others);
  }

  /** The kinds that occur. */
  public Set<String> kinds() {
    Set<String> kinds = new TreeSet<>();
    incidents.forEach(incident -> kinds.add(incident.kind()));
    return kinds;
  }

  /** Another plan has another one, whatever its seed. */
  public String fingerprint() {
    StringBuilder all = new StringBuilder(seed + " " + settings);
    for (Incident incident : incidents) {
      all.append('\n')
          .append(incident.kind())
          .append(' ')
          .append(incident.atMillis())
          .append(' ')
          .append(incident.forMillis())
          .append(' ')
          .append(incident.nodes())
          .append(' ')
          .append(incident.chance());
    }
    return Hash.sha256(Bytes.utf8(all.toString()).unsafeArray()).toHex().substring(0, 16);
  }
}
