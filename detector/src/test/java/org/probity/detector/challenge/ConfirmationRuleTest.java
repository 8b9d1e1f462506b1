package org.probity.detector.challenge;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.probity.detector.Seeded;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.evidence.ByzantineLog;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Refusal;
import org.probity.detector.log.Checkpoint;
import org.probity.detector.log.Cosignature;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.NoteSignature;
import org.probity.detector.log.Origin;
import org.probity.detector.log.SignedNote;
import org.probity.detector.log.TreeHead;
import org.probity.detector.node.TestNetwork;

/**
 * protocol.md §7.1: the word of a witness that it holds what is asked for. Beta is asked for its
 * entries 1 to 3 under a checkpoint of eight.
 */
class ConfirmationRuleTest {
  private static final int SIZE = 8;

  private final Disputes disputes = new Disputes();
  private final ByzantineLog beta = disputes.beta;
  private final ConfirmationRule rule = new ConfirmationRule(disputes.polity::chain);
  private final ValidChallenge challenge = disputes.valid(disputes.audit());

  private NoteSignature cosigned(String text, String node) {
    return Cosignature.sign(
        TestNetwork.signer("cosigner " + node), name(node), Bytes.utf8(text), 1_800_000_000L);
  }

  private String name(String node) {
    return disputes.court.network().genesis().origin(node(node)).format();
  }

  private NodeRecord node(String node) {
    return disputes.court.network().node(node);
  }

  private static String text(ByzantineLog log, long size) {
    return new Checkpoint(
            log.machine().origin().format(), new TreeHead(size, MerkleProofs.rootAt(log, size)))
        .text();
  }

  /** Of a checkpoint at {@code size} of beta, by these cosigners. */
  private Confirmation confirmation(ByzantineLog log, long size, String... cosigners) {
    String text = text(log, size);
    List<NoteSignature> lines = new ArrayList<>();
    for (String cosigner : cosigners) {
      lines.add(cosigned(text, cosigner));
    }
    boolean isLinked = size > SIZE;
    return new Confirmation(
        SignedNote.of(text, lines),
        isLinked ? MerkleProofs.consistency(log, SIZE, size) : List.of());
  }

  private void assertConfirmed(Confirmation confirmation, String... by) {
    ConfirmationRule.Outcome outcome = rule.check(challenge, confirmation);
    VerifiedConfirmation valid =
        outcome.valid().orElseThrow(() -> new AssertionError(outcome.refusal()));
    assertEquals(List.of(by), valid.cosigners().stream().map(NodeRecord::node).toList());
    assertEquals(challenge, valid.challenge());
  }

  private void assertNone(String code, Confirmation confirmation) {
    assertNone(code, challenge, confirmation);
  }

  private void assertNone(String code, ValidChallenge challenge, Confirmation confirmation) {
    ConfirmationRule.Outcome outcome = rule.check(challenge, confirmation);
    assertEquals(Optional.of(code), outcome.refusal().map(Refusal::code));
    assertEquals(Optional.empty(), outcome.valid());
  }

  @Test
  void aCosignatureOverTheChallengedCheckpointConfirms() {
    assertEquals(SIZE, beta.size());
    assertConfirmed(confirmation(beta, SIZE, "gamma"), "gamma");
    assertConfirmed(confirmation(beta, SIZE, "gamma", "alpha"), "alpha", "gamma");
  }

  @Test
  void soDoesOneOverALaterCheckpointThatContinuesIt() {
    beta.transaction(disputes.court.put("beta", "more=x")).endState();
    beta.transaction(disputes.court.put("beta", "and=more")).endState();
    assertConfirmed(confirmation(beta, beta.size(), "delta"), "delta");
    Confirmation unlinked =
        new Confirmation(confirmation(beta, beta.size(), "delta").cosigned(), List.of());
    assertNone("unlinked", unlinked);
  }

  @Test
  void theSameTwiceIsOne() {
    assertConfirmed(confirmation(beta, SIZE, "gamma", "gamma", "gamma"), "gamma");
  }

  @Test
  void lessThanTheChallengedCheckpointConfirmsNothing() {
    assertNone("unlinked", confirmation(beta, 4, "gamma"));
    Confirmation backwards =
        new Confirmation(
            confirmation(beta, 4, "gamma").cosigned(), MerkleProofs.consistency(beta, 4, SIZE));
    assertNone("unlinked", backwards);
  }

