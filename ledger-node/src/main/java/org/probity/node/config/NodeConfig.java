package org.probity.node.config;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.probity.detector.log.Identifier;
import org.probity.detector.node.Patience;
import org.probity.node.access.RequestLimits;
import org.probity.node.access.Role;
import org.probity.node.store.NodeStore;

/**
 * The configuration of one node, read and checked. Paths are absolute. Immutable.
 *
 * @param id which of the genesis document's nodes this is
 * @param passphrase opens encrypted key files
 * @param revocationList where the authority's list of revoked certificates is put
 * @param operatorsLog what operators have done to the node
 * @param patience how long it waits for others before it asks before everybody, and suspects
 * @param startLeaseMillis how long another process with its key is waited for
 * @param release when others see what it has logged
 */
public record NodeConfig(
    String id,
    Path genesis,
    Path addressBook,
    Path keys,
    Optional<String> passphrase,
    Optional<Path> revocationList,
    Storage storage,
    Path operatorsLog,
    Listener client,
    PerAddress clientQuota,
    Access access,
    int maxPendingTransactions,
    Listener peer,
    int maxRequestsPerPeer,
    Listener operations,
    Audits audits,
    Scoring scoring,
    Patience patience,
    int startLeaseMillis,
    ReleaseMode release,
    Witness witness,
    Logging logging) {

  /**
   * Where the node keeps its logs.
   *
   * @param data of this process alone
   * @param marks folder of the second copies of mark and latch
   */
  public record Storage(Path data, Path marks, int logMib, int replicaMib, int stateMib) {
    private static final int MAX_REPLICAS = 512;

    public NodeStore.Options options() {
      return new NodeStore.Options(
          data, marks, bytes(logMib), bytes(replicaMib), bytes(stateMib), MAX_REPLICAS);
    }

    private static long bytes(int mib) {
      return (long) mib << 20;
    }
  }

  /**
   * One listener.
   *
   * @param port 0 for any free one
   * @param advertisedHost what others call this machine in URLs
   */
  public record Listener(String host, int port, String advertisedHost, int maxConnections) {}

  /** What one address has at once of the clients' listener. */
  public record PerAddress(int maxConnections, int maxRequests) {}

  /**
   * Who may do what.
   *
   * @param anonymous roles of whoever proves nothing
   * @param callersFile who has which roles
   * @param rootsFile who certified clients, besides the consortium's authority
   * @param operationsTls whether the operations listener speaks TLS
   * @param perCaller what a caller may ask for that the file says nothing else of
   */
  public record Access(
      Set<Role> anonymous,
      Optional<Path> callersFile,
      Optional<Path> rootsFile,
      boolean operationsTls,
      RequestLimits perCaller) {
    public Access {
      anonymous = Set.copyOf(anonymous);
    }
  }

  /** How much of wards' logs is replayed, and how soon: {@link ConfigKeys} says it. */
  public record Audits(int roundMillis, int slots, int chunkEntries, int floorPercent) {}

  /** Whether and how often peers are scored: {@link ConfigKeys} says it. */
  public record Scoring(boolean enabled, int epochMillis, int trainEpochs) {}

  /**
   * Cosignatures.
   *
   * @param cosignMillis between two checkpoints that are shown to witnesses
   * @param logsFile foreign logs to cosign
   * @param policyFile foreign witnesses to ask
   * @param rootsFile who certified the foreign witnesses' hosts
   */
  public record Witness(
      int cosignMillis,
      Optional<Path> logsFile,
      Optional<Path> policyFile,
      Optional<Path> rootsFile) {}

  /** What is logged and how; the values are those of {@link ConfigKeys}. */
  public record Logging(String level, String format) {}

  /**
   * Reads a configuration with the precedence of the package doc.
   *
   * @param file the YAML file; null for none
   * @throws ConfigException with everything that is wrong
   */
  public static NodeConfig load(
      @Nullable Path file, Map<String, String> commandLine, Map<String, String> environment) {
    return of(EffectiveConfig.load(file, commandLine, environment));
  }

  /** The same from merged values. */
  public static NodeConfig of(EffectiveConfig values) {
    String id = values.text(ConfigKeys.NODE_ID);
    if (!Identifier.isValid(id)) {
      throw ConfigException.of(
          "invalid",
          ConfigKeys.NODE_ID.path(),
          "must be 1 to 31 of a-z, 0-9 and -, not starting with -, not '" + id + "'");
    }
    Storage storage =
        new Storage(
            values.path(ConfigKeys.STORAGE_DATA),
            values.path(ConfigKeys.STORAGE_MARKS),
            values.integer(ConfigKeys.STORAGE_LOG_MIB),
            values.integer(ConfigKeys.STORAGE_REPLICA_MIB),
            values.integer(ConfigKeys.STORAGE_STATE_MIB));
    if (storage.marks().startsWith(storage.data())) {
      // A backup or a snapshot of the data directory would roll back both copies together.
      throw ConfigException.of(
          "invalid",
          ConfigKeys.STORAGE_MARKS.path(),
          "must not be inside storage.data: the two copies must not be restored together");
    }
    return new NodeConfig(
        id,
        values.path(ConfigKeys.NODE_GENESIS),
        values.path(ConfigKeys.NODE_ADDRESS_BOOK),
        values.path(ConfigKeys.KEYS_DIRECTORY),
        values.optional(ConfigKeys.KEYS_PASSPHRASE),
        values.optionalPath(ConfigKeys.KEYS_REVOCATION_LIST),
        storage,
        values.path(ConfigKeys.STORAGE_OPERATORS_LOG),
        listener(
            values,
            ConfigKeys.CLIENT_HOST,
            ConfigKeys.CLIENT_PORT,
            ConfigKeys.CLIENT_ADVERTISED_HOST,
            ConfigKeys.CLIENT_MAX_CONNECTIONS),
        new PerAddress(
            values.integer(ConfigKeys.CLIENT_MAX_CONNECTIONS_PER_ADDRESS),
            values.integer(ConfigKeys.CLIENT_MAX_REQUESTS_PER_ADDRESS)),
        new Access(
            anonymous(values.text(ConfigKeys.CLIENT_ANONYMOUS)),
            values.optionalPath(ConfigKeys.CLIENT_CALLERS_FILE),
            values.optionalPath(ConfigKeys.CLIENT_ROOTS_FILE),
            values.isTrue(ConfigKeys.OPERATIONS_TLS),
            new RequestLimits(
                values.integer(ConfigKeys.CLIENT_REQUESTS_PER_SECOND),
                values.integer(ConfigKeys.CLIENT_REQUESTS_IN_FLIGHT))),
        values.integer(ConfigKeys.CLIENT_MAX_PENDING),
        listener(
            values,
            ConfigKeys.PEER_HOST,
            ConfigKeys.PEER_PORT,
            ConfigKeys.PEER_ADVERTISED_HOST,
            ConfigKeys.PEER_MAX_CONNECTIONS),
        values.integer(ConfigKeys.PEER_MAX_REQUESTS),
        listener(
            values,
            ConfigKeys.OPERATIONS_HOST,
            ConfigKeys.OPERATIONS_PORT,
            ConfigKeys.OPERATIONS_ADVERTISED_HOST,
            ConfigKeys.OPERATIONS_MAX_CONNECTIONS),
        new Audits(
            values.integer(ConfigKeys.AUDIT_ROUND_MILLIS),
            values.integer(ConfigKeys.AUDIT_SLOTS),
            values.integer(ConfigKeys.AUDIT_CHUNK_ENTRIES),
            values.integer(ConfigKeys.AUDIT_FLOOR_PERCENT)),
        new Scoring(
            values.isTrue(ConfigKeys.SCORING_ENABLED),
            values.integer(ConfigKeys.SCORING_EPOCH_MILLIS),
            values.integer(ConfigKeys.SCORING_TRAIN_EPOCHS)),
        new Patience(
            values.integer(ConfigKeys.CHALLENGE_UNACKNOWLEDGED),
            values.integer(ConfigKeys.CHALLENGE_UNLINKED),
            values.integer(ConfigKeys.CHALLENGE_OVERDUE)),
        values.integer(ConfigKeys.START_LEASE),
        ReleaseMode.of(values.text(ConfigKeys.RELEASE_MODE)),
        new Witness(
            values.integer(ConfigKeys.WITNESS_COSIGN_MILLIS),
            values.optionalPath(ConfigKeys.WITNESS_LOGS_FILE),
            values.optionalPath(ConfigKeys.WITNESS_POLICY_FILE),
            values.optionalPath(ConfigKeys.WITNESS_ROOTS_FILE)),
        new Logging(values.text(ConfigKeys.LOGGING_LEVEL), values.text(ConfigKeys.LOGGING_FORMAT)));
  }

  private static Set<Role> anonymous(String text) {
    Set<Role> roles;
    try {
      roles = Role.parseList(text);
    } catch (IllegalArgumentException e) {
      throw ConfigException.of(
          "invalid", ConfigKeys.CLIENT_ANONYMOUS.path(), String.valueOf(e.getMessage()));
    }
    if (roles.contains(Role.OPERATE)) {
      throw ConfigException.of(
          "invalid",
          ConfigKeys.CLIENT_ANONYMOUS.path(),
          "must not have operate: who operates the node has a name");
    }
    return roles;
  }

  private static Listener listener(
      EffectiveConfig values,
      ConfigKey host,
      ConfigKey port,
      ConfigKey advertisedHost,
      ConfigKey maxConnections) {
    return new Listener(
        values.text(host),
        values.integer(port),
        values.text(advertisedHost),
        values.integer(maxConnections));
  }

  /** Never shows the passphrase. */
  @Override
  public String toString() {
    return "NodeConfig[" + id + ", " + storage.data() + "]";
  }
}
