package org.probity.node.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.probity.node.cli.RunningConsortium.Run;
import org.probity.node.http.api.Polling;

/**
 * Running nodes. bank-a alone knows of a decision and is lost. A quorum is three of four: without
 * member-a, who went with it, and member-b, who has voted behind that decision and may sign nothing
 * more in its epoch, nobody can decide this epoch again.
 */
@Timeout(180)
class SilentDecisionTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String LOST = "bank-a";
  private static final List<String> LEFT = List.of("bank-b", "bank-c", "bank-d");

  @TempDir Path directory;
  private RunningConsortium banks;

  /** What all have voted for, in the epoch that is open to those who are left. */
  private String first = "";

  /** What member-b has voted for in the epoch that bank-a alone was in. */
  private String next = "";

  /** What bank-a printed before it was lost. */
  private Path decisions;

  @BeforeEach
  void decideWhereNobodyElseIs() throws Exception {
    banks = new RunningConsortium(directory.resolve("c"), 4, 0, 3, UnaryOperator.identity());
    for (String node : LEFT) {
      banks.stop(node);
    }
    first = propose(LOST, "member-a");
    for (String member : List.of("member-a", "member-b", "member-c", "member-d")) {
      vote(LOST, member, first);
    }
    awaitEpoch(LOST, 1);
    next = propose(LOST, "member-b");
    vote(LOST, "member-b", next);
    decisions =
        Files.writeString(
            directory.resolve("decisions.json"), run("governance", "decisions", "-n", LOST).out());
    banks.stop(LOST);
    for (String node : LEFT) {
      banks.reach(node);
    }
    for (String node : LEFT) {
      banks.await(node);
      awaitEpoch(node, 0);
    }
  }

  @AfterEach
  void stop() {
    banks.close();
  }

  @Test
  void whoHasVotedBehindItHandsItIn() throws Exception {
    // The others say again what they said: too few, and no round follows.
    assertEquals(first, propose("bank-b", "member-c"));
    for (int i = 0; i < 2; i++) {
      vote("bank-b", "member-c", first);
      vote("bank-b", "member-d", first);
    }
    assertEquals(0, run("governance", "status", "-n", "bank-b").json().path("round").asInt());

    Run dry = banks.json(voting("bank-b", "member-b", "none", "--dry-run"));
    assertTrue(dry.err().contains("would hand in"), dry.err());
    awaitEpoch("bank-b", 0);

    Run voted = banks.json(voting("bank-b", "member-b", next, "--yes"));
    assertEquals(
        "probity: handed in what this node did not know and member-b has voted behind:"
            + " the decision of epoch 0",
        voted.err().lines().findFirst().orElse(""));
    assertTrue(voted.err().contains("unknown_proposal"), "nobody has proposed it here yet");
    for (String node : LEFT) {
      awaitEpoch(node, 1);
    }
    goOn();
  }

  @Test
  void anybodyBringsItFromNodeToNode() throws Exception {
    assertEquals(
        "{\"decisions\":1,\"handedIn\":[0],\"epoch\":1}",
        run("governance", "hand-in", decisions.toString(), "-n", "bank-c").out().strip());
    assertEquals(
        "{\"decisions\":1,\"handedIn\":[],\"epoch\":1}",
        run("governance", "hand-in", decisions.toString(), "-n", "bank-c").out().strip());
    for (String node : LEFT) {
      awaitEpoch(node, 1);
    }
    // What a member has beside its key is as good.
    Path kept = banks.layout.member("member-b").resolve("governance.pem.decisions");
    Run text =
        RunningConsortium.run(
            "governance", "hand-in", kept.toString(), "-n", "bank-d", "--dir=" + banks.folder);
    assertEquals(
        "Nothing was new; the node is in epoch 1" + System.lineSeparator(), text.out(), text.err());
    Files.writeString(decisions, "no JSON");
    Run unreadable = banks.json("governance", "hand-in", decisions.toString(), "-n", "bank-c");
    assertEquals("decisions_unreadable", unreadable.errorCode());
    assertEquals(ExitStatus.BAD_CONFIG.code(), unreadable.exit());
    goOn();
  }

  /** Those who are left decide the next epoch, with the ballot that was lost as well. */
  private void goOn() throws Exception {
    assertEquals(next, propose("bank-b", "member-c"));
    for (int round = 0; round <= 1; round++) {
      for (String member : List.of("member-b", "member-c", "member-d")) {
        vote("bank-b", member, next);
      }
    }
    for (String node : LEFT) {
      awaitEpoch(node, 2);
    }
  }

  private Run run(String... arguments) {
    Run run = banks.json(arguments);
    assertEquals(0, run.exit(), run.err());
    return run;
  }

  private String propose(String node, String member) throws Exception {
    return run(
            "governance", "propose", "witness.reassign", "-n", node, "--member=" + member, "--yes")
        .json()
        .path("id")
        .asText();
  }

  private static String[] voting(String node, String member, String proposal, String how) {
    return new String[] {"governance", "vote", proposal, "-n", node, "--member=" + member, how};
  }

  private void vote(String node, String member, String proposal) throws Exception {
    assertEquals(
        "cast", run(voting(node, member, proposal, "--yes")).json().path("state").asText());
  }

  private void awaitEpoch(String node, long epoch) throws Exception {
    assertTrue(
        Polling.LOCAL.await(
            PATIENCE,
            () -> {
              try {
                return run("governance", "status", "-n", node).json().path("epoch").asLong()
                    == epoch;
              } catch (java.io.IOException e) {
                throw new AssertionError(e);
              }
            }),
        () -> node + " is not in epoch " + epoch);
  }
}
