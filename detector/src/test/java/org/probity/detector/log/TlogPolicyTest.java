package org.probity.detector.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.Signer;
import org.probity.detector.crypto.TestKeys;
import org.probity.detector.log.TlogPolicy.Accepted;
import org.probity.detector.log.TlogPolicy.Refusal;
import org.probity.detector.log.TlogPolicy.Refused;

/** C2SP tlog-policy: whom a client trusts, and when that is enough. */
class TlogPolicyTest {
  private static final SignatureRule RULE = SignatureRule.fastest();
  private static final TestLog LOG = TestLog.of("bank-1");
  private static final NoteVerifierKey LOG_KEY =
      NoteVerifierKey.ofLog(LOG.origin().format(), LOG.publicKey());

  private static Signer signer(String name) {
    return Signer.of(TestKeys.named(name));
  }

  private static NoteVerifierKey key(String name) {
    return NoteVerifierKey.ofCosigner("witness.example/" + name, signer(name).publicKey());
  }

  private static String witness(String name) {
    return "witness " + name + " " + key(name).format() + "\n";
  }

  /** The log's checkpoint, cosigned by these. */
  private static SignedNote note(String... names) {
    SignedNote note = LOG.checkpoint().note();
    List<NoteSignature> lines = new ArrayList<>();
    for (int i = 0; i < names.length; i++) {
      lines.add(
          Cosignature.sign(
              signer(names[i]), "witness.example/" + names[i], note.textBytes(), 1_000 + i));
    }
    return lines.isEmpty() ? note : note.with(lines);
  }

  private static TlogPolicy parse(String text) throws DecodeException {
    return TlogPolicy.parse(Bytes.utf8(text));
  }

  private static void assertBad(String text) {
    DecodeException e = assertThrows(DecodeException.class, () -> parse(text), text);
    assertTrue(
        List.of(
                "bad_policy",
                "bad_vkey",
                "bad_number",
                "bad_base64",
                "bad_utf8",
                "unknown_vkey_type")
            .contains(e.code()),
        e.code());
  }

  /** The example of the specification: 2 of the X and any of the Y. */
  private static final String EXAMPLE =
      "# comment\n\n"
          + "log "
          + LOG_KEY.format()
          + "\n\n"
          + witness("X1")
          + witness("X2")
          + witness("X3")
          + "group X-witnesses 2 X1 X2 X3\n\n"
          + witness("Y1")
          + witness("Y2")
          + witness("Y3")
          + "group Y-witnesses any Y1 Y2 Y3\n \t\n"
          + "group X-and-Y all X-witnesses Y-witnesses\n"
          + "\tquorum \t X-and-Y \n";

  @Test
  void theExampleOfTheSpecification() throws DecodeException {
    TlogPolicy policy = parse(EXAMPLE);
    assertEquals(6, policy.witnesses().size());
    for (String[] enough :
        List.of(
            new String[] {"X1", "X2", "Y1"},
            new String[] {"Y3", "X3", "X1"},
            new String[] {"X1", "X2", "X3", "Y1", "Y2", "Y3"})) {
      Accepted accepted = assertInstanceOf(Accepted.class, policy.evaluate(RULE, note(enough)));
      assertEquals(LOG.tree().head(), accepted.checkpoint().head());
      assertEquals(LOG_KEY, accepted.log().key());
      assertEquals(
          List.of(enough), accepted.cosigned().stream().map(c -> c.witness().name()).toList());
      assertEquals(1_000, accepted.cosigned().get(0).timeSeconds());
    }
    for (String[] few :
        List.of(
            new String[] {},
            new String[] {"X1", "X2", "X3"},
            new String[] {"X1", "Y1", "Y2", "Y3"},
            new String[] {"X1", "X1", "Y1"},
            new String[] {"X1", "stranger", "Y1"})) {
      assertEquals(new Refused(Refusal.NO_QUORUM), policy.evaluate(RULE, note(few)));
    }
  }

  @Test
  void quorumNoneNeedsTheLogOnly() throws DecodeException {
    TlogPolicy policy = parse("log " + LOG_KEY.format() + "\nquorum none\n");
    assertInstanceOf(Accepted.class, policy.evaluate(RULE, note()));
    assertInstanceOf(Accepted.class, policy.evaluate(RULE, note("X1")));
    assertInstanceOf(Accepted.class, TlogPolicy.ofLog(LOG_KEY).evaluate(RULE, note()));
  }

