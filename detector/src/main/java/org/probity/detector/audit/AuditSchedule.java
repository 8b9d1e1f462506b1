package org.probity.detector.audit;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;

/**
 * Which chunk of which ward's log a witness replays next: protocol.md §9, priority with a floor.
 *
 * <p>Of the {@code B} slots of a round the share {@code phi} is the <em>floor lane</em>: the chunks
 * that have waited longest, whatever anybody's score is. The rest is the <em>score lane</em>: wards
 * whose score is above the threshold, out of cool-down, the longest waiting first. What the score
 * lane does not use spills to the floor.
 *
 * <p><b>Theorem.</b> Under any scores, every entry is audited within
 *
 * <pre>{@code 1 + ceil( sum_i ceil(b_i / (Q - K + 1)) / (phi * B) )}</pre>
 *
 * <p>rounds of its arrival, {@code b_i} being what waits of ward i's entries when the next round
 * begins. Why: a chunk is closed only when the next batch does not fit, so it has at least {@code Q
 * - K + 1} entries and the sum counts all chunks that wait; no later chunk gets before an earlier
 * one; and any {@code r} rounds have at least {@code floor(phi * B * r)} floor slots. Two things
 * are required of the caller: the slots of a round are audited before the next round, and a ward
 * with a finding has no further entries to audit. Where they do not hold, {@link #lateRounds} shows
 * it.
 *
 * <pre>{@code
 * schedule.arrived("bank-b", replica.size());          // at each STATE
 * schedule.priority("bank-b", Priority.from(() -> model.score("bank-b")));
 * for (AuditSlot slot : schedule.round()) {
 *   // replay slot.fromIndex() .. slot.toIndex(), then
 *   schedule.done(slot.ward(), slot.toIndex(), audit.finding().isEmpty());
 * }
 * }</pre>
 *
 * <p>A pure object: time is the number of rounds, chance is a secret that is handed in. The same
 * calls give the same slots. It keeps nothing that has to be durable: after a restart wards are
 * {@link #watch watched} from where their audits had come to. Memory: one chunk per {@code Q - K +
 * 1} waiting entries. A round costs O(B * wards). Single owner, not thread-safe.
 */
public class AuditSchedule {
  /** Bytes of the secret by which chunks of one round are ordered. */
  public static final int SECRET_BYTES = 32;

  private static final byte TIE_DOMAIN = 0x02;

  private final AuditBudget budget;
  private final Bytes secret;
  private final TreeMap<String, Ward> wards = new TreeMap<>();
  private long round;

  /** What {@code phi * B} has left over from earlier rounds, in units of 1/denominator. */
  private long floorCredit;

  /** For tests that plant a bug; everybody else {@link #create}s. */
  AuditSchedule(AuditBudget budget, Bytes secret) {
    if (secret.size() != SECRET_BYTES) {
      throw new IllegalArgumentException("the secret has " + SECRET_BYTES + " bytes");
    }
    this.budget = budget;
    this.secret = secret;
  }

  /**
   * A schedule without wards.
   *
   * @param secret 32 random bytes that no ward knows: who could compute the order of chunks that
   *     arrive together could choose when to be audited
   */
  public static AuditSchedule create(AuditBudget budget, Bytes secret) {
    return new AuditSchedule(budget, secret);
  }

  /** Consecutive entries of one ward that one slot will replay. */
  static final class Chunk {
    private final long tie;
    private final String ward;
    private final long from;
    private long to;
    private long placedRound;

    /** The last round that may begin it, known from the first round after its arrival on. */
    private long dueRound = Long.MAX_VALUE;

    private Chunk(String ward, long from, long placedRound, long tie) {
      this.ward = ward;
      this.from = from;
      this.to = from;
      this.placedRound = placedRound;
      this.tie = tie;
    }
  }

  /** A chunk in a slot, and the score that put it there (0 in the floor lane). */
  private record Started(Chunk chunk, AuditLane lane, double level) {}

