package org.probity.demo;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.probity.demo.fault.Cheat;
import org.probity.demo.fault.RewritingNode;
import org.probity.demo.fault.Trigger;
import org.probity.ledger.client.PaymentOrder;
import org.probity.ledger.client.PaymentOrders;
import org.probity.node.cli.NodeApi;
import org.probity.node.cli.NodeRunner;
import org.probity.node.cli.Terminal;
import org.probity.node.runtime.NodeParts;
import org.probity.node.runtime.NodeSettings;
import org.probity.node.runtime.RunningNode;

/**
 * The demonstration's consortium in this JVM: real nodes with their stores, TLS listeners and
 * peers' connections, some of which may be culprits'.
 */
final class RunningBanks implements AutoCloseable {
  private static final int NODES = 4;
  private static final int ORDERS = 60;
  private static final Path PORTS =
      Path.of(System.getProperty("java.io.tmpdir"), "probity-tests-ports.lock");

  /** What a node is built from that cheats once it is triggered. */
  interface Cheating {
    NodeParts parts(NodeSettings settings, Trigger trigger);
  }

  final Path folder;
  final Consortium consortium;
  final Culprit culprit;
  final List<PaymentOrder> orders = PaymentOrders.generate(1, ORDERS);
  final Progress progress;
  private final Map<String, Cheating> cheating;
  private final List<RunningNode> running = new ArrayList<>();
  private Optional<RewritingNode> rewriting = Optional.empty();

  /** Starts them all, one the culprit of a demonstration, and settles some orders. */
  RunningBanks(Path folder, Fault fault) throws Exception {
    this(folder, NODES, fault, consortium -> Map.of());
  }

  /**
   * Starts so many, and settles some orders.
   *
   * @param cheating who is built otherwise, by node
   */
  RunningBanks(Path folder, int nodes, Function<Consortium, Map<String, Cheating>> cheating)
      throws Exception {
    this(folder, nodes, Fault.NONE, cheating);
  }

  private RunningBanks(
      Path folder, int nodes, Fault fault, Function<Consortium, Map<String, Cheating>> cheating)
      throws Exception {
    PrintStream nowhere =
        new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8);
    Terminal terminal = new Terminal(InputStream.nullInputStream(), nowhere, nowhere);
    DemoOptions options =
        new DemoOptions(folder, nodes, 1, Optional.empty(), true, false, fault, Optional.empty());
    this.folder = folder;
    this.progress = new Progress(terminal);
    boolean complete = false;
    try {
      // Ports are found and taken a while later: tests in another JVM would find the same ones.
      try (FileChannel ports = FileChannel.open(PORTS, CREATE, WRITE)) {
        ports.lock();
        this.consortium = Consortium.found(options);
        this.culprit = Culprit.of(options, consortium);
        this.cheating = Map.copyOf(cheating.apply(consortium));
        List<RunningNode> started = new ArrayList<>();
        for (Bank bank : consortium.banks()) {
          started.add(start(bank, fault, terminal));
        }
        // Each of them asks all others before it signs.
        for (RunningNode node : started) {
          node.awaitOpen();
        }
      }
      Report report = new Report(folder, consortium.genesisFile(), consortium.nodes());
      new PaymentRun(consortium, progress).run(orders, report);
      if (!report.complaints().isEmpty()) {
        throw new AssertionError(report.complaints());
      }
      // A node serves its log from when it may sign: whoever follows it comes a little later.
      Set<String> cheats = new TreeSet<>(this.cheating.keySet());
      cheats.addAll(culprit.all());
      new Replicas(consortium).await(Duration.ofMinutes(1), allBut(cheats));
      complete = true;
    } finally {
      if (!complete) {
        close();
      }
    }
  }

  private RunningNode start(Bank bank, Fault fault, Terminal terminal) throws Exception {
    RunningNode node;
    if (fault == Fault.REWRITE && culprit.node().equals(Optional.of(bank.node()))) {
      rewriting = Optional.of(new RewritingNode(bank.configFile(), terminal));
      node = rewriting.get().start();
      new Thread(this::rewrite, "rewriting").start();
    } else {
      NodeSettings settings = NodeRunner.settings(bank.configFile(), Map.of());
      node = RunningNode.start(settings, parts(bank, fault, settings));
      running.add(node);
      NodeRunner.publish(node, bank.folder());
    }
    bank.listensAt(node.urls().client().toString(), consortium.trust());
    return node;
  }

  private NodeParts parts(Bank bank, Fault fault, NodeSettings settings) {
    Optional<String> node = Optional.of(bank.node());
    if (culprit.node().equals(node)) {
      return fault.cheat().orElseThrow().parts(settings, bank.trigger());
    }
    if (culprit.accomplice().equals(node)) {
      return Cheat.OVERDRAFT.parts(settings, bank.trigger());
    }
    return cheating
        .getOrDefault(bank.node(), (own, trigger) -> NodeParts.standard())
        .parts(settings, bank.trigger());
  }

  private void rewrite() {
    try {
      rewriting.orElseThrow().play();
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** The nodes that do not cheat. */
  SortedMap<String, NodeApi> correct() {
    return allBut(culprit.all());
  }

  /** The nodes beside these. */
  SortedMap<String, NodeApi> allBut(Set<String> culprits) {
    SortedMap<String, NodeApi> correct = new TreeMap<>();
    for (Bank bank : consortium.banks()) {
      if (!culprits.contains(bank.node())) {
        correct.put(bank.node(), bank.api());
      }
    }
    return correct;
  }

  @Override
  public void close() {
    rewriting.ifPresent(RewritingNode::close);
    running.forEach(RunningNode::stop);
  }
}
