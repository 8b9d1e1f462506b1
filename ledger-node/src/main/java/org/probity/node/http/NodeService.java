package org.probity.node.http;

import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.node.http.wire.HeldLog;

/**
 * What the listeners ask of the running node.
 *
 * <p>Every method is called on some event loop, at any time between start and close of the
 * listeners, by more than one thread; it returns at once and never blocks. Snapshots are immutable
 * and may be used later and elsewhere. A future may complete on any thread; one that fails with a
 * {@link ProblemException} becomes that problem document, any other failure a 500 without detail.
 */
public interface NodeService {

  /** Who this is; constant while the node runs. */
  NodeInfo info();

  /** How it is. */
  NodeHealth health();

  /**
   * Whether peers may talk to {@code node} now. Asked for every request of a peer, while a stream
   * is open, and of idle connections, so that a decision takes effect on connections that exist.
   */
  PeerStanding standing(String node);

  /** Whether {@code node} is another node of the consortium and nothing has stopped it. */
  default boolean isCurrentNode(String node) {
    return standing(node) == PeerStanding.CURRENT;
  }

  /** What witnesses have signed about logs. */
  AuditService audits();

  /** What members propose, vote and decide. */
  GovernanceService governance();

  /** What it does for others' logs. */
  WitnessService witness();

  // Clients

  /**
   * Verifies and records transactions; the reply has one element per statement, in order, and comes
   * after they are durable.
   *
   * <p>Fails as a whole, with nothing recorded, with {@link Problems#overloaded} when its queue is
   * full and {@link Problems#notReady} when it does not accept transactions.
   */
  Future<List<SubmissionReply>> submit(List<Bytes> statements);

  /** The transaction a submitter gave this client id, if it is in the log. */
  Optional<RecordedTransaction> transaction(Bytes submitter, Bytes clientId);

  /** The transaction at an index of the own log, if there is one there. */
  Optional<RecordedTransaction> transaction(long index);

  /** The ledger's accounts and assets at the newest released checkpoint. */
  LedgerQueries ledger();

  /**
   * The own log up to its newest released checkpoint.
   *
   * <p>Throws {@link Problems#notReady} before there is one.
   */
  PublishedLog ownLog();

  /** The same; empty before the log has a first entry. */
  Optional<PublishedLog> newest();

  /**
   * The own log up to the newest checkpoint that enough witnesses have cosigned, with their
   * cosignatures, if there is one; at most as long as {@link #ownLog} is when it is asked later.
   */
  default Optional<PublishedLog> witnessedLog() {
    return Optional.empty();
  }

  /** A log held here for a ward, by the SHA-256 of its origin. */
  Optional<PublishedLog> replica(Hash originHash);

  /** How far this node knows some log, by the SHA-256 of its origin (protocol.md §11.1). */
  Future<HeldLog> held(Hash originHash);

  // Peers; `from` is the node id of the verified client certificate, empty for a client that hands
  // in a checkpoint or a proof

  /** An envelope arrived; the reply is an ack (200), the held size (409) or a refusal. */
  Future<PeerReply> envelope(String from, Bytes body);

  /** A view of some log was forwarded. */
  Future<PeerReply> checkpoint(String from, Bytes body);

  /** An evidence file arrived. */
  Future<PeerReply> evidence(String from, Bytes body);

  /**
   * A process with the key of {@code from} shows that it is there, and is told of others
   * (protocol.md §11.5).
   */
  Future<PeerReply> run(String from, Bytes sign);

  /** A challenge is put to us, or shown to us that is for somebody else. */
  Future<PeerReply> challenge(String from, Bytes body);

  /**
   * The own log up to the newest checkpoint this peer may replicate. Under {@code release:
   * witnessed} it is ahead of {@link #ownLog}: witnesses must see what clients must not see yet.
   *
   * @param from how much of it the peer has; if that is far behind, the log up to an earlier
   *     checkpoint is the answer, so that a reader never holds much that it cannot verify yet
   */
  PublishedLog logFor(String peer, long from);

  /**
   * Calls {@code listener} after each growth of {@link #logFor}, on any thread. It only sets a flag
   * and schedules; it never blocks or throws.
   */
  Registration onGrowth(Runnable listener);

  // Everybody

  /**
   * Challenges another node, before everybody, to log a client's transaction (protocol.md §7.1).
   *
   * <p>The answer waits a few seconds for the other node's; without it the challenge stays open.
   *
   * <p>Fails with 422 and the reason's code if it is none that the other node may log, and with
   * {@link Problems#overloaded} when too much of the kind is open.
   */
  Future<HandedOver> handOver(Bytes statement);

  /** Challenges that are open here, in the order of arrival. */
  List<ChallengeStatus> challenges();

  /** Whom a model would like to be audited first, and why; advice, not evidence. */
  ScoringStatus scoring();

  /** How far the audits of wards are. */
  ScheduleStatus schedule();

  /**
   * Has the log of a ward replayed before others.
   *
   * @param upTo how many entries; empty for all that are known to exist, which is also the most
   * @return how many it will be; empty if this node does not witness that log
   */
  OptionalLong askForAudit(String node, OptionalLong upTo);

  /** This node's verdict on each other node, ordered by node. */
  List<PeerStatus> peers();

  /** Proofs held here, oldest first. */
  List<EvidenceFile> evidenceFiles();

  /** Stops a listener's calls; idempotent. */
  @FunctionalInterface
  interface Registration {
    void cancel();
  }
}
