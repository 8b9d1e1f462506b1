package org.probity.demo.breaking;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Signer;
import org.probity.ledger.client.ClientIds;
import org.probity.ledger.client.Submitter;
import org.probity.ledger.client.TransactionDraft;
import org.probity.ledger.transaction.AccountFlags;
import org.probity.ledger.transaction.AccountId;
import org.probity.ledger.transaction.Amount;
import org.probity.ledger.transaction.AssetDefinition;
import org.probity.ledger.transaction.AssetId;
import org.probity.ledger.transaction.KeyPolicy;
import org.probity.ledger.transaction.LedgerParameters;
import org.probity.ledger.transaction.Operation;
import org.probity.ledger.transaction.References;
import org.probity.node.http.api.ApiClient;
import org.probity.node.http.api.ApiException;
import org.probity.node.http.api.SubmissionResult;

/**
 * Who pays, within a bank and between banks, and keeps every answer, every receipt it asked for and
 * every checkpoint it was shown: the witness of what was acknowledged that no node can talk out of
 * it.
 */
final class Customer {
  static final long ISSUED_MINOR = 1_000_000_000_000L;

  private static final int RECEIPT_EVERY = 10;
  private static final long VALID_MILLIS = 3_600_000;
  private static final Duration ANSWERS = Duration.ofMinutes(2);
  private static final AccountId PAYER = AccountId.named("payer");
  private static final AccountId PAYEE = AccountId.named("payee");

  private final Banks banks;
  private final Shown shown;
  private final AssetId asset;
  private final ClientIds ids = ClientIds.random();
  private final Map<Bytes, Sent> unanswered = new LinkedHashMap<>();
  private final List<Acknowledged> acknowledged = new ArrayList<>();

  private record Sent(String node, Bytes clientId, Bytes statement) {}

  /** An answer: this statement stands at this index of the node's log. */
  record Acknowledged(String node, Bytes statement, long index) {}

  Customer(Banks banks, Shown shown) throws Exception {
    this.banks = banks;
    this.shown = shown;
    List<AssetDefinition> assets =
        LedgerParameters.decode(banks.genesis().programParameters()).assets();
    this.asset = assets.get(0).id();
  }

  AssetId asset() {
    return asset;
  }

  /** What was issued in all. */
  long issuedMinor() {
    return ISSUED_MINOR * banks.nodes().size();
  }

  /** Opens a payer and a payee at every bank and funds the payer. */
  void prepare() throws ApiException {
    Signer issuer = banks.issuer();
    for (String node : banks.nodes()) {
      Signer operator = banks.operator(node);
      KeyPolicy owner = KeyPolicy.single(operator.publicKey().toBytes());
      int flags = AccountFlags.DEBITS_MUST_NOT_EXCEED_CREDITS;
      for (AccountId account : List.of(PAYER, PAYEE)) {
        submit(sign(node, operator, new Operation.OpenAccount(account, asset, owner, flags)));
      }
      submit(
          sign(
              node,
              issuer,
              new Operation.Issue(asset, PAYER, Amount.of(ISSUED_MINOR), References.NONE)));
    }
  }

  /** Money that {@link #issuedMinor} does not know of; the index of its entry. */
  long issueMore(String node) throws ApiException {
    Amount amount = Amount.of(1);
    return submit(
        sign(node, banks.issuer(), new Operation.Issue(asset, PAYER, amount, References.NONE)));
  }

  private long submit(Sent sent) throws ApiException {
    SubmissionResult result = banks.api(sent.node()).client().submit(sent.statement());
    if (!result.accepted()) {
      throw new AssertionError(result.code());
    }
    answered(sent, result);
    return result.index().orElseThrow();
  }

  private Sent sign(String node, Signer signer, Operation operation) {
    Bytes clientId = ids.next(System.currentTimeMillis() + VALID_MILLIS);
    TransactionDraft draft =
        new TransactionDraft(banks.genesis().networkId(), node, Submitter.key(signer.publicKey()));
    return new Sent(node, clientId, draft.add(operation).sign(clientId, List.of(signer)).encoded());
  }

  private synchronized void sent(Sent sent) {
    unanswered.put(sent.clientId(), sent);
  }

  private synchronized void answered(Sent sent, SubmissionResult result) {
    unanswered.remove(sent.clientId());
    result
        .index()
        .ifPresent(index -> remember(new Acknowledged(sent.node(), sent.statement(), index)));
  }

