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

/** A ballot that is lost with the node at which it was cast counts where it is handed in again. */
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
            if (exchange.getRequestMethod().equals("POST")) {
              ballots.add(Bytes.wrap(exchange.getRequestBody().readAllBytes()));
            }
            byte[] body = reply(path).getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("content-type", "application/json");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
          });
      server.start();
      places.add(this);
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
    lost.chain = polity.decide(lost.chain, new Action.SuspendNode("delta"));
    lost.proposals.clear();
    lost.ballots.clear();
    lost.vote(lost.propose(new Action.ReassignWitnesses()));
    other.vote(first);
    assertTrue(other.counts(MEMBER, 0));
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
