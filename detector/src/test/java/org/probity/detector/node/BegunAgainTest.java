package org.probity.detector.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.probity.detector.audit.ConformanceAudit;
import org.probity.detector.challenge.Answer;
import org.probity.detector.challenge.AnswerRule;
import org.probity.detector.challenge.Challenge;
import org.probity.detector.challenge.ChallengeRule;
import org.probity.detector.challenge.ValidChallenge;
import org.probity.detector.codec.Bytes;
import org.probity.detector.commitment.AckRule;
import org.probity.detector.commitment.ChannelId;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.OpenMessages;
import org.probity.detector.commitment.Replay;
import org.probity.detector.commitment.SystemState;
import org.probity.detector.commitment.TransactionRule;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.Signer;
import org.probity.detector.crypto.Statement;
import org.probity.detector.evidence.EvidenceVerifier;
import org.probity.detector.evidence.Verification;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.Incarnations;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Parameters;
import org.probity.detector.governance.Polity;
import org.probity.detector.log.AckEntry;
import org.probity.detector.log.CheckpointSigner;
import org.probity.detector.log.Entry;
import org.probity.detector.log.EntryType;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.ReceiveEntry;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.SigningMark;
import org.probity.detector.log.TreeHead;
import org.probity.detector.state.StateWitness;
import org.probity.detector.trust.Verdict;

/**
 * SPEC protocol.md §11.3: alpha has lost its store. Its members close the log where the others have
 * it, and alpha goes on from there under new keys.
 */
class BegunAgainTest {
  private static final Signer CLIENT = TestNetwork.signer("client");
  private static final Signer NEW_KEY = TestNetwork.signer("log alpha/1");
  private static final List<String> OTHERS = List.of("beta", "gamma", "delta");

  private final TestConsortium consortium =
      new TestConsortium(
          TestNetwork.of(
              Parameters.of(1, 2),
              new ObjectStore().id(),
              Bytes.EMPTY,
              "alpha",
              "beta",
              "gamma",
              "delta"),
          new ObjectStore());
  private final Polity polity = new Polity(consortium.network());
  private final NodeRecord later = Polity.next(consortium.network().node("alpha"));
  private long ids;

  BegunAgainTest() {
    consortium.advance(1);
    consortium.run();
  }

  private Statement signed(String home, String body) {
    return consortium.sign(CLIENT, home, ids++, "c", body);
  }

  private long submit(String home, String body) {
    return consortium.submit(home, signed(home, body));
  }

  private SystemState system(String node) {
    return Machine.system(consortium.member(node).node().published().orElseThrow().state());
  }

  private DecisionChain approved(MemoryLog log, long size, Hash stateRoot) {
    TreeHead close =
        log.checkpoints().stream()
            .map(SignedCheckpoint::head)
            .filter(head -> head.size() == size)
            .findFirst()
            .orElseThrow();
    return polity.decide(
        polity.chain(),
        new Action.ApproveIncarnation(
            polity.enrolment(later, Polity.signer(later.member())),
            close,
            stateRoot,
            consortium.nowMillis(),
            List.of()));
  }

  /** Alpha's log is closed where it is now, and everybody else knows. */
  private TestConsortium.Member reopened() {
    TestConsortium.Member alpha = consortium.member("alpha");
    Published end = alpha.node().published().orElseThrow();
    consortium.knows(approved(alpha.log(), end.size(), end.state().root()));
    TestConsortium.Member former = consortium.begin("alpha", NEW_KEY, alpha.log());
    consortium.run();
    consortium.tellAll();
    consortium.run();
    return former;
  }

  private void assertReplaysClean(String node) {
    TestConsortium.Member member = consortium.member(node);
    ConformanceAudit audit = new ConformanceAudit(member.machine());
    for (long index = 0; index < member.log().size(); index++) {
      Replay.Prepared prepared =
          Replay.prepare(member.log().entry(index), node, consortium.verifier());
      assertEquals(Optional.empty(), audit.feed(prepared), node + " entry " + index);
    }
  }

  private void assertNobodyAccusesAnybody() {
    for (String node : List.of("alpha", "beta", "gamma", "delta")) {
      assertEquals(List.of(), consortium.member(node).candidates(), node);
      for (String other : List.of("alpha", "beta", "gamma", "delta")) {
        assertEquals(Verdict.TRUSTED, consortium.member(node).node().verdict(other), node);
      }
    }
  }

