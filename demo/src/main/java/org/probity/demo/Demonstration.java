package org.probity.demo;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;
import org.probity.ledger.client.OrderPlan;
import org.probity.ledger.client.PaymentOrder;
import org.probity.ledger.client.PaymentOrders;
import org.probity.node.cli.BlastRadiusReport;
import org.probity.node.cli.CliException;
import org.probity.node.cli.DownloadedLog;
import org.probity.node.cli.ExitStatus;
import org.probity.node.cli.NodeApi;
import org.probity.node.cli.NodeRunner;
import org.probity.node.cli.Terminal;
import org.probity.node.http.api.Polling;

/** One run, from founding the consortium to the verdict on it. */
final class Demonstration {
  private static final Duration NODE_START = Duration.ofMinutes(3);
  private static final Duration NODE_STOP = Duration.ofSeconds(15);
  private static final Duration CATCH_UP = Duration.ofSeconds(60);
  private static final Duration EXPOSURE = Duration.ofSeconds(90);
  private static final int MAX_ACCOUNTS_SHOWN = 8;

  private final DemoOptions options;
  private final Terminal terminal;
  private final Progress progress;

  Demonstration(DemoOptions options, Terminal terminal) {
    this.options = options;
    this.terminal = terminal;
    this.progress = new Progress(terminal);
  }

  /** Returns the exit code; the nodes are gone when it does. */
  int run() throws Exception {
    List<PaymentOrder> orders = orders();
    Consortium consortium = Consortium.found(options);
    Report report = new Report(options.folder(), consortium.genesisFile(), consortium.nodes());
    progress.step(
        "founded a consortium of " + consortium.banks().size() + " banks in " + options.folder());
    try {
      start(consortium);
      new PaymentRun(consortium, progress).run(orders, report);
      Culprit culprit = Culprit.of(options, consortium);
      SortedMap<String, NodeApi> correct = new TreeMap<>();
      for (Bank bank : consortium.banks()) {
        if (!culprit.all().contains(bank.node())) {
          correct.put(bank.node(), bank.api());
        }
      }
      Detection detection = detect(consortium, correct, culprit, orders, report);
      new Replicas(consortium).await(CATCH_UP, correct);
      conclude(consortium, correct, culprit, detection, report);
      if (culprit.relent()) {
        reconcile(consortium, correct, culprit, detection, report);
      }
      recompute(consortium, culprit, correct, orders, report);
      new Aftermath(options, consortium, culprit, correct, progress).tell(report);
      return end(report);
    } finally {
      stop(consortium);
    }
  }

  private List<PaymentOrder> orders() throws IOException {
    if (options.orders().isPresent()) {
      List<PaymentOrder> orders = PaymentOrders.read(options.orders().get());
      progress.step(grouped(orders.size()) + " orders from " + options.orders().get());
      return orders;
    }
    progress.step(
        grouped(options.orderCount())
            + " made-up orders, seed "
            + options.seed()
            + " (--orders FILE takes real ones)");
    return PaymentOrders.generate(options.seed(), options.orderCount());
  }

  private void start(Consortium consortium) throws Exception {
    Culprit culprit = Culprit.of(options, consortium);
    for (Bank bank : consortium.banks()) {
      culprit.launch(bank, options.fault());
    }
    for (Bank bank : consortium.banks()) {
      bank.awaitReady(NODE_START, consortium.trust());
      progress.update(bank.node() + " is ready at " + bank.api().base());
    }
    progress.step(
        consortium.banks().size()
            + " node processes run: "
            + String.join(
                ", ",
                consortium.banks().stream()
                    .map(bank -> bank.node() + " (pid " + bank.process().pid() + ")")
                    .toList()));
  }

  // Cheating and being found out

  /** Returns whoever was asked, to be asked again when all audits are through. */
  private Detection detect(
      Consortium consortium,
      SortedMap<String, NodeApi> correct,
      Culprit culprit,
      List<PaymentOrder> orders,
      Report report)
      throws Exception {
    report.fault(options.fault(), culprit.node().orElse(null));
    if (culprit.node().isEmpty()) {
      report.exposure(OptionalDouble.empty());
      return new Detection(correct);
    }
    String node = culprit.node().get();
    AuditOrder order = new AuditOrder(consortium, correct, progress);
    order.awaitModels(node);
    progress.chapter("The fault");
    progress.step(
        node
            + " cheats: "
            + options.fault().description()
            + culprit.accomplice().map(ward -> "; that ward is " + ward).orElse(""));
    culprit.prepare();
    Detection started = new Detection(correct);
    culprit.misbehave(orders, progress);
    culprit.complaints().forEach(report::complain);
    OptionalDouble slowest = OptionalDouble.empty();
    if (options.fault().expectedVerdict().isPresent()) {
      String verdict = options.fault().expectedVerdict().get();
      for (String accused : culprit.all()) {
        OptionalDouble seconds = awaitVerdict(started, verdict, accused, report);
        if (seconds.isPresent()) {
          slowest = OptionalDouble.of(Math.max(slowest.orElse(0), seconds.getAsDouble()));
        }
      }
    }
    report.exposure(slowest);
    order.tell(options.fault(), node, culprit.all(), report);
    return started;
  }