  synchronized void remember(Acknowledged answer) {
    acknowledged.add(answer);
  }

  /** Everything acknowledged that has not been taken yet. */
  synchronized List<Acknowledged> takeAcknowledged() {
    List<Acknowledged> taken = List.copyOf(acknowledged);
    acknowledged.clear();
    return taken;
  }

  /**
   * Pays on a bank until it is told to end or the bank is gone.
   *
   * @param window payments under way at once
   */
  Load pay(String node, int window, Random random) {
    return new Load(node, window, random.nextLong());
  }

  /** Payments under way on one bank, and a look at its newest checkpoint every now and then. */
  final class Load {
    private final String node;
    private final int window;
    private final ApiClient client;
    private final Signer operator;
    private final Random random;
    private final List<String> others;
    private final AtomicInteger answers = new AtomicInteger();
    private final ConcurrentLinkedQueue<Long> toProve = new ConcurrentLinkedQueue<>();
    private final Thread paying;
    private final Thread watching;
    private volatile boolean ending;

    private Load(String node, int window, long seed) {
      this.node = node;
      this.window = window;
      this.client = banks.api(node).client();
      this.operator = banks.operator(node);
      this.random = new Random(seed);
      this.others = banks.others(node);
      this.paying = thread(this::submitUntilTheEnd, "payments at " + node);
      this.watching = thread(this::watchUntilTheEnd, "checkpoints of " + node);
    }

    private static Thread thread(Runnable task, String name) {
      Thread thread = new Thread(task, name);
      thread.setDaemon(true);
      thread.start();
      return thread;
    }

    private void submitUntilTheEnd() {
      Semaphore free = new Semaphore(window);
      while (!ending) {
        free.acquireUninterruptibly();
        Sent next = sign(node, operator, payment());
        sent(next);
        @SuppressWarnings("unused")
        var unused =
            client
                .submitAsync(next.statement())
                .whenComplete(
                    (result, failure) -> {
                      if (failure == null) {
                        answered(next, result);
                        proveSome(result);
                      } else if (!isBusy(failure)) {
                        ending = true;
                      }
                      free.release();
                    });
      }
      free.acquireUninterruptibly(window);
    }

    private Operation payment() {
      Amount amount = Amount.of(1 + random.nextInt(100));
      return random.nextInt(3) > 0
          ? new Operation.Transfer(PAYER, PAYEE, amount, References.NONE)
          : new Operation.Remit(
              PAYER, others.get(random.nextInt(others.size())), PAYEE, amount, References.NONE);
    }

    private void proveSome(SubmissionResult result) {
      if (answers.incrementAndGet() % RECEIPT_EVERY == 0) {
        result.index().ifPresent(toProve::add);
      }
    }

    /** Each receipt brings a checkpoint, too. */
    private void watchUntilTheEnd() {
      try {
        while (!ending || !toProve.isEmpty()) {
          shown.note(client.checkpoint());
          Long index = toProve.poll();
          if (index == null) {
            Thread.sleep(10);
          } else {
            shown.receipt(node, index, client.receipt(index));
          }
        }
      } catch (ApiException e) {
        ending |= !e.isBusy();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    /** Whether so many came before the bank was gone. */
    boolean awaitAnswers(int wanted) throws Exception {
      Banks.await(ANSWERS, () -> answers.get() >= wanted || ending);
      return answers.get() >= wanted;
    }

    int answers() {
      return answers.get();
    }

    /** Ends it and waits for what is under way. */
    int end() throws InterruptedException {
      ending = true;
      paying.join(ANSWERS.toMillis());
      watching.join(ANSWERS.toMillis());
      return answers.get();
    }
  }

  private static boolean isBusy(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    return cause instanceof ApiException problem && problem.isBusy();
  }

  /** Sends again, byte for byte, what was never answered: recorded once, now or before. */
  void repeatUnanswered(String node) throws ApiException {
    List<Sent> again;
    synchronized (this) {
      again = unanswered.values().stream().filter(sent -> sent.node().equals(node)).toList();
    }
    if (again.isEmpty()) {
      return;
    }
    List<SubmissionResult> results =
        banks.api(node).client().submitAll(again.stream().map(Sent::statement).toList());
    for (int i = 0; i < again.size(); i++) {
      answered(again.get(i), results.get(i));
    }
  }
}
