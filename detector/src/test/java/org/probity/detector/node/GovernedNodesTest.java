package org.probity.detector.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.probity.detector.Seeded;
import org.probity.detector.audit.ConformanceAudit;
import org.probity.detector.codec.Bytes;
import org.probity.detector.commitment.ChannelId;
import org.probity.detector.commitment.FinalLog;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.OpenMessages;
import org.probity.detector.commitment.Replay;
import org.probity.detector.commitment.SystemState;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.Signer;
import org.probity.detector.evidence.ByzantineLog;
import org.probity.detector.evidence.Evidence;
import org.probity.detector.evidence.EvidenceBuilder;
import org.probity.detector.evidence.EvidenceVerifier;
import org.probity.detector.evidence.Verification;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.Decision;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.GovernanceState;
import org.probity.detector.governance.Incarnations;
import org.probity.detector.governance.Parameters;
import org.probity.detector.governance.Polity;
import org.probity.detector.governance.ValidDecision;
import org.probity.detector.log.DecisionEntry;
import org.probity.detector.log.Entry;
import org.probity.detector.log.TreeHead;
import org.probity.detector.trust.Verdict;

/** SPEC protocol.md §5.3, §13.4: nodes log what their members decide, in order and each once. */
class GovernedNodesTest {
  private static final List<String> NODES = List.of("alpha", "beta", "gamma", "delta");
  private static final Signer CLIENT = TestNetwork.signer("client");

  private final TestConsortium consortium =
      new TestConsortium(
          TestNetwork.of(
              Parameters.of(1, 2),
              new ObjectStore().id(),
              Bytes.EMPTY,
              NODES.toArray(String[]::new)),
          new ObjectStore());
  private final Polity polity = new Polity(consortium.network());
  private long ids;

  private DecisionChain chain(Action... actions) {
    DecisionChain chain = polity.chain();
    for (Action action : actions) {
      chain = polity.decide(chain, action);
    }
    return chain;
  }

  private void tell(String node, ValidDecision decision) {
    consortium.member(node).step(new Input.DecisionTaken(decision));
  }

  private void tellAll(ValidDecision decision) {
    NODES.forEach(node -> tell(node, decision));
    consortium.run();
  }

  private SystemState system(String name) {
    return Machine.system(consortium.member(name).node().published().orElseThrow().state());
  }

  private GovernanceState governance(String name) {
    return system(name).governance(consortium.network().genesis().networkId());
  }

  private long submit(String home, String body) {
    return consortium.submit(home, consortium.sign(CLIENT, home, ids++, "c", body));
  }

  private ChannelId channel(String name) {
    return ChannelId.to(consortium.network().node(name));
  }

  private void assertReplaysClean(String name) {
    TestConsortium.Member member = consortium.member(name);
    ConformanceAudit audit = new ConformanceAudit(member.machine());
    for (long index = 0; index < member.log().size(); index++) {
      Replay.Prepared prepared =
          Replay.prepare(member.log().entry(index), name, consortium.verifier());
      assertEquals(Optional.empty(), audit.feed(prepared), name + " entry " + index);
    }
    assertEquals(member.log().size(), audit.auditedSize());
  }

  private long decisionsLogged(String name) throws Exception {
    long count = 0;
    MemoryLog log = consortium.member(name).log();
    for (long index = 0; index < log.size(); index++) {
      if (Entry.decode(log.entry(index)).body() instanceof DecisionEntry) {
        count++;
      }
    }
    return count;
  }

  /** A split of the members is theirs: a node goes on with its own log. */
  @Test
  void whoHasKeptOtherDecisionsThanItLoggedGoesOn() {
    DecisionChain ours =
        chain(new Action.SuspendNode("delta"), new Action.ReadmitNode("delta", false));
    tell("alpha", ours.decisions().get(0));
    consortium.run();
    consortium.knows(chain(new Action.SuspendNode("gamma")));
    consortium.member("alpha").restart();
    tell("alpha", ours.decisions().get(1));
    consortium.run();
    assertEquals(2, governance("alpha").epoch());
    long ticket = submit("alpha", "x=1");
    consortium.run();
    assertInstanceOf(Release.Recorded.class, consortium.member("alpha").answers().get(ticket));
  }

