package org.probity.node.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.probity.detector.node.Patience;
import org.probity.node.access.RequestLimits;

/** Every key there is, in the order in which people should read them. */
public final class ConfigKeys {
  static final ConfigKey NODE_ID =
      ConfigKey.requiredText("node", "id", "Which node of the genesis document this is.");
  static final ConfigKey NODE_GENESIS =
      ConfigKey.path("node", "genesis", "genesis.cbor", "The consortium's founding document.");
  static final ConfigKey NODE_ADDRESS_BOOK =
      ConfigKey.path(
          "node", "addressBook", "address-book.yaml", "Where the other nodes listen for peers.");

  static final ConfigKey KEYS_DIRECTORY =
      ConfigKey.path("keys", "directory", "keys", "Folder with the node's keys and certificates.");
  static final ConfigKey KEYS_PASSPHRASE =
      ConfigKey.secret("keys", "passphrase", "Opens the key files where they are encrypted.");

  static final ConfigKey KEYS_REVOCATION_LIST =
      ConfigKey.optionalPath(
          "keys",
          "revocationList",
          "The authority's list of revoked certificates (crl.pem); reread when it changes.");

  static final ConfigKey STORAGE_DATA =
      ConfigKey.path("storage", "data", "data", "Data directory, of this process alone.");
  static final ConfigKey STORAGE_MARKS =
      ConfigKey.path(
          "storage",
          "marks",
          "marks",
          "Folder of the signing mark's second copy; put it on another filesystem than the data.");
  static final ConfigKey STORAGE_LOG_MIB =
      ConfigKey.integer(
          "storage", "logMib", 1, 16_777_216, 65_536, "Largest size of the node's own log, MiB.");
  static final ConfigKey STORAGE_REPLICA_MIB =
      ConfigKey.integer(
          "storage",
          "replicaMib",
          1,
          16_777_216,
          262_144,
          "Largest size of the logs this node witnesses, all together, MiB.");
  static final ConfigKey STORAGE_STATE_MIB =
      ConfigKey.integer(
          "storage", "stateMib", 1, 16_777_216, 16_384, "Largest size of the flushed state, MiB.");

  static final ConfigKey STORAGE_OPERATORS_LOG =
      ConfigKey.path(
          "storage",
          "operatorsLog",
          "operators.log",
          "Where it is put on record what operators have done to the node.");

  static final ConfigKey CLIENT_HOST =
      ConfigKey.text("client", "host", "127.0.0.1", "Interface for clients.");
  static final ConfigKey CLIENT_PORT =
      ConfigKey.integer("client", "port", 0, 65_535, 7401, "Port for clients; 0 takes a free one.");
  static final ConfigKey CLIENT_ADVERTISED_HOST =
      ConfigKey.text(
          "client", "advertisedHost", "localhost", "What clients call this machine in URLs.");
  static final ConfigKey CLIENT_MAX_CONNECTIONS =
      ConfigKey.integer(
          "client", "maxConnections", 1, 1_000_000, 1024, "Connections of clients at once.");
  static final ConfigKey CLIENT_MAX_CONNECTIONS_PER_ADDRESS =
      ConfigKey.integer(
          "client",
          "maxConnectionsPerAddress",
          1,
          1_000_000,
          128,
          "Connections of one address (IPv6: one /64) at once; raise it behind a proxy.");
  static final ConfigKey CLIENT_MAX_REQUESTS_PER_ADDRESS =
      ConfigKey.integer(
          "client",
          "maxRequestsPerAddress",
          1,
          1_000_000,
          512,
          "Requests of one address under way at once, event streams included (429 beyond).");
  static final ConfigKey CLIENT_MAX_PENDING =
      ConfigKey.integer(
          "client",
          "maxPendingTransactions",
          1,
          1_000_000,
          4096,
          "Transactions under way at once; beyond that clients are told to wait (429).");

  static final ConfigKey CLIENT_ANONYMOUS =
      ConfigKey.text(
          "client",
          "anonymous",
          "submit,read,audit,govern",
          "Roles of whoever proves nothing: some of submit, read, audit and govern, or none.");
  static final ConfigKey CLIENT_CALLERS_FILE =
      ConfigKey.optionalPath(
          "client",
          "callersFile",
          "Who has which roles by token or certificate; read again as soon as it changes.");
  static final ConfigKey CLIENT_ROOTS_FILE =
      ConfigKey.optionalPath(
          "client",
          "rootsFile",
          "Certificates (PEM) that clients' certificates are believed by, besides the"
              + " consortium's.");

  static final ConfigKey CLIENT_REQUESTS_PER_SECOND =
      ConfigKey.integer(
          "client",
          "requestsPerSecond",
          1,
          RequestLimits.MAX,
          RequestLimits.standard().perSecond(),
          "Requests a second of one listed caller, from wherever (429 beyond).");
  static final ConfigKey CLIENT_REQUESTS_IN_FLIGHT =
      ConfigKey.integer(
          "client",
          "requestsInFlight",
          1,
          RequestLimits.MAX,
          RequestLimits.standard().inFlight(),
          "Requests of one listed caller under way at once, event streams included (429 beyond).");

