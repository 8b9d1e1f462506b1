package org.probity.simulation.fault;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.Signer;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.Assembly;
import org.probity.detector.governance.Ballot;
import org.probity.detector.governance.Citations;
import org.probity.detector.governance.Decision;
import org.probity.detector.governance.Proposal;
import org.probity.detector.governance.SignedBallot;
import org.probity.detector.governance.Stance;
import org.probity.simulation.node.Behaviour;
import org.probity.simulation.node.SimulatedNode;
import org.probity.simulation.world.Chance;
import org.probity.simulation.world.Reply;
import org.probity.simulation.world.Request;

/**
 * A node that does not tell others of the vote what it knows, and a member that casts ballots which
 * count for nothing: they cite what nobody has said, or are for an epoch that there is not. Nobody
 * may decide anything by them (protocol.md §13.3).
 */
final class FalseStatements implements Behaviour {
  private static final long FAR_EPOCHS = 1_000;

  private final Stage stage;
  private final Chance chance;
  private final boolean isVoting;

  private FalseStatements(Stage stage) {
    this.stage = stage;
    this.chance = stage.chance();
    this.isVoting = chance.happens(0.5);
  }

  static void tell(Stage stage) {
    stage.culprit().puts(new FalseStatements(stage));
    stage.world().agenda().put(new Action.ReassignWitnesses());
    // Two ballots of one round are proof against the member, and of nothing that the node has done.
    stage.done(Expectation.UNPROVABLE);
  }

  @Override
  public boolean votes() {
    return isVoting;
  }

  @Override
  public Reply answers(SimulatedNode node, String to, Request request, Reply honest) {
    return request instanceof Request.Assembled && honest instanceof Reply.Assembled truth
        ? told(node, truth)
        : honest;
  }

  private Reply told(SimulatedNode node, Reply.Assembled truth) {
    return switch (chance.below(5)) {
      case 0 -> new Reply.Assembled(List.of(), List.of());
      case 1 ->
          new Reply.Assembled(truth.decisions().stream().map(this::flipped).toList(), List.of());
      case 2 ->
          new Reply.Assembled(
              List.of(),
              truth.items().stream()
                  .map(
                      item ->
                          new Assembly.Item(
                              item.key(),
                              item.isBallot() == chance.happens(0.5),
                              flipped(item.statement())))
                  .toList());
      case 3 -> with(truth, List.of(decisionOfOne(node)), List.of());
      default -> with(truth, List.of(), List.of(ofNoEpoch(node), citingNothing(node)));
    };
  }

  private Reply with(Reply.Assembled truth, List<Bytes> decisions, List<Bytes> ballots) {
    List<Bytes> allDecisions = new ArrayList<>(truth.decisions());
    allDecisions.addAll(decisions);
    List<Assembly.Item> items = new ArrayList<>(truth.items());
    ballots.forEach(
        ballot ->
            items.add(
                new Assembly.Item(stage.world().founding().genesis().networkId(), true, ballot)));
    return new Reply.Assembled(allDecisions, items);
  }

  private Bytes flipped(Bytes truth) {
    byte[] bytes = truth.toArray();
    int bit = chance.below(8 * bytes.length);
    bytes[bit / 8] ^= (byte) (1 << (bit % 8));
    return Bytes.wrap(bytes);
  }

  private Bytes decisionOfOne(SimulatedNode node) {
    Assembly assembly = node.assembly();
    Bytes alone = signed(node, assembly.epoch(), assembly.lastDecision(), 0, Citations.NONE);
    return new Decision(
            assembly.epoch(),
            assembly.lastDecision(),
            0,
            new Action.ReassignWitnesses(),
            List.of(alone))
        .encode();
  }

  private Bytes ofNoEpoch(SimulatedNode node) {
    Assembly assembly = node.assembly();
    return signed(node, assembly.epoch() + FAR_EPOCHS, assembly.lastDecision(), 0, Citations.NONE);
  }

  /** As if everybody had been for it in the round before. */
  private Bytes citingNothing(SimulatedNode node) {
    Assembly assembly = node.assembly();
    Map<String, Stance> cited = new TreeMap<>();
    assembly.electorate().members().forEach(member -> cited.put(member, stance(assembly.epoch())));
    return signed(
        node,
        assembly.epoch(),
        assembly.lastDecision(),
        assembly.poll().openRound() + 1,
        Citations.of(cited, assembly.electorate()));
  }

  private Stance stance(long epoch) {
    return Stance.of(
        new Proposal(epoch, new Action.ReassignWitnesses())
            .id(stage.world().founding().genesis().networkId()));
  }

  private Bytes signed(
      SimulatedNode node, long epoch, Hash previous, int round, Citations citations) {
    String member = node.machine().self().member();
    Signer key = stage.world().founding().memberKey(member);
    return SignedBallot.sign(
            stage.world().founding().genesis().networkId(),
            new Ballot(epoch, previous, round, member, stance(epoch), "", citations),
            key)
        .encoded();
  }
}
