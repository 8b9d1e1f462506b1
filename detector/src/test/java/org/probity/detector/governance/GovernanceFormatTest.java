package org.probity.detector.governance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.probity.detector.GoldenFile;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;

/** The examples in docs/format/governance.md are what this code writes. */
class GovernanceFormatTest {
  private final Polity polity = new Polity("a", "b", "c", "d");
  private final DecisionChain chain = polity.chain();
  private final GovernanceState state = chain.state();
  private final Action suspend = new Action.SuspendNode("a");
  private final Hash proposal = polity.proposal(state, suspend);

  /** By heading. */
  Map<String, Bytes> examples() {
    Map<String, Bytes> examples = new LinkedHashMap<>();
    examples.put("Example: evidence.submit", polity.evidence("m-a", "a", 3).encode());
    examples.put("Example: node.suspend", suspend.encode());
    examples.put(
        "Example: node.revoke",
        new Action.RevokeNode(
                "a", Polity.HEAD, List.of(new Action.Taken(new Action.LogName("b", 0), 3)))
            .encode());
    examples.put("Example: node.readmit", new Action.ReadmitNode("a", true).encode());
    examples.put(
        "Example: incarnation.approve",
        polity.approval(Polity.next(polity.network.node("a"))).encode());
    examples.put("Example: param.set", new Action.SetParameters(Parameters.of(1, 3)).encode());
    examples.put("Example: witness.reassign", new Action.ReassignWitnesses().encode());
    examples.put("Example: a proposal", new Proposal(0, suspend).encode());
    examples.put(
        "Example: a signed proposal",
        new Proposal(0, suspend)
            .sign(polity.genesis.networkId(), polity.network.logKey("b"))
            .encoded());
    examples.put("Example: a ballot", first().encode());
    examples.put("Example: a signed ballot", polity.sign(first()).encoded());
    examples.put("Example: a ballot that confirms", confirming().encode());
    examples.put("Example: a decision", polity.confirmed(state, suspend).encode());
    return examples;
  }

  private Ballot first() {
    return new Ballot(
        0, state.lastDecision(), 0, "m-b", Stance.of(proposal), "its log forked", Citations.NONE);
  }

  private Ballot confirming() {
    Map<String, Stance> cited =
        new TreeMap<>(Polity.all(List.of("m-b", "m-c", "m-d"), Stance.of(proposal)));
    return Polity.later(state, 1, "m-b", Stance.confirming(proposal), cited);
  }

  @Test
  void examplesAreWhatThisCodeWrites() {
    GoldenFile document = GoldenFile.read("docs/format/governance.md");
    examples().forEach(document::assertExample);
    assertTrue(
        document.content().contains("`" + polity.genesis.networkId() + "`"), "the network id");
    assertTrue(document.content().contains("`" + proposal + "`"), "the proposal's id");
    assertTrue(
        document
            .content()
            .contains("`" + polity.unanimous(state, suspend).id(polity.genesis.networkId()) + "`"),
        "the decision's id");
  }

  @Test
  void examplesCanBeRead() throws DecodeException {
    GoldenFile document = GoldenFile.read("docs/format/governance.md");
    assertEquals(suspend, Action.decode(document.hex("Example: node.suspend")));
    assertEquals(new Proposal(0, suspend), Proposal.decode(document.hex("Example: a proposal")));
    assertEquals(first(), Ballot.decode(document.hex("Example: a ballot")));
    assertEquals(confirming(), Ballot.decode(document.hex("Example: a ballot that confirms")));
    assertEquals(
        "taken", Polity.refusal(polity.rule.check(document.hex("Example: a decision"), state)));
  }
}
