package org.probity.detector.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.probity.detector.Seeded;
import org.probity.detector.codec.Bytes;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.Replay;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.Statement;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.evidence.ByzantineLog;
import org.probity.detector.evidence.Court;
import org.probity.detector.evidence.EvidenceVerifier;
import org.probity.detector.evidence.FaultId;
import org.probity.detector.evidence.FaultKind;
import org.probity.detector.evidence.Verification;
import org.probity.detector.governance.Parameters;
import org.probity.detector.log.Entry;
import org.probity.detector.log.EntryType;
import org.probity.detector.log.Frontier;
import org.probity.detector.log.LogReader;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.TickEntry;
import org.probity.detector.log.TransactionEntry;
import org.probity.detector.node.ObjectStore;
import org.probity.detector.node.TestNetwork;
import org.probity.detector.program.Transaction;
import org.probity.detector.program.TransactionOutcome;
import org.probity.detector.trust.Trust;
import org.probity.detector.trust.Verdict;

/**
 * protocol.md §1: nothing a model outputs can create, weaken or alter a verdict. The same recorded
 * logs of six wards, three of them faulty, come to the same witness with every kind of scorer: real
 * replicas, audits, schedule, verifier and trust. When a fault is found differs; what is found does
 * not.
 */
class ScoresCannotMatterTest {
  private static final int CASES = 12;
  private static final List<String> HONEST = List.of("ash", "birch", "cedar");

  /** Pays with what it does not have: an outcome that execution does not give. */
  private static final String OVERDRAWN = "dodger";

  /** Turns its clock back: an entry that needs no execution. */
  private static final String BACKWARDS = "elder";

  /** Signs two histories. */
  private static final String FORKED = "fork";

  private static final Set<String> CULPRITS = Set.of(OVERDRAWN, BACKWARDS, FORKED);
  private static final AuditBudget BUDGET = AuditBudget.of(2, 32, 32);

  private enum Scorer {
    OFF,
    /** As a good model would. */
    ON,
    CONSTANT,
    RANDOM,
    /** Starves the culprits and favours everybody else. */
    ADVERSARIAL,
    NOT_A_NUMBER,
    THROWING;

    Priority score(String ward, SplittableRandom random) {
      return switch (this) {
        case OFF -> Priority.NONE;
        case ON -> Priority.of(CULPRITS.contains(ward) ? 12 : 1);
        case CONSTANT -> Priority.of(20);
        case RANDOM -> Priority.of(random.nextDouble(-5, 25));
        case ADVERSARIAL -> Priority.of(CULPRITS.contains(ward) ? -20 : 20);
        case NOT_A_NUMBER -> Priority.of(Double.NaN);
        case THROWING ->
            Priority.from(
                () -> {
                  throw new IllegalStateException("no model");
                });
      };
    }
  }

  /** What came to the witness, in order. */
  private sealed interface Event {
    String ward();

    /** The ward's log, from where the witness has it up to a checkpoint. */
    record Growth(String ward, SignedCheckpoint upTo) implements Event {}

    /** Somebody shows a checkpoint. */
    record Shown(String ward, SignedCheckpoint checkpoint) implements Event {}
  }

  /** What the wards have logged, and what of it came between two rounds. */
  private static final class Recording {
    final TestNetwork network;
    final ObjectStore program = new ObjectStore();
    final Map<String, ByzantineLog> logs = new TreeMap<>();
    final List<List<Event>> steps = new ArrayList<>();
    private final Map<String, List<SignedCheckpoint>> checkpoints = new TreeMap<>();
    private long ids;

    Recording(SplittableRandom random) {
      List<String> names = new ArrayList<>(HONEST);
      names.addAll(List.of(OVERDRAWN, BACKWARDS, FORKED));
      network =
          TestNetwork.of(
              Parameters.of(1, 2), program.id(), Bytes.EMPTY, names.toArray(String[]::new));
      for (String name : names) {
        write(random, name);
      }
      SignedCheckpoint other = otherHistory(random);
      mix(random, other);
    }

