package org.probity.node.runtime;

import io.vertx.core.net.KeyCertOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.probity.detector.codec.Bytes;
import org.probity.detector.commitment.Machine;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.Signer;
import org.probity.detector.crypto.Statement;
import org.probity.detector.evidence.ByzantineLog;
import org.probity.detector.evidence.Evidence;
import org.probity.detector.evidence.EvidenceBuilder;
import org.probity.detector.evidence.EvidenceVerifier;
import org.probity.detector.evidence.Verification;
import org.probity.detector.governance.Parameters;
import org.probity.detector.log.TreeHead;
import org.probity.detector.node.Patience;
import org.probity.detector.node.TestNetwork;
import org.probity.detector.program.Program;
import org.probity.ledger.client.ClientIds;
import org.probity.ledger.client.OrderPlan;
import org.probity.ledger.client.Submitter;
import org.probity.ledger.client.TransactionDraft;
import org.probity.ledger.program.LedgerProgram;
import org.probity.ledger.transaction.AssetDefinition;
import org.probity.ledger.transaction.KeyPolicy;
import org.probity.ledger.transaction.LedgerParameters;
import org.probity.ledger.transaction.Operation;
import org.probity.node.actions.ActionEntry;
import org.probity.node.actions.ActionFiles;
import org.probity.node.actions.ActionHistory;
import org.probity.node.actions.ActionLog;
import org.probity.node.config.LiveCallers;
import org.probity.node.config.ReleaseMode;
import org.probity.node.http.AccessRules;
import org.probity.node.http.HttpLimits;
import org.probity.node.http.ListenAddress;
import org.probity.node.http.ListenerConfig;
import org.probity.node.http.NodeListeners;
import org.probity.node.http.SubmissionReply;
import org.probity.node.http.TestIdentity;
import org.probity.node.http.TestPki;
import org.probity.node.http.peer.AddressBook;
import org.probity.node.http.peer.PeerTransport;
import org.probity.node.http.tls.ListenerTls;
import org.probity.node.http.tls.PeerTrust;
import org.probity.node.identity.LiveRevocations;
import org.probity.node.identity.OwnCertificates;
import org.probity.node.scoring.ScoringSettings;
import org.probity.node.store.NodeStore;

/** Running nodes in one JVM with real stores and listeners, joined by an in-process transport. */
final class TestBanks implements AutoCloseable {
  final Signer bankKey = TestNetwork.signer("bank");
  final AssetDefinition crowns = OrderPlan.crowns(KeyPolicy.single(bankKey.publicKey().toBytes()));
  final TestNetwork network;
  final InProcessTransport wire = new InProcessTransport();
  private final Path directory;
  private final TestPki pki = new TestPki("consortium");

  /** Long enough for nobody to be warned of its end. */
  static final Duration VALIDITY = Duration.ofDays(90);

  private final ClientIds ids = ClientIds.fromSeed(Bytes.utf8("test"));
  private final Map<String, RunningNode> running = new LinkedHashMap<>();

  /** Which incarnation of each node starts; 0 if it is not named. */
  private final Map<String, Long> incarnations = new TreeMap<>();

  /** Limit on every own log from the next start on. */
  long logMapBytes = 64 << 20;

  /** Limit on all wards' logs together, of every node from the next start on. */
  long replicaMapBytes = 64 << 20;

  /** Limit on the wards' logs that every node keeps from the next start on. */
  int maxReplicas = 16;

  /** What every node replays from the next start on, and how soon. */
  AuditSettings audits = AuditSettings.standard();

  /** Whether and how often every node scores the others from the next start on. */
  ScoringSettings scoring = ScoringSettings.standard();

  /** Whom every node would audit first from the next start on, instead of its own opinion. */
  UnaryOperator<AuditHints> hints = UnaryOperator.identity();

  /** How long every node waits for others from the next start on. */
  Patience patience = Patience.standard();

  /** Where every node listens for clients from the next start on. */
  ListenAddress clients = ListenAddress.loopback();

  /** How often every node asks for cosignatures from the next start on. */
  Duration cosigning = WitnessSettings.DEFAULT_INTERVAL;

  /** How long every node waits for another process with its key, from the next start on. */
  Duration startLease = Duration.ofSeconds(2);

  /** When every node lets others see what it has logged, from the next start on. */
  ReleaseMode release = ReleaseMode.RECORDED;

