package org.probity.node.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.log.AddCheckpointResponse;
import org.probity.detector.log.Origin;
import org.probity.detector.log.SignedNote;
import org.probity.detector.program.TransactionOutcome.Status;
import org.probity.node.http.wire.HeldLog;
import org.probity.node.http.wire.SeenRuns;
import org.probity.node.scoring.PeerScore;

/**
 * A node small enough to reason about: it records every statement as it comes, one entry each, and
 * keeps no accounts but one. A statement that starts with {@code bad} is refused.
 */
final class MemoryNode implements NodeService {
  final Map<String, PeerStanding> standings = new ConcurrentHashMap<>();
  static final Hash NETWORK = Hash.sha256(new byte[] {1});
  static final String ACCOUNT = "00112233445566778899aabbccddeeff";
  static final Bytes SUBMITTER = Bytes.fromHex(ACCOUNT);

  final MemoryLog log;
  final Set<String> currentNodes = ConcurrentHashMap.newKeySet();
  final Map<Hash, MemoryLog> replicas = new ConcurrentHashMap<>();
  final Map<Hash, HeldLog> held = new ConcurrentHashMap<>();
  final List<EvidenceFile> evidence = new CopyOnWriteArrayList<>();
  final List<Bytes> received = new CopyOnWriteArrayList<>();

  /** What comes of a checkpoint that somebody shows who is not a node. */
  volatile PeerReply toStrangers = PeerReply.ok(Bytes.utf8("CONSISTENT"));

  private final List<Runnable> growthListeners = new CopyOnWriteArrayList<>();
  private final Map<Long, RecordedTransaction> transactions = new ConcurrentHashMap<>();
  private final String node;

  /** Witnesses nothing unless a test says otherwise. */
  volatile WitnessService witness =
      new WitnessService() {
        @Override
        public Future<AddCheckpointResponse> add(String from, Bytes request) {
          return Future.succeededFuture(new AddCheckpointResponse.UnknownOrigin());
        }

        @Override
        public Optional<SignedNote> cosigned(Hash originHash) {
          return Optional.empty();
        }
      };

  volatile NodeHealth health = new NodeHealth(NodeHealth.Phase.RUNNING, List.of());
  volatile boolean queueFull;

  /** Which thread has asked last for AUDITs, as receipts do. */
  volatile String receiptThread = "";

  /** When set, submissions are answered by completing it. */
  volatile Promise<List<SubmissionReply>> pendingSubmission;

  /** How many have come since, in all. */
  final AtomicInteger waitingSubmissions = new AtomicInteger();

  volatile PeerReply envelopeReply = PeerReply.ok(Bytes.utf8("ack"));

  MemoryNode(String node, String... currentNodes) {
    this.node = node;
    this.log = new MemoryLog(new Origin(NETWORK, node, 0), (byte) 1);
    this.currentNodes.addAll(List.of(currentNodes));
  }

  void grow(List<Bytes> entries) {
    log.append(entries);
    growthListeners.forEach(Runnable::run);
  }

  int growthListeners() {
    return growthListeners.size();
  }

  /** Waits until so many listen to the log's growth; false if it takes too long. */
  boolean awaitGrowthListeners(int count) throws InterruptedException {
    synchronized (growthListeners) {
      long deadlineNanos = System.nanoTime() + 20_000_000_000L;
      while (growthListeners.size() != count && System.nanoTime() < deadlineNanos) {
        growthListeners.wait(1_000);
      }
      return growthListeners.size() == count;
    }
  }

  final List<HeldAudit> statements = new CopyOnWriteArrayList<>();
  final List<WardAudits> wardAudits = new CopyOnWriteArrayList<>();

  @Override
  public AuditService audits() {
    receiptThread = Thread.currentThread().getName();
    return new AuditService() {
      @Override
      public Future<PeerReply> take(String from, Bytes statement) {
        received.add(statement);
        return Future.succeededFuture(PeerReply.ok(Bytes.EMPTY));
      }

      @Override
      public List<HeldAudit> ofOwnLog() {
        return List.copyOf(statements);
      }

      @Override
      public List<WardAudits> ofWards() {
        return List.copyOf(wardAudits);
      }

      @Override
      public Optional<Bytes> ofWard(Hash originHash) {
        return wardAudits.stream()
            .filter(ward -> TileRoutes.originHash(ward.origin()).equals(originHash))
            .findFirst()
            .flatMap(WardAudits::own)
            .map(HeldAudit::statement);
      }
    };
  }

