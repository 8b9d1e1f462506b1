package org.probity.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import org.probity.node.cli.NodeApi;
import org.probity.node.http.api.Polling;

/**
 * Whether correct nodes have audited each other to the end. Only then do their verdicts count: who
 * has not looked yet accuses nobody.
 */
final class Audits {
  private final SortedMap<String, NodeApi> correct;
  private final SortedMap<String, List<String>> witnessesByNode;

  /**
   * @param correct the nodes that may be asked
   * @param witnessesByNode who audits whom; those who are not correct do not count
   */
  Audits(SortedMap<String, NodeApi> correct, SortedMap<String, List<String>> witnessesByNode) {
    this.correct = correct;
    this.witnessesByNode = witnessesByNode;
  }

  /**
   * Waits until every correct witness of every correct node has replayed what that node has logged
   * by now.
   *
   * @param size of the log of a node
   * @return who has not in time, by node; empty if all have
   */
  SortedMap<String, List<String>> await(Duration patience, ToLongFunction<NodeApi> size)
      throws InterruptedException {
    SortedMap<String, Long> goals = new TreeMap<>();
    correct.forEach((node, api) -> goals.put(node, size.applyAsLong(api)));
    SortedMap<String, List<String>> behind = new TreeMap<>();
    Polling.REMOTE.await(
        patience,
        () -> {
          behind.clear();
          behind.putAll(behind(goals));
          return behind.isEmpty();
        });
    return behind;
  }

  private SortedMap<String, List<String>> behind(SortedMap<String, Long> goals) {
    Map<String, Map<String, Long>> audited = new TreeMap<>();
    correct.forEach((judge, api) -> audited.put(judge, auditedBy(api)));
    SortedMap<String, List<String>> behind = new TreeMap<>();
    goals.forEach(
        (node, goal) -> {
          List<String> late =
              witnessesByNode.getOrDefault(node, List.of()).stream()
                  .filter(audited::containsKey)
                  .filter(
                      judge -> audited.getOrDefault(judge, Map.of()).getOrDefault(node, 0L) < goal)
                  .toList();
          if (!late.isEmpty()) {
            behind.put(node, late);
          }
        });
    return behind;
  }

  private static Map<String, Long> auditedBy(NodeApi judge) {
    Map<String, Long> sizes = new TreeMap<>();
    for (JsonNode peer : judge.getJson("/v1/peers")) {
      sizes.put(peer.path("node").asText(), peer.path("auditedSize").asLong());
    }
    return sizes;
  }
}
