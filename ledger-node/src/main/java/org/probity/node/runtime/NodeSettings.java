package org.probity.node.runtime;

import io.vertx.core.net.KeyCertOptions;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Signer;
import org.probity.detector.governance.Genesis;
import org.probity.detector.node.Patience;
import org.probity.node.actions.ActionFiles;
import org.probity.node.actions.ActionLog;
import org.probity.node.config.LiveCallers;
import org.probity.node.config.NodeConfig;
import org.probity.node.config.ReleaseMode;
import org.probity.node.http.AccessRules;
import org.probity.node.http.HttpLimits;
import org.probity.node.http.ListenAddress;
import org.probity.node.http.ListenerConfig;
import org.probity.node.http.NodeListeners;
import org.probity.node.http.peer.AddressBook;
import org.probity.node.http.tls.ListenerTls;
import org.probity.node.http.tls.PeerTrust;
import org.probity.node.identity.LiveRevocations;
import org.probity.node.identity.LiveTlsIdentity;
import org.probity.node.identity.NodeKeys;
import org.probity.node.identity.OperatorsKey;
import org.probity.node.identity.OwnCertificates;
import org.probity.node.identity.PemFiles;
import org.probity.node.scoring.ScoringSettings;
import org.probity.node.store.NodeStore;

/**
 * What a node needs to run, read and checked already.
 *
 * @param node which of the genesis document's nodes this is
 * @param logKey signs checkpoints
 * @param peers where the other nodes' peer listeners are
 * @param peerIdentity what this node shows to them
 * @param trust whom this node believes to be other nodes
 * @param listeners addresses, limits and TLS of the three listeners
 * @param certificates that this node shows, and until when they are valid
 * @param actions where operators' actions are put on record
 * @param callers whom the operator has listed, as of now
 * @param revocations the certificates it does not believe any more
 * @param maxPendingTransactions statements under way at once; beyond that clients get 429
 * @param patience how long it waits for others before it suspects them
 * @param audits how much of wards' logs is replayed, and how soon
 * @param scoring whether and how often peers are scored
 * @param startLease how long another process with its key is waited for
 * @param release when others see what it has logged
 * @param witness what this node cosigns, and who cosigns it
 */
public record NodeSettings(
    Genesis genesis,
    String node,
    Signer logKey,
    NodeStore.Options storage,
    AddressBook peers,
    KeyCertOptions peerIdentity,
    PeerTrust trust,
    NodeListeners.Setup listeners,
    OwnCertificates certificates,
    ActionDesk actions,
    LiveCallers callers,
    LiveRevocations revocations,
    int maxPendingTransactions,
    Patience patience,
    AuditSettings audits,
    ScoringSettings scoring,
    Duration startLease,
    ReleaseMode release,
    WitnessSettings witness) {
  private static final String KEPT_LIST = "crl.pem";

  /**
   * Reads the files a configuration names.
   *
   * @param version of the software, for {@code /version}
   * @throws StartException {@code genesis_unusable}; configuration and identity problems come as
   *     their own exceptions
   */
  public static NodeSettings of(NodeConfig config, String version) throws StartException {
    NodeKeys keys = NodeKeys.load(config.keys(), config.passphrase());
    LiveTlsIdentity identity =
        LiveTlsIdentity.load(config.keys(), config.passphrase(), keys, config.id());
    LiveRevocations revocations =
        config
            .revocationList()
            .map(
                file ->
                    LiveRevocations.load(
                        file, config.storage().data().resolve(KEPT_LIST), identity.roots()))
            .orElseGet(LiveRevocations::none);
    PeerTrust trust = new PeerTrust(identity.roots(), revocations::isRevoked);
    org.probity.node.config.AddressBook book =
        org.probity.node.config.AddressBook.load(config.addressBook());
    LiveCallers callers = LiveCallers.of(config.access().callersFile());
    Genesis genesis = genesis(config);
    ActionDesk actions = new ActionDesk(actionLog(config, genesis));
    return new NodeSettings(
        genesis,
        config.id(),
        keys.logSigner(),
        config.storage().options(),
        node -> book.resolve(node).map(url -> new AddressBook.Address(url.getHost(), port(url))),
        identity.peerKey(),
        trust,
        new NodeListeners.Setup(
            listener(
                config.client(),
                HttpLimits.clients()
                    .withMaxConnectionsPerAddress(config.clientQuota().maxConnections())
                    .withMaxRequestsPerCaller(config.clientQuota().maxRequests())),
            listener(
                config.peer(),
                HttpLimits.peers().withMaxRequestsPerCaller(config.maxRequestsPerPeer())),
            listener(config.operations(), HttpLimits.operations()),
            ListenerTls.of(identity, trust),
            rules(config.access(), callers, trust),
            actions,
            version,
            List.of()),
        identity,
        actions,
        callers,
        revocations,
        config.maxPendingTransactions(),
        config.patience(),
        audits(config.audits()),
        new ScoringSettings(
            config.scoring().enabled(),
            Duration.ofMillis(config.scoring().epochMillis()),
            config.scoring().trainEpochs()),
        Duration.ofMillis(config.startLeaseMillis()),
        config.release(),
        WitnessSettings.of(keys.cosignerSigner(), config.witness()));
  }

  /** Where it is put on record what is done to a node by whoever is on its machine. */
  public static ActionLog actionLog(NodeConfig config, Genesis genesis) {
    return new ActionLog(
        actionFiles(config),
        genesis.networkId(),
        config.id(),
        () -> OperatorsKey.load(config.keys(), config.passphrase(), new SecureRandom()),
        Clock.systemUTC());
  }

  /** Where that is. */
  public static ActionFiles actionFiles(NodeConfig config) {
    return ActionFiles.of(config.operatorsLog(), config.storage().marks());
  }

  private static AccessRules rules(
      NodeConfig.Access config, LiveCallers callers, PeerTrust consortium) {
    List<X509Certificate> roots = new ArrayList<>(consortium.roots());
    config.rootsFile().ifPresent(file -> roots.addAll(PemFiles.readCertificates(file)));
    return new AccessRules(
        callers,
        config.anonymous(),
        config.callersFile().map(file -> new PeerTrust(roots, consortium.revoked())),
        config.operationsTls(),
        config.perCaller());
  }

  private static AuditSettings audits(NodeConfig.Audits audits) {
    return new AuditSettings(
        Duration.ofMillis(audits.roundMillis()),
        audits.slots(),
        audits.chunkEntries(),
        audits.floorPercent());
  }

  private static int port(URI url) {
    return url.getPort() < 0 ? 443 : url.getPort();
  }

  private static ListenerConfig listener(NodeConfig.Listener listener, HttpLimits limits) {
    return new ListenerConfig(
        new ListenAddress(listener.host(), listener.port(), listener.advertisedHost()),
        limits.withMaxConnections(listener.maxConnections()));
  }

  private static Genesis genesis(NodeConfig config) throws StartException {
    try {
      return Genesis.decode(Bytes.wrap(Files.readAllBytes(config.genesis())));
    } catch (IOException | DecodeException e) {
      throw new StartException("genesis_unusable", config.genesis() + ": " + e.getMessage(), e);
    }
  }
}
