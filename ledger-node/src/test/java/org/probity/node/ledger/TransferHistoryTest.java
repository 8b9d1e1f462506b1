package org.probity.node.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.Signer;
import org.probity.detector.log.Entry;
import org.probity.detector.log.EntryBody;
import org.probity.detector.log.LogReader;
import org.probity.detector.log.TickEntry;
import org.probity.detector.log.TransactionEntry;
import org.probity.detector.node.TestNetwork;
import org.probity.detector.program.Transaction;
import org.probity.detector.program.TransactionOutcome;
import org.probity.ledger.client.Submitter;
import org.probity.ledger.client.TransactionDraft;
import org.probity.ledger.transaction.AccountId;
import org.probity.ledger.transaction.Amount;
import org.probity.ledger.transaction.Operation;
import org.probity.ledger.transaction.Outcome;
import org.probity.ledger.transaction.References;
import org.probity.ledger.transaction.ResultCode;
import org.probity.node.http.LedgerQueries;
import org.probity.node.http.ProblemException;
import org.probity.node.store.LmdbIndex;

/** An account's transfers come from an index that a restart, damage or another log cannot fool. */
class TransferHistoryTest {
  private static final long MAP_BYTES = 16 << 20;
  private static final Signer CLIENT = TestNetwork.signer("client");
  private static final Hash NETWORK = Hash.sha256(new byte[] {1});

  @TempDir Path directory;

  /** A log in memory that counts what is read of it. */
  private static final class CountedLog implements LogReader {
    private final List<Entry> entries = new ArrayList<>();
    private int reads;

    void add(EntryBody body) {
      Hash prev = entries.isEmpty() ? NETWORK : entries.get(entries.size() - 1).leafHash();
      entries.add(Entry.of(entries.size(), prev, body));
    }

    @Override
    public long size() {
      return entries.size();
    }

    @Override
    public Bytes entry(long index) {
      reads++;
      return entries.get((int) index).bytes();
    }

    @Override
    public Hash node(int level, long index) {
      assertEquals(0, level);
      return entries.get((int) index).leafHash();
    }
  }

  private static AccountId account(int number) {
    return AccountId.named("account " + number);
  }

  private static TransactionEntry transfers(int id, Outcome outcome, int... payersAndPayees) {
    TransactionDraft draft = new TransactionDraft(NETWORK, "a", Submitter.key(CLIENT.publicKey()));
    for (int i = 0; i < payersAndPayees.length; i += 2) {
      draft.add(
          new Operation.Transfer(
              account(payersAndPayees[i]),
              account(payersAndPayees[i + 1]),
              Amount.of(id + 1),
              References.NONE));
    }
    Bytes clientId = Transaction.clientId(TestNetwork.FOUNDED_MILLIS, id);
    return new TransactionEntry(
        draft.sign(clientId, List.of(CLIENT)).encoded(),
        TransactionOutcome.executed(outcome.encode()).encode());
  }

  private static TransactionEntry accepted(int id, int... payersAndPayees) {
    return transfers(id, new Outcome.Accepted(List.of()), payersAndPayees);
  }

  private LmdbIndex open() {
    return LmdbIndex.open(directory, MAP_BYTES);
  }

  private static List<Long> all(TransferHistory history, int number, int limit) {
    List<Long> found = new ArrayList<>();
    Optional<String> cursor = Optional.empty();
    do {
      LedgerQueries.Page page = history.page(account(number), cursor, limit);
      assertTrue(page.items().size() <= limit);
      page.items().forEach(item -> found.add(item.get("index").asLong()));
      cursor = page.next();
    } while (cursor.isPresent());
    return found;
  }

  /** Against a plain map, in any number of steps, restarts and page sizes. */
  @Test
  void findsWhatNamesAnAccountAcrossRestarts() {
    Random random = new Random(7);
    CountedLog log = new CountedLog();
    TreeMap<Integer, List<Long>> expected = new TreeMap<>();
    for (int round = 0; round < 6; round++) {
      try (LmdbIndex index = open()) {
        TransferHistory history = new TransferHistory(log, index);
        for (int step = 0; step < 40; step++) {
          int payer = random.nextInt(5);
          int payee = 5 + random.nextInt(5);
          boolean succeeds = random.nextInt(4) > 0;
          if (succeeds) {
            expected.computeIfAbsent(payer, id -> new ArrayList<>()).add(log.size());
            expected.computeIfAbsent(payee, id -> new ArrayList<>()).add(log.size());
          }
          log.add(
              transfers(
                  step,
                  succeeds
                      ? new Outcome.Accepted(List.of())
                      : new Outcome.Failed(0, ResultCode.INSUFFICIENT_FUNDS),
                  payer,
                  payee));
          log.add(new TickEntry(step));
          if (random.nextInt(3) == 0) {
            history.indexTo(log.size());
          }
        }
        log.reads = 0;
        history.indexTo(log.size());
        assertTrue(log.reads < 40, "only the tail is read, not " + log.reads);
        for (int number = 0; number < 10; number++) {
          for (int limit : new int[] {1, 7, 1000}) {
            assertEquals(expected.getOrDefault(number, List.of()), all(history, number, limit));
          }
        }
        assertEquals(List.of(), all(history, 77, 10));
      }
    }
  }

