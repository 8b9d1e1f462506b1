package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.probity.detector.GoldenFile;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.Signer;
import org.probity.detector.crypto.TestKeys;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.Parameters;
import org.probity.detector.node.BootGate;
import org.probity.detector.node.BootInquiry;
import org.probity.detector.node.RunSign;
import org.probity.detector.node.TestNetwork;
import org.probity.node.http.PeerReply;
import org.probity.node.http.peer.PeerFailure;
import org.probity.node.http.wire.SeenRuns;

/**
 * SPEC protocol.md §11.5: processes with the key of node a, and the witnesses that hear of them.
 */
class OwnRunTest {
  private static final long LEASE = 10_000;
  private static final String NOT_ASKED =
      "signs nothing before it has asked whether another process has its key";

  private final TestNetwork network =
      TestNetwork.of(
          Parameters.of(0, 2), Hash.sha256(new byte[] {1}), Bytes.EMPTY, "a", "b", "c", "d");
  private final DecisionChain founded =
      DecisionChain.of(network.genesis(), SignatureRule.fastest());
  private final Map<String, KnownRuns> witnesses = new HashMap<>();
  private final Set<String> away = new HashSet<>();
  private final List<String> lost = new ArrayList<>();
  private long nowMillis = 1_000_000;

  private static Bytes id(int number) {
    byte[] id = new byte[RunSign.RUN_BYTES];
    Arrays.fill(id, (byte) number);
    return Bytes.wrap(id);
  }

  private KnownRuns witness(String name) {
    return witnesses.computeIfAbsent(name, any -> new KnownRuns(() -> founded, () -> nowMillis));
  }

  private Future<PeerReply> ask(String witness, Bytes sign) {
    return away.contains(witness)
        ? Future.failedFuture("away")
        : Future.succeededFuture(witness(witness).take("a", sign));
  }

  private RunSigner signer() {
    return new GatedSigner(network.logKey("a")).ofRuns(network.genesis().networkId());
  }

  private OwnRun process(int number) {
    return new OwnRun(
        network.genesis().networkId(),
        signer(),
        new RunFile(id(number), Set.of()),
        LEASE,
        this::ask,
        () -> nowMillis,
        why -> lost.add(number + ": " + why));
  }

  private BootGate gate(int needed, String... others) {
    return new BootGate(
        network.genesis().origin(network.node("a")),
        network.logKey("a").publicKey(),
        SignatureRule.fastest(),
        List.of(new BootGate.Seats(Set.of("b", "c"), needed)),
        Set.of(others),
        0);
  }

  private static void show(OwnRun process, String... witnesses) {
    process.show(List.of(witnesses), () -> {});
  }

  private List<RunSign> told(PeerReply reply) throws Exception {
    List<RunSign> told = new ArrayList<>();
    for (SeenRuns.Seen one : SeenRuns.decode(reply.body()).runs()) {
      told.add(
          RunSign.verify(
                  one.sign(),
                  network.genesis().networkId(),
                  SignatureRule.fastest(),
                  network.logKey("a").publicKey())
              .orElseThrow());
    }
    return told;
  }

  private Bytes signed(RunSign sign, String by) {
    return sign.sign(network.genesis().networkId(), network.logKey(by));
  }

  /** Two that start in the same moment have to have a correct witness in common. */
  @Test
  void asksEverybodyBeforeItSignsOrEnoughIfOthersAreSilent() {
    OwnRun process = process(5);
    away.add("d");
    show(process, "b", "d");
    assertEquals(Optional.of(NOT_ASKED), process.waits(gate(2, "d")));
    nowMillis += BootInquiry.SILENCE_MILLIS;
    assertEquals(Optional.of(NOT_ASKED), process.waits(gate(2, "d")));
    show(process, "c");
    assertEquals(Optional.empty(), process.waits(gate(2, "d")), "d is silent");
    nowMillis--;
    assertEquals(Optional.of(NOT_ASKED), process.waits(gate(2, "d")));
    away.clear();
    show(process, "d");
    assertEquals(Optional.empty(), process.waits(gate(2, "d")), "all have answered");
  }

