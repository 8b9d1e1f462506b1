package org.probity.benchmarks.messages;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Signer;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.log.Entry;
import org.probity.detector.log.SendEntry;
import org.probity.ledger.client.ClientIds;
import org.probity.ledger.client.Submitter;
import org.probity.ledger.client.TransactionDraft;
import org.probity.ledger.transaction.AccountFlags;
import org.probity.ledger.transaction.AccountId;
import org.probity.ledger.transaction.Amount;
import org.probity.ledger.transaction.AssetDefinition;
import org.probity.ledger.transaction.KeyPolicy;
import org.probity.ledger.transaction.LedgerParameters;
import org.probity.ledger.transaction.Operation;
import org.probity.ledger.transaction.References;
import org.probity.node.cli.DownloadedLog;
import org.probity.node.config.AddressBook;
import org.probity.node.config.NodeConfig;
import org.probity.node.http.api.ApiClient;
import org.probity.node.http.api.ApiException;
import org.probity.node.http.api.Polling;
import org.probity.node.http.api.SubmissionResult;
import org.probity.node.identity.PemFiles;
import org.probity.node.network.NetworkInit;
import org.probity.node.network.NetworkLayout;
import org.probity.node.network.NetworkPlan;
import org.probity.node.runtime.NodeParts;
import org.probity.node.runtime.RunningNode;
import org.probity.node.runtime.StartException;

/**
 * Runs a consortium of real nodes, with TLS between them, in this process, and counts what they
 * send one another while customers pay from bank to bank.
 */
final class MessagesBenchmark {
  private static final String ASSET = "CZK";
  private static final AccountId CUSTOMER = AccountId.named("benchmark customer");
  private static final Amount FUNDS = Amount.of(1_000_000_000L);
  private static final long VALID_MILLIS = Duration.ofHours(6).toMillis();
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private static final Map<String, String> SETTINGS =
      Map.of(
          "storage.logMib", "1024",
          "storage.replicaMib", "2048",
          "storage.stateMib", "256",
          "logging.level", "warn");

  private final MessagesOptions options;
  private final Consumer<String> progress;
  private final Traffic traffic = new Traffic();
  private final ClientIds ids = ClientIds.random();

  MessagesBenchmark(MessagesOptions options, Consumer<String> progress) {
    this.options = options;
    this.progress = progress;
  }

  /** One bank: its node in this process. */
  private record Bank(String node, RunningNode running, ApiClient api, Signer operator) {}

  MessagesReport run() throws IOException, StartException, InterruptedException {
    Instant now = Instant.now();
    Path network = options.directory().resolve("network");
    NetworkPlan plan =
        NetworkPlan.local(options.nodes(), options.witnesses() - 1, options.witnesses(), 0, now)
            .withAssets(Map.of(ASSET, 2))
            .withSettings(SETTINGS);
    Genesis genesis = NetworkInit.create(plan, network, new SecureRandom(), now);
    Map<String, Bank> banks = new LinkedHashMap<>();
    try {
      NetworkLayout layout = new NetworkLayout(network);
      for (NodeRecord node : genesis.nodes()) {
        banks.put(node.node(), start(layout, node));
      }
      for (Bank bank : banks.values()) {
        bank.running().awaitOpen();
      }
      return measure(genesis, layout, List.copyOf(banks.values()));
    } catch (ApiException e) {
      throw new IllegalStateException("a node does not do as asked: " + e.getMessage(), e);
    } finally {
      banks.values().forEach(bank -> bank.running().stop());
    }
  }

  private Bank start(NetworkLayout layout, NodeRecord node) throws StartException, IOException {
    NodeParts parts =
        new NodeParts(
            UnaryOperator.identity(), transport -> new CountedTransport(transport, traffic));
    RunningNode running =
        RunningNode.start(NodeConfig.load(layout.config(node.node()), Map.of(), Map.of()), parts);
    // Where the others find it: its port is any that was free.
    Files.writeString(
        layout.node(node.node()).resolve(AddressBook.READY_FILE),
        JsonNodeFactory.instance
            .objectNode()
            .put("peerUrl", running.urls().peer().toString())
            .toString());
    List<X509Certificate> roots = PemFiles.readCertificates(layout.roots());
    return new Bank(
        node.node(),
        running,
        ApiClient.of(running.urls().client(), roots).pinnedTo(node.node()),
        Signer.of(PemFiles.readSecret(layout.operatorKey(node.member())).ed25519()));
  }

