package org.probity.node.runtime;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.Incarnations;
import org.probity.detector.governance.KeyHistory;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Seating;
import org.probity.node.store.LmdbLogStore;
import org.probity.node.store.LogWrites;
import org.probity.node.store.StoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which logs this node follows as witness seats move (protocol.md §6.1). A seat that is gained is
 * taken at once. One that is lost is kept until it is handed over: the log is followed, replayed
 * and signed for as before until {@code f + 1} of those who witness it now have signed an AUDIT
 * over all that was held here when the seat moved. Then the stream ends; what is stored stays, and
 * is served. So no entry is left without witnesses between two decisions, whatever the incoming
 * ones are busy with.
 *
 * <p>A log that is no seat's has its place beside it, so that a restart goes on there:
 *
 * <pre>
 * seat/<origin> = [handed over: 0 / 1, size: uint]   ; deterministic CBOR
 * </pre>
 *
 * <p>A log that is stored here, is no seat of ours and has no such place, because the node stopped
 * between the decision and the note of it, is handed over at the size that is stored now, which is
 * no less. With fewer than {@code f + 1} other members left nobody can take over, and it goes on.
 *
 * <p>Everything happens on a thread of its own, in order.
 */
final class SeatMoves implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SeatMoves.class);

  static final long LOOK_MILLIS = 500;

  private final Supplier<DecisionChain> decisions;
  private final Genesis genesis;
  private final NodeRecord self;
  private final LmdbLogStore store;
  private final Opening opening;
  private final ScheduledThreadPoolExecutor desk;

  /** Seats that moved and are not handed over, by ward. Confined to the desk. */
  private final Map<String, Outgoing> outgoing = new HashMap<>();

  private Seating seating;

  /**
   * Nodes whose logs could not be opened, with the seats as they were when they last could; to be
   * tried again at every look. Confined to the desk.
   */
  private final Map<String, Seating> unmoved = new HashMap<>();

  /** Nodes whose wards are open and of which {@code opened} was not told. Confined to the desk. */
  private final Set<String> untold = new HashSet<>();

  /** Seats that are not taken in, because their holders are not known here yet for example. */
  private @Nullable Seating late;

  private final AtomicReference<@Nullable Moving> moving = new AtomicReference<>();

  /** What was said last: it is said with every commit. */
  private final AtomicReference<@Nullable Seating> last = new AtomicReference<>();

  /** A seat that waits to be handed over. */
  private static final class Outgoing {
    /** What was held when it moved. */
    private final long size;

    private long looks;

    Outgoing(long size) {
      this.size = size;
    }

    /** After one look, two, four, eight: soon at first, and then less and less often. */
    boolean isTimeToRemind() {
      looks++;
      return Long.bitCount(looks) == 1;
    }
  }

  /** Opens the ward of a node in one of its incarnations. */
  interface Opening {
    Ward open(NodeRecord node);
  }

  private record Moving(
      Wards wards,
      AuditDesk audits,
      Consumer<String> begun,
      Consumer<Ward> opened,
      Consumer<Seating> moved) {}

  SeatMoves(
      Supplier<DecisionChain> decisions,
      NodeRecord self,
      Seating seating,
      LmdbLogStore store,
      Opening opening,
      ThreadFactory threads) {
    this.decisions = decisions;
    this.genesis = decisions.get().genesis();
    this.self = self;
    this.seating = seating;
    this.store = store;
    this.opening = opening;
    this.desk = new ScheduledThreadPoolExecutor(1, threads);
    desk.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  /**
   * What is to be followed and what only to be served, at the start of the node.
   *
   * @param closed logs of incarnations that are no more
   */
  record Opened(List<Ward> followed, List<Ward> resting, List<Ward> closed) {}

  /** Opens the wards of the seats in force, and what is kept of seats before; before all else. */
  Opened open() {
    List<Ward> followed = new ArrayList<>();
    List<Ward> resting = new ArrayList<>();
    List<Ward> closed = new ArrayList<>();
    for (NodeRecord node : seating.nodes()) {
      if (node.node().equals(self.node())) {
        continue;
      }
      openClosed(node, closed);
      if (seating.isWitness(self.node(), node.node())) {
        followed.add(open(node));
      } else if (isStored(node)) {
        Ward ward = open(node);
        Optional<Place> place = store.get(key(node)).map(SeatMoves::decode);
        if (place.filter(Place::isHandedOver).isPresent()) {
          resting.add(ward);
        } else {
          followed.add(ward);
          long size = place.map(Place::size).orElseGet(() -> ward.stored().size());
          outgoing.put(node.node(), new Outgoing(size));
        }
      }
    }
    return new Opened(followed, resting, closed);
  }

  /** SPEC protocol.md §2.4: what was signed in an incarnation that is closed convicts for ever. */
  private void openClosed(NodeRecord node, List<Ward> closed) {
    boolean has = seating.isWitness(self.node(), node.node());
    for (NodeRecord former : former(node)) {
      // Also one of which nothing has come yet: it is completed.
      if (has || store.find(genesis.origin(former).format()).isPresent()) {
        closed.add(open(former));
      }
    }
  }

  /** The node in its incarnations that are closed. */
  private List<NodeRecord> former(NodeRecord node) {
    return decisions.get().keys().log(node.node()).orElseThrow().parts().stream()
        .map(Incarnations.Part::record)
        .filter(part -> part.incarnation() < node.incarnation())
        .toList();
  }

  private boolean isStored(NodeRecord node) {
    return store.find(genesis.origin(node).format()).filter(log -> log.size() > 0).isPresent();
  }

  private Ward open(NodeRecord node) {
    Ward ward = opening.open(node);
    ward.opened(seating);
    return ward;
  }

  /**
   * Begins to move and to look whether seats are handed over.
   *
   * @param now the seats in force, which may have moved since this was made
   * @param begun told of each node that begins another incarnation
   * @param opened told of each ward that is opened later, before it starts
   * @param moved told of the seats from then on, whenever they have moved
   */
  void start(
      Seating now,
      Wards wards,
      AuditDesk audits,
      Consumer<String> begun,
      Consumer<Ward> opened,
      Consumer<Seating> moved) {
    moving.set(new Moving(wards, audits, begun, opened, moved));
    // What was said before this went unheard; the next commit says it again.
    last.set(null);
    desk.execute(() -> guarded(() -> move(now)));
    @SuppressWarnings("unused")
    var unused =
        desk.scheduleWithFixedDelay(
            () -> guarded(this::look), LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
  }

  /** The durable log has come to these seats. Any thread. */
  void reached(Seating next) {
    if (Objects.equals(last.getAndSet(next), next)) {
      return;
    }
    try {
      desk.execute(() -> guarded(() -> move(next)));
    } catch (RejectedExecutionException e) {
      LOG.debug("the node ends; the next start finds out", e);
    }
  }

  private static void guarded(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException e) {
      LOG.error("the move of a seat has failed", e);
    }
  }

  private void move(Seating next) {
    Seating before = seating;
    Moving parts = moving.get();
    if (parts == null || next.equals(before)) {
      return;
    }
    // Until it is taken in: what cannot be now is tried again.
    late = next;
    if (!areKnown(next.nodes())) {
      // The log may have a decision a little before whoever keeps them.
      return;
    }
    parts.moved.accept(next);
    seating = next;
    late = null;
    for (NodeRecord node : next.nodes()) {
      move(node, unmoved.getOrDefault(node.node(), before), parts);
    }
    parts.wards.kept().forEach(ward -> ward.seated(next));
    parts.audits.seated(next);
  }

  /** What cannot be opened now, because the disk is full for example, holds up no other seat. */
  private void move(NodeRecord node, Seating before, Moving parts) {
    try {
      moveOne(node, before, parts);
      unmoved.remove(node.node());
    } catch (RuntimeException e) {
      if (unmoved.put(node.node(), before) == null) {
        LOG.error("the seat of {} is not taken yet, and tried again", node.node(), e);
      }
    }
  }

  private void moveOne(NodeRecord node, Seating before, Moving parts) {
    if (!before.node(node.node()).equals(Optional.of(node)) && !node.node().equals(self.node())) {
      begin(before, node, parts);
      return;
    }
    boolean had = before.isWitness(self.node(), node.node());
    boolean has = seating.isWitness(self.node(), node.node());
    if (has && !had) {
      gain(node, parts);
    } else if (had && !has) {
      lose(node, parts);
    }
  }

  private boolean areKnown(List<NodeRecord> nodes) {
    KeyHistory keys = decisions.get().keys();
    return nodes.stream()
        .allMatch(
            node -> keys.node(node.node(), node.incarnation()).filter(node::equals).isPresent());
  }

  /**
   * SPEC protocol.md §11.3: the members have let another incarnation begin. Its log is another one,
   * read from the first entry on; of the closed one nothing is handed over, because whoever
   * witnesses the node now reads it, too.
   */
  private void begin(Seating before, NodeRecord node, Moving parts) {
    boolean isBegun =
        parts.wards.ward(node.node()).filter(ward -> ward.record().equals(node)).isPresent();
    if (!isBegun) {
      before.node(node.node()).ifPresent(closed -> keep(new LogWrites().remove(key(closed))));
      outgoing.remove(node.node());
      parts.wards.ward(node.node()).ifPresent(parts.audits::close);
      parts.wards.close(node.node());
      parts.begun.accept(node.node());
    }
    if (seating.isWitness(self.node(), node.node())) {
      gain(node, parts);
    }
  }

  private void gain(NodeRecord record, Moving parts) {
    String node = record.node();
    outgoing.remove(node);
    if (parts.wards.ward(node).isEmpty()) {
      // SPEC protocol.md §6.1: whatever is stored of it from an earlier seat is gone on from.
      Ward ward = open(record);
      parts.wards.add(ward);
      untold.add(node);
      parts.audits.follow(ward);
    }
    if (untold.contains(node)) {
      parts.wards.ward(node).ifPresent(parts.opened);
      untold.remove(node);
    }
    parts.audits.resume(node);
    keep(new LogWrites().remove(key(record)));
    parts.wards.follow(node);
    former(record).forEach(former -> gainClosed(former, parts));
    LOG.info("this node witnesses {} from now on", node);
  }

  /**
   * SPEC protocol.md §6.1: whoever holds the seat is shown what is left over of the closed logs,
   * too, and can compare it; so it completes a copy of them.
   */
  private void gainClosed(NodeRecord former, Moving parts) {
    if (!parts.wards.isKept(genesis.origin(former))) {
      Ward ward = open(former);
      parts.audits.follow(ward);
      parts.audits.close(ward);
      parts.wards.addClosed(ward);
    }
  }

  private void lose(NodeRecord record, Moving parts) {
    String node = record.node();
    long size = parts.wards.ward(node).map(ward -> ward.stored().size()).orElse(0L);
    outgoing.put(node, new Outgoing(size));
    keep(new LogWrites().put(key(record), new Place(false, size).encode()));
    LOG.info("others witness {} from now on; this node follows it until they have {}", node, size);
  }

  /**
   * Ends what is handed over. Who holds the seat now may have had no seat yet when it was offered
   * what this node has signed, so it is offered again.
   */
  private void look() {
    Moving parts = moving.get();
    if (parts == null) {
      return;
    }
    Seating waiting = late;
    if (waiting != null) {
      guarded(() -> move(waiting));
    }
    Map.copyOf(unmoved)
        .forEach((node, before) -> move(seating.node(node).orElseThrow(), before, parts));
    for (Map.Entry<String, Outgoing> lost : Map.copyOf(outgoing).entrySet()) {
      String node = lost.getKey();
      long size = lost.getValue().size;
      List<NodeRecord> incoming = seating.witnessesOf(node);
      long confirmed =
          parts.audits.signedSizes(node, incoming).stream()
              .filter(signed -> signed >= size)
              .count();
      // SPEC protocol.md §6.1: serve until f+1 incoming ones confirm.
      if (confirmed > seating.faults()) {
        outgoing.remove(node);
        parts.wards.rest(node);
        parts.wards.ward(node).ifPresent(parts.audits::rest);
        keep(
            new LogWrites()
                .put(key(seating.node(node).orElseThrow()), new Place(true, size).encode()));
        LOG.info("{} is handed over to {}", node, incoming.stream().map(NodeRecord::node).toList());
      } else if (lost.getValue().isTimeToRemind()) {
        parts.audits.remind(node);
      }
    }
  }

  /** What cannot be written down is found out again: the log is followed a little longer. */
  private void keep(LogWrites writes) {
    try {
      store.commit(writes);
    } catch (StoreException e) {
      LOG.warn("the place of a seat is not kept: {}", e.getMessage());
    }
  }

  private Bytes key(NodeRecord node) {
    return Bytes.utf8("seat/" + genesis.origin(node).format());
  }

  private record Place(boolean isHandedOver, long size) {
    Bytes encode() {
      return new CborWriter().array(2).uint(isHandedOver ? 1 : 0).uint(size).toBytes();
    }
  }

  private static Place decode(Bytes place) {
    try {
      CborReader in = new CborReader(place);
      in.arrayHeader(2);
      Place decoded = new Place(in.uintMaxInt(1) == 1, in.uint());
      in.end();
      return decoded;
    } catch (DecodeException e) {
      throw new IllegalStateException("the place of a seat is damaged: " + e.getMessage(), e);
    }
  }

  /**
   * Where a ward's log may be had without its node: from who witnesses it now, then from everybody.
   * Of an incarnation that is closed they have the log itself, under its own checkpoints, or its
   * entries as those that the present one goes on with, as its node has.
   */
  List<Wards.Copy> copies(Ward ward, Seating now) {
    List<NodeRecord> holders = new ArrayList<>(now.witnessesOf(ward.node()));
    holders.addAll(now.nodes());
    List<String> others =
        holders.stream()
            .map(NodeRecord::node)
            .distinct()
            .filter(node -> !node.equals(self.node()) && !node.equals(ward.node()))
            .toList();
    List<Wards.Copy> copies = new ArrayList<>();
    others.forEach(holder -> copies.add(new Wards.Copy(holder, ward.stored().origin())));
    now.node(ward.node())
        .filter(present -> present.incarnation() > ward.record().incarnation())
        .map(present -> genesis.origin(present).format())
        .ifPresent(
            next -> {
              copies.add(new Wards.Copy(ward.node(), next));
              others.forEach(holder -> copies.add(new Wards.Copy(holder, next)));
            });
    return copies;
  }

  @Override
  public void close() {
    Endings.finish(desk);
  }
}