  /** Where peers are for those who do not use the wire, from the next start on. */
  AddressBook peers = node -> Optional.empty();

  /** Every node's own client, which it would speak to peers by if it did not use the wire. */
  final Map<String, PeerTransport> outgoing = new TreeMap<>();

  /** What else every node witnesses, or is witnessed by, from the next start on. */
  UnaryOperator<WitnessSettings> witnessing = UnaryOperator.identity();

  TestBanks(Path directory, int faults, int witnesses, String... names) {
    this.directory = directory;
    Map<String, KeyPolicy> operators = new TreeMap<>();
    for (String name : names) {
      operators.put(name, KeyPolicy.single(bankKey.publicKey().toBytes()));
    }
    this.network =
        TestNetwork.of(
            Parameters.of(faults, witnesses),
            new LedgerProgram().id(),
            new LedgerParameters(List.of(crowns), new TreeMap<>(operators)).encode(),
            names);
    for (String name : names) {
      NodeStore.initialise(storage(name));
    }
  }

  /** From its next start on a node has an empty store and the keys of its next incarnation. */
  NodeStore.Options renew(String name) {
    incarnations.merge(name, 1L, Long::sum);
    NodeStore.initialise(storage(name));
    return storage(name);
  }

  /** Which key of the present incarnation: {@code log} or {@code cosigner}. */
  private Signer key(String kind, String name) {
    long incarnation = incarnations.getOrDefault(name, 0L);
    return TestNetwork.signer(kind + " " + name + (incarnation == 0 ? "" : "/" + incarnation));
  }

  private NodeStore.Options storage(String name) {
    long incarnation = incarnations.getOrDefault(name, 0L);
    String folder = incarnation == 0 ? name : name + "-" + incarnation;
    Path marks = directory.resolve("marks").resolve(folder);
    return new NodeStore.Options(
        directory.resolve(folder), marks, logMapBytes, replicaMapBytes, 64 << 20, maxReplicas);
  }

  RunningNode start(String name) throws StartException {
    return start(name, UnaryOperator.identity());
  }

  /** It may not sign yet. */
  RunningNode reach(String name) throws StartException {
    return reach(name, UnaryOperator.identity(), Vouching.REPLAYED);
  }

  RunningNode start(String name, UnaryOperator<Program> program) throws StartException {
    return start(name, program, Vouching.REPLAYED);
  }

  /** Of a node that vouches for more than it has replayed, perhaps. */
  RunningNode start(String name, UnaryOperator<Program> program, Vouching vouching)
      throws StartException {
    return opened(name, reach(name, program, vouching));
  }

  private RunningNode reach(String name, UnaryOperator<Program> program, Vouching vouching)
      throws StartException {
    RunningNode node = start(name, storage(name), program, vouching);
    running.put(name, node);
    wire.connect(name, node.facade());
    return node;
  }

  /**
   * Another process with the key of a node and a store of its own; nobody reaches it, and it
   * reaches everybody. For the caller to stop.
   */
  RunningNode twin(String name, Path data, Path marks) throws StartException {
    return start(
        name,
        new NodeStore.Options(data, marks, logMapBytes, replicaMapBytes, 64 << 20, maxReplicas),
        UnaryOperator.identity(),
        Vouching.REPLAYED);
  }

  private RunningNode start(
      String name, NodeStore.Options storage, UnaryOperator<Program> program, Vouching vouching)
      throws StartException {
    TestIdentity identity = pki.node(name, "Ed25519", "EC");
    ActionDesk actions =
        new ActionDesk(
            new ActionLog(
                actionFiles(name),
                network.genesis().networkId(),
                name,
                () -> key("operators", name),
                Clock.systemUTC()));
    NodeSettings settings =
        new NodeSettings(
            network.genesis(),
            name,
            key("log", name),
            storage,
            peers,
            identity.keyCertOptions(),
            PeerTrust.of(identity.anchors()),
            new NodeListeners.Setup(
                new ListenerConfig(clients, HttpLimits.clients()),
                new ListenerConfig(ListenAddress.loopback(), HttpLimits.peers()),
                new ListenerConfig(ListenAddress.loopback(), HttpLimits.operations()),
                new ListenerTls(
                    identity.keyCertOptions(),
                    identity.keyCertOptions(),
                    PeerTrust.of(identity.anchors())),
                AccessRules.open(),
                actions,
                "test",
                List.of()),
            new UnchangingCertificates(identity.keyCertOptions(), Instant.now().plus(VALIDITY)),
            actions,
            LiveCallers.of(Optional.empty()),
            LiveRevocations.none(),
            10_000,
            patience,
            audits,
            scoring,
            startLease,
            release,
            witnessing.apply(WitnessSettings.of(key("cosigner", name)).every(cosigning)));
    NodeParts parts =
        new NodeParts(
                program,
                client -> {
                  outgoing.put(name, client);
                  return wire.of(name);
                },
                UnaryOperator.identity())
            .withVouching(vouching)
            .hinted(hints);
    return RunningNode.start(settings, parts);
  }