  private static final class Ward {
    private final Deque<Chunk> waiting = new ArrayDeque<>();
    private final Deque<Started> started = new ArrayDeque<>();
    private long arrivedSize;
    private long auditedSize;
    private boolean closed;
    private boolean held;
    private boolean asked;
    private Priority priority = Priority.NONE;
    private double discount;
    private long coolUntilRound = -1;

    private Ward(long auditedSize) {
      this.arrivedSize = auditedSize;
      this.auditedSize = auditedSize;
    }

    private long waitingEntries() {
      return waiting.isEmpty() ? 0 : arrivedSize - waiting.getFirst().from;
    }

    private boolean isReady() {
      return !held && !waiting.isEmpty();
    }
  }

  /**
   * Takes up a ward whose entries below {@code auditedSize} are audited already. Without it a ward
   * is taken up with its first arrival, from entry 0 on. Nothing happens if it is known.
   */
  public void watch(String ward, long auditedSize) {
    wards.putIfAbsent(ward, new Ward(auditedSize));
  }

  /** The ward is another witness's from now on. */
  public void forget(String ward) {
    wards.remove(ward);
  }

  /**
   * Nothing of the ward can be replayed now, for a reason that is not the ward's: until {@link
   * #release} it gets no slot, and its chunks keep their place. Without this one ward whose chunks
   * are the oldest could take all slots of every round and use none.
   */
  public void hold(String ward) {
    Ward of = wards.get(ward);
    if (of != null) {
      of.held = true;
    }
  }

  /** The inverse of {@link #hold}. */
  public void release(String ward) {
    Ward of = wards.get(ward);
    if (of != null) {
      of.held = false;
    }
  }

  /** All wards, in order. */
  public Collection<String> wards() {
    return List.copyOf(wards.keySet());
  }

  /**
   * The ward's log has grown. To be called for each STATE, in order; a size that is not larger than
   * an earlier one changes nothing.
   *
   * <p>What arrives at once is kept in one chunk, so that chunks end on STATE. The exception is
   * more than {@code K} entries at once, which is a batch with one large input, or a fault: it is
   * cut where the chunk is full, and its replay pauses there in the midst of a batch.
   *
   * @param size of the log, behind a STATE
   */
  public void arrived(String ward, long size) {
    Ward of = wards.computeIfAbsent(ward, unknown -> new Ward(0));
    if (of.closed || size <= of.arrivedSize) {
      return;
    }
    boolean cut = size - of.arrivedSize > budget.maxBatchEntries();
    while (of.arrivedSize < size) {
      long remaining = size - of.arrivedSize;
      Chunk chunk = chunkFor(ward, of, cut ? 1 : remaining);
      of.arrivedSize += Math.min(remaining, chunk.from + budget.chunkEntries() - chunk.to);
      chunk.to = of.arrivedSize;
    }
  }

  /** The newest unstarted chunk, or a new one if that has no room for so many entries. */
  private Chunk chunkFor(String ward, Ward of, long entries) {
    Chunk newest = of.waiting.peekLast();
    if (newest != null && newest.to - newest.from + entries <= budget.chunkEntries()) {
      newest.placedRound = placeOf(newest.placedRound, round);
      return newest;
    }
    Chunk chunk = new Chunk(ward, of.arrivedSize, round, tie(ward));
    of.waiting.addLast(chunk);
    return chunk;
  }

  /** SPEC protocol.md §9: a chunk is placed by its first entry's arrival. */
  long placeOf(long firstRound, long thisRound) {
    return firstRound;
  }

  /** SPEC protocol.md §9: ties break by local secret randomness. */
  private long tie(String ward) {
    byte[] at = ByteBuffer.allocate(Long.BYTES).putLong(round).array();
    Hash hash = Hash.sha256(TIE_DOMAIN, secret.unsafeArray(), at, Bytes.utf8(ward).unsafeArray());
    return ByteBuffer.wrap(hash.unsafeArray()).getLong();
  }

  /** What is thought of a ward. It holds for the next round only; a ward without one has 0. */
  public void priority(String ward, Priority priority) {
    Ward of = wards.get(ward);
    if (of != null) {
      of.priority = priority;
    }
  }

