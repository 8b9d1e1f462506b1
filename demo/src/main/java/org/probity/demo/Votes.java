package org.probity.demo;

import com.fasterxml.jackson.databind.JsonNode;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.NodeRecord;
import org.probity.node.cli.Ballots;
import org.probity.node.cli.CliException;
import org.probity.node.cli.ExitStatus;
import org.probity.node.cli.NodeApi;
import org.probity.node.cli.Revocations;
import org.probity.node.config.NodeConfig;
import org.probity.node.http.api.Polling;
import org.probity.node.http.peer.AddressBook;
import org.probity.node.http.peer.PeerClient;
import org.probity.node.http.peer.PeerFailure;
import org.probity.node.http.peer.PeerLimits;
import org.probity.node.identity.MemberKey;
import org.probity.node.network.NetworkLayout;
import org.probity.node.runtime.NodeSettings;
import org.probity.node.runtime.StartException;

/**
 * What the members make of a proof (protocol.md §13): the fault is put on record, the node is
 * suspended, then revoked. The first two are proposed by the nodes themselves; every member of a
 * correct node votes at its own node, as a person would with {@code governance vote}.
 */
final class Votes {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** What the peer client says of a node that it could not reach. */
  private static final String NOT_CONNECTED = "connection_failed";

  /** What another ballot, or what was told elsewhere, makes good within a moment. */
  private static final Set<String> PASSING =
      Set.of("unknown_proposal", "stance_not_allowed", "round_ahead", "wrong_epoch");

  private final Consortium consortium;
  private final NetworkLayout layout;
  private final SortedMap<String, NodeApi> correct;
  private final NodeRecord culprit;
  private final Progress progress;

  /**
   * @param correct who votes, each at its own node
   */
  Votes(
      Consortium consortium,
      Path folder,
      SortedMap<String, NodeApi> correct,
      String culprit,
      Progress progress) {
    this.consortium = consortium;
    this.layout = new NetworkLayout(folder);
    this.correct = new TreeMap<>(correct);
    this.culprit = consortium.genesis().node(culprit).orElseThrow();
    this.progress = progress;
  }

  /** The decisions that end the culprit, as the nodes tell them. */
  List<JsonNode> revoke() throws Exception {
    List<JsonNode> decisions = new ArrayList<>();
    decisions.add(decide(proposed("evidence.submit")));
    decisions.add(decide(proposed("node.suspend")));
    decisions.add(decide(proposeRevocation()));
    return decisions;
  }

  private NodeApi any() {
    return correct.values().iterator().next();
  }

  private Path key(String node) {
    String member = consortium.genesis().node(node).orElseThrow().member();
    return layout.member(member).resolve(MemberKey.FILE);
  }

  /** The proposal that some correct node has made by itself. */
  private Hash proposed(String action) throws InterruptedException {
    List<Hash> found = new ArrayList<>();
    boolean here =
        Polling.LOCAL.await(
            PATIENCE,
            () -> {
              for (JsonNode proposal : any().getJson("/v1/governance/proposals")) {
                if (proposal.path("action").asText().equals(action)
                    && proposal.at("/arguments/node").asText().equals(culprit.node())) {
                  found.add(Hash.fromHex(proposal.path("id").asText()));
                }
              }
              return !found.isEmpty();
            });
    if (!here) {
      throw timeout("no node has proposed " + action + " of " + culprit.node());
    }
    return found.get(0);
  }

  private Hash proposeRevocation() {
    Action.RevokeNode revocation =
        new Revocations(
                DecisionChain.of(consortium.genesis(), SignatureRule.fastest()), correct.values())
            .of(culprit)
            .orElseThrow(() -> timeout("no witness holds the log of " + culprit.node()));
    JsonNode proposed =
        new Ballots(consortium.genesis(), any())
            .propose(revocation, key(correct.firstKey()), false);
    return Hash.fromHex(proposed.path("id").asText());
  }

