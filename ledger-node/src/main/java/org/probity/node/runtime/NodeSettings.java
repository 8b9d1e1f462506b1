package org.probity.node.runtime;

import io.vertx.core.net.KeyCertOptions;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import org.probity.detector.crypto.Signer;
import org.probity.detector.governance.Genesis;
import org.probity.node.http.NodeListeners;
import org.probity.node.http.peer.AddressBook;

/**
 * What a node needs to run, read and checked already.
 *
 * @param node which of the genesis document's nodes this is
 * @param logKey signs checkpoints
 * @param dataDirectory of this process alone
 * @param markFile the signing mark's second copy, best on another filesystem
 * @param peers where the other nodes' peer listeners are
 * @param peerIdentity what this node shows to them
 * @param roots the certificates of those who issue the consortium's
 * @param listeners addresses, limits and TLS of the three listeners
 * @param maxPendingTransactions statements under way at once; beyond that clients get 429
 */
public record NodeSettings(
    Genesis genesis,
    String node,
    Signer logKey,
    Path dataDirectory,
    Path markFile,
    long logMapBytes,
    long replicaMapBytes,
    long stateMapBytes,
    AddressBook peers,
    KeyCertOptions peerIdentity,
    List<X509Certificate> roots,
    NodeListeners.Setup listeners,
    int maxPendingTransactions) {
  public NodeSettings {
    roots = List.copyOf(roots);
  }
}
