package org.probity.node.runtime;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.probity.detector.audit.EmbeddedCheckpoints;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.CheckpointVerifier;
import org.probity.detector.commitment.VerifiedCheckpoint;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Seating;
import org.probity.detector.log.Origin;
import org.probity.detector.log.TreeHead;
import org.probity.detector.node.Input;
import org.probity.node.store.StoredLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Passes the checkpoints inside a ward's RECEIVE and ACK entries on to the witnesses of their logs
 * (protocol.md §6.2), as soon as the entries are stored, whether or not they are ever audited.
 *
 * <p>There is one lane per witness, each at its own pace: a part of the log is handed over when the
 * witness has confirmed everything in the part before. So one that is silent holds up nobody but
 * itself, memory is bounded, and nothing is lost in a crash: the entries are on the disk, and so is
 * how far each lane has come, written with the next entries, in deterministic CBOR:
 *
 * <pre>
 * relay = [* [witness: tstr, position: uint, [* author: tstr]]]
 * </pre>
 *
 * <p>by witness: entries below position are done, for the logs of these authors. A witness that
 * takes a seat begins where the slowest lane is: everything before that has been confirmed by every
 * witness there was (protocol.md §6.1). Where a seat was lost and nobody has taken it yet, the
 * place is kept under the empty name.
 *
 * <p>Lives on the ward's worker. Cost: decoding of every entry and one signature verification per
 * checkpoint, and that again for every lane that has fallen behind.
 */
final class CheckpointRelay {
  private static final Logger LOG = LoggerFactory.getLogger(CheckpointRelay.class);

  /** Entries of one part at most; bounds how long the worker is busy with it. */
  private static final int PART_ENTRIES = 256;

  private static final int PART_BYTES = 1 << 20;

  private static final String NOBODY = "";

  /** Parts kept for the lanes that come to them a little later. */
  private static final int MAX_RECENT = 8;

  private final StoredLog stored;
  private final CheckpointVerifier checkpoints;
  private final Executor worker;
  private final Core core;
  private final NodeRecord ward;
  private final Map<String, Lane> lanes = new TreeMap<>();

  /** Where those began to miss something who have lost seats that nobody has taken since. */
  private Lane vacant = new Lane(NOBODY, Set.of(), Long.MAX_VALUE);

  private Seating seating;
  private boolean isArranged;
  private final Map<Long, Part> recent = new LinkedHashMap<>();
  private volatile long behind;
  private volatile boolean stopped;

  /** Where checkpoints are handed over. */
  interface Core {
    /**
     * Shows a part to one witness until it has confirmed all of it.
     *
     * @param answered told once, on any thread: whether the witness has them all; if not, they are
     *     to be handed over again later
     */
    void overheard(String witness, List<VerifiedCheckpoint> found, Consumer<Boolean> answered);
  }

  private static final class Lane {
    private final String witness;
    private final Set<String> authors;
    private long position;
    private boolean busy;

    /**
     * @param witness its id; of a later incarnation with the number behind a slash, because it has
     *     lost what the one before has confirmed
     */
    Lane(String witness, Set<String> authors, long position) {
      this.witness = witness;
      this.authors = authors;
      this.position = position;
    }

    String node() {
      return witness.split("/", 2)[0];
    }
  }

  private static String label(NodeRecord witness) {
    return witness.incarnation() == 0
        ? witness.node()
        : witness.node() + "/" + witness.incarnation();
  }

  private record Part(long to, Collection<VerifiedCheckpoint> found) {}

  /**
   * @param ward whose log {@code stored} is
   * @param positions what {@link #positions} gave last, if it ever did
   */
  CheckpointRelay(
      Genesis genesis,
      NodeRecord ward,
      StoredLog stored,
      Optional<Bytes> positions,
      CheckpointVerifier checkpoints,
      Executor worker,
      Core core) {
    this.stored = stored;
    this.checkpoints = checkpoints;
    this.worker = worker;
    this.core = core;
    this.ward = ward;
    this.seating = Seating.founding(genesis);
    positions.ifPresent(this::recall);
  }

  /** The seats are these from now on; on the worker. */
  void seated(Seating next) {
    seating = next;
    isArranged = false;
  }

  /** Brings the lanes into line with the seats. */
  private void arrange() {
    if (isArranged) {
      return;
    }
    isArranged = true;
    Map<String, Lane> before = new TreeMap<>(lanes);
    long slowest = before.values().stream().mapToLong(lane -> lane.position).min().orElse(0);
    long start = Math.min(slowest, vacant.position);
    Set<String> taken = new TreeSet<>();
    lanes.clear();
    authors()
        .forEach(
            (witness, authors) -> {
              Lane known = before.get(witness);
              if (known != null && known.authors.equals(authors)) {
                lanes.put(witness, known);
              } else if (known != null && known.authors.containsAll(authors)) {
                lanes.put(witness, new Lane(witness, authors, known.position));
              } else {
                // Who has begun again has nothing of what was shown to it before.
                boolean isBegunAgain = known == null && witness.indexOf('/') >= 0;
                lanes.put(witness, new Lane(witness, authors, isBegunAgain ? 0 : start));
                taken.addAll(authors);
              }
            });
    vacate(before.values(), taken);
  }

