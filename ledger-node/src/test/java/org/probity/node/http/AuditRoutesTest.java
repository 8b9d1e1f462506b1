package org.probity.node.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.detector.commitment.AuditStatement;
import org.probity.detector.crypto.Hash;

/** AUDIT statements over HTTP: what is signed about a node, and by it. */
class AuditRoutesTest {
  private static final Hash ROOT = Hash.sha256(new byte[] {7});
  private static final String ORIGIN = "probity/x/bank-c/0";

  private RunningNode node;
  private TestClient client;

  @BeforeEach
  void start() {
    node = new RunningNode();
    client = node.client();
  }

  @AfterEach
  void stop() {
    node.close();
  }

  private static HeldAudit audit(String auditor, long size) {
    return new HeldAudit(
        auditor, "m-" + auditor, size, ROOT, ROOT, Bytes.utf8("by " + auditor + " to " + size));
  }

  private static String path(String origin) {
    return "/witness/" + TileRoutes.originHash(origin).toHex() + "/audit";
  }

  @Test
  void listsWhatIsSigned() {
    node.service.statements.add(audit("bank-b", 70));
    node.service.wardAudits.add(
        new WardAudits("bank-c", ORIGIN, 50, 3, Optional.of(audit("me", 50)), List.of()));
    node.service.wardAudits.add(
        new WardAudits("bank-d", "d", 0, 9, Optional.empty(), List.of(audit("bank-b", 9))));

    JsonNode json = client.get("/v1/audits").json();

    JsonNode signed = json.path("statements").get(0);
    assertEquals("bank-b", signed.path("auditor").asText());
    assertEquals("m-bank-b", signed.path("member").asText());
    assertEquals(70, signed.path("toSize").asLong());
    assertEquals(ROOT.toHex(), signed.path("toRoot").asText());
    assertEquals(
        "by bank-b to 70",
        new String(
            Base64.getDecoder().decode(signed.path("statement").asText()), StandardCharsets.UTF_8));
    JsonNode first = json.path("wards").get(0);
    assertEquals("bank-c", first.path("node").asText());
    assertEquals(ORIGIN, first.path("origin").asText());
    assertEquals(50, first.path("auditedSize").asLong());
    assertEquals(3, first.path("lag").asLong());
    assertEquals(50, first.at("/own/toSize").asLong());
    JsonNode second = json.path("wards").get(1);
    assertTrue(second.path("own").isNull());
    assertEquals("bank-b", second.at("/others/0/auditor").asText());
  }

  @Test
  void servesWhatThisNodeHasSigned() {
    node.service.wardAudits.add(
        new WardAudits("bank-c", ORIGIN, 50, 3, Optional.of(audit("me", 50)), List.of()));

    TestClient.Answer answer = client.get(path(ORIGIN));

    assertEquals(200, answer.status());
    assertEquals("application/cose", answer.header("content-type"));
    assertEquals(Buffer.buffer("by me to 50"), answer.body());
    assertEquals("not_found", client.get(path("elsewhere")).problem());
    assertEquals("bad_origin_hash", client.get("/witness/xyz/audit").problem());
  }

  @Test
  void takesAuditsOutOfReceipts() {
    Buffer statement = Buffer.buffer("by bank-b to 70");

    TestClient.Answer answer = client.post("/v1/audits", "application/cose", statement);

    assertEquals(200, answer.status());
    assertEquals(List.of(Bytes.utf8("by bank-b to 70")), node.service.received);
    assertEquals(
        413,
        client
            .post(
                "/v1/audits",
                "application/cose",
                Buffer.buffer(new byte[AuditStatement.MAX_STATEMENT_BYTES + 1]))
            .status());
    assertEquals(415, client.post("/v1/audits", "application/json", statement).status());
  }

  @Test
  void whoCoversAnIndexIsToldFromTheListAlone() {
    node.service.statements.add(audit("bank-b", 70));
    node.service.statements.add(audit("bank-c", 80));
    AuditService audits = node.service.audits();

    assertEquals(2, audits.covering(69).size());
    assertEquals(List.of(Bytes.utf8("by bank-c to 80")), audits.covering(70));
    assertEquals(List.of(), audits.covering(80));
  }
}