  @Test
  void aSingleWitnessCanBeTheQuorum() throws DecodeException {
    TlogPolicy policy =
        parse("log " + LOG_KEY.format() + " https://log\n" + witness("X1") + "quorum X1\n");
    assertEquals("https://log", policy.logs().get(0).url().orElseThrow());
    assertInstanceOf(Accepted.class, policy.evaluate(RULE, note("X1")));
    assertEquals(new Refused(Refusal.NO_QUORUM), policy.evaluate(RULE, note("X2")));
  }

  @Test
  void policiesMadeInCode() {
    TlogPolicy policy =
        TlogPolicy.of(List.of(LOG_KEY), List.of(key("X1"), key("X2"), key("X3")), 2);
    assertInstanceOf(Accepted.class, policy.evaluate(RULE, note("X3", "X1")));
    assertEquals(new Refused(Refusal.NO_QUORUM), policy.evaluate(RULE, note("X3")));
    assertThrows(
        IllegalArgumentException.class,
        () -> TlogPolicy.of(List.of(LOG_KEY), List.of(key("X1")), 2));
    assertThrows(
        IllegalArgumentException.class,
        () -> TlogPolicy.of(List.of(LOG_KEY), List.of(key("X1"), key("X1")), 1));
  }

  @Test
  void refusesOtherLogsBadSignaturesAndOtherTexts() throws DecodeException {
    TlogPolicy policy = parse("log " + LOG_KEY.format() + "\n" + witness("X1") + "quorum none\n");
    SignedNote foreign = TestLog.of("bank-2").checkpoint().note();
    assertEquals(new Refused(Refusal.UNKNOWN_LOG), policy.evaluate(RULE, foreign));
    SignedNote good = note("X1");
    NoteSignature own = good.signatures().get(0);
    byte[] flipped = own.signature().toArray();
    flipped[0] ^= 1;
    NoteSignature bad = new NoteSignature(own.name(), own.keyId(), Bytes.wrap(flipped));
    assertEquals(
        new Refused(Refusal.BAD_SIGNATURE),
        policy.evaluate(RULE, SignedNote.of(good.text(), List.of(bad))));
    // A bad cosignature of a known witness rejects, although the quorum does not need it.
    NoteSignature elsewhere =
        Cosignature.sign(signer("X1"), "witness.example/X1", Bytes.utf8("another\n"), 1);
    assertEquals(
        new Refused(Refusal.BAD_SIGNATURE),
        policy.evaluate(RULE, SignedNote.of(good.text(), List.of(own, elsewhere))));
    // Cosigned, but not signed by the log.
    assertEquals(
        new Refused(Refusal.NO_LOG_SIGNATURE),
        policy.evaluate(RULE, SignedNote.of(good.text(), List.of(good.signatures().get(1)))));
    NoteSignature stranger = note("X2").signatures().get(1);
    assertEquals(
        new Refused(Refusal.NO_LOG_SIGNATURE),
        policy.evaluate(RULE, SignedNote.of(good.text(), List.of(stranger))));
    assertEquals(
        new Refused(Refusal.BAD_CHECKPOINT),
        policy.evaluate(RULE, SignedNote.of("no checkpoint\n", List.of(own))));
  }

  @Test
  void anyOfSeveralLogs() throws DecodeException {
    TestLog second = TestLog.of("bank-2");
    NoteVerifierKey secondKey = NoteVerifierKey.ofLog(second.origin().format(), second.publicKey());
    TlogPolicy policy =
        parse("log " + LOG_KEY.format() + "\nlog " + secondKey.format() + "\nquorum none\n");
    assertInstanceOf(Accepted.class, policy.evaluate(RULE, note()));
    Accepted accepted =
        assertInstanceOf(Accepted.class, policy.evaluate(RULE, second.checkpoint().note()));
    assertEquals(secondKey, accepted.log().key());
  }

  @Test
  void thresholdsFromOneToAll() throws DecodeException {
    String head = "log " + LOG_KEY.format() + "\n" + witness("X1") + witness("X2");
    TlogPolicy one = parse(head + "group g 1 X1 X2\nquorum g\n");
    assertInstanceOf(Accepted.class, one.evaluate(RULE, note("X2")));
    assertEquals(new Refused(Refusal.NO_QUORUM), one.evaluate(RULE, note()));
    TlogPolicy two = parse(head + "group g 2 X1 X2\nquorum g\n");
    assertInstanceOf(Accepted.class, two.evaluate(RULE, note("X2", "X1")));
    assertEquals(new Refused(Refusal.NO_QUORUM), two.evaluate(RULE, note("X2")));
  }

