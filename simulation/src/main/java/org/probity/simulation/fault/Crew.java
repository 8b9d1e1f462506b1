package org.probity.simulation.fault;

import java.util.ArrayList;
import java.util.List;
import org.probity.detector.governance.NodeRecord;

/** Who helps a culprit. */
enum Crew {
  /** Anybody, one. */
  ONE_OTHER {
    @Override
    List<String> candidates(Casting casting) {
      return casting.shuffled(casting.others());
    }

    @Override
    int most(Casting casting) {
      return 1;
    }
  },

  /** As many of its witnesses as the consortium tolerates. */
  FEW_WITNESSES {
    @Override
    List<String> candidates(Casting casting) {
      return casting.shuffled(witnesses(casting));
    }

    @Override
    int most(Casting casting) {
      return casting.genesis().parameters().faults();
    }
  },

  /** All of its witnesses. */
  ALL_WITNESSES {
    @Override
    List<String> candidates(Casting casting) {
      return witnesses(casting);
    }

    @Override
    int most(Casting casting) {
      return casting.genesis().parameters().witnesses();
    }
  };

  abstract List<String> candidates(Casting casting);

  abstract int most(Casting casting);

  /** As many as may be had. */
  List<String> chosen(Casting casting) {
    List<String> chosen = new ArrayList<>();
    int vacancies = casting.vacancies();
    for (String candidate : candidates(casting)) {
      boolean isNew = !casting.faulty().contains(candidate);
      boolean isFree = !isNew || (vacancies > 0 && !casting.struck().contains(candidate));
      if (chosen.size() < most(casting) && isFree) {
        chosen.add(candidate);
        vacancies -= isNew ? 1 : 0;
      }
    }
    return chosen;
  }

  private static List<String> witnesses(Casting casting) {
    return casting.seating().witnessesOf(casting.culprit()).stream().map(NodeRecord::node).toList();
  }
}
