package org.probity.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.probity.node.cli.NodeApi;

/** Asks correct nodes for their verdicts and remembers when each first said so. */
final class Detection {
  static final String EXPOSED = "exposed";
  static final String SUSPECTED = "suspected";

  private final SortedMap<String, NodeApi> judges;
  private final SortedMap<String, SortedMap<String, Double>> secondsByAccuserByVerdict =
      new TreeMap<>();
  private final SortedMap<String, NavigableSet<String>> accusedByVerdict = new TreeMap<>();
  private final long startNanos = System.nanoTime();

  /**
   * @param judges the nodes that are correct
   */
  Detection(SortedMap<String, NodeApi> judges) {
    this.judges = judges;
  }

  /** One node says something about another for the first time. */
  record News(String judge, String accused, String verdict, String reason, double seconds) {}

  /** Asks everybody once and returns what is new. */
  List<News> poll() {
    List<News> news = new ArrayList<>();
    judges.forEach(
        (judge, api) -> {
          for (JsonNode peer : api.getJson("/v1/peers")) {
            String verdict = peer.path("verdict").asText();
            if (!verdict.equals("trusted")) {
              note(judge, peer, verdict, news);
            }
          }
        });
    return news;
  }

  private void note(String judge, JsonNode peer, String verdict, List<News> news) {
    String accused = peer.path("node").asText();
    accusedByVerdict.computeIfAbsent(verdict, absent -> new TreeSet<>()).add(accused);
    double seconds = (System.nanoTime() - startNanos) / 1e9;
    boolean isNew =
        secondsByAccuserByVerdict
                .computeIfAbsent(verdict + " " + accused, absent -> new TreeMap<>())
                .putIfAbsent(judge, seconds)
            == null;
    if (isNew) {
      news.add(new News(judge, accused, verdict, peer.path("reason").asText(), seconds));
    }
  }

  /** Everyone but those who cheat whom some correct node ever exposed or suspected. */
  NavigableSet<String> falselyAccused(Set<String> culprits) {
    NavigableSet<String> accused = new TreeSet<>(accused(EXPOSED));
    accused.addAll(accused(SUSPECTED));
    accused.removeAll(culprits);
    return accused;
  }

  /** Everyone about whom some correct node said so. */
  NavigableSet<String> accused(String verdict) {
    return accusedByVerdict.getOrDefault(verdict, new TreeSet<>());
  }

  /** Which correct nodes said so about {@code accused}, with the seconds since the start. */
  SortedMap<String, Double> accusers(String verdict, String accused) {
    return secondsByAccuserByVerdict.getOrDefault(verdict + " " + accused, new TreeMap<>());
  }

  /** Whether every correct node says so about {@code accused}. */
  boolean isUnanimous(String verdict, String accused) {
    return accusers(verdict, accused).size() == judges.size();
  }

  /** Whether every correct node has nothing against {@code node} now, whatever it said before. */
  boolean isTrustedNow(String node) {
    for (NodeApi judge : judges.values()) {
      for (JsonNode peer : judge.getJson("/v1/peers")) {
        if (peer.path("node").asText().equals(node)
            && !peer.path("verdict").asText().equals("trusted")) {
          return false;
        }
      }
    }
    return true;
  }
}
