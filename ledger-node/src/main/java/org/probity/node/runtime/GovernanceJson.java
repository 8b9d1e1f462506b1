package org.probity.node.runtime;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.Statement;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.Assembly;
import org.probity.detector.governance.Ballot;
import org.probity.detector.governance.Decision;
import org.probity.detector.governance.Electorate;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.Member;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.NodeStanding;
import org.probity.detector.governance.Parameters;
import org.probity.detector.governance.SignedBallot;
import org.probity.detector.governance.ValidDecision;

/** Governance in JSON, camelCase; hashes in hex, statements in base64. */
public final class GovernanceJson {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private GovernanceJson() {}

  /** {@code {"action": "node.suspend", "arguments": {"node": "bank-c"}}}, into {@code json}. */
  public static ObjectNode action(ObjectNode json, Action action) {
    json.put("action", action.name());
    json.set("arguments", action.handle(new Arguments()));
    return json;
  }

  static ObjectNode standing(NodeStanding standing) {
    ObjectNode json = JSON.objectNode();
    if (standing instanceof NodeStanding.Suspended suspended) {
      return json.put("standing", "suspended").put("epoch", suspended.epoch());
    }
    if (standing instanceof NodeStanding.Revoked revoked) {
      return json.put("standing", "revoked")
          .put("epoch", revoked.epoch())
          .put("size", revoked.last().size())
          .put("root", revoked.last().root().toHex());
    }
    return json.put("standing", "active");
  }

  static ObjectNode proposal(Assembly.Proposed proposed, List<SignedBallot> ballots) {
    ObjectNode json = JSON.objectNode().put("id", proposed.id().toHex());
    action(json, proposed.proposal().action());
    json.put("epoch", proposed.proposal().epoch());
    List<SignedBallot> forIt =
        ballots.stream().filter(signed -> signed.ballot().stance().isFor(proposed.id())).toList();
    json.put("round", forIt.stream().mapToInt(signed -> signed.ballot().round()).max().orElse(0));
    ArrayNode cast = json.putArray("ballots");
    TreeMap<Integer, Integer> tallies = new TreeMap<>();
    for (SignedBallot signed : forIt) {
      cast.add(ballot(signed));
      tallies.merge(signed.ballot().round(), 1, Integer::sum);
    }
    ObjectNode tally = json.putObject("tallies");
    tallies.forEach((round, count) -> tally.put(Integer.toString(round), count));
    return json.put("state", "open").put("statement", base64(proposed.statement()));
  }

  static ObjectNode ballot(SignedBallot signed) {
    Ballot ballot = signed.ballot();
    ObjectNode json = JSON.objectNode().put("member", ballot.member()).put("round", ballot.round());
    Optional<Hash> choice = ballot.stance().choice();
    if (choice.isPresent()) {
      json.put("choice", choice.get().toHex());
    } else {
      json.putNull("choice");
    }
    return json.put("confirms", ballot.stance().confirms())
        .put("reason", ballot.reason())
        .put("statement", base64(signed.encoded()));
  }

  static ObjectNode decision(ValidDecision valid, Genesis genesis) {
    Decision decision = valid.decision();
    ObjectNode json =
        JSON.objectNode()
            .put("epoch", decision.epoch())
            .put("id", valid.id().toHex())
            .put("previous", decision.previous().toHex())
            .put("proposal", decision.proposal().id(genesis.networkId()).toHex());
    action(json, decision.action());
    json.put("round", decision.round());
    ArrayNode voters = json.putArray("voters");
    decision.ballots().forEach(ballot -> voters.add(memberOf(ballot, genesis)));
    return json.put("state", "decided").put("content", base64(valid.encoded()));
  }

  private static String memberOf(Bytes ballot, Genesis genesis) {
    try {
      Bytes key = Statement.decode(ballot).claimedSigners().get(0);
      return genesis.members().stream()
          .filter(member -> member.governanceKey().toBytes().equals(key))
          .map(Member::id)
          .findFirst()
          .orElse("");
    } catch (DecodeException e) {
      throw new IllegalStateException("a valid decision has valid ballots", e);
    }
  }

  static ArrayNode members(Electorate electorate) {
    ArrayNode members = JSON.arrayNode();
    electorate.members().forEach(members::add);
    return members;
  }

  private static String base64(Bytes bytes) {
    return Base64.getEncoder().encodeToString(bytes.toArray());
  }

  private static final class Arguments implements Action.Handler<ObjectNode> {
    @Override
    public ObjectNode submitEvidence(Action.SubmitEvidence action) {
      ObjectNode json =
          JSON.objectNode()
              .put("fault", action.fault().toHex())
              .put("kind", action.kind())
              .put("member", action.member());
      if (action.log().isPresent()) {
        json.put("node", action.log().get().node())
            .put("incarnation", action.log().get().incarnation());
      } else {
        json.putNull("node").putNull("incarnation");
      }
      return json.put("position", action.position()).put("file", action.file().toHex());
    }

    @Override
    public ObjectNode suspendNode(Action.SuspendNode action) {
      return JSON.objectNode().put("node", action.node());
    }

    @Override
    public ObjectNode revokeNode(Action.RevokeNode action) {
      ObjectNode json =
          JSON.objectNode()
              .put("node", action.node())
              .put("size", action.last().size())
              .put("root", action.last().root().toHex());
      ArrayNode taken = json.putArray("taken");
      for (Action.Taken one : action.taken()) {
        taken
            .addObject()
            .put("node", one.peer().node())
            .put("incarnation", one.peer().incarnation())
            .put("received", one.received());
      }
      return json;
    }

    @Override
    public ObjectNode readmitNode(Action.ReadmitNode action) {
      return JSON.objectNode().put("node", action.node()).put("vote", action.vote());
    }

    @Override
    public ObjectNode approveIncarnation(Action.ApproveIncarnation action) {
      ObjectNode json = JSON.objectNode();
      try {
        Hash networkId = Statement.decode(action.enrolment()).networkId();
        NodeRecord next =
            NodeRecord.decode(
                new StatementVerifier(SignatureRule.fastest(), networkId)
                    .verify(action.enrolment(), NodeRecord.ENROLMENT_TYP)
                    .payload());
        json.put("node", next.node())
            .put("incarnation", next.incarnation())
            .put("logKey", next.logKey().toBytes().toHex())
            .put("cosignerKey", next.cosignerKey().toBytes().toHex());
      } catch (DecodeException e) {
        // An action that nobody can propose: shown as it is.
        json.putNull("node").putNull("incarnation").putNull("logKey").putNull("cosignerKey");
      }
      json.put("size", action.close().size())
          .put("root", action.close().root().toHex())
          .put("stateRoot", action.initialRoot().toHex())
          .put("minTickMillis", action.minTickMillis());
      ArrayNode beyond = json.putArray("beyond");
      for (Action.Beyond one : action.beyond()) {
        beyond
            .addObject()
            .put("node", one.peer().node())
            .put("incarnation", one.peer().incarnation())
            .put("received", one.received())
            .put("acknowledged", one.acknowledged());
      }
      return json;
    }

    @Override
    public ObjectNode setParameters(Action.SetParameters action) {
      Parameters next = action.parameters();
      return JSON.objectNode()
          .put("faults", next.faults())
          .put("witnesses", next.witnesses())
          .put("cosignatures", next.cosignatures())
          .put("bootAnswers", next.bootAnswers())
          .put("horizonMillis", next.horizonMillis());
    }

    @Override
    public ObjectNode reassignWitnesses(Action.ReassignWitnesses action) {
      return JSON.objectNode();
    }
  }
}
