package org.probity.detector.governance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.probity.detector.Seeded;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.evidence.EvidenceBuilder;
import org.probity.detector.evidence.EvidenceVerifier;
import org.probity.detector.evidence.Verification;
import org.probity.detector.node.ObjectStore;
import org.probity.detector.node.TestNetwork;

/** SPEC protocol.md §13: what is before the members, and what they cannot be kept from. */
class AssemblyTest {
  private static final Action SUSPEND = new Action.SuspendNode("d");

  private final Polity polity =
      new Polity(
          TestNetwork.of(
              Parameters.of(0, 1), new ObjectStore().id(), Bytes.EMPTY, "a", "b", "c", "d"));

  private Assembly assembly() {
    return new Assembly(polity.chain(), action -> Optional.empty());
  }

  private Bytes proposal(Action action, String member) {
    return new Proposal(0, action)
        .sign(polity.genesis.networkId(), Polity.signer(member))
        .encoded();
  }

  private Bytes ballot(String member, Hash choice) {
    return polity.sign(Polity.first(polity.chain().state(), member, Stance.of(choice))).encoded();
  }

  private Hash id(Action action) {
    return polity.proposal(polity.chain().state(), action);
  }

  private static void assertRefused(String code, Assembly.Intake intake) {
    assertEquals(
        code,
        assertInstanceOf(Assembly.Intake.Refused.class, intake, intake.toString())
            .refusal()
            .code());
  }

  @Test
  void whatManyProposeIsOneProposal() {
    Assembly assembly = assembly();
    assertInstanceOf(Assembly.Intake.Taken.class, assembly.propose(proposal(SUSPEND, "m-a")));
    Bytes byNode =
        new Proposal(0, SUSPEND)
            .sign(polity.genesis.networkId(), TestNetwork.signer("log b"))
            .encoded();
    assertInstanceOf(Assembly.Intake.Known.class, assembly.propose(byNode));
    assertEquals(Set.of(id(SUSPEND)), assembly.proposals().keySet());
  }

  @Test
  void whoLacksARecordIsToSeeItsFaultProven() {
    Assembly assembly = assembly();
    Action.SubmitEvidence one = polity.evidence("m-a", "a", 3);
    Action.SubmitEvidence other = polity.evidence("m-b", "b", 4);
    assembly.propose(proposal(one, "m-c"));
    assembly.propose(proposal(other, "m-c"));
    assembly.propose(proposal(SUSPEND, "m-c"));
    assertEquals(Set.of(one.fault(), other.fault()), assembly.faultsLacking(Set.of()));
    assertEquals(Set.of(other.fault()), assembly.faultsLacking(Set.of(id(one))));
  }

  @Test
  void aQuorumInTwoRoundsDecidesAndOthersCanCheckIt() throws Exception {
    Assembly assembly = assembly();
    assembly.propose(proposal(SUSPEND, "m-a"));
    for (String member : List.of("m-a", "m-b", "m-c")) {
      assembly.cast(ballot(member, id(SUSPEND)));
    }
    assertEquals(Optional.empty(), assembly.decision());
    for (String member : List.of("m-a", "m-b", "m-c")) {
      Ballot draft = assembly.poll().draft(1, member, Optional.of(id(SUSPEND)), "").orElseThrow();
      assertInstanceOf(Assembly.Intake.Taken.class, assembly.cast(polity.sign(draft).encoded()));
    }
    Decision decision = assembly.decision().orElseThrow();
    assertEquals(1, polity.chain().append(decision.encode()).state().epoch());
  }

  @Test
  void ballotsForWhatIsNotKnownYetCountAndDecideOnceItIs() {
    Assembly assembly = assembly();
    for (String member : List.of("m-a", "m-b", "m-c", "m-d")) {
      assembly.cast(ballot(member, id(SUSPEND)));
    }
    assertEquals(Optional.empty(), assembly.decision());
    assembly.propose(proposal(SUSPEND, "m-a"));
    assertTrue(assembly.decision().isPresent());
  }

  @Test
  void refusesTheReplayedTheForgedTheLateAndTheConflicting() throws Exception {
    DecisionChain next = polity.decide(polity.chain(), SUSPEND);
    Assembly assembly = new Assembly(next, action -> Optional.empty());
    assertRefused("wrong_epoch", assembly.cast(ballot("m-a", id(SUSPEND))));
    assertRefused("wrong_epoch", assembly.propose(proposal(SUSPEND, "m-a")));

    Assembly first = assembly();
    Ballot ballot = Polity.first(polity.chain().state(), "m-a", Stance.of(id(SUSPEND)));
    assertRefused("wrong_signer", first.cast(polity.sign(ballot, Polity.signer("m-b")).encoded()));
    byte[] forged = ballot("m-a", id(SUSPEND)).toArray();
    forged[forged.length - 1] ^= 1;
    assertRefused("statement_bad_signature", first.cast(Bytes.wrap(forged)));
    assertRefused(
        "unknown_proposer",
        first.propose(
            new Proposal(0, SUSPEND)
                .sign(polity.genesis.networkId(), TestNetwork.signer("stranger"))
                .encoded()));
  }

