package org.probity.detector.audit;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.CheckpointVerifier;
import org.probity.detector.commitment.VerifiedCheckpoint;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Seating;
import org.probity.detector.log.LogReader;
import org.probity.detector.log.Origin;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.TreeHead;

/**
 * Which checkpoints inside a ward's RECEIVE and ACK entries are passed on next to which witnesses
 * of their logs (protocol.md §6.2), whether or not the entries are ever audited.
 *
 * <p>There is one lane per witness seat, each at its own pace: a part of the log is handed over
 * when the witness has confirmed everything in the part before that is of this author. So a witness
 * that is silent holds up nobody but itself, an author whose checkpoints nobody can confirm, since
 * it withholds its log, hides nobody's but its own, memory is bounded, and nothing is lost in a
 * crash as long as {@link #positions} is written with the next entries, which is how far each lane
 * has come, in deterministic CBOR:
 *
 * <pre>
 * relay = [* [witness: tstr, position: uint, [* author: tstr]]]
 * </pre>
 *
 * <p>by witness: entries below position are done, for the logs of these authors, of which there is
 * one (an earlier version had one lane for all authors of a witness). A witness that takes a seat
 * begins where the slowest lane of its author is: everything before that has been confirmed by
 * every witness that author had (protocol.md §6.1). Where a seat was lost and nobody has taken it
 * yet, the place is kept under the empty name. A witness that has begun again has lost what it
 * confirmed, and begins at the first entry; its lanes are named with its incarnation, as {@code
 * d/1}.
 *
 * <p>An entry may show a checkpoint of an incarnation that no decision known here lets begin. The
 * lane passes it, remembers where that was, and comes back when the decision has come; positions
 * are written as if it had waited there, so it is not lost in a crash either. An incarnation that
 * is made up costs two numbers, and holds up nothing: least of all what else the log says.
 *
 * <p>For example, when c has confirmed all of 300 entries and d nothing of what b has signed in
 * them, {@code [["c", 300, ["b"]], ["d", 0, ["b"]], ["d", 300, ["e"]]]}; a witness that takes c's
 * seat with b begins at 0, and one that takes d's with e at 300.
 *
 * <p>Single owner, not thread-safe. Cost of {@link #advance}: decoding of every entry and one
 * signature verification per checkpoint, and that again for every lane that has fallen behind.
 */
public final class EmbeddedRelay {
  /** Checkpoints handed over at once at most. */
  public static final int MAX_PART_CHECKPOINTS = 64;

  /** Entries of one part at most; bounds how long {@link #advance} is busy with it. */
  private static final int PART_ENTRIES = 256;

  private static final int PART_BYTES = 1 << 20;

  private static final String NOBODY = "";

  /** Parts kept for the lanes that come to them a little later. */
  private static final int MAX_RECENT = 8;

  private static final int MAX_LANES = 1 << 16;

  private final NodeRecord ward;
  private final CheckpointVerifier checkpoints;
  private final Map<Seat, Lane> lanes = new TreeMap<>();

  /** By author, where a witness has lost a seat that nobody has taken since. */
  private final Map<String, Long> vacant = new TreeMap<>();

  private Seating seating;
  private boolean isArranged;
  private final Map<Long, Extract> recent = new LinkedHashMap<>();

  /** The ward's log, as far as it is held here. */
  public interface Held {
    /** The first entry that is still there. */
    long firstEntry();

    long size();

    /**
     * Entries {@code [from, to)} as far as they go into {@code maxBytes}, at least one of them.
     *
     * @throws org.probity.detector.log.UnreadableLogException or whatever the shell's disk throws
     */
    List<Bytes> entries(long from, long to, int maxBytes);

