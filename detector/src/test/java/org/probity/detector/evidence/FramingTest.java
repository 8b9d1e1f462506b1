package org.probity.detector.evidence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.ChannelId;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.SystemState;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.Signer;
import org.probity.detector.crypto.Statement;
import org.probity.detector.log.AckEntry;
import org.probity.detector.log.CheckpointSigner;
import org.probity.detector.log.EntryFault;
import org.probity.detector.log.ForkPath;
import org.probity.detector.log.Multiproof;
import org.probity.detector.log.Origin;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.SigningMark;
import org.probity.detector.log.TransactionEntry;
import org.probity.detector.log.TreeHead;
import org.probity.detector.node.ObjectStore;
import org.probity.detector.node.TestNetwork;
import org.probity.detector.program.Context;
import org.probity.detector.program.Program;
import org.probity.detector.program.Submission;
import org.probity.detector.program.TransactionOutcome;
import org.probity.detector.state.AccessLog;
import org.probity.detector.state.StateTree;
import org.probity.detector.state.StateWitness;

/**
 * Attempts to have an honest node convicted, or a guilty one of something else. Each artefact is
 * right in everything but one point, and the code says which check caught it: were that check not
 * there, the artefact would convict.
 */
class FramingTest {
  private static final Hash OTHER = Hash.sha256(new byte[] {42});
  private static final BigInteger GROUP_ORDER =
      BigInteger.TWO.pow(252).add(new BigInteger("27742317777372353535851937790883648493"));

  private final Court court = new Court();
  private final Hash networkId = court.network.genesis().networkId();

  /** GENESIS, then TICK TRANSACTION STATE, then TRANSACTION STATE twice. */
  private final ByzantineLog honest = court.log("alpha", 3);

  // FORK

  @Test
  void checkpointsOfOneHistoryAreNoFork() {
    for (long size = 1; size <= honest.size(); size++) {
      for (long larger = size; larger <= honest.size(); larger++) {
        court.assertRejected(
            "no_fault",
            court.builder.fork(honest.checkpoint(size), honest.checkpoint(larger), honest));
      }
    }
  }

  @Test
  void aForkHasOneOrder() {
    ByzantineLog other = honest.fork(court.network, 4).endState(OTHER);
    SignedCheckpoint smaller = other.checkpoint();
    SignedCheckpoint larger = honest.checkpoint();
    List<Hash> path = ForkPath.build(honest, smaller.size(), larger.size());
    court.assertProven(fork(smaller, larger, path), "alpha", FaultKind.FORK, "fork", 5);
    court.assertRejected("fork_not_ordered", fork(larger, smaller, path));

    SignedCheckpoint twin = honest.sign(new TreeHead(honest.size(), OTHER));
    Bytes oneWay = fork(twin, larger, List.of());
    Bytes otherWay = fork(larger, twin, List.of());
    boolean first = OTHER.compareTo(larger.head().root()) < 0;
    court.assertProven(first ? oneWay : otherWay, "alpha", FaultKind.FORK, "fork", honest.size());
    court.assertRejected("fork_not_ordered", first ? otherWay : oneWay);
    assertEquals(court.builder.fork(twin, larger), court.builder.fork(larger, twin));
  }

  @Test
  void aForkNeedsTheWholePath() {
    SignedCheckpoint smaller = honest.sign(new TreeHead(3, OTHER));
    List<Hash> path = new ArrayList<>(ForkPath.build(honest, 3, honest.size()));
    SignedCheckpoint larger = honest.checkpoint();
    court.assertProven(fork(smaller, larger, path), "alpha", FaultKind.FORK, "fork", 3);
    court.assertRejected("path_malformed", fork(smaller, larger, path.subList(1, path.size())));
    Collections.swap(path, 0, 1);
    court.assertRejected("path_wrong", fork(smaller, larger, path));
    court.assertRejected(
        "path_malformed",
        fork(smaller, honest.sign(new TreeHead(3, Hash.sha256())), List.of(OTHER)));
  }

  @Test
  void twoLogsAreNoFork() {
    ByzantineLog beta = court.log("beta", 3);
    Bytes file =
        honest.checkpoint().head().root().compareTo(beta.checkpoint().head().root()) < 0
            ? fork(honest.checkpoint(), beta.checkpoint(), List.of())
            : fork(beta.checkpoint(), honest.checkpoint(), List.of());
    court.assertRejected("different_logs", file);
  }