  private MessagesReport measure(Genesis genesis, NetworkLayout layout, List<Bank> banks)
      throws ApiException, InterruptedException {
    progress.accept("opening and funding an account at each of " + banks.size() + " banks");
    AssetDefinition asset = asset(genesis);
    Signer issuer = Signer.of(PemFiles.readSecret(layout.issuerKey()).ed25519());
    for (Bank bank : banks) {
      KeyPolicy owner = KeyPolicy.single(bank.operator().publicKey().toBytes());
      submit(
          genesis,
          bank,
          bank.operator(),
          new Operation.OpenAccount(
              CUSTOMER, asset.id(), owner, AccountFlags.DEBITS_MUST_NOT_EXCEED_CREDITS));
      submit(
          genesis, bank, issuer, new Operation.Issue(asset.id(), CUSTOMER, FUNDS, References.NONE));
    }
    awaitQuiet(banks);
    progress.accept("counting without payments for " + options.idle().toSeconds() + " s");
    Map<Traffic.Kind, Traffic.Count> before = traffic.counted();
    TimeUnit.MILLISECONDS.sleep(options.idle().toMillis());
    Map<Traffic.Kind, Traffic.Count> idle = difference(traffic.counted(), before);

    progress.accept(
        "paying "
            + options.payments()
            + " times, "
            + (options.perSecond() > 0
                ? options.perSecond() + " a second"
                : "as fast as it is answered"));
    Map<String, Long> sizes = sizes(banks);
    before = traffic.counted();
    long startNanos = System.nanoTime();
    Duration answered = pay(genesis, banks, startNanos);
    awaitQuiet(banks);
    Duration took = Duration.ofNanos(System.nanoTime() - startNanos);
    Map<Traffic.Kind, Traffic.Count> counted = difference(traffic.counted(), before);
    return new MessagesReport(options, idle, counted, answered, took, paper(genesis, banks, sizes));
  }

  private static AssetDefinition asset(Genesis genesis) {
    try {
      return LedgerParameters.decode(genesis.programParameters()).assets().get(0);
    } catch (DecodeException e) {
      throw new IllegalStateException("we have just made these parameters", e);
    }
  }

  private Bytes sign(Genesis genesis, Bank bank, Signer signer, Operation operation) {
    return new TransactionDraft(genesis.networkId(), bank.node(), Submitter.key(signer.publicKey()))
        .addAll(List.of(operation))
        .sign(ids.next(System.currentTimeMillis() + VALID_MILLIS), List.of(signer))
        .encoded();
  }

  private void submit(Genesis genesis, Bank bank, Signer signer, Operation operation)
      throws ApiException {
    require(bank.api().submit(sign(genesis, bank, signer, operation)));
  }

  private static void require(SubmissionResult result) {
    if (!result.accepted()) {
      throw new IllegalStateException("a transaction is refused: " + result.code());
    }
  }

  /**
   * Each bank in turn pays the next, one payment under one signature, at a steady pace or as fast
   * as they are answered.
   *
   * @return how long it took until the last was answered
   */
  private Duration pay(Genesis genesis, List<Bank> banks, long startNanos)
      throws InterruptedException {
    Map<Bank, Semaphore> rooms = new LinkedHashMap<>();
    banks.forEach(bank -> rooms.put(bank, new Semaphore(options.outstanding())));
    AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    for (int i = 0; i < options.payments() && failure.get() == null; i++) {
      if (options.perSecond() > 0) {
        long dueNanos = startNanos + (long) (i * 1e9 / options.perSecond());
        TimeUnit.NANOSECONDS.sleep(dueNanos - System.nanoTime());
      }
      Bank payer = banks.get(i % banks.size());
      int distance = 1 + (i / banks.size()) % (banks.size() - 1);
      String payee = banks.get((i + distance) % banks.size()).node();
      Operation remit =
          new Operation.Remit(CUSTOMER, payee, CUSTOMER, Amount.of(1), References.NONE);
      Bytes statement = sign(genesis, payer, payer.operator(), remit);
      Semaphore room = Objects.requireNonNull(rooms.get(payer));
      room.acquire();
      @SuppressWarnings("unused")
      var unused =
          payer
              .api()
              .submitAsync(statement)
              .thenAccept(MessagesBenchmark::require)
              .whenComplete(
                  (answered, failed) -> {
                    if (failed != null) {
                      failure.compareAndSet(null, failed);
                    }
                    room.release();
                  });
    }
    for (Semaphore room : rooms.values()) {
      room.acquire(options.outstanding());
    }
    Throwable failed = failure.get();
    if (failed != null) {
      throw new IllegalStateException("a payment was not answered: " + failed.getMessage(), failed);
    }
    return Duration.ofNanos(System.nanoTime() - startNanos);
  }

