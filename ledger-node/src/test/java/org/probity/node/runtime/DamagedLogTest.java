package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.codec.Bytes;
import org.probity.ledger.transaction.AccountFlags;
import org.probity.ledger.transaction.AccountId;
import org.probity.ledger.transaction.KeyPolicy;
import org.probity.ledger.transaction.Operation;
import org.probity.node.http.NodeHealth;
import org.probity.node.http.ProblemException;
import org.probity.node.http.SubmissionReply;
import org.probity.node.http.api.ApiClient;
import org.probity.node.http.api.ApiException;
import org.probity.node.store.StoreException;

/**
 * A flipped bit in the own log (faults.md "Crash and storage"): found when it is read, told to
 * whoever asked, seen by the operator, and never signed over. An old entry that is damaged stops
 * nothing.
 */
@Timeout(120)
class DamagedLogTest {
  private static final String NODE = "a";

  @TempDir Path directory;

  private Operation opening(TestBanks banks, int number) {
    return new Operation.OpenAccount(
        AccountId.named("account/" + number),
        banks.crowns.id(),
        KeyPolicy.single(banks.bankKey.publicKey().toBytes()),
        AccountFlags.NONE);
  }

  private static List<SubmissionReply> submit(TestBanks banks, List<Bytes> statements)
      throws Exception {
    return banks
        .node(NODE)
        .facade()
        .submit(statements)
        .toCompletionStage()
        .toCompletableFuture()
        .get(20, TimeUnit.SECONDS);
  }

  /** Flips a bit of the statement wherever the file has it: LMDB leaves old copies of pages. */
  private static void damage(Path file, Bytes statement) throws IOException {
    byte[] pattern = statement.toArray();
    byte[] content = Files.readAllBytes(file);
    int found = 0;
    for (int at = 0; at + pattern.length <= content.length; at++) {
      if (content[at] == pattern[0]
          && ByteBuffer.wrap(content, at, pattern.length).equals(ByteBuffer.wrap(pattern))) {
        content[at + pattern.length / 2] ^= 0x10;
        found++;
      }
    }
    assertTrue(found > 0, "the statement is in the file");
    Files.write(file, content);
  }

  private Path log(TestBanks banks) {
    return banks.data(NODE).resolve("log").resolve("data.mdb");
  }

  @Test
  void anOldEntryFailsTheRequestForItAndNothingElse() throws Exception {
    try (TestBanks banks = new TestBanks(directory, 0, 1, NODE, "b")) {
      banks.start(NODE);
      List<Bytes> old = banks.sign(NODE, List.of(opening(banks, 1)));
      long index = submit(banks, old).get(0).recorded().orElseThrow().index();
      submit(banks, banks.sign(NODE, List.of(opening(banks, 2))));
      banks.stop(NODE);
      damage(log(banks), old.get(0));

      banks.start(NODE);
      NodeFacade facade = banks.node(NODE).facade();
      assertEquals(List.of(), facade.health().warnings(), "what is not read is not noticed");
      // The core looks the first answer up.
      ExecutionException again = assertThrows(ExecutionException.class, () -> submit(banks, old));
      ProblemException problem = assertInstanceOf(ProblemException.class, again.getCause());
      assertEquals("log_unreadable", problem.problem().code());
      assertTrue(problem.problem().detail().contains("recorded at " + index));
      // A reader over HTTP.
      ApiClient client = ApiClient.of(banks.node(NODE).urls().client(), List.of(banks.authority()));
      ApiException refused =
          assertThrows(
              ApiException.class, () -> client.bytes("/v1/transactions/" + index + "/receipt"));
      assertEquals("store_corrupt", refused.code());

      NodeHealth health = facade.health();
      assertTrue(health.ready(), health::toString);
      assertEquals(
          List.of("own log"), health.warnings().stream().map(NodeHealth.Warning::name).toList());
      assertTrue(health.warnings().get(0).reason().contains("entry " + index));
      // Life goes on: what is new is recorded and survives.
      List<Bytes> next = banks.sign(NODE, List.of(opening(banks, 3)));
      long after = submit(banks, next).get(0).recorded().orElseThrow().index();
      banks.stop(NODE);
      assertFalse(Files.exists(banks.data(NODE).resolve("latch")), "latched by a read");
      banks.start(NODE);
      assertEquals(after, submit(banks, next).get(0).recorded().orElseThrow().index());
    }
  }

  /** SPEC pitfalls: verify what was read before signing. What comes next is built on the tail. */
  @Test
  void aDamagedTailIsNotSignedOver() throws Exception {
    try (TestBanks banks = new TestBanks(directory, 0, 1, NODE, "b")) {
      banks.start(NODE);
      List<Bytes> last = banks.sign(NODE, List.of(opening(banks, 1)));
      submit(banks, last);
      banks.stop(NODE);
      // The state was not flushed: the whole log is what the node must go on from.
      try (Stream<Path> files = Files.list(banks.data(NODE).resolve("state"))) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
      damage(log(banks), last.get(0));
      byte[] mark = Files.readAllBytes(directory.resolve("marks").resolve(NODE).resolve("mark"));

      StartException refused = assertThrows(StartException.class, () -> banks.start(NODE));
      assertEquals(StoreException.Code.CORRUPT.text(), refused.code(), refused::getMessage);
      assertEquals(
          Bytes.wrap(mark),
          Bytes.wrap(Files.readAllBytes(directory.resolve("marks").resolve(NODE).resolve("mark"))));
    }
  }
}
