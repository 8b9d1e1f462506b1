package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Future;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.Signer;
import org.probity.detector.evidence.ByzantineLog;
import org.probity.detector.evidence.Court;
import org.probity.detector.log.AddCheckpointRequest;
import org.probity.detector.log.AddCheckpointResponse;
import org.probity.detector.log.Cosignature;
import org.probity.detector.log.Entry;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.NoteSignature;
import org.probity.detector.log.NoteVerdict;
import org.probity.detector.log.NoteVerifierKey;
import org.probity.detector.log.SignedNote;
import org.probity.detector.log.StateEntry;
import org.probity.detector.log.TreeHead;
import org.probity.detector.node.TestNetwork;
import org.probity.node.http.ProblemException;

/**
 * SPEC protocol.md §6.6: a cosignature says that the checkpoint follows the last one and that the
 * entries are durable here, and it leaves after the head is durable. One thread, no time: tasks run
 * in order when the test lets them.
 */
class WitnessDeskTest {
  private static final String NAME = "probity/witness";
  private static final long NOW_SECONDS = 1_800_000_000L;

  /** Who asks where the test does not say so: the node whose log it is. */
  private static final String OWNER = "beta";

  private static final String STRANGER = "";

  @TempDir Path directory;

  private final Court court = new Court();
  private final ByzantineLog log = court.log("beta", 30);
  private final GatedSigner cosigner = opened(TestNetwork.signer("cosigner"));
  private final NoteVerifierKey cosignerKey =
      NoteVerifierKey.ofCosigner(NAME, cosigner.publicKey());
  private final Store store = new Store();
  private final Copy copy = new Copy();
  private final Deque<Runnable> tasks = new ArrayDeque<>();
  private final List<Runnable> timers = new ArrayList<>();
  private final SetClock clock = new SetClock();
  private WitnessDesk desk = open(copy);

  private static GatedSigner opened(Signer key) {
    GatedSigner gated = new GatedSigner(key);
    gated.open();
    return gated;
  }

  private WitnessDesk open(WitnessedLog witnessed) {
    return new WitnessDesk(
        cosigner,
        NAME,
        new CosignedHeads(store),
        List.of(witnessed),
        clock,
        tasks::add,
        tasks::add,
        (millis, task) -> timers.add(task));
  }

  /** The disk: does what the test says when it is written to. */
  private static final class Store implements CosignedHeads.Records {
    private final Map<Bytes, Bytes> records = new HashMap<>();
    private Runnable before = () -> {};
    private Runnable after = () -> {};

    @Override
    public Optional<Bytes> get(Bytes key) {
      return Optional.ofNullable(records.get(key));
    }

    @Override
    public void put(Bytes key, Bytes value) {
      before.run();
      records.put(key, value);
      after.run();
    }
  }

  /** A clock that the test sets. */
  private static final class SetClock extends Clock {
    private Instant now = Instant.ofEpochSecond(NOW_SECONDS);

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }

  /** A ward's copy, as long as the test lets it be. */
  private final class Copy implements WitnessedLog {
    private ByzantineLog of = log;
    private long size = Long.MAX_VALUE;
    private final List<Runnable> listeners = new ArrayList<>();
    private final List<SignedNote> shown = new ArrayList<>();
    private int missing;

    @Override
    public NoteVerifierKey key() {
      return WitnessDeskTest.this.key();
    }

    @Override
    public Optional<String> owner() {
      return Optional.of(OWNER);
    }

    @Override
    public Entries entries(TreeHead head) {
      if (Math.min(size, of.size()) < head.size()) {
        return Entries.MISSING;
      }
      return MerkleProofs.rootAt(of, head.size()).equals(head.root())
          ? Entries.HERE
          : Entries.DIFFERENT;
    }

    @Override
    public void onGrowth(Runnable listener) {
      listeners.add(listener);
    }

    @Override
    public void shown(SignedNote checkpoint, Optional<SignedNote> held) {
      shown.add(checkpoint);
    }

    @Override
    public void missing() {
      missing++;
    }

    void grow(long to) {
      size = to;
      listeners.forEach(Runnable::run);
    }
  }

  private NoteVerifierKey key() {
    return NoteVerifierKey.ofLog(log.machine().origin().format(), log.machine().self().logKey());
  }

  /** Sizes at which the log has checkpoints, the smallest first. */
  private long[] sizes() {
    long middle = log.lastStateIndex();
    while (middle > log.size() / 2) {
      middle = previousState(middle);
    }
    return new long[] {middle + 1, log.size()};
  }

