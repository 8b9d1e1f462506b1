package org.probity.simulation.oracle;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.log.Entry;
import org.probity.detector.log.EntryType;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.ReceiveEntry;
import org.probity.detector.log.SendEntry;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.simulation.node.SimulatedNode;
import org.probity.simulation.node.StoredEntries;
import org.probity.simulation.node.World;
import org.probity.simulation.oracle.Violation.Promise;

/**
 * M, message by message: what a correct node has taken in stands in a log of its sender at the
 * index it names, is for that node, and goes on where the message before it has ended. A faulty
 * sender may have several logs; what counts is the one that the checkpoint is over.
 */
final class Exchanges {
  private final Watch watch;
  private final List<SimulatedNode> correct;
  private final World world;

  Exchanges(Watch watch, List<SimulatedNode> correct, World world) {
    this.watch = watch;
    this.correct = List.copyOf(correct);
    this.world = world;
  }

  void judge() {
    for (SimulatedNode node : correct) {
      Map<String, Long> next = new TreeMap<>();
      for (Entry entry : node.entries(EntryType.RECEIVE)) {
        judge(node, entry.index(), (ReceiveEntry) entry.body(), next);
      }
    }
  }

  private void judge(
      SimulatedNode node, long index, ReceiveEntry receive, Map<String, Long> nextBySender) {
    SignedCheckpoint checkpoint;
    List<Entry> sends = new ArrayList<>();
    try {
      checkpoint = SignedCheckpoint.parse(receive.checkpoint());
      for (Bytes send : receive.sends()) {
        sends.add(Entry.decode(send));
      }
    } catch (DecodeException e) {
      watch.violated(Promise.M, node.name(), "entry " + index + " is no RECEIVE: " + e.code());
      return;
    }
    String sender = checkpoint.origin().node();
    if (sender.equals(node.name())) {
      // What comes back from a node that the members have revoked is its own.
      return;
    }
    // A channel is between nodes: whoever begins again goes on in it.
    for (Entry entry : sends) {
      boolean isSend = entry.body() instanceof SendEntry;
      SendEntry send = isSend ? (SendEntry) entry.body() : null;
      if (send == null || !send.toNode().equals(node.name())) {
        watch.violated(Promise.M, node.name(), "entry " + index + " takes in what is not for it");
        return;
      }
      long next = nextBySender.getOrDefault(sender, 0L);
      if (send.sequence() != next) {
        watch.violated(
            Promise.M,
            node.name(),
            "entry " + index + " takes in message " + send.sequence() + " instead of " + next);
      }
      nextBySender.put(sender, send.sequence() + 1);
    }
    if (!isLogged(checkpoint, sends)) {
      watch.violated(
          Promise.M,
          node.name(),
          "entry " + index + " takes in what " + checkpoint.origin().node() + " has not logged");
    }
  }

  private boolean isLogged(SignedCheckpoint checkpoint, List<Entry> sends) {
    List<StoredEntries> histories = new ArrayList<>(watch.histories(checkpoint.origin().node()));
    world
        .host(checkpoint.origin().node())
        .processes()
        .forEach(process -> histories.add(process.disk().log()));
    return histories.stream()
        .filter(log -> log.size() >= checkpoint.size())
        .filter(log -> MerkleProofs.rootAt(log, checkpoint.size()).equals(checkpoint.head().root()))
        .anyMatch(
            log ->
                sends.stream()
                    .allMatch(
                        send ->
                            send.index() < checkpoint.size()
                                && log.original(send.index()).equals(send.bytes())));
  }
}
