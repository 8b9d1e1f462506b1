package org.probity.demo.fault;

import io.vertx.core.Future;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Signer;
import org.probity.detector.log.Origin;
import org.probity.node.http.NodeService;
import org.probity.node.http.PeerReply;
import org.probity.node.http.PublishedLog;
import org.probity.node.http.SubmissionReply;

/**
 * Signs a log that goes on as no correct node's does, and shows that to its witnesses. The true
 * node could not do it: nothing reaches its log but through the rules. So what breaks them is
 * written here, with the log's key, behind the last entries of the true log.
 *
 * <p>From the trigger on the true node takes nothing in any more: what it signed about it would
 * contradict what was shown, and there would be a FORK to see beside the fault that is meant.
 */
final class ForgedLog extends ForwardingService {
  private final Signer logKey;
  private final Trigger trigger;
  private final Continuation continuation;
  private final List<Runnable> followers = new CopyOnWriteArrayList<>();
  private volatile @Nullable PublishedLog forged;

  /** How the log goes on. */
  @FunctionalInterface
  interface Continuation {
    /**
     * Writes what no correct node would; may wait for what it takes.
     *
     * @param node the true one
     * @param told what was said with the trigger
     */
    void write(LogTail tail, NodeService node, String told)
        throws DecodeException, InterruptedException;
  }

  ForgedLog(NodeService truth, Signer logKey, Trigger trigger, Continuation continuation) {
    super(truth);
    this.logKey = logKey;
    this.trigger = trigger;
    this.continuation = continuation;
    trigger.whenGiven("forgery", this::forge);
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

  @Override
  public Future<List<SubmissionReply>> submit(List<Bytes> statements) {
    return trigger.isGiven() ? busy() : truth.submit(statements);
  }

  @Override
  public Future<PeerReply> envelope(String from, Bytes body) {
    return trigger.isGiven() ? busy() : truth.envelope(from, body);
  }

  @Override
  public Future<PeerReply> challenge(String from, Bytes body) {
    return trigger.isGiven() ? busy() : truth.challenge(from, body);
  }

  private void forge() {
    try {
      LogTail tail = new LogTail(truth.ownLog());
      continuation.write(tail, truth, trigger.text());
      forged = tail.signed(logKey, Origin.parse(truth.info().origin()));
    } catch (DecodeException e) {
      throw new IllegalStateException("the own log is damaged", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    followers.forEach(Runnable::run);
  }
}