  @Override
  public NodeInfo info() {
    return new NodeInfo(
        NETWORK,
        node,
        "member-" + node,
        0,
        log.origin().format(),
        log.vkey(),
        Hash.sha256(new byte[] {2}),
        Bytes.utf8("genesis"));
  }

  @Override
  public NodeHealth health() {
    return health;
  }

  @Override
  public PeerStanding standing(String other) {
    return standings.getOrDefault(
        other, currentNodes.contains(other) ? PeerStanding.CURRENT : PeerStanding.UNKNOWN);
  }

  @Override
  public GovernanceService governance() {
    return new MemoryGovernance();
  }

  @Override
  public WitnessService witness() {
    return witness;
  }

  @Override
  public Future<List<SubmissionReply>> submit(List<Bytes> statements) {
    if (queueFull) {
      return Future.failedFuture(Problems.overloaded(2));
    }
    if (pendingSubmission != null) {
      waitingSubmissions.incrementAndGet();
      return pendingSubmission.future();
    }
    return Future.succeededFuture(record(statements));
  }

  synchronized List<SubmissionReply> record(List<Bytes> statements) {
    List<SubmissionReply> replies = new ArrayList<>();
    for (Bytes statement : statements) {
      Bytes id = Hash.sha256(statement.unsafeArray()).toBytes();
      if (statement.startsWith(Bytes.utf8("bad"))) {
        replies.add(SubmissionReply.refused(id, "signature_invalid", "no valid signature"));
        continue;
      }
      RecordedTransaction recorded = new RecordedTransaction(log.size(), Bytes.utf8("ok"));
      grow(List.of(statement));
      transactions.put(recorded.index(), recorded);
      replies.add(SubmissionReply.recorded(id, recorded));
    }
    return replies;
  }

  @Override
  public Optional<RecordedTransaction> transaction(Bytes submitter, Bytes clientId) {
    // The id of a transaction in this node is its index.
    return submitter.equals(SUBMITTER)
        ? transaction(new BigInteger(1, clientId.unsafeArray()).longValue())
        : Optional.empty();
  }

  @Override
  public Optional<RecordedTransaction> transaction(long index) {
    return Optional.ofNullable(transactions.get(index));
  }

  @Override
  public LedgerQueries ledger() {
    return new OneAccount();
  }

  @Override
  public PublishedLog ownLog() {
    return log.published();
  }

  @Override
  public Optional<PublishedLog> replica(Hash originHash) {
    return Optional.ofNullable(replicas.get(originHash)).map(MemoryLog::published);
  }

  @Override
  public Future<PeerReply> envelope(String from, Bytes body) {
    received.add(body);
    return Future.succeededFuture(envelopeReply);
  }

  @Override
  public Future<PeerReply> checkpoint(String from, Bytes body) {
    received.add(body);
    // Who is not a node has no name.
    return Future.succeededFuture(from.isEmpty() ? toStrangers : PeerReply.ok(Bytes.utf8(from)));
  }

  @Override
  public Future<PeerReply> evidence(String from, Bytes body) {
    received.add(body);
    return Future.succeededFuture(PeerReply.refused("evidence_rejected"));
  }

  @Override
  public Future<PeerReply> challenge(String from, Bytes body) {
    received.add(body);
    return Future.succeededFuture(PeerReply.ok(Bytes.utf8("answer")));
  }

  @Override
  public Future<HandedOver> handOver(Bytes statement) {
    if (statement.startsWith(Bytes.utf8("bad"))) {
      return Future.failedFuture(Problems.refused("statement_bad_signature", "not valid"));
    }
    received.add(statement);
    return Future.succeededFuture(
        statement.startsWith(Bytes.utf8("refused"))
            ? new HandedOver(
                NETWORK, "bank-b", OptionalLong.empty(), Optional.of(Status.UNAUTHORISED))
            : HandedOver.asked(NETWORK, "bank-b"));
  }

  @Override
  public List<ChallengeStatus> challenges() {
    return List.of(
        new ChallengeStatus(
            NETWORK, "message", "bank-b", "bank-c", Optional.of(Instant.ofEpochSecond(1)), true));
  }

  @Override
  public Future<PeerReply> run(String from, Bytes sign) {
    received.add(sign);
    return Future.succeededFuture(PeerReply.ok(SeenRuns.NOBODY.encode()));
  }

  @Override
  public PublishedLog logFor(String peer, long from) {
    return log.published();
  }