  /** How long until the last correct node said so; empty if not all have. */
  private OptionalDouble awaitVerdict(
      Detection started, String verdict, String accused, Report report)
      throws InterruptedException {
    boolean unanimous =
        Polling.LOCAL.await(
            EXPOSURE,
            () -> {
              started.poll().forEach(this::show);
              return started.isUnanimous(verdict, accused);
            });
    if (!unanimous) {
      report.complain(
          "only "
              + started.accusers(verdict, accused).keySet()
              + " say "
              + verdict
              + " of "
              + accused);
      return OptionalDouble.empty();
    }
    return started.accusers(verdict, accused).values().stream()
        .mapToDouble(seconds -> seconds)
        .max();
  }

  /** An audit under way may still accuse somebody, so the verdicts count when all are through. */
  private void conclude(
      Consortium consortium,
      SortedMap<String, NodeApi> correct,
      Culprit culprit,
      Detection detection,
      Report report)
      throws InterruptedException {
    progress.chapter("Checked by somebody who believes no bank");
    SortedMap<String, List<String>> behind =
        new Audits(correct, witnesses(consortium)).await(CATCH_UP, Replicas::ownSize);
    if (!behind.isEmpty()) {
      report.complain("logs of correct nodes that their witnesses have not audited: " + behind);
    }
    detection.poll().forEach(this::show);
    NavigableSet<String> falselyAccused = detection.falselyAccused(culprit.all());
    report.verdicts(detection, falselyAccused);
    if (!falselyAccused.isEmpty()) {
      report.complain("accused without reason: " + falselyAccused);
    }
    if (behind.isEmpty()) {
      progress.step(
          "the correct nodes have audited each other's logs to the end and accuse "
              + (falselyAccused.isEmpty() ? "none of each other" : falselyAccused));
    }
  }

  private static SortedMap<String, List<String>> witnesses(Consortium consortium) {
    SortedMap<String, List<String>> witnesses = new TreeMap<>();
    consortium.nodes().forEach(ward -> witnesses.put(ward, consortium.witnessesOf(ward)));
    return witnesses;
  }

  /** The culprit has answered after all: nobody has a reason to suspect it any more. */
  private void reconcile(
      Consortium consortium,
      SortedMap<String, NodeApi> correct,
      Culprit culprit,
      Detection detection,
      Report report)
      throws Exception {
    String node = culprit.node().orElseThrow();
    progress.step(node + " answers at last");
    double startSeconds = progress.seconds();
    if (Polling.LOCAL.await(EXPOSURE, () -> detection.isTrustedNow(node))) {
      progress.step(
          "every correct node trusts "
              + node
              + " again, "
              + Progress.seconds(progress.seconds() - startSeconds)
              + " later");
    } else {
      report.complain(node + " has answered, and is still not trusted");
    }
    SortedMap<String, NodeApi> all = new TreeMap<>(correct);
    all.put(node, consortium.bank(node).api());
    new Replicas(consortium).await(CATCH_UP, all);
  }

  private void show(Detection.News news) {
    progress.step(
        news.judge()
            + " holds "
            + news.accused()
            + " "
            + news.verdict()
            + ", "
            + Progress.seconds(news.seconds())
            + " after the fact: "
            + news.reason());
  }

  // Checking by somebody who believes nobody

  private void recompute(
      Consortium consortium,
      Culprit culprit,
      SortedMap<String, NodeApi> believed,
      List<PaymentOrder> orders,
      Report report)
      throws Exception {
    List<EvidenceCheck.Checked> evidence = verifyEvidence(consortium, culprit, believed, report);
    report.evidence(evidence);
    WitnessedBooks.Result books;
    try {
      books = new WitnessedBooks(consortium.genesis()).recompute(believed, consortium.asset().id());
    } catch (DownloadedLog.Mismatch e) {
      throw new CliException(ExitStatus.FAULT, e.code(), String.valueOf(e.getMessage()), e);
    }
    for (WitnessedBooks.Audited log : books.logs()) {
      progress.step(
          log.node()
              + "'s log as "
              + log.witness()
              + " holds it: "
              + grouped(log.size())
              + " entries, "
              + log.fault()
                  .map(
                      fault ->
                          "clean up to entry "
                              + grouped(log.entriesAudited())
                              + ", then "
                              + fault.violation().code())
                  .orElse("all replayed, clean"));
    }
    report.conservation(books.sums());
    judgeSums(books, culprit, new OrderPlan(orders, consortium.nodes()), report);
    Optional<BlastRadiusReport> reach = Reach.of(consortium, books.byNode(), evidence);
    if (reach.isPresent()) {
      List<String> summary = reach.get().summary(MAX_ACCOUNTS_SHOWN);
      progress.step("blast radius: " + summary.get(0));
      summary.stream().skip(1).forEach(progress::detail);
      report.reached(reach.get().json());
    }
  }