  @Test
  void onlyTheEnrolledKeyOfTheIncarnationAttributes() {
    TreeHead head = new TreeHead(3, OTHER);
    Origin origin = honest.machine().origin();
    assertUnattributed("checkpoint_bad_signature", court.network.logKey("beta"), origin, head);
    assertUnattributed(
        "checkpoint_bad_signature", TestNetwork.signer("cosigner alpha"), origin, head);
    assertUnattributed(
        "checkpoint_bad_signature", TestNetwork.signer("governance alpha"), origin, head);
    Signer alpha = court.network.logKey("alpha");
    assertUnattributed("unknown_incarnation", alpha, new Origin(networkId, "alpha", 1), head);
    assertUnattributed("unknown_node", alpha, new Origin(networkId, "mallory", 0), head);
    assertUnattributed("wrong_network", alpha, new Origin(OTHER, "alpha", 0), head);
  }

  private void assertUnattributed(String code, Signer key, Origin origin, TreeHead head) {
    SignedCheckpoint forged =
        ((CheckpointSigner.Signed)
                CheckpointSigner.guarding(key, origin, SigningMark.NOTHING_SIGNED).sign(head))
            .checkpoint();
    court.assertRejected(
        code, fork(forged, honest.checkpoint(), ForkPath.build(honest, 3, honest.size())));
    SignedCheckpoint smaller = honest.sign(new TreeHead(2, OTHER));
    court.assertRejected(code, fork(smaller, forged, List.of()));
    court.assertRejected(
        code,
        new EvidenceFile(
                networkId,
                new EvidenceFile.InvalidEntry(
                    forged.bytes(),
                    new EvidenceFile.Entries(
                        "encoding", List.of(new Exhibit(0, Bytes.EMPTY)), List.of())))
            .encode());
    court.assertRejected(
        code,
        new EvidenceFile(
                networkId,
                new EvidenceFile.InvalidTransition(
                    forged.bytes(), new EvidenceFile.Batch(0, List.of(), List.of(), Bytes.EMPTY)))
            .encode());
  }

  @Test
  void theMalleatedTwinOfASignatureIsNone() {
    // S + L satisfies the equation as well as S does, under laxer rules than ours.
    SignedCheckpoint smaller = honest.sign(new TreeHead(3, OTHER));
    String note = new String(smaller.bytes().toArray(), StandardCharsets.UTF_8);
    int at = note.lastIndexOf(' ') + 1;
    byte[] blob = Base64.getDecoder().decode(note.substring(at, note.length() - 1));
    byte[] s = new byte[32];
    for (int i = 0; i < 32; i++) {
      s[31 - i] = blob[4 + 32 + i];
    }
    byte[] twin = new BigInteger(1, s).add(GROUP_ORDER).toByteArray();
    for (int i = 0; i < 32; i++) {
      int from = twin.length - 1 - i;
      blob[4 + 32 + i] = from >= 0 ? twin[from] : 0;
    }
    Bytes malleated =
        Bytes.utf8(note.substring(0, at) + Base64.getEncoder().encodeToString(blob) + "\n");
    EvidenceFile.Fork content =
        new EvidenceFile.Fork(
            malleated, honest.checkpoint().bytes(), ForkPath.build(honest, 3, honest.size()));
    court.assertRejected("checkpoint_bad_signature", new EvidenceFile(networkId, content).encode());
  }

  // INVALID_ENTRY

  @Test
  void entriesOfAnHonestLogBreakNoRuleWhateverOneCallsIt() {
    List<String> codes = new ArrayList<>();
    Stream.of(EntryFault.values()).map(EntryFault::code).forEach(codes::add);
    codes.addAll(
        List.of(
            EntryCheck.TRANSACTION_INVALID,
            EntryCheck.TYPE_UNSUPPORTED,
            EntryCheck.GENESIS_DIFFERS,
            EntryCheck.TICK_BEFORE_FOUNDING,
            "outcome_differs",
            ""));
    for (String code : codes) {
      for (long i = 0; i < honest.size(); i++) {
        court.assertRejected("no_fault", court.entry(honest, code, i));
        for (long j = i + 1; j < honest.size(); j++) {
          court.assertRejected("no_fault", court.entry(honest, code, i, j));
          for (long k = j + 1; k < honest.size(); k++) {
            court.assertRejected("no_fault", court.entry(honest, code, i, j, k));
          }
        }
      }
    }
  }

