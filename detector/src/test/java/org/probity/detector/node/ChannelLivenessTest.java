package org.probity.detector.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.Ack;
import org.probity.detector.commitment.ChannelId;
import org.probity.detector.commitment.Envelope;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.Views;
import org.probity.detector.crypto.Signer;
import org.probity.detector.crypto.Statement;
import org.probity.detector.log.Entry;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.TransactionEntry;

/** Channels and the writer when answers are late, odd or missing (protocol.md §4.6, §5.1, §5.4). */
class ChannelLivenessTest {
  private static final Signer CLIENT = TestNetwork.signer("client");

  private final TestConsortium consortium = NodeTest.consortium();
  private final TestConsortium.Member alpha = consortium.member("alpha");
  private final TestConsortium.Member beta = consortium.member("beta");

  @Test
  void aPeerThatClaimsToHoldANegativeSizeHarmsNobody() throws IOException {
    consortium.submit("alpha", put(1, "beta/x=ping"));
    transmitted(commit(alpha));

    alpha.node().step(new Input.EnvelopeFailed("beta", OptionalLong.of(Long.MIN_VALUE)));

    List<Effect> retried = alpha.node().step(clock(1_000)).effects();
    assertEquals(0, transmitted(retried).envelope().base());
  }

  @Test
  void startsItsProofAtOnceWhereThePeerAsksForIt() throws IOException {
    consortium.submit("alpha", put(1, "beta/x=ping"));
    transmitted(commit(alpha));

    Step step = alpha.node().step(new Input.EnvelopeFailed("beta", OptionalLong.of(1)));

    assertEquals(1, transmitted(step.effects()).envelope().base());
  }

  @Test
  void aPeerThatAsksForEverOtherBasesIsNotFollowedForEver() throws IOException {
    consortium.submit("alpha", put(1, "beta/x=ping"));
    transmitted(commit(alpha));

    int transmissions = 0;
    for (int i = 0; i < 100; i++) {
      Input asks = new Input.EnvelopeFailed("beta", OptionalLong.of(1 + i % 3));
      transmissions += alpha.node().step(asks).effects().size();
    }

    assertEquals(Outbound.MAX_REBASES, transmissions);
  }

  @Test
  void afterAnAckThePeerMayAskForAnotherBaseAsOftenAsBefore() throws IOException {
    for (int round = 0; round < 3; round++) {
      consortium.submit("alpha", put(round, "beta/x=ping"));
      Effect.Transmit last = transmitted(commit(alpha));
      for (int i = 0; i < Outbound.MAX_REBASES; i++) {
        boolean isHonest = i == Outbound.MAX_REBASES - 1;
        long held = isHonest ? beta.node().views().heldSize(alpha.machine().origin()) : 1 + i % 2;
        Input asks = new Input.EnvelopeFailed("beta", OptionalLong.of(held));
        last = transmitted(alpha.node().step(asks).effects());
      }
      beta.node().step(consortium.arrived("alpha", last.envelope(), round));
      alpha.node().step(consortium.acked("beta", acknowledged(commit(beta)).ack()));
      commit(alpha);
    }
  }

  @Test
  void withoutAnAnswerItWaitsLongerEachTimeUpToALimit() throws IOException {
    consortium.submit("alpha", put(1, "beta/x=ping"));
    transmitted(commit(alpha));
    long waited = Outbound.FIRST_BACKOFF_MILLIS;
    long now = consortium.nowMillis();
    alpha.node().step(new Input.Clock(now, now));
    for (int i = 0; i < 10; i++) {
      alpha.node().step(new Input.EnvelopeFailed("beta", OptionalLong.empty()));
      List<Effect> early = alpha.node().step(new Input.Clock(now, now + waited - 1)).effects();
      assertTrue(early.stream().noneMatch(Effect.Transmit.class::isInstance), "too early");
      now += waited;
      transmitted(alpha.node().step(new Input.Clock(now, now)).effects());
      waited = Math.min(2 * waited, Outbound.LAST_BACKOFF_MILLIS);
    }
    assertEquals(Outbound.LAST_BACKOFF_MILLIS, waited);
  }