  @Test
  void anAccountNamedTwiceInATransactionIsOnePlace() {
    CountedLog log = new CountedLog();
    log.add(accepted(1, 0, 1, 0, 2));
    try (LmdbIndex index = open()) {
      TransferHistory history = new TransferHistory(log, index);
      history.indexTo(1);
      assertEquals(2, history.page(account(0), Optional.empty(), 10).items().size());
      assertEquals(List.of(0L), index.find(account(0).value(), 0, 10));
    }
  }

  /** A node that goes on from a backup has another tail than its index. */
  @Test
  void anIndexOfAnotherLogIsBuiltAgain() {
    CountedLog log = new CountedLog();
    log.add(accepted(1, 0, 1));
    log.add(accepted(2, 0, 2));
    try (LmdbIndex index = open()) {
      new TransferHistory(log, index).indexTo(2);
    }
    CountedLog other = new CountedLog();
    other.add(accepted(3, 3, 4));
    other.add(accepted(4, 3, 0));
    other.add(accepted(5, 0, 3));
    try (LmdbIndex index = open()) {
      TransferHistory history = new TransferHistory(other, index);
      history.indexTo(3);
      assertEquals(List.of(1L, 2L), all(history, 0, 10));
      assertEquals(List.of(), all(history, 2, 10));
    }
    CountedLog shorter = new CountedLog();
    shorter.add(accepted(3, 3, 4));
    try (LmdbIndex index = open()) {
      TransferHistory history = new TransferHistory(shorter, index);
      history.indexTo(1);
      assertEquals(List.of(), all(history, 0, 10));
      assertEquals(List.of(0L), all(history, 3, 10));
    }
  }

  @Test
  void damageIsNoAnswerUntilItIsBuiltAgain() throws Exception {
    CountedLog log = new CountedLog();
    log.add(accepted(1, 0, 1));
    log.add(accepted(2, 0, 2));
    try (LmdbIndex index = open()) {
      new TransferHistory(log, index).indexTo(2);
    }
    byte[] place = ByteBuffer.allocate(24).put(account(0).value().toArray()).putLong(1).array();
    flipLastBit(directory.resolve("data.mdb"), place);

    try (LmdbIndex index = open()) {
      TransferHistory history = new TransferHistory(log, index);
      assertEquals("index_unavailable", refusal(history), "before anything is known of it");
      history.indexTo(2);
      assertEquals("index_unavailable", refusal(history));
      history.indexTo(2);
      assertEquals(List.of(0L, 1L), all(history, 0, 10));
    }
  }

  private static String refusal(TransferHistory history) {
    return assertThrows(ProblemException.class, () -> all(history, 0, 10)).problem().code();
  }

  private static void flipLastBit(Path file, byte[] pattern) throws Exception {
    byte[] content = Files.readAllBytes(file);
    int found = 0;
    for (int at = 0; at + pattern.length <= content.length; at++) {
      if (ByteBuffer.wrap(content, at, pattern.length).equals(ByteBuffer.wrap(pattern))) {
        content[at + pattern.length - 1] ^= 0x40;
        found++;
      }
    }
    assertTrue(found > 0);
    Files.write(file, content);
  }

  /** A full map costs this answer and nothing else. */
  @Test
  void aFullMapStopsTheIndexAndSaysSo() {
    CountedLog log = new CountedLog();
    for (int i = 0; i < 3_000; i++) {
      log.add(accepted(i, i, i + 1));
    }
    try (LmdbIndex index = LmdbIndex.open(directory, 128 << 10)) {
      TransferHistory history = new TransferHistory(log, index);
      history.indexTo(log.size());
      assertTrue(history.failure().orElseThrow().contains("is full"));
      assertEquals("index_unavailable", refusal(history));
      history.indexTo(log.size());
    }
  }
}