  /** Before it asks it may have had a long log to verify. */
  @Test
  void waitsOneLeaseFromItsFirstQuestionForOneThatWasThere() {
    OwnRun process = process(5);
    nowMillis += 3 * LEASE;
    show(process(9), "b");
    process.begin();
    show(process, "b", "c");
    nowMillis += LEASE - 1;
    String reason = process.waits(gate(2)).orElseThrow();
    assertTrue(reason.contains(": b have heard of one"), reason);
    nowMillis++;
    assertEquals(Optional.of(NOT_ASKED), process.waits(gate(2)), "what it was told is old");
    show(process, "b", "c");
    assertEquals(Optional.empty(), process.waits(gate(2)));
    assertEquals(Optional.empty(), process.winner());
  }

  /** A long recovery, or a machine that stood still: to the others it has ended. */
  @Test
  void whoWasAwayForALeaseBeginsAnewAndGivesWayToWhoSignsByNow() {
    OwnRun first = process(9);
    show(first, "b", "c");
    nowMillis += LEASE + 1;
    OwnRun second = process(1);
    show(second, "b", "c");
    assertEquals(Optional.empty(), second.waits(gate(2)), "nobody has heard of the first lately");
    assertEquals(Optional.empty(), second.beginSigning());
    assertEquals(Optional.of(NOT_ASKED), first.waits(gate(2)), "its answers are old");
    show(first, "b", "c");
    assertTrue(first.waits(gate(2)).orElseThrow().contains("have heard of one"));
    show(second, "b", "c");
    show(first, "b", "c");
    assertTrue(first.winner().orElseThrow().startsWith("another process signs"));
    assertTrue(first.beginSigning().isPresent(), "also if it looks too late");
    assertEquals(Optional.empty(), second.winner());
    assertEquals(List.of(), lost);
  }

  @Test
  void showsItselfAgainToWhoHasNotHeardOfItForAQuarterOfALease() {
    OwnRun process = process(5);
    away.add("c");
    show(process, "b", "c");
    assertEquals(Set.of("c"), process.due(Set.of("b", "c")));
    nowMillis += LEASE / OwnRun.SIGNS_PER_LEASE + 1;
    assertEquals(Set.of("b", "c"), process.due(Set.of("b", "c")));
  }

  @Test
  void whoStartsBesideOneThatSignsIsTheOnlyOneToEnd() {
    OwnRun first = process(1);
    show(first, "b", "c");
    first.beginSigning();
    OwnRun second = process(9);
    show(second, "b");
    show(first, "b");
    show(first, "b");
    show(second, "b");
    assertTrue(second.winner().orElseThrow().startsWith("another process signs"));
    assertEquals(Optional.empty(), first.winner());
    assertEquals(List.of(), lost);
  }

  /** Each was started while it could not reach what the other reached. */
  @Test
  void ofTwoThatSignTheOneWithTheSmallerIdIsTold() {
    OwnRun smaller = process(1);
    OwnRun larger = process(9);
    smaller.beginSigning();
    larger.beginSigning();
    for (int i = 0; i < 3; i++) {
      show(smaller, "b");
      show(larger, "b");
    }
    assertTrue(smaller.winner().isPresent());
    assertEquals(Optional.empty(), larger.winner());
    assertTrue(lost.get(0).startsWith("1: another process signs"), () -> "" + lost);
    assertTrue(lost.stream().noneMatch(who -> who.startsWith("9")), () -> "" + lost);
  }

  /** SPEC protocol.md §7.3: wrong data equals no answer. */
  @Test
  void believesNoSignThatItsKeyHasNotSigned() {
    Bytes forged = signed(new RunSign(id(9), true, List.of(id(5))), "b");
    List<PeerReply> answers =
        List.of(
            PeerReply.refused("run_invalid"),
            PeerReply.ok(Bytes.utf8("nonsense")),
            PeerReply.ok(new SeenRuns(List.of(new SeenRuns.Seen(0, forged))).encode()));
    for (PeerReply answer : answers) {
      OwnRun asking =
          new OwnRun(
              network.genesis().networkId(),
              signer(),
              new RunFile(id(5), Set.of()),
              LEASE,
              (node, sign) -> Future.succeededFuture(answer),
              () -> nowMillis,
              lost::add);
      asking.beginSigning();
      show(asking, "b", "c");
      assertEquals(Optional.empty(), asking.winner());
      boolean isAnswer = answers.indexOf(answer) == 2;
      assertEquals(isAnswer ? Optional.empty() : Optional.of(NOT_ASKED), asking.waits(gate(2)));
    }
    assertEquals(List.of(), lost);
  }