  /** Else a ballot of which only its signer's node knows the other half ends with the epoch. */
  @Test
  void theBallotsOfADecisionAreComparedWithThoseThatWereCastHere() {
    Assembly assembly = assembly();
    assembly.cast(ballot("m-a", id(new Action.SuspendNode("c"))));
    assembly.cast(ballot("m-b", id(SUSPEND)));
    Decision taken = polity.unanimous(polity.chain().state(), SUSPEND);
    assertEquals(
        List.of("m-a"),
        assembly.doubleBallots(taken).stream()
            .map(pair -> pair.other().ballot().member())
            .toList());
    byte[] forged = taken.ballots().get(0).toArray();
    forged[forged.length - 1] ^= 1;
    assertEquals(
        List.of(),
        assembly.doubleBallots(
            new Decision(
                taken.epoch(), taken.previous(), 0, SUSPEND, List.of(Bytes.wrap(forged)))));
  }

  /** The other half has counted in a decision that every node has. */
  @Test
  void aBallotThatComesTooLateProvesTheDoubleVoterAllTheSame() {
    DecisionChain chain = polity.decide(polity.chain(), SUSPEND);
    Assembly assembly = new Assembly(chain, action -> Optional.empty());
    Hash other = id(new Action.SuspendNode("c"));

    Assembly.DoubleBallot pair = conflict(assembly.cast(ballot("m-a", other))).orElseThrow();

    Verification verification =
        new EvidenceVerifier(polity.genesis, Map.of(new ObjectStore().id(), new ObjectStore()))
            .verify(
                new EvidenceBuilder(polity.genesis.networkId())
                    .doubleBallot(pair.one(), pair.other()));
    assertEquals(
        "m-a", assertInstanceOf(Verification.Proven.class, verification).evidence().member());
    // Once is enough, of each.
    assertEquals(Optional.empty(), conflict(assembly.cast(ballot("m-a", other))));
    assertTrue(conflict(assembly.cast(ballot("m-b", other))).isPresent());
  }

  @Test
  void aBallotThatComesTooLateProvesNothingAgainstWhoHasNotSignedAnother() throws Exception {
    // m-d is not among those who decided.
    DecisionChain chain =
        polity.chain().append(polity.confirmed(polity.chain().state(), SUSPEND).encode());
    Assembly assembly = new Assembly(chain, action -> Optional.empty());
    Hash other = id(new Action.SuspendNode("c"));
    Ballot inRound1 =
        Polity.later(
            polity.chain().state(),
            1,
            "m-a",
            Stance.confirming(other),
            Polity.all(List.of("m-a", "m-b", "m-c"), Stance.of(other)));
    List<Bytes> harmless =
        List.of(
            // Another round than that of the decision.
            ballot("m-a", other),
            // The same in other words.
            inOtherWords(chain.decisions().get(0).decision()),
            // It has signed no other.
            polity.sign(of("m-d", inRound1)).encoded(),
            // Somebody else's word, that of no member, and one of an epoch to come.
            polity.sign(inRound1, Polity.signer("m-b")).encoded(),
            polity.sign(of("m-x", inRound1), Polity.signer("m-a")).encoded(),
            polity
                .sign(new Ballot(7, Polity.ROOT, 0, "m-a", Stance.of(other), "", Citations.NONE))
                .encoded());
    for (Bytes ballot : harmless) {
      assertEquals(Optional.empty(), conflict(assembly.cast(ballot)));
    }
    assertTrue(conflict(assembly.cast(polity.sign(inRound1).encoded())).isPresent());
  }

  private Bytes inOtherWords(Decision taken) {
    Ballot it = taken.signed(polity.verifier).get(0).ballot();
    return polity
        .sign(
            new Ballot(
                it.epoch(),
                it.previous(),
                it.round(),
                it.member(),
                it.stance(),
                "on second thoughts",
                it.citations()))
        .encoded();
  }

  private static Ballot of(String member, Ballot it) {
    return new Ballot(
        it.epoch(), it.previous(), it.round(), member, it.stance(), it.reason(), it.citations());
  }

  private static Optional<Assembly.DoubleBallot> conflict(Assembly.Intake intake) {
    assertRefused("wrong_epoch", intake);
    return intake.conflict();
  }

  @Test
  void twoDifferentBallotsProveTheDoubleVoter() {
    Assembly assembly = assembly();
    assembly.cast(ballot("m-a", id(SUSPEND)));
    Assembly.Intake.Taken second =
        assertInstanceOf(
            Assembly.Intake.Taken.class,
            assembly.cast(ballot("m-a", id(new Action.SuspendNode("c")))));
    Assembly.DoubleBallot pair = second.conflict().orElseThrow();
    Bytes file =
        new EvidenceBuilder(polity.genesis.networkId()).doubleBallot(pair.one(), pair.other());
    Verification verification =
        new EvidenceVerifier(polity.genesis, Map.of(new ObjectStore().id(), new ObjectStore()))
            .verify(file);
    assertEquals(
        "m-a", assertInstanceOf(Verification.Proven.class, verification).evidence().member());
  }

