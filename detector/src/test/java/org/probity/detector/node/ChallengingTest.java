package org.probity.detector.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiPredicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.probity.detector.Seeded;
import org.probity.detector.challenge.Challenge;
import org.probity.detector.challenge.ChallengeKind;
import org.probity.detector.challenge.Challenges;
import org.probity.detector.challenge.Claim;
import org.probity.detector.challenge.Confirmation;
import org.probity.detector.challenge.ValidChallenge;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.ChannelId;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.OpenMessages;
import org.probity.detector.commitment.SystemState;
import org.probity.detector.commitment.VerifiedCheckpoint;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.Signer;
import org.probity.detector.crypto.Statement;
import org.probity.detector.evidence.ByzantineLog;
import org.probity.detector.evidence.Evidence;
import org.probity.detector.evidence.EvidenceBuilder;
import org.probity.detector.evidence.EvidenceVerifier;
import org.probity.detector.evidence.Verification;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Parameters;
import org.probity.detector.governance.Polity;
import org.probity.detector.governance.Seating;
import org.probity.detector.governance.ValidDecision;
import org.probity.detector.log.Cosignature;
import org.probity.detector.log.Entry;
import org.probity.detector.log.EntryType;
import org.probity.detector.log.NoteSignature;
import org.probity.detector.log.Origin;
import org.probity.detector.log.SignedNote;
import org.probity.detector.log.TransactionEntry;
import org.probity.detector.log.TreeHead;
import org.probity.detector.program.Transaction;
import org.probity.detector.program.TransactionOutcome;
import org.probity.detector.trust.Verdict;

/** protocol.md §7 among whole nodes: who does not answer is suspected, until it answers. */
class ChallengingTest {
  private static final List<String> NAMES = List.of("a", "b", "c", "d");
  private static final Signer CLIENT = TestNetwork.signer("client");
  private static final Patience PATIENCE = Patience.standard();

  /** From the first message that is not answered to suspicion, in steps of a second. */
  private static final int SECONDS =
      (int) (PATIENCE.unacknowledgedMillis() + PATIENCE.overdueMillis()) / 1000 + 3;

  private final ObjectStore program = new ObjectStore();
  private final TestConsortium consortium =
      new TestConsortium(
          TestNetwork.of(
              Parameters.of(1, 2), program.id(), Bytes.EMPTY, NAMES.toArray(String[]::new)),
          program);
  private long ids;

  private long send(String from, String to) {
    Statement put = consortium.sign(CLIENT, from, ids++, "c", to + "/x" + ids + "=1");
    long ticket = consortium.submit(from, put);
    consortium.run();
    return ticket;
  }

  private void seconds(int seconds) {
    advance(consortium, seconds);
  }

  private Node node(String name) {
    return consortium.member(name).node();
  }

  private void silence(String node) {
    consortium.reach((from, to) -> !from.equals(node) && !to.equals(node));
  }

  private void heal() {
    consortium.reach((from, to) -> true);
  }

  private void assertAllSay(Verdict verdict, String about) {
    for (String name : NAMES) {
      if (!name.equals(about)) {
        assertEquals(verdict, node(name).verdict(about), name + " about " + about);
      }
    }
  }

  private void assertNothingProven() {
    for (String name : NAMES) {
      assertEquals(List.of(), node(name).proofs());
      assertEquals(List.of(), consortium.member(name).candidates());
    }
  }

  private void assertNothingOpen() {
    for (String name : NAMES) {
      assertEquals(List.of(), node(name).challenges(), name);
    }
  }

  private long acked(String from, String to) {
    return Machine.system(consortium.member(from).node().published().orElseThrow().state())
        .outgoing(ChannelId.to(consortium.network().node(to)))
        .acked();
  }

  @Test
  void aSilentNodeIsSuspectedByAllAndTrustedAgainOnceItAnswers() {
    send("a", "b");
    silence("b");
    send("a", "b");
    seconds(3);
    assertAllSay(Verdict.TRUSTED, "b");
    seconds(SECONDS);
    assertAllSay(Verdict.SUSPECTED, "b");
    assertAllSay(Verdict.TRUSTED, "a");
    seconds(60);
    assertAllSay(Verdict.SUSPECTED, "b");
    heal();
    seconds(20);
    assertAllSay(Verdict.TRUSTED, "b");
    assertNothingOpen();
    assertNothingProven();
    assertEquals(2, acked("a", "b"));
    assertEquals(List.of("b suspected", "b trusted"), consortium.member("c").opinions());
  }

  @Test
  void whoIsSuspectedIsServedAllTheSame() {
    silence("b");
    send("a", "b");
    seconds(SECONDS);
    heal();
    // SPEC protocol.md §7.4: nothing in the machine depends on a suspicion.
    long ticket = send("b", "a");
    assertTrue(consortium.member("b").answers().get(ticket) instanceof Release.Recorded);
    assertEquals(1, acked("b", "a"));
  }

  @Test
  void aReceiverThatIgnoresOneSenderIsAskedByOthersWhoBringTheAcknowledgement() {
    send("a", "b");
    // b and a never reach each other.
    consortium.reach((from, to) -> !List.of(from, to).containsAll(List.of("a", "b")));
    send("a", "b");
    seconds(SECONDS);
    assertEquals(2, acked("a", "b"));
    seconds(5);
    assertAllSay(Verdict.TRUSTED, "b");
    assertNothingOpen();
    assertNothingProven();
  }

