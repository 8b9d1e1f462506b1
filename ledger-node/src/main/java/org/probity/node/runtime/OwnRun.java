package org.probity.node.runtime;

import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.node.BootGate;
import org.probity.detector.node.BootInquiry;
import org.probity.detector.node.RunSign;
import org.probity.detector.node.StartLease;
import org.probity.node.http.PeerReply;
import org.probity.node.http.peer.PeerFailure;
import org.probity.node.http.wire.SeenRuns;

/**
 * This process among those that may run with the same key (protocol.md §11.5): shows its sign to
 * others, hears which runs they have seen, and says what {@link StartLease} makes of it.
 *
 * <p>Thread-safe.
 */
final class OwnRun {
  /**
   * So often within a lease a process shows itself: it hears of another one with the first sign,
   * names it in the second, and two may be lost.
   */
  static final int SIGNS_PER_LEASE = 4;

  private final Hash networkId;
  private final RunSigner signer;
  private final BiFunction<String, Bytes, Future<PeerReply>> peers;
  private final LongSupplier elapsedMillis;
  private final long leaseMillis;
  private final SignatureRule rule = SignatureRule.fastest();
  private final Set<String> underWay = ConcurrentHashMap.newKeySet();
  private final Consumer<String> lost;

  // Guarded by this.
  private StartLease lease;
  private long sinceMillis;
  private long shownMillis;
  private boolean isSigning;
  private final RunFile file;

  /**
   * @param peers show a sign to one of them; their answers are unverified
   * @param lost told if another process goes on instead while this one signs; perhaps more than
   *     once
   */
  OwnRun(
      Hash networkId,
      RunSigner signer,
      RunFile file,
      long leaseMillis,
      BiFunction<String, Bytes, Future<PeerReply>> peers,
      LongSupplier elapsedMillis,
      Consumer<String> lost) {
    this.networkId = networkId;
    this.signer = signer;
    this.file = file;
    this.peers = peers;
    this.elapsedMillis = elapsedMillis;
    this.leaseMillis = leaseMillis;
    this.lost = lost;
    this.sinceMillis = elapsedMillis.getAsLong();
    this.shownMillis = sinceMillis;
    this.lease = new StartLease(file.run(), file.over(), leaseMillis, sinceMillis);
  }

  /** The lease begins with the first question, not with what is done before it. */
  synchronized void begin() {
    sinceMillis = elapsedMillis.getAsLong();
    shownMillis = sinceMillis;
    lease = new StartLease(file.run(), file.over(), leaseMillis, sinceMillis);
  }

  /** Of these, those to whom a process that starts shows itself now. */
  synchronized Set<String> due(Set<String> nodes) {
    Set<String> due = new TreeSet<>(nodes);
    due.removeAll(lease.answered(elapsedMillis.getAsLong() - leaseMillis / SIGNS_PER_LEASE));
    return due;
  }

  /**
   * Shows itself to these, one question to each at a time.
   *
   * @param heard told on any thread that one has answered
   */
  void show(Collection<String> nodes, Runnable heard) {
    goOnOrBeginAnew();
    for (String node : nodes) {
      if (underWay.add(node)) {
        long asked = elapsedMillis.getAsLong();
        question(node)
            .onComplete(
                done -> {
                  underWay.remove(node);
                  if (done.succeeded() && done.result().status() == PeerReply.OK) {
                    take(node, done.result().body(), asked);
                    heard.run();
                  } else if (isUnasked(done.cause())) {
                    take(node, SeenRuns.NOBODY.encode(), asked);
                    heard.run();
                  }
                });
      }
    }
  }

  /**
   * Who did not show itself for a lease, because it was stopped, or recovered a long log, is to the
   * others one that has ended: another one may sign by now.
   */
  private synchronized void goOnOrBeginAnew() {
    long now = elapsedMillis.getAsLong();
    if (!isSigning && now - shownMillis > leaseMillis) {
      begin();
    }
    shownMillis = now;
  }

  /**
   * A release from before there were leases has heard of nobody: else no node could go over to this
   * one while the others are still there. Who would hide a run could say as well that there is
   * none.
   */
  private static boolean isUnasked(@Nullable Throwable cause) {
    return cause instanceof PeerFailure failure
        && failure.kind() == PeerFailure.Kind.REFUSED
        && failure.code().equals("not_found");
  }

  private Future<PeerReply> question(String node) {
    RunSign sign;
    synchronized (this) {
      sign = lease.sign(node);
    }
    try {
      return peers.apply(node, signer.sign(sign));
    } catch (RuntimeException e) {
      return Future.failedFuture(e);
    }
  }

  /** SPEC protocol.md §7.3: wrong data equals no answer. */
  private void take(String from, Bytes body, long askedMillis) {
    List<StartLease.Told> told = new ArrayList<>();
    try {
      for (SeenRuns.Seen one : SeenRuns.decode(body).runs()) {
        RunSign.verify(one.sign(), networkId, rule, signer.publicKey())
            .ifPresent(sign -> told.add(new StartLease.Told(sign, one.ageMillis())));
      }
    } catch (DecodeException e) {
      return;
    }
    boolean isLost;
    synchronized (this) {
      lease.heard(from, told, askedMillis);
      isLost = isSigning && lease.winner().isPresent();
    }
    if (isLost) {
      winner().ifPresent(lost);
    }
  }

  /** Why another process with this key goes on, and this one must not; empty if none does. */
  synchronized Optional<String> winner() {
    return lease
        .winner()
        .map(
            other ->
                "another process "
                    + (other.isSigning() ? "signs" : "starts")
                    + " with the key of this node, as its own signature shows (run "
                    + other.run().toHex()
                    + "; this is run "
                    + file.run().toHex()
                    + "): stop one of the two for good");
  }

  /** Why this process does not sign yet; empty if it may as far as other runs go. */
  synchronized Optional<String> waits(BootGate gate) {
    long now = elapsedMillis.getAsLong();
    Set<String> toldBy = lease.waitsFor(now);
    if (!toldBy.isEmpty()) {
      return Optional.of(
          "waits up to "
              + leaseMillis
              + " ms to see whether another process with its key still runs: "
              + String.join(", ", toldBy.stream().sorted().toList())
              + " have heard of one");
    }
    // Two that start at once have somebody in common who is correct, if all who can answer have.
    // Half a lease ago at most: whoever starts when this one signs has to hear that it is there.
    Set<String> answered = lease.answered(now - leaseMillis / 2);
    boolean isAsked =
        answered.containsAll(gate.asked())
            || (now - sinceMillis >= BootInquiry.SILENCE_MILLIS && gate.isEnough(answered));
    return isAsked
        ? Optional.empty()
        : Optional.of("signs nothing before it has asked whether another process has its key");
  }

  /**
   * The gate is open, and from now on this process signs; or why it must not, if another one has
   * turned up since that was looked at.
   */
  synchronized Optional<String> beginSigning() {
    Optional<String> other = winner();
    if (other.isEmpty()) {
      isSigning = true;
      lease.signing();
    }
    return other;
  }
}
