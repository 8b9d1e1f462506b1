package org.probity.node.runtime;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.Incarnations;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.node.RunSign;
import org.probity.node.http.PeerReply;
import org.probity.node.http.wire.SeenRuns;

/**
 * Which processes other nodes run (protocol.md §11.5): the last sign of each run that a node has
 * shown here, and when; told to every run of that node that asks. In memory only, and believed by
 * nobody: the signs are signed. Thread-safe.
 */
final class KnownRuns {
  /** Of one key; the one that was shown longest ago makes room. */
  static final int MAX_RUNS = RunSign.MAX_SEEN;

  private final Supplier<DecisionChain> decisions;
  private final LongSupplier elapsedMillis;
  private final SignatureRule rule = SignatureRule.fastest();
  private final Map<String, Map<Bytes, Shown>> shown = new LinkedHashMap<>();

  private record Shown(Bytes sign, long atMillis) {}

  KnownRuns(Supplier<DecisionChain> decisions, LongSupplier elapsedMillis) {
    this.decisions = decisions;
    this.elapsedMillis = elapsedMillis;
  }

  /**
   * A run of this node shows itself, and hears of the others with the same key: in whatever
   * incarnation, since one that is closed has to start to find that out.
   */
  PeerReply take(String from, Bytes encoded) {
    DecisionChain known = decisions.get();
    List<NodeRecord> incarnations =
        known.keys().log(from).stream()
            .flatMap(log -> log.parts().stream())
            .map(Incarnations.Part::record)
            .toList();
    for (NodeRecord node : incarnations) {
      Optional<RunSign> sign =
          RunSign.verify(encoded, known.genesis().networkId(), rule, node.logKey());
      if (sign.isPresent()) {
        String log = known.genesis().origin(node).format();
        return PeerReply.ok(new SeenRuns(others(log, sign.get(), encoded)).encode());
      }
    }
    return PeerReply.refused("run_invalid");
  }

  private synchronized List<SeenRuns.Seen> others(String log, RunSign sign, Bytes encoded) {
    long now = elapsedMillis.getAsLong();
    Map<Bytes, Shown> runs = shown.computeIfAbsent(log, any -> new LinkedHashMap<>());
    runs.remove(sign.run());
    List<SeenRuns.Seen> others = new ArrayList<>();
    runs.values().forEach(it -> others.add(new SeenRuns.Seen(now - it.atMillis(), it.sign())));
    runs.put(sign.run(), new Shown(encoded, now));
    if (runs.size() > MAX_RUNS) {
      Iterator<Bytes> oldest = runs.keySet().iterator();
      oldest.next();
      oldest.remove();
    }
    return others;
  }
}
