package org.probity.node.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.probity.detector.log.Identifier;
import org.probity.node.config.ConfigException.Problem;

/**
 * Where each node's peer listener is. Outside genesis, because addresses change and nothing depends
 * on them: a peer is known by its certificate, wherever it answers.
 *
 * <pre>
 * nodes:
 *   bank-a: https://node.bank-a.example:7402
 *   bank-b: https://localhost:0
 * </pre>
 *
 * <p>Port 0 means that the node takes a free port when it starts; its address is then the {@code
 * peerUrl} in {@code nodes/<id>/ready.json} beside the address book, which only works where the
 * nodes share a file system: demo, tests. Immutable but for that look-up.
 */
public final class AddressBook {
  public static final String READY_FILE = "ready.json";

  private static final ObjectMapper JSON = new ObjectMapper();

  private final @Nullable Path directory;
  private final Map<String, URI> urls;

  private AddressBook(@Nullable Path directory, Map<String, URI> urls) {
    this.directory = directory;
    this.urls = urls;
  }

  /**
   * Reads an address book.
   *
   * @throws ConfigException with everything that is wrong
   */
  public static AddressBook load(Path file) {
    JsonNode root = StrictYaml.read(file);
    List<Problem> problems = new ArrayList<>();
    Map<String, URI> urls = new LinkedHashMap<>();
    root.fieldNames()
        .forEachRemaining(
            name -> {
              if (!name.equals("nodes")) {
                problems.add(new Problem("unknown_key", name, "only 'nodes' stands at the top"));
              }
            });
    JsonNode nodes = root.path("nodes");
    if (!nodes.isObject()) {
      problems.add(new Problem("missing", "nodes", "must map node ids to peer URLs"));
    }
    nodes
        .fields()
        .forEachRemaining(
            entry -> {
              String field = "nodes." + entry.getKey();
              if (!Identifier.isValid(entry.getKey())) {
                problems.add(new Problem("invalid", field, "is not a node id"));
                return;
              }
              Optional<URI> url = peerUrl(entry.getValue().asText());
              if (url.isPresent()) {
                urls.put(entry.getKey(), url.get());
              } else {
                problems.add(
                    new Problem(
                        "invalid", field, "must be https://host:port and nothing behind it"));
              }
            });
    if (!problems.isEmpty()) {
      throw new ConfigException(problems);
    }
    return new AddressBook(file.toAbsolutePath().getParent(), urls);
  }

  private static Optional<URI> peerUrl(String text) {
    try {
      URI url = new URI(text);
      boolean isPlain =
          "https".equals(url.getScheme())
              && url.getHost() != null
              && url.getPort() >= 0
              && url.getPort() <= 65_535
              && url.getRawUserInfo() == null
              && url.getRawQuery() == null
              && url.getRawFragment() == null
              && (url.getRawPath().isEmpty() || url.getRawPath().equals("/"));
      return isPlain
          ? Optional.of(new URI("https", null, url.getHost(), url.getPort(), null, null, null))
          : Optional.empty();
    } catch (URISyntaxException e) {
      return Optional.empty();
    }
  }

  /** The text of an address book. */
  public static String format(Map<String, URI> urls) {
    StringBuilder text = new StringBuilder("# Where each node listens for the others.\nnodes:\n");
    urls.forEach(
        (node, url) -> text.append("  ").append(node).append(": ").append(url).append('\n'));
    return text.toString();
  }

  /** The nodes in the book, in its order. */
  public Set<String> nodes() {
    return Collections.unmodifiableSet(urls.keySet());
  }

  /**
   * Where {@code node} is now; empty if it is not in the book, or has port 0 and is not running.
   * Reads the ready file at every call where the port is 0.
   */
  public Optional<URI> resolve(String node) {
    URI url = urls.get(node);
    if (url == null) {
      return Optional.empty();
    }
    return url.getPort() != 0 ? Optional.of(url) : fromReadyFile(node);
  }

  private Optional<URI> fromReadyFile(String node) {
    if (directory == null) {
      return Optional.empty();
    }
    Path file = directory.resolve("nodes").resolve(node).resolve(READY_FILE);
    try {
      JsonNode ready = JSON.readTree(Files.readAllBytes(file));
      return ready == null
          ? Optional.empty()
          : peerUrl(ready.path("peerUrl").asText()).filter(url -> url.getPort() != 0);
    } catch (IOException e) {
      // Not running, or caught while writing: asked again soon.
      return Optional.empty();
    }
  }
}