  private long previousState(long index) {
    try {
      return ((StateEntry) Entry.decode(log.entry(index)).body()).previousStateIndex();
    } catch (DecodeException e) {
      throw new AssertionError(e);
    }
  }

  private AddCheckpointRequest request(long old, long size) {
    return new AddCheckpointRequest(
        old,
        old == 0 || old == size ? List.of() : MerkleProofs.consistency(log, old, size),
        log.checkpoint(size).note());
  }

  private Future<AddCheckpointResponse> ask(AddCheckpointRequest request) {
    return ask(OWNER, request);
  }

  private Future<AddCheckpointResponse> ask(String from, AddCheckpointRequest request) {
    Future<AddCheckpointResponse> answer = desk.add(from, request.format());
    runAll();
    return answer;
  }

  private void runAll() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
  }

  private void restart() {
    desk = open(copy);
  }

  private static int status(Future<AddCheckpointResponse> answer) {
    if (answer.failed() && answer.cause() instanceof ProblemException problem) {
      return problem.problem().status();
    }
    return answer.result().status();
  }

  @Test
  void cosignsWhatFollowsTheHeadItHeld() throws Exception {
    long[] sizes = sizes();
    assertEquals(200, status(ask(request(0, sizes[0]))));

    AddCheckpointResponse.Cosigned second =
        (AddCheckpointResponse.Cosigned) ask(request(sizes[0], sizes[1])).result();

    NoteSignature line = second.lines().get(0);
    Bytes text = log.checkpoint(sizes[1]).textBytes();
    assertTrue(cosignerKey.accepts(SignatureRule.fastest(), text, line));
    assertEquals(NOW_SECONDS, Cosignature.of(line).orElseThrow().timeSeconds());
    assertEquals(sizes[1], desk.cosignedSize(key().name()));
  }

  @Test
  void showsTheCosignedCheckpointWithTheCosignature() throws Exception {
    ask(request(0, log.size()));

    SignedNote shown = desk.cosigned(originHash()).orElseThrow();

    NoteVerdict verdict = shown.verify(SignatureRule.fastest(), List.of(key(), cosignerKey));
    assertEquals(2, ((NoteVerdict.Verified) verdict).signatures().size());
    restart();
    assertTrue(desk.cosigned(originHash()).isEmpty(), "signed before the gate is open");
    assertEquals(log.size(), desk.cosignedSize(key().name()));
    desk.start();
    runAll();
    assertEquals(shown, desk.cosigned(originHash()).orElseThrow());
  }

  private Hash originHash() {
    return Hash.sha256(Bytes.utf8(key().name()).unsafeArray());
  }

  @Test
  void tellsTheSizeItHoldsAlsoAfterARestart() {
    ask(request(0, sizes()[0]));
    restart();

    Future<AddCheckpointResponse> answer = ask(request(0, log.size()));

    assertEquals(new AddCheckpointResponse.WrongOldSize(sizes()[0]), answer.result());
    assertEquals(200, status(ask(request(sizes()[0], log.size()))));
  }

  @Test
  void cosignsTheSameHeadAgain() {
    ask(request(0, log.size()));

    assertEquals(200, status(ask(request(log.size(), log.size()))));
  }

  @Test
  void nobodyHearsOfACosignatureBeforeItsHeadIsDurable() {
    List<Boolean> answered = new ArrayList<>();
    Future<AddCheckpointResponse> answer = desk.add(OWNER, request(0, log.size()).format());
    store.before = () -> answered.add(answer.isComplete());
    store.after = () -> answered.add(answer.isComplete());

    runAll();

    assertEquals(List.of(false, false), answered);
    assertEquals(200, status(answer));
  }

  @Test
  void aFailedWriteLeavesTheEarlierHeadInForce() {
    long[] sizes = sizes();
    ask(request(0, sizes[0]));
    store.before =
        () -> {
          throw new IllegalStateException("the disk is gone");
        };

    Future<AddCheckpointResponse> answer = ask(request(sizes[0], sizes[1]));

    assertTrue(answer.failed());
    assertEquals(sizes[0], desk.cosignedSize(key().name()));
    store.before = () -> {};
    assertEquals(
        new AddCheckpointResponse.WrongOldSize(sizes[0]), ask(request(0, sizes[1])).result());
    restart();
    assertEquals(
        new AddCheckpointResponse.WrongOldSize(sizes[0]), ask(request(0, sizes[1])).result());
  }

  @Test
  void aWriteThatLandedAndWasReportedLostReleasesNothingAndBindsAfterTheRestart() {
    store.after =
        () -> {
          throw new IllegalStateException("who knows");
        };

    Future<AddCheckpointResponse> answer = ask(request(0, log.size()));

    assertTrue(answer.failed());
    assertTrue(desk.cosigned(originHash()).isEmpty());
    store.after = () -> {};
    restart();
    assertEquals(
        new AddCheckpointResponse.WrongOldSize(log.size()), ask(request(0, sizes()[0])).result());
  }

  @Test
  void waitsForEntriesThatHaveNotComeYet() {
    copy.size = sizes()[0];

    Future<AddCheckpointResponse> answer = ask(request(0, log.size()));

    assertFalse(answer.isComplete());
    assertTrue(store.records.isEmpty(), "a head is held whose entries are not here");
    assertEquals(1, copy.missing, "they are fetched");
    copy.grow(log.size());
    runAll();
    assertEquals(200, status(answer));
  }

  @Test
  void withoutEntriesThereIsNoCosignature() {
    copy.size = log.size() - 1;

    Future<AddCheckpointResponse> answer = ask(request(0, log.size()));
    timers.forEach(Runnable::run);
    runAll();

    assertEquals(503, status(answer));
    assertEquals("entries_missing", ((ProblemException) answer.cause()).problem().code());
    assertTrue(desk.cosigned(originHash()).isEmpty());
    // What it has signed it owes.
    assertEquals(1, copy.shown.size());
    copy.grow(log.size());
    runAll();
    assertEquals(0, desk.cosignedSize(key().name()));
  }

  @Test
  void whoeverWaitsIsJudgedByTheHeadThatIsHeldThen() {
    copy.size = 1;
    Future<AddCheckpointResponse> nearer = ask(request(0, sizes()[0]));
    Future<AddCheckpointResponse> farther = ask(request(0, log.size()));

    copy.grow(log.size());
    runAll();

    assertEquals(200, status(nearer));
    assertEquals(new AddCheckpointResponse.WrongOldSize(sizes()[0]), farther.result());
  }

  @Test
  void onlySoManyHeadsOfOneLogAreWaitedFor() {
    copy.size = 1;
    List<Long> sizes = new ArrayList<>();
    for (long state = log.lastStateIndex(); state > 0; state = previousState(state)) {
      sizes.add(0, state + 1);
    }
    List<Future<AddCheckpointResponse>> answers = new ArrayList<>();
    for (int i = 0; i <= WitnessDesk.MAX_WAITING; i++) {
      answers.add(ask(request(0, sizes.get(i))));
    }

    assertEquals(503, status(answers.get(WitnessDesk.MAX_WAITING)));
    assertFalse(answers.get(0).isComplete());
    copy.grow(log.size());
    runAll();
    assertEquals(200, status(answers.get(0)));
  }

  @Test
  void whoeverAsksForTheSameHeadSharesItsPlace() {
    copy.size = 1;
    List<Future<AddCheckpointResponse>> answers = new ArrayList<>();
    for (int i = 0; i < WitnessDesk.MAX_WAITING; i++) {
      answers.add(ask(request(0, sizes()[0])));
    }
    Future<AddCheckpointResponse> next = ask(request(0, log.size()));

    assertFalse(next.isComplete(), "the same head has taken all places");
    copy.grow(sizes()[0]);
    runAll();
    assertEquals(200, status(answers.get(0)));
    assertTrue(answers.stream().allMatch(Future::isComplete));
    copy.grow(log.size());
    runAll();
    assertEquals(new AddCheckpointResponse.WrongOldSize(sizes()[0]), next.result());
  }

  @Test
  void strangersDoNotWaitForAWardsEntries() {
    copy.size = 1;

    assertEquals(503, status(ask(STRANGER, request(0, log.size()))));
    assertEquals(503, status(ask("gamma", request(0, log.size()))));
    assertEquals(2, copy.shown.size(), "what it has signed it owes");
    assertEquals(0, copy.missing, "nobody else sends this node to the ward");
  }

  @Test
  void strangersDoNotTakeTheRequestsOfNodes() {
    List<Future<AddCheckpointResponse>> strangers = new ArrayList<>();
    for (int i = 0; i <= WitnessDesk.MAX_REQUESTS; i++) {
      strangers.add(desk.add(STRANGER, request(0, log.size()).format()));
    }
    List<Future<AddCheckpointResponse>> others = new ArrayList<>();
    for (int i = 0; i <= WitnessDesk.MAX_REQUESTS_OF_NODE; i++) {
      others.add(desk.add("gamma", request(0, log.size()).format()));
    }
    Future<AddCheckpointResponse> owner = desk.add(OWNER, request(0, log.size()).format());

    assertEquals(429, status(strangers.get(WitnessDesk.MAX_REQUESTS)));
    assertEquals(429, status(others.get(WitnessDesk.MAX_REQUESTS_OF_NODE)));
    assertFalse(owner.isComplete());
    runAll();
    assertEquals(200, status(owner));
    assertEquals(200, status(ask(STRANGER, request(log.size(), log.size()))), "they have ended");
  }

  @Test
  void strangersDoNotMoveTheHeadOfALogThatAsksItself() {
    long[] sizes = sizes();
    assertEquals(200, status(ask(request(0, sizes[0]))));

    Future<AddCheckpointResponse> newer = ask(STRANGER, request(sizes[0], sizes[1]));

    assertEquals(503, status(newer));
    assertEquals("log_asks_itself", ((ProblemException) newer.cause()).problem().code());
    assertEquals(503, status(ask("gamma", request(sizes[0], sizes[1]))));
    assertEquals(sizes[0], desk.cosignedSize(key().name()));
    assertEquals(200, status(ask(STRANGER, request(sizes[0], sizes[0]))), "the head that is held");
    assertEquals(200, status(ask(request(sizes[0], sizes[1]))));
  }

  @Test
  void strangersMoveTheHeadOfALogThatDoesNotAskAnyMore() {
    long[] sizes = sizes();
    ask(request(0, sizes[0]));
    clock.now = clock.now.plus(WitnessDesk.QUIET);

    assertEquals(200, status(ask(STRANGER, request(sizes[0], sizes[1]))));
  }

  @Test
  void aCheckpointOverOtherEntriesThanThoseHereIsRefusedAndKept() {
    ByzantineLog other = log.fork(court.network(), sizes()[0]);
    other.tick(TestNetwork.FOUNDED_MILLIS + 999_999).endState();
    while (other.size() < log.size()) {
      other.tick(TestNetwork.FOUNDED_MILLIS + 999_999 + other.size()).endState();
    }
    copy.of = other;

    Future<AddCheckpointResponse> answer = ask(request(0, log.size()));

    assertEquals(422, status(answer));
    assertEquals(List.of(log.checkpoint(log.size()).note()), copy.shown);
    assertTrue(store.records.isEmpty());
  }

  @Test
  void anotherRootAtTheHeldSizeIsRefusedAndKept() {
    ask(request(0, log.size()));
    SignedNote fork = log.sign(new TreeHead(log.size(), Hash.sha256(new byte[] {1}))).note();

    Future<AddCheckpointResponse> answer =
        ask(new AddCheckpointRequest(log.size(), List.of(), fork));

    assertEquals(422, status(answer));
    assertEquals(List.of(fork), copy.shown);
  }

  @Test
  void aJunkProofIsRefusedAndItsCheckpointKept() {
    ask(request(0, sizes()[0]));

    Future<AddCheckpointResponse> answer =
        ask(new AddCheckpointRequest(sizes()[0], List.of(), log.checkpoint(log.size()).note()));

    assertEquals(422, status(answer));
    assertEquals(1, copy.shown.size());
    assertEquals(sizes()[0], desk.cosignedSize(key().name()));
  }

  @Test
  void refusesWhatIsNoRequestOfALogItWitnesses() {
    assertEquals(400, status(desk.add(OWNER, Bytes.utf8("old 1\nhello"))));
    assertEquals(400, status(ask(tooOld())));
    SignedNote stranger = court.log("gamma", 3).checkpoint().note();
    assertEquals(404, status(ask(new AddCheckpointRequest(0, List.of(), stranger))));
    SignedNote mine = log.checkpoint().note();
    NoteSignature wrong =
        new NoteSignature(
            mine.signatures().get(0).name(),
            mine.signatures().get(0).keyId(),
            Bytes.wrap(new byte[64]));
    SignedNote forged = SignedNote.of(mine.text(), List.of(wrong));
    assertEquals(403, status(ask(new AddCheckpointRequest(0, List.of(), forged))));
    assertTrue(copy.shown.isEmpty());
  }

  private AddCheckpointRequest tooOld() {
    long size = sizes()[0];
    return new AddCheckpointRequest(size + 1, List.of(), log.checkpoint(size).note());
  }

  @Test
  void countsWhatItAnswers() {
    ask(request(0, sizes()[0]));
    ask(request(0, log.size()));
    desk.add(OWNER, Bytes.utf8("hello"));

    List<Integer> answered = new ArrayList<>();
    for (int status : WitnessDesk.STATUSES) {
      for (long i = 0; i < desk.answers(status); i++) {
        answered.add(status);
      }
    }
    assertEquals(List.of(200, 400, 409), answered);
  }

  // A foreign log.

  private RejectedNotes rejected() {
    return new RejectedNotes(directory.resolve("rejected"), List.of(key().name()));
  }

  private List<String> rejectedFiles() {
    try (Stream<Path> files = Files.list(directory.resolve("rejected"))) {
      return files.map(file -> String.valueOf(file.getFileName())).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private SignedNote forkAt(long size, int number) {
    return log.sign(new TreeHead(size, Hash.sha256(new byte[] {1, (byte) number}))).note();
  }

  @Test
  void aForeignLogNeedsNoEntriesAndItsForkIsKept() throws Exception {
    RejectedNotes rejected = rejected();
    desk = open(WitnessedLog.foreign(key(), rejected));
    assertEquals(200, status(ask(STRANGER, request(0, log.size()))));
    SignedNote fork = forkAt(log.size(), 1);

    assertEquals(422, status(ask(STRANGER, new AddCheckpointRequest(log.size(), List.of(), fork))));
    assertEquals(422, status(ask(STRANGER, new AddCheckpointRequest(log.size(), List.of(), fork))));

    assertEquals(1, rejectedFiles().size());
    String both = Files.readString(directory.resolve("rejected").resolve(rejectedFiles().get(0)));
    assertTrue(both.contains(fork.toString()), both);
    assertTrue(both.contains(log.checkpoint().note().toString()), both);
    assertEquals(2, rejected.count(key().name(), RejectedNotes.Kind.FORK));
    assertEquals(List.of(key().name()), rejected.forked());
    assertEquals(List.of(key().name()), rejected().forked(), "also after a restart");
  }

  @Test
  void junkProofsDoNotCrowdOutTheForkOfAForeignLog() {
    RejectedNotes rejected = rejected();
    desk = open(WitnessedLog.foreign(key(), rejected));
    ask(STRANGER, request(0, sizes()[0]));
    // Honest checkpoints, and somebody's junk.
    int junk = 300;
    for (int i = 1; i <= junk; i++) {
      SignedNote honest = forkAt(log.size() + i, 0);
      assertEquals(
          422, status(ask(STRANGER, new AddCheckpointRequest(sizes()[0], List.of(), honest))));
    }
    assertEquals(RejectedNotes.MAX_UNLINKED, rejectedFiles().size());
    assertEquals(List.of(), rejected.forked());

    ask(STRANGER, new AddCheckpointRequest(sizes()[0], List.of(), forkAt(sizes()[0], 1)));
    List<String> kept = rejectedFiles();
    ask(STRANGER, new AddCheckpointRequest(sizes()[0], List.of(), forkAt(sizes()[0], 2)));

    assertEquals(1 + RejectedNotes.MAX_UNLINKED, kept.size());
    assertEquals(1, kept.stream().filter(name -> name.contains("-fork-")).count());
    assertEquals(kept, rejectedFiles(), "the first fork is proof enough, and stays");
    assertEquals(junk, rejected.count(key().name(), RejectedNotes.Kind.UNLINKED));
    assertEquals(2, rejected.count(key().name(), RejectedNotes.Kind.FORK));
  }

  @Test
  void ofUnlinkedCheckpointsTheNewestStayAlsoOverARestart() {
    desk = open(WitnessedLog.foreign(key(), rejected()));
    ask(STRANGER, request(0, sizes()[0]));
    ask(STRANGER, new AddCheckpointRequest(sizes()[0], List.of(), forkAt(log.size() + 1, 0)));
    String first = rejectedFiles().get(0);
    for (int i = 2; i <= RejectedNotes.MAX_UNLINKED; i++) {
      ask(STRANGER, new AddCheckpointRequest(sizes()[0], List.of(), forkAt(log.size() + i, 0)));
    }
    assertTrue(rejectedFiles().contains(first));
    desk = open(WitnessedLog.foreign(key(), rejected()));

    ask(STRANGER, new AddCheckpointRequest(sizes()[0], List.of(), forkAt(log.size() + 99, 0)));

    assertEquals(RejectedNotes.MAX_UNLINKED, rejectedFiles().size());
    assertFalse(rejectedFiles().contains(first));
  }

  @Test
  void aJunkProofForTheHeldHeadIsNothingToKeep() {
    desk = open(WitnessedLog.foreign(key(), rejected()));
    ask(STRANGER, request(0, log.size()));

    assertEquals(
        422,
        status(
            ask(
                STRANGER,
                new AddCheckpointRequest(
                    log.size(),
                    List.of(Hash.sha256(new byte[] {1})),
                    log.checkpoint(log.size()).note()))));

    assertTrue(Files.notExists(directory.resolve("rejected")));
  }
}