  /** Remembers what nobody is shown any more, until somebody takes the seat and begins there. */
  private void vacate(Collection<Lane> before, Set<String> taken) {
    Set<String> authors = new TreeSet<>(vacant.authors);
    long position = vacant.position;
    for (Lane lane : before) {
      Lane now = lanes.get(lane.witness);
      Set<String> lost = new TreeSet<>(lane.authors);
      lost.removeAll(now == null ? Set.of() : now.authors);
      lost.removeAll(taken);
      if (!lost.isEmpty()) {
        authors.addAll(lost);
        position = Math.min(position, lane.position);
      }
    }
    authors.removeAll(taken);
    vacant = new Lane(NOBODY, authors, authors.isEmpty() ? Long.MAX_VALUE : position);
  }

  /** Whose logs each node witnesses; the ward itself has what is in its own log. */
  private Map<String, Set<String>> authors() {
    Map<String, Set<String>> authors = new TreeMap<>();
    for (NodeRecord author : seating.nodes()) {
      for (NodeRecord seat : seating.witnessesOf(author.node())) {
        if (!seat.node().equals(ward.node())) {
          authors.computeIfAbsent(label(seat), none -> new TreeSet<>()).add(author.node());
        }
      }
    }
    return authors;
  }

  /** How far each lane has come, for the next commit; on the worker. */
  Bytes positions() {
    arrange();
    List<Lane> all = new ArrayList<>(lanes.values());
    if (!vacant.authors.isEmpty()) {
      all.add(vacant);
    }
    CborWriter out = new CborWriter().array(all.size());
    for (Lane lane : all) {
      out.array(3).text(lane.witness).uint(lane.position).array(lane.authors.size());
      lane.authors.forEach(out::text);
    }
    return out.toBytes();
  }

  /** What cannot be read was written by another version: then everything is shown once more. */
  private void recall(Bytes positions) {
    try {
      List<Lane> read = decode(positions);
      for (Lane lane : read) {
        if (lane.witness.equals(NOBODY)) {
          vacant = lane;
        } else {
          lanes.put(lane.witness, lane);
        }
      }
    } catch (DecodeException e) {
      LOG.info("{}: checkpoints are passed on from the first on: {}", ward.node(), e.code());
    }
  }

  private static List<Lane> decode(Bytes positions) throws DecodeException {
    List<Lane> decoded = new ArrayList<>();
    CborReader in = new CborReader(positions);
    for (int i = in.arrayHeaderUpTo(1 << 16); i > 0; i--) {
      in.arrayHeader(3);
      String witness = in.text(Origin.MAX_BYTES);
      long position = in.uint();
      Set<String> authors = new TreeSet<>();
      for (int j = in.arrayHeaderUpTo(1 << 16); j > 0; j--) {
        authors.add(in.text(Origin.MAX_BYTES));
      }
      decoded.add(new Lane(witness, authors, position));
    }
    in.end();
    return decoded;
  }

  /** Entries that the slowest lane has still to go; any thread. */
  long behind() {
    return behind;
  }

  /** Nothing is begun any more; any thread. */
  void stop() {
    stopped = true;
  }

  /** Goes on where there is something to do; on the worker. */
  void pump() {
    if (stopped) {
      return;
    }
    arrange();
    boolean isMore = false;
    for (Lane lane : lanes.values()) {
      isMore |= advance(lane);
    }
    long slowest = lanes.values().stream().mapToLong(lane -> lane.position).min().orElse(0);
    behind = lanes.isEmpty() ? 0 : Math.max(0, stored.size() - slowest);
    if (isMore) {
      // Not at once: what has come in meanwhile is to be stored first.
      worker.execute(this::pump);
    }
  }

  /** Hands over one part; whether the lane can go on without waiting for an answer. */
  private boolean advance(Lane lane) {
    long from = Math.max(lane.position, stored.firstEntry());
    if (lane.busy || from >= stored.size()) {
      return false;
    }
    Part part = recent.computeIfAbsent(from, this::extract);
    forgetOldest();
    List<VerifiedCheckpoint> found =
        part.found().stream()
            .filter(checkpoint -> lane.authors.contains(checkpoint.author().node()))
            .toList();
    if (found.isEmpty()) {
      lane.position = part.to();
      return lane.position < stored.size();
    }
    lane.busy = true;
    core.overheard(
        lane.node(),
        found,
        isSettled -> worker.execute(() -> answered(lane, part.to(), isSettled)));
    return false;
  }

  private void answered(Lane lane, long to, boolean isSettled) {
    lane.busy = false;
    if (isSettled) {
      lane.position = to;
      pump();
    }
  }

  private Part extract(long from) {
    Map<Found, VerifiedCheckpoint> found = new LinkedHashMap<>();
    long to = from;
    long end = Math.min(stored.size(), from + PART_ENTRIES);
    for (Bytes entry : stored.entries(from, end, PART_BYTES)) {
      if (found.size() >= Input.Overheard.MAX_CHECKPOINTS) {
        break;
      }
      EmbeddedCheckpoints.in(entry, checkpoints)
          .ifPresent(
              checkpoint ->
                  found.putIfAbsent(
                      new Found(checkpoint.author().node(), checkpoint.head()), checkpoint));
      to++;
    }
    return new Part(to, new ArrayList<>(found.values()));
  }

  private record Found(String author, TreeHead head) {}

  private void forgetOldest() {
    if (recent.size() > MAX_RECENT) {
      recent.remove(recent.keySet().iterator().next());
    }
  }
}
