package org.probity.node.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.probity.node.cli.RunningConsortium.run;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.probity.node.network.NetworkLayout;

/** What the consortium's authority issues, and what it refuses as a whole. */
@Timeout(120)
class IssuedCertificatesTest {
  private static final String END = "-----END CERTIFICATE REQUEST-----\n";

  @TempDir Path directory;
  private NetworkLayout layout;
  private Path out;

  @BeforeEach
  void found() {
    Path folder = directory.resolve("c");
    layout = new NetworkLayout(folder);
    out = directory.resolve("certificates.pem");
    RunningConsortium.Run founded =
        run(
            "network",
            "init",
            "--nodes=2",
            "--faults=0",
            "--witnesses=1",
            "--base-port=0",
            "--dir=" + folder);
    assertEquals(0, founded.exit(), founded.err());
  }

  private static RunningConsortium.Run identity(String... arguments) {
    List<String> all = new ArrayList<>(List.of("identity"));
    all.addAll(List.of(arguments));
    all.addAll(List.of("--output", "json"));
    return run(all.toArray(String[]::new));
  }

  private static JsonNode ok(RunningConsortium.Run run) throws Exception {
    assertEquals(0, run.exit(), run.err());
    return run.json();
  }

  /** The text of the requests of a node. */
  private String requests(String node, String name, String... more) throws Exception {
    Path file = directory.resolve(name);
    List<String> all =
        new ArrayList<>(List.of("request", "--config=" + layout.config(node), "--out=" + file));
    all.addAll(List.of(more));
    ok(identity(all.toArray(String[]::new)));
    return Files.readString(file);
  }

  private static String first(String requests) {
    return requests.substring(0, requests.indexOf(END) + END.length());
  }

  private RunningConsortium.Run issue(String requests, String... more) throws Exception {
    Path file = directory.resolve("requests.pem");
    Files.writeString(file, requests);
    List<String> all =
        new ArrayList<>(
            List.of("issue", "--ca=" + layout.authority(), "--request=" + file, "--out=" + out));
    all.addAll(List.of(more));
    return identity(all.toArray(String[]::new));
  }

  private int issued() throws Exception {
    return ok(identity("list", "--ca=" + layout.authority())).size();
  }

  private void assertRefused(int exit, String code, RunningConsortium.Run run) throws Exception {
    assertEquals(code, run.errorCode(), run.err());
    assertEquals(exit, run.exit());
    assertEquals(8, issued(), "four of each of the two banks");
    assertFalse(Files.exists(out));
  }

  @Test
  void aFileIsOfOneNode() throws Exception {
    String ofA = requests("bank-a", "a.pem", "--keep-keys");
    String ofB = requests("bank-b", "b.pem", "--keep-keys");
    assertRefused(3, "request_of_several_nodes", issue(first(ofA) + first(ofB)));
  }

  /** The first may be issued, the second may not: then neither is. */
  @Test
  void allOfAFileIsIssuedOrNone() throws Exception {
    String kept = requests("bank-a", "kept.pem", "--keep-keys");
    String renewed = requests("bank-a", "renewed.pem");
    String mixed = first(kept) + renewed;
    assertRefused(3, "renewal_unconfirmed", issue(mixed));
    assertEquals(3, ok(issue(mixed, "--renew")).size());
    assertEquals(11, issued());
  }

  @Test
  void theTimeIsWithinBounds() throws Exception {
    String kept = requests("bank-a", "kept.pem", "--keep-keys");
    assertRefused(2, "usage", issue(kept, "--days=0"));
    assertRefused(2, "usage", issue(kept, "--days=826"));
    assertEquals(4, ok(issue(kept, "--days=825")).size());
    // What is there is not overwritten.
    RunningConsortium.Run again = issue(kept);
    assertEquals(2, again.exit(), again.err());
    assertEquals(12, issued());
  }
}
