package org.probity.demo.breaking;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.probity.demo.ChildJvm;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.Signer;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.NodeRecord;
import org.probity.node.cli.Ballots;
import org.probity.node.cli.CliException;
import org.probity.node.cli.NetworkFolder;
import org.probity.node.cli.NodeApi;
import org.probity.node.cli.Probity;
import org.probity.node.config.NodeConfig;
import org.probity.node.http.api.Polling;
import org.probity.node.identity.PemFiles;
import org.probity.node.network.NetworkInit;
import org.probity.node.network.NetworkLayout;
import org.probity.node.network.NetworkPlan;

/** A consortium whose nodes are processes, with what an operator can do to them. */
final class Banks implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Of a start whose boot gate stays closed: it has signed what nobody has. */
  static final String NOBODY_HAS = "signed_what_nobody_has";

  private static final String NOBODY_HAS_IT = "goes on in its next incarnation: probity node renew";
  private static final String ERROR = "{\"error\"";
  private static final Duration START = Duration.ofMinutes(3);
  private static final Duration LOOK = Duration.ofSeconds(5);
  private static final int FAULTS = 1;
  private static final int WITNESSES = 2;

  /**
   * Patience and cosignatures as short as a campaign wants them: a node that does not come back is
   * suspected within seconds, and so has to be trusted again.
   */
  private static final Map<String, String> SETTINGS =
      Map.of(
          "storage.logMib", "512",
          "storage.replicaMib", "1024",
          "storage.stateMib", "256",
          "challenge.unacknowledgedMillis", "1000",
          "challenge.overdueMillis", "3000",
          "witness.cosignMillis", "200",
          "scoring.enabled", "false",
          "logging.level", "info");

  private final NetworkLayout layout;
  private final Genesis genesis;
  private final List<X509Certificate> trust;
  private final SortedMap<String, ChildJvm> processes = new TreeMap<>();
  private final SortedMap<String, NodeApi> apis = new TreeMap<>();
  private int starts;

  /** How a start ended: running, refused with a code of the operator guide, or neither in time. */
  record Start(boolean isReady, String code, double seconds) {}

  /** How a command line ended. */
  record Run(int exit, String out, String err) {
    JsonNode json() throws IOException {
      List<String> lines = out.lines().toList();
      return lines.isEmpty() ? JSON.nullNode() : JSON.readTree(lines.get(lines.size() - 1));
    }

    String code() {
      return errorCode(err.lines().toList());
    }
  }

  /** Founds them; nothing runs yet. */
  static Banks found(Path folder, int nodes, Mode mode) throws IOException {
    Map<String, String> settings = new TreeMap<>(SETTINGS);
    settings.putAll(mode.settings());
    NetworkPlan plan = NetworkPlan.local(nodes, FAULTS, WITNESSES, 0, Instant.now());
    NetworkInit.create(plan.withSettings(settings), folder, new SecureRandom(), Instant.now());
    return new Banks(folder);
  }

  private Banks(Path folder) {
    NetworkFolder network = new NetworkFolder(folder);
    this.layout = network.layout();
    this.genesis = network.genesis();
    this.trust = network.trust();
  }

  Genesis genesis() {
    return genesis;
  }

  NetworkLayout layout() {
    return layout;
  }

  List<String> nodes() {
    return genesis.nodes().stream().map(NodeRecord::node).toList();
  }

  List<String> others(String node) {
    return nodes().stream().filter(other -> !other.equals(node)).toList();
  }

  NodeConfig.Storage storage(String node) {
    return NodeConfig.load(layout.config(node), Map.of(), Map.of()).storage();
  }

  Signer operator(String node) {
    return signer(layout.operatorKey(member(node)));
  }

  Signer issuer() {
    return signer(layout.issuerKey());
  }

  private static Signer signer(Path file) {
    return Signer.of(PemFiles.readSecret(file).ed25519());
  }

  String member(String node) {
    return genesis.node(node).orElseThrow().member();
  }

  NodeApi api(String node) {
    return Optional.ofNullable(apis.get(node)).orElseThrow();
  }

  // Processes

  /** All of them at once: each waits for the others before it signs. */
  void startAll() throws IOException, InterruptedException {
    for (String node : nodes()) {
      processes.put(node, launch(node, List.of()));
    }
    for (String node : nodes()) {
      reached(node, processes.get(node).awaitReady(START));
    }
  }

  /** Starts one and waits until it may sign, or has said why it does not. */
  Start start(String node) throws IOException, InterruptedException {
    return start(node, List.of());
  }

  /**
   * The same.
   *
   * @param wrapper command that runs the JVM, such as strace with its options
   */
  Start start(String node, List<String> wrapper) throws IOException, InterruptedException {
    long beginNanos = System.nanoTime();
    ChildJvm process = launch(node, wrapper);
    processes.put(node, process);
    String code = "";
    for (int asked = 0; code.isEmpty() && !isReady(node, process); asked++) {
      if (!process.isAlive()) {
        code = refusal(log(node));
      } else if (asked >= START.toSeconds() / LOOK.toSeconds()) {
        code = "not_ready";
      } else if (asked >= 2 && Files.readString(log(node)).contains(NOBODY_HAS_IT)) {
        code = NOBODY_HAS;
      }
    }
    return new Start(code.isEmpty(), code, (System.nanoTime() - beginNanos) / 1e9);
  }

  private boolean isReady(String node, ChildJvm process) throws IOException, InterruptedException {
    try {
      reached(node, process.awaitReady(LOOK));
      return true;
    } catch (IOException e) {
      // Not yet; or its output has ended, and so will it.
      if (!Files.readString(log(node)).contains(ERROR)) {
        return false;
      }
      process.await(LOOK);
      return false;
    }
  }

  /** Starts one and does not wait. */
  void launch(String node) throws IOException {
    processes.put(node, launch(node, List.of()));
  }

  private ChildJvm launch(String node, List<String> wrapper) throws IOException {
    Files.deleteIfExists(log(node));
    return launch(layout.config(node), wrapper, log(node));
  }

  /** A process of this configuration, beside whatever runs. */
  ChildJvm launch(Path config, List<String> wrapper, Path log) throws IOException {
    List<String> command = new ArrayList<>(wrapper);
    command.addAll(
        ChildJvm.command(
            ChildJvm.nodeOptions(),
            Probity.class.getName(),
            List.of(
                "node", "start", "--exit-with-stdin", "--config", config.toString(), "-o=json")));
    starts++;
    return ChildJvm.start(command, log);
  }

  private void reached(String node, JsonNode ready) {
    apis.put(node, NodeApi.at(ready.path("clientUrl").asText(), trust).pinnedTo(node));
  }

  /** What the node's newest process has said on standard error. */
  Path log(String node) {
    return layout.node(node).resolve("node.log");
  }

  /** The code with which a process has ended that wrote this log. */
  static String refusal(Path log) throws IOException {
    return errorCode(Files.readAllLines(log));
  }

  private static String errorCode(List<String> lines) {
    for (int line = lines.size() - 1; line >= 0; line--) {
      if (lines.get(line).startsWith(ERROR)) {
        try {
          return JSON.readTree(lines.get(line)).at("/error/code").asText();
        } catch (JsonProcessingException e) {
          return "unreadable";
        }
      }
    }
    return "ended";
  }

  boolean isAlive(String node) {
    ChildJvm process = processes.get(node);
    return process != null && process.isAlive();
  }

  /** SIGKILL, also to whatever runs below a wrapper. */
  void kill(String node) throws InterruptedException {
    ChildJvm process = processes.remove(node);
    if (process != null) {
      kill(process);
    }
  }

  /** The same to a process that is not a node's newest. */
  static void kill(ChildJvm process) throws InterruptedException {
    ProcessHandle.of(process.pid())
        .ifPresent(handle -> handle.descendants().forEach(ProcessHandle::destroyForcibly));
    process.kill();
  }

  /** Takes over a process that has become ready otherwise than by {@link #start}. */
  void adopt(String node, ChildJvm process) throws IOException, InterruptedException {
    processes.put(node, process);
    reached(node, process.awaitReady(START));
  }

  /** How many processes there have been. */
  int starts() {
    return starts;
  }

  // What members and operators type

  /** One command line, in this process. */
  static Run run(String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int exit =
        Probity.run(
            new ByteArrayInputStream(new byte[0]),
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            arguments);
    return new Run(
        exit, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  /** One command about the consortium. */
  Run command(String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--dir", layout.directory().toString(), "--output", "json"));
    return run(all.toArray(String[]::new));
  }

  /** The decisions of the members as a node tells them; they show by themselves that they are. */
  DecisionChain decisions() {
    DecisionChain longest = DecisionChain.of(genesis, SignatureRule.fastest());
    for (NodeApi api : apis.values()) {
      try {
        DecisionChain told = new Ballots(genesis, api).chain();
        longest = told.decisions().size() > longest.decisions().size() ? told : longest;
      } catch (CliException | DecodeException e) {
        // Whoever is down is not missed: the others know.
      }
    }
    return longest;
  }

  static boolean await(Duration patience, Question question) throws Exception {
    Exception[] failure = new Exception[1];
    boolean held =
        Polling.REMOTE.await(
            patience,
            () -> {
              try {
                return question.ask();
              } catch (Exception e) {
                failure[0] = e;
                return true;
              }
            });
    if (failure[0] != null) {
      throw failure[0];
    }
    return held;
  }

  /** Something that may take its time to become true. */
  interface Question {
    boolean ask() throws Exception;
  }

  @Override
  public void close() {
    try {
      for (String node : nodes()) {
        kill(node);
      }
    } catch (InterruptedException e) {
      // What is left ends with this process.
      Thread.currentThread().interrupt();
    }
  }
}