    /** All of it. */
    static Held of(LogReader log) {
      return new Held() {
        @Override
        public long firstEntry() {
          return 0;
        }

        @Override
        public long size() {
          return log.size();
        }

        @Override
        public List<Bytes> entries(long from, long to, int maxBytes) {
          List<Bytes> read = new ArrayList<>();
          long bytes = 0;
          for (long index = from; index < to; index++) {
            Bytes entry = log.entry(index);
            bytes += entry.size();
            if (bytes > maxBytes && !read.isEmpty()) {
              break;
            }
            read.add(entry);
          }
          return List.copyOf(read);
        }
      };
    }
  }

  /** What one witness is to be shown until it has confirmed all of it. */
  public static final class Part {
    private final Lane lane;
    private final long to;
    private final List<VerifiedCheckpoint> checkpoints;

    private Part(Lane lane, long to, List<VerifiedCheckpoint> checkpoints) {
      this.lane = lane;
      this.to = to;
      this.checkpoints = checkpoints;
    }

    /** The id of the node, in whatever incarnation. */
    public String witness() {
      return lane.seat.node();
    }

    /** Each once, in the order of the log; at least one, at most {@link #MAX_PART_CHECKPOINTS}. */
    public List<VerifiedCheckpoint> checkpoints() {
      return checkpoints;
    }
  }

  /**
   * Of a witness with an author.
   *
   * @param witness its id; of a later incarnation with the number behind a slash, because it has
   *     lost what the one before has confirmed
   */
  private record Seat(String witness, String author) implements Comparable<Seat> {
    private static final Comparator<Seat> ORDER =
        Comparator.comparing(Seat::witness).thenComparing(Seat::author);

    @Override
    public int compareTo(Seat other) {
      return ORDER.compare(this, other);
    }

    String node() {
      int slash = witness.indexOf('/');
      return slash < 0 ? witness : witness.substring(0, slash);
    }

    boolean isOfLaterIncarnation() {
      return witness.indexOf('/') >= 0;
    }
  }

  private static final class Lane {
    private final Seat seat;
    private long position;
    private boolean busy;

    /** What could not be read yet. */
    private @Nullable Unread unread;

    Lane(Seat seat, long position) {
      this.seat = seat;
      this.position = position;
    }

    /** Below it everything is done. */
    long done() {
      return unread == null ? position : Math.min(position, unread.first());
    }

    /** These are passed, and come back to; of other authors the lane has nothing to say. */
    void remember(Collection<Unread> passed) {
      for (Unread one : passed) {
        if (one.author().equals(seat.author())) {
          unread = unread == null ? one : unread.and(one);
        }
      }
    }

    /** Back to what can be read by now, if there is anything. */
    void comeBack(CheckpointVerifier checkpoints) {
      Unread one = unread;
      if (one != null && checkpoints.incarnation(one.author()) >= one.incarnation()) {
        position = Math.min(position, one.first());
        unread = null;
      }
    }
  }

  private static String label(NodeRecord witness) {
    return witness.incarnation() == 0
        ? witness.node()
        : witness.node() + "/" + witness.incarnation();
  }

  /** What stands in the entries up to there, by author. */
  private record Extract(
      long to, Map<String, List<VerifiedCheckpoint>> found, Collection<Unread> unread) {
    List<VerifiedCheckpoint> by(String author) {
      return found.getOrDefault(author, List.of());
    }
  }

  /**
   * Checkpoints of incarnations that are not known here.
   *
   * @param incarnation the lowest of them
   * @param first index of the first entry with one
   */
  private record Unread(String author, long incarnation, long first) {
    Unread and(Unread other) {
      return new Unread(
          author, Math.min(incarnation, other.incarnation), Math.min(first, other.first));
    }
  }

  private record Found(String author, TreeHead head) {}

  /**
   * From the first entry on, for the founding seats until {@link #seated} says others.
   *
   * @param ward whose log is passed on
   */
  public EmbeddedRelay(Genesis genesis, NodeRecord ward, CheckpointVerifier checkpoints) {
    this.ward = ward;
    this.checkpoints = checkpoints;
    this.seating = Seating.founding(genesis);
  }

