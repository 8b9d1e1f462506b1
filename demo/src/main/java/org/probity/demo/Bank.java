package org.probity.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.probity.detector.crypto.PublicKey;
import org.probity.detector.crypto.Signer;
import org.probity.node.cli.NodeApi;
import org.probity.node.cli.Probity;

/** One member's node: its process, its client URL, and the key the bank signs with. */
final class Bank {
  static final String SHIPPED_MAIN_CLASS = Probity.class.getName();

  private static final String LOG_FILE = "node.log";

  private final String node;
  private final Path folder;
  private final Path configFile;
  private final Signer operator;
  private @Nullable ChildJvm process;
  private @Nullable NodeApi api;

  Bank(String node, Path folder, Path configFile, Signer operator) {
    this.node = node;
    this.folder = folder;
    this.configFile = configFile;
    this.operator = operator;
  }

  String node() {
    return node;
  }

  /** Where the node's configuration, keys and log file are. */
  Path folder() {
    return folder;
  }

  /** Opens the bank's accounts and signs its payment files. */
  Signer operator() {
    return operator;
  }

  PublicKey operatorKey() {
    return operator.publicKey();
  }

  /** Starts the process; the shipped main class or a culprit's, with the same arguments. */
  void launch(String mainClass) throws IOException {
    process =
        ChildJvm.start(
            ChildJvm.command(
                ChildJvm.nodeOptions(),
                mainClass,
                List.of("node", "start", "--exit-with-stdin", "--config", configFile.toString())),
            folder.resolve(LOG_FILE));
  }

  void awaitReady(Duration patience, List<X509Certificate> trust)
      throws IOException, InterruptedException {
    JsonNode ready = process().awaitReady(patience);
    api = NodeApi.at(ready.path("clientUrl").asText(), trust).pinnedTo(node);
  }

  NodeApi api() {
    NodeApi running = api;
    if (running == null) {
      throw new IllegalStateException(node + " was not started");
    }
    return running;
  }

  ChildJvm process() {
    ChildJvm running = process;
    if (running == null) {
      throw new IllegalStateException(node + " was not started");
    }
    return running;
  }

  void requestStop() {
    if (process != null) {
      process.requestTermination();
    }
  }

  void awaitStop(Duration patience) {
    if (process != null) {
      try {
        process.await(patience);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        process.close();
      }
    }
  }
}