  /** However many they are: each time one of the others has it for its turn. */
  @ParameterizedTest
  @ValueSource(strings = {"n02", "n05", "n08", "n11"})
  void whoHasLostWhatIsOpenIsToldWithinOnePause(String loser) {
    List<String> names = IntStream.range(0, 12).mapToObj("n%02d"::formatted).toList();
    TestConsortium large =
        new TestConsortium(
            TestNetwork.of(
                Parameters.of(1, 2), program.id(), Bytes.EMPTY, names.toArray(String[]::new)),
            program);
    large.reach((from, to) -> !from.equals("n00") && !to.equals("n00"));
    large.submit("n01", large.sign(CLIENT, "n01", ids++, "c", "n00/x=1"));
    // Long enough for the longest pause between two deliveries.
    advance(large, SECONDS + 30);
    large.member(loser).restart();
    assertEquals(List.of(), large.member(loser).node().challenges());
    advance(large, (int) Holding.LAST_PAUSE_MILLIS / 1000);
    assertEquals(1, large.member(loser).node().challenges().size());
  }

  private static void advance(TestConsortium consortium, int seconds) {
    for (int i = 0; i < seconds; i++) {
      consortium.advance(1_000);
      consortium.run();
    }
  }

  @Test
  void whatWasReceivedInPartIsReceivedToTheEnd() {
    send("a", "b");
    // What a sends arrives; what b says does not.
    consortium.reach((from, to) -> !from.equals("b"));
    send("a", "b");
    assertEquals(1, acked("a", "b"));
    silence("b");
    send("a", "b");
    send("a", "b");
    seconds((int) PATIENCE.unacknowledgedMillis() / 1000 + 1);
    assertEquals(ChallengeKind.MESSAGE, node("c").challenges().get(0).challenge().kind());
    // Only c reaches it: with a challenge about the second to the fourth message.
    consortium.reach((from, to) -> List.of(from, to).containsAll(List.of("b", "c")));
    seconds(20);
    heal();
    seconds(20);
    assertEquals(4, acked("a", "b"));
    assertAllSay(Verdict.TRUSTED, "b");
    assertNothingOpen();
  }

  @Test
  void aLateAcknowledgementEndsItWithoutAnySuspicion() {
    silence("b");
    send("a", "b");
    seconds((int) PATIENCE.unacknowledgedMillis() / 1000 + 2);
    assertFalse(node("c").challenges().isEmpty());
    heal();
    seconds(20);
    assertNothingOpen();
    NAMES.forEach(name -> assertEquals(List.of(), consortium.member(name).opinions()));
  }

  @Test
  void theLastAcknowledgementIsFoundAgainAfterARestart() {
    send("a", "b");
    for (int i = 0; i < 300; i++) {
      send("a", "a");
    }
    consortium.member("a").restart();
    silence("b");
    send("a", "b");
    seconds(SECONDS);
    assertAllSay(Verdict.SUSPECTED, "b");
    heal();
    seconds(20);
    assertAllSay(Verdict.TRUSTED, "b");
    assertEquals(2, acked("a", "b"));
  }

  // Clients.

  private ValidChallenge handOver(String witness, Statement transaction, String target) {
    ValidChallenge valid = consortium.valid(clientChallenge(witness, transaction, target));
    consortium.member(witness).step(new Input.ChallengeRaised(valid));
    return valid;
  }

  private Bytes clientChallenge(String witness, Statement transaction, String target) {
    return consortium
        .member(witness)
        .signed(
            new Challenge(
                new Challenge.Target(target, 0),
                witness,
                new Challenge.Client(transaction.encoded(), seen(witness, target))));
  }

  private Optional<Bytes> seen(String witness, String target) {
    return node(witness)
        .views()
        .newest(consortium.member(target).machine().origin())
        .map(VerifiedCheckpoint::bytes);
  }

  private List<TransactionOutcome.Status> outcomes(String node, Statement statement) {
    List<TransactionOutcome.Status> found = new ArrayList<>();
    MemoryLog log = consortium.member(node).log();
    for (long index = 0; index < log.size(); index++) {
      try {
        if (Entry.decode(log.entry(index)).body() instanceof TransactionEntry logged
            && logged.statement().equals(statement.encoded())) {
          found.add(TransactionOutcome.decode(logged.outcome()).status());
        }
      } catch (DecodeException e) {
        throw new AssertionError(e);
      }
    }
    return found;
  }

  @Test
  void aTransactionHandedToAWitnessIsLogged() {
    Statement put = consortium.sign(CLIENT, "b", ids++, "c", "x=1");
    handOver("c", put, "b");
    seconds(2);
    assertEquals(List.of(TransactionOutcome.Status.EXECUTED), outcomes("b", put));
    assertNothingOpen();
  }

  /** SPEC faults.md "challenge floods": what strangers make up costs the log nothing. */
  @Test
  void aRefusalIsShownByTheStateAndNotLogged() {
    send("b", "c");
    long size = consortium.member("b").log().size();
    Statement stranger = consortium.sign(CLIENT, "b", ids++, "nobody", "x=1");
    handOver("c", stranger, "b");
    handOver("d", stranger, "b");
    seconds(3);
    assertNothingOpen();
    assertEquals(List.of(), outcomes("b", stranger));
    assertEquals(size, consortium.member("b").log().size());
    assertAllSay(Verdict.TRUSTED, "b");
  }