  /**
   * Goes on where another one was.
   *
   * @param positions what {@link #positions} gave last
   * @throws DecodeException if they were written by another version: then begin anew, and
   *     everything is shown once more
   */
  public static EmbeddedRelay resume(
      Genesis genesis, NodeRecord ward, CheckpointVerifier checkpoints, Bytes positions)
      throws DecodeException {
    EmbeddedRelay relay = new EmbeddedRelay(genesis, ward, checkpoints);
    for (Lane lane : decode(positions)) {
      if (lane.seat.witness().equals(NOBODY)) {
        relay.vacant.put(lane.seat.author(), lane.position);
      } else {
        relay.lanes.put(lane.seat, lane);
      }
    }
    return relay;
  }

  private static List<Lane> decode(Bytes positions) throws DecodeException {
    List<Lane> decoded = new ArrayList<>();
    CborReader in = new CborReader(positions);
    for (int i = in.arrayHeaderUpTo(MAX_LANES); i > 0; i--) {
      in.arrayHeader(3);
      String witness = in.text(Origin.MAX_BYTES);
      long position = in.uint();
      for (int j = in.arrayHeaderUpTo(MAX_LANES); j > 0; j--) {
        decoded.add(new Lane(new Seat(witness, in.text(Origin.MAX_BYTES)), position));
      }
    }
    in.end();
    return decoded;
  }

  /** How far each lane has come, to be written with the next entries of the log. */
  public Bytes positions() {
    arrange();
    CborWriter out = new CborWriter().array(lanes.size() + vacant.size());
    lanes.forEach((seat, lane) -> write(out, seat, lane.done()));
    vacant.forEach((author, position) -> write(out, new Seat(NOBODY, author), position));
    return out.toBytes();
  }

  private static void write(CborWriter out, Seat seat, long position) {
    out.array(3).text(seat.witness()).uint(position).array(1).text(seat.author());
  }

  /** The seats are these from now on. */
  public void seated(Seating next) {
    seating = next;
    isArranged = false;
  }

  /** Brings the lanes into line with the seats. */
  private void arrange() {
    if (isArranged) {
      return;
    }
    isArranged = true;
    Map<Seat, Lane> before = new TreeMap<>(lanes);
    Set<String> witnesses = new TreeSet<>();
    before.keySet().forEach(seat -> witnesses.add(seat.witness()));
    Set<String> taken = new TreeSet<>();
    lanes.clear();
    for (Seat seat : seats()) {
      Lane known = before.get(seat);
      if (known == null) {
        // Who has begun again has nothing of what was shown to it before.
        boolean isBegunAgain = seat.isOfLaterIncarnation() && !witnesses.contains(seat.witness());
        known = new Lane(seat, isBegunAgain ? 0 : start(seat.author(), before.values()));
        taken.add(seat.author());
      }
      lanes.put(seat, known);
    }
    vacate(before.values(), taken);
  }

  /** Where everybody who has witnessed this author has confirmed everything. */
  private long start(String author, Collection<Lane> before) {
    long slowest =
        before.stream()
            .filter(lane -> lane.seat.author().equals(author))
            .mapToLong(Lane::done)
            .min()
            .orElse(vacant.containsKey(author) ? Long.MAX_VALUE : 0);
    return Math.min(slowest, vacant.getOrDefault(author, Long.MAX_VALUE));
  }

  /** Remembers what nobody is shown any more, until somebody takes the seat and begins there. */
  private void vacate(Collection<Lane> before, Set<String> taken) {
    before.stream()
        .filter(lane -> !lanes.containsKey(lane.seat))
        .forEach(lane -> vacant.merge(lane.seat.author(), lane.done(), Math::min));
    vacant.keySet().removeAll(taken);
  }

  /** Who witnesses whom; the ward itself has what is in its own log. */
  private Set<Seat> seats() {
    Set<Seat> seats = new TreeSet<>();
    for (NodeRecord author : seating.nodes()) {
      for (NodeRecord witness : seating.witnessesOf(author.node())) {
        if (!witness.node().equals(ward.node())) {
          seats.add(new Seat(label(witness), author.node()));
        }
      }
    }
    return seats;
  }

