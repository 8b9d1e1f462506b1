package org.probity.demo.breaking;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.probity.node.http.api.ApiClient;

/**
 * A running consortium in which a node is broken: what the ways of breaking it have in common.
 *
 * @param random all that is drawn is drawn from here, so that a seed names a run
 */
record Scene(Banks banks, Customer customer, Random random) {
  private static final Duration DECISION = Duration.ofMinutes(2);
  private static final Duration LATE_COPIES = Duration.ofSeconds(15);

  /** Codes with which a node refuses to sign because it may have signed more than it knows. */
  private static final Set<String> GOES_ON_UNDER_NEW_KEYS =
      Set.of(
          "mark_ahead",
          "mark_lost",
          "mark_contradicts",
          "latched",
          "store_corrupt",
          "store_truncated",
          "log_damaged",
          "own_log_contradicted",
          Banks.NOBODY_HAS);

  /** No node is to go on in this consortium as the guide has it: what the guide says of this. */
  static final class Unmendable extends Exception {
    private static final long serialVersionUID = 1L;

    private final String code;

    Unmendable(String code) {
      super(code);
      this.code = code;
    }

    String code() {
      return code;
    }
  }

  /**
   * How a node came back.
   *
   * @param code with which it refused before, if it did
   * @param isNextIncarnation whether the members had to close its log, which tells everybody that
   *     what lies beyond is lost
   */
  record Mended(String code, boolean isNextIncarnation, double readySeconds) {}

  /** Somebody who is not the one that most ways break. */
  String anyNode() {
    List<String> nodes = banks.nodes();
    return nodes.get(random.nextInt(nodes.size()));
  }

  /** The node that is broken where it always is the same. */
  String victim() {
    return banks.nodes().get(2);
  }

  /** Payments at a node and, fewer, at somebody who pays to it as well. */
  Pressure pressure(String victim) {
    List<String> others = banks.others(victim);
    return new Pressure(
        customer.pay(victim, 8, random),
        customer.pay(others.get(random.nextInt(others.size())), 1, random));
  }

  /** Payments under way. */
  record Pressure(Customer.Load atVictim, Customer.Load elsewhere) {
    void end() throws InterruptedException {
      atVictim.end();
      elsewhere.end();
    }
  }

  /**
   * Some payments at a node.
   *
   * @param quiet whether they have ended, and others hold all of them, when the node is killed;
   *     else it is killed in the middle of them
   */
  void payAndKill(String node, boolean quiet) throws Exception {
    Pressure pressure = pressure(node);
    int answers = 20 + random.nextInt(60);
    boolean takesPayments = pressure.atVictim().awaitAnswers(answers);
    if (quiet) {
      pressure.end();
      awaitWitnessed(node);
    } else {
      sometime(30);
    }
    banks.kill(node);
    pressure.end();
    if (!takesPayments) {
      throw new AssertionError(node + " ended before it was killed, or does not answer");
    }
  }

  /** Until somebody else holds and has replayed all that a node has. */
  void awaitWitnessed(String node) throws Exception {
    ApiClient client = banks.api(node).client();
    long size = client.status().size();
    if (!Banks.await(DECISION, () -> isHeld(node, size))) {
      throw new AssertionError("nobody holds the " + size + " entries of " + node);
    }
  }

  private boolean isHeld(String node, long size) {
    return banks.others(node).stream().anyMatch(other -> heldBy(other, node) >= size);
  }

  private long heldBy(String other, String node) {
    for (JsonNode peer : banks.api(other).getJson("/v1/peers")) {
      if (peer.path("node").asText().equals(node)) {
        return peer.path("auditedSize").asLong();
      }
    }
    return 0;
  }

  /** Somewhere within so many milliseconds from now. */
  void sometime(int withinMillis) throws InterruptedException {
    Thread.sleep(random.nextInt(withinMillis), random.nextInt(1_000_000));
  }

