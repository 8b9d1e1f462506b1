package org.probity.node.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OpsRoutesTest {
  private final RunningNode node = new RunningNode();
  private final TestClient client = new TestClient(node.vertx, node.urls().ops(), null, false);

  @AfterEach
  void stop() {
    node.close();
  }

  @Test
  void isLiveAndReady() {
    assertEquals(200, client.get("/livez").status());
    TestClient.Answer ready = client.get("/readyz");
    assertEquals(200, ready.status());
    assertTrue(ready.json().get("ready").asBoolean());
  }

  @Test
  void saysWhyItIsNotReady() {
    node.service.health =
        new NodeHealth(
            NodeHealth.Phase.RUNNING,
            List.of(
                new NodeHealth.Check("store", true, ""),
                new NodeHealth.Check("witnesses", false, "0 of 2 answered")));

    TestClient.Answer answer = client.get("/readyz");

    assertEquals(503, answer.status());
    JsonNode json = answer.json();
    assertEquals("running", json.get("state").asText());
    assertEquals("witnesses", json.at("/checks/1/name").asText());
    assertEquals("0 of 2 answered", json.at("/checks/1/reason").asText());
  }

  @Test
  void isLiveThoughLatched() {
    node.service.health = new NodeHealth(NodeHealth.Phase.LATCHED, List.of());

    assertEquals(200, client.get("/livez").status());
    assertEquals("latched", client.get("/readyz").json().get("state").asText());
  }

  @Test
  void hasAWardAuditedForItsOperator() {
    TestClient.Answer all = client.post("/audits?node=bank-b", null, null);
    assertEquals(200, all.status());
    assertEquals(10, all.json().get("upTo").asLong());
    assertEquals(
        7, client.post("/audits?node=bank-b&upTo=7", null, null).json().get("upTo").asLong());
    assertEquals(404, client.post("/audits?node=bank-c", null, null).status());
    assertEquals(400, client.post("/audits", null, null).status());
    assertEquals(400, client.post("/audits?node=bank-b&upTo=-1", null, null).status());
  }

  @Test
  void countsOpenChallengesByTargetAndKind() {
    assertContains(
        client.get("/metrics").text(),
        "probity_challenges_open{kind=\"message\",target=\"bank-b\"} 1");
  }

  @Test
  void tellsItsVersion() {
    JsonNode version = client.get("/version").json();

    assertEquals("test", version.get("version").asText());
    assertEquals(node.service.info().programId().toHex(), version.get("programId").asText());
  }

  @Test
  void countsRequestsByRouteAndStatus() {
    node.client().get("/v1/accounts/zzz");
    node.client().get("/nowhere/" + System.nanoTime());
    node.client().post("/v1/transactions", "application/cose", Buffer.buffer("x"));

    TestClient.Answer metrics = client.get("/metrics");

    assertEquals("text/plain; version=0.0.4; charset=utf-8", metrics.header("content-type"));
    String text = metrics.text();
    assertContains(
        text,
        "probity_http_request_seconds_count{listener=\"clients\",route=\"GET /v1/accounts/{account}\",status=\"400\"} 1");
    assertContains(
        text,
        "probity_http_request_seconds_count{listener=\"clients\",route=\"none\",status=\"404\"} 1");
    assertContains(
        text,
        "probity_http_request_seconds_count{listener=\"clients\",route=\"POST /v1/transactions\",status=\"200\"} 1");
    assertContains(text, "probity_node_info{node=\"bank-a\",version=\"test\"} 1");
    assertContains(text, "probity_http_open_connections{listener=\"clients\"}");
    assertContains(text, "jvm_memory_used_bytes");
    assertContains(text, "probity_log_head_entries 2");
    assertContains(text, "probity_node_ready 1");
    assertContains(text, "probity_node_phase{phase=\"latched\"} 0");
    assertContains(text, "probity_peers_nodes{verdict=\"suspected\"} 1");
    assertContains(text, "probity_peers_nodes{verdict=\"exposed\"} 0");
    assertContains(text, "probity_audit_unaudited_entries{peer=\"bank-b\"} 3");
    assertContains(text, "probity_audit_suspicion_score{peer=\"bank-b\"} 0.5");
    assertContains(text, "probity_evidence_files 0");
  }

  private static void assertContains(String text, String part) {
    assertTrue(text.contains(part), () -> part + " is not in\n" + text);
  }
}