  private JsonNode decide(Hash proposal) throws Exception {
    String path = "/v1/governance/proposals/" + proposal.toHex();
    boolean decided =
        Polling.LOCAL.await(
            PATIENCE,
            () -> {
              for (Map.Entry<String, NodeApi> voter : correct.entrySet()) {
                vote(voter.getKey(), voter.getValue(), proposal);
              }
              return isDecided(path);
            });
    if (!decided) {
      throw timeout("the members have not decided " + proposal.toHex());
    }
    JsonNode decision = any().getJson(path);
    long epoch = decision.path("epoch").asLong() + 1;
    if (!Polling.LOCAL.await(PATIENCE, () -> isLogged(epoch))) {
      throw timeout("not every correct node has logged the decision of epoch " + (epoch - 1));
    }
    progress.step(
        "epoch "
            + decision.path("epoch").asLong()
            + ": the members decide "
            + decision.path("action").asText()
            + " of "
            + culprit.node()
            + ", "
            + decision.path("voters").size()
            + " ballots in round "
            + decision.path("round").asInt()
            + " by "
            + names(decision.path("voters"))
            + "; every correct node has logged it");
    return decision;
  }

  private static String names(JsonNode voters) {
    List<String> names = new ArrayList<>();
    voters.forEach(voter -> names.add(voter.asText()));
    return String.join(", ", names);
  }

  private void vote(String node, NodeApi api, Hash proposal) {
    String member = consortium.genesis().node(node).orElseThrow().member();
    try {
      new Ballots(consortium.genesis(), api)
          .vote(member, key(node), Optional.of(proposal), "proven", false);
    } catch (CliException e) {
      if (!PASSING.contains(e.code())) {
        throw e;
      }
    } catch (IOException e) {
      throw new CliException(ExitStatus.ERROR, "io", "cannot vote as " + member, e);
    }
  }

  private boolean isDecided(String path) {
    return any().getJson(path).path("state").asText().equals("decided");
  }

  private boolean isLogged(long epoch) {
    return correct.values().stream()
        .allMatch(api -> api.getJson("/v1/governance").path("loggedEpoch").asLong() >= epoch);
  }

  /** Talks to every correct node as the culprit, with its own certificate; the codes they give. */
  SortedMap<String, String> refusals(SortedMap<String, URI> peerUrls)
      throws StartException, InterruptedException {
    NodeSettings settings =
        NodeSettings.of(NodeConfig.load(layout.config(culprit.node()), Map.of(), Map.of()), "demo");
    Vertx vertx = Vertx.vertx();
    PeerClient client =
        new PeerClient(
            vertx,
            settings.peerIdentity(),
            settings.trust(),
            node ->
                Optional.ofNullable(peerUrls.get(node))
                    .map(url -> new AddressBook.Address(url.getHost(), url.getPort())),
            PeerLimits.standard());
    try {
      SortedMap<String, String> codes = new TreeMap<>();
      for (String node : correct.keySet()) {
        codes.put(node, refusal(client, node));
      }
      return codes;
    } finally {
      client.close();
      vertx.close();
    }
  }

  /** A connection that comes to nothing on a busy machine is no answer: it is tried again. */
  private static String refusal(PeerClient client, String node) throws InterruptedException {
    List<String> codes = new ArrayList<>();
    Polling.LOCAL.await(
        PATIENCE,
        () -> {
          codes.add(attempt(client, node));
          return !codes.get(codes.size() - 1).equals(NOT_CONNECTED);
        });
    return codes.get(codes.size() - 1);
  }

  private static String attempt(PeerClient client, String node) {
    try {
      client
          .envelope(node, Bytes.utf8("let me in"))
          .toCompletionStage()
          .toCompletableFuture()
          .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      return "admitted";
    } catch (ExecutionException e) {
      return e.getCause() instanceof PeerFailure failure
          ? failure.code()
          : String.valueOf(e.getCause());
    } catch (TimeoutException e) {
      return "no_answer";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "interrupted";
    }
  }

  private static CliException timeout(String what) {
    return new CliException(ExitStatus.ERROR, "timeout", what);
  }
}
