package org.probity.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.Signer;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.Assembly;
import org.probity.detector.governance.Ballot;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.Poll;
import org.probity.detector.governance.Proposal;
import org.probity.detector.governance.SignedBallot;
import org.probity.node.http.wire.StrictBase64;
import org.probity.node.identity.PemFiles;
import org.probity.node.runtime.GovernanceJson;

/**
 * A member's view of governance. It asks a node for statements and believes none of its words:
 * decisions, proposals and ballots are verified and counted here, from the genesis document on.
 */
public final class Ballots {
  private static final int MAX_ATTEMPTS = 5;

  private final Genesis genesis;
  private final NodeApi api;

  public Ballots(Genesis genesis, NodeApi api) {
    this.genesis = genesis;
    this.api = api;
  }

  /** What the node knows: decisions, and what is before the members since. */
  private record Known(DecisionChain chain, Assembly assembly) {}

  /** What is before the members now, as far as the node knows. */
  public Assembly assembly() {
    return known().assembly();
  }

  private Known known() {
    try {
      for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
        Known known = read();
        // Read piece by piece: a decision in between would leave an epoch without its ballots.
        if (epoch() == known.assembly().epoch()) {
          return known;
        }
      }
    } catch (DecodeException e) {
      throw new CliException(
          ExitStatus.FAULT, e.code(), "what the node says does not verify: " + e.getMessage(), e);
    }
    throw new CliException(
        ExitStatus.ERROR,
        "epoch_moving",
        "the node takes decisions faster than they can be read: try again");
  }

  /** As the node says it. */
  long epoch() {
    return api.getJson("/v1/governance").path("epoch").asLong(-1);
  }

  private Known read() throws DecodeException {
    DecisionChain chain = chain();
    Assembly assembly = new Assembly(chain, action -> Optional.empty());
    for (JsonNode proposal : api.getJson("/v1/governance/proposals")) {
      assembly.propose(base64(proposal, "statement"));
    }
    for (JsonNode ballot : api.getJson("/v1/governance/ballots")) {
      assembly.cast(base64(ballot, "statement"));
    }
    return new Known(chain, assembly);
  }

  /** Every decision the node has, verified. */
  public DecisionChain chain() throws DecodeException {
    return verified(genesis, decisions());
  }

  /** Every decision as the node tells it, in epoch order; nothing of it is verified. */
  ArrayNode decisions() {
    ArrayNode all = JsonNodeFactory.instance.arrayNode();
    String path = "/v1/governance/decisions";
    Optional<String> cursor = Optional.empty();
    do {
      JsonNode page = api.getJson(cursor.map(at -> path + "?cursor=" + at).orElse(path));
      page.path("items").forEach(all::add);
      cursor = Optional.ofNullable(page.path("next").textValue());
    } while (cursor.isPresent());
    return all;
  }

  /** The chain that these make, verified from genesis on; of each its {@code content} counts. */
  static DecisionChain verified(Genesis genesis, JsonNode decisions) throws DecodeException {
    DecisionChain chain = DecisionChain.of(genesis, SignatureRule.fastest());
    for (JsonNode decision : decisions) {
      chain = chain.append(base64(decision, "content"));
    }
    return chain;
  }

  static Bytes base64(JsonNode json, String field) throws DecodeException {
    return StrictBase64.decode(json.path(field).asText());
  }

  /** A signer out of a key file. */
  public static Signer signer(Path key) {
    return Signer.checked(Signer.of(PemFiles.readSecret(key).ed25519()), SignatureRule.fastest());
  }

  /**
   * Signs a proposal and hands it in.
   *
   * @param isDryRun stop before that
   */
  public ObjectNode propose(Action action, Path key, boolean isDryRun) {
    Assembly assembly = assembly();
    Proposal proposal = new Proposal(assembly.epoch(), action);
    assembly
        .refusal(action)
        .ifPresent(
            refusal -> {
              throw new CliException(ExitStatus.ERROR, refusal.code(), refusal.message());
            });
    Bytes statement = proposal.sign(genesis.networkId(), signer(key)).encoded();
    ObjectNode json =
        GovernanceJson.action(
            JsonNodeFactory.instance
                .objectNode()
                .put("id", proposal.id(genesis.networkId()).toHex()),
            action);
    json.put("epoch", proposal.epoch()).put("round", assembly.poll().openRound());
    json.putArray("ballots");
    if (!isDryRun) {
      api.post("/v1/governance/proposals", statement);
    }
    return json.put("state", isDryRun ? "not_sent" : "open");
  }

  /** Hands in decisions; the epochs of those that the node did not know. */
  List<Long> handIn(List<Bytes> decisions) {
    return decisions.stream()
        .filter(decision -> !api.handIn(decision).path("known").asBoolean())
        .map(KeptDecisions::epoch)
        .toList();
  }

  /**
   * Hands in what a member has voted behind and the node does not know. The member may sign nothing
   * in these epochs, so that they might never be decided there otherwise.
   *
   * @param key the member's governance key; the decisions are beside it
   * @param isDryRun stop before that
   * @return their epochs
   */
  List<Long> handInKept(Path key, boolean isDryRun) {
    List<Bytes> lacking = new KeptDecisions(key).from(epoch());
    return isDryRun ? lacking.stream().map(KeptDecisions::epoch).toList() : handIn(lacking);
  }

  /**
   * Casts a member's ballot in the round that is open.
   *
   * @param choice a proposal, or none of them
   * @param key the member's governance key; its ballot mark is beside it
   */
  public ObjectNode vote(
      String member, Path key, Optional<Hash> choice, String reason, boolean isDryRun)
      throws IOException {
    try (BallotMarks marks = BallotMarks.beside(key)) {
      Known known = known();
      Assembly assembly = known.assembly();
      if (!assembly.electorate().has(member)) {
        throw new CliException(
            ExitStatus.UNAUTHORISED,
            "not_an_elector",
            member + " has no vote in epoch " + assembly.epoch());
      }
      Signer signer = signer(key);
      if (!assembly.electorate().key(member).equals(Optional.of(signer.publicKey()))) {
        throw new CliException(
            ExitStatus.UNAUTHORISED, "wrong_signer", key + " is not the key of " + member);
      }
      choice
          .filter(id -> !assembly.proposals().containsKey(id))
          .ifPresent(
              id -> {
                throw new CliException(
                    ExitStatus.ERROR,
                    "unknown_proposal",
                    "no proposal of epoch " + assembly.epoch() + " is " + id.toHex());
              });
      SaidBallots said = new SaidBallots(key);
      Optional<SaidBallots.Said> unheard =
          said.unheard(assembly, member).filter(one -> one.mark().stance().choice().equals(choice));
      if (unheard.isPresent()) {
        return handInAgain(assembly, unheard.get(), isDryRun);
      }
      Ballot ballot = draft(assembly, member, choice, reason);
      boolean hasVoted =
          assembly.poll().all().stream().anyMatch(it -> it.ballot().member().equals(member));
      if (!isDryRun) {
        // A crash behind this: the mark is not beyond decisions that are kept nowhere else.
        new KeptDecisions(key).keep(known.chain());
        // SPEC protocol.md §13.3: the mark is durable before the ballot leaves.
        marks.keep(ballot, hasVoted);
        Bytes signed = SignedBallot.sign(genesis.networkId(), ballot, signer).encoded();
        said.keep(SaidBallots.Said.of(assembly.poll(), ballot, signed));
        api.post("/v1/governance/ballots", signed);
      }
      return json(assembly, ballot, isDryRun);
    }
  }

  /**
   * Where this member's ballot is not known: it was cast at a node that has lost or withheld it.
   */
  private ObjectNode handInAgain(Assembly assembly, SaidBallots.Said said, boolean isDryRun) {
    Bytes own = said.ballots().get(said.ballots().size() - 1);
    try {
      Ballot ballot =
          SignedBallot.verify(
                  own, new StatementVerifier(SignatureRule.fastest(), genesis.networkId()))
              .ballot();
      if (!isDryRun) {
        said.ballots().forEach(each -> api.post("/v1/governance/ballots", each));
      }
      return json(assembly, ballot, isDryRun);
    } catch (DecodeException e) {
      throw CliException.config("ballots_malformed", "a kept ballot: " + e.getMessage());
    }
  }

  private static Ballot draft(
      Assembly assembly, String member, Optional<Hash> choice, String reason) {
    Poll poll = assembly.poll();
    int round = round(poll, member, choice);
    return poll.draft(round, member, choice, reason)
        .orElseThrow(
            () ->
                new CliException(
                    ExitStatus.ERROR,
                    "stance_not_allowed",
                    "the ballots of round "
                        + (round - 1)
                        + " bind everybody's in round "
                        + round
                        + ": "
                        + poll.demand(round)));
  }

  /**
   * The last open round; but round 0 as long as it can still decide at once, with everybody's
   * ballot for the same.
   */
  private static int round(Poll poll, String member, Optional<Hash> choice) {
    List<Ballot> ballots = poll.all().stream().map(SignedBallot::ballot).toList();
    boolean isUnanimousSoFar =
        ballots.stream()
            .allMatch(ballot -> ballot.round() == 0 && ballot.stance().choice().equals(choice));
    boolean hasVoted = ballots.stream().anyMatch(ballot -> ballot.member().equals(member));
    return isUnanimousSoFar && !hasVoted ? 0 : poll.openRound();
  }

  private ObjectNode json(Assembly assembly, Ballot ballot, boolean isDryRun) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    Optional<Hash> choice = ballot.stance().choice();
    if (choice.isPresent()) {
      json.put("id", choice.get().toHex());
      Assembly.Proposed chosen = assembly.proposals().get(choice.get());
      if (chosen != null) {
        GovernanceJson.action(json, chosen.proposal().action());
      }
    } else {
      json.putNull("id").putNull("action");
    }
    json.put("epoch", ballot.epoch()).put("round", ballot.round());
    json.putArray("ballots")
        .addObject()
        .put("member", ballot.member())
        .put("round", ballot.round())
        .put("confirms", ballot.stance().confirms());
    return json.put("state", isDryRun ? "not_sent" : "cast");
  }
}