  private long slowest() {
    return lanes.values().stream().mapToLong(Lane::done).min().orElse(0);
  }

  /** Entries that the slowest lane has still to go, in a log of this size. */
  public long behind(long size) {
    return lanes.isEmpty() ? 0 : Math.max(0, size - slowest());
  }

  /**
   * One part further for each witness that has confirmed the one before, as far as there is
   * anything.
   *
   * @param shown told at once, within this call, of each part that is to be handed over; each is
   *     then to be {@link #answered} once, and not within this call
   * @return whether some lane can go on without an answer: then come again, after whatever else is
   *     to be done
   */
  public boolean advance(Held log, Consumer<Part> shown) {
    arrange();
    boolean isMore = false;
    for (Lane lane : lanes.values()) {
      isMore |= advance(lane, log, shown);
    }
    // Whoever comes back to what nobody could read is to read it again.
    recent.values().removeIf(extract -> !extract.unread().isEmpty());
    return isMore;
  }

  private boolean advance(Lane lane, Held log, Consumer<Part> shown) {
    if (lane.busy) {
      return false;
    }
    lane.comeBack(checkpoints);
    long from = Math.max(lane.position, log.firstEntry());
    if (from >= log.size()) {
      return false;
    }
    Extract next = extracted(log, from);
    lane.remember(next.unread());
    List<VerifiedCheckpoint> found = next.by(lane.seat.author());
    if (found.isEmpty()) {
      lane.position = next.to();
      return lane.position < log.size();
    }
    lane.busy = true;
    shown.accept(new Part(lane, next.to(), found));
    return false;
  }

  /**
   * What has become of a part. Its witness is shown the next one by the next {@link #advance}, or
   * this one once more. If its seat has moved meanwhile, it says nothing of whoever sits there now.
   *
   * @param isSettled whether the witness has confirmed all of it
   */
  public void answered(Part part, boolean isSettled) {
    part.lane.busy = false;
    if (isSettled) {
      part.lane.position = part.to;
    }
  }

  private Extract extracted(Held log, long from) {
    Extract known = recent.get(from);
    if (known != null) {
      return known;
    }
    Extract read = extract(log, from);
    recent.put(from, read);
    forgetOldest();
    return read;
  }

  private Extract extract(Held log, long from) {
    Set<Found> known = new HashSet<>();
    Map<String, List<VerifiedCheckpoint>> found = new HashMap<>();
    Map<String, Unread> unread = new TreeMap<>();
    long to = from;
    long end = Math.min(log.size(), from + PART_ENTRIES);
    for (Bytes entry : log.entries(from, end, PART_BYTES)) {
      if (known.size() >= MAX_PART_CHECKPOINTS) {
        break;
      }
      Optional<SignedCheckpoint> signed = EmbeddedCheckpoints.signed(entry);
      // SPEC protocol.md §6.2: passed on as soon as it is known whose it is, and not lost before.
      // Asked first: a decision that comes between the two makes it known to both.
      Optional<Origin> later =
          signed.map(SignedCheckpoint::origin).filter(checkpoints::isOfLaterIncarnation);
      if (later.isPresent()) {
        Origin author = later.get();
        unread.merge(
            author.node(), new Unread(author.node(), author.incarnation(), to), Unread::and);
      }
      signed
          .flatMap(checkpoints::verify)
          .filter(it -> known.add(new Found(it.author().node(), it.head())))
          .ifPresent(
              it -> found.computeIfAbsent(it.author().node(), none -> new ArrayList<>()).add(it));
      to++;
    }
    found.replaceAll((author, all) -> List.copyOf(all));
    return new Extract(to, found, List.copyOf(unread.values()));
  }

  private void forgetOldest() {
    if (recent.size() > MAX_RECENT) {
      recent.remove(recent.keySet().iterator().next());
    }
  }
}