    private void write(SplittableRandom random, String name) {
      Machine machine = new Machine(network.genesis(), network.node(name), program);
      ByzantineLog log = new ByzantineLog(network, machine).genesis();
      List<SignedCheckpoint> signed = new ArrayList<>();
      signed.add(log.checkpoint());
      int batches = 15 + random.nextInt(15);
      int faulty = random.nextInt(batches);
      for (int batch = 0; batch < batches; batch++) {
        log.tick(TestNetwork.FOUNDED_MILLIS + 10 + batch);
        int transactions = 1 + random.nextInt(9);
        for (int i = 0; i < transactions; i++) {
          log.transaction(put(name, random));
        }
        if (batch == faulty && name.equals(OVERDRAWN)) {
          Statement statement = put(name, random);
          log.execute(statement);
          TransactionOutcome made = TransactionOutcome.executed(Bytes.utf8("made up"));
          log.body(new TransactionEntry(statement.encoded(), made.encode()));
        } else if (batch == faulty && name.equals(BACKWARDS)) {
          log.endState().body(new TickEntry(TestNetwork.FOUNDED_MILLIS + 1));
        }
        log.endState();
        signed.add(log.checkpoint());
      }
      logs.put(name, log);
      checkpoints.put(name, signed);
    }

    private Statement put(String node, SplittableRandom random) {
      Bytes id = Transaction.clientId(TestNetwork.FOUNDED_MILLIS + 60_000, ids++);
      Bytes body = Bytes.utf8("key" + random.nextInt(9) + "=" + "v".repeat(random.nextInt(40)));
      return Statement.sign(
          network.genesis().networkId(),
          Transaction.TYP,
          new Transaction(node, id, Bytes.utf8("c"), body).encode(),
          Court.CLIENT);
    }

    private SignedCheckpoint otherHistory(SplittableRandom random) {
      List<SignedCheckpoint> signed = checkpoints.get(FORKED);
      long common = signed.get(random.nextInt(signed.size() - 1)).size();
      ByzantineLog other = logs.get(FORKED).fork(network, common);
      other.tick(TestNetwork.FOUNDED_MILLIS + 5_000).endState();
      return other.checkpoint();
    }

    /** Each log in its order, all of them mixed; more at once than two slots can take. */
    private void mix(SplittableRandom random, SignedCheckpoint other) {
      Map<String, Integer> next = new TreeMap<>();
      List<String> open = new ArrayList<>(checkpoints.keySet());
      while (!open.isEmpty()) {
        List<Event> step = new ArrayList<>();
        for (String ward : List.copyOf(open)) {
          int skipped = random.nextInt(5);
          if (skipped > 0) {
            List<SignedCheckpoint> signed = checkpoints.get(ward);
            int at = Math.min(signed.size() - 1, next.getOrDefault(ward, -1) + skipped);
            next.put(ward, at);
            step.add(new Event.Growth(ward, signed.get(at)));
            if (at == signed.size() - 1) {
              open.remove(ward);
            }
          }
        }
        steps.add(step);
      }
      steps.get(random.nextInt(steps.size())).add(new Event.Shown(FORKED, other));
    }
  }

  /** What is held for proven in the end, and how it came to that. */
  private record Outcome(
      Map<String, Verdict> verdicts, List<FaultId> faults, List<AuditSlot> slots) {}

  /** One witness of all wards. */
  private static final class Witness {
    private final Recording recording;
    private final Scorer scorer;
    private final SplittableRandom random;
    private final AuditSchedule schedule;
    private final EvidenceVerifier verifier;
    private final StatementVerifier statements;
    private final Trust trust = new Trust();
    private final Map<String, Ward> wards = new TreeMap<>();
    private final List<AuditSlot> slots = new ArrayList<>();

    private static final class Ward {
      final Replica replica;
      final ConformanceAudit audit;
      final LogReader log;
      SignedCheckpoint newest;

