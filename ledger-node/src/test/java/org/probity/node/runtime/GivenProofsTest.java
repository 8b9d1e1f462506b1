package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.crypto.Hash;
import org.probity.detector.evidence.Evidence;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.Assembly;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.Polity;
import org.probity.detector.governance.Proposal;
import org.probity.detector.node.TestNetwork;
import org.probity.node.http.PeerReply;

/** A desk that is asked by peers who refuse what is proposed, whatever they are shown. */
@Timeout(120)
class GivenProofsTest {
  private static final String CULPRIT = "a";
  private static final String SELF = "b";
  private static final String ASKER = "c";

  /** Two answers full of them. */
  private static final int PROOFS = 2 * GivenProofs.MAX_AT_ONCE;

  @TempDir Path directory;
  private final AtomicLong elapsedMillis = new AtomicLong(-5);
  private final List<Evidence> proofs = new ArrayList<>();
  private final List<Hash> given = new CopyOnWriteArrayList<>();
  private Set<Hash> proposals = Set.of();
  private GovernanceDesk desk;

  @BeforeEach
  void putAllOnTheTable() throws Exception {
    TestBanks banks = new TestBanks(directory, 1, 2, CULPRIT, SELF, ASKER, "d");
    DecisionChain chain = new Polity(banks.network).chain();
    for (int i = 0; i < PROOFS; i++) {
      proofs.add(banks.forkOf(CULPRIT, 70_000 + i));
    }
    GatedSigner logKey = new GatedSigner(TestNetwork.signer("log " + SELF));
    desk =
        new GovernanceDesk(
            chain.genesis(),
            chain.genesis().node(SELF).orElseThrow(),
            logKey,
            new GovernanceStore(directory.resolve("governance")),
            chain,
            () -> List.copyOf(proofs),
            candidate -> {},
            (peer, proof) -> given.add(proof.fault()),
            decision -> {},
            new Standings(chain.genesis(), SELF, () -> true, () -> chain),
            Endings.named("governance"),
            elapsedMillis::get);
    desk.open();
    Assembly assembly = new Assembly(chain, action -> Optional.empty());
    for (int i = 0; i < PROOFS; i++) {
      Action record = proofs.get(i).submission();
      Proposal proposal = new Proposal(0, record);
      String proposer = i < GivenProofs.MAX_AT_ONCE ? "m-b" : "m-c";
      var statement = proposal.sign(chain.genesis().networkId(), Polity.signer(proposer)).encoded();
      desk.propose(statement).toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
      assembly.propose(statement);
    }
    proposals = assembly.keys();
  }

  @AfterEach
  void stop() {
    desk.close();
  }

  /** What the asker is given when it has these proposals and a proof against these. */
  private List<Hash> asked(Set<Hash> held, Set<String> accused) throws Exception {
    given.clear();
    GovernanceExchange.Request request = new GovernanceExchange.Request(0, held, accused);
    PeerReply reply =
        desk.exchange(ASKER, request.encode())
            .toCompletionStage()
            .toCompletableFuture()
            .get(20, TimeUnit.SECONDS);
    assertEquals(PeerReply.OK, reply.status());
    return List.copyOf(given);
  }

  private List<Hash> asked() throws Exception {
    return asked(Set.of(), Set.of(CULPRIT));
  }

  @Test
  void eachIsGivenOnceInAWhileAndFewAtOnce() throws Exception {
    List<Hash> first = asked();
    elapsedMillis.addAndGet(1_000);
    List<Hash> second = asked();
    assertEquals(GivenProofs.MAX_AT_ONCE, first.size());
    assertEquals(GivenProofs.MAX_AT_ONCE, second.size());
    Set<Hash> both = new HashSet<>(first);
    both.addAll(second);
    assertEquals(PROOFS, both.size(), "what it has not seen comes first");

    elapsedMillis.addAndGet(1_000);
    assertEquals(List.of(), asked());
    elapsedMillis.addAndGet(GivenProofs.PAUSE_MILLIS - 2_001);
    assertEquals(List.of(), asked());
    elapsedMillis.addAndGet(1);
    assertEquals(Set.copyOf(first), Set.copyOf(asked()));
  }

  /** Else those that it has seen would be in the way of the others for ever. */
  @Test
  void whatItHasNeverSeenComesBeforeWhatIsDueAgain() throws Exception {
    List<Hash> first = asked();
    elapsedMillis.addAndGet(GivenProofs.PAUSE_MILLIS);
    List<Hash> second = asked();
    assertEquals(GivenProofs.MAX_AT_ONCE, second.size());
    assertTrue(second.stream().noneMatch(first::contains));
  }

  /** A node that was put back from a backup: nobody waits. */
  @Test
  void whoHadItAndLostItIsGivenItAtOnce() throws Exception {
    List<Hash> first = asked();
    assertEquals(List.of(), asked(proposals, Set.of(CULPRIT)));
    assertEquals(first, asked());
  }

  @Test
  void aProofAgainstSomebodyUnknownIsOneOfThem() throws Exception {
    assertEquals(1, asked(proposals, Set.of()).size());
    assertEquals(List.of(), asked(proposals, Set.of()));
    elapsedMillis.addAndGet(GivenProofs.PAUSE_MILLIS);
    assertEquals(1, asked(proposals, Set.of()).size());
  }
}