  /** Nodes go over to this release one at a time. */
  @Test
  void aReleaseThatKnowsNoLeaseHasHeardOfNobody() {
    for (String code : List.of("not_found", "node_suspended")) {
      OwnRun asking =
          new OwnRun(
              network.genesis().networkId(),
              signer(),
              new RunFile(id(5), Set.of()),
              LEASE,
              (node, sign) ->
                  Future.failedFuture(PeerFailure.of(PeerFailure.Kind.REFUSED, code, "no")),
              () -> nowMillis,
              lost::add);
      show(asking, "b", "c");
      assertEquals(
          code.equals("not_found") ? Optional.empty() : Optional.of(NOT_ASKED),
          asking.waits(gate(2)));
    }
  }

  /** docs/format/messages.md has the same bytes. */
  @Test
  void isWrittenAsItsFormatSays() {
    Hash example = Hash.sha256(Bytes.utf8("probity example genesis").toArray());
    RunSigner signer = new GatedSigner(Signer.of(TestKeys.RFC_1)).ofRuns(example);

    Bytes sign = signer.sign(new RunSign(id(1), true, List.of(id(2))));

    GoldenFile.read("docs/format/messages.md").assertExample("Example: a sign of life", sign);
  }

  /** No more than whoever is told of them can name. */
  @Test
  void anAnswerThatTellsOfTooManyIsNone() throws Exception {
    SeenRuns.Seen one = new SeenRuns.Seen(0, signed(new RunSign(id(9), true, List.of()), "a"));
    List<SeenRuns.Seen> all = Collections.nCopies(RunSign.MAX_SEEN, one);
    assertEquals(all, SeenRuns.decode(new SeenRuns(all).encode()).runs());
    Bytes more = new SeenRuns(Collections.nCopies(RunSign.MAX_SEEN + 1, one)).encode();
    assertThrows(DecodeException.class, () -> SeenRuns.decode(more));
  }

  @Test
  void aWitnessTellsOfOthersAndNotOfWhoAsks() throws Exception {
    RunSign first = new RunSign(id(1), false, List.of());
    RunSign second = new RunSign(id(2), false, List.of(id(1)));
    RunSign later = new RunSign(id(1), true, List.of(id(2)));
    KnownRuns known = witness("b");
    assertEquals(List.of(), told(known.take("a", signed(first, "a"))));
    nowMillis += 40;
    assertEquals(List.of(first), told(known.take("a", signed(second, "a"))));
    assertEquals(List.of(second), told(known.take("a", signed(later, "a"))));
    nowMillis += 60;
    PeerReply reply = known.take("a", signed(second, "a"));
    assertEquals(List.of(later), told(reply));
    assertEquals(60, SeenRuns.decode(reply.body()).runs().get(0).ageMillis());
  }

  /** Nobody names another node's runs, or fills a witness's memory. */
  @Test
  void aWitnessTakesTheNodesOwnSignsAndSoManyOfThem() throws Exception {
    KnownRuns known = witness("b");
    RunSign sign = new RunSign(id(1), true, List.of());
    assertEquals(PeerReply.refused("run_invalid"), known.take("a", signed(sign, "b")));
    assertEquals(PeerReply.refused("run_invalid"), known.take("a", Bytes.utf8("nonsense")));
    assertEquals(PeerReply.refused("run_invalid"), known.take("nobody", signed(sign, "a")));
    assertEquals(List.of(), told(known.take("b", signed(sign, "b"))));
    for (int i = 10; i < 50; i++) {
      known.take("a", signed(new RunSign(id(i), true, List.of()), "a"));
    }
    List<RunSign> told = told(known.take("a", signed(sign, "a")));
    assertEquals(KnownRuns.MAX_RUNS, told.size());
    assertEquals(id(49), told.get(told.size() - 1).run());
  }
}