      Ward(Replica replica, ConformanceAudit audit, ByzantineLog log) {
        this.replica = replica;
        this.audit = audit;
        this.log = log;
        this.newest = log.checkpoint(1);
      }
    }

    Witness(
        Recording recording,
        Scorer scorer,
        SplittableRandom random,
        BiFunction<AuditBudget, Bytes, AuditSchedule> make) {
      this.recording = recording;
      this.scorer = scorer;
      this.random = random;
      // The same secret in all variants: what differs is the scores' doing.
      this.schedule = make.apply(BUDGET, Bytes.wrap(new byte[AuditSchedule.SECRET_BYTES]));
      this.verifier =
          new EvidenceVerifier(
              recording.network.genesis(), Map.of(recording.program.id(), recording.program));
      this.statements =
          new StatementVerifier(SignatureRule.fastest(), recording.network.genesis().networkId());
      recording.logs.forEach(
          (name, log) ->
              wards.put(
                  name,
                  new Ward(
                      new Replica(
                          log.machine().origin(),
                          recording.network.node(name).logKey(),
                          SignatureRule.fastest(),
                          Frontier.EMPTY),
                      new ConformanceAudit(log.machine()),
                      log)));
    }

    Outcome run() {
      for (List<Event> step : recording.steps) {
        step.forEach(this::take);
        round();
      }
      // Nothing comes any more: by the theorem all of it is audited within the bound.
      for (long left = schedule.boundRounds(); left > 0; left--) {
        round();
      }
      assertEquals(List.of(), schedule.round(), "not quiescent under " + scorer);
      Map<String, Verdict> verdicts = new TreeMap<>();
      wards.keySet().forEach(ward -> verdicts.put(ward, trust.verdict(ward)));
      return new Outcome(
          verdicts, trust.proofs().stream().map(it -> it.faultId()).sorted().toList(), slots);
    }

    private void take(Event event) {
      Ward ward = wards.get(event.ward());
      if (event instanceof Event.Shown shown) {
        ward.replica
            .judge(shown.checkpoint(), ward.newest, ward.log)
            .candidate()
            .ifPresent(this::learn);
        return;
      }
      SignedCheckpoint upTo = ((Event.Growth) event).upTo();
      List<Bytes> entries = new ArrayList<>();
      for (long index = ward.replica.size(); index < upTo.size(); index++) {
        entries.add(ward.log.entry(index));
      }
      long from = ward.replica.size();
      Replica.Growth.Extends growth = (Replica.Growth.Extends) ward.replica.grow(upTo, entries);
      ward.newest = upTo;
      for (SignedCheckpoint reached : ward.replica.stored(growth)) {
        ward.replica.judge(reached, upTo, ward.log).candidate().ifPresent(this::learn);
      }
      for (int i = 0; i < entries.size(); i++) {
        if (Entry.typeOf(entries.get(i)).equals(Optional.of(EntryType.STATE))) {
          schedule.arrived(event.ward(), from + i + 1);
        }
      }
      schedule.arrived(event.ward(), upTo.size());
    }

    private void round() {
      wards.keySet().forEach(ward -> schedule.priority(ward, scorer.score(ward, random)));
      for (AuditSlot slot : schedule.round()) {
        slots.add(slot);
        Ward ward = wards.get(slot.ward());
        while (ward.audit.goesOn() && ward.audit.nextIndex() < slot.toIndex()) {
          Bytes entry = ward.log.entry(ward.audit.nextIndex());
          ward.audit.feed(Replay.prepare(entry, slot.ward(), statements));
        }
        ward.audit
            .finding()
            .flatMap(finding -> finding.prove(ward.newest, ward.log, verifier).evidence())
            .ifPresent(trust::learn);
        schedule.done(slot.ward(), slot.toIndex(), ward.audit.finding().isEmpty());
      }
    }

    private void learn(Bytes candidate) {
      if (verifier.verify(candidate) instanceof Verification.Proven proven) {
        trust.learn(proven.evidence());
      }
    }
  }

