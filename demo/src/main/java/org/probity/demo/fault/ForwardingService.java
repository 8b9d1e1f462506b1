package org.probity.demo.fault;

import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.node.http.AuditService;
import org.probity.node.http.ChallengeStatus;
import org.probity.node.http.EvidenceFile;
import org.probity.node.http.GovernanceService;
import org.probity.node.http.HandedOver;
import org.probity.node.http.LedgerQueries;
import org.probity.node.http.NodeHealth;
import org.probity.node.http.NodeInfo;
import org.probity.node.http.NodeService;
import org.probity.node.http.PeerReply;
import org.probity.node.http.PeerStanding;
import org.probity.node.http.PeerStatus;
import org.probity.node.http.Problems;
import org.probity.node.http.PublishedLog;
import org.probity.node.http.RecordedTransaction;
import org.probity.node.http.ScheduleStatus;
import org.probity.node.http.ScoringStatus;
import org.probity.node.http.SubmissionReply;
import org.probity.node.http.WitnessService;
import org.probity.node.http.wire.HeldLog;

/** Answers as the true node does; subclasses depart from that. */
abstract class ForwardingService implements NodeService {
  private static final int COME_AGAIN_SECONDS = 1;

  final NodeService truth;

  ForwardingService(NodeService truth) {
    this.truth = truth;
  }

  /** What a node says that has too much to do: it looks alive, and answers nothing. */
  static <T> Future<T> busy() {
    return Future.failedFuture(Problems.overloaded(COME_AGAIN_SECONDS));
  }

  @Override
  public NodeInfo info() {
    return truth.info();
  }

  @Override
  public NodeHealth health() {
    return truth.health();
  }

  @Override
  public PeerStanding standing(String node) {
    return truth.standing(node);
  }

  @Override
  public GovernanceService governance() {
    return truth.governance();
  }

  @Override
  public WitnessService witness() {
    return truth.witness();
  }

  @Override
  public Optional<PublishedLog> witnessedLog() {
    return truth.witnessedLog();
  }

  @Override
  public Optional<PublishedLog> newest() {
    return truth.newest();
  }

  @Override
  public Future<HeldLog> held(Hash originHash) {
    return truth.held(originHash);
  }

  @Override
  public AuditService audits() {
    return truth.audits();
  }

  @Override
  public Future<List<SubmissionReply>> submit(List<Bytes> statements) {
    return truth.submit(statements);
  }

  @Override
  public Optional<RecordedTransaction> transaction(Bytes submitter, Bytes clientId) {
    return truth.transaction(submitter, clientId);
  }

  @Override
  public Optional<RecordedTransaction> transaction(long index) {
    return truth.transaction(index);
  }

  @Override
  public LedgerQueries ledger() {
    return truth.ledger();
  }

  @Override
  public PublishedLog ownLog() {
    return truth.ownLog();
  }

  @Override
  public Optional<PublishedLog> replica(Hash originHash) {
    return truth.replica(originHash);
  }

  @Override
  public Future<PeerReply> envelope(String from, Bytes body) {
    return truth.envelope(from, body);
  }

  @Override
  public Future<PeerReply> checkpoint(String from, Bytes body) {
    return truth.checkpoint(from, body);
  }

  @Override
  public Future<PeerReply> evidence(String from, Bytes body) {
    return truth.evidence(from, body);
  }

  @Override
  public Future<PeerReply> challenge(String from, Bytes body) {
    return truth.challenge(from, body);
  }

  @Override
  public Future<PeerReply> run(String from, Bytes sign) {
    return truth.run(from, sign);
  }

  @Override
  public PublishedLog logFor(String peer, long from) {
    return truth.logFor(peer, from);
  }

  @Override
  public Registration onGrowth(Runnable listener) {
    return truth.onGrowth(listener);
  }

  @Override
  public Future<HandedOver> handOver(Bytes statement) {
    return truth.handOver(statement);
  }

  @Override
  public List<ChallengeStatus> challenges() {
    return truth.challenges();
  }

  @Override
  public ScoringStatus scoring() {
    return truth.scoring();
  }

  @Override
  public OptionalLong askForAudit(String node, OptionalLong upTo) {
    return truth.askForAudit(node, upTo);
  }

  @Override
  public ScheduleStatus schedule() {
    return truth.schedule();
  }

  @Override
  public List<PeerStatus> peers() {
    return truth.peers();
  }

  @Override
  public List<EvidenceFile> evidenceFiles() {
    return truth.evidenceFiles();
  }
}
