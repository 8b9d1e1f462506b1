package org.probity.node.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.Assembly;
import org.probity.detector.governance.Ballot;
import org.probity.detector.governance.Citations;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.Parameters;
import org.probity.detector.governance.Polity;
import org.probity.detector.governance.Proposal;
import org.probity.detector.governance.SignedBallot;
import org.probity.detector.governance.Stance;
import org.probity.detector.node.TestNetwork;

/**
 * A ballot that is lost with the node at which it was cast counts where it is handed in again, and
 * so does a decision that only that node knew.
 */
class SaidBallotsTest {
  private static final String MEMBER = "m-alpha";

  @TempDir Path directory;

  private final TestNetwork network =
      TestNetwork.of(
          Parameters.of(0, 1), Hash.sha256(), Bytes.EMPTY, "alpha", "beta", "gamma", "delta");
  private final Polity polity = new Polity(network);
  private final List<Place> places = new ArrayList<>();
  private Path key = Path.of("");

  @BeforeEach
  void writeKey() throws IOException {
    byte[] seed = Hash.sha256(Bytes.utf8("governance alpha").unsafeArray()).toArray();
    String der = "302e020100300506032b657004220420" + HexFormat.of().formatHex(seed);
    key = directory.resolve("governance.pem");
    Files.writeString(
        key,
        "-----BEGIN PRIVATE KEY-----\n"
            + Base64.getEncoder().encodeToString(HexFormat.of().parseHex(der))
            + "\n-----END PRIVATE KEY-----\n");
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
  }

  @AfterEach
  void stop() {
    places.forEach(place -> place.server.stop(0));
  }

  /** A node as far as members see it: keeps what it is told. */
  private final class Place {
    private final HttpServer server;
    private DecisionChain chain = polity.chain();
    private final List<Bytes> proposals = new ArrayList<>();
    private final List<Bytes> ballots = new ArrayList<>();

    Place() throws IOException {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.createContext(
          "/v1/governance",
          exchange -> {
            String path = exchange.getRequestURI().getPath();
            boolean isPost = exchange.getRequestMethod().equals("POST");
            Bytes said = Bytes.wrap(exchange.getRequestBody().readAllBytes());
            if (isPost && path.endsWith("/ballots")) {
              ballots.add(said);
            }
            byte[] body =
                (isPost && path.endsWith("/decisions") ? handedIn(said) : reply(path))
                    .getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("content-type", "application/json");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
          });
      server.start();
      places.add(this);
    }

    /** Keeps what follows on what it has. */
    private String handedIn(Bytes decision) {
      try {
        chain = chain.append(decision);
        proposals.clear();
        ballots.clear();
        return "{\"known\":false}";
      } catch (DecodeException e) {
        return "{\"known\":true}";
      }
    }

    private String reply(String path) {
      if (path.endsWith("/decisions")) {
        return "{\"items\":"
            + json("content", chain.decisions().stream().map(it -> it.encoded()).toList())
            + ",\"next\":null}";
      }
      if (path.endsWith("/proposals")) {
        return json("statement", proposals);
      }
      return path.endsWith("/ballots")
          ? json("statement", ballots)
          : "{\"epoch\":" + chain.decisions().size() + "}";
    }

    /** Here and nowhere else. */
    void decided(Action action) {
      chain = polity.decide(chain, action);
      proposals.clear();
      ballots.clear();
    }

    Hash propose(Action action) {
      Proposal proposal = new Proposal(chain.decisions().size(), action);
      proposals.add(proposal.sign(network.genesis().networkId(), Polity.signer(MEMBER)).encoded());
      return proposal.id(network.genesis().networkId());
    }

    void hears(String member, Stance stance) {
      Ballot ballot = Polity.first(chain.state(), member, stance);
      ballots.add(polity.sign(ballot).encoded());
    }

    Ballots asked() {
      return new Ballots(
          network.genesis(),
          NodeApi.at("http://127.0.0.1:" + server.getAddress().getPort(), List.of()));
    }

    void vote(Hash choice) throws IOException {
      asked().vote(MEMBER, key, Optional.of(choice), "", false);
    }

    Assembly assembly() {
      return asked().assembly();
    }

    boolean counts(String member, int round) {
      return assembly().poll().ballots().stream()
          .map(SignedBallot::ballot)
          .anyMatch(ballot -> ballot.member().equals(member) && ballot.round() == round);
    }
  }

