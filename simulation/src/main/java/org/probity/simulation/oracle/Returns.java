package org.probity.simulation.oracle;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.AckRule;
import org.probity.detector.commitment.OpenMessages;
import org.probity.detector.governance.Action;
import org.probity.detector.log.AckEntry;
import org.probity.detector.log.DecisionEntry;
import org.probity.detector.log.Entry;
import org.probity.detector.log.EntryBody;
import org.probity.detector.log.EntryType;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.ReceiveEntry;
import org.probity.detector.log.SendEntry;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.TreeHead;
import org.probity.simulation.node.Host;
import org.probity.simulation.node.SimulatedNode;
import org.probity.simulation.node.StoredEntries;
import org.probity.simulation.node.World;
import org.probity.simulation.oracle.Violation.Promise;

/**
 * M, where members have revoked a node (protocol.md §13.4): what that node has taken in of a
 * correct one's messages is counted here in the very log that was ended, and the decision has to
 * say the same. What it has not acknowledged comes back to the sender, all of it, in order and
 * once. What becomes of the money in it is for {@link Recount}.
 */
final class Returns {
  private final World world;
  private final Watch watch;
  private final List<SimulatedNode> correct;
  private final Set<String> stopped;

  /**
   * @param stopped nodes that members have suspended or revoked, and not readmitted
   */
  Returns(World world, Watch watch, List<SimulatedNode> correct, Set<String> stopped) {
    this.world = world;
    this.watch = watch;
    this.correct = List.copyOf(correct);
    this.stopped = new TreeSet<>(stopped);
  }

  void judge() {
    for (SimulatedNode node : correct) {
      try {
        new Sender(node).judge();
      } catch (DecodeException e) {
        throw new IllegalStateException("a correct node has logged what cannot be read", e);
      }
    }
  }

  /** One correct node. */
  private final class Sender {
    private final SimulatedNode node;
    private final Set<String> revoked = new TreeSet<>();
    private final Map<String, Long> sent = new TreeMap<>();

    /** By receiver, how many of its messages are acknowledged, or have come back. */
    private final Map<String, Long> closed = new TreeMap<>();

    Sender(SimulatedNode node) {
      this.node = node;
    }

    void judge() throws DecodeException {
      if (node.entries(EntryType.DECISION).isEmpty()) {
        // As a rule: nothing may come back, so all that there is to find is something that does.
        for (Entry entry : node.entries(EntryType.RECEIVE)) {
          takesBack(entry.index(), (ReceiveEntry) entry.body());
        }
        return;
      }
      for (long index = 0; index < node.disk().log().size(); index++) {
        EntryBody body = node.entry(index).body();
        if (body instanceof SendEntry send) {
          sent.merge(send.toNode(), 1L, Long::sum);
        } else if (body instanceof AckEntry ack) {
          closes(ack);
        } else if (body instanceof DecisionEntry decision
            && Decided.decoded(decision).action() instanceof Action.RevokeNode revocation) {
          ends(revocation);
        } else if (body instanceof ReceiveEntry receive) {
          takesBack(index, receive);
        }
      }
      if (!stopped.contains(node.name())) {
        revoked.forEach(this::allBack);
      }
    }

    private void takesBack(long index, ReceiveEntry receive) throws DecodeException {
      if (isOwn(receive)) {
        for (Bytes send : receive.sends()) {
          comesBack(index, (SendEntry) Entry.decode(send).body());
        }
      }
    }

    private boolean isOwn(ReceiveEntry receive) throws DecodeException {
      return SignedCheckpoint.parse(receive.checkpoint()).origin().node().equals(node.name());
    }

    private void closes(AckEntry ack) throws DecodeException {
      String receiver = SignedCheckpoint.parse(ack.checkpoint()).origin().node();
      long before = closed.getOrDefault(receiver, 0L);
      long received = AckRule.provenCount(ack, node.machine().self()).orElse(0L);
      closed.put(receiver, Math.min(received, before + OpenMessages.MAX_SENDS));
    }

    private void ends(Action.RevokeNode revocation) {
      revoked.add(revocation.node());
      long said =
          revocation.taken().stream()
              .filter(one -> one.peer().node().equals(node.name()))
              .mapToLong(Action.Taken::received)
              .sum();
      Optional<StoredEntries> log = ended(revocation);
      if (log.isEmpty()) {
        watch.violated(
            Promise.M,
            node.name(),
            "nobody has the log of " + revocation.node() + " that the members have ended");
        return;
      }
      long taken = taken(log.get(), revocation.last().size());
      if (taken != said) {
        watch.violated(
            Promise.M,
            node.name(),
            revocation.node()
                + " has taken in "
                + taken
                + " of its messages, and members say "
                + said);
      }
    }

    /** How many of its messages a log has taken in, each once and in order. */
    private long taken(StoredEntries log, long size) {
      long count = 0;
      for (long index = 0; index < size; index++) {
        for (Entry send : received(log.original(index))) {
          boolean isNext = ((SendEntry) send.body()).sequence() == count;
          count += isNext && isOwn(send) ? 1 : 0;
        }
      }
      return count;
    }

    private boolean isOwn(Entry send) {
      return send.index() < node.disk().log().size()
          && node.disk().log().original(send.index()).equals(send.bytes());
    }

    /** SENDs of this node in an entry of another log, which may hold anything. */
    private List<Entry> received(Bytes entry) {
      List<Entry> sends = new ArrayList<>();
      try {
        if (Entry.decode(entry).body() instanceof ReceiveEntry receive && isOwn(receive)) {
          for (Bytes send : receive.sends()) {
            sends.add(Entry.decode(send));
          }
        }
      } catch (DecodeException e) {
        return List.of();
      }
      return sends;
    }

    private void comesBack(long index, SendEntry send) {
      String peer = send.toNode();
      long next = closed.getOrDefault(peer, 0L);
      if (!revoked.contains(peer) || send.sequence() != next) {
        watch.violated(
            Promise.M,
            node.name(),
            "entry "
                + index
                + " takes back message "
                + send.sequence()
                + " to "
                + peer
                + (revoked.contains(peer) ? " instead of " + next : ", which is not revoked"));
      }
      closed.put(peer, send.sequence() + 1);
    }

    private void allBack(String peer) {
      long open = sent.getOrDefault(peer, 0L) - closed.getOrDefault(peer, 0L);
      if (open > 0) {
        watch.violated(
            Promise.M,
            node.name(),
            "of what it has sent to " + peer + " " + open + " do not come back");
      }
    }
  }

  /** The log that a revocation has ended, from whoever has it: it may be one of several. */
  private Optional<StoredEntries> ended(Action.RevokeNode revocation) {
    List<StoredEntries> logs = new ArrayList<>(watch.histories(revocation.node()));
    for (Host host : world.hosts()) {
      for (SimulatedNode process : host.processes()) {
        if (host.name().equals(revocation.node())) {
          logs.add(process.disk().log());
        } else {
          process
              .chain()
              .keys()
              .present(revocation.node())
              .map(world.founding().genesis()::origin)
              .flatMap(process::copyOf)
              .ifPresent(logs::add);
        }
      }
    }
    TreeHead last = revocation.last();
    return logs.stream()
        .filter(log -> log.size() >= last.size())
        .filter(log -> MerkleProofs.rootAt(log, last.size()).equals(last.root()))
        .findFirst();
  }
}