  /** As {@link #priority(String, Priority)}, of a score that may be any number. */
  public void priority(String ward, double score) {
    priority(ward, Priority.of(score));
  }

  /**
   * A person wants the ward to be audited now: in the next round it is the first of the score lane,
   * whatever its score is. It costs later scores nothing, and the floor is what it is.
   */
  public void ask(String ward) {
    Ward of = wards.get(ward);
    if (of != null) {
      of.asked = true;
    }
  }

  /**
   * Hands out the next round's slots, at most {@code B}: fewer only if no chunk is ready. The slots
   * of one ward are in the order of its log; those of the score lane come first.
   */
  public List<AuditSlot> round() {
    fixDueRounds();
    wards.values().forEach(ward -> ward.discount *= budget.discountDecay());
    int floor = floorSlots();
    List<AuditSlot> slots = new ArrayList<>();
    scoreLane(budget.slotsPerRound() - floor, slots);
    int unused = budget.slotsPerRound() - floor - slots.size();
    floorLane(floor + spilled(unused), slots);
    wards.values().forEach(ward -> ward.priority = Priority.NONE);
    wards.values().forEach(ward -> ward.asked = false);
    round++;
    return List.copyOf(slots);
  }

  /** SPEC protocol.md §9: the bound counts what waits when the next round begins. */
  private void fixDueRounds() {
    long due = round + boundRounds() - 1;
    for (Ward ward : wards.values()) {
      Iterator<Chunk> newestFirst = ward.waiting.descendingIterator();
      while (newestFirst.hasNext()) {
        Chunk chunk = newestFirst.next();
        if (chunk.dueRound != Long.MAX_VALUE) {
          break;
        }
        chunk.dueRound = due;
      }
    }
  }

  /** Whether the next {@link #round} has a slot to give. */
  public boolean isAnythingReady() {
    return wards.values().stream().anyMatch(Ward::isReady);
  }

  /** {@code floor(phi B (e+1)) - floor(phi B e)}, without a product that could overflow. */
  int floorSlots() {
    floorCredit += (long) budget.floorNumerator() * budget.slotsPerRound();
    long slots = floorCredit / budget.floorDenominator();
    floorCredit %= budget.floorDenominator();
    return (int) slots;
  }

  /** SPEC protocol.md §9: unused score slots spill to the floor. */
  int spilled(int unusedScoreSlots) {
    return unusedScoreSlots;
  }

  private void scoreLane(int slots, List<AuditSlot> out) {
    wards.values().stream()
        .filter(this::isInScoreLane)
        .sorted(
            Comparator.comparing((Ward ward) -> !ward.asked)
                .thenComparing(ward -> ward.waiting.getFirst(), floorOrder()))
        .limit(slots)
        .toList()
        .forEach(
            ward -> {
              if (!ward.asked) {
                ward.coolUntilRound = round + budget.coolDownRounds();
              }
              out.add(start(ward, AuditLane.SCORE));
            });
  }

  /** SPEC protocol.md §9: above the threshold and out of cool-down. */
  private boolean isInScoreLane(Ward ward) {
    boolean scored =
        round > ward.coolUntilRound
            && ward.priority.value() - ward.discount > budget.scoreThreshold();
    return ward.isReady() && (ward.asked || scored);
  }

  private void floorLane(int slots, List<AuditSlot> out) {
    for (int slot = 0; slot < slots; slot++) {
      Optional<Ward> next =
          wards.values().stream()
              .filter(Ward::isReady)
              .min(Comparator.comparing(ward -> ward.waiting.getFirst(), floorOrder()));
      if (next.isEmpty()) {
        return;
      }
      out.add(start(next.get(), AuditLane.FLOOR));
    }
  }

  /** First come, first served; those of one round in an order that no ward can foresee. */
  Comparator<Chunk> floorOrder() {
    return FIRST_COME;
  }

