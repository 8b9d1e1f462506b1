package org.probity.demo.fault;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.Signer;
import org.probity.detector.log.CheckpointSigner;
import org.probity.detector.log.Entry;
import org.probity.detector.log.Frontier;
import org.probity.detector.log.LogReader;
import org.probity.detector.log.Origin;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.SigningMark;
import org.probity.detector.log.StateEntry;
import org.probity.detector.log.TransactionEntry;
import org.probity.detector.log.TreeHead;
import org.probity.detector.program.TransactionOutcome;
import org.probity.ledger.transaction.Outcome;
import org.probity.node.http.NodeService;
import org.probity.node.http.PublishedLog;

/**
 * Signs a log that goes on with a transaction which its customer has not signed, and shows that to
 * its witnesses. The trigger gives the transaction, in hex. The true node could not do it: nothing
 * reaches its log but through the verifier of signatures. So these entries are made here, with the
 * log's key, behind the last ones of the true log.
 */
final class Forgery extends ForwardingService {
  private static final Bytes ACCEPTED =
      TransactionOutcome.executed(new Outcome.Accepted(List.of()).encode()).encode();

  private final Signer logKey;
  private final List<Runnable> followers = new CopyOnWriteArrayList<>();
  private volatile @Nullable PublishedLog forged;

  Forgery(NodeService truth, Signer logKey, Trigger trigger) {
    super(truth);
    this.logKey = logKey;
    trigger.whenGiven("forgery", () -> forge(Bytes.fromHex(trigger.text())));
  }

  @Override
  public PublishedLog logFor(String peer, long from) {
    PublishedLog shown = forged;
    return shown == null ? truth.logFor(peer, from) : shown;
  }

  @Override
  public Registration onGrowth(Runnable listener) {
    followers.add(listener);
    Registration registration = truth.onGrowth(listener);
    return () -> {
      followers.remove(listener);
      registration.cancel();
    };
  }

  private void forge(Bytes statement) {
    PublishedLog honest = truth.ownLog();
    long size = honest.size();
    try {
      Entry last = Entry.decode(honest.entries().entry(size - 1));
      if (!(last.body() instanceof StateEntry end)) {
        throw new IllegalStateException("the log does not end on STATE");
      }
      Entry transaction =
          Entry.of(size, last.leafHash(), new TransactionEntry(statement, ACCEPTED));
      Entry state =
          Entry.of(
              size + 1,
              transaction.leafHash(),
              new StateEntry(end.stateRoot(), size - 1, transaction.bytes().size()));
      List<Entry> more = List.of(transaction, state);
      TreeHead head =
          Frontier.read(honest.entries(), size)
              .append(more.stream().map(Entry::leafHash).toList())
              .frontier()
              .head();
      forged =
          PublishedLog.of(
              signed(head),
              new ContinuedLog(honest.entries(), size, more.stream().map(Entry::bytes).toList()));
    } catch (DecodeException e) {
      throw new IllegalStateException("the own log is damaged", e);
    }
    followers.forEach(Runnable::run);
  }

  /** Without regard to how far the true node has signed. */
  private SignedCheckpoint signed(TreeHead head) throws DecodeException {
    CheckpointSigner signer =
        CheckpointSigner.guarding(
            logKey, Origin.parse(truth.info().origin()), SigningMark.NOTHING_SIGNED);
    if (signer.sign(head) instanceof CheckpointSigner.Signed signed) {
      return signed.checkpoint();
    }
    throw new IllegalStateException("not signed: " + head);
  }

  /** A log with entries behind its own; their hashes are of no use to anybody. */
  private record ContinuedLog(LogReader truth, long end, List<Bytes> more) implements LogReader {
    @Override
    public long size() {
      return end + more.size();
    }

    @Override
    public Bytes entry(long index) {
      return index < end ? truth.entry(index) : more.get((int) (index - end));
    }

    @Override
    public Hash node(int level, long index) {
      return truth.node(level, index);
    }
  }
}