  @Test
  void whatWasOnItsWayArrivesAndBothDirectionsGoOn() {
    submit("alpha", "beta/before=1");
    submit("beta", "alpha/before=2");
    consortium.run();
    consortium.reach((from, to) -> !from.equals("alpha") && !to.equals("alpha"));
    submit("alpha", "beta/under-way=3");
    submit("beta", "alpha/under-way=4");
    consortium.run();
    reopened();
    consortium.reach((from, to) -> true);
    for (int i = 0; i < 30; i++) {
      consortium.advance(1_000);
      consortium.run();
    }
    submit("alpha", "beta/after=5");
    submit("beta", "alpha/after=6");
    consortium.run();
    assertEquals(3, system("beta").received(new ChannelId("alpha")));
    assertEquals(3, system("alpha").received(new ChannelId("beta")));
    assertEquals(3, system("alpha").outgoing(new ChannelId("beta")).acked());
    assertEquals(3, system("beta").outgoing(new ChannelId("alpha")).acked());
    List.of("alpha", "beta", "gamma", "delta").forEach(this::assertReplaysClean);
    assertNobodyAccusesAnybody();
    consortium.member("alpha").restart();
    consortium.member("beta").restart();
    consortium.run();
    submit("alpha", "beta/restarted=7");
    consortium.run();
    assertEquals(4, system("beta").received(new ChannelId("alpha")));
    assertNobodyAccusesAnybody();
  }

  @Test
  void whatWasExecutedIsNotExecutedTwice() {
    Statement statement = signed("alpha", "beta/once=1");
    long first = consortium.submit("alpha", statement);
    consortium.run();
    Release.Recorded before =
        assertInstanceOf(Release.Recorded.class, consortium.member("alpha").answers().get(first));
    reopened();
    long again = consortium.submit("alpha", statement);
    consortium.run();
    Release.Recorded after =
        assertInstanceOf(Release.Recorded.class, consortium.member("alpha").answers().get(again));
    assertEquals(before.index(), after.index());
    assertEquals(before.outcome(), after.outcome());
  }

  /** Whoever still runs the old one: nobody takes anything from it, and nobody is to blame. */
  @Test
  void theOldKeysMoveNothingBeyondTheClose() {
    submit("alpha", "beta/before=1");
    consortium.run();
    TestConsortium.Member former = reopened();
    former.step(
        new Input.Submitted(
            TransactionRule.check(
                    signed("alpha", "beta/zombie=1").encoded(), "alpha", consortium.verifier())
                .checked()
                .orElseThrow(),
            4_711));
    former.commit();
    former.step(new Input.Clock(consortium.nowMillis() + 1, consortium.nowMillis() + 1));
    consortium.run();
    assertEquals(1, system("beta").received(new ChannelId("alpha")));
    submit("alpha", "beta/after=1");
    for (int i = 0; i < 3; i++) {
      consortium.advance(1_000);
      consortium.run();
    }
    assertEquals(2, system("beta").received(new ChannelId("alpha")));
    assertReplaysClean("beta");
    assertNobodyAccusesAnybody();
  }

  @Test
  void aForkOfTheClosedLogStands() {
    submit("alpha", "beta/before=1");
    consortium.run();
    MemoryLog closed = consortium.member("alpha").log();
    SignedCheckpoint shown = closed.newest().orElseThrow();
    SignedCheckpoint other = sign(consortium.network().logKey("alpha"), shown, 0);
    reopened();
    overhears("gamma", shown);
    overhears("gamma", other);
    assertProvenAgainstAlpha("gamma");
  }

  @Test
  void aForkOfTheNextOneIsProvenWithTheDecisionThatEnrolsItsKey() {
    reopened();
    submit("alpha", "beta/after=1");
    consortium.run();
    SignedCheckpoint shown = consortium.member("alpha").log().newest().orElseThrow();
    SignedCheckpoint other = sign(NEW_KEY, shown, 1);
    overhears("gamma", shown);
    overhears("gamma", other);
    assertProvenAgainstAlpha("gamma");
  }