  @Test
  void aDecisionIsLoggedOnceWhoeversBallotsItCarries() throws Exception {
    Action suspend = new Action.SuspendNode("delta");
    tellAll(chain(suspend).decisions().get(0));
    Decision other = polity.confirmed(polity.chain().state(), suspend);
    tellAll(polity.chain().append(other.encode()).decisions().get(0));
    for (String node : NODES) {
      assertEquals(1, governance(node).epoch());
      assertEquals(1, decisionsLogged(node));
      assertReplaysClean(node);
    }
  }

  @Test
  void whatDidNotReachARevokedNodeReturns() {
    submit("alpha", "delta/1=v");
    consortium.run();
    consortium.reach((from, to) -> !from.equals("delta") && !to.equals("delta"));
    for (int i = 2; i < 2 + OpenMessages.MAX_SENDS + 5; i++) {
      submit("alpha", "delta/" + i + "=v");
    }
    consortium.run();
    TestConsortium.Member delta = consortium.member("delta");
    Action.RevokeNode revocation =
        FinalLog.revocation(
            chain(), Incarnations.founding(consortium.network().node("delta")), delta.log());
    assertEquals(List.of(new Action.Taken(new Action.LogName("alpha", 0), 1)), revocation.taken());
    DecisionChain chain = chain(new Action.SuspendNode("delta"), revocation);
    chain.decisions().forEach(decision -> tell("alpha", decision));
    for (int clock = 0; clock < 3; clock++) {
      consortium.advance(50);
      consortium.run();
    }
    assertEquals(
        new SystemState.Outgoing(OpenMessages.MAX_SENDS + 6, OpenMessages.MAX_SENDS + 6),
        system("alpha").outgoing(channel("delta")));
    assertReplaysClean("alpha");
  }

  @Test
  void decisionsWaitForTheirTurn() throws Exception {
    List<ValidDecision> decisions =
        chain(
                new Action.SuspendNode("delta"),
                new Action.ReadmitNode("delta", false),
                new Action.SuspendNode("delta"))
            .decisions();
    tell("alpha", decisions.get(2));
    tell("alpha", decisions.get(1));
    consortium.run();
    assertEquals(0, governance("alpha").epoch());
    tell("alpha", decisions.get(0));
    consortium.run();
    assertEquals(3, governance("alpha").epoch());
    assertEquals(3, decisionsLogged("alpha"));
    assertReplaysClean("alpha");
  }

  @Test
  void theWaitingAreBoundedAndTheNextInTurnAlwaysFits() throws Exception {
    List<Action> actions = new ArrayList<>();
    for (int i = 0; i < Decisions.MAX_WAITING + 4; i++) {
      actions.add(
          i % 2 == 0 ? new Action.SuspendNode("delta") : new Action.ReadmitNode("delta", false));
    }
    List<ValidDecision> decisions = chain(actions.toArray(Action[]::new)).decisions();
    for (int i = decisions.size() - 1; i >= 0; i--) {
      tell("alpha", decisions.get(i));
    }
    consortium.run();
    // Those that were too many have to come again.
    long reached = governance("alpha").epoch();
    assertTrue(reached >= 1 && reached < decisions.size());
    decisions.forEach(decision -> tell("alpha", decision));
    consortium.run();
    assertEquals(decisions.size(), governance("alpha").epoch());
  }

  @Test
  void aChainThatHasSplitIsReportedAndNotLogged() throws Exception {
    tellAll(chain(new Action.SuspendNode("delta")).decisions().get(0));
    ValidDecision other =
        chain(new Action.SuspendNode("gamma"), new Action.SuspendNode("delta")).decisions().get(1);
    Step step = consortium.member("alpha").node().step(new Input.DecisionTaken(other));
    Effect.DecisionRefused refused =
        assertInstanceOf(Effect.DecisionRefused.class, step.effects().get(0));
    assertEquals("wrong_previous", refused.violation().code());
    assertEquals(1, governance("alpha").epoch());
  }