  @Test
  void aDoubleVoterFillsItsOwnQuotaOnly() {
    Assembly assembly = assembly();
    for (int i = 0; i < Assembly.MAX_STANCES; i++) {
      assembly.cast(ballot("m-d", Hash.sha256(new byte[] {(byte) i})));
    }
    Hash last = Hash.sha256(new byte[] {99});
    assertRefused("quota_exceeded", assembly.cast(ballot("m-d", last)));
    // Somebody has seen just that one, and cites it.
    assembly.cast(ballot("m-a", id(SUSPEND)));
    assembly.cast(ballot("m-b", id(SUSPEND)));
    Ballot citing =
        Polity.later(
            polity.chain().state(),
            1,
            "m-a",
            Stance.of(id(SUSPEND)),
            Map.of(
                "m-a", Stance.of(id(SUSPEND)),
                "m-b", Stance.of(id(SUSPEND)),
                "m-d", Stance.of(last)));
    assertInstanceOf(Assembly.Intake.Taken.class, assembly.cast(polity.sign(citing).encoded()));
    assertEquals(
        0, assembly.poll().ballots().stream().filter(b -> b.ballot().round() == 1).count());
    assertInstanceOf(Assembly.Intake.Taken.class, assembly.cast(ballot("m-d", last)));
    assertEquals(
        1, assembly.poll().ballots().stream().filter(b -> b.ballot().round() == 1).count());
  }

  @Test
  void aProposerFillsItsOwnQuotaOnly() {
    Assembly assembly = assembly();
    for (int i = 0; i < Assembly.MAX_PROPOSALS_PER_SIGNER; i++) {
      assembly.propose(proposal(polity.evidence("m-d", "d", i), "m-d"));
    }
    assertRefused(
        "quota_exceeded", assembly.propose(proposal(polity.evidence("m-d", "d", 99), "m-d")));
    assertInstanceOf(Assembly.Intake.Taken.class, assembly.propose(proposal(SUSPEND, "m-a")));
  }

  @Test
  void aRoundFarAheadIsNotKept() {
    Assembly assembly = assembly();
    Ballot ahead =
        Polity.later(
            polity.chain().state(),
            3,
            "m-a",
            Stance.confirming(id(SUSPEND)),
            Polity.all(List.of("m-a", "m-b", "m-c"), Stance.of(id(SUSPEND))));
    assertRefused("round_ahead", assembly.cast(polity.sign(ahead).encoded()));
  }

  /** Nodes that each hear a part, and fetch from each other what they lack, end up the same. */
  @Test
  void assembliesConvergeWhateverEachHears() {
    Seeded.run(20, this::converge);
  }

  private void converge(SplittableRandom random) {
    List<Assembly> assemblies = List.of(assembly(), assembly(), assembly());
    List<Bytes> ballots = new ArrayList<>();
    List<Hash> choices =
        List.of(id(SUSPEND), id(new Action.SuspendNode("c")), id(new Action.SuspendNode("b")));
    for (String member : List.of("m-a", "m-b", "m-c", "m-d")) {
      ballots.add(ballot(member, choices.get(random.nextInt(choices.size()))));
    }
    ballots.add(ballot("m-d", choices.get(0)));
    Collections.shuffle(ballots, new Random(random.nextLong()));
    for (Bytes ballot : ballots) {
      assemblies.get(random.nextInt(assemblies.size())).cast(ballot);
    }
    for (String member : List.of("m-a", "m-b", "m-c")) {
      Assembly home = assemblies.get(random.nextInt(assemblies.size()));
      choices.forEach(
          choice ->
              home.poll()
                  .draft(1, member, Optional.of(choice), "")
                  .filter(draft -> home.poll().of(member, 1).isEmpty())
                  .ifPresent(draft -> home.cast(polity.sign(draft).encoded())));
      exchange(assemblies);
    }
    exchange(assemblies);
    exchange(assemblies);
    assertEquals(assemblies.get(0).keys(), assemblies.get(1).keys());
    assertEquals(assemblies.get(0).keys(), assemblies.get(2).keys());
  }

  private static void exchange(List<Assembly> assemblies) {
    for (Assembly from : assemblies) {
      for (Assembly to : assemblies) {
        Set<Hash> held = to.keys();
        from.items().stream()
            .filter(item -> !held.contains(item.key()))
            .forEach(
                item -> {
                  Assembly.Intake intake =
                      item.isBallot() ? to.cast(item.statement()) : to.propose(item.statement());
                  assertTrue(!(intake instanceof Assembly.Intake.Refused), intake.toString());
                });
      }
    }
  }
}
