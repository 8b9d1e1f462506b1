package org.probity.detector.audit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.probity.detector.node.TestNetwork.FOUNDED_MILLIS;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.probity.detector.Seeded;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.Replay;
import org.probity.detector.crypto.Hash;
import org.probity.detector.evidence.ByzantineLog;
import org.probity.detector.evidence.Evidence;
import org.probity.detector.evidence.EvidenceVerifier;
import org.probity.detector.evidence.Tampering;
import org.probity.detector.log.BatchLimits;
import org.probity.detector.log.Entry;
import org.probity.detector.log.EntryBody;
import org.probity.detector.log.EntryType;
import org.probity.detector.log.SendEntry;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.StateEntry;
import org.probity.detector.log.TickEntry;
import org.probity.detector.log.TransactionEntry;
import org.probity.detector.node.MemoryLog;
import org.probity.detector.node.TestConsortium;
import org.probity.detector.program.TransactionOutcome;

/**
 * protocol.md §1, completeness: a log that was honest up to one entry is proven wrong at exactly
 * that entry, however well the rest is chained and signed.
 */
class CompletenessTest {

  /** What a Byzantine node does to one entry. */
  private enum Lie {
    OUTCOME(EntryType.TRANSACTION),
    FORGED_SIGNATURE(EntryType.TRANSACTION),
    EXECUTED_TWICE(EntryType.TRANSACTION),
    PAYLOAD(EntryType.SEND),
    ADDRESSEE(EntryType.SEND),
    SEQUENCE_SKIPPED(EntryType.SEND),
    DROPPED(EntryType.SEND),
    SENT_TWICE(EntryType.SEND),
    ROOT(EntryType.STATE),
    PREVIOUS(EntryType.STATE),
    LENGTH(EntryType.STATE),
    BACKWARDS(EntryType.TICK),
    BEFORE_THE_FOUNDING(EntryType.TICK),
    RECEIVED_TWICE(EntryType.RECEIVE),
    ACKNOWLEDGED_TWICE(EntryType.ACK),
    GARBAGE(null),
    INDEX(null),
    CHAIN(null),
    SECOND_GENESIS(null),
    MADE_UP_SEND(EntryType.STATE);

    private final @Nullable EntryType type;

    Lie(@Nullable EntryType type) {
      this.type = type;
    }

    boolean appliesTo(Entry entry) {
      if (this == EXECUTED_TWICE) {
        return entry.body() instanceof TransactionEntry transaction && wasExecuted(transaction);
      }
      return type == null ? entry.index() > 0 : entry.type() == type;
    }
  }

  private final Map<Lie, Integer> told = new EnumMap<>(Lie.class);

  @Test
  void everyLieIsProvenWhereItWasTold() {
    Seeded.run(
        20,
        random -> {
          TestConsortium consortium = RandomLogs.consortium(random);
          for (Lie lie : Lie.values()) {
            for (String node : RandomLogs.NODES) {
              tell(random, consortium, node, lie);
            }
          }
        });
    if (System.getProperty("probity.seed", "").isEmpty()) {
      for (Lie lie : Lie.values()) {
        assertEquals(true, told.containsKey(lie), lie + " was never told");
      }
    }
  }

  private void tell(SplittableRandom random, TestConsortium consortium, String node, Lie lie) {
    List<Entry> honest = entries(consortium.member(node).log());
    List<Entry> targets = honest.stream().filter(lie::appliesTo).toList();
    if (targets.isEmpty()) {
      return;
    }
    told.merge(lie, 1, Integer::sum);
    long target = RandomLogs.pick(random, targets).index();
    ByzantineLog log = new ByzantineLog(consortium.network(), consortium.member(node).machine());
    long faultAt = -1;
    long lastTick = 0;
    for (Entry entry : honest) {
      if (entry.index() == target) {
        faultAt = new Liar(random, log, lastTick).tell(lie, entry);
      } else {
        lastTick = entry.body() instanceof TickEntry tick ? tick.millis() : lastTick;
        honestly(log, entry.body());
      }
    }
    assertProven(random, consortium, node, log, faultAt, lie);
  }

  private static void honestly(ByzantineLog log, EntryBody body) {
    if (body instanceof StateEntry state) {
      log.endState(state.stateRoot());
    } else {
      log.body(body);
      if (body.type() == EntryType.GENESIS) {
        log.endBatch();
      }
    }
  }

