package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.codec.Bytes;
import org.probity.node.config.NodeConfig;
import org.probity.node.http.tls.PinnedTrust;
import org.probity.node.testing.ChildJvm;
import org.probity.node.testing.RequiredTool;
import org.probity.node.testing.SystemCalls;

/**
 * SPEC protocol.md §4.6: nothing leaves before what it promises is durable, as the kernel saw it. A
 * node process runs under strace, transactions are submitted one after the other over one TLS
 * connection, and the trace must show log and mark on the disk before the first byte of each
 * answer.
 */
class DurableBeforeReceiptIT {
  private static final int RECEIPTS = 30;

  @TempDir Path directory;

  /** One HTTP/1.1 connection: what follows a request on it is its answer and nothing else. */
  private static final class Connection implements AutoCloseable {
    private final SSLSocket socket;
    private final DataInputStream in;
    private final OutputStream out;

    Connection(URI url, TestConsortium consortium) throws IOException, GeneralSecurityException {
      SSLContext tls = SSLContext.getInstance("TLSv1.3");
      TrustManager trust = PinnedTrust.toNode(consortium.roots(), TestConsortium.VICTIM);
      tls.init(null, new TrustManager[] {trust}, null);
      socket = (SSLSocket) tls.getSocketFactory().createSocket("127.0.0.1", url.getPort());
      socket.setSoTimeout(60_000);
      socket.setTcpNoDelay(true);
      in = new DataInputStream(socket.getInputStream());
      out = socket.getOutputStream();
    }

    int port() {
      return socket.getLocalPort();
    }

    void get(String path) throws IOException {
      exchange("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n", Bytes.EMPTY);
    }

    void submit(Bytes statement) throws IOException {
      exchange(
          "POST /v1/transactions HTTP/1.1\r\nHost: localhost\r\n"
              + "Content-Type: application/cose\r\nContent-Length: "
              + statement.size()
              + "\r\n\r\n",
          statement);
    }

    private void exchange(String head, Bytes body) throws IOException {
      ByteArrayOutputStream request = new ByteArrayOutputStream();
      request.writeBytes(head.getBytes(StandardCharsets.US_ASCII));
      request.writeBytes(body.toArray());
      out.write(request.toByteArray());
      out.flush();
      StringBuilder answer = new StringBuilder();
      while (answer.indexOf("\r\n\r\n") < 0) {
        answer.append((char) in.readUnsignedByte());
      }
      assertTrue(answer.toString().startsWith("HTTP/1.1 200 "), answer::toString);
      int length =
          answer
              .toString()
              .lines()
              .filter(line -> line.toLowerCase(Locale.ROOT).startsWith("content-length:"))
              .mapToInt(line -> Integer.parseInt(line.substring(line.indexOf(':') + 1).strip()))
              .findFirst()
              .orElseThrow();
      in.readFully(new byte[length]);
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  @Test
  @Timeout(240)
  void logAndMarkAreOnTheDiskBeforeAReceiptLeaves() throws Exception {
    Path trace = directory.resolve("trace");
    List<String> strace =
        List.of(
            RequiredTool.find("strace").toString(),
            "-f",
            "--seccomp-bpf",
            "-qq",
            "-tt",
            "-yy",
            "-s",
            "0",
            "-e",
            "trace=" + ReceiptOrder.TRACED,
            "-e",
            "signal=none",
            "-o",
            trace.toString());
    TestConsortium consortium = TestConsortium.found(directory.toRealPath().resolve("consortium"));
    NodeConfig config = consortium.config(TestConsortium.VICTIM);
    PaymentLoad load = new PaymentLoad(consortium);
    int listenerPort;
    int clientPort;
    RunningNode witness = consortium.startWitness();
    try (ChildJvm process = consortium.launch(strace)) {
      URI url = TestConsortium.ready(process);
      // It has said that it knows nothing of the log; from here on the trace is the client's alone.
      witness.stop();
      load.prepare(consortium.client(url));
      try (Connection connection = new Connection(url, consortium)) {
        listenerPort = url.getPort();
        clientPort = connection.port();
        // So that all of the handshake, session tickets included, lies behind.
        connection.get("/v1/status");
        for (int receipt = 0; receipt < RECEIPTS; receipt++) {
          connection.submit(load.nextStatement());
        }
        // Before the connection is closed, which would look like one more exchange.
        process.closeStdin();
        assertEquals(0, process.await());
      }
    }
    ReceiptOrder order =
        new ReceiptOrder(
            config.storage().data().resolve("log").resolve("data.mdb"),
            config.storage().marks().resolve("mark"));
    List<String> lines = Files.readAllLines(trace, StandardCharsets.ISO_8859_1);
    assertEquals(List.of(), order.violations(lines, listenerPort, clientPort, RECEIPTS));
    assertItWouldBeFound(order, lines, listenerPort, clientPort);
  }

  /** The same trace, with one answer sent too early or one file left out, does not pass. */
  private static void assertItWouldBeFound(
      ReceiptOrder order, List<String> lines, int listenerPort, int clientPort) {
    List<SystemCalls.Call> calls = SystemCalls.parse(lines);
    List<ReceiptOrder.Exchange> exchanges = ReceiptOrder.exchanges(calls, listenerPort, clientPort);
    ReceiptOrder.Exchange last = exchanges.get(exchanges.size() - 1);
    System.out.println("The last receipt, from its request to its first byte:");
    lines.subList(last.request(), last.answer() + 1).stream()
        .filter(
            line ->
                line.contains(order.data().toString())
                    || line.contains(order.mark().toString())
                    || line.contains(":" + clientPort + "]"))
        .forEach(System.out::println);
    List<String> early = new ArrayList<>(lines);
    String socket =
        calls.stream()
            .filter(call -> call.begin() == last.answer())
            .map(SystemCalls.Call::target)
            .findFirst()
            .orElseThrow();
    early.add(last.request() + 1, "1 00:00:00.000000 write(9<" + socket + ">, \"\"..., 349) = 349");
    assertFalse(order.violations(early, listenerPort, clientPort, RECEIPTS).isEmpty());
    for (Path omitted : List.of(order.data(), order.mark())) {
      List<String> without = new ArrayList<>(lines);
      for (int line = last.request(); line < last.answer(); line++) {
        without.set(line, lines.get(line).replace(omitted.toString(), "/elsewhere"));
      }
      assertFalse(order.violations(without, listenerPort, clientPort, RECEIPTS).isEmpty());
    }
  }
}
