package org.probity.demo;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.probity.ledger.client.OrderPlan;
import org.probity.ledger.client.PaymentOrder;
import org.probity.ledger.transaction.KeyPolicy;
import org.probity.node.cli.CliException;
import org.probity.node.cli.ExitStatus;
import org.probity.node.http.api.Polling;

/** Opens all accounts, issues the money, and settles the orders between the banks. */
final class PaymentRun {
  private static final Duration SETTLEMENT = Duration.ofMinutes(5);

  private final Consortium consortium;
  private final Progress progress;

  PaymentRun(Consortium consortium, Progress progress) {
    this.consortium = consortium;
    this.progress = progress;
  }

  void run(List<PaymentOrder> orders, Report report) throws Exception {
    OrderPlan plan = new OrderPlan(orders, consortium.nodes());
    Payments payments = new Payments(consortium.genesis().networkId());
    Payments.Tally openings = new Payments.Tally();
    Payments.Tally tally = new Payments.Tally();
    List<Interbank> channels = new ArrayList<>();
    for (Bank bank : consortium.banks()) {
      channels.add(new Interbank(bank, new LogFollower(bank.api())));
    }
    forEachBank(
        bank -> {
          KeyPolicy owner = KeyPolicy.single(bank.operatorKey().toBytes());
          payments.submit(
              bank,
              plan.openings(bank.node(), consortium.asset().id(), owner),
              bank.operator(),
              openings);
          payments.submit(
              bank,
              plan.issues(bank.node(), consortium.asset().id(), 1),
              consortium.issuer(),
              openings);
        });
    if (!openings.rejected().isEmpty()) {
      report.complain("accounts were refused: " + openings.rejected());
    }
    progress.step(
        "accounts are open on all nodes and every payer was issued the sum of its orders, "
            + Customers.grouped(plan.totalMinor())
            + " minor units in all");
    double startSeconds = progress.seconds();
    Future<?> submissions =
        inBackground(
            () -> {
              forEachBank(
                  bank ->
                      payments.submit(bank, plan.payments(bank.node(), 0), bank.operator(), tally));
              return null;
            });
    awaitSettled(submissions, channels, tally, plan);
    channels.forEach(channel -> channel.log.close());
    long accepted = tally.accepted();
    long interbank = channels.stream().mapToLong(channel -> channel.log.settled()).sum();
    long returned = channels.stream().mapToLong(channel -> channel.log.returned()).sum();
    long settled = accepted - plan.interbankCount() + interbank;
    SortedMap<String, Long> rejected = tally.rejected();
    if (returned > 0) {
      rejected.merge("returned", returned, Long::sum);
    }
    report.transfers(tally.submitted(), accepted, settled, rejected);
    if (settled != orders.size()) {
      report.complain("settled " + settled + " of " + orders.size() + ": " + rejected);
    }
    progress.step(
        Customers.grouped(settled)
            + " payments settled, "
            + Customers.grouped(plan.interbankCount())
            + " of them between banks, in "
            + Progress.seconds(progress.seconds() - startSeconds));
  }

  private record Interbank(Bank bank, LogFollower log) {}

  private void awaitSettled(
      Future<?> submissions, List<Interbank> channels, Payments.Tally tally, OrderPlan plan)
      throws Exception {
    boolean over =
        Polling.LOCAL.await(SETTLEMENT, () -> isSettled(submissions, channels, tally, plan));
    if (!over) {
      throw new CliException(
          ExitStatus.ERROR,
          "timeout",
          "not all payments were settled within " + SETTLEMENT.toSeconds() + " s");
    }
    submissions.get();
  }

  /** Also when there is no more to come, because something was rejected. */
  private boolean isSettled(
      Future<?> submissions, List<Interbank> channels, Payments.Tally tally, OrderPlan plan) {
    boolean submitted = submissions.isDone();
    channels.forEach(channel -> channel.log.follow());
    long answered =
        channels.stream()
            .mapToLong(channel -> channel.log.settled() + channel.log.returned())
            .sum();
    progress.update(
        "recorded "
            + Customers.grouped(tally.accepted())
            + " of "
            + Customers.grouped(plan.orders().size())
            + ", settled between banks "
            + Customers.grouped(answered)
            + " of "
            + Customers.grouped(plan.interbankCount())
            + ", log entries "
            + Customers.grouped(channels.stream().mapToLong(channel -> channel.log.size()).sum()));
    return submitted && (answered >= plan.interbankCount() || !tally.rejected().isEmpty());
  }

  private interface BankTask {
    void run(Bank bank) throws Exception;
  }

  private void forEachBank(BankTask task) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(consortium.banks().size());
    try {
      List<Callable<Void>> tasks = new ArrayList<>();
      for (Bank bank : consortium.banks()) {
        tasks.add(
            () -> {
              task.run(bank);
              return null;
            });
      }
      for (Future<Void> done : threads.invokeAll(tasks)) {
        done.get();
      }
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    } finally {
      threads.shutdownNow();
    }
  }

  private static Future<?> inBackground(Callable<?> task) {
    ExecutorService thread =
        Executors.newSingleThreadExecutor(
            runnable -> {
              Thread daemon = new Thread(runnable, "submissions");
              daemon.setDaemon(true);
              return daemon;
            });
    Future<?> future = thread.submit(task);
    thread.shutdown();
    return future;
  }
}