  static final ConfigKey PEER_HOST =
      ConfigKey.text("peer", "host", "127.0.0.1", "Interface for the other nodes.");
  static final ConfigKey PEER_PORT =
      ConfigKey.integer("peer", "port", 0, 65_535, 7402, "Port for peers; 0 takes a free one.");
  static final ConfigKey PEER_ADVERTISED_HOST =
      ConfigKey.text(
          "peer", "advertisedHost", "localhost", "What peers call this machine in URLs.");
  static final ConfigKey PEER_MAX_CONNECTIONS =
      ConfigKey.integer("peer", "maxConnections", 1, 100_000, 512, "Connections of peers at once.");
  static final ConfigKey PEER_MAX_REQUESTS =
      ConfigKey.integer(
          "peer", "maxRequestsPerPeer", 1, 10_000, 64, "Requests of one peer under way at once.");

  static final ConfigKey OPERATIONS_HOST =
      ConfigKey.text(
          "operations",
          "host",
          "127.0.0.1",
          "Interface for health checks and metrics; not meant for strangers.");
  static final ConfigKey OPERATIONS_PORT =
      ConfigKey.integer(
          "operations", "port", 0, 65_535, 7403, "Port for operations; 0 takes a free one.");
  static final ConfigKey OPERATIONS_ADVERTISED_HOST =
      ConfigKey.text(
          "operations", "advertisedHost", "localhost", "What this machine is called in URLs.");
  static final ConfigKey OPERATIONS_MAX_CONNECTIONS =
      ConfigKey.integer(
          "operations", "maxConnections", 1, 10_000, 32, "Connections of operators at once.");

  static final ConfigKey OPERATIONS_TLS =
      ConfigKey.truth(
          "operations",
          "tls",
          false,
          "TLS 1.3 with the node's certificate: without it nobody operates the node from"
              + " elsewhere.");

  static final ConfigKey AUDIT_ROUND_MILLIS =
      ConfigKey.integer(
          "audit", "roundMillis", 1, 60_000, 50, "Least time between two rounds of audits, ms.");
  static final ConfigKey AUDIT_SLOTS =
      ConfigKey.integer("audit", "slots", 1, 10_000, 8, "Chunks replayed in one round at most.");
  static final ConfigKey AUDIT_CHUNK_ENTRIES =
      ConfigKey.integer(
          "audit",
          "chunkEntries",
          1,
          1_000_000,
          512,
          "Entries in one chunk at most; kept between K and Q of the genesis document.");
  static final ConfigKey AUDIT_FLOOR_PERCENT =
      ConfigKey.integer(
          "audit",
          "floorPercent",
          1,
          100,
          75,
          "Share of the slots that go to what has waited longest, whatever scores say.");

  static final ConfigKey SCORING_ENABLED =
      ConfigKey.truth(
          "scoring",
          "enabled",
          true,
          "Whether peers are scored; a score changes when a log is replayed, never whether.");
  static final ConfigKey SCORING_EPOCH_MILLIS =
      ConfigKey.integer(
          "scoring",
          "epochMillis",
          100,
          3_600_000,
          10_000,
          "Time over which measurements of peers are taken together, ms.");
  static final ConfigKey SCORING_TRAIN_EPOCHS =
      ConfigKey.integer(
          "scoring",
          "trainEpochs",
          1,
          1_000_000,
          360,
          "Epochs after which a new model is trained at the latest.");

  static final ConfigKey CHALLENGE_UNACKNOWLEDGED =
      ConfigKey.integer(
          "challenge",
          "unacknowledgedMillis",
          250,
          3_600_000,
          Patience.standard().unacknowledgedMillis(),
          "How long messages, entries and decisions may be missing before they are asked for.");
  static final ConfigKey CHALLENGE_UNLINKED =
      ConfigKey.integer(
          "challenge",
          "unlinkedMillis",
          250,
          3_600_000,
          Patience.standard().unlinkedMillis(),
          "How long two checkpoints of one log may stay unlinked before the proof is asked for.");
  static final ConfigKey CHALLENGE_OVERDUE =
      ConfigKey.integer(
          "challenge",
          "overdueMillis",
          2_000,
          86_400_000,
          Patience.standard().overdueMillis(),
          "How long a challenge may stay unanswered before its target is suspected.");

  static final ConfigKey START_LEASE =
      ConfigKey.integer(
          "start",
          "leaseMillis",
          2_000,
          600_000,
          10_000,
          "How long another process with this node's key, of which witnesses have heard as lately,"
              + " is given to show that it lives.");

  static final ConfigKey RELEASE_MODE =
      ConfigKey.choice(
          "release",
          "mode",
          ReleaseMode.RECORDED.label(),
          ReleaseMode.LABELS,
          "When clients and peers see what is logged: once it is durable here, or once enough"
              + " witnesses have cosigned it.");