  /** Its witness holds entries 1 to 3 as well: of another log that beta has written. */
  @Test
  void anotherBranchOfTheLogConfirmsNothing() {
    ByzantineLog other = beta.fork(disputes.court.network(), 4);
    while (other.size() < beta.size()) {
      other.transaction(disputes.court.put("beta", "other=" + other.size())).endState();
    }
    other.transaction(disputes.court.put("beta", "longer=x")).endState();
    assertNone("unlinked", confirmation(other, other.size(), "gamma"));
    if (other.size() > SIZE) {
      String text = text(other, other.size());
      assertNone(
          "unlinked",
          new Confirmation(SignedNote.of(text, List.of(cosigned(text, "gamma"))), List.of()));
    }
  }

  @Test
  void itIsAboutThisLogAndThisIncarnation() {
    TreeHead head = new TreeHead(SIZE, MerkleProofs.rootAt(beta, SIZE));
    for (Origin origin :
        List.of(
            new Origin(disputes.court.network().genesis().networkId(), "beta", 1),
            new Origin(disputes.court.network().genesis().networkId(), "alpha", 0))) {
      String text = new Checkpoint(origin.format(), head).text();
      assertNone(
          "not_of_target",
          new Confirmation(SignedNote.of(text, List.of(cosigned(text, "gamma"))), List.of()));
    }
  }

  @Test
  void onlyCosignersConfirm() {
    String text = text(beta, SIZE);
    // What the target has signed itself says nothing about who has the entries.
    assertNone("no_known_signature", of(beta.checkpoint().bytes()));
    NoteSignature stranger =
        Cosignature.sign(TestNetwork.signer("stranger"), "stranger", Bytes.utf8(text), 1);
    assertNone(
        "no_known_signature", new Confirmation(SignedNote.of(text, List.of(stranger)), List.of()));
    // The key of one node under the name of another.
    NoteSignature borrowed =
        Cosignature.sign(TestNetwork.signer("cosigner gamma"), name("alpha"), Bytes.utf8(text), 1);
    assertNone(
        "no_known_signature", new Confirmation(SignedNote.of(text, List.of(borrowed)), List.of()));
    // A log key cosigns nothing.
    NoteSignature byLogKey =
        Cosignature.sign(
            disputes.court.network().logKey("gamma"), name("gamma"), Bytes.utf8(text), 1);
    assertNone(
        "no_known_signature", new Confirmation(SignedNote.of(text, List.of(byLogKey)), List.of()));
    // A cosignature of another checkpoint.
    NoteSignature moved = cosigned(text(beta, 4), "gamma");
    assertNone("bad_signature", new Confirmation(SignedNote.of(text, List.of(moved)), List.of()));
  }

  private static Confirmation of(Bytes note) {
    try {
      return new Confirmation(SignedNote.parse(note), List.of());
    } catch (DecodeException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void onlyEntriesAreConfirmed() {
    Confirmation confirmation = confirmation(beta, SIZE, "gamma");
    for (Challenge.Body other :
        List.of(disputes.consistency(), disputes.client(), disputes.message())) {
      assertNone("not_an_audit", disputes.valid(other), confirmation);
    }
  }

  @Test
  void isReadAsItIsWrittenAndNothingFlippedConfirms() throws DecodeException {
    beta.transaction(disputes.court.put("beta", "more=x")).endState();
    Confirmation confirmation = confirmation(beta, beta.size(), "gamma");
    assertEquals(confirmation, read(confirmation.encode()));
    Seeded.run(
        300,
        random -> {
          byte[] bytes = confirmation.encode().toArray();
          bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
          try {
            Confirmation flipped = read(Bytes.wrap(bytes));
            assertEquals(Optional.empty(), rule.check(challenge, flipped).valid());
          } catch (DecodeException e) {
            // Not a confirmation at all.
          }
        });
  }

  private static Confirmation read(Bytes encoded) throws DecodeException {
    CborReader in = new CborReader(encoded);
    in.arrayHeader(Confirmation.PARTS);
    Confirmation read = Confirmation.readParts(in);
    in.end();
    return read;
  }
}