  /** The same content with another signature is the same transaction, and logged once. */
  @Test
  void whatIsRecordedUnderOtherSignaturesIsRefusedByTheState() throws Exception {
    Statement one = consortium.sign(CLIENT, "b", ids++, "c", "x=1");
    consortium.submit("b", one);
    consortium.run();
    Bytes content = consortium.verifier().verify(one, Transaction.TYP).payload();
    Statement two =
        Statement.sign(
            consortium.network().genesis().networkId(),
            Transaction.TYP,
            content,
            List.of(CLIENT, TestNetwork.signer("second")));
    long size = consortium.member("b").log().size();
    handOver("c", two, "b");
    seconds(3);
    assertNothingOpen();
    assertEquals(size, consortium.member("b").log().size());
  }

  /** Nothing but time speaks against it, so time is what the log must say. */
  @Test
  void whatIsTooLateIsRefusedOnceTheLogSaysHowLateItIs() {
    send("b", "c");
    silence("b");
    Statement put = consortium.sign(CLIENT, "b", ids++, "c", "x=1");
    handOver("c", put, "b");
    seconds(70);
    assertAllSay(Verdict.SUSPECTED, "b");
    long size = consortium.member("b").log().size();
    heal();
    seconds(20);
    assertAllSay(Verdict.TRUSTED, "b");
    assertNothingOpen();
    assertEquals(List.of(), outcomes("b", put));
    // TICK and STATE.
    assertEquals(size + 2, consortium.member("b").log().size());
    consortium.member("b").restart();
    send("b", "a");
    assertEquals(1, acked("b", "a"));
  }

  @Test
  void strangersHaveTheTimeLoggedOnceASecondAtMost() {
    send("b", "c");
    List<Statement> late = new ArrayList<>();
    for (int i = 0; i < Challenges.MAX_PER_PAIR / 2; i++) {
      late.add(consortium.sign(CLIENT, "b", ids++, "c", "x=1"));
      consortium.advance(100);
    }
    consortium.advance(59_300);
    send("b", "c");
    long size = consortium.member("b").log().size();
    for (Statement one : late) {
      handOver("c", one, "b");
      consortium.advance(100);
      consortium.run();
    }
    assertTrue(consortium.member("b").log().size() <= size + 4);
    seconds(10);
    assertNothingOpen();
    assertAllSay(Verdict.TRUSTED, "b");
  }

  @Test
  void whatIsInTheLogAlreadyIsShown() {
    Statement put = consortium.sign(CLIENT, "b", ids++, "c", "x=1");
    consortium.submit("b", put);
    consortium.run();
    long size = consortium.member("b").log().size();
    handOver("c", put, "b");
    seconds(2);
    assertEquals(size, consortium.member("b").log().size());
    assertNothingOpen();
  }

  /** Whoever asks is told to come again; nothing else stops. */
  @Test
  void anOwnEntryThatHasRottenIsNotShownAndStopsNothing() {
    Statement put = consortium.sign(CLIENT, "b", ids++, "c", "x=1");
    long ticket = consortium.submit("b", put);
    consortium.run();
    long index =
        assertInstanceOf(Release.Recorded.class, consortium.member("b").answers().get(ticket))
            .index();
    consortium.member("b").log().flipBit(index, 99);
    ValidChallenge challenge = handOver("c", put, "b");
    consortium.member("b").step(new Input.ChallengeArrived(challenge, 1_000_000));
    assertEquals(
        new Release.ChallengeRefused(1_000_000, "log_unreadable"),
        consortium.member("b").answers().get(1_000_000L));
    long next = send("b", "a");
    assertInstanceOf(Release.Recorded.class, consortium.member("b").answers().get(next));
    consortium.member("b").log().flipBit(index, 99);
    seconds(5);
    assertEquals(List.of(TransactionOutcome.Status.EXECUTED), outcomes("b", put));
    assertNothingOpen();
  }

  @Test
  void aCensorIsSuspectedByAll() {
    silence("b");
    Statement put = consortium.sign(CLIENT, "b", ids++, "c", "x=1");
    handOver("c", put, "b");
    seconds(SECONDS);
    assertAllSay(Verdict.SUSPECTED, "b");
    heal();
    seconds(20);
    assertAllSay(Verdict.TRUSTED, "b");
    assertEquals(List.of(TransactionOutcome.Status.EXECUTED), outcomes("b", put));
  }

  // Audits.

  @Test
  void entriesThatAreNotProducedAreAskedFor() {
    send("b", "a");
    consortium.member("a").step(new Input.EntriesMissing(checkpoint("b"), 1));
    seconds(2);
    Effect.Produced produced = consortium.member("a").produced().get(0);
    assertEquals(1, produced.claim().from());
    assertEquals(consortium.member("b").log().entry(1), produced.entries().get(0));
    assertNothingOpen();
    // Nobody asks for what was not promised.
    consortium.member("a").step(new Input.EntriesMissing(checkpoint("b"), checkpoint("b").size()));
    seconds(2);
    assertEquals(1, consortium.member("a").produced().size());
  }

