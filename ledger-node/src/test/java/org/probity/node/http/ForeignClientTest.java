package org.probity.node.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.probity.detector.codec.Bytes;
import org.probity.detector.log.Origin;
import org.probity.node.testing.LogChecker;

/**
 * SPEC formats.md: tools that nobody here wrote can verify a log. Go's own transparency log
 * packages agree with every checkpoint, tile, bundle and receipt, and notice when one is wrong.
 */
class ForeignClientTest {
  @TempDir private static Path directory;

  private static LogChecker built;

  private RunningNode node;
  private LogChecker checker;

  @BeforeAll
  static void build() throws Exception {
    built = LogChecker.build(directory);
  }

  @BeforeEach
  void start() throws Exception {
    node = new RunningNode();
    checker = built.trusting(node.pki.ca());
  }

  @AfterEach
  void stop() {
    node.close();
  }

  private LogChecker.Result check(String origin, String vkey, List<String> receipts)
      throws Exception {
    return checker.check(node.urls().log().toString(), origin, vkey, receipts);
  }

  private LogChecker.Result check() throws Exception {
    return check(node.service.log.origin().format(), node.service.log.vkey(), List.of());
  }

  private void growTo(int size) {
    List<Bytes> entries = new ArrayList<>();
    for (int i = (int) node.service.log.size(); i < size; i++) {
      entries.add(Bytes.wrap(ByteBuffer.allocate(4 + i % 50).putInt(i).array()));
    }
    if (!entries.isEmpty()) {
      node.service.grow(entries);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 255, 256, 257, 600, 70_000})
  void agreesWithALogOfEverySize(int size) throws Exception {
    growTo(size);

    LogChecker.Result result = check();

    assertEquals("", result.stderr());
    assertEquals(0, result.exit());
    assertTrue(result.stdout().contains("\"size\":" + size + ","), result.stdout());
    assertTrue(
        result
            .stdout()
            .contains(
                Base64.getEncoder().encodeToString(node.service.ownLog().head().root().toArray())),
        result.stdout());
  }

  @Test
  void agreesWithReceipts() throws Exception {
    growTo(300);
    List<String> receipts = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      SubmissionReply reply = node.service.record(List.of(Bytes.utf8("payment " + i))).get(0);
      receipts.add(
          node.urls().client()
              + "/v1/transactions/"
              + reply.recorded().orElseThrow().index()
              + "/receipt");
    }

    LogChecker.Result result =
        check(node.service.log.origin().format(), node.service.log.vkey(), receipts);

    assertEquals("", result.stderr());
    assertTrue(result.stdout().contains("\"receipts\":5,"), result.stdout());
  }

  @Test
  void noticesAForgedEntry() throws Exception {
    growTo(300);
    node.service.log.forge(270, Bytes.utf8("never happened"));

    assertFailsWith("the entries have root", check());
  }

  @Test
  void noticesAnotherLogsKey() throws Exception {
    String other = new MemoryLog(node.service.log.origin(), (byte) 9).vkey();

    assertFailsWith("checkpoint:", check(node.service.log.origin().format(), other, List.of()));
  }

  @Test
  void noticesAnotherLogsOrigin() throws Exception {
    String other = new Origin(MemoryNode.NETWORK, "bank-z", 0).format();

    assertFailsWith("origin is", check(other, node.service.log.vkey(), List.of()));
  }

  private static void assertFailsWith(String reason, LogChecker.Result result) {
    assertEquals(1, result.exit(), result.stdout());
    assertTrue(result.stderr().startsWith(reason), result.stderr());
  }
}
