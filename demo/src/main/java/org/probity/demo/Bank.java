package org.probity.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.probity.demo.fault.Trigger;
import org.probity.detector.crypto.PublicKey;
import org.probity.detector.crypto.Signer;
import org.probity.node.cli.NodeApi;
import org.probity.node.cli.Probity;

/** One member's node: its process, its client URL, and the key the bank signs with. */
final class Bank {
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

  Path configFile() {
    return configFile;
  }

  /** What makes this node cheat, if it is one that can. */
  Trigger trigger() {
    return new Trigger(folder);
  }

  /** Starts the process as it is shipped. */
  void launch() throws IOException {
    launch(Probity.class.getName(), List.of("node", "start"));
  }

  /** Starts the process as a culprit's. */
  void launch(String mainClass, List<String> more) throws IOException {
    List<String> arguments = new ArrayList<>(more);
    arguments.addAll(List.of("--exit-with-stdin", "--config", configFile.toString()));
    process =
        ChildJvm.start(
            ChildJvm.command(ChildJvm.nodeOptions(), mainClass, arguments),
            folder.resolve(LOG_FILE));
  }

  void awaitReady(Duration patience, List<X509Certificate> trust)
      throws IOException, InterruptedException {
    JsonNode ready = process().awaitReady(patience);
    listensAt(ready.path("clientUrl").asText(), trust);
  }

  /** Where the node runs now. */
  void listensAt(String clientUrl, List<X509Certificate> trust) {
    api = NodeApi.at(clientUrl, trust).pinnedTo(node);
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
