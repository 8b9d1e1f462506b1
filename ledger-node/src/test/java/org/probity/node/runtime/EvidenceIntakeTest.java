package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.node.http.PeerReply;
import org.probity.node.http.ProblemException;

class EvidenceIntakeTest {
  private final AtomicInteger judged = new AtomicInteger();
  private final CountDownLatch go = new CountDownLatch(1);

  private EvidenceIntake intake() {
    return new EvidenceIntake(
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
    try (EvidenceIntake intake = intake()) {
      for (int i = 0; i < 3; i++) {
        assertEquals(PeerReply.OK, get(intake.take(Bytes.wrap(new byte[1]))).status());
        assertEquals(
            PeerReply.refused("proves_nothing"), get(intake.take(Bytes.wrap(new byte[2]))));
      }
    }
    assertEquals(2, judged.get());
  }

  @Test
  void refusesWhatIsTooMuchAtOnce() throws Exception {
    try (EvidenceIntake intake = intake()) {
      List<Future<PeerReply>> taken = new ArrayList<>();
      int refused = 0;
      for (int i = 0; i < 2 * EvidenceIntake.MAX_WAITING; i++) {
        Future<PeerReply> reply = intake.take(Bytes.wrap(new byte[] {(byte) i, 0}));
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
}
