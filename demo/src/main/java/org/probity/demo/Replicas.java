package org.probity.demo;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.SortedMap;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.log.Checkpoint;
import org.probity.node.cli.CliException;
import org.probity.node.cli.ExitStatus;
import org.probity.node.cli.LogSource;
import org.probity.node.cli.NodeApi;
import org.probity.node.http.api.Polling;

/** What witnesses hold of others' logs. */
final class Replicas {
  private final Consortium consortium;

  Replicas(Consortium consortium) {
    this.consortium = consortium;
  }

  /** Waits until every witness asked holds all that its ward has published, of those asked. */
  void await(Duration patience, SortedMap<String, NodeApi> asked) throws InterruptedException {
    for (NodeRecord ward : consortium.genesis().nodes()) {
      NodeApi own = asked.get(ward.node());
      if (own == null) {
        continue;
      }
      for (String seat : consortium.witnessesOf(ward.node())) {
        NodeApi witness = asked.get(seat);
        if (witness != null
            && !Polling.REMOTE.await(patience, () -> heldSize(witness, ward) >= ownSize(own))) {
          throw new CliException(
              ExitStatus.ERROR,
              "timeout",
              seat + " does not keep up with the log of " + ward.node());
        }
      }
    }
  }

  /** How much of a log a witness holds. */
  long heldSize(NodeApi witness, NodeRecord ward) {
    return size(
        witness, LogSource.replicaPrefix(consortium.genesis().origin(ward)) + "/checkpoint");
  }

  /** How much a node has published. */
  static long ownSize(NodeApi node) {
    return size(node, "/log/checkpoint");
  }

  private static long size(NodeApi api, String path) {
    return api.find(path)
        .map(
            note -> {
              String text = new String(note, StandardCharsets.UTF_8);
              try {
                return Checkpoint.parse(text.substring(0, text.indexOf("\n\n") + 1)).size();
              } catch (DecodeException e) {
                throw new CliException(
                    ExitStatus.ERROR, e.code(), "a malformed checkpoint: " + e.getMessage(), e);
              }
            })
        .orElse(0L);
  }
}