  /** More is open than may be under way to it at once, and nothing of that ever comes back. */
  @Test
  void whoLetsChallengesHangDoesNotHaveOthersFloodOneAnother() {
    send("b", "a");
    consortium.hang("b"::equals);
    VerifiedCheckpoint checkpoint = checkpoint("b");
    int raised = 0;
    for (int from = 0; from < checkpoint.size(); from++) {
      for (int count = 1; count <= checkpoint.size() - from; count++) {
        if (raised++ < Challenges.MAX_PER_PAIR) {
          Challenge.Audit audit = new Challenge.Audit(checkpoint.bytes(), from, count);
          consortium
              .member("c")
              .raise(
                  new Challenge(Challenge.Target.of(consortium.network().node("b")), "c", audit));
        }
      }
    }
    seconds(60);
    int open = node("c").challenges().size();
    assertTrue(open > Holding.MAX_UNDER_WAY, open + " are open");
    long before = consortium.puts();
    for (int i = 0; i < 600; i++) {
      consortium.advance(100);
      consortium.run();
    }
    // Every fifteen seconds, each of three holders asks one other and at most two witnesses.
    long puts = consortium.puts() - before;
    assertTrue(puts <= 3L * open * 5 * 3, puts + " in a minute");
    assertTrue(consortium.hung() <= 3L * Holding.MAX_UNDER_WAY, consortium.hung() + " hang");
  }

  /** Whoever has many clients keeps the other half of its quota for what it sees itself. */
  @Test
  void whatClientsHandOverLeavesHalfOfTheQuota() {
    silence("b");
    for (int i = 0; i < Challenges.MAX_PER_PAIR; i++) {
      handOver("c", consortium.sign(CLIENT, "b", ids++, "c", "k" + i + "=v"), "b");
    }
    assertEquals(Challenges.MAX_PER_PAIR / 2, node("c").challenges().size());
    VerifiedCheckpoint checkpoint = checkpoint("b");
    consortium
        .member("c")
        .raise(
            new Challenge(
                Challenge.Target.of(consortium.network().node("b")),
                "c",
                new Challenge.Audit(checkpoint.bytes(), 0, 1)));
    assertEquals(Challenges.MAX_PER_PAIR / 2 + 1, node("c").challenges().size());
  }

  // Confirmations.

  private List<String> witnesses(String of) {
    return Seating.founding(consortium.network().genesis()).witnessesOf(of).stream()
        .map(NodeRecord::node)
        .toList();
  }

  /** The one that neither is {@code target} nor witnesses it. */
  private String bystander(String target) {
    return NAMES.stream()
        .filter(name -> !name.equals(target) && !witnesses(target).contains(name))
        .findFirst()
        .orElseThrow();
  }

  private Confirmation confirmation(ValidChallenge challenge, String... cosigners) {
    SignedNote note;
    try {
      note = SignedNote.parse(((Claim.Audit) challenge.claim()).checkpoint().bytes());
    } catch (DecodeException e) {
      throw new AssertionError(e);
    }
    List<NoteSignature> lines = new ArrayList<>();
    for (String cosigner : cosigners) {
      lines.add(
          Cosignature.sign(
              TestNetwork.signer("cosigner " + cosigner),
              consortium.member(cosigner).machine().origin().format(),
              note.textBytes(),
              1_800_000_000L));
    }
    return new Confirmation(note.with(lines), List.of());
  }

  /** Node b is gone, after a witness has seen what it has signed and not what it has logged. */
  private void owesEntries() {
    send("b", "a");
    send("a", "b");
    silence("b");
    consortium.member(witnesses("b").get(0)).step(new Input.EntriesMissing(checkpoint("b"), 1));
  }

  /** SPEC protocol.md §7.1: non-witnesses accept confirmations of f+1 witnesses. */
  @Test
  void whoDoesNotWitnessTheTargetIsContentWithTheWordOfItsWitnesses() {
    owesEntries();
    // Each for itself and, once, both: a witness is not content with that.
    consortium.confirm(
        (holder, challenge) ->
            Optional.of(
                holder.equals(bystander("b"))
                    ? confirmation(challenge, witnesses("b").toArray(String[]::new))
                    : confirmation(challenge, holder)));
    seconds(SECONDS);
    assertEquals(Verdict.TRUSTED, node(bystander("b")).verdict("b"));
    assertEquals(List.of(), node(bystander("b")).challenges());
    assertEquals(List.of(), consortium.member(bystander("b")).opinions());
    // They need the entries themselves, and so does whoever has asked.
    for (String witness : witnesses("b")) {
      assertEquals(Verdict.SUSPECTED, node(witness).verdict("b"), witness);
    }
    // Hearing of it once more opens nothing.
    consortium.confirm((holder, challenge) -> Optional.empty());
    seconds(60);
    assertEquals(List.of(), node(bystander("b")).challenges());
    heal();
    seconds(30);
    assertAllSay(Verdict.TRUSTED, "b");
    assertNothingOpen();
    assertNothingProven();
  }

  /** As many as may be faulty say so, in every way they can think of. */
  @Test
  void theWordOfFWitnessesIsNotEnough() {
    owesEntries();
    String liar = witnesses("b").get(0);
    String other = bystander("b");
    consortium.confirm(
        (holder, challenge) -> Optional.of(confirmation(challenge, liar, liar, other, "b")));
    seconds(SECONDS);
    assertAllSay(Verdict.SUSPECTED, "b");
    assertFalse(node(other).challenges().isEmpty());
    consortium.confirm(
        (holder, challenge) -> Optional.of(confirmation(challenge, witnesses("b").get(1))));
    seconds(20);
    assertEquals(Verdict.TRUSTED, node(other).verdict("b"));
  }

  @Test
  void theWordOfAKnownLiarIsNone() {
    owesEntries();
    String liar = witnesses("b").get(1);
    String other = bystander("b");
    consortium.member(other).step(new Input.EvidenceFound(fork(liar)));
    consortium.confirm(
        (holder, challenge) ->
            Optional.of(confirmation(challenge, witnesses("b").toArray(String[]::new))));
    seconds(SECONDS);
    assertEquals(Verdict.SUSPECTED, node(other).verdict("b"));
  }

