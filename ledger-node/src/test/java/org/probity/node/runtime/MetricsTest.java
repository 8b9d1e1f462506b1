package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.probity.ledger.client.OrderPlan;
import org.probity.ledger.client.PaymentOrders;
import org.probity.ledger.transaction.KeyPolicy;
import org.probity.node.http.api.Polling;

/** {@code /metrics} of running nodes, and what the operator's guide says about it. */
@Timeout(120)
class MetricsTest {
  private static final Path GUIDE = Path.of("..", "docs", "operator-guide.md");
  private static final Path RULES = Path.of("..", "config", "prometheus-rules.yaml");
  private static final Pattern NAME = Pattern.compile("probity_[a-z_]+");
  private static final Pattern DOCUMENTED = Pattern.compile("^\\| `(probity_[a-z_]+)");
  private static final Pattern TYPE = Pattern.compile("^# TYPE (probity_[a-z_]+) [a-z]+$");

  /**
   * Have series only where a model scores peers, where foreign logs are cosigned, and where a
   * revocation list is.
   */
  private static final Set<String> SOMETIMES =
      Set.of(
          "probity_audit_suspicion_score",
          "probity_witness_rejected_checkpoints_total",
          "probity_revocation_list_left_days",
          "probity_revocation_list_left_ratio",
          "probity_revocation_list_number",
          "probity_revocation_list_revoked_certificates");

  @TempDir Path directory;
  private final HttpClient http = HttpClient.newHttpClient();

  @Test
  void showWhatTheNodeDoesUnderTheNamesTheGuideExplains() throws Exception {
    try (TestBanks banks = new TestBanks(directory, 0, 1, "a", "b")) {
      banks.start("a");
      banks.start("b");
      OrderPlan plan = new OrderPlan(PaymentOrders.generate(7, 40), List.of("a", "b"));
      KeyPolicy owner = KeyPolicy.single(banks.bankKey.publicKey().toBytes());
      banks.submit("b", plan.openings("b", banks.crowns.id(), owner));
      long size = banks.node("b").facade().ownLog().size();

      String text =
          await(
              banks.node("a"), scraped -> value(scraped, "probity_audit_audited_entries") >= size);

      assertEquals(documented(), names(text), "docs/operator-guide.md and /metrics differ");
      assertEquals(List.of(), series(text).filter(line -> line.endsWith("NaN")).toList());
      assertTrue(value(text, "probity_store_commit_seconds_count") >= 1, text);
      assertTrue(text.contains("probity_store_commit_seconds_bucket{le=\"0.01\"}"), text);
      assertTrue(value(text, "probity_audit_duration_seconds_count") >= 1, text);
      assertEquals(0, value(text, "probity_audit_unaudited_entries{peer=\"b\"}"), text);
      assertTrue(value(text, "probity_audit_checkpoint_age_seconds{peer=\"b\"}") < 120, text);
      for (String store : List.of("own", "replicas", "state")) {
        double used = value(text, "probity_store_used_bytes{store=\"" + store + "\"}");
        assertTrue(used > 0, text);
        assertEquals(64 << 20, value(text, "probity_store_max_bytes{store=\"" + store + "\"}"));
        assertTrue(used < 64 << 20, text);
      }
      double days = value(text, "probity_certificate_left_days{use=\"nodes\"}");
      long valid = TestBanks.VALIDITY.toDays();
      assertTrue(days > valid - 0.1 && days <= valid, () -> days + " days");
      assertEquals(10_000, value(text, "probity_queue_limit_items{queue=\"transactions\"}"));
      assertEquals(0, value(text, "probity_queue_depth_items{queue=\"transactions\"}"));
      assertEquals(1, value(text, "probity_peers_nodes{verdict=\"trusted\"}"));
      assertEquals(0, value(text, "probity_peers_nodes{verdict=\"exposed\"}"));
    }
  }

  /** An alert on a name that nothing has any more would never ring. */
  @Test
  void alertsAreAboutMetricsThatThereAre() throws IOException {
    Set<String> alarmed =
        NAME.matcher(Files.readString(RULES))
            .results()
            .map(MatchResult::group)
            .collect(Collectors.toCollection(TreeSet::new));
    assertTrue(alarmed.size() > 10, alarmed::toString);
    alarmed.removeAll(documented());
    assertEquals(Set.of(), alarmed);
  }

  /** Scrapes until what other threads bring about is there, and then once more. */
  private String await(RunningNode node, Predicate<String> condition) throws Exception {
    assertTrue(
        Polling.LOCAL.await(Duration.ofSeconds(60), () -> condition.test(scrapeNow(node))),
        "it has not come to that");
    // The requests before this one have been counted by now.
    return scrape(node);
  }

  private String scrapeNow(RunningNode node) {
    try {
      return scrape(node);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  private String scrape(RunningNode node) throws IOException, InterruptedException {
    URI metrics = URI.create(node.urls().ops() + "/metrics");
    return http.send(HttpRequest.newBuilder(metrics).build(), HttpResponse.BodyHandlers.ofString())
        .body();
  }

  private static Set<String> documented() throws IOException {
    return Files.readAllLines(GUIDE).stream()
        .map(DOCUMENTED::matcher)
        .filter(Matcher::find)
        .map(found -> found.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Set<String> names(String text) {
    Set<String> names =
        text.lines()
            .map(TYPE::matcher)
            .filter(Matcher::matches)
            .map(found -> found.group(1))
            .collect(Collectors.toCollection(TreeSet::new));
    // Micrometer adds a recent maximum to every timer.
    names.removeIf(name -> name.endsWith("_max") && names.contains(withoutMax(name)));
    names.addAll(SOMETIMES);
    return names;
  }

  private static String withoutMax(String name) {
    return name.substring(0, name.length() - "_max".length());
  }

  private static Stream<String> series(String text) {
    return text.lines().filter(line -> line.startsWith("probity_"));
  }

  /** Of the first series that begins so. */
  private static double value(String text, String series) {
    return series(text)
        .filter(line -> line.startsWith(series))
        .findFirst()
        .map(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .orElse(Double.NaN);
  }
}