  private void judgeSums(
      WitnessedBooks.Result books, Culprit culprit, OrderPlan plan, Report report) {
    BigInteger issued = BigInteger.valueOf(plan.totalMinor());
    BigInteger madeUp =
        culprit
            .theft()
            .map(theft -> BigInteger.valueOf(theft.amountMinor()))
            .orElse(BigInteger.ZERO);
    BigInteger stolen =
        culprit
            .theft()
            .map(theft -> theft.taken(books.state(theft.node()), plan.orders()))
            .orElse(BigInteger.ZERO);
    BigInteger loss = books.sums().lossMinor();
    // Each culprit sees to it that its receiver is not warned in time: what arrives is no race.
    if (!stolen.equals(madeUp)) {
      report.complain("of " + madeUp + " made up, " + stolen + " arrived");
    }
    if (!books.sums().issuedMinor().equals(issued)) {
      report.complain("issued " + books.sums().issuedMinor() + " instead of " + issued);
    }
    if (!books.sums().holds()) {
      report.complain("issued is not balances + in flight - loss: " + books.sums());
    }
    // The sums agree by the definition of their terms; what they say is in the loss.
    if (!loss.equals(stolen)) {
      report.complain("a loss of " + loss + ", where " + stolen + " was stolen");
    }
    for (WitnessedBooks.Audited log : books.logs()) {
      if (log.fault().isPresent() && !culprit.all().contains(log.node())) {
        report.complain("the log of " + log.node() + " breaks the rules");
      }
    }
    progress.step(
        "sums over all banks, from the witnesses' copies: issued "
            + grouped(books.sums().issuedMinor())
            + " = balances "
            + grouped(books.sums().balancesMinor())
            + " + in flight "
            + grouped(books.sums().inFlightMinor())
            + " - loss "
            + grouped(loss)
            + "; the loss is "
            + meaning(loss, stolen));
  }

  private static String meaning(BigInteger loss, BigInteger stolen) {
    if (!loss.equals(stolen)) {
      return "NOT the " + grouped(stolen) + " that were stolen";
    }
    return loss.signum() == 0 ? "nothing, nobody holds stolen money" : "exactly what was stolen";
  }

  private List<EvidenceCheck.Checked> verifyEvidence(
      Consortium consortium, Culprit culprit, Map<String, NodeApi> believed, Report report)
      throws Exception {
    SortedMap<String, byte[]> files = new TreeMap<>();
    for (NodeApi api : believed.values()) {
      for (var held : api.getJson("/v1/evidence")) {
        String faultId = held.path("faultId").asText();
        if (!files.containsKey(faultId)) {
          files.put(faultId, api.get("/v1/evidence/" + faultId));
        }
      }
    }
    List<EvidenceCheck.Checked> checked = new ArrayList<>();
    Path folder = options.folder().resolve("evidence");
    for (Map.Entry<String, byte[]> entry : files.entrySet()) {
      Files.createDirectories(folder);
      Path file = folder.resolve(entry.getKey() + ".evidence");
      Files.write(file, entry.getValue());
      EvidenceCheck.Checked result =
          EvidenceCheck.check(file, consortium.genesisFile(), consortium.genesis());
      checked.add(result);
      progress.step(
          "evidence "
              + file
              + " ("
              + grouped(result.bytes())
              + " bytes), verified by a fresh process: "
              + result.verdict());
      boolean names = culprit.all().contains(result.verdict().path("node").asText());
      if (!result.isProven() || !names) {
        report.complain("evidence that does not prove the culprit's fault: " + file);
      }
    }
    options
        .fault()
        .expectedEvidence()
        .ifPresent(
            kind -> {
              if (checked.stream()
                  .noneMatch(one -> one.verdict().path("kind").asText().equals(kind))) {
                report.complain("no evidence of kind " + kind);
              }
            });
    return checked;
  }

  // Ending

  private int end(Report report) {
    report.complaints().forEach(complaint -> progress.step("NOT AS EXPECTED: " + complaint));
    terminal.result(report.json());
    if (options.keep()) {
      progress.step("the nodes keep running; Ctrl-C or SIGTERM ends them");
      NodeRunner.runForEver();
    }
    return report.complaints().isEmpty() ? 0 : ExitStatus.FAULT.code();
  }

  private static void stop(Consortium consortium) {
    consortium.banks().forEach(Bank::requestStop);
    consortium.banks().forEach(bank -> bank.awaitStop(NODE_STOP));
  }

  private static String grouped(long number) {
    return Customers.grouped(number);
  }

  private static String grouped(BigInteger number) {
    return String.format(Locale.ROOT, "%,d", number);
  }
}