  /** Each part within its time, and yet the whole of it never: in sum it has had its time, too. */
  /** Others are content then, so it is asked for what it signs next, or nobody would find out. */
  @Test
  void whoHasGotByAnotherWayWhatItAskedForAsksForWhatComesNext() {
    send("b", "a");
    VerifiedCheckpoint known = checkpoint("b");
    send("a", "b");
    VerifiedCheckpoint newest = checkpoint("b");
    assertTrue(newest.size() > known.size());
    silence("b");
    String asking = witnesses("b").get(0);
    consortium.member(asking).step(new Input.EntriesMissing(known, 1));
    consortium.confirm(
        (holder, challenge) ->
            isAbout(known, challenge)
                ? Optional.of(confirmation(challenge, witnesses("b").toArray(String[]::new)))
                : Optional.empty());
    seconds(SECONDS);
    assertEquals(Verdict.TRUSTED, node(bystander("b")).verdict("b"));
    assertEquals(Verdict.SUSPECTED, node(asking).verdict("b"));
    // Not what it has asked for, but for the last entry.
    consortium.member(asking).step(new Input.EntriesMissing(newest, known.size() - 1));
    seconds(SECONDS);
    assertEquals(Verdict.TRUSTED, node(bystander("b")).verdict("b"));
    // All of it.
    consortium.member(asking).step(new Input.EntriesMissing(newest, known.size()));
    seconds(SECONDS);
    assertAllSay(Verdict.SUSPECTED, "b");
    heal();
    seconds(SECONDS);
    assertAllSay(Verdict.TRUSTED, "b");
    assertNothingOpen();
    assertNothingProven();
  }

  private static boolean isAbout(VerifiedCheckpoint checkpoint, ValidChallenge challenge) {
    return challenge.claim() instanceof Claim.Audit audit
        && audit.checkpoint().head().equals(checkpoint.head());
  }

  @Test
  void whoDolesOutItsLogIsSuspectedByAll() {
    for (int i = 0; i < 1_000; i++) {
      consortium.submit("b", consortium.sign(CLIENT, "b", ids++, "c", "x" + ids + "=1"));
    }
    consortium.run();
    VerifiedCheckpoint promised = checkpoint("b");
    assertTrue(promised.size() > 4L * Challenge.MAX_ENTRIES);
    Set<String> suspicious = new TreeSet<>();
    int period = 8;
    for (int second = 0; second < 5 * period; second++) {
      boolean isAnswering = second % period == period - 1;
      consortium.reach((from, to) -> isAnswering || !List.of(from, to).contains("b"));
      seconds(1);
      consortium.member("a").step(new Input.EntriesMissing(promised, produced("a")));
      consortium.run();
      if (second <= period) {
        assertAllSay(Verdict.TRUSTED, "b");
      }
      NAMES.stream()
          .filter(name -> node(name).verdict("b") == Verdict.SUSPECTED)
          .forEach(suspicious::add);
    }
    assertEquals(Set.of("a", "c", "d"), suspicious);
    assertTrue(produced("a") > Challenge.MAX_ENTRIES, "it has answered, after all");
    heal();
    for (int second = 0; second < 10; second++) {
      seconds(1);
      consortium.member("a").step(new Input.EntriesMissing(promised, produced("a")));
    }
    assertEquals(promised.size(), produced("a"));
    assertAllSay(Verdict.TRUSTED, "b");
    assertNothingProven();
  }

  private long produced(String by) {
    return consortium.member(by).produced().stream().mapToLong(it -> it.entries().size()).sum();
  }

  /** What its witness knows best, it says alone: nothing that others could check is missing. */
  @Test
  void aWardThatHasHadItsTimeForTheWholeIsSuspectedByItsWitness() {
    send("b", "c");
    consortium.member("a").step(new Input.EntriesOverdue("b", true));
    seconds(2);
    assertEquals(Verdict.SUSPECTED, node("a").verdict("b"));
    assertEquals(Verdict.TRUSTED, node("c").verdict("b"));
    consortium.member("a").step(new Input.EntriesOverdue("b", false));
    assertEquals(Verdict.TRUSTED, node("a").verdict("b"));
    assertNothingProven();
  }

  /** Nobody talks to a stopped node: what it waits for then nobody owes. */
  @Test
  void whoIsStoppedSuspectsNobodyUntilItsReadmission() {
    send("b", "c");
    consortium.member("a").step(new Input.EntriesOverdue("b", true));
    seconds(2);
    assertEquals(Verdict.SUSPECTED, node("a").verdict("b"));
    decide(NAMES, new Action.SuspendNode("a"));
    assertEquals(Verdict.TRUSTED, node("a").verdict("b"));
    seconds(20);
    assertEquals(Verdict.TRUSTED, node("a").verdict("b"));
    decide(NAMES, new Action.SuspendNode("a"), new Action.ReadmitNode("a", false));
    seconds(2);
    assertEquals(Verdict.SUSPECTED, node("a").verdict("b"));
  }

  private VerifiedCheckpoint checkpoint(String of) {
    return consortium
        .checkpoints()
        .verify(consortium.member(of).log().newest().orElseThrow())
        .orElseThrow();
  }

  // Links.

