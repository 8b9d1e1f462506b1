package org.probity.detector.commitment;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.Incarnations;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.log.Entry;
import org.probity.detector.log.LogReader;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.ReceiveEntry;
import org.probity.detector.log.SendEntry;
import org.probity.detector.log.TreeHead;

/**
 * What a revocation says about the log it ends (protocol.md §13.4): everybody who holds the log up
 * to its final head gets the same action, so members can propose it alike and check it before they
 * vote.
 *
 * <p>It is the log of a culprit and may hold anything. Only messages count that their sender has
 * signed for, each once and in the order of its channel.
 */
public final class FinalLog {
  private final DecisionChain decisions;
  private final Incarnations writers;
  private final LogReader log;
  private final CheckpointVerifier checkpoints;
  private final TreeMap<String, Action.Taken> taken = new TreeMap<>();

  private FinalLog(DecisionChain decisions, Incarnations writers, LogReader log) {
    this.decisions = decisions;
    this.writers = writers;
    this.log = log;
    this.checkpoints = new CheckpointVerifier(() -> decisions);
  }

  /**
   * The revocation of a node at the end of its log. Linear in the log, one signature for each
   * RECEIVE.
   *
   * @param writers of the log in all its incarnations
   * @param log exactly up to the final head
   */
  public static Action.RevokeNode revocation(
      DecisionChain decisions, Incarnations writers, LogReader log) {
    FinalLog last = new FinalLog(decisions, writers, log);
    for (long index = 0; index < log.size(); index++) {
      last.count(index);
    }
    return new Action.RevokeNode(
        writers.present().node(),
        new TreeHead(log.size(), MerkleProofs.rootAt(log, log.size())),
        List.copyOf(last.taken.values()));
  }

  private void count(long index) {
    Bytes encoded = log.entry(index);
    try {
      Entry entry = Entry.decode(encoded);
      if (!(entry.body() instanceof ReceiveEntry receive)
          || writers.alone(decisions.genesis().networkId(), index, entry).isPresent()) {
        return;
      }
      Optional<NodeRecord> sender =
          checkpoints
              .verifyStanding(receive.checkpoint())
              .map(VerifiedCheckpoint::author)
              .filter(author -> !author.node().equals(writers.present().node()));
      List<SendEntry> sends = new ArrayList<>();
      for (Bytes send : receive.sends()) {
        sends.add((SendEntry) Entry.decode(send).body());
      }
      sender.ifPresent(from -> sends.forEach(send -> count(from, send.sequence())));
    } catch (DecodeException e) {
      // No entry, so no message.
      return;
    }
  }

  private void count(NodeRecord from, long sequence) {
    Action.Taken before = taken.get(from.node());
    long received = before == null ? 0 : before.received();
    if (sequence == received) {
      taken.put(
          from.node(),
          new Action.Taken(new Action.LogName(from.node(), from.incarnation()), received + 1));
    }
  }
}