  @Test
  void showsThePeerTheSameCheckpointAgainUntilItCouldLinkIt() throws IOException {
    consortium.submit("alpha", put(1, "beta/x=ping"));
    Effect.Transmit first = transmitted(commit(alpha));
    consortium.submit("alpha", put(2, "colour=red"));
    commit(alpha);

    List<Effect> again =
        alpha.node().step(new Input.EnvelopeFailed("beta", OptionalLong.of(1))).effects();

    assertEquals(
        first.envelope().receive().checkpoint(),
        transmitted(again).envelope().receive().checkpoint());
    assertEquals(1, transmitted(again).envelope().base());
    // The peer may hold more of our log than that, by an ack: the proof links the other way.
    long newest = alpha.log().size();
    List<Effect> older =
        alpha.node().step(new Input.EnvelopeFailed("beta", OptionalLong.of(newest))).effects();
    Envelope envelope = transmitted(older).envelope();
    assertEquals(first.envelope().receive().checkpoint(), envelope.receive().checkpoint());
    Views views = new Views();
    views.offer(
        consortium.checkpoints().verify(alpha.log().newest().orElseThrow()).orElseThrow(),
        0,
        List.of());
    assertEquals(
        Views.Verdict.LINKED,
        views
            .offer(
                consortium.checkpoints().verify(envelope.receive().checkpoint()).orElseThrow(),
                envelope.base(),
                envelope.consistency())
            .verdict());
  }

  @Test
  void anHonestLogIsNeverRefusedHoweverMuchCrossesAndNobodyConfirms() {
    consortium.silenceWitnesses();
    int most = 0;
    for (int round = 0; round < 100; round++) {
      for (int i = 0; i < 4; i++) {
        long id = 10L * round + i;
        consortium.submit("alpha", put(id, "beta/" + id + "=ping"));
        consortium.submit("beta", consortium.sign(CLIENT, "beta", id, "c", "alpha/" + id + "=hi"));
        consortium.runRounds(1);
      }
      consortium.advance(50);
      most = Math.max(most, beta.node().views().unlinked(alpha.machine().origin()).size());
      most = Math.max(most, alpha.node().views().unlinked(beta.machine().origin()).size());
    }
    consortium.run();
    consortium.advance(Outbound.LAST_BACKOFF_MILLIS);
    consortium.run();

    assertTrue(most <= 3, most + " wait to be linked");
    assertEquals(List.of(), alpha.refusals());
    assertEquals(List.of(), beta.refusals());
    assertEquals(800, received("alpha", "beta"));
    assertEquals(400, received("beta", "alpha"));
  }

  private long received(String at, String from) {
    return Machine.system(consortium.member(at).node().published().orElseThrow().state())
        .received(ChannelId.to(consortium.network().node(from)));
  }

  @Test
  void whatAnAckClosesIsNotSentAgainBeforeTheAckIsDurable() throws IOException {
    consortium.submit("alpha", put(1, "beta/x=hello"));
    Effect.Transmit sent = transmitted(commit(alpha));
    beta.node().step(consortium.arrived("alpha", sent.envelope(), 77));
    Release.Acknowledged answer = acknowledged(commit(beta));

    consortium.submit("alpha", put(2, "colour=red"));
    Commit underWay = alpha.node().step(new Input.Seal()).commit().orElseThrow();
    alpha.node().step(consortium.acked("beta", answer.ack()));
    Durable durable = alpha.log().commit(underWay);
    List<Effect> effects = alpha.node().step(new Input.CommitDurable(underWay, durable)).effects();

    assertTrue(effects.stream().noneMatch(Effect.Transmit.class::isInstance), "sent again");
  }