  @Test
  void aCheckpointThatStaysUnlinkedIsAskedAbout() {
    consortium.silenceWitnesses();
    send("b", "a");
    consortium.reach((from, to) -> !List.of(from, to).containsAll(List.of("a", "b")));
    send("b", "a");
    // Others bring the message, under a checkpoint that comes without a proof.
    seconds((int) PATIENCE.unacknowledgedMillis() / 1000 + 2);
    Origin origin = consortium.member("b").machine().origin();
    assertEquals(1, node("a").views().unlinked(origin).size());
    seconds((int) PATIENCE.unlinkedMillis() / 1000 + 5);
    assertEquals(List.of(), node("a").views().unlinked(origin));
    assertEquals(2, acked("b", "a"));
    seconds(5);
    assertNothingOpen();
    assertNothingProven();
  }

  // Floods, and witnesses that lie.

  @Test
  void aFloodOfChallengesLeavesNoCorrectNodeSuspected() {
    send("b", "a");
    long size = consortium.member("b").log().size();
    List<ValidChallenge> flood = new ArrayList<>();
    for (int i = 0; i < 3 * Challenges.MAX_PER_PAIR; i++) {
      Statement nonsense = consortium.sign(CLIENT, "b", 1000 + i, "nobody", "x=1");
      flood.add(handOver("d", nonsense, "b"));
      handOver("d", consortium.sign(CLIENT, "c", 1000 + i, "nobody", "x=1"), "c");
    }
    assertTrue(node("d").challenges().size() <= 2 * Challenges.MAX_PER_PAIR);
    for (int i = 0; i < 60; i++) {
      seconds(1);
      for (String name : NAMES) {
        for (ValidChallenge one : flood) {
          consortium.member(name).step(new Input.ChallengeArrived(one, 1_000_000 + i));
        }
      }
      assertAllSay(Verdict.TRUSTED, "b");
      assertAllSay(Verdict.TRUSTED, "c");
    }
    seconds(5);
    assertNothingOpen();
    assertNothingProven();
    // Not even what the flooder puts to it directly, beside every quota.
    for (int i = 0; i < 100; i++) {
      Statement nonsense = consortium.sign(CLIENT, "b", 5000 + i, "nobody", "x=1");
      ValidChallenge direct = consortium.valid(clientChallenge("d", nonsense, "b"));
      consortium.member("b").step(new Input.ChallengeArrived(direct, 2_000_000 + i));
      assertInstanceOf(
          Release.ChallengeAnswered.class, consortium.member("b").answers().get(2_000_000L + i));
    }
    consortium.run();
    assertEquals(size, consortium.member("b").log().size());
  }

  @Test
  void aWitnessThatWithholdsAnswersKeepsNobodySuspected() {
    silence("b");
    send("a", "b");
    seconds(SECONDS);
    assertAllSay(Verdict.SUSPECTED, "b");
    // d hears everything and says nothing; everybody asks b itself.
    consortium.reach((from, to) -> !from.equals("d"));
    seconds(30);
    for (String name : List.of("a", "c")) {
      assertEquals(Verdict.TRUSTED, node(name).verdict("b"), name);
    }
  }

  @Test
  void evidenceAgainstTheSenderEndsTheSuspicion() {
    silence("b");
    send("a", "b");
    seconds(SECONDS);
    assertAllSay(Verdict.SUSPECTED, "b");
    Evidence fork = fork("a");
    for (String name : List.of("c", "d")) {
      consortium.member(name).step(new Input.EvidenceFound(fork));
      assertEquals(Verdict.TRUSTED, node(name).verdict("b"), name);
      assertEquals(Verdict.EXPOSED, node(name).verdict("a"), name);
    }
    // What a goes on asking is not held any more.
    seconds(30);
    assertEquals(List.of(), node("c").challenges());
    assertEquals(Verdict.TRUSTED, node("c").verdict("b"));
  }

  private void decide(List<String> names, Action... actions) {
    Polity polity = new Polity(consortium.network());
    DecisionChain chain = polity.chain();
    for (Action action : actions) {
      chain = polity.decide(chain, action);
    }
    for (ValidDecision decision : chain.decisions()) {
      names.forEach(name -> consortium.member(name).step(new Input.DecisionTaken(decision)));
    }
  }

  /** Nobody may receive from a stopped node, so nobody can answer for not having done so. */
  @Test
  void aDecisionAgainstTheSenderEndsTheSuspicion() {
    silence("b");
    send("a", "b");
    seconds(SECONDS);
    assertAllSay(Verdict.SUSPECTED, "b");
    decide(List.of("b", "c", "d"), new Action.SuspendNode("a"));
    heal();
    seconds(30);
    for (String name : List.of("c", "d")) {
      assertEquals(Verdict.TRUSTED, node(name).verdict("b"), name);
      assertEquals(List.of(), node(name).challenges(), name);
    }
    decide(NAMES, new Action.SuspendNode("a"), new Action.ReadmitNode("a", false));
    seconds(60);
    assertEquals(1, acked("a", "b"));
    for (String name : NAMES) {
      for (String about : NAMES) {
        assertEquals(Verdict.TRUSTED, node(name).verdict(about), name + " about " + about);
      }
    }
    assertNothingOpen();
    assertNothingProven();
  }

  /** What is under way to a stopped node stays open, and is nobody's fault. */
  @Test
  void aStoppedReceiverIsNotChallenged() {
    silence("b");
    send("a", "b");
    decide(List.of("a", "c", "d"), new Action.SuspendNode("b"));
    seconds(2 * SECONDS);
    for (String name : List.of("a", "c", "d")) {
      assertEquals(Verdict.TRUSTED, node(name).verdict("b"), name);
      assertEquals(List.of(), node(name).challenges(), name);
    }
    assertEquals(0, acked("a", "b"));
  }

