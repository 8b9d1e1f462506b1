package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.evidence.ByzantineLog;
import org.probity.detector.evidence.Court;
import org.probity.detector.evidence.Evidence;
import org.probity.detector.evidence.Verification;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.Assembly;
import org.probity.detector.governance.Polity;
import org.probity.detector.governance.Proposal;
import org.probity.detector.governance.Stance;
import org.probity.detector.log.TreeHead;
import org.probity.detector.trust.Trust;

/** What nodes tell each other of governance, and what they keep of it. */
class GovernanceExchangeTest {
  private final Polity polity = new Polity("a", "b", "c", "d");
  private final Assembly assembly = new Assembly(polity.chain(), action -> Optional.empty());

  private void fill() {
    Proposal proposal = new Proposal(0, new Action.SuspendNode("d"));
    Hash network = polity.chain().genesis().networkId();
    assembly.propose(proposal.sign(network, Polity.signer("m-a")).encoded());
    assembly.cast(
        polity
            .sign(Polity.first(polity.chain().state(), "m-a", Stance.of(proposal.id(network))))
            .encoded());
  }

  @Test
  void givesExactlyWhatTheAskerLacks() throws Exception {
    fill();
    GovernanceExchange.Answer all = answer(0, Set.of(), List.of());
    assertEquals(2, all.items().size());
    assertEquals(false, all.items().get(0).isBallot());
    assertEquals(0, answer(0, assembly.keys(), List.of()).items().size());
    assertEquals(0, answer(7, Set.of(), List.of()).items().size());
  }

  private GovernanceExchange.Answer answer(long epoch, Set<Hash> held, List<Bytes> decisions)
      throws DecodeException {
    GovernanceExchange.Request request =
        GovernanceExchange.Request.decode(
            new GovernanceExchange.Request(epoch, held, Set.of()).encode());
    return GovernanceExchange.Answer.decode(
        GovernanceExchange.Answer.to(request, decisions, assembly).encode());
  }

  @Test
  void givesDecisionsFromTheAskersEpochOnAsManyAsFit() throws Exception {
    List<Bytes> decisions = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      byte[] content = new byte[60_000];
      content[0] = (byte) i;
      decisions.add(Bytes.wrap(content));
    }
    GovernanceExchange.Answer answer = answer(5, Set.of(), decisions);
    assertEquals(decisions.get(5), answer.decisions().get(0));
    assertTrue(answer.decisions().size() >= 8 && answer.decisions().size() < 15);
  }

  @Test
  void oneProofIsLackingForEachWhomTheAskerHasNoneAgainst() throws Exception {
    Court court = new Court();
    List<Evidence> proofs =
        List.of(fork(court, "alpha", 5), fork(court, "alpha", 6), fork(court, "beta", 5));
    assertEquals(List.of("alpha", "beta"), lacking(proofs));
    assertEquals(List.of("beta"), lacking(proofs, "alpha", "gamma"));
    assertEquals(List.of(), lacking(proofs, "beta", "alpha"));
  }

  @Test
  void whatTheAskerIsToVoteOnItSeesProvenWhateverElseItKnows() throws Exception {
    Court court = new Court();
    List<Evidence> proofs =
        List.of(fork(court, "alpha", 5), fork(court, "alpha", 6), fork(court, "beta", 5));
    assertEquals(
        List.of(proofs.get(1)),
        Trust.lacking(proofs, Set.of("alpha", "beta"), Set.of(proofs.get(1).fault())));
    assertEquals(
        List.of(proofs.get(0), proofs.get(1)),
        Trust.lacking(proofs, Set.of("beta"), Set.of(proofs.get(1).fault())));
  }

  private static Evidence fork(Court court, String node, long size) {
    Hash wrong = Hash.sha256(Bytes.utf8("another tree").unsafeArray());
    ByzantineLog log = court.log(node, 20);
    Bytes file = court.builder().fork(log.sign(new TreeHead(size, wrong)), log.checkpoint(), log);
    return ((Verification.Proven) court.verifier().verify(file)).evidence();
  }

  private static List<String> lacking(List<Evidence> proofs, String... accused)
      throws DecodeException {
    GovernanceExchange.Request request =
        GovernanceExchange.Request.decode(
            new GovernanceExchange.Request(0, Set.of(), Set.of(accused)).encode());
    return Trust.lacking(proofs, request.accused(), Set.of()).stream()
        .map(Evidence::accused)
        .toList();
  }

  @Test
  void asksAFewAtOnceAndEverybodyInTheEnd() {
    List<String> peers = List.of("a", "b", "c", "d", "e", "f", "g", "h", "i");
    Random random = new Random(7);
    Set<String> asked = new TreeSet<>();
    for (int i = 0; i < 40; i++) {
      List<String> drawn = GovernanceDesk.drawn(peers, random);
      assertEquals(GovernanceDesk.ASKED_AT_ONCE, Set.copyOf(drawn).size());
      asked.addAll(drawn);
    }
    assertEquals(new TreeSet<>(peers), asked);
    assertEquals(2, GovernanceDesk.drawn(peers.subList(0, 2), random).size());
  }

  @Test
  void nonsenseIsRefused() {
    assertThrows(
        DecodeException.class, () -> GovernanceExchange.Request.decode(Bytes.utf8("nonsense")));
    assertThrows(
        DecodeException.class, () -> GovernanceExchange.Answer.decode(Bytes.utf8("nonsense")));
  }

  @Test
  void whatIsKeptIsReadBackUntilItsEpochIsOver(@TempDir Path directory) throws Exception {
    fill();
    GovernanceStore store = new GovernanceStore(directory.resolve("governance"));
    for (Assembly.Item item : assembly.items()) {
      store.keep(0, item);
    }
    store.keepDecision(0, Bytes.utf8("first"));
    store.keepDecision(1, Bytes.utf8("second"));
    GovernanceStore again = new GovernanceStore(directory.resolve("governance"));
    assertEquals(1, again.items().proposals().size());
    assertEquals(1, again.items().ballots().size());
    again.forgetBefore(1);
    assertEquals(0, again.items().proposals().size() + again.items().ballots().size());
    assertEquals(List.of(Bytes.utf8("first"), Bytes.utf8("second")), again.decisions());
  }
}
