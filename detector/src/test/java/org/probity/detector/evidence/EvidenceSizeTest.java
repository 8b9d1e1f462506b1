package org.probity.detector.evidence;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.detector.commitment.AuditRule;
import org.probity.detector.commitment.AuditStatement;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.VerifiedAudit;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.Statement;
import org.probity.detector.governance.Parameters;
import org.probity.detector.log.TreeHead;
import org.probity.detector.node.ObjectStore;
import org.probity.detector.node.TestNetwork;
import org.probity.detector.program.Context;
import org.probity.detector.program.Submission;
import org.probity.detector.program.Transaction;
import org.probity.detector.state.StateTree;

/**
 * protocol.md §8.1: how large proofs are and how long they take to check. The log and the state are
 * as large as asked for; the batch is as full as the default limits allow, of transfers between
 * accounts nobody else in it uses, and its very last entry is wrong.
 */
class EvidenceSizeTest {
  private static final int FORK_BYTES = 8 << 10;
  private static final int TRANSITION_BYTES = 64 << 10;

  /** Of work on a warm machine: the best of many, which other work beside it hardly touches. */
  private static final long MAX_MILLIS = 50;

  private static final Hash WRONG = Hash.sha256(new byte[] {42});

  @Test
  void proofsFromAThousandEntriesAndKeys() {
    report(1_000, 1_000, false);
  }

  @Test
  @Tag("campaign")
  void proofsFromAMillionEntriesAndKeys() {
    report(1_000_000, 1_000_000, true);
  }

  /**
   * @param isTimed fails for what takes too long, too: only where nothing else runs
   */
  private static void report(int entries, int keys, boolean isTimed) {
    Transfers program = new Transfers();
    TestNetwork network =
        TestNetwork.of(Parameters.of(1, 2), program.id(), Bytes.EMPTY, "alpha", "beta", "gamma");
    EvidenceVerifier verifier =
        new EvidenceVerifier(network.genesis(), Map.of(program.id(), program));
    EvidenceBuilder builder = new EvidenceBuilder(network.genesis().networkId());
    ByzantineLog log =
        new ByzantineLog(network, new Machine(network.genesis(), network.node("alpha"), program))
            .genesis();
    long broken = work(log, network, entries);
    log.state().rollbackTo(populated(log.state().tree(), keys));
    long first = log.endState().size() - 1;
    int transfers = fill(log, network, keys);
    long last = log.endState(WRONG).size() - 1;

    Bytes fork = builder.fork(log.sign(new TreeHead(first, WRONG)), log.checkpoint(), log);
    Bytes entry = builder.invalidEntry(log.checkpoint(), "encoding", List.of(broken), log);
    Bytes transition =
        builder.invalidTransition(log.checkpoint(), first, last, log, log.witness(first, last));

    Bytes falseAudit =
        builder.falseAudit(
            audit(log, network, program.id()), first, last, log, log.witness(first, last));

    String scale = entries + " entries, " + keys + " keys: ";
    measure(scale + "FALSE_AUDIT", verifier, falseAudit, TRANSITION_BYTES, isTimed);
    measure(scale + "FORK", verifier, fork, FORK_BYTES, isTimed);
    measure(scale + "INVALID_ENTRY", verifier, entry, FORK_BYTES, isTimed);
    measure(
        scale + "INVALID_TRANSITION of " + transfers + " transfers",
        verifier,
        transition,
        TRANSITION_BYTES,
        isTimed);
  }

  /** Beta has signed for the whole log. */
  private static VerifiedAudit audit(ByzantineLog log, TestNetwork network, Hash programId) {
    AuditStatement statement =
        AuditStatement.fromGenesis(log.machine().origin(), log.checkpoint().head(), programId);
    Bytes signed = statement.sign(network.genesis().networkId(), network.logKey("beta")).encoded();
    return AuditRule.founding(network.genesis()).check(signed).valid().orElseThrow();
  }

  /**
   * What a node logs that is asked the same again and again, with nothing to do between: TICKs,
   * transactions, STATEs. One entry in the middle is none.
   *
   * @return the index of that one
   */
  private static long work(ByzantineLog log, TestNetwork network, int entries) {
    List<Statement> asked =
        IntStream.range(0, 8)
            .mapToObj(i -> transfer(network, i, Bytes.utf8(i + ":" + (i + 1))))
            .toList();
    long broken = -1;
    for (int batch = 0; log.size() < entries; batch++) {
      if (batch % 8 == 0) {
        log.tick(TestNetwork.FOUNDED_MILLIS + batch / 1_000);
        log.transaction(asked.get(batch / 8 % asked.size()));
      }
      if (broken < 0 && log.size() >= entries / 2) {
        broken = log.size();
        log.raw(Bytes.utf8("no entry"));
      }
      log.endState();
    }
    return broken;
  }