  @Override
  public Registration onGrowth(Runnable listener) {
    growthListeners.add(listener);
    return () -> {
      synchronized (growthListeners) {
        growthListeners.remove(listener);
        growthListeners.notifyAll();
      }
    };
  }

  @Override
  public ScoringStatus scoring() {
    PeerScore why =
        new PeerScore(
            7.5,
            Map.of("mahalanobis", 7.5, "one_class_svm", 6.25),
            List.of(
                new PeerScore.Reason("ack_p50", OptionalDouble.of(80), "ms", 8.7, 60.5),
                new PeerScore.Reason("common_load", OptionalDouble.empty(), "", 1, 0.5)));
    return new ScoringStatus(
        true,
        true,
        250,
        40,
        10_000,
        List.of(
            new ScoringStatus.Peer("bank-b", OptionalDouble.of(7.5), "score", why),
            new ScoringStatus.Peer("bank-c", OptionalDouble.empty(), "", PeerScore.NONE)));
  }

  @Override
  public ScheduleStatus schedule() {
    ScheduleStatus.Turn turn =
        new ScheduleStatus.Turn(
            11, 1, 2, 4, 7, "floor", 1, 3, OptionalDouble.empty(), PeerScore.NONE);
    return new ScheduleStatus(
        12,
        4,
        30,
        5,
        3,
        List.of(new ScheduleStatus.Ward("bank-b", 7, 3, 2, 1, 1, 0, "floor", "", List.of(turn))));
  }

  @Override
  public OptionalLong askForAudit(String ward, OptionalLong upTo) {
    return ward.equals("bank-b")
        ? OptionalLong.of(Math.min(10, upTo.orElse(10)))
        : OptionalLong.empty();
  }

  @Override
  public List<PeerStatus> peers() {
    return List.of(
        new PeerStatus(
            "bank-b",
            "member-b",
            "suspected",
            Optional.of(Instant.ofEpochSecond(1)),
            "silent",
            7,
            3,
            OptionalDouble.of(0.5),
            "score"),
        new PeerStatus(
            "bank-c",
            "member-c",
            "trusted",
            Optional.empty(),
            "",
            9,
            0,
            OptionalDouble.empty(),
            ""));
  }

  @Override
  public Future<HeldLog> held(Hash originHash) {
    return Future.succeededFuture(held.getOrDefault(originHash, HeldLog.UNKNOWN));
  }

  @Override
  public Optional<PublishedLog> newest() {
    return Optional.of(ownLog());
  }

  @Override
  public List<EvidenceFile> evidenceFiles() {
    return evidence;
  }

  /** A ledger with one account that has had three transfers. */
  private static final class OneAccount implements LedgerQueries {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    @Override
    public Optional<ObjectNode> account(String accountId) {
      if (!accountId.matches("[0-9a-f]{32}")) {
        throw Problems.badField("bad_account_id", "account", "32 hex digits");
      }
      return accountId.equals(ACCOUNT) ? Optional.of(json()) : Optional.empty();
    }

    private static ObjectNode json() {
      return JSON.objectNode()
          .put("id", ACCOUNT)
          .put("balance", "340282366920938463463374607431768211455");
    }

    @Override
    public Page accounts(Optional<String> cursor, int limit) {
      return new Page(List.of(json()), Optional.empty());
    }

    @Override
    public Optional<Page> transfers(String accountId, Optional<String> cursor, int limit) {
      if (account(accountId).isEmpty()) {
        return Optional.empty();
      }
      Map<Integer, ObjectNode> all = new TreeMap<>();
      for (int i = 0; i < 3; i++) {
        all.put(i, JSON.objectNode().put("number", i));
      }
      int from = cursor.map(Integer::parseInt).orElse(0);
      List<ObjectNode> items = all.values().stream().skip(from).limit(limit).toList();
      int next = from + items.size();
      return Optional.of(
          new Page(
              items, next < all.size() ? Optional.of(Integer.toString(next)) : Optional.empty()));
    }

    @Override
    public Page assets(Optional<String> cursor, int limit) {
      return new Page(List.of(JSON.objectNode().put("code", "CZK")), Optional.empty());
    }

    @Override
    public JsonNode outcome(Bytes outcome) {
      return JSON.objectNode().put("status", "executed").put("bytes", outcome.size());
    }

    @Override
    public JsonNode returns(Bytes payload) {
      return JsonNodeFactory.instance.arrayNode();
    }

    @Override
    public JsonNode settlements(Bytes payload) {
      return JSON.arrayNode();
    }
  }
}
