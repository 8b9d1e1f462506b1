package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.node.http.PeerReply;
import org.probity.node.http.ProblemException;

class EvidenceIntakeTest {
  private final AtomicInteger judged = new AtomicInteger();
  private final CountDownLatch go = new CountDownLatch(1);

  private EvidenceIntake intake(int shareOfOne) {
    return new EvidenceIntake(
        shareOfOne,
        file -> {
          judged.incrementAndGet();
          try {
            go.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          return file.size() == 1 ? Optional.empty() : Optional.of("proves_nothing");
        },
        Thread::new);
  }

  private static PeerReply get(Future<PeerReply> reply) throws Exception {
    return reply.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  @Test
  void judgesTheSameBytesOnce() throws Exception {
    go.countDown();
    try (EvidenceIntake intake = intake(EvidenceIntake.MAX_WAITING)) {
      for (int i = 0; i < 3; i++) {
        assertEquals(PeerReply.OK, get(intake.take("a", Bytes.wrap(new byte[1]))).status());
        assertEquals(
            PeerReply.refused("proves_nothing"), get(intake.take("a", Bytes.wrap(new byte[2]))));
      }
    }
    assertEquals(2, judged.get());
  }

  @Test
  void refusesWhatIsTooMuchAtOnce() throws Exception {
    try (EvidenceIntake intake = intake(EvidenceIntake.MAX_WAITING)) {
      List<Future<PeerReply>> taken = new ArrayList<>();
      int refused = 0;
      for (int i = 0; i < 2 * EvidenceIntake.MAX_WAITING; i++) {
        Future<PeerReply> reply = intake.take("a", Bytes.wrap(new byte[] {(byte) i, 0}));
        if (reply.failed()) {
          assertEquals(429, ((ProblemException) reply.cause()).problem().status());
          refused++;
        } else {
          taken.add(reply);
        }
      }
      assertTrue(refused >= EvidenceIntake.MAX_WAITING - 1, "refused " + refused);
      go.countDown();
      for (Future<PeerReply> reply : taken) {
        assertEquals(PeerReply.REFUSED, get(reply).status());
      }
    }
  }

  /** Exposure depends on it: no peer, however busy, keeps the proofs of the others out. */
  @Test
  void onePeerHasItsShareAndLessOfItForWhatProvesNothing() throws Exception {
    try (EvidenceIntake intake = intake(EvidenceIntake.SHARE_OF_ONE)) {
      List<Future<PeerReply>> flood = new ArrayList<>();
      for (int i = 0; i < 2 * EvidenceIntake.MAX_WAITING; i++) {
        Future<PeerReply> reply = intake.take("liar", Bytes.wrap(new byte[] {(byte) i, 0}));
        if (!reply.failed()) {
          flood.add(reply);
        }
      }
      assertEquals(EvidenceIntake.SHARE_OF_ONE, flood.size());
      Future<PeerReply> proof = intake.take("a", Bytes.wrap(new byte[1]));
      assertFalse(proof.failed(), "there is room for everybody else");
      go.countDown();
      assertEquals(PeerReply.OK, get(proof).status());
      for (Future<PeerReply> junk : flood) {
        assertEquals(PeerReply.REFUSED, get(junk).status());
      }
    }
  }

  @Test
  void whoBringsWhatProvesNothingWaitsForEachAnswer() throws Exception {
    Semaphore steps = new Semaphore(1);
    try (EvidenceIntake intake =
        new EvidenceIntake(
            EvidenceIntake.SHARE_OF_ONE,
            file -> {
              steps.acquireUninterruptibly();
              return file.size() == 1 ? Optional.empty() : Optional.of("proves_nothing");
            },
            Thread::new)) {
      assertEquals(PeerReply.REFUSED, get(intake.take("liar", Bytes.wrap(new byte[2]))).status());
      Future<PeerReply> next = intake.take("liar", Bytes.wrap(new byte[1]));
      assertTrue(intake.take("liar", Bytes.wrap(new byte[3])).failed(), "one at a time");
      steps.release();
      assertEquals(PeerReply.OK, get(next).status());
      intake.take("liar", Bytes.wrap(new byte[4]));
      assertFalse(intake.take("liar", Bytes.wrap(new byte[5])).failed(), "a proof makes up for it");
      steps.release(2);
    }
  }
}