  private static Map<Scorer, Outcome> outcomes(
      Recording recording, long seed, BiFunction<AuditBudget, Bytes, AuditSchedule> make) {
    Map<Scorer, Outcome> outcomes = new EnumMap<>(Scorer.class);
    for (Scorer scorer : Scorer.values()) {
      outcomes.put(scorer, new Witness(recording, scorer, new SplittableRandom(seed), make).run());
    }
    return outcomes;
  }

  private static List<String> order(Outcome outcome) {
    return outcome.slots().stream().map(slot -> slot.ward() + slot.fromIndex()).toList();
  }

  @Test
  void theSameFaultsAreProvenWhateverTheScoresAre() {
    Map<Scorer, Integer> differing = new EnumMap<>(Scorer.class);
    Seeded.run(
        CASES,
        random -> {
          Recording recording = new Recording(random);
          Map<Scorer, Outcome> outcomes =
              outcomes(recording, random.nextLong(), AuditSchedule::create);
          Outcome off = outcomes.get(Scorer.OFF);
          for (String ward : recording.logs.keySet()) {
            assertEquals(
                CULPRITS.contains(ward) ? Verdict.EXPOSED : Verdict.TRUSTED,
                off.verdicts().get(ward),
                ward);
          }
          assertEquals(
              Set.of(FaultKind.FORK, FaultKind.INVALID_ENTRY, FaultKind.INVALID_TRANSITION),
              Set.copyOf(off.faults().stream().map(FaultId::kind).toList()));
          outcomes.forEach(
              (scorer, outcome) -> {
                assertEquals(off.verdicts(), outcome.verdicts(), () -> scorer + "");
                assertEquals(off.faults(), outcome.faults(), () -> scorer + "");
                if (!order(off).equals(order(outcome))) {
                  differing.merge(scorer, 1, Integer::sum);
                }
              });
        });
    System.out.println("cases of " + CASES + " where the order of audits differs: " + differing);
    // Or the test would show nothing.
    for (Scorer scorer : List.of(Scorer.ON, Scorer.CONSTANT, Scorer.RANDOM, Scorer.ADVERSARIAL)) {
      assertTrue(differing.containsKey(scorer), scorer + " has never changed the order");
    }
    for (Scorer silent : List.of(Scorer.NOT_A_NUMBER, Scorer.THROWING)) {
      assertEquals(0, differing.getOrDefault(silent, 0), silent + " counts as no score");
    }
  }

  /** A ward that is not suspected loses its floor slots to those that are. */
  private static AuditSchedule dropping(AuditBudget budget, Bytes secret) {
    return new AuditSchedule(budget, secret) {
      private final Map<String, Double> scores = new TreeMap<>();

      @Override
      public void priority(String ward, Priority priority) {
        scores.put(ward, priority.value());
        super.priority(ward, priority);
      }

      @Override
      public List<AuditSlot> round() {
        Collection<Double> all = scores.values();
        boolean isAnySuspected = all.stream().anyMatch(score -> score > budget.scoreThreshold());
        List<AuditSlot> kept = new ArrayList<>();
        for (AuditSlot slot : super.round()) {
          boolean isSuspected = scores.getOrDefault(slot.ward(), 0.0) > budget.scoreThreshold();
          if (slot.lane() == AuditLane.FLOOR && isAnySuspected && !isSuspected) {
            done(slot.ward(), slot.toIndex(), true);
          } else {
            kept.add(slot);
          }
        }
        return kept;
      }
    };
  }

  @Test
  void aScheduleThatDropsAFloorSlotForAScoreIsCaught() {
    Recording recording = new Recording(new SplittableRandom(1));

    Map<Scorer, Outcome> outcomes = outcomes(recording, 1, ScoresCannotMatterTest::dropping);

    assertNotEquals(outcomes.get(Scorer.OFF).faults(), outcomes.get(Scorer.ADVERSARIAL).faults());
    assertNotEquals(
        outcomes.get(Scorer.OFF).verdicts(), outcomes.get(Scorer.ADVERSARIAL).verdicts());
  }
}
