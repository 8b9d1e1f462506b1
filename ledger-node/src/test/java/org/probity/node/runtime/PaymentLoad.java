package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
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
import org.probity.ledger.transaction.Operation;
import org.probity.ledger.transaction.References;
import org.probity.node.http.api.ApiClient;
import org.probity.node.http.api.ApiException;
import org.probity.node.http.api.SubmissionResult;

/**
 * A client that remembers every answer: single transfers, up to {@link #WINDOW} under way, some of
 * which the ledger declines. What was sent and not answered is kept, too.
 */
final class PaymentLoad {
  private static final int WINDOW = 24;
  private static final long VALID_MILLIS = 3_600_000;
  private static final int DECLINED_EVERY = 7;
  private static final AccountId PAYER = AccountId.named("payer");
  private static final AccountId PAYEE = AccountId.named("payee");
  private static final long ISSUED_MINOR = 1_000_000_000;

  private final TestConsortium consortium;
  private final Signer operator;
  private final ClientIds ids = ClientIds.random();
  private final Map<Bytes, Sent> unanswered = new LinkedHashMap<>();
  private final Map<Bytes, Acknowledged> acknowledged = new LinkedHashMap<>();
  private int sent;

  private record Sent(Bytes clientId, Bytes statement) {}

  /** An answer that the node has given. */
  record Acknowledged(Bytes clientId, Bytes statement, SubmissionResult result) {
    long index() {
      return result.index().orElseThrow();
    }
  }

  PaymentLoad(TestConsortium consortium) {
    this.consortium = consortium;
    this.operator = consortium.operator();
  }

  /** Opens the accounts and funds one. */
  void prepare(ApiClient client) throws ApiException {
    Signer issuer = consortium.issuer();
    AssetId asset =
        new AssetDefinition("CZK", 2, KeyPolicy.single(issuer.publicKey().toBytes()), 0).id();
    KeyPolicy owner = KeyPolicy.single(operator.publicKey().toBytes());
    for (AccountId account : List.of(PAYER, PAYEE)) {
      accept(
          client,
          sign(
              operator,
              new Operation.OpenAccount(
                  account, asset, owner, AccountFlags.DEBITS_MUST_NOT_EXCEED_CREDITS)));
    }
    accept(
        client,
        sign(issuer, new Operation.Issue(asset, PAYER, Amount.of(ISSUED_MINOR), References.NONE)));
  }

  private static void accept(ApiClient client, Sent sent) throws ApiException {
    SubmissionResult result = client.submit(sent.statement());
    assertTrue(result.accepted(), result::code);
  }

  private Sent sign(Signer signer, Operation operation) {
    Bytes clientId = ids.next(System.currentTimeMillis() + VALID_MILLIS);
    Bytes statement =
        new TransactionDraft(
                consortium.genesis.networkId(),
                TestConsortium.VICTIM,
                Submitter.key(signer.publicKey()))
            .add(operation)
            .sign(clientId, List.of(signer))
            .encoded();
    return new Sent(clientId, statement);
  }

  /** The next transfer, signed. */
  Bytes nextStatement() {
    return next().statement();
  }

  private synchronized Sent next() {
    sent++;
    long amount = sent % DECLINED_EVERY == 0 ? 2 * ISSUED_MINOR : 1;
    return sign(operator, new Operation.Transfer(PAYER, PAYEE, Amount.of(amount), References.NONE));
  }

  /** A load that is running. */
  final class Run {
    private final FutureTask<Void> end;
    private volatile boolean ending;

    /** On a thread of its own: the window blocks, and the HTTP client needs the common pool. */
    private Run(ApiClient client) {
      this.end =
          new FutureTask<>(() -> submitUntilTheEnd(client), null) {
            @Override
            protected void done() {
              signal();
            }
          };
      Thread thread = new Thread(end, "payment-load");
      thread.setDaemon(true);
      thread.start();
    }

    private void submitUntilTheEnd(ApiClient client) {
      Semaphore window = new Semaphore(WINDOW);
      while (!ending) {
        window.acquireUninterruptibly();
        Sent next = next();
        remember(next);
        @SuppressWarnings("unused")
        var unused =
            client
                .submitAsync(next.statement())
                .whenComplete(
                    (result, failure) -> {
                      ending |= failure != null && !isBusy(failure);
                      if (failure == null) {
                        answered(next, result);
                      }
                      window.release();
                    });
      }
      window.acquireUninterruptibly(WINDOW);
    }

    /** Waits until so many have been answered since the beginning of all. */
    void awaitAnswers(int total) throws InterruptedException {
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
      synchronized (PaymentLoad.this) {
        while (count() < total) {
          long millis = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
          assertTrue(!end.isDone() && millis > 0, "too few answers: " + count());
          PaymentLoad.this.wait(millis);
        }
      }
    }

    /** Whether every request has its answer or its failure; the node is gone or going. */
    void awaitEnd() throws Exception {
      end.get(60, TimeUnit.SECONDS);
    }
  }

  private static boolean isBusy(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    return cause instanceof ApiException problem && problem.isBusy();
  }

  /** Submits until the node does not answer any more. */
  Run start(ApiClient client) {
    return new Run(client);
  }

  private synchronized void remember(Sent next) {
    unanswered.put(next.clientId(), next);
  }

  private synchronized void signal() {
    notifyAll();
  }

  private synchronized void answered(Sent which, SubmissionResult result) {
    unanswered.remove(which.clientId());
    acknowledged.put(
        which.clientId(), new Acknowledged(which.clientId(), which.statement(), result));
    notifyAll();
  }

  synchronized int count() {
    return acknowledged.size();
  }

  synchronized List<Acknowledged> acknowledged() {
    return List.copyOf(acknowledged.values());
  }

  synchronized int unansweredCount() {
    return unanswered.size();
  }

  /** Sends again, byte for byte, what was never answered: executed once, now or before. */
  void repeatUnanswered(ApiClient client) throws ApiException {
    List<Sent> again;
    synchronized (this) {
      again = new ArrayList<>(unanswered.values());
    }
    if (again.isEmpty()) {
      return;
    }
    List<SubmissionResult> results = client.submitAll(again.stream().map(Sent::statement).toList());
    for (int i = 0; i < again.size(); i++) {
      assertTrue(results.get(i).index().isPresent(), results.get(i)::code);
      answered(again.get(i), results.get(i));
    }
  }

  /** Asks for the last so many again: the node must remember what it said. */
  void assertRemembered(ApiClient client, int last, String context) throws ApiException {
    List<Acknowledged> all = acknowledged();
    List<Acknowledged> some = all.subList(Math.max(0, all.size() - last), all.size());
    List<SubmissionResult> again =
        client.submitAll(some.stream().map(Acknowledged::statement).toList());
    Bytes submitter = operator.publicKey().toBytes();
    for (int i = 0; i < some.size(); i++) {
      Acknowledged first = some.get(i);
      assertEquals(first.result(), again.get(i), context);
      if (i % 50 == 0) {
        Optional<SubmissionResult> found = client.transaction(submitter, first.clientId());
        assertEquals(first.result().index(), found.orElseThrow().index(), context);
        assertEquals(first.result().outcome(), found.orElseThrow().outcome(), context);
      }
    }
  }
}