  private ActionFiles actionFiles(String name) {
    return ActionFiles.of(directory.resolve(name + "-operators.log"), storage(name).marks());
  }

  /** How the starts of a node ended, and of its twins, oldest first. */
  List<String> starts(String name) throws IOException {
    Bytes key = key("operators", name).publicKey().toBytes();
    return ActionHistory.read(actionFiles(name), network.genesis().networkId(), name, List.of(key))
        .entries()
        .stream()
        .filter(entry -> entry.what().equals("node.start"))
        .map(ActionEntry::outcome)
        .toList();
  }

  /** Nobody renews these. */
  private record UnchangingCertificates(KeyCertOptions peerKey, Instant end)
      implements OwnCertificates {
    @Override
    public KeyCertOptions clientListenerKey() {
      return peerKey;
    }

    @Override
    public Map<String, Instant> ends() {
      return Map.of("nodes", end);
    }

    @Override
    public Map<String, X509Certificate> shown() {
      return Map.of();
    }

    @Override
    public boolean refresh(Instant now) {
      return false;
    }

    @Override
    public void requireValid(Instant now) {
      // The listeners show others: see TestPki.
    }
  }

  /** A node that may sign. */
  private RunningNode opened(String name, RunningNode node) throws StartException {
    try {
      node.awaitOpen();
    } catch (StartException e) {
      stop(name);
      throw e;
    }
    return node;
  }

  /** Who issued the certificates the listeners show. */
  X509Certificate authority() {
    return pki.ca();
  }

  Path data(String name) {
    return storage(name).data();
  }

  Path marks(String name) {
    return storage(name).marks();
  }

  /** What a node that does not run has on its disk. */
  NodeStore open(String name) {
    return NodeStore.open(storage(name));
  }

  void stop(String name) {
    wire.disconnect(name);
    running.remove(name).stop();
  }

  RunningNode node(String name) {
    return running.get(name);
  }

  /** Signs with the bank's key and submits; returns the replies once they are durable. */
  List<SubmissionReply> submit(String name, List<Operation> operations) throws Exception {
    return node(name)
        .facade()
        .submit(sign(name, operations))
        .toCompletionStage()
        .toCompletableFuture()
        .get(20, TimeUnit.SECONDS);
  }

  /** Transactions of at most 50 operations each, signed with the bank's key. */
  List<Bytes> sign(String name, List<Operation> operations) {
    TransactionDraft draft =
        new TransactionDraft(
                network.genesis().networkId(), name, Submitter.key(bankKey.publicKey()))
            .addAll(operations);
    List<Bytes> statements = new ArrayList<>();
    for (Statement statement :
        draft.signSplit(ids, System.currentTimeMillis() + 60_000, 50, List.of(bankKey))) {
      statements.add(statement.encoded());
    }
    return statements;
  }

  /** A proof that this node has signed two histories; it need not run. */
  Evidence forkOf(String culprit) {
    return forkOf(culprit, 70_000);
  }

  /** Two checkpoints of one size that no log can have both. */
  Evidence forkOf(String culprit, long size) {
    LedgerProgram program = new LedgerProgram();
    ByzantineLog log =
        new ByzantineLog(network, new Machine(network.genesis(), network.node(culprit), program));
    Bytes file =
        new EvidenceBuilder(network.genesis().networkId())
            .fork(
                log.sign(new TreeHead(size, Hash.sha256(new byte[] {1}))),
                log.sign(new TreeHead(size, Hash.sha256(new byte[] {2}))));
    Verification verification =
        new EvidenceVerifier(network.genesis(), Map.of(program.id(), program)).verify(file);
    return ((Verification.Proven) verification).evidence();
  }

  @Override
  public void close() {
    List.copyOf(running.keySet()).forEach(this::stop);
  }
}
