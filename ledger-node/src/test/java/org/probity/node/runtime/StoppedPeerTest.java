package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.governance.Action;
import org.probity.node.http.peer.AddressBook;
import org.probity.node.http.peer.LogStreamReader;
import org.probity.node.http.peer.PeerFailure;
import org.probity.node.http.wire.LogFrame;

/**
 * SPEC protocol.md §7.4: whoever a logged decision has stopped is not talked to any more, and not
 * listened to either: what was open to it ends then.
 */
@Timeout(120)
class StoppedPeerTest {
  private static final List<String> NAMES = List.of("a", "b", "c", "d", "e");
  private static final String STOPPED = "b";

  @TempDir Path directory;

  /** A log that comes over a connection of its own. */
  private static final class Coming implements LogStreamReader {
    private final CountDownLatch some = new CountDownLatch(1);
    private final BlockingQueue<PeerFailure> end = new LinkedBlockingQueue<>();

    @Override
    public void frame(LogFrame frame) {
      some.countDown();
    }

    @Override
    public void ended(PeerFailure reason) {
      end.add(reason);
    }
  }

  @Test
  void aConnectionToItEndsWithTheDecision() throws Exception {
    try (SeatedBanks seated = new SeatedBanks(directory, "a", NAMES)) {
      TestBanks banks = seated.banks;
      // It does not hear of the decision, so it goes on serving.
      banks.wire.withhold(STOPPED, InProcessTransport.Message.GOVERNANCE);
      banks.start(STOPPED);
      int port = banks.node(STOPPED).urls().peer().getPort();
      banks.peers = node -> Optional.of(new AddressBook.Address("127.0.0.1", port));
      banks.start("a");
      Coming log = new Coming();
      banks.outgoing.get("a").stream(STOPPED, 0, log);
      assertTrue(log.some.await(20, TimeUnit.SECONDS), "nothing comes");
      seated.decide(new Action.SuspendNode(STOPPED));
      seated.awaitDecisions("a");
      PeerFailure reason = log.end.poll(20, TimeUnit.SECONDS);
      assertNotNull(reason, "it goes on");
      assertEquals(PeerFailure.Kind.UNREACHABLE, reason.kind());
    }
  }
}