  @Test
  void aRepeatedTransactionIsAnsweredAfterTheWholeCommitOnly() throws IOException {
    Statement statement = put(1, "colour=red");
    consortium.submit("alpha", statement);
    Commit commit = alpha.step(new Input.Seal()).orElseThrow();
    // On the disk, but the core has not been told: the mark's second copy may still fail.
    Durable durable = alpha.log().commit(commit);

    long repeated = consortium.submit("alpha", statement);

    assertNull(alpha.answers().get(repeated), "answered before the commit was durable");
    alpha.step(new Input.CommitDurable(commit, durable));
    assertInstanceOf(Release.Recorded.class, alpha.answers().get(repeated));
  }

  @Test
  void aRefusedTransactionLeavesNothingInTheLog() {
    consortium.advance(1_000);
    long ticket =
        consortium.submit("alpha", consortium.sign(CLIENT, "alpha", 1, "nobody", "colour=red"));

    assertInstanceOf(Release.Refused.class, alpha.answers().get(ticket));
    assertFalse(alpha.node().hasUnsealed(), "a TICK was logged for it");
    consortium.submit("alpha", put(2, "colour=red"));
    consortium.run();
    assertTrue(replays(), "the log does not replay");
  }

  @Test
  void aTransactionThatExpiresBetweenTwoBatchesIsNotLogged() throws DecodeException {
    // Three fill most of a batch; the fourth fits it, its message to beta does not.
    for (int i = 0; i < 3; i++) {
      consortium.submit("alpha", put(i, "colour" + i + "=" + "z".repeat(3_500)));
    }
    Statement late = put(9, "beta/x=" + "y".repeat(3_500));
    alpha.node().step(clock(120_000));
    long ticket = consortium.submit("alpha", late);
    consortium.run();

    assertInstanceOf(Release.Refused.class, alpha.answers().get(ticket));
    for (long index = 0; index < alpha.log().size(); index++) {
      assertFalse(
          Entry.decode(alpha.log().entry(index)).body() instanceof TransactionEntry logged
              && logged.statement().equals(late.encoded()),
          "refused, and logged all the same");
    }
    assertTrue(replays(), "the log does not replay");
  }

  @Test
  void anAckWithAnOverlongCheckpointIsMalformed() {
    Bytes overlong = Bytes.wrap(new byte[SignedCheckpoint.MAX_BYTES + 1]);
    CborWriter out = new CborWriter().array(6).bytes(overlong).bytes(Bytes.EMPTY).array(0);
    out.bytes(Bytes.EMPTY).uint(0).array(0);

    assertThrows(DecodeException.class, () -> Ack.decode(out.toBytes()));
  }

  private Statement put(long id, String body) {
    return consortium.sign(CLIENT, "alpha", id, "c", body);
  }

  private Input clock(long later) {
    long millis = consortium.nowMillis() + later;
    return new Input.Clock(millis, millis);
  }

  private static List<Effect> commit(TestConsortium.Member member) throws IOException {
    Commit commit = member.node().step(new Input.Seal()).commit().orElseThrow();
    Durable durable = member.log().commit(commit);
    return member.node().step(new Input.CommitDurable(commit, durable)).effects();
  }

  private static Effect.Transmit transmitted(List<Effect> effects) {
    return effects.stream()
        .filter(Effect.Transmit.class::isInstance)
        .map(Effect.Transmit.class::cast)
        .findFirst()
        .orElseThrow(() -> new AssertionError("nothing transmitted: " + effects));
  }

  private static Release.Acknowledged acknowledged(List<Effect> effects) {
    return effects.stream()
        .filter(Release.Acknowledged.class::isInstance)
        .map(Release.Acknowledged.class::cast)
        .findFirst()
        .orElseThrow();
  }

  private boolean replays() {
    try {
      Restore.replay(
          alpha.machine(),
          alpha.log(),
          alpha.log().newest().orElseThrow(),
          0,
          alpha.machine().initialState());
      return true;
    } catch (Restore.RestoreException e) {
      throw new AssertionError(e);
    }
  }
}