  /** Everything settled, streamed and replayed. */
  private static void awaitQuiet(List<Bank> banks) throws InterruptedException {
    boolean isQuiet =
        Polling.LOCAL.await(
            PATIENCE,
            () -> banks.stream().allMatch(bank -> isSettled(bank) && isAudited(bank, banks)));
    if (!isQuiet) {
      throw new IllegalStateException("payments are not settled and audited after " + PATIENCE);
    }
  }

  private static boolean isSettled(Bank bank) {
    try {
      JsonNode account = bank.api().account(CUSTOMER.toString()).orElseThrow();
      return account.path("debitsPendingMinor").asText().equals("0");
    } catch (ApiException e) {
      throw new IllegalStateException(e);
    }
  }

  private static boolean isAudited(Bank bank, List<Bank> banks) {
    return sum(banks, any -> lagOf(any, bank.node())) == 0;
  }

  private static long lagOf(Bank witness, String ward) {
    try {
      return witness.api().peers().stream()
          .filter(peer -> peer.node().equals(ward))
          .mapToLong(peer -> Math.max(0, peer.lag()))
          .sum();
    } catch (ApiException e) {
      throw new IllegalStateException(e);
    }
  }

  private static long sum(List<Bank> banks, ToLongFunction<Bank> each) {
    return banks.stream().mapToLong(each).sum();
  }

  private static Map<String, Long> sizes(List<Bank> banks) throws ApiException {
    Map<String, Long> sizes = new LinkedHashMap<>();
    for (Bank bank : banks) {
      sizes.put(bank.node(), bank.api().status().size());
    }
    return sizes;
  }

  private static Map<Traffic.Kind, Traffic.Count> difference(
      Map<Traffic.Kind, Traffic.Count> later, Map<Traffic.Kind, Traffic.Count> earlier) {
    Map<Traffic.Kind, Traffic.Count> difference = new LinkedHashMap<>();
    later.forEach(
        (kind, count) ->
            difference.put(kind, count.minus(earlier.getOrDefault(kind, Traffic.Count.NONE))));
    return difference;
  }

  /** What the logs have grown by since they had these sizes, as application messages. */
  private PaperProtocol paper(Genesis genesis, List<Bank> banks, Map<String, Long> sizes) {
    long messages = 0;
    long payloadBytes = 0;
    long logBytes = 0;
    for (Bank bank : banks) {
      DownloadedLog log = download(genesis, bank);
      for (long index = sizes.getOrDefault(bank.node(), 0L); index < log.size(); index++) {
        Bytes entry = log.entry(index);
        logBytes += entry.size();
        if (entry(entry).body() instanceof SendEntry send) {
          messages++;
          payloadBytes += send.payload().size();
        }
      }
    }
    return new PaperProtocol(messages, payloadBytes, options.witnesses(), logBytes);
  }

  private static DownloadedLog download(Genesis genesis, Bank bank) {
    try {
      return DownloadedLog.fetch(
          path -> {
            try {
              return bank.api().bytes("/log/" + path).toArray();
            } catch (ApiException e) {
              throw new IllegalStateException(path + ": " + e.getMessage(), e);
            }
          },
          genesis,
          Optional.of(bank.node()));
    } catch (DownloadedLog.Mismatch e) {
      throw new IllegalStateException(e);
    }
  }

  private static Entry entry(Bytes encoded) {
    try {
      return Entry.decode(encoded);
    } catch (DecodeException e) {
      throw new IllegalStateException(e);
    }
  }
}