  @Test
  void ledgerTimeMayStandAtTheFounding() {
    ByzantineLog log = court.log("alpha").tick(TestNetwork.FOUNDED_MILLIS).endState();
    court.assertRejected("no_fault", court.entry(log, EntryCheck.TICK_BEFORE_FOUNDING, 1L));
    court.assertRejected("no_fault", court.transition(log, 0, 2));
  }

  @Test
  void anEntryIsOnlyWhatTheSignedRootCovers() {
    ByzantineLog beta = court.log("beta", 3);
    Bytes junk = Bytes.utf8("junk");
    court.assertRejected("not_included", entryFile("encoding", 2, junk));
    court.assertRejected("not_included", entryFile("wrong_index", 2, honest.entry(3)));
    court.assertRejected("not_included", entryFile("transaction_invalid", 2, beta.entry(2)));
    court.assertRejected("not_included", entryFile("wrong_index", honest.size(), honest.entry(3)));
    court.assertRejected("not_included", entryFile("wrong_index", Long.MAX_VALUE, honest.entry(3)));
    court.assertRejected(
        "not_included",
        new EvidenceFile(
                networkId,
                new EvidenceFile.InvalidEntry(
                    honest.checkpoint().bytes(),
                    new EvidenceFile.Entries("encoding", List.of(), List.of())))
            .encode());
  }

  @Test
  void entriesStandInOrderAndOnce() {
    Offences.Offence offence =
        Offences.all(court).stream()
            .filter(it -> it.code().equals("sequence_used_twice"))
            .findFirst()
            .orElseThrow();
    ByzantineLog log = offence.log();
    List<Exhibit> exhibits = List.of(new Exhibit(2, log.entry(2)), new Exhibit(5, log.entry(5)));
    List<Hash> proof = Multiproof.build(log, log.size(), List.of(2L, 5L));
    assertEquals(offence.file(), entryFile(log, "sequence_used_twice", exhibits, proof));
    court.assertRejected(
        "not_included",
        entryFile(log, "sequence_used_twice", List.of(exhibits.get(1), exhibits.get(0)), proof));
    court.assertRejected(
        "not_included",
        entryFile(
            log,
            "sequence_used_twice",
            List.of(exhibits.get(0), exhibits.get(0), exhibits.get(1)),
            proof));
  }

  @Test
  void theCodeIsTheOneTheRulesGive() {
    for (Offences.Offence offence : Offences.all(court)) {
      if (offence.kind() == FaultKind.INVALID_ENTRY) {
        String wrong = offence.code().equals("encoding") ? "wrong_prev" : "encoding";
        Tampering.assertRejected(
            court.verifier, relabelled(offence.file(), wrong), offence + " as " + wrong);
      }
    }
  }

