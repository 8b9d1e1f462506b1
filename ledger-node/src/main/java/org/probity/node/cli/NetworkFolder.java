package org.probity.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.NodeRecord;
import org.probity.node.config.AddressBook;
import org.probity.node.identity.IdentityException;
import org.probity.node.identity.PemFiles;
import org.probity.node.network.NetworkLayout;

/**
 * What {@code network init} left in a folder, as far as a client needs it: the genesis document,
 * the roots of the certificate authority, and where each node was last seen running.
 */
public final class NetworkFolder {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final NetworkLayout layout;

  public NetworkFolder(Path folder) {
    this.layout = new NetworkLayout(folder);
  }

  public NetworkLayout layout() {
    return layout;
  }

  public Path folder() {
    return layout.directory();
  }

  public Path genesisFile() {
    return layout.genesis();
  }

  public Path rootsFile() {
    return layout.roots();
  }

  public Genesis genesis() {
    return readGenesis(genesisFile());
  }

  /** Whom clients believe: servers that the consortium's roots certified. */
  public List<X509Certificate> trust() {
    return readTrust(rootsFile());
  }

  /** The ids of all nodes, in the order of the genesis document. */
  public List<String> nodes() {
    return genesis().nodes().stream().map(NodeRecord::node).toList();
  }

  /** The node's ready line, if it runs or was killed. */
  public Optional<JsonNode> ready(String node) {
    Path file = layout.node(node).resolve(AddressBook.READY_FILE);
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
  public static List<X509Certificate> readTrust(Path file) {
    try {
      return PemFiles.readCertificates(file);
    } catch (IdentityException e) {
      throw CliException.config(e.code(), String.valueOf(e.getMessage()));
    }
  }
}
