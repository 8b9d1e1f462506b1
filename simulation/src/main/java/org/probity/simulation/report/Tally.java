package org.probity.simulation.report;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.probity.simulation.fault.Fault;

/** Adds up what came of many seeds. Not thread-safe. */
public final class Tally {
  private final Map<String, Row> rows = new TreeMap<>();
  private final Map<Long, List<String>> violations = new TreeMap<>();
  private final Set<String> pairs = new TreeSet<>();
  private final Map<String, Long> excused = new TreeMap<>();
  private long seeds;
  private long repeated;
  private long injected;
  private long alone;
  private long exposed;
  private long suspected;
  private long accused;
  private long transactions;
  private long begunAgain;
  private long suspectedAndCleared;
  private double simulatedSeconds;

  /** All faults of one kind. */
  public static final class Row {
    private final List<Long> exposedMillis = new ArrayList<>();
    private final List<Long> suspectedMillis = new ArrayList<>();
    private final List<Long> evidenceBytes = new ArrayList<>();
    private long planned;
    private long done;
    private long alone;
    private long exposed;
    private long suspected;

    /** How often it was in a plan. What it needs may not have been there when its time came. */
    public long planned() {
      return planned;
    }

    public long done() {
      return done;
    }

    /**
     * Of these, how many were all that their culprit did: what became of it came of them. Of a node
     * that has done several things nobody can say what came of which, so nothing else here counts
     * those.
     */
    public long alone() {
      return alone;
    }

    /** Of {@link #alone}, in how many cases every correct node exposed the culprit. */
    public long exposed() {
      return exposed;
    }

    /**
     * Of {@link #alone}, in how many every correct node suspected it and not every one exposed it.
     */
    public long suspected() {
      return suspected;
    }

    /** Until the last correct node had exposed it; -1 if it never was. */
    public long medianExposedMillis() {
      return quantile(exposedMillis, 0.5);
    }

    /** As {@link #medianExposedMillis}, of nineteen in twenty. */
    public long p95ExposedMillis() {
      return quantile(exposedMillis, 0.95);
    }

    public long medianSuspectedMillis() {
      return quantile(suspectedMillis, 0.5);
    }

    public long medianEvidenceBytes() {
      return quantile(evidenceBytes, 0.5);
    }

    private void add(SeedResult.Done fault) {
      done++;
      if (!fault.isAlone()) {
        return;
      }
      alone++;
      if (isExposed(fault)) {
        exposed++;
        exposedMillis.add(fault.exposedMillis());
      } else if (isSuspected(fault)) {
        suspected++;
        suspectedMillis.add(fault.suspectedMillis());
      }
      if (fault.evidenceBytes() > 0) {
        evidenceBytes.add((long) fault.evidenceBytes());
      }
    }
  }

  /** The value below which this share of them lies; -1 of none. */
  public static long quantile(List<Long> values, double share) {
    if (values.isEmpty()) {
      return -1;
    }
    List<Long> sorted = new ArrayList<>(values);
    Collections.sort(sorted);
    return sorted.get((int) Math.min(sorted.size() - 1.0, Math.floor(share * sorted.size())));
  }

  public void add(SeedResult result) {
    seeds++;
    repeated += result.isRepeated() ? 1 : 0;
    accused += result.accused();
    transactions += result.transactions();
    begunAgain += result.begunAgain();
    suspectedAndCleared += result.suspectedAndCleared();
    result.excused().forEach((why, times) -> excused.merge(why, (long) times, Long::sum));
    simulatedSeconds += result.simulatedSeconds();
    if (!result.violations().isEmpty()) {
      violations.put(result.seed(), result.violations());
    }
    for (String one : result.kinds()) {
      result.kinds().stream()
          .filter(other -> one.compareTo(other) < 0)
          .forEach(other -> pairs.add(one + "+" + other));
      if (Fault.of(one).isPresent()) {
        row(one).planned++;
      }
    }
    result.faults().forEach(this::add);
  }

  private void add(SeedResult.Done fault) {
    row(fault.kind()).add(fault);
    injected++;
    if (fault.isAlone()) {
      alone++;
      exposed += isExposed(fault) ? 1 : 0;
      suspected += isSuspected(fault) ? 1 : 0;
    }
  }

  private static boolean isExposed(SeedResult.Done fault) {
    return fault.exposedMillis() >= 0;
  }

  private static boolean isSuspected(SeedResult.Done fault) {
    return !isExposed(fault) && fault.suspectedMillis() >= 0;
  }

  private Row row(String kind) {
    return rows.computeIfAbsent(kind, none -> new Row());
  }

  /** By kind of fault, done or planned only. */
  public Map<String, Row> rows() {
    return Collections.unmodifiableMap(rows);
  }

  /** By seed. */
  public Map<Long, List<String>> violations() {
    return Collections.unmodifiableMap(violations);
  }

  /** Pairs of kinds of incidents that occurred in one plan. */
  public int pairs() {
    return pairs.size();
  }

  public long seeds() {
    return seeds;
  }

  public long repeated() {
    return repeated;
  }

  public long injected() {
    return injected;
  }

  /** Of {@link #injected}, those that were all that their culprit did. */
  public long alone() {
    return alone;
  }

  /** Of {@link #alone}. */
  public long exposed() {
    return exposed;
  }

  /** Of {@link #alone}. */
  public long suspected() {
    return suspected;
  }

  public long accused() {
    return accused;
  }

  public long transactions() {
    return transactions;
  }

  /** Nodes that have lost what they had signed and go on in a later incarnation. */
  public long begunAgain() {
    return begunAgain;
  }

  /** How often correct nodes suspected correct ones, and took that back. */
  public long suspectedAndCleared() {
    return suspectedAndCleared;
  }

  /** How often each excuse kept an oracle quiet. */
  public Map<String, Long> excused() {
    return Collections.unmodifiableMap(excused);
  }

  public double simulatedSeconds() {
    return simulatedSeconds;
  }
}
