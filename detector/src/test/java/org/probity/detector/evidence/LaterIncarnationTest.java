package org.probity.detector.evidence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.Signer;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.Decision;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Polity;
import org.probity.detector.governance.ValidDecision;
import org.probity.detector.log.CheckpointSigner;
import org.probity.detector.log.Origin;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.SigningMark;
import org.probity.detector.log.TreeHead;
import org.probity.detector.node.TestNetwork;

/** protocol.md §2.4, §8.1: a file brings the decisions that say whose word it shows. */
class LaterIncarnationTest {
  private static final Hash ONE = Hash.sha256(new byte[] {1});
  private static final Hash OTHER = Hash.sha256(new byte[] {2});
  private static final Signer NEW_KEY = TestNetwork.signer("log alpha/1");

  private final Court court = new Court();
  private final Hash networkId = court.network.genesis().networkId();
  private final Polity polity = new Polity(court.network);
  private final NodeRecord founding = court.network.node("alpha");
  private final NodeRecord later = Polity.next(founding);
  private final Origin origin = new Origin(networkId, "alpha", 1);
  private final DecisionChain suspended =
      polity.decide(polity.chain(), new Action.SuspendNode("beta"));
  private final DecisionChain approved = polity.decide(suspended, approval(later));

  private Action approval(NodeRecord record) {
    return new Action.ApproveIncarnation(
        polity.enrolment(record, Polity.signer(record.member())),
        Polity.HEAD,
        Polity.ROOT,
        TestNetwork.FOUNDED_MILLIS,
        List.of());
  }

  private static List<Bytes> files(DecisionChain chain) {
    return chain.decisions().stream().map(ValidDecision::encoded).toList();
  }

  private static SignedCheckpoint sign(Signer key, Origin origin, Hash root) {
    return ((CheckpointSigner.Signed)
            CheckpointSigner.guarding(key, origin, SigningMark.NOTHING_SIGNED)
                .sign(new TreeHead(5, root)))
        .checkpoint();
  }

  private Bytes fork(Signer key, Origin log, List<Bytes> decisions) {
    return new EvidenceBuilder(networkId, decisions)
        .fork(sign(key, log, ONE), sign(key, log, OTHER));
  }

  @Test
  void provesAForkUnderTheKeysThatADecisionBroughtIn() {
    Bytes file = fork(NEW_KEY, origin, files(approved));
    Evidence evidence =
        assertInstanceOf(Verification.Proven.class, court.verifier.verify(file)).evidence();
    assertEquals(new FaultId(origin, FaultKind.FORK, 5), evidence.faultId());
    assertEquals("m-alpha", evidence.member());
    assertEquals(Optional.of("alpha"), evidence.node());
    Tampering.assertEveryByteMatters(court.verifier, file);
    Tampering.assertLengthMatters(court.verifier, file);
  }

  @Test
  void needsEveryDecisionInOrder() {
    List<Bytes> all = files(approved);
    court.assertRejected("unknown_incarnation", fork(NEW_KEY, origin, List.of()));
    court.assertRejected("unknown_incarnation", fork(NEW_KEY, origin, files(suspended)));
    court.assertRejected("wrong_epoch", fork(NEW_KEY, origin, all.subList(1, 2)));
    court.assertRejected("wrong_epoch", fork(NEW_KEY, origin, List.of(all.get(1), all.get(0))));
  }

  @Test
  void takesNoDecisionThatIsNotNeeded() {
    DecisionChain revoked =
        polity.decide(
            polity.decide(approved, new Action.SuspendNode("alpha")),
            new Action.RevokeNode("alpha", Polity.HEAD, List.of()));
    court.assertRejected("decisions_not_needed", fork(NEW_KEY, origin, files(revoked)));
    Signer foundingKey = court.network.logKey("alpha");
    Origin first = new Origin(networkId, "alpha", 0);
    court.assertRejected("decisions_not_needed", fork(foundingKey, first, files(approved)));
    // Nor is a fork of the founding log shed by what came after it.
    assertInstanceOf(
        Verification.Proven.class, court.verifier.verify(fork(foundingKey, first, List.of())));
  }

  @Test
  void aDecisionAloneAttributesNothing() {
    // Everybody but alpha votes a key of their own under alpha's name.
    NodeRecord planted =
        new NodeRecord(
            "alpha", "m-alpha", 1, TestNetwork.signer("planted").publicKey(), later.cosignerKey());
    Action action =
        new Action.ApproveIncarnation(
            polity.enrolment(planted, Polity.signer("m-beta")),
            Polity.HEAD,
            Polity.ROOT,
            TestNetwork.FOUNDED_MILLIS,
            List.of());
    Decision decision = polity.confirmed(polity.chain().state(), action);
    court.assertRejected(
        "enrolment_invalid",
        fork(TestNetwork.signer("planted"), origin, List.of(decision.encode())));
  }

  @Test
  void theOldKeyDoesNotSpeakForTheNewLog() {
    court.assertRejected(
        "checkpoint_bad_signature", fork(court.network.logKey("alpha"), origin, files(approved)));
    court.assertRejected(
        "checkpoint_bad_signature",
        fork(NEW_KEY, new Origin(networkId, "alpha", 0), files(approved)));
  }

  @Test
  void otherKindsTakeNoDecisionsYet() {
    List<Bytes> decisions = new ArrayList<>(files(approved));
    for (Offences.Offence offence : Offences.all(court)) {
      if (offence.kind() != FaultKind.FORK) {
        try {
          EvidenceFile file = EvidenceFile.decode(offence.file());
          court.assertRejected(
              "decisions_unsupported",
              new EvidenceFile(networkId, decisions, file.content()).encode());
        } catch (org.probity.detector.codec.DecodeException e) {
          throw new AssertionError(e);
        }
      }
    }
  }
}
