package org.probity.detector.commitment;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.Signer;
import org.probity.detector.evidence.ByzantineLog;
import org.probity.detector.evidence.Court;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.DecisionRule;
import org.probity.detector.governance.Incarnations;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Polity;
import org.probity.detector.log.AckEntry;
import org.probity.detector.log.Entry;
import org.probity.detector.log.EntryBody;
import org.probity.detector.log.ReceiveEntry;
import org.probity.detector.log.SendEntry;
import org.probity.detector.log.TreeHead;
import org.probity.detector.node.TestNetwork;
import org.probity.detector.state.WorkingState;

/** protocol.md §5.3, §11.3: a channel goes on when one of its ends begins another incarnation. */
class ReopenedChannelTest {
  private static final long NOW = TestNetwork.FOUNDED_MILLIS + 1;
  private static final Signer NEW_KEY = TestNetwork.signer("log alpha/1");

  private final Court court = new Court();
  private final Polity polity = new Polity(court.network());
  private final NodeRecord later = Polity.next(court.network().node("alpha"));

  /** Alpha has sent beta two messages, and is closed there. */
  private final ByzantineLog closed = sends(court.log("alpha").tick(NOW), "a", "b").endState();

  private final DecisionChain decided = polity.decide(polity.chain(), approval());
  private final ByzantineLog next = closed.succeed(machine("alpha"), NEW_KEY).genesis();

  private ByzantineLog sends(ByzantineLog log, String... names) {
    for (String name : names) {
      log.transaction(court.put("alpha", "beta/" + name + "=1"));
    }
    return log;
  }

  private Action approval() {
    return new Action.ApproveIncarnation(
        polity.enrolment(later, Polity.signer(later.member())),
        closed.checkpoint().head(),
        closed.state().root(),
        NOW,
        List.of());
  }

  private Machine machine(String node) {
    return new Machine(
        court.network().genesis(),
        Incarnations.of(decided.state(), node).orElseThrow(),
        court.machine(node).program());
  }

  /** Beta's log, with the decision. */
  private ByzantineLog informed() {
    ByzantineLog beta = court.log("beta").tick(NOW);
    inform(beta.state());
    return beta;
  }

  private void inform(WorkingState state) {
    DecisionRule rule = new DecisionRule(court.network().genesis(), SignatureRule.fastest());
    rule.apply(
        decided.decisions().get(0),
        Machine.system(state).governance(court.network().genesis().networkId()));
  }

  private static Optional<String> refusal(ByzantineLog log, ReceiveEntry receive) {
    return log.execute(receive).violation().map(Violation::code);
  }

  @Test
  void whatTheOldKeysSentBeforeTheCloseArrivesAfterTheDecision() {
    ByzantineLog beta = informed();
    ReceiveEntry old = closed.envelope(closed.sends().get(0), closed.sends().get(1));
    beta.receive(old).endState();
    assertEquals(2, Machine.system(beta.state()).received(new ChannelId("alpha")));
  }

  @Test
  void andUnderTheNewKeysJustAsWell() {
    ByzantineLog beta = informed();
    beta.receive(next.envelope(closed.sends().get(0))).endState();
    sends(next.tick(NOW), "c").endState();
    beta.receive(next.envelope(next.sends().get(1), next.sends().get(2))).endState();
    assertEquals(3, Machine.system(beta.state()).received(new ChannelId("alpha")));
  }

  @Test
  void nothingOfTheNewKeysArrivesBeforeTheDecision() {
    assertEquals(
        Optional.of("checkpoint_unknown"),
        refusal(court.log("beta").tick(NOW), next.envelope(closed.sends().get(0))));
  }

  @Test
  void nothingThatTheOldKeysSignedBeyondTheCloseArrives() {
    ByzantineLog beyond = sends(closed.fork(court.network(), closed.size()), "x").endState();
    ReceiveEntry lost = beyond.envelope(beyond.sends().get(0));
    assertEquals(Optional.of("checkpoint_unknown"), refusal(informed(), lost));
    // Nor what they signed instead of the closed head.
    ReceiveEntry honest = closed.envelope(closed.sends().get(0));
    Bytes other = closed.sign(new TreeHead(closed.size(), Hash.sha256(new byte[] {9}))).bytes();
    assertEquals(
        Optional.of("checkpoint_unknown"),
        refusal(informed(), new ReceiveEntry(other, honest.sends(), honest.multiproof())));
  }

  @Test
  void anAcknowledgementOfEitherSideClosesWhatTheOldKeysSent() {
    // Beta has received before it learned of anything; alpha logs that under its new keys.
    ByzantineLog beta = court.log("beta").tick(NOW);
    beta.receive(closed.envelope(closed.sends().get(0))).endState();
    AckEntry first = beta.ackFor(court.machine("alpha"));
    next.tick(NOW).acknowledge(first).endState();
    assertEquals(
        new SystemState.Outgoing(2, 1),
        Machine.system(next.state()).outgoing(new ChannelId("beta")));
  }

  @Test
  void whatWasSentToTheOldIncarnationIsTakenInByTheNewOne() {
    ByzantineLog beta = court.log("beta").tick(NOW);
    beta.transaction(court.put("beta", "alpha/k=1")).endState();
    next.tick(NOW).receive(beta.envelope(beta.sends().get(0))).endState();
    assertEquals(1, Machine.system(next.state()).received(new ChannelId("beta")));
    // And is acknowledged to beta, which sends to the new one from the decision on.
    inform(beta.state());
    beta.acknowledge(next.ackFor(beta.machine())).endState();
    beta.transaction(court.put("beta", "alpha/l=1")).endState();
    SendEntry sent = (SendEntry) entry(beta, beta.sends().get(1));
    assertEquals(new SendEntry("alpha", 1, 1, sent.payload()), sent);
  }

  private static EntryBody entry(ByzantineLog log, long index) {
    try {
      return Entry.decode(log.entry(index)).body();
    } catch (DecodeException e) {
      throw new AssertionError(e);
    }
  }
}
