package org.probity.detector.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.probity.detector.Seeded;
import org.probity.detector.codec.Bytes;
import org.probity.detector.commitment.Replay;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.evidence.EntryCheck;
import org.probity.detector.evidence.EvidenceBuilder;
import org.probity.detector.evidence.EvidenceVerifier;
import org.probity.detector.evidence.Tampering;
import org.probity.detector.log.EntryFault;
import org.probity.detector.log.Frontier;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.node.MemoryLog;
import org.probity.detector.node.TestConsortium;
import org.probity.detector.state.AccessLog;
import org.probity.detector.state.StateTree;
import org.probity.detector.state.StateWitness;

/**
 * protocol.md §1, accuracy: whatever correct nodes do, their witnesses find nothing, and whatever
 * anybody assembles of what they signed, the verifier rejects.
 */
class AccuracyTest {
  private static final List<String> CODES = codes();

  private static List<String> codes() {
    List<String> codes = new ArrayList<>();
    Stream.of(EntryFault.values()).map(EntryFault::code).forEach(codes::add);
    codes.add(EntryCheck.TRANSACTION_INVALID);
    codes.add(EntryCheck.TYPE_UNSUPPORTED);
    codes.add(EntryCheck.GENESIS_DIFFERS);
    codes.add(EntryCheck.TICK_BEFORE_FOUNDING);
    return codes;
  }

  @Test
  void correctNodesAreFoundCorrectAndCannotBeFramed() {
    Seeded.run(
        10,
        random -> {
          TestConsortium consortium = RandomLogs.consortium(random);
          for (String node : RandomLogs.NODES) {
            new Witness(consortium, node).follow(random);
          }
        });
  }

  /** A witness of one node, who tries everything. */
  private static final class Witness {
    private final TestConsortium consortium;
    private final TestConsortium.Member ward;
    private final EvidenceVerifier verifier;
    private final EvidenceBuilder builder;
    private final Replica replica;
    private final MemoryLog held = new MemoryLog();
    private final Map<Long, StateTree> states = new TreeMap<>();

    Witness(TestConsortium consortium, String node) {
      this.consortium = consortium;
      this.ward = consortium.member(node);
      this.verifier =
          new EvidenceVerifier(
              consortium.network().genesis(),
              Map.of(ward.machine().program().id(), ward.machine().program()));
      this.builder = new EvidenceBuilder(consortium.network().genesis().networkId());
      this.replica =
          new Replica(
              ward.machine().origin(),
              consortium.network().node(node).logKey(),
              SignatureRule.fastest(),
              Frontier.EMPTY);
    }

    void follow(SplittableRandom random) {
      ConformanceAudit audit = new ConformanceAudit(ward.machine());
      List<SignedCheckpoint> checkpoints = ward.log().checkpoints();
      for (SignedCheckpoint checkpoint : checkpoints) {
        List<Bytes> entries = new ArrayList<>();
        for (long index = held.size(); index < checkpoint.size(); index++) {
          entries.add(ward.log().entry(index));
        }
        Replica.Growth.Extends growth =
            assertInstanceOf(Replica.Growth.Extends.class, replica.grow(checkpoint, entries));
        held.append(growth.append());
        for (SignedCheckpoint reached : replica.stored(growth)) {
          assertHarmless(reached, checkpoint);
        }
        assertHarmless(RandomLogs.pick(random, checkpoints), checkpoint);
        for (Bytes entry : entries) {
          assertEquals(Optional.empty(), audit.feed(prepare(entry)));
          if (audit.auditedSize() == audit.nextIndex()) {
            states.put(audit.auditedSize() - 1, audit.auditedState());
          }
        }
      }
      assertEquals(0, audit.lagEntries(held.size()));
      for (int attempt = 0; attempt < 60; attempt++) {
        frame(random, RandomLogs.pick(random, checkpoints));
      }
    }

    private void assertHarmless(SignedCheckpoint checkpoint, SignedCheckpoint newest) {
      Replica.Judged judged = replica.judge(checkpoint, newest, held);
      assertEquals(Optional.empty(), judged.candidate());
      assertEquals(
          checkpoint.size() <= newest.size()
              ? Replica.Comparison.CONSISTENT
              : Replica.Comparison.AHEAD,
          judged.comparison());
    }

    private void frame(SplittableRandom random, SignedCheckpoint checkpoint) {
      Bytes file =
          switch (random.nextInt(3)) {
            case 0 -> fork(random, checkpoint);
            case 1 -> entry(random, checkpoint);
            default -> transition(random, checkpoint);
          };
      Tampering.assertRejected(verifier, file, "an honest log");
    }

    private Bytes fork(SplittableRandom random, SignedCheckpoint checkpoint) {
      SignedCheckpoint other = RandomLogs.pick(random, ward.log().checkpoints());
      boolean inOrder = other.size() <= checkpoint.size();
      return builder.fork(inOrder ? other : checkpoint, inOrder ? checkpoint : other, held);
    }

    private Bytes entry(SplittableRandom random, SignedCheckpoint checkpoint) {
      TreeSet<Long> indices = new TreeSet<>();
      int count = 1 + random.nextInt(4);
      for (int i = 0; i < count; i++) {
        indices.add(random.nextLong(checkpoint.size()));
      }
      return builder.invalidEntry(
          checkpoint, RandomLogs.pick(random, CODES), List.copyOf(indices), held);
    }

    private Bytes transition(SplittableRandom random, SignedCheckpoint checkpoint) {
      List<Long> starts = states.keySet().stream().filter(at -> at < checkpoint.size()).toList();
      // Mostly from a STATE, with its own state or another one.
      long first =
          random.nextInt(5) > 0
              ? RandomLogs.pick(random, starts)
              : random.nextLong(checkpoint.size());
      long last = Math.min(checkpoint.size() - 1, first + random.nextInt(40));
      long stateAt =
          random.nextBoolean() && states.containsKey(first)
              ? first
              : RandomLogs.pick(random, List.copyOf(states.keySet()));
      return builder.invalidTransition(
          checkpoint, first, last, held, witness(states.get(stateAt), first, last));
    }

    private StateWitness witness(StateTree base, long first, long last) {
      AccessLog log = new AccessLog(base);
      Replay replay = new Replay(ward.machine(), log.state());
      for (long index = first + 1; index <= last; index++) {
        if (replay.feed(prepare(held.entry(index))).isPresent()) {
          break;
        }
      }
      return log.witness();
    }

    private Replay.Prepared prepare(Bytes entry) {
      return Replay.prepare(entry, ward.machine().self().node(), consortium.verifier());
    }
  }
}
