package org.probity.simulation.planted;

import java.util.List;
import java.util.Set;
import org.probity.simulation.oracle.Violation.Promise;

/**
 * A bug to be planted.
 *
 * @param name lower case, with hyphens
 * @param breaks promises, any of which the bug is to be noticed by
 * @param provokedBy kinds of incidents that bring it out; empty: whatever a seed draws
 * @param edits what is changed in the sources
 */
record PlantedBug(String name, Set<Promise> breaks, List<String> provokedBy, List<Edit> edits) {

  /**
   * One change of a source file.
   *
   * @param source path below {@code org/probity}, without {@code .java}
   * @param before consecutive lines that stand there exactly once, without their indentation
   * @param after what stands there when the bug is planted
   */
  record Edit(String source, List<String> before, List<String> after) {
    Edit {
      before = List.copyOf(before);
      after = List.copyOf(after);
    }
  }

  PlantedBug {
    breaks = Set.copyOf(breaks);
    provokedBy = List.copyOf(provokedBy);
    edits = List.copyOf(edits);
  }

  @Override
  public String toString() {
    return name;
  }
}