  static final ConfigKey WITNESS_COSIGN_MILLIS =
      ConfigKey.integer(
          "witness",
          "cosignMillis",
          50,
          3_600_000,
          1_000,
          "How often the own checkpoints are shown to witnesses for their cosignatures.");
  static final ConfigKey WITNESS_LOGS_FILE =
      ConfigKey.optionalPath(
          "witness",
          "logsFile",
          "Logs outside of the consortium that this node cosigns: the log lines of a C2SP"
              + " tlog-policy.");
  static final ConfigKey WITNESS_POLICY_FILE =
      ConfigKey.optionalPath(
          "witness",
          "policyFile",
          "Witnesses outside of the consortium that cosign this node's log: a C2SP tlog-policy with"
              + " their URLs.");
  static final ConfigKey WITNESS_ROOTS_FILE =
      ConfigKey.optionalPath(
          "witness",
          "rootsFile",
          "Certificates (PEM) that those witnesses' hosts are believed by; default the JDK's.");

  static final ConfigKey LOGGING_LEVEL =
      ConfigKey.choice(
          "logging",
          "level",
          "info",
          List.of("error", "warn", "info", "debug", "trace"),
          "How much is logged, on stderr.");
  static final ConfigKey LOGGING_FORMAT =
      ConfigKey.choice(
          "logging", "format", "text", List.of("text", "json"), "For people or for machines.");

  private static final List<ConfigKey> ALL =
      List.of(
          NODE_ID,
          NODE_GENESIS,
          NODE_ADDRESS_BOOK,
          KEYS_DIRECTORY,
          KEYS_PASSPHRASE,
          KEYS_REVOCATION_LIST,
          STORAGE_DATA,
          STORAGE_MARKS,
          STORAGE_LOG_MIB,
          STORAGE_REPLICA_MIB,
          STORAGE_STATE_MIB,
          STORAGE_OPERATORS_LOG,
          CLIENT_HOST,
          CLIENT_PORT,
          CLIENT_ADVERTISED_HOST,
          CLIENT_MAX_CONNECTIONS,
          CLIENT_MAX_CONNECTIONS_PER_ADDRESS,
          CLIENT_MAX_REQUESTS_PER_ADDRESS,
          CLIENT_MAX_PENDING,
          CLIENT_ANONYMOUS,
          CLIENT_CALLERS_FILE,
          CLIENT_ROOTS_FILE,
          CLIENT_REQUESTS_PER_SECOND,
          CLIENT_REQUESTS_IN_FLIGHT,
          PEER_HOST,
          PEER_PORT,
          PEER_ADVERTISED_HOST,
          PEER_MAX_CONNECTIONS,
          PEER_MAX_REQUESTS,
          OPERATIONS_HOST,
          OPERATIONS_PORT,
          OPERATIONS_ADVERTISED_HOST,
          OPERATIONS_MAX_CONNECTIONS,
          OPERATIONS_TLS,
          AUDIT_ROUND_MILLIS,
          AUDIT_SLOTS,
          AUDIT_CHUNK_ENTRIES,
          AUDIT_FLOOR_PERCENT,
          SCORING_ENABLED,
          SCORING_EPOCH_MILLIS,
          SCORING_TRAIN_EPOCHS,
          CHALLENGE_UNACKNOWLEDGED,
          CHALLENGE_UNLINKED,
          CHALLENGE_OVERDUE,
          START_LEASE,
          RELEASE_MODE,
          WITNESS_COSIGN_MILLIS,
          WITNESS_LOGS_FILE,
          WITNESS_POLICY_FILE,
          WITNESS_ROOTS_FILE,
          LOGGING_LEVEL,
          LOGGING_FORMAT);

  private static final Map<String, String> SECTIONS = sections();

  private ConfigKeys() {}

  private static Map<String, String> sections() {
    Map<String, String> sections = new LinkedHashMap<>();
    sections.put("node", "Who this node is.");
    sections.put("keys", "What it signs with.");
    sections.put("storage", "Where it keeps its log; limits are on files that grow with use.");
    sections.put("client", "The listener for clients.");
    sections.put("peer", "The listener for the other nodes.");
    sections.put("operations", "The listener for operators.");
    sections.put("audit", "How much of the logs it witnesses it replays, and how soon.");
    sections.put("scoring", "Its opinion whom to audit first; advice, never evidence.");
    sections.put("start", "What it waits for before it signs.");
    sections.put("release", "What its word is worth when its disk is lost.");
    sections.put("witness", "Cosignatures: given to other logs, and asked for.");
    sections.put(
        "challenge", "How patient it is with others; changes suspicions, and never a proof.");
    sections.put("logging", "What it says about itself.");
    return sections;
  }

  /** All keys, section by section. */
  public static List<ConfigKey> all() {
    return ALL;
  }

  static List<String> sectionNames() {
    return List.copyOf(SECTIONS.keySet());
  }

  static String sectionDescription(String section) {
    return String.valueOf(SECTIONS.get(section));
  }

  static List<ConfigKey> ofSection(String section) {
    return ALL.stream().filter(key -> key.section().equals(section)).toList();
  }

  static Optional<ConfigKey> find(String path) {
    return ALL.stream().filter(key -> key.path().equals(path)).findFirst();
  }
}