  /** Writes one lie; the chain around it is right. */
  private record Liar(SplittableRandom random, ByzantineLog log, long lastTick) {
    /** Where the first wrong entry is. */
    long tell(Lie lie, Entry entry) {
      EntryBody body = entry.body();
      long index = log.size();
      switch (lie) {
        case OUTCOME -> {
          TransactionEntry honest = (TransactionEntry) body;
          log.body(new TransactionEntry(honest.statement(), flip(honest.outcome())));
        }
        case FORGED_SIGNATURE -> {
          TransactionEntry honest = (TransactionEntry) body;
          log.body(new TransactionEntry(flip(honest.statement()), honest.outcome()));
        }
        case PAYLOAD -> {
          SendEntry honest = (SendEntry) body;
          log.body(send(honest, honest.toNode(), honest.sequence(), flip(honest.payload())));
        }
        case ADDRESSEE -> {
          SendEntry honest = (SendEntry) body;
          log.body(send(honest, "mallory", honest.sequence(), honest.payload()));
        }
        case SEQUENCE_SKIPPED -> {
          SendEntry honest = (SendEntry) body;
          log.body(send(honest, honest.toNode(), honest.sequence() + 1, honest.payload()));
        }
        case DROPPED -> {
          // What comes instead is the next entry.
        }
        case EXECUTED_TWICE, RECEIVED_TWICE, ACKNOWLEDGED_TWICE, SENT_TWICE -> {
          log.body(body);
          index = log.size();
          log.body(body);
        }
        case ROOT -> log.endState(Hash.sha256(body.toString().getBytes(UTF_8)));
        case PREVIOUS -> {
          StateEntry honest = (StateEntry) body;
          long previous = random.nextLong(log.size() + 3);
          previous += previous == honest.previousStateIndex() ? 1 : 0;
          log.body(new StateEntry(honest.stateRoot(), previous, log.batchBytes())).endBatch();
        }
        case LENGTH -> {
          StateEntry honest = (StateEntry) body;
          long length = anyLength();
          length += length == log.batchBytes() ? 1 : 0;
          log.body(new StateEntry(honest.stateRoot(), log.lastStateIndex(), length)).endBatch();
        }
        case BACKWARDS ->
            log.body(
                new TickEntry(
                    lastTick > FOUNDED_MILLIS
                        ? random.nextLong(FOUNDED_MILLIS, lastTick)
                        : FOUNDED_MILLIS - 1));
        case BEFORE_THE_FOUNDING -> log.body(new TickEntry(random.nextLong(FOUNDED_MILLIS)));
        case GARBAGE -> log.raw(Bytes.wrap(Seeded.bytes(random, 1 + random.nextInt(200))));
        case INDEX -> log.raw(Entry.of(index + 1, log.lastLeaf(), body).bytes());
        case CHAIN -> {
          index = log.size();
          log.raw(Entry.of(index, Hash.sha256(), body).bytes());
        }
        case SECOND_GENESIS -> log.body(log.machine().genesisBody());
        case MADE_UP_SEND -> {
          log.body(new SendEntry("beta", 0, 1_000_000, Bytes.utf8("gold")));
          honestly(log, body);
        }
      }
      return index;
    }

    /**
     * Less or more than there is, on either side of what a batch may have, or beyond all bounds.
     */
    private long anyLength() {
      long limit = BatchLimits.DEFAULT.maxBytes();
      return switch (random.nextInt(4)) {
        case 0 -> random.nextLong(2 * log.batchBytes() + 1);
        case 1 -> limit - 300 + random.nextLong(600);
        case 2 -> limit + random.nextLong(8 * limit);
        default -> Seeded.magnitude(random);
      };
    }

    private static SendEntry send(SendEntry honest, String to, long sequence, Bytes payload) {
      return new SendEntry(to, honest.toIncarnation(), sequence, payload);
    }

    private Bytes flip(Bytes bytes) {
      byte[] flipped = bytes.toArray();
      flipped[random.nextInt(flipped.length)] ^= (byte) (1 << random.nextInt(8));
      return Bytes.wrap(flipped);
    }
  }

  private static void assertProven(
      SplittableRandom random,
      TestConsortium consortium,
      String node,
      ByzantineLog log,
      long faultAt,
      Lie lie) {
    SignedCheckpoint checkpoint = log.checkpoint();
    ConformanceAudit audit = new ConformanceAudit(log.machine());
    for (long index = 0; index < log.size() && audit.finding().isEmpty(); index++) {
      audit.feed(Replay.prepare(log.entry(index), node, consortium.verifier()));
    }
    String what = lie + " of " + node + " at " + faultAt + ": " + audit.finding();
    EvidenceVerifier verifier =
        new EvidenceVerifier(
            consortium.network().genesis(),
            Map.of(log.machine().program().id(), log.machine().program()));
    Proof proof = audit.finding().orElseThrow().prove(checkpoint, log, verifier);
    Evidence evidence = assertInstanceOf(Proof.Proven.class, proof, what).proof();
    assertEquals(node, evidence.accused(), what);
    assertEquals(faultAt, evidence.faultId().position(), what);
    for (int i = 0; i < 20; i++) {
      int bit = random.nextInt(8 * evidence.encoded().size());
      Tampering.assertRejected(verifier, Tampering.flip(evidence.encoded(), bit), what);
    }
  }

  private static boolean wasExecuted(TransactionEntry transaction) {
    try {
      return TransactionOutcome.decode(transaction.outcome()).status()
          == TransactionOutcome.Status.EXECUTED;
    } catch (DecodeException e) {
      throw new AssertionError(e);
    }
  }

  private static List<Entry> entries(MemoryLog log) {
    List<Entry> entries = new ArrayList<>();
    try {
      for (long index = 0; index < log.size(); index++) {
        entries.add(Entry.decode(log.entry(index)));
      }
    } catch (DecodeException e) {
      throw new AssertionError(e);
    }
    return entries;
  }
}
