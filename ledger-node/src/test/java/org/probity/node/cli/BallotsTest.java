package org.probity.node.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.Assembly;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.Parameters;
import org.probity.detector.governance.Polity;
import org.probity.detector.node.TestNetwork;

/** What is read of a node, piece by piece, belongs to one epoch: the test decides in between. */
class BallotsTest {
  private final TestNetwork network =
      TestNetwork.of(
          Parameters.of(0, 1), Hash.sha256(), Bytes.EMPTY, "alpha", "beta", "gamma", "delta");
  private final Polity polity = new Polity(network);
  private HttpServer server;
  private DecisionChain chain = polity.chain();
  private Supplier<DecisionChain> beforeBallots = () -> chain;
  private int reads;

  @BeforeEach
  void serve() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    answer("/v1/governance/decisions", this::decisions);
    answer("/v1/governance/proposals", () -> "[]");
    answer(
        "/v1/governance/ballots",
        () -> {
          chain = beforeBallots.get();
          return "[]";
        });
    answer("/v1/governance", () -> "{\"epoch\":" + chain.decisions().size() + "}");
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void answer(String path, Supplier<String> json) {
    server.createContext(
        path,
        exchange -> {
          byte[] body = json.get().getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().add("content-type", "application/json");
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
  }

  private String decisions() {
    reads++;
    List<String> items =
        chain.decisions().stream()
            .map(decision -> Base64.getEncoder().encodeToString(decision.encoded().toArray()))
            .map(content -> "{\"content\":\"" + content + "\"}")
            .toList();
    return "{\"items\":[" + String.join(",", items) + "],\"next\":null}";
  }

  private Ballots ballots() {
    return new Ballots(
        network.genesis(),
        NodeApi.at("http://127.0.0.1:" + server.getAddress().getPort(), List.of()));
  }

  private DecisionChain decided() {
    boolean isSuspended = chain.decisions().size() % 2 == 1;
    return polity.decide(
        chain,
        isSuspended ? new Action.ReadmitNode("delta", false) : new Action.SuspendNode("delta"));
  }

  @Test
  void aDecisionInBetweenIsReadOnceMore() {
    beforeBallots = () -> chain.decisions().isEmpty() ? decided() : chain;
    Assembly assembly = ballots().assembly();
    assertEquals(1, assembly.epoch());
    assertEquals(2, reads);
  }

  @Test
  void aNodeThatDecidesAllTheTimeIsGivenUp() {
    beforeBallots = this::decided;
    CliException given = assertThrows(CliException.class, () -> ballots().assembly());
    assertEquals("epoch_moving", given.code());
    assertEquals(5, reads);
  }
}