  private static Statement transfer(TestNetwork network, long id, Bytes parties) {
    Transaction transfer = new Transaction("alpha", Court.id(id), Bytes.utf8("submitter"), parties);
    return Statement.sign(
        network.genesis().networkId(), Transaction.TYP, transfer.encode(), Court.CLIENT);
  }

  /** Accounts and remembered transactions, as a ledger in use has them. */
  private static StateTree populated(StateTree tree, int keys) {
    StateTree populated = tree;
    for (int i = 0; i < keys; i++) {
      populated =
          i % 2 == 0
              ? populated.put(prefixed(account(i)), balance(i))
              : populated.put(Machine.systemKey(rememberedKey(i)), Bytes.wrap(new byte[36]));
    }
    return populated;
  }

  /** One in four has expired when the batch begins. */
  private static Bytes rememberedKey(int i) {
    long deadline = i % 8 == 1 ? TestNetwork.FOUNDED_MILLIS + i % 1_000 : Court.DEADLINE;
    return Tampering.concat(
        Tampering.concat(Bytes.utf8("x"), Transaction.clientId(deadline, 0).slice(0, 8)),
        Hash.sha256(bytes(i)).toBytes().slice(0, 16));
  }

  private static int fill(ByzantineLog log, TestNetwork network, int keys) {
    log.tick(TestNetwork.FOUNDED_MILLIS + 1_000);
    for (int i = 0; ; i++) {
      long size = log.size();
      int from = 2 * (int) (i * 7919L % (keys / 2));
      int to = 2 * (int) ((i * 7919L + keys / 4 + 1) % (keys / 2));
      Transaction transfer =
          new Transaction(
              "alpha", Court.id(keys + 977L * i), account(from), Bytes.utf8(from + ":" + to));
      Statement statement =
          Statement.sign(
              network.genesis().networkId(), Transaction.TYP, transfer.encode(), Court.CLIENT);
      int entryBytes = statement.encoded().size() + 64;
      boolean isFull =
          size + 2 - log.lastStateIndex() > Parameters.DEFAULT_MAX_BATCH_ENTRIES
              || log.batchBytes() + entryBytes + 128 > Parameters.DEFAULT_MAX_BATCH_BYTES;
      if (isFull) {
        return i;
      }
      log.transaction(statement);
    }
  }

  private static void measure(
      String what, EvidenceVerifier verifier, Bytes file, int maxBytes, boolean isTimed) {
    for (int i = 0; i < 30; i++) {
      assertInstanceOf(
          Verification.Proven.class, verifier.verify(file), verifier.verify(file).toString());
    }
    long best = Long.MAX_VALUE;
    for (int i = 0; i < 30; i++) {
      long start = System.nanoTime();
      verifier.verify(file);
      best = Math.min(best, System.nanoTime() - start);
    }
    System.out.printf(
        "%s: %,d bytes (limit %,d), verified in %.2f ms (limit %d)%n",
        what, file.size(), maxBytes, best / 1e6, MAX_MILLIS);
    assertTrue(file.size() <= maxBytes, what + ": " + file.size() + " bytes");
    assertTrue(!isTimed || best <= MAX_MILLIS * 1_000_000, what + ": " + best + " ns");
  }

  private static Bytes account(int number) {
    return Hash.sha256(bytes(number)).toBytes();
  }

  private static byte[] bytes(int number) {
    return Bytes.utf8("account " + number).toArray();
  }

  private static Bytes balance(int number) {
    byte[] record = new byte[100];
    record[99] = (byte) number;
    return Bytes.wrap(record);
  }

  private static Bytes prefixed(Bytes key) {
    return Tampering.concat(Bytes.of((byte) 1), key);
  }

  /** Reads and writes both accounts of a transfer. */
  private static final class Transfers extends ObjectStore {
    @Override
    public Bytes execute(Submission submission, Context context) {
      String[] parties =
          new String(submission.body().toArray(), StandardCharsets.US_ASCII).split(":", -1);
      for (String party : parties) {
        Bytes key = account(Integer.parseInt(party));
        Bytes record = context.state().get(key);
        byte[] next = record == null ? new byte[100] : record.toArray();
        next[0]++;
        context.state().put(key, Bytes.wrap(next));
      }
      return Bytes.utf8("done");
    }
  }
}
