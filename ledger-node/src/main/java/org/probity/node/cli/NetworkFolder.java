package org.probity.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.X509TrustManager;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.NodeRecord;
import org.probity.node.identity.IdentityException;
import org.probity.node.identity.PemFiles;
import org.probity.node.identity.TlsIdentity;

/**
 * What {@code network init} left in a folder, as far as a client needs it: the genesis document,
 * the roots of the certificate authority, and where each node was last seen running.
 */
public final class NetworkFolder {
  /** What {@code node start} writes into the node's folder while it runs. */
  public static final String READY_FILE = "ready.json";

  private static final String GENESIS_FILE = "genesis.cbor";
  private static final String ROOTS_FILE = "ca.pem";
  private static final String NODES_FOLDER = "nodes";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path folder;

  public NetworkFolder(Path folder) {
    this.folder = folder;
  }

  public Path folder() {
    return folder;
  }

  public Path genesisFile() {
    return folder.resolve(GENESIS_FILE);
  }

  public Path rootsFile() {
    return folder.resolve(ROOTS_FILE);
  }

  public Path nodeFolder(String node) {
    return folder.resolve(NODES_FOLDER).resolve(node);
  }

  public Genesis genesis() {
    return readGenesis(genesisFile());
  }

  /** Whom clients believe: servers that the consortium's roots certified. */
  public X509TrustManager trust() {
    return readTrust(rootsFile());
  }

  /** The ids of all nodes, in the order of the genesis document. */
  public List<String> nodes() {
    return genesis().nodes().stream().map(NodeRecord::node).toList();
  }

  /** The node's ready line, if it runs or was killed. */
  public Optional<JsonNode> ready(String node) {
    Path file = nodeFolder(node).resolve(READY_FILE);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(JSON.readTree(file.toFile()));
    } catch (IOException e) {
      throw CliException.config("ready_file_malformed", file + " is not what node start writes");
    }
  }

  /** Reads a genesis document; what is wrong with it is a configuration error. */
  public static Genesis readGenesis(Path file) {
    if (!Files.isRegularFile(file)) {
      throw CliException.config("genesis_missing", "there is no genesis document " + file);
    }
    try {
      return Genesis.decode(Bytes.wrap(Files.readAllBytes(file)));
    } catch (DecodeException e) {
      throw CliException.config("genesis_" + e.code(), file + ": " + e.getMessage());
    } catch (IOException e) {
      throw CliException.config("genesis_unreadable", file + " cannot be read: " + e.getMessage());
    }
  }

  /** Reads the roots of a certificate authority. */
  public static X509TrustManager readTrust(Path file) {
    try {
      List<X509Certificate> roots = PemFiles.readCertificates(file);
      return TlsIdentity.trustManager(roots);
    } catch (IdentityException e) {
      throw CliException.config(e.code(), String.valueOf(e.getMessage()));
    }
  }
}