  private Bytes relabelled(Bytes file, String code) {
    try {
      EvidenceFile.InvalidEntry entry =
          (EvidenceFile.InvalidEntry) EvidenceFile.decode(file).content();
      Bytes relabelled =
          new EvidenceFile(
                  networkId,
                  new EvidenceFile.InvalidEntry(
                      entry.checkpoint(),
                      new EvidenceFile.Entries(
                          code, entry.shown().exhibits(), entry.shown().multiproof())))
              .encode();
      court.assertRejected("code_differs", relabelled);
      return relabelled;
    } catch (DecodeException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void nothingIsShownThatIsNotNeeded() {
    for (Offences.Offence offence : Offences.all(court)) {
      if (offence.kind() == FaultKind.INVALID_ENTRY) {
        assertEveryOtherSelectionIsRejected(offence);
      }
    }
  }

  /** Every entry more or less than the proof has. */
  private void assertEveryOtherSelectionIsRejected(Offences.Offence offence) {
    try {
      List<Long> needed =
          ((EvidenceFile.InvalidEntry) EvidenceFile.decode(offence.file()).content())
              .shown().exhibits().stream().map(Exhibit::index).toList();
      ByzantineLog log = offence.log();
      for (long index = 0; index < Math.min(log.size(), 12); index++) {
        List<Long> other = new ArrayList<>(needed);
        if (!other.remove(index)) {
          other.add(index);
          Collections.sort(other);
        }
        if (!other.isEmpty() && !other.get(other.size() - 1).equals(index)) {
          Bytes file = court.builder.invalidEntry(log.checkpoint(), offence.code(), other, log);
          Tampering.assertRejected(court.verifier, file, offence + " with entries " + other);
        }
      }
    } catch (DecodeException e) {
      throw new AssertionError(e);
    }
  }

  // INVALID_TRANSITION

  @Test
  void executionOfAnHonestLogGivesWhatIsLogged() {
    for (long[] batch : new long[][] {{0, 3}, {3, 5}, {5, 7}}) {
      for (long last = batch[0] + 1; last <= batch[1]; last++) {
        court.assertRejected("no_fault", court.transition(honest, batch[0], last));
      }
    }
  }

  @Test
  void aTransitionStartsAtAState() {
    // Executed from the middle of a batch, on the state of its start, an honest log looks wrong.
    ByzantineLog log = court.log("alpha").transaction(court.put("alpha", "a=1"));
    log.transaction(court.put("alpha", "a")).endState();
    StateWitness atStart = log.witness(0, 3);
    court.assertRejected("not_from_state", transition(log, 1, 2, atStart));
    court.assertRejected(
        "no_batch", transition(log, 0, 0, StateWitness.ofKeys(log.stateAfter(0), List.of())));
  }

  @Test
  void theStateIsTheOneThatWasSigned() {
    // The same entries on any other state, richer, poorer, older or newer, look wrong.
    for (long state : new long[] {0, 5, 7}) {
      court.assertRejected(
          "witness_wrong_root",
          transition(honest, 3, 5, honest.witness(honest.stateAfter(state), 3, 5)));
    }
    StateTree richer = honest.stateAfter(3).put(Bytes.utf8("\u0001key1"), Bytes.utf8("much more"));
    court.assertRejected(
        "witness_wrong_root", transition(honest, 3, 5, honest.witness(richer, 3, 5)));
  }

  @Test
  void theEntriesAreContiguousAndAllThere() {
    ByzantineLog log = court.log("alpha").transaction(court.put("alpha", "a=1"));
    log.transaction(court.put("alpha", "a")).endState();
    StateWitness witness = log.witness(0, 3);
    List<Hash> proof = Multiproof.buildRange(log, log.size(), 0, 4);
    List<Bytes> all = List.of(log.entry(0), log.entry(1), log.entry(2), log.entry(3));
    court.assertRejected("no_fault", transition(log, 0, all, proof, witness));
    court.assertRejected(
        "not_included",
        transition(log, 0, List.of(all.get(0), all.get(2), all.get(3)), proof, witness));
    court.assertRejected(
        "not_included",
        transition(
            log, 0, List.of(all.get(0), all.get(2), all.get(1), all.get(3)), proof, witness));
    court.assertRejected(
        "not_included",
        transition(
            log,
            0,
            List.of(all.get(0), all.get(2)),
            Multiproof.build(log, log.size(), List.of(0L, 2L)),
            witness));
    court.assertRejected("bad_index", transition(log, Long.MAX_VALUE, all, proof, witness));
    court.assertRejected("not_included", transition(log, 1, all, proof, witness));
  }

  @Test
  void aTransitionEndsWhereLogAndExecutionPart() {
    ByzantineLog lie = court.log("alpha", 1);
    Statement statement = court.put("alpha", "a=b");
    lie.execute(statement);
    lie.body(
        new TransactionEntry(
            statement.encoded(), TransactionOutcome.executed(Bytes.utf8("lost")).encode()));
    lie.transaction(court.put("alpha", "c=d")).endState();
    court.assertProven(
        court.transition(lie, 3, 4), "alpha", FaultKind.INVALID_TRANSITION, "outcome_differs", 4);
    court.assertRejected("superfluous_entries", transition(lie, 3, 5, lie.witness(3, 4)));
    court.assertRejected("superfluous_entries", transition(lie, 3, 6, lie.witness(3, 4)));
    court.assertRejected("more_than_a_batch", transition(lie, 0, 4, lie.witness(0, 4)));
  }

  @Test
  void theWitnessDisclosesExactlyWhatExecutionLooksAt() {
    ByzantineLog lie = court.log("alpha", 2);
    Statement statement = court.put("alpha", "key0");
    lie.execute(statement);
    lie.body(
            new TransactionEntry(
                statement.encoded(), TransactionOutcome.executed(Bytes.utf8("lost")).encode()))
        .endState();
    court.assertProven(
        court.transition(lie, 5, 6), "alpha", FaultKind.INVALID_TRANSITION, "outcome_differs", 6);
    StateTree base = lie.stateAfter(5);
    court.assertRejected("incomplete", transition(lie, 5, 6, StateWitness.ofKeys(base, List.of())));
    court.assertRejected(
        "incomplete",
        transition(lie, 5, 6, StateWitness.ofKeys(base, List.of(Bytes.utf8("\u0001key1")))));
    AccessLog more = new AccessLog(base);
    more.state().scan(Bytes.EMPTY, null, 1_000);
    court.assertRejected("superfluous_state", transition(lie, 5, 6, more.witness()));
  }

  @Test
  void whatShowsWithoutStateIsAnotherKind() {
    ByzantineLog log = court.log("alpha");
    byte[] forged = court.put("alpha", "a=b").encoded().toArray();
    forged[forged.length - 1] ^= 1;
    log.body(new TransactionEntry(Bytes.wrap(forged), Bytes.EMPTY)).endState(OTHER);
    StateWitness witness = log.witness(0, 1);
    court.assertRejected("entry_invalid", transition(log, 0, 1, witness));
    court.assertRejected("entry_invalid", transition(log, 0, 2, witness));
    ByzantineLog crowded = court.log("alpha");
    for (int i = 0; i < 32; i++) {
      crowded.transaction(court.put("alpha", "k" + i + "=v"));
    }
    court.assertRejected(
        "entry_invalid", transition(crowded.endState(OTHER), 0, 33, crowded.witness(0, 33)));
  }

  // Programs

  @Test
  void withoutTheRulesThatTheGenesisNamesOnlyAForkIsProven() {
    EvidenceVerifier without = new EvidenceVerifier(court.network.genesis(), Map.of());
    for (Offences.Offence offence : Offences.all(court)) {
      Verification verification = without.verify(offence.file());
      if (offence.kind() == FaultKind.FORK) {
        assertTrue(verification instanceof Verification.Proven, offence.name());
      } else {
        // Which entries there may be, and how large, is itself a rule with a version.
        assertEquals("unknown_program", ((Verification.Rejected) verification).code());
      }
    }
  }

  @Test
  void refusesAProgramUnderAForeignId() {
    assertThrows(
        IllegalArgumentException.class,
        () -> new EvidenceVerifier(court.network.genesis(), Map.of(OTHER, court.program)));
  }

  @Test
  void aProgramThatFailsConvictsNobody() {
    assertProgramRejects(
        "execution_failed",
        context -> {
          throw new IllegalStateException("a bug");
        });
    assertProgramRejects("execution_failed", FramingTest::recurse);
  }

  private static void recurse(Context context) {
    if (context.nowMillis() > 0) {
      recurse(context);
    }
    context.rollback();
  }

  @Test
  void aProgramThatSwallowsTheEndOfTheWitnessConvictsNobody() {
    assertProgramRejects(
        "incomplete",
        context -> {
          try {
            context.state().get(Bytes.utf8("what the witness does not disclose"));
          } catch (RuntimeException swallowed) {
            context.state().put(Bytes.utf8("x"), Bytes.utf8("y"));
          }
        });
  }

  @Test
  void aProgramThatNeverEndsIsStopped() {
    assertTimeoutPreemptively(
        Duration.ofSeconds(20),
        () ->
            assertProgramRejects(
                "incomplete",
                context -> {
                  while (true) {
                    context.state().get(Bytes.utf8("key0"));
                  }
                }));
  }

  private interface Bug {
    void run(Context context);
  }

  /** An honest log, judged by software whose program has a bug. */
  private void assertProgramRejects(String code, Bug bug) {
    Program buggy =
        new ObjectStore() {
          @Override
          public Bytes execute(Submission submission, Context context) {
            bug.run(context);
            return Bytes.utf8("something else");
          }
        };
    EvidenceVerifier verifier =
        new EvidenceVerifier(court.network.genesis(), Map.of(buggy.id(), buggy));
    ByzantineLog log = court.log("alpha", 1).transaction(court.put("alpha", "key0")).endState();
    Verification verification = verifier.verify(court.transition(log, 3, 4));
    assertEquals(code, ((Verification.Rejected) verification).code());
  }

  @Test
  void aStateThatClaimsAnythingCannotKeepAVerifierBusy() {
    // alpha and beta collude: 2^61 SENDs open in the one state, as many received in the other.
    ByzantineLog alpha = court.log("alpha");
    ByzantineLog beta = court.log("beta");
    Bytes open = Machine.systemKey(Bytes.wrap(prefixed('o', new ChannelId("beta"))));
    alpha.state().put(open, new CborWriter().array(2).uint(1L << 62).uint(0).toBytes());
    alpha.endState();
    Bytes received = Machine.systemKey(SystemState.receivedKey(new ChannelId("alpha")));
    beta.state().put(received, new CborWriter().uint(1L << 61).toBytes());
    AckEntry ack = beta.endState().ackFor(alpha.machine());
    alpha.acknowledge(ack).endState(OTHER);
    assertTimeoutPreemptively(
        Duration.ofSeconds(5),
        () ->
            court.assertProven(
                court.transition(alpha, 1, 3),
                "alpha",
                FaultKind.INVALID_TRANSITION,
                "state_root_differs",
                3));
  }

  private static byte[] prefixed(char kind, ChannelId channel) {
    byte[] key = SystemState.receivedKey(channel).toArray();
    key[0] = (byte) kind;
    return key;
  }

  // Around it

  @Test
  void aKindIsNotAnother() throws Exception {
    for (Offences.Offence offence : Offences.all(court)) {
      byte[] file = offence.file().toArray();
      int at = 1 + 1 + 2 + Hash.BYTES;
      assertEquals(offence.kind().code(), file[at]);
      for (int kind = 0; kind < 24; kind++) {
        if (kind != offence.kind().code()) {
          file[at] = (byte) kind;
          Tampering.assertRejected(
              court.verifier, Bytes.of(file), offence + " relabelled as " + kind);
        }
      }
    }
  }

  @Test
  void theEnvelopeOfAFileHasOneForm() {
    byte[] file =
        court
            .builder
            .fork(honest.sign(new TreeHead(honest.size(), OTHER)), honest.checkpoint())
            .toArray();
    int at = 1 + 1 + 2 + Hash.BYTES + 1;
    assertEquals((byte) 0x80, file[at]);
    byte[] withDecision = new byte[file.length + 1];
    System.arraycopy(file, 0, withDecision, 0, at);
    withDecision[at] = (byte) 0x81;
    withDecision[at + 1] = 0;
    System.arraycopy(file, at + 1, withDecision, at + 2, file.length - at - 1);
    court.assertRejected("cbor_unexpected_type", Bytes.wrap(withDecision));
    file[1] = 2;
    court.assertRejected("unknown_version", Bytes.wrap(file));
    file[1] = 1;
    file[at - 1] = 9;
    court.assertRejected("unknown_kind", Bytes.wrap(file));
  }

  @Test
  void verdictsDoNotDependOnWhoAsksOrHowOften() {
    Court fresh = new Court();
    for (Offences.Offence offence : Offences.all(court)) {
      Verification.Proven once = (Verification.Proven) court.verifier.verify(offence.file());
      Verification.Proven again = (Verification.Proven) fresh.verifier.verify(offence.file());
      assertEquals(once.evidence().faultId(), again.evidence().faultId());
      assertEquals(once.explanation(), again.explanation());
      assertTrue(
          Stream.of(once.explanation().logged(), once.explanation().expected())
              .noneMatch(String::isBlank));
    }
  }

  private Bytes fork(SignedCheckpoint smaller, SignedCheckpoint larger, List<Hash> path) {
    return new EvidenceFile(networkId, new EvidenceFile.Fork(smaller.bytes(), larger.bytes(), path))
        .encode();
  }

  /** One exhibit, with the inclusion proof of whatever the honest log has there. */
  private Bytes entryFile(String code, long index, Bytes bytes) {
    long proven = Math.min(index, honest.size() - 1);
    return entryFile(
        honest,
        code,
        List.of(new Exhibit(index, bytes)),
        Multiproof.build(honest, honest.size(), List.of(proven)));
  }

  private Bytes entryFile(
      ByzantineLog log, String code, List<Exhibit> exhibits, List<Hash> multiproof) {
    return new EvidenceFile(
            networkId,
            new EvidenceFile.InvalidEntry(
                log.checkpoint().bytes(), new EvidenceFile.Entries(code, exhibits, multiproof)))
        .encode();
  }

  private Bytes transition(ByzantineLog log, long first, long last, StateWitness witness) {
    return court.builder.invalidTransition(log.checkpoint(), first, last, log, witness);
  }

  private Bytes transition(
      ByzantineLog log,
      long first,
      List<Bytes> entries,
      List<Hash> multiproof,
      StateWitness witness) {
    return new EvidenceFile(
            networkId,
            new EvidenceFile.InvalidTransition(
                log.checkpoint().bytes(),
                new EvidenceFile.Batch(first, entries, multiproof, witness.encoded())))
        .encode();
  }
}