  /** Starts a node, and does what the guide says where it refuses. */
  Mended mend(String node) throws Exception {
    Banks.Start start = banks.start(node);
    if (start.isReady()) {
      return new Mended("", false, start.seconds());
    }
    if (start.code().equals("wrong_key")) {
      // Its keys are those of a later incarnation, and the decisions about them were in its store.
      banks.kill(node);
      Banks.run("node", "begin", "--config=" + banks.layout().config(node), "--output=json");
      start = banks.start(node);
      if (start.isReady()) {
        return new Mended("wrong_key", false, start.seconds());
      }
    }
    if (!GOES_ON_UNDER_NEW_KEYS.contains(start.code())) {
      throw new AssertionError(
          node + " does not start: " + start.code() + "\n" + Files.readString(banks.log(node)));
    }
    banks.kill(node);
    goOnUnderNewKeys(node);
    Banks.Start again = banks.start(node);
    if (!again.isReady()) {
      throw new AssertionError(
          node + " does not begin: " + again.code() + "\n" + Files.readString(banks.log(node)));
    }
    return new Mended(start.code(), true, start.seconds() + again.seconds());
  }

  /** "When the store or the keys are lost" of the operator guide, as it is typed. */
  private void goOnUnderNewKeys(String node) throws Exception {
    Path config = banks.layout().config(node);
    Files.deleteIfExists(banks.layout().node(node).resolve("ready.json"));
    Banks.Run renewed = Banks.run("node", "renew", "--config=" + config, "--yes", "--output=json");
    require(renewed, "node renew");
    String enrolment = renewed.json().path("enrolment").asText();
    Banks.Run[] proposed = new Banks.Run[1];
    // What the log of a node shows may be ahead of a copy for a moment.
    Banks.await(
        LATE_COPIES,
        () -> {
          proposed[0] =
              banks.command(
                  "governance",
                  "propose",
                  "incarnation.approve",
                  "--enrolment=" + enrolment,
                  "--member=" + banks.member(node),
                  "--yes");
          return !proposed[0].code().equals("beyond_close");
        });
    if (proposed[0].code().equals("beyond_close")) {
      throw new Unmendable("beyond_close");
    }
    require(proposed[0], "governance propose");
    JsonNode proposal = proposed[0].json();
    // Of all members, the one whose node is lost included: one round decides.
    for (String member : banks.nodes().stream().map(banks::member).toList()) {
      require(
          banks.command(
              "governance", "vote", proposal.path("id").asText(), "--member=" + member, "--yes"),
          "governance vote");
    }
    long decided = proposal.path("epoch").asLong() + 1;
    for (String other : banks.others(node)) {
      if (!Banks.await(
          DECISION,
          () ->
              banks.api(other).getJson("/v1/governance").path("loggedEpoch").asLong() >= decided)) {
        throw new AssertionError(other + " has not logged the decision of " + proposal);
      }
    }
    forget(node);
  }

  /** What was renamed may be deleted: nothing is ever signed with it. */
  private void forget(String node) throws IOException {
    try (Stream<Path> entries = Files.list(banks.layout().node(node))) {
      for (Path entry :
          entries
              .filter(path -> path.getFileName().toString().startsWith("data-incarnation-"))
              .toList()) {
        delete(entry);
      }
    }
  }

  private static void require(Banks.Run run, String what) {
    if (run.exit() != 0) {
      throw new AssertionError(what + ": " + run.err());
    }
  }

  /** Takes payments again, beyond everything that was signed before. */
  void goOn(String node, long beyond) throws Exception {
    Customer.Load load = customer.pay(node, 4, random);
    try {
      if (!load.awaitAnswers(10)) {
        throw new AssertionError(node + " takes no payments");
      }
      Banks.await(DECISION, () -> banks.api(node).client().status().size() > beyond);
    } finally {
      load.end();
    }
  }

  /** The files of a node by what they are. */
  Map<String, Path> folders(String node) {
    Map<String, Path> folders = new TreeMap<>();
    folders.put("data", banks.storage(node).data());
    folders.put("marks", banks.storage(node).marks());
    return folders;
  }

  static void delete(Path tree) throws IOException {
    if (Files.exists(tree)) {
      try (Stream<Path> files = Files.walk(tree)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  /** Puts a folder into the place of another. */
  static void replace(Path folder, Path by) throws IOException {
    delete(folder);
    copy(by, folder);
  }

  /** A copy of a folder in a place where there is none. */
  static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to.getParent());
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    }
  }
}