  @Test
  void messagesOfASuspendedNodeWaitForItsReadmission() {
    submit("delta", "alpha/before=v");
    consortium.run();
    DecisionChain chain =
        chain(new Action.SuspendNode("delta"), new Action.ReadmitNode("delta", false));
    for (String node : List.of("alpha", "beta", "gamma")) {
      tell(node, chain.decisions().get(0));
    }
    consortium.run();
    // delta does not know yet, and goes on.
    submit("delta", "alpha/during=v");
    submit("alpha", "delta/during=v");
    for (int i = 0; i < 5; i++) {
      consortium.advance(500);
      consortium.run();
    }
    assertEquals(1, system("alpha").received(channel("delta")));
    assertEquals(0, system("alpha").outgoing(channel("delta")).next());
    tell("delta", chain.decisions().get(0));
    consortium.run();
    long refused = submit("delta", "alpha/not=v");
    consortium.run();
    assertEquals(
        "node_stopped",
        assertInstanceOf(Release.Refused.class, consortium.member("delta").answers().get(refused))
            .violation()
            .code());
    tellAll(chain.decisions().get(1));
    submit("delta", "alpha/after=v");
    for (int i = 0; i < 30; i++) {
      consortium.advance(1_000);
      consortium.run();
    }
    assertEquals(3, system("alpha").received(channel("delta")));
    NODES.forEach(this::assertReplaysClean);
  }

  /** Else it is kept out by one node, and the others suspect that one for not answering it. */
  @Test
  void whatAReadmissionDoesNotSettleIsToldOnceMore() {
    Evidence first = fork(7);
    Evidence second = fork(9);
    NODES.forEach(node -> consortium.member(node).step(new Input.EvidenceFound(first)));
    TestConsortium.Member alpha = consortium.member("alpha");
    alpha.step(new Input.EvidenceFound(second));
    List<Effect.Spread> found = List.of(new Effect.Spread(first), new Effect.Spread(second));
    assertEquals(found, alpha.spread());
    DecisionChain chain =
        chain(
            record(first), new Action.SuspendNode("delta"), new Action.ReadmitNode("delta", true));
    chain.decisions().subList(0, 2).forEach(this::tellAll);
    assertEquals(found, alpha.spread());

    tellAll(chain.decisions().get(2));

    List<Effect.Spread> told = new ArrayList<>(found);
    told.add(new Effect.Spread(second));
    assertEquals(told, alpha.spread());
    assertEquals(List.of(new Effect.Spread(first)), consortium.member("beta").spread());
  }

  /**
   * A proof holds for ever; what follows from it is for the members. One that they readmit is
   * talked to again, until something else is proven against it.
   */
  @Test
  void whoIsReadmittedAfterAProofIsNotKeptOut() {
    Evidence first = fork(7);
    NODES.forEach(node -> consortium.member(node).step(new Input.EvidenceFound(first)));
    submit("delta", "alpha/1=v");
    submit("alpha", "delta/1=v");
    seconds(3);
    assertEquals(0, system("alpha").received(channel("delta")));
    assertEquals(0, system("delta").received(channel("alpha")));

    DecisionChain chain =
        chain(
            record(first), new Action.SuspendNode("delta"), new Action.ReadmitNode("delta", true));
    chain.decisions().forEach(this::tellAll);
    submit("delta", "alpha/2=v");
    submit("alpha", "delta/2=v");
    seconds(30);
    assertExchanged(2);
    for (String node : NODES) {
      assertEquals(
          Verdict.EXPOSED, consortium.member(node).node().verdict("delta"), "it stays on record");
      assertEquals(List.of(), consortium.member(node).node().challenges());
    }
    for (String about : List.of("alpha", "beta", "gamma")) {
      assertEquals(Verdict.TRUSTED, consortium.member("delta").node().verdict(about));
    }

    // A restart reads proofs and decisions again.
    consortium.member("alpha").restart();
    consortium.member("alpha").step(new Input.EvidenceFound(first));
    chain.decisions().forEach(decision -> tell("alpha", decision));
    submit("delta", "alpha/3=v");
    submit("alpha", "delta/3=v");
    seconds(5);
    assertExchanged(3);

    // What nobody had put on record is for the members again.
    Evidence second = fork(9);
    NODES.forEach(node -> consortium.member(node).step(new Input.EvidenceFound(second)));
    submit("delta", "alpha/4=v");
    submit("alpha", "delta/4=v");
    seconds(5);
    assertExchanged(3);
    for (Action action :
        List.of(
            record(second),
            new Action.SuspendNode("delta"),
            new Action.ReadmitNode("delta", false))) {
      chain = polity.decide(chain, action);
    }
    chain.decisions().forEach(this::tellAll);
    seconds(30);
    assertExchanged(4);
    NODES.forEach(this::assertReplaysClean);
  }