  private static final Comparator<Chunk> FIRST_COME =
      Comparator.<Chunk>comparingLong(chunk -> chunk.placedRound)
          .thenComparing(chunk -> chunk.tie, Long::compareUnsigned)
          .thenComparing(chunk -> chunk.ward);

  private AuditSlot start(Ward ward, AuditLane lane) {
    Chunk chunk = ward.waiting.removeFirst();
    double level = lane == AuditLane.SCORE && !ward.asked ? ward.priority.value() : 0;
    ward.started.addLast(new Started(chunk, lane, level));
    // A chunk audited in part counts as whole until its slot, or the sum of the theorem is off.
    long from = Math.max(chunk.from, ward.auditedSize);
    return new AuditSlot(chunk.ward, from, chunk.to, lane, round - chunk.placedRound);
  }

  /**
   * The ward's entries below {@code upTo} are audited, as slots asked or beyond them.
   *
   * <p>After a clean audit of the score lane the score that caused it counts as a discount on the
   * ward's later ones, which fades. After a finding nothing of the ward is left to audit.
   *
   * @throws IllegalArgumentException if so much has not arrived
   */
  public void done(String ward, long upTo, boolean clean) {
    Ward of = wards.get(ward);
    if (of == null || of.closed) {
      return;
    }
    if (upTo > of.arrivedSize) {
      throw new IllegalArgumentException(ward + " has " + of.arrivedSize + " entries, not " + upTo);
    }
    if (!clean) {
      of.closed = true;
      of.waiting.clear();
      of.started.clear();
      of.auditedSize = of.arrivedSize;
      return;
    }
    of.auditedSize = Math.max(of.auditedSize, upTo);
    while (!of.started.isEmpty() && of.started.getFirst().chunk().to <= upTo) {
      Started finished = of.started.removeFirst();
      of.discount = Math.max(of.discount, finished.level());
    }
    while (!of.waiting.isEmpty() && of.waiting.getFirst().to <= upTo) {
      of.waiting.removeFirst();
    }
  }

  /**
   * The ward's slots that were not reported as done could not be carried out: their chunks wait
   * again, where they had waited. The theorem does not count such rounds.
   */
  public void abandoned(String ward) {
    Ward of = wards.get(ward);
    if (of == null) {
      return;
    }
    for (Iterator<Started> newestFirst = of.started.descendingIterator(); newestFirst.hasNext(); ) {
      of.waiting.addFirst(newestFirst.next().chunk());
    }
    of.started.clear();
  }

  /** How far the audits of a ward are behind; nothing of a ward unknown here. */
  public AuditLag lag(String ward) {
    Ward of = wards.get(ward);
    if (of == null) {
      return new AuditLag(0, 0, 0);
    }
    long waited = of.waiting.isEmpty() ? 0 : round - of.waiting.getFirst().placedRound;
    return new AuditLag(of.arrivedSize - of.auditedSize, of.waiting.size(), waited);
  }

  /**
   * By how many rounds the oldest chunk of a ward has outlived the bound that held when it arrived;
   * 0 as long as the theorem's conditions do.
   */
  public long lateRounds(String ward) {
    Ward of = wards.get(ward);
    return of == null || of.waiting.isEmpty()
        ? 0
        : Math.max(0, round - of.waiting.getFirst().dueRound);
  }

  /** The theorem's bound for what has arrived by now, in rounds. */
  public long boundRounds() {
    long closedAt = budget.chunkEntries() - budget.maxBatchEntries() + 1L;
    long chunks = 0;
    for (Ward ward : wards.values()) {
      chunks += ceilDiv(ward.waitingEntries(), closedAt);
    }
    long floorShare = (long) budget.floorNumerator() * budget.slotsPerRound();
    return 1 + ceilDiv(Math.multiplyExact(chunks, (long) budget.floorDenominator()), floorShare);
  }

  /** The number of rounds handed out. */
  public long rounds() {
    return round;
  }

  private static long ceilDiv(long dividend, long divisor) {
    return dividend / divisor + (dividend % divisor == 0 ? 0 : 1);
  }
}