  /** SPEC protocol.md §8.3: what was proven before is proven to whoever has lost it. */
  @Test
  void whoBeginsAgainIsToldWhatIsProven() {
    TestConsortium.Member beta = consortium.member("beta");
    SignedCheckpoint shown = consortium.member("delta").log().newest().orElseThrow();
    overhears("beta", shown);
    overhears("beta", sign(consortium.network().logKey("delta"), shown, 0));
    Verification.Proven fork =
        assertInstanceOf(
            Verification.Proven.class,
            new EvidenceVerifier(
                    consortium.network().genesis(),
                    Map.of(new ObjectStore().id(), new ObjectStore()))
                .verify(beta.candidates().get(0)));
    beta.step(new Input.EvidenceFound(fork.evidence()));
    List<Effect.Spread> once = List.of(new Effect.Spread(fork.evidence()));
    assertEquals(once, beta.spread());
    reopened();
    assertEquals(
        List.of(new Effect.Spread(fork.evidence()), new Effect.Spread(fork.evidence())),
        beta.spread());
  }

  /** SPEC protocol.md §7.2: also where a single other node knows of it, and nobody's turn comes. */
  @Test
  void whoBeginsAgainIsToldWhatIsOpen() {
    consortium.reach((from, to) -> false);
    SignedCheckpoint promised = consortium.member("delta").log().newest().orElseThrow();
    consortium
        .member("gamma")
        .raise(
            new Challenge(
                Challenge.Target.of(consortium.network().node("delta")),
                "gamma",
                new Challenge.Audit(promised.bytes(), 0, 1)));
    consortium.run();
    consortium.reach((from, to) -> !from.equals("delta") && !to.equals("delta"));
    reopened();
    assertEquals(1, consortium.member("alpha").node().challenges().size());
  }

  private void overhears(String node, SignedCheckpoint checkpoint) {
    consortium
        .member(node)
        .step(
            new Input.Overheard(
                "beta", List.of(consortium.checkpoints().verify(checkpoint).orElseThrow()), 7));
  }

  private void assertProvenAgainstAlpha(String by) {
    EvidenceVerifier verifier =
        new EvidenceVerifier(
            consortium.network().genesis(), Map.of(new ObjectStore().id(), new ObjectStore()));
    List<Bytes> candidates = consortium.member(by).candidates();
    assertEquals(1, candidates.size());
    Verification.Proven proven =
        assertInstanceOf(Verification.Proven.class, verifier.verify(candidates.get(0)));
    assertEquals(Optional.of("alpha"), proven.evidence().node());
  }

  private SignedCheckpoint sign(Signer key, SignedCheckpoint shown, long incarnation) {
    assertEquals(incarnation, shown.origin().incarnation());
    return ((CheckpointSigner.Signed)
            CheckpointSigner.guarding(key, shown.origin(), SigningMark.NOTHING_SIGNED)
                .sign(new TreeHead(shown.size(), Hash.sha256(new byte[] {9}))))
        .checkpoint();
  }

  /** What the lost node was asked it will never answer: the decision ends the suspicion. */
  @Test
  void aDecisionMakesMootWhatTheClosedOneWasAsked() {
    submit("alpha", "beta/before=1");
    consortium.run();
    consortium.reach((from, to) -> !from.equals("alpha") && !to.equals("alpha"));
    TestConsortium.Member alpha = consortium.member("alpha");
    SignedCheckpoint promised = alpha.log().newest().orElseThrow();
    consortium
        .member("gamma")
        .raise(
            new Challenge(
                Challenge.Target.of(consortium.network().node("alpha")),
                "gamma",
                new Challenge.Audit(promised.bytes(), 0, 1)));
    for (int i = 0; i < 20; i++) {
      consortium.advance(1_000);
      consortium.run();
    }
    OTHERS.forEach(
        other ->
            assertEquals(
                Verdict.SUSPECTED, consortium.member(other).node().verdict("alpha"), other));
    reopened();
    consortium.reach((from, to) -> true);
    OTHERS.forEach(
        other -> {
          assertEquals(List.of(), consortium.member(other).node().challenges(), other);
          assertEquals(Verdict.TRUSTED, consortium.member(other).node().verdict("alpha"), other);
        });
    // And what the next one is asked it answers.
    SignedCheckpoint present = consortium.member("alpha").log().newest().orElseThrow();
    consortium
        .member("gamma")
        .raise(
            new Challenge(
                Challenge.Target.of(later), "gamma", new Challenge.Audit(present.bytes(), 0, 2)));
    consortium.advance(1_000);
    consortium.run();
    assertEquals(1, consortium.member("gamma").produced().size());
    assertNobodyAccusesAnybody();
  }