  /**
   * Evidence that comes after a decision of the same epoch, or of an earlier one, is settled by
   * none.
   */
  @Test
  void aReadmissionBeforeTheRecordSettlesNothing() {
    Evidence proof = fork(7);
    DecisionChain chain =
        chain(
            new Action.SuspendNode("delta"), new Action.ReadmitNode("delta", false), record(proof));
    chain.decisions().forEach(this::tellAll);
    NODES.forEach(node -> consortium.member(node).step(new Input.EvidenceFound(proof)));
    submit("delta", "alpha/1=v");
    submit("alpha", "delta/1=v");
    seconds(5);
    assertExchanged(0);
  }

  private void seconds(int seconds) {
    for (int i = 0; i < seconds; i++) {
      consortium.advance(1_000);
      consortium.run();
    }
  }

  private void assertExchanged(long count) {
    assertEquals(count, system("alpha").received(channel("delta")));
    assertEquals(count, system("delta").received(channel("alpha")));
  }

  private static Action.SubmitEvidence record(Evidence proof) {
    Action.SubmitEvidence record =
        new Action.SubmitEvidence(
            proof.faultId().hash(),
            proof.faultId().kind().code(),
            proof.member(),
            Optional.of(new Action.LogName(proof.node().orElseThrow(), 0)),
            proof.faultId().position(),
            Hash.sha256(proof.encoded().toArray()));
    assertEquals(record, proof.submission());
    return record;
  }

  /** Of delta, at that size. */
  private Evidence fork(long size) {
    ByzantineLog log = new ByzantineLog(consortium.network(), consortium.member("delta").machine());
    Bytes file =
        new EvidenceBuilder(consortium.network().genesis().networkId())
            .fork(
                log.sign(new TreeHead(size, Hash.sha256(new byte[] {1}))),
                log.sign(new TreeHead(size, Hash.sha256(new byte[] {2}))));
    ObjectStore program = new ObjectStore();
    Verification verification =
        new EvidenceVerifier(consortium.network().genesis(), Map.of(program.id(), program))
            .verify(file);
    return ((Verification.Proven) verification).evidence();
  }

  @Test
  void aRestartGoesOnInTheSameEpoch() {
    tellAll(chain(new Action.SuspendNode("delta")).decisions().get(0));
    consortium.member("alpha").restart();
    assertEquals(1, governance("alpha").epoch());
    tellAll(
        chain(new Action.SuspendNode("delta"), new Action.ReadmitNode("delta", false))
            .decisions()
            .get(1));
    NODES.forEach(node -> assertEquals(2, governance(node).epoch(), node));
    NODES.forEach(this::assertReplaysClean);
  }

  /** Decisions reach nodes in any order, late and often, in the middle of traffic. */
  @Test
  void anyOrderConvergesAndEveryLogReplaysClean() {
    Seeded.run(4, random -> new GovernedNodesTest().anyOrder(random));
  }

  private void anyOrder(SplittableRandom random) throws Exception {
    List<Action> actions = new ArrayList<>();
    boolean suspended = false;
    for (int i = 0; i < 6; i++) {
      actions.add(
          suspended ? new Action.ReadmitNode("delta", false) : new Action.SuspendNode("delta"));
      suspended = !suspended;
    }
    List<ValidDecision> decisions = chain(actions.toArray(Action[]::new)).decisions();
    List<Runnable> events = new ArrayList<>();
    for (String node : NODES) {
      for (int copy = 0; copy < 2; copy++) {
        decisions.forEach(decision -> events.add(() -> tell(node, decision)));
      }
      for (int i = 0; i < 25; i++) {
        String peer = NODES.get(random.nextInt(NODES.size()));
        events.add(() -> submit(node, peer + "/" + ids + "=ping"));
      }
    }
    Collections.shuffle(events, new Random(random.nextLong()));
    for (Runnable event : events) {
      event.run();
      if (random.nextInt(3) == 0) {
        consortium.runRounds(1 + random.nextInt(3));
        consortium.advance(random.nextInt(400));
      }
    }
    for (int i = 0; i < 40; i++) {
      consortium.advance(1_000);
      consortium.run();
    }
    for (String node : NODES) {
      assertEquals(6, governance(node).epoch(), node);
      assertEquals(6, decisionsLogged(node), node);
      assertReplaysClean(node);
      for (String peer : NODES) {
        assertEquals(
            system(node).outgoing(channel(peer)).next(),
            system(node).outgoing(channel(peer)).acked(),
            node + " to " + peer);
      }
    }
  }
}