  @Test
  void commentsHoldEveryAllowedOctet() throws DecodeException {
    for (int octet = 0; octet < 256; octet++) {
      byte[] text = Bytes.utf8("# *\nquorum none\n").toArray();
      text[2] = (byte) octet;
      boolean allowed = octet == '\t' || octet == '\n' || (octet >= 0x20 && octet != 0x7F);
      if (allowed) {
        TlogPolicy.parse(Bytes.wrap(text));
      } else {
        assertThrows(DecodeException.class, () -> TlogPolicy.parse(Bytes.wrap(text)));
      }
    }
  }

  @Test
  void refusesPoliciesThatAreNone() {
    String log = "log " + LOG_KEY.format() + "\n";
    String x1 = witness("X1");
    String x2 = witness("X2");
    for (String bad :
        List.of(
            "",
            "\n",
            log,
            "quorum\n",
            "quorum none",
            "quorum none extra\n",
            "quorum none\nquorum none\n",
            "quorum nobody\n",
            "quorum X1\n" + x1,
            "log\nquorum none\n",
            "log x\nquorum none\n",
            log + log + "quorum none\n",
            log.replace("\n", " url extra\n") + "quorum none\n",
            "witness X1\nquorum none\n",
            x1 + x1 + "quorum none\n",
            x1 + "witness other " + key("X1").format() + "\nquorum none\n",
            "witness none " + key("X1").format() + "\nquorum none\n",
            "witness X1 " + LOG_KEY.format() + "\nquorum none\n",
            "log " + key("X1").format() + "\nquorum none\n",
            x1 + "group g\nquorum none\n",
            x1 + "group g 1\nquorum none\n",
            x1 + "group g 0 X1\nquorum g\n",
            x1 + "group g 2 X1\nquorum g\n",
            x1 + "group g 01 X1\nquorum g\n",
            x1 + "group g -1 X1\nquorum g\n",
            x1 + "group g some X1\nquorum g\n",
            x1 + "group g 1 X1 X1\nquorum g\n",
            x1 + "group g any g\nquorum g\n",
            x1 + "group X1 any X1\nquorum X1\n",
            x1 + "group g any none\nquorum g\n",
            x1 + "group none any X1\nquorum none\n",
            x1 + "group g any X1\ngroup h any X1\nquorum h\n",
            x1 + x2 + "group g all X1 X2\ngroup h any g X1\nquorum h\n",
            "rule none\n",
            "Quorum none\n",
            "quorum none\r\n",
            "quorum\u0000none\n",
            "quorum none\n# " + "\u007f" + "\n")) {
      assertBad(bad);
    }
  }

  @Test
  void namesAreOpaqueOctets() throws DecodeException {
    // A Kelvin sign is not a K, and octets that are no UTF-8 may name a witness.
    parse(witness("X1").replace("witness X1", "witness \u212A") + "quorum \u212A\n");
    assertBad(witness("X1").replace("witness X1", "witness \u212A") + "quorum K\n");
    byte[] text =
        Bytes.utf8(witness("X1").replace("witness X1", "witness *") + "quorum *\n").toArray();
    for (int i = 0; i < text.length; i++) {
      if (text[i] == '*') {
        text[i] = (byte) 0xFF;
      }
    }
    assertEquals(1, TlogPolicy.parse(Bytes.wrap(text)).witnesses().size());
  }

  @Test
  void nestsThirtyTwoDeepAndNoDeeper() throws DecodeException {
    StringBuilder text = new StringBuilder(witness("X1")).append("group g1 any X1\n");
    IntStream.rangeClosed(2, TlogPolicyParser.MAX_DEPTH)
        .forEach(i -> text.append("group g" + i + " any g" + (i - 1) + "\n"));
    parse(text + "quorum g" + TlogPolicyParser.MAX_DEPTH + "\n");
    assertBad(text + "group more any g" + TlogPolicyParser.MAX_DEPTH + "\nquorum more\n");
  }

  @Test
  void hasLimits() throws DecodeException {
    String quorum = "quorum none\n";
    parse("\n".repeat(TlogPolicyParser.MAX_LINES - 1) + quorum);
    assertBad("\n".repeat(TlogPolicyParser.MAX_LINES) + quorum);
    parse("#" + " ".repeat(TlogPolicyParser.MAX_BYTES - quorum.length() - 2) + "\n" + quorum);
    assertBad("#" + " ".repeat(TlogPolicyParser.MAX_BYTES - quorum.length() - 1) + "\n" + quorum);
  }
}
