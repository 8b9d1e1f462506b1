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
  void whatAnAckClosesIsNotSentAgainBeforeTheAckIsDurable() throws IOException {
    consortium.submit("alpha", put(1, "beta/x=hello"));
    Effect.Transmit sent = transmitted(commit(alpha));
    beta.node().step(consortium.arrived("alpha", sent.envelope(), 77));
    Release.Acknowledged answer =
        commit(beta).stream()
            .filter(Release.Acknowledged.class::isInstance)
            .map(Release.Acknowledged.class::cast)
            .findFirst()
            .orElseThrow();

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
