package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Set;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.node.cli.DownloadedLog;
import org.probity.node.http.api.ApiClient;
import org.probity.node.http.api.ApiException;

/** A client that keeps every checkpoint it is ever shown, across all lives of a node. */
final class CheckpointWatch {
  private final Set<Bytes> seen = Collections.synchronizedSet(new LinkedHashSet<>());

  /** Asks again and again until the node is gone. */
  Thread watch(ApiClient client) {
    Thread thread =
        new Thread(
            () -> {
              try {
                while (!Thread.currentThread().isInterrupted()) {
                  seen.add(client.checkpoint());
                  Thread.sleep(5);
                }
              } catch (ApiException | InterruptedException e) {
                // The node is gone; what it showed is kept.
              }
            },
            "checkpoint-watch");
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  int count() {
    return seen.size();
  }

  /** Every checkpoint ever shown commits to a prefix of this log. */
  void assertPrefixesOf(DownloadedLog log, String context) throws DecodeException {
    for (Bytes note : Set.copyOf(seen)) {
      SignedCheckpoint checkpoint = SignedCheckpoint.parse(note);
      assertTrue(checkpoint.isSignedBy(SignatureRule.fastest(), log.node().logKey()), context);
      assertTrue(
          checkpoint.size() <= log.size(),
          () -> context + ": a shown checkpoint of size " + checkpoint.size() + " is lost");
      assertEquals(MerkleProofs.rootAt(log, checkpoint.size()), checkpoint.head().root(), context);
    }
  }
}
