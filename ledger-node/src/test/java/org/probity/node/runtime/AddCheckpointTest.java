package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.audit.Replica;
import org.probity.detector.codec.Bytes;
import org.probity.detector.commitment.Machine;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.evidence.ByzantineLog;
import org.probity.detector.log.AddCheckpointRequest;
import org.probity.detector.log.AddCheckpointResponse;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.NoteSignature;
import org.probity.detector.log.NoteVerifierKey;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.SignedNote;
import org.probity.detector.node.TestNetwork;
import org.probity.ledger.program.LedgerProgram;
import org.probity.node.http.PeerReply;
import org.probity.node.http.PublishedLog;
import org.probity.node.http.api.Polling;
import org.probity.node.http.tls.PinnedTrust;

/**
 * The contract of C2SP tlog-witness {@code add-checkpoint}, over the listener of a running node
 * with a real store; its ward is played by the test, which knows the ward's key.
 */
@Timeout(120)
class AddCheckpointTest {
  private static final String WARD = "a";
  private static final String WITNESS = "b";
  private static final int STATES = 20;

  @TempDir private Path directory;

  private TestBanks banks;
  private ByzantineLog log;
  private HttpClient http;

  @BeforeEach
  void start() throws Exception {
    banks = new TestBanks(directory, 0, 1, WARD, WITNESS);
    Machine machine =
        new Machine(banks.network.genesis(), banks.network.node(WARD), new LedgerProgram());
    log = new ByzantineLog(banks.network, machine).genesis();
    for (int i = 1; i <= STATES; i++) {
      log.tick(TestNetwork.FOUNDED_MILLIS + i).endState();
    }
    banks.wire.play(
        WARD, PublishedLog.of(log.checkpoint(), log), (from, body) -> PeerReply.refused("not_now"));
    banks.start(WITNESS);
    SSLContext context = SSLContext.getInstance("TLSv1.3");
    context.init(null, new TrustManager[] {PinnedTrust.toHost(List.of(banks.authority()))}, null);
    http = HttpClient.newBuilder().sslContext(context).build();
    Progress.await(banks.node(WITNESS), WARD, ward -> ward.stored().size() == log.size());
  }

  @AfterEach
  void stop() {
    banks.close();
  }

  private HttpResponse<String> post(AddCheckpointRequest request) throws Exception {
    return post(new String(request.format().toArray(), StandardCharsets.UTF_8));
  }