  private Evidence fork(String node) {
    ByzantineLog log = new ByzantineLog(consortium.network(), consortium.member(node).machine());
    Bytes file =
        new EvidenceBuilder(consortium.network().genesis().networkId())
            .fork(
                log.sign(new TreeHead(7, Hash.sha256(new byte[] {1}))),
                log.sign(new TreeHead(7, Hash.sha256(new byte[] {2}))));
    Verification verification =
        new EvidenceVerifier(consortium.network().genesis(), Map.of(program.id(), program))
            .verify(file);
    return ((Verification.Proven) verification).evidence();
  }

  // What a sender keeps back.

  /** What is open from {@code from} to {@code to}, as a witness of {@code from} reads it. */
  private Input.MessagesUndelivered undelivered(String from, String to) {
    TestConsortium.Member sender = consortium.member(from);
    SystemState state = Machine.system(sender.node().published().orElseThrow().state());
    ChannelId channel = ChannelId.to(consortium.network().node(to));
    long acked = state.outgoing(channel).acked();
    return new Input.MessagesUndelivered(
        from,
        to,
        new Challenge.Message(
            OpenMessages.lastAck(sender.log(), to, 0, sender.log().size()),
            OpenMessages.oldest(
                sender.machine().footprints(),
                sender.log(),
                sender.log().newest().orElseThrow(),
                state.openSends(channel, acked, OpenMessages.MAX_SENDS))));
  }

  private long received(String by, String from) {
    return Machine.system(node(by).published().orElseThrow().state())
        .received(ChannelId.to(consortium.network().node(from)));
  }

  /** SPEC protocol.md §6.5, faults.md "SEND logged, never transmitted". */
  @Test
  void whatASenderLogsAndNeverTransmitsIsDeliveredByAWitness() {
    send("a", "b");
    consortium.reach((from, to) -> !from.equals("a"));
    send("a", "b");
    send("a", "b");
    assertEquals(1, received("b", "a"));
    consortium.member("c").step(undelivered("a", "b"));
    seconds(3);
    assertEquals(3, received("b", "a"));
    for (String name : List.of("b", "c", "d")) {
      assertEquals(List.of(), node(name).challenges(), name);
    }
    seconds(60);
    assertAllSay(Verdict.TRUSTED, "a");
    for (String name : List.of("c", "d")) {
      assertEquals(Verdict.TRUSTED, node(name).verdict("b"), name);
    }
    // It has not asked; whoever asks is told, and logs it.
    assertEquals(1, acked("a", "b"));
    heal();
    seconds(30);
    assertEquals(3, acked("a", "b"));
    assertAllSay(Verdict.TRUSTED, "b");
    assertNothingOpen();
    assertNothingProven();
  }

  /** A sender whose receiver is out of its reach: the witness brings the ACK too. */
  @Test
  void theSenderLogsTheAcknowledgementThatAWitnessBrings() {
    send("a", "b");
    consortium.reach((from, to) -> !List.of(from, to).containsAll(List.of("a", "b")));
    send("a", "b");
    consortium.member("c").step(undelivered("a", "b"));
    seconds(3);
    assertEquals(2, received("b", "a"));
    assertEquals(2, acked("a", "b"));
    assertNothingOpen();
  }

  @Test
  void whoDoesNotTakeWhatAWitnessBringsIsSuspected() {
    silence("b");
    send("a", "b");
    consortium.member("c").step(undelivered("a", "b"));
    // Before the sender's own patience is over.
    seconds((int) PATIENCE.overdueMillis() / 1000 + 2);
    assertAllSay(Verdict.SUSPECTED, "b");
    heal();
    seconds(20);
    assertAllSay(Verdict.TRUSTED, "b");
    assertEquals(1, acked("a", "b"));
    assertNothingOpen();
  }

  /** The only correct witness may be the receiver. */
  @Test
  void aWitnessTakesWhatIsForItself() {
    send("a", "b");
    consortium.reach((from, to) -> !from.equals("a"));
    send("a", "b");
    Input.MessagesUndelivered seen = undelivered("a", "b");
    consortium.member("b").step(seen);
    seconds(1);
    assertEquals(2, received("b", "a"));
    // Read once more, in whole or in part, it is nothing new.
    long size = consortium.member("b").log().size();
    consortium.member("b").step(seen);
    seconds(1);
    assertEquals(size, consortium.member("b").log().size());
    send("a", "b");
    consortium.member("b").step(undelivered("a", "b"));
    seconds(1);
    assertEquals(3, received("b", "a"));
    heal();
    seconds(20);
    assertEquals(3, acked("a", "b"));
    assertNothingOpen();
    assertNothingProven();
  }

  @Test
  void nothingIsDeliveredForAStoppedSender() {
    consortium.reach((from, to) -> !from.equals("a"));
    send("a", "b");
    Input.MessagesUndelivered seen = undelivered("a", "b");
    decide(List.of("b", "c", "d"), new Action.SuspendNode("a"));
    seconds(1);
    consortium.member("c").step(seen);
    consortium.member("b").step(seen);
    seconds(5);
    assertEquals(0, received("b", "a"));
    for (String name : List.of("b", "c", "d")) {
      assertEquals(List.of(), node(name).challenges(), name);
    }
  }

  // Decisions.

