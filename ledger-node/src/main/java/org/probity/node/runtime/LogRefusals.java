package org.probity.node.runtime;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.probity.detector.node.Effect;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Messages turned away because too many checkpoints of their log could not be linked (protocol.md
 * §5.2), for the operator. Thread-safe.
 */
final class LogRefusals {
  private static final Logger LOG = LoggerFactory.getLogger(LogRefusals.class);

  private final Map<String, Long> totals = new ConcurrentHashMap<>();

  void refused(Effect.LogRefused refused) {
    if (totals.put(refused.node(), refused.total()) == null) {
      LOG.warn(
          "the log of {} is refused until its checkpoints are linked or confirmed by witnesses",
          refused.node());
    }
  }

  long total(String node) {
    return totals.getOrDefault(node, 0L);
  }
}