  private HttpResponse<String> post(String body) throws Exception {
    URI url = URI.create(banks.node(WITNESS).urls().client() + "/witness/add-checkpoint");
    // Without a media type, as other people's logs do it.
    return http.send(
        HttpRequest.newBuilder(url).POST(HttpRequest.BodyPublishers.ofString(body)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private String get(String path) throws Exception {
    return http.send(
            HttpRequest.newBuilder(URI.create(banks.node(WITNESS).urls().client() + path)).build(),
            HttpResponse.BodyHandlers.ofString())
        .body();
  }

  private AddCheckpointRequest request(long old, long size) {
    return new AddCheckpointRequest(
        old,
        old == 0 || old == size ? List.of() : MerkleProofs.consistency(log, old, size),
        log.checkpoint(size).note());
  }

  /** Sizes with a checkpoint: GENESIS, then two entries per batch. */
  private static long size(int states) {
    return 1 + 2L * states;
  }

  private String path(String prefix) {
    byte[] origin = log.checkpoint().origin().format().getBytes(StandardCharsets.UTF_8);
    return prefix + Hash.sha256(origin).toHex() + "/checkpoint";
  }

  private NoteVerifierKey cosigner() {
    return Witnessing.cosigner(banks.network.genesis(), banks.network.node(WITNESS));
  }

  @Test
  void cosignsAndServesWhatItCosigned() throws Exception {
    HttpResponse<String> answer = post(request(0, size(5)));

    assertEquals(200, answer.statusCode(), answer.body());
    assertEquals(
        AddCheckpointResponse.TEXT, answer.headers().firstValue("content-type").orElse(""));
    SignedCheckpoint checkpoint = log.checkpoint(size(5));
    NoteSignature line = NoteSignature.parse(answer.body().strip());
    assertTrue(cosigner().accepts(SignatureRule.fastest(), checkpoint.textBytes(), line));
    assertEquals(
        checkpoint.note().with(List.of(line)),
        SignedNote.parse(Bytes.utf8(get(path("/witness/")))));
    // The copy ends where its entries do, and has the log's signature alone.
    assertEquals(log.checkpoint().note(), SignedNote.parse(Bytes.utf8(get(path("/replica/")))));
  }

  @Test
  void servesTheCopyOfALogThatWasNeverCosigned() throws Exception {
    assertEquals(get(path("/replica/")), get(path("/witness/")));
  }

  @Test
  void tellsTheHeldSizeAlsoAfterARestart() throws Exception {
    post(request(0, size(5)));
    banks.stop(WITNESS);
    banks.start(WITNESS);

    HttpResponse<String> answer = post(request(0, size(9)));

    assertEquals(409, answer.statusCode());
    assertEquals(
        AddCheckpointResponse.TLOG_SIZE, answer.headers().firstValue("content-type").orElse(""));
    assertEquals(size(5) + "\n", answer.body());
    assertEquals(200, post(request(size(5), size(9))).statusCode());
    assertEquals(200, post(request(size(9), size(9))).statusCode(), "the same again");
  }

  @Test
  void refusesWhatIsMalformed() throws Exception {
    assertEquals(400, post("old 1\nhello").statusCode());
    assertEquals(400, post("").statusCode());
    assertEquals(
        400,
        post(new AddCheckpointRequest(size(6), List.of(), log.checkpoint(size(5)).note()))
            .statusCode());
  }

  @Test
  void refusesWhatTheLogsKeyHasNotSigned() throws Exception {
    SignedNote mine = log.checkpoint(size(5)).note();
    NoteSignature line = mine.signatures().get(0);
    SignedNote forged =
        SignedNote.of(
            mine.text(),
            List.of(new NoteSignature(line.name(), line.keyId(), Bytes.wrap(new byte[64]))));

    assertEquals(403, post(new AddCheckpointRequest(0, List.of(), forged)).statusCode());
    // That was about the checkpoint: the connection and whoever uses it go on.
    assertEquals(200, post(request(0, size(5))).statusCode());
  }

  @Test
  void refusesLogsThatItDoesNotWitness() throws Exception {
    Machine self =
        new Machine(banks.network.genesis(), banks.network.node(WITNESS), new LedgerProgram());
    SignedNote own = new ByzantineLog(banks.network, self).genesis().checkpoint().note();

    assertEquals(404, post(new AddCheckpointRequest(0, List.of(), own)).statusCode());
  }

  @Test
  void refusesAJunkProof() throws Exception {
    post(request(0, size(5)));

    assertEquals(
        422,
        post(new AddCheckpointRequest(size(5), List.of(), log.checkpoint(size(9)).note()))
            .statusCode());
    assertTrue(banks.node(WITNESS).facade().evidenceFiles().isEmpty(), "an honest log is accused");
  }

  @Test
  void aFloodDoesNotPileUpInFrontOfTheWardsLog() throws Exception {
    Ward ward =
        banks.node(WITNESS).wards().stream()
            .filter(it -> it.node().equals(WARD))
            .findFirst()
            .orElseThrow();
    CountDownLatch end = new CountDownLatch(1);
    block(ward, end);
    try {
      post(request(0, size(5)));
      // What has blocked the thread may have left some behind it.
      int before = queueDepth();
      int flood = 50;
      for (int i = 0; i < flood; i++) {
        ByzantineLog fork = log.fork(banks.network, size(4));
        fork.tick(TestNetwork.FOUNDED_MILLIS + 1_000 + i).endState();
        AddCheckpointRequest junk =
            new AddCheckpointRequest(size(5), List.of(), fork.checkpoint().note());
        assertEquals(422, post(junk).statusCode());
      }

      int added = queueDepth() - before;
      assertTrue(added < flood / 2, () -> added + " wait that did not wait before");
    } finally {
      end.countDown();
    }
    assertForkIsProven();
  }

  private int queueDepth() throws Exception {
    HttpRequest metrics =
        HttpRequest.newBuilder(URI.create(banks.node(WITNESS).urls().ops() + "/metrics")).build();
    Matcher depth =
        Pattern.compile("probity_queue_depth_items\\{[^}]*ward_a[^}]*} (\\d+)")
            .matcher(http.send(metrics, HttpResponse.BodyHandlers.ofString()).body());
    assertTrue(depth.find());
    return Integer.parseInt(depth.group(1));
  }

  /** Occupies the thread of a ward's log until {@code end}. */
  private void block(Ward ward, CountDownLatch end) throws InterruptedException {
    CountDownLatch blocked = new CountDownLatch(1);
    Thread test = Thread.currentThread();
    while (!blocked.await(10, TimeUnit.MILLISECONDS)) {
      CompletableFuture<Replica.Comparison> last = ward.compare(log.checkpoint());
      for (int i = 0; i < 100; i++) {
        last = ward.compare(log.checkpoint());
      }
      @SuppressWarnings("unused")
      var unused =
          last.thenRun(
              () -> {
                if (Thread.currentThread() != test && blocked.getCount() > 0) {
                  blocked.countDown();
                  awaitQuietly(end);
                }
              });
    }
  }

  private static void awaitQuietly(CountDownLatch end) {
    try {
      end.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void aForkIsRefusedAndProven() throws Exception {
    post(request(0, size(5)));
    ByzantineLog fork = log.fork(banks.network, size(4));
    fork.tick(TestNetwork.FOUNDED_MILLIS + 77).endState();

    HttpResponse<String> answer =
        post(new AddCheckpointRequest(size(5), List.of(), fork.checkpoint().note()));

    assertEquals(422, answer.statusCode());
    assertForkIsProven();
  }

  @Test
  void aForkAheadOfWhatWasCosignedIsProvenByTheEntries() throws Exception {
    ByzantineLog fork = log.fork(banks.network, size(4));
    fork.tick(TestNetwork.FOUNDED_MILLIS + 77).endState();

    // Nothing was cosigned, so there is nothing to be inconsistent with but the entries.
    HttpResponse<String> answer =
        post(new AddCheckpointRequest(0, List.of(), fork.checkpoint().note()));

    assertEquals(422, answer.statusCode());
    assertForkIsProven();
  }

  private void assertForkIsProven() throws InterruptedException {
    assertTrue(
        Polling.LOCAL.await(
            Duration.ofSeconds(30), () -> !banks.node(WITNESS).facade().evidenceFiles().isEmpty()),
        "the fork is not found");
    assertEquals("FORK", banks.node(WITNESS).facade().evidenceFiles().get(0).kind());
  }

  @Test
  void withoutTheEntriesItIsNotCosigned() throws Exception {
    ByzantineLog ahead = log.fork(banks.network, log.size());
    ahead.tick(TestNetwork.FOUNDED_MILLIS + 999).endState();

    HttpResponse<String> answer =
        post(new AddCheckpointRequest(0, List.of(), ahead.checkpoint().note()));

    assertEquals(503, answer.statusCode(), answer.body());
    assertTrue(answer.body().contains("entries_missing"), answer.body());
    assertEquals("1", answer.headers().firstValue("retry-after").orElse(""));
    assertEquals(200, post(request(0, log.size())).statusCode(), "what is here is still cosigned");
  }
}
