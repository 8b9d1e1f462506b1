package org.probity.detector.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.probity.detector.audit.ConformanceAudit;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.ChannelId;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.Replay;
import org.probity.detector.commitment.SystemState;
import org.probity.detector.crypto.Signer;
import org.probity.detector.crypto.Statement;
import org.probity.detector.governance.Parameters;
import org.probity.detector.log.Frontier;
import org.probity.detector.program.TransactionOutcome;
import org.probity.detector.state.StateTree;

/** Whole nodes in memory: logging, channels, acknowledgements, replay. */
class NodeTest {
  private static final Signer CLIENT = TestNetwork.signer("client");

  private final TestConsortium consortium = consortium();

  static TestConsortium consortium() {
    ObjectStore program = new ObjectStore();
    return new TestConsortium(
        TestNetwork.of(
            Parameters.of(1, 2), program.id(), Bytes.EMPTY, "alpha", "beta", "gamma", "delta"),
        program);
  }

  @Test
  void answersATransactionOnceItIsDurable() throws DecodeException {
    long ticket = consortium.submit("alpha", put(1, "colour=red"));
    assertTrue(consortium.member("alpha").answers().isEmpty(), "answered before it was durable");

    consortium.run();

    assertEquals("stored", detail("alpha", ticket));
    assertEquals(3, consortium.member("alpha").log().size());
  }

  @Test
  void theSameBytesAgainGetTheSameResult() {
    Statement statement = put(1, "colour=red");
    long first = consortium.submit("alpha", statement);
    long whileUnsealed = consortium.submit("alpha", statement);
    consortium.run();
    long later = consortium.submit("alpha", statement);

    Release.Recorded recorded = recorded("alpha", first);
    assertEquals(recorded.index(), recorded("alpha", whileUnsealed).index());
    assertEquals(recorded.outcome(), recorded("alpha", later).outcome());
  }

  @Test
  void refusesOtherBytesUnderTheSameId() {
    consortium.submit("alpha", put(1, "colour=red"));
    long other = consortium.submit("alpha", put(1, "colour=blue"));
    consortium.run();

    Release.Refused refused =
        assertInstanceOf(Release.Refused.class, consortium.member("alpha").answers().get(other));
    assertEquals("id_exists_with_different_content", refused.violation().code());
  }

  @Test
  void deliversAMessageOnceAndClosesItWithTheAck() {
    consortium.submit("alpha", put(1, "beta/x=ping"));
    consortium.run();

    assertEquals(Optional.of("ping"), application("beta", "from alpha beta/x").map(NodeTest::text));
    assertEquals(Optional.of("pong"), application("alpha", "from beta beta/x").map(NodeTest::text));
    assertEquals(1, system("alpha").outgoing(channel("beta")).acked());
    assertEquals(1, system("beta").outgoing(channel("alpha")).acked());
  }

  @Test
  void manyMessagesCrossInBothDirections() {
    for (int i = 0; i < 200; i++) {
      consortium.submit("alpha", put(i, "beta/" + i + "=ping" + i));
      consortium.submit("beta", consortium.sign(CLIENT, "beta", i, "c", "alpha/" + i + "=ping"));
    }
    consortium.run();

    assertEquals(400, system("alpha").received(channel("beta")));
    assertEquals(400, system("beta").received(channel("alpha")));
    assertEquals(400, system("alpha").outgoing(channel("beta")).acked());
    for (String name : List.of("alpha", "beta", "gamma")) {
      assertReplaysClean(name);
    }
  }

  /** As a witness judges it: chain, grammar and execution, to the last entry. */
  private void assertReplaysClean(String name) {
    TestConsortium.Member member = consortium.member(name);
    ConformanceAudit audit = new ConformanceAudit(member.machine());
    for (long index = 0; index < member.log().size(); index++) {
      Replay.Prepared prepared =
          Replay.prepare(member.log().entry(index), name, consortium.verifier());
      assertEquals(Optional.empty(), audit.feed(prepared), name + " entry " + index);
    }
    Published published = member.node().published().orElseThrow();
    assertEquals(member.log().size(), audit.auditedSize());
    assertEquals(published.state().root(), audit.auditedState().root());
    assertEquals(
        published.checkpoint().head(), Frontier.read(member.log(), member.log().size()).head());
  }

  @Test
  void comesBackFromTheDurableLogAndGoesOn() throws Exception {
    for (int i = 0; i < 40; i++) {
      consortium.submit("alpha", put(i, "beta/" + i + "=ping" + i));
    }
    consortium.run();
    TestConsortium.Member alpha = consortium.member("alpha");
    StateTree before = alpha.node().published().orElseThrow().state();

    Restore.Restored restored =
        Restore.replay(
            alpha.machine(),
            alpha.log(),
            alpha.log().newest().orElseThrow(),
            0,
            alpha.machine().initialState());

    assertEquals(before.root(), restored.end().state().root());
    alpha.restart(restored);
    long ticket = consortium.submit("alpha", put(99, "colour=red"));
    consortium.run();
    assertEquals("stored", detail("alpha", ticket));
    assertReplaysClean("alpha");
  }

  private Statement put(long id, String body) {
    return consortium.sign(CLIENT, "alpha", id, "c", body);
  }

  private Release.Recorded recorded(String name, long ticket) {
    return assertInstanceOf(Release.Recorded.class, consortium.member(name).answers().get(ticket));
  }

  private String detail(String name, long ticket) throws DecodeException {
    return text(TransactionOutcome.decode(recorded(name, ticket).outcome()).detail());
  }

  private Optional<Bytes> application(String name, String key) {
    return Optional.ofNullable(
        Machine.application(consortium.member(name).node().published().orElseThrow().state())
            .get(Bytes.utf8(key)));
  }

  private SystemState system(String name) {
    return Machine.system(consortium.member(name).node().published().orElseThrow().state());
  }

  private ChannelId channel(String name) {
    return ChannelId.to(consortium.network().node(name));
  }

  private static String text(Bytes bytes) {
    return new String(bytes.toArray(), StandardCharsets.UTF_8);
  }
}