  /**
   * It was judged before the decision and comes after it: nobody may log what the closed one sent.
   */
  @Test
  void nobodyIsAskedForMessagesOfTheClosedOneAnyMore() {
    consortium.reach((from, to) -> !from.equals("alpha") && !to.equals("alpha"));
    submit("alpha", "beta/under-way=1");
    TestConsortium.Member alpha = consortium.member("alpha");
    alpha.commit();
    Challenge.Message message =
        new Challenge.Message(
            Optional.empty(),
            OpenMessages.oldest(
                alpha.machine().footprints(),
                alpha.log(),
                alpha.log().newest().orElseThrow(),
                List.of(sendTo(alpha.log()))));
    ValidChallenge judged =
        consortium.valid(
            consortium
                .member("gamma")
                .signed(
                    new Challenge(
                        Challenge.Target.of(consortium.network().node("beta")), "gamma", message)));
    reopened();
    TestConsortium.Member delta = consortium.member("delta");
    delta.step(new Input.ChallengeArrived(judged, 4_712));
    assertEquals(
        new Release.ChallengeRefused(4_712, "incarnation_closed"), delta.answers().get(4_712L));
    assertEquals(List.of(), delta.node().challenges());
    assertNobodyAccusesAnybody();
  }

  /** A message challenge names what its target has acknowledged before, under whatever key. */
  @Test
  void anAcknowledgementOfTheClosedOneCounts() {
    submit("beta", "alpha/before=1");
    consortium.run();
    assertEquals(1, system("beta").outgoing(new ChannelId("alpha")).acked());
    reopened();
    submit("beta", "alpha/after=1");
    TestConsortium.Member beta = consortium.member("beta");
    beta.commit();
    List<Long> open = system("beta").openSends(new ChannelId("alpha"), 1, OpenMessages.MAX_SENDS);
    Challenge.Message body =
        new Challenge.Message(
            OpenMessages.lastAck(beta.log(), "alpha", 0, beta.log().size()),
            OpenMessages.oldest(
                beta.machine().footprints(), beta.log(), beta.log().newest().orElseThrow(), open));
    assertEquals(
        0,
        consortium
            .checkpoints()
            .verify(body.lastAck().orElseThrow().checkpoint())
            .orElseThrow()
            .origin()
            .incarnation());
    beta.raise(new Challenge(Challenge.Target.of(later), "beta", body));
    consortium.run();
    assertEquals(2, system("beta").outgoing(new ChannelId("alpha")).acked());
    assertEquals(List.of(), beta.node().challenges());
  }

  /** Beyond its close a node remembers nothing: nobody may rest a question, or an answer, on it. */
  @Test
  void anAcknowledgementBeyondTheCloseCountsForNothing() throws Exception {
    submit("beta", "alpha/before=1");
    consortium.run();
    TestConsortium.Member alpha = consortium.member("alpha");
    Published close = alpha.node().published().orElseThrow();
    // This one is in no copy when the members close the log, and the sender has not logged its ack.
    submit("beta", "alpha/lost=1");
    consortium.reach((from, to) -> !(from.equals("alpha") && to.equals("beta")));
    consortium.run();
    AckEntry lost = ack(alpha);
    assertEquals(2, AckRule.provenCount(lost, consortium.network().node("beta")).orElse(-1L));
    consortium.knows(approved(alpha.log(), close.size(), close.state().root()));
    consortium.begin("alpha", NEW_KEY, alpha.log());
    consortium.run();
    consortium.tellAll();
    consortium.reach((from, to) -> true);
    consortium.run();
    TestConsortium.Member beta = consortium.member("beta");
    ReceiveEntry messages =
        OpenMessages.oldest(
            beta.machine().footprints(),
            beta.log(),
            beta.log().newest().orElseThrow(),
            List.of(sendTo(beta.log())));
    Challenge.Message all = new Challenge.Message(Optional.empty(), messages);
    ValidChallenge asked =
        consortium.valid(beta.signed(new Challenge(Challenge.Target.of(later), "beta", all)));
    AnswerRule answers =
        new AnswerRule(consortium.network().genesis(), new ObjectStore(), consortium::chain);
    assertEquals(
        "ack_unproven",
        answers.check(asked, Answer.acknowledging(lost)).refusal().orElseThrow().code());
    ChallengeRule rule =
        new ChallengeRule(consortium.network().genesis(), new ObjectStore(), consortium::chain);
    Challenge.Message cites = new Challenge.Message(Optional.of(lost), messages);
    Bytes citing = beta.signed(new Challenge(Challenge.Target.of(later), "beta", cites));
    assertEquals("ack_unproven", rule.check(citing).refusal().orElseThrow().code());
  }