  private static String json(String field, List<Bytes> items) {
    return items.stream()
        .map(item -> Base64.getEncoder().encodeToString(item.toArray()))
        .map(text -> "{\"" + field + "\":\"" + text + "\"}")
        .collect(Collectors.joining(",", "[", "]"));
  }

  @Test
  void theSameVoteElsewhereIsTheSameBallot() throws Exception {
    Place lost = new Place();
    Place other = new Place();
    Hash choice = lost.propose(new Action.ReassignWitnesses());
    other.propose(new Action.ReassignWitnesses());
    lost.vote(choice);
    other.vote(choice);
    assertEquals(lost.ballots, other.ballots);
    assertTrue(other.counts(MEMBER, 0));
    other.vote(choice);
    assertEquals(2, other.ballots.size(), "known there: signed once more, as before");
  }

  /** What it rests on was known only where it was lost: it would wait for that for ever. */
  @Test
  void theBallotsThatItRestsOnGoWithIt() throws Exception {
    Place lost = new Place();
    Place other = new Place();
    Hash choice = lost.propose(new Action.ReassignWitnesses());
    other.propose(new Action.ReassignWitnesses());
    for (String member : List.of("m-beta", "m-gamma", "m-delta")) {
      lost.hears(member, member.equals("m-delta") ? Stance.NONE : Stance.of(choice));
    }
    lost.vote(choice);
    assertTrue(lost.counts(MEMBER, 1));
    other.vote(choice);
    assertTrue(other.counts(MEMBER, 1));
  }

  /** That the first round was heard there says nothing of the second. */
  @Test
  void aLaterBallotIsHandedInWhereAnEarlierOneIsKnown() throws Exception {
    Place lost = new Place();
    Place other = new Place();
    Hash choice = lost.propose(new Action.ReassignWitnesses());
    other.propose(new Action.ReassignWitnesses());
    lost.vote(choice);
    other.ballots.addAll(lost.ballots);
    for (String member : List.of("m-beta", "m-gamma", "m-delta")) {
      lost.hears(member, member.equals("m-delta") ? Stance.NONE : Stance.of(choice));
    }
    lost.vote(choice);
    assertTrue(lost.counts(MEMBER, 1));
    other.vote(choice);
    assertTrue(other.counts(MEMBER, 1));
  }

  @Test
  void aDryRunHandsNothingIn() throws Exception {
    Place lost = new Place();
    Place other = new Place();
    Hash choice = lost.propose(new Action.ReassignWitnesses());
    other.propose(new Action.ReassignWitnesses());
    lost.vote(choice);
    other.asked().vote(MEMBER, key, Optional.of(choice), "", true);
    assertEquals(List.of(), other.ballots);
  }

  /** Where the decisions are not those that it was cast under, it counts for nothing. */
  @Test
  void aBallotCastUnderOtherDecisionsIsNotHandedIn() throws Exception {
    Place lost = new Place();
    Place other = new Place();
    lost.chain = polity.decide(lost.chain, new Action.SuspendNode("delta"));
    other.chain = polity.decide(other.chain, new Action.ReassignWitnesses());
    lost.vote(lost.propose(new Action.SuspendNode("gamma")));
    assertEquals(Optional.empty(), new SaidBallots(key).unheard(other.assembly(), MEMBER));
  }

  /** The mark forbids every ballot of an earlier epoch, and this is none that is signed now. */
  @Test
  void whereADecisionIsNotKnownTheBallotOfThatEpochCounts() throws Exception {
    Place lost = new Place();
    Place other = new Place();
    Hash first = lost.propose(new Action.SuspendNode("delta"));
    other.propose(new Action.SuspendNode("delta"));
    lost.vote(first);
    lost.decided(new Action.SuspendNode("delta"));
    lost.vote(lost.propose(new Action.ReassignWitnesses()));
    other.vote(first);
    assertTrue(other.counts(MEMBER, 0));
  }

  /** In the epoch that it decided the member may sign nothing more. */
  @Test
  void aDecisionThatOnlyTheLostNodeKnewIsHandedIn() throws Exception {
    Place lost = new Place();
    Place other = new Place();
    lost.decided(new Action.SuspendNode("delta"));
    lost.decided(new Action.ReassignWitnesses());
    lost.vote(lost.propose(new Action.ReassignWitnesses()));

    assertEquals(List.of(0L, 1L), other.asked().handInKept(key, true));
    assertEquals(0, other.chain.decisions().size(), "a dry run");
    assertEquals(List.of(0L, 1L), other.asked().handInKept(key, false));
    assertEquals(lost.chain.state().lastDecision(), other.chain.state().lastDecision());
    assertEquals(List.of(), other.asked().handInKept(key, false));
    other.vote(other.propose(new Action.ReassignWitnesses()));
    assertTrue(other.counts(MEMBER, 0));
  }

