package org.probity.scoring;

/**
 * What is measured about a peer per epoch. Only what the observer saw itself or what a counterparty
 * has signed: what a peer says about itself belongs to the attacker.
 */
public enum PeerFeature {
  ACK_P50(Group.TIMING, "ms", 0, 600_000, 1, "median time to an acknowledgement"),
  ACK_P99(Group.TIMING, "ms", 0, 600_000, 5, "99th percentile of that"),
  CHALLENGE_P50(Group.TIMING, "ms", 0, 3_600_000, 10, "median time to answer a challenge"),
  CHALLENGE_P99(Group.TIMING, "ms", 0, 3_600_000, 50, "99th percentile of that"),
  CHECKPOINT_JITTER(
      Group.TIMING, "ratio", 0, 100, 0.05, "standard deviation over mean of checkpoint intervals"),
  TICK_SKEW(
      Group.TIMING, "ms", -86_400_000, 86_400_000, 50, "its logged clock less the median peer's"),
  MISSING_ACKS(Group.OMISSION, "ratio", 0, 1, 0.005, "messages without an acknowledgement in time"),
  RETRANSMISSIONS(Group.OMISSION, "per message", 0, 100, 0.01, "times a message was sent again"),
  OVERDUE_CHECKPOINTS(Group.OMISSION, "ratio", 0, 1, 0.01, "expected checkpoints that were late"),
  OPEN_CHALLENGE_AGE(
      Group.OMISSION, "s", 0, 2_592_000, 1, "age of the oldest challenge it has not answered"),
  GROWTH_RESIDUAL(
      Group.ACCOUNTING,
      "entries/s",
      -1_000_000,
      1_000_000,
      0.1,
      "growth of its log less what clients and counterparties know to be in it"),
  REJECTED_TRANSACTIONS(Group.ACCOUNTING, "ratio", 0, 1, 0.01, "transactions it refused"),
  DUPLICATES(Group.ACCOUNTING, "ratio", 0, 1, 0.01, "messages it sent that had arrived before"),
  FAN_OUT_IMBALANCE(
      Group.RELATIONAL, "ratio", 0, 1, 0.02, "Gini coefficient of its messages over receivers"),
  SELECTIVITY(
      Group.RELATIONAL,
      "ratio",
      0,
      10_000,
      0.05,
      "spread of its acknowledgement times between its counterparties, over their median"),
  DISAGREEMENT(
      Group.RELATIONAL, "ratio", 0, 1, 0.01, "counterparties that report otherwise than we saw"),
  RESTARTS(Group.LIFECYCLE, "per day", 0, 1_000, 0.5, "times it came back from silence"),
  KEY_EVENTS(Group.LIFECYCLE, "per day", 0, 1_000, 0.5, "certificates and keys it changed"),
  LOAD(
      Group.LOAD,
      "entries/s",
      0,
      1_000_000,
      1,
      "growth of its log; only the median over all peers is used, so that a busy hour of everybody"
          + " makes nobody suspicious");

  /** What kind of misbehaviour shows there first. */
  public enum Group {
    TIMING,
    OMISSION,
    ACCOUNTING,
    RELATIONAL,
    LIFECYCLE,
    LOAD
  }

  private final Group group;
  private final String unit;
  private final double min;
  private final double max;
  private final double resolution;
  private final String meaning;

  PeerFeature(Group group, String unit, double min, double max, double resolution, String meaning) {
    this.group = group;
    this.unit = unit;
    this.min = min;
    this.max = max;
    this.resolution = resolution;
    this.meaning = meaning;
  }

  public Group group() {
    return group;
  }

  public String unit() {
    return unit;
  }

  public double min() {
    return min;
  }

  public double max() {
    return max;
  }

  /** A difference that means nothing, in {@link #unit}s: eps of the normalisation. */
  public double resolution() {
    return resolution;
  }

  public String meaning() {
    return meaning;
  }
}