  private List<ValidDecision> decided(Action... actions) {
    Polity polity = new Polity(consortium.network());
    DecisionChain chain = polity.chain();
    for (Action action : actions) {
      chain = polity.decide(chain, action);
    }
    consortium.knows(chain);
    return chain.decisions();
  }

  private void tell(ValidDecision decision, String... names) {
    for (String name : names) {
      consortium.member(name).step(new Input.DecisionTaken(decision));
    }
    consortium.run();
  }

  private long epoch(String name) {
    return Machine.system(node(name).published().orElseThrow().state())
        .governance(consortium.network().genesis().networkId())
        .epoch();
  }

  @Test
  void aDecisionThatANodeLacksIsBroughtToIt() {
    ValidDecision suspend = decided(new Action.SuspendNode("d")).get(0);
    tell(suspend, "a", "c");
    assertEquals(0, epoch("b"));
    consortium.member("a").step(new Input.DecisionMissing("b", suspend));
    seconds(3);
    assertEquals(1, epoch("b"));
    assertNothingOpen();
    assertNothingProven();
    // Nobody asks for what is not in its own log.
    ValidDecision next =
        decided(new Action.SuspendNode("d"), new Action.ReadmitNode("d", false)).get(1);
    consortium.member("a").step(new Input.DecisionMissing("b", next));
    seconds(3);
    assertEquals(1, epoch("b"));
    assertNothingOpen();
  }

  @Test
  void aNodeThatIgnoresADecisionIsSuspectedUntilItLogsOne() {
    ValidDecision suspend = decided(new Action.SuspendNode("d")).get(0);
    tell(suspend, "a", "c");
    silence("b");
    consortium.member("a").step(new Input.DecisionMissing("b", suspend));
    seconds((int) PATIENCE.overdueMillis() / 1000 + 3);
    assertEquals(Verdict.SUSPECTED, node("a").verdict("b"));
    assertEquals(Verdict.SUSPECTED, node("c").verdict("b"));
    // The same decision by other ballots will do.
    Polity polity = new Polity(consortium.network());
    Bytes other = polity.confirmed(polity.chain().state(), new Action.SuspendNode("d")).encode();
    try {
      tell(polity.chain().append(other).decisions().get(0), "b");
    } catch (DecodeException e) {
      throw new AssertionError(e);
    }
    heal();
    seconds(20);
    assertEquals(Verdict.TRUSTED, node("a").verdict("b"));
    assertEquals(Verdict.TRUSTED, node("c").verdict("b"));
    assertNothingOpen();
  }

  @Test
  void decisionsThatComeInTheWrongOrderWaitForTheirTurn() {
    List<ValidDecision> both =
        decided(new Action.SuspendNode("d"), new Action.ReadmitNode("d", false));
    tell(both.get(0), "a", "c");
    tell(both.get(1), "a", "c");
    consortium.member("a").step(new Input.DecisionMissing("b", both.get(1)));
    seconds(2);
    assertEquals(0, epoch("b"));
    consortium.member("c").step(new Input.DecisionMissing("b", both.get(0)));
    seconds(15);
    assertEquals(2, epoch("b"));
    for (String name : List.of("a", "c")) {
      assertEquals(List.of(), node(name).challenges(), name);
      assertEquals(Verdict.TRUSTED, node(name).verdict("b"), name);
    }
  }

  /**
   * Any node may be out of reach of any other for a while, and sends what it likes; once all reach
   * one another nobody is suspected, nothing is open, and nothing was ever proven.
   */
  @Test
  void afterHealingNobodyIsSuspected() {
    Seeded.run(
        15,
        random -> {
          ChallengingTest run = new ChallengingTest();
          for (int i = 0; i < 60; i++) {
            String from = NAMES.get(random.nextInt(NAMES.size()));
            String to = NAMES.get(random.nextInt(NAMES.size()));
            switch (random.nextInt(6)) {
              case 0, 1 -> run.send(from, to);
              case 2 -> {
                BiPredicate<String, String> isCut =
                    random.nextBoolean()
                        ? (one, other) -> one.equals(from)
                        : (one, other) -> one.equals(from) && other.equals(to);
                run.consortium.reach(isCut.negate());
              }
              case 3 -> run.heal();
              case 4 -> {
                if (!from.equals(to)) {
                  run.handOver(from, run.consortium.sign(CLIENT, to, run.ids++, "c", "y=1"), to);
                }
              }
              default -> run.seconds(1 + random.nextInt(8));
            }
          }
          run.heal();
          run.seconds(60);
          NAMES.forEach(name -> run.assertAllSay(Verdict.TRUSTED, name));
          run.assertNothingOpen();
          run.assertNothingProven();
        });
  }

  /** SPEC protocol.md §7.4: a suspicion leaves no trace in anybody's log. */
  @Test
  void noLogHoldsAChallenge() {
    silence("b");
    send("a", "b");
    seconds(SECONDS);
    heal();
    seconds(20);
    for (String name : NAMES) {
      MemoryLog log = consortium.member(name).log();
      for (long index = 0; index < log.size(); index++) {
        assertEquals(Optional.empty(), challengeAt(log, index));
      }
    }
  }

  private static Optional<Entry> challengeAt(MemoryLog log, long index) {
    try {
      Entry entry = Entry.decode(log.entry(index));
      return entry.type() == EntryType.CHALLENGE ? Optional.of(entry) : Optional.empty();
    } catch (DecodeException e) {
      throw new AssertionError(e);
    }
  }
}