  /**
   * A crash between the two would leave a mark that says of the decision only that it was there.
   */
  @Test
  void theDecisionsAreKeptBeforeTheMark() throws Exception {
    Place lost = new Place();
    lost.decided(new Action.SuspendNode("delta"));
    Hash choice = lost.propose(new Action.ReassignWitnesses());
    Files.createDirectories(directory.resolve("governance.pem.ballot-mark.part"));
    assertThrows(IOException.class, () -> lost.vote(choice));
    assertEquals(List.of(0L), new Place().asked().handInKept(key, true));
    assertEquals(List.of(), lost.ballots);
  }

  @Test
  void theNewestDecisionsAreKeptAndNeverOlderOnes() throws Exception {
    KeptDecisions kept = new KeptDecisions(key);
    DecisionChain chain = polity.chain();
    kept.keep(chain);
    assertEquals(List.of(), kept.from(0));
    for (int i = 0; i < KeptDecisions.KEPT + 2; i++) {
      chain = polity.decide(chain, new Action.ReassignWitnesses());
    }
    kept.keep(chain);
    assertEquals(KeptDecisions.KEPT, kept.from(0).size());
    assertEquals(2, KeptDecisions.epoch(kept.from(0).get(0)));
    assertEquals(1, kept.from(KeptDecisions.KEPT + 1).size());
    kept.keep(chain.before(5));
    assertEquals(KeptDecisions.KEPT + 1, KeptDecisions.epoch(kept.from(9).get(0)));
  }

  @Test
  void aDamagedFileOfDecisionsIsNamed() throws Exception {
    Place place = new Place();
    Path file = directory.resolve("governance.pem.decisions");
    for (String damaged : List.of("", "{", "{}", "7")) {
      Files.writeString(file, damaged);
      CliException refused =
          assertThrows(CliException.class, () -> place.asked().handInKept(key, false));
      assertEquals("decisions_unreadable", refused.code(), damaged);
    }
    Files.writeString(file, "[{\"content\":\"AAAA\"}]");
    CliException refused =
        assertThrows(CliException.class, () -> place.asked().handInKept(key, false));
    assertEquals("decisions_unreadable", refused.code());
    assertEquals(ExitStatus.BAD_CONFIG, refused.status());
    assertTrue(refused.text().contains("governance.pem.decisions"), refused.text());
    assertTrue(refused.text().contains("put there what governance decisions"), refused.text());
    Files.delete(file);
    Files.createDirectories(file);
    refused = assertThrows(CliException.class, () -> place.asked().handInKept(key, false));
    assertEquals("decisions_unreadable", refused.code());
  }

  @Test
  void whatWasNotSaidIsNotHandedIn() throws Exception {
    Place lost = new Place();
    Place other = new Place();
    Hash choice = lost.propose(new Action.ReassignWitnesses());
    Hash another = other.propose(new Action.SuspendNode("delta"));
    lost.vote(choice);
    CliException refused = assertThrows(CliException.class, () -> other.vote(another));
    assertEquals("already_voted", refused.code());
    assertEquals(List.of(), other.ballots);
  }

  @Test
  void aDamagedFileIsNamed() throws Exception {
    Place place = new Place();
    Hash choice = place.propose(new Action.ReassignWitnesses());
    Files.write(directory.resolve("governance.pem.ballots"), new byte[] {1, 2, 3});
    CliException refused = assertThrows(CliException.class, () -> place.vote(choice));
    assertEquals("ballots_malformed", refused.code());
  }

  @Test
  void theNewestEpochsAreKept() throws Exception {
    SaidBallots said = new SaidBallots(key);
    Place place = new Place();
    for (int epoch = 0; epoch <= SaidBallots.KEPT; epoch++) {
      Ballot ballot =
          new Ballot(
              epoch,
              place.chain.state().lastDecision(),
              0,
              MEMBER,
              Stance.NONE,
              "",
              Citations.NONE);
      said.keep(new SaidBallots.Said(ballot.mark(), List.of(polity.sign(ballot).encoded())));
    }
    assertEquals(Optional.empty(), said.unheard(place.assembly(), MEMBER), "the oldest is gone");
  }
}
