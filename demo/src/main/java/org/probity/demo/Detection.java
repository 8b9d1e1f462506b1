package org.probity.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** Asks correct nodes for their verdicts and remembers when each first said so. */
final class Detection {
  static final String EXPOSED = "exposed";
  static final String SUSPECTED = "suspected";

  private final List<Bank> judges;
  private final SortedMap<String, SortedMap<String, Double>> secondsByAccuserByVerdict =
      new TreeMap<>();
  private final SortedMap<String, NavigableSet<String>> accusedByVerdict = new TreeMap<>();
  private final long startNanos = System.nanoTime();

  /**
   * @param judges the nodes that are correct
   */
  Detection(List<Bank> judges) {
    this.judges = List.copyOf(judges);
  }

  /** One node says something about another for the first time. */
  record News(String judge, String accused, String verdict, String reason, double seconds) {}

  /** Asks everybody once and returns what is new. */
  List<News> poll() {
    List<News> news = new ArrayList<>();
    for (Bank judge : judges) {
      for (JsonNode peer : judge.api().getJson("/v1/peers")) {
        String verdict = peer.path("verdict").asText();
        if (!verdict.equals("trusted")) {
          note(judge.node(), peer, verdict, news);
        }
      }
    }
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
}
