package org.probity.detector.challenge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.probity.detector.GoldenFile;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.governance.Action;

/** The examples in docs/format/challenge.md are what this code writes. */
class ChallengeFormatTest {
  private static final GoldenFile DOCUMENT = GoldenFile.read("docs/format/challenge.md");

  private final Disputes disputes = new Disputes();

  private Bytes payload(Challenge.Body body) {
    return disputes.against("beta", body).encode();
  }

  @Test
  void examplesAreWhatThisCodeWrites() {
    Map<String, Bytes> examples = new LinkedHashMap<>();
    Challenge.Message first = new Challenge.Message(Optional.empty(), disputes.sends(0, 1));
    examples.put("Example: a message challenge", payload(first));
    examples.put("Example: an audit challenge", payload(disputes.audit()));
    examples.put("Example: a consistency challenge", payload(disputes.consistency()));
    examples.put("Example: a client challenge", payload(disputes.client()));
    examples.put(
        "Example: a decision challenge",
        payload(disputes.decided(new Action.SuspendNode("delta"))));
    examples.put(
        "Example: a signed challenge", disputes.signed(disputes.against("beta", disputes.audit())));
    examples.put("Example: entries", disputes.production());
    examples.put("Example: a confirmation", disputes.confirmation().encode());
    examples.put("Example: a link", disputes.link());
    examples.put(
        "Example: a refusal", disputes.refusal(disputes.court.refused("beta", Bytes.utf8("x"))));
    examples.put("Example: an inclusion", disputes.inclusion());
    examples.forEach(DOCUMENT::assertExample);
    DOCUMENT.assertText(
        "Examples", Bytes.utf8(disputes.court.network().genesis().networkId() + "\n"));
  }

  @Test
  void examplesCanBeRead() throws DecodeException {
    for (ChallengeKind kind : ChallengeKind.values()) {
      String article = kind == ChallengeKind.AUDIT ? "an " : "a ";
      Bytes example = DOCUMENT.hex("Example: " + article + kind.label() + " challenge");
      assertEquals(kind, Challenge.decode(example).body().kind());
      assertEquals(example, Challenge.decode(example).encode());
    }
    ValidChallenge signed = disputes.valid(DOCUMENT.hex("Example: a signed challenge"));
    assertTrue(
        disputes.answers.check(signed, DOCUMENT.hex("Example: entries")).answer().isPresent());
    DOCUMENT.assertText("Example: a signed challenge", Bytes.utf8(signed.id() + "\n"));
  }

  @Test
  void everyCodeIsDocumented() {
    List<String> codes =
        List.of(
            "challenge_too_large",
            "unknown_target",
            "unknown_challenger",
            "not_by_challenger",
            "challenges_itself",
            "checkpoint_invalid",
            "not_of_target",
            "sends_unproven",
            "own_messages",
            "ack_missing",
            "ack_unproven",
            "ack_too_low",
            "footprint_too_large",
            "message_footprint_too_large",
            "bad_range",
            "bad_order",
            "decision_ahead",
            "answer_too_large",
            "wrong_entries",
            "unlinked",
            "not_included",
            "other_entry",
            "refusal_outdated",
            "not_a_state",
            "not_refused",
            "epoch_too_low",
            "beyond_unsupported");
    codes.forEach(code -> assertTrue(DOCUMENT.content().contains("`" + code + "`"), code));
  }
}