  /** As alpha acknowledges now all that beta has sent. */
  private static AckEntry ack(TestConsortium.Member alpha) {
    Published now = alpha.node().published().orElseThrow();
    Bytes key = Machine.systemKey(SystemState.receivedKey(new ChannelId("beta")));
    return new AckEntry(
        now.checkpoint().bytes(),
        now.lastEntry().bytes(),
        MerkleProofs.inclusion(alpha.log(), now.size() - 1, now.size()),
        StateWitness.ofKeys(now.state(), List.of(key)).encoded());
  }

  /** Where the first SEND is. */
  private static long sendTo(MemoryLog log) {
    for (long index = 0; index < log.size(); index++) {
      if (Entry.typeOf(log.entry(index)).equals(Optional.of(EntryType.SEND))) {
        return index;
      }
    }
    throw new AssertionError("nothing was sent");
  }

  /** SPEC protocol.md §6.2: a witness that has begun again is shown everything once more. */
  @Test
  void whatAWitnessConfirmedBeforeItLostItsStoreIsShownToItAgain() {
    for (String author : OTHERS) {
      OTHERS.stream()
          .filter(peer -> !peer.equals(author))
          .forEach(peer -> submit(author, peer + "/" + author + "=1"));
    }
    consortium.run();
    consortium.advance(1_000);
    consortium.run();
    TestConsortium.Member former = reopened();
    assertFalse(former.heardAsWitness().isEmpty(), "alpha witnesses somebody");
    consortium.advance(1_000);
    consortium.run();
    for (String author : OTHERS) {
      boolean isWard =
          former.heardAsWitness().stream().anyMatch(it -> it.origin().node().equals(author));
      boolean isShown =
          consortium.member("alpha").heardAsWitness().stream()
              .anyMatch(it -> it.origin().node().equals(author));
      assertEquals(isWard, isShown, author);
    }
  }

  @Test
  void itsTimeBeginsWhereTheMembersFixedIt() {
    TestConsortium.Member alpha = consortium.member("alpha");
    Published end = alpha.node().published().orElseThrow();
    consortium.advance(5_000);
    long fixed = consortium.nowMillis();
    consortium.knows(approved(alpha.log(), end.size(), end.state().root()));
    consortium.begin("alpha", NEW_KEY, alpha.log());
    // A clock that is behind what the members have fixed.
    consortium.member("alpha").step(new Input.Clock(fixed - 4_000, fixed - 4_000));
    long ticket = submit("alpha", "beta/early=1");
    consortium.member("alpha").commit();
    assertInstanceOf(Release.Recorded.class, consortium.member("alpha").answers().get(ticket));
    assertEquals(fixed, system("alpha").tickMillis());
    assertReplaysClean("alpha");
  }

  @Test
  void whoIsNotWhereTheMembersSayDoesNotBegin() {
    submit("alpha", "beta/before=1");
    consortium.run();
    MemoryLog log = consortium.member("alpha").log();
    Published end = consortium.member("alpha").node().published().orElseThrow();
    Machine wrongState = machine(approved(log, end.size(), Hash.sha256(new byte[] {1})));
    Machine machine = machine(approved(log, end.size(), end.state().root()));
    MemoryLog copy = new MemoryLog();
    copy.copy(log, end.size());
    MemoryLog shorter = new MemoryLog();
    shorter.copy(log, end.size() - 1);
    MemoryLog other = new MemoryLog();
    other.copy(consortium.member("gamma").log(), consortium.member("gamma").log().size());
    assertEquals(end.size(), close(machine, copy).frontier().size());
    assertRefused("replay ends in", wrongState, copy);
    assertRefused("entries", machine, shorter);
    assertRefused("", machine, other);
  }

  private Machine machine(DecisionChain chain) {
    return new Machine(
        consortium.network().genesis(),
        Incarnations.of(chain.state(), "alpha").orElseThrow(),
        new ObjectStore());
  }

  private static LogPosition close(Machine machine, MemoryLog log) {
    try {
      return Restore.close(machine, log);
    } catch (Restore.RestoreException e) {
      throw new AssertionError(e);
    }
  }

  private static void assertRefused(String why, Machine machine, MemoryLog log) {
    Restore.RestoreException refused =
        assertThrows(Restore.RestoreException.class, () -> Restore.close(machine, log));
    assertTrue(String.valueOf(refused.getMessage()).contains(why), refused.getMessage());
    assertFalse(String.valueOf(refused.getMessage()).isEmpty());
  }
}
