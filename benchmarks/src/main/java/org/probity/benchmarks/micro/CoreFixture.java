package org.probity.benchmarks.micro;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.probity.benchmarks.workload.BenchmarkKeys;
import org.probity.benchmarks.workload.TransferWorkload;
import org.probity.detector.codec.Bytes;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.TransactionRule;
import org.probity.detector.commitment.Views;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.Signer;
import org.probity.detector.crypto.Statement;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.Member;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Parameters;
import org.probity.detector.log.CheckpointSigner;
import org.probity.detector.log.LogAppend;
import org.probity.detector.log.LogReader;
import org.probity.detector.log.Origin;
import org.probity.detector.log.SigningMark;
import org.probity.detector.node.Commit;
import org.probity.detector.node.CommitStore;
import org.probity.detector.node.Effect;
import org.probity.detector.node.Input;
import org.probity.detector.node.LogPosition;
import org.probity.detector.node.Node;
import org.probity.detector.node.Release;
import org.probity.detector.node.Step;
import org.probity.ledger.program.LedgerProgram;
import org.probity.ledger.transaction.AssetDefinition;
import org.probity.ledger.transaction.KeyPolicy;
import org.probity.ledger.transaction.LedgerParameters;

/**
 * One node's core with a ledger in it, in memory: no disk, no network, the clock is a number. Its
 * commits are durable at once because its disk is nothing at all.
 */
final class CoreFixture {
  static final String NODE = "bank-a";
  static final long FOUNDED_MILLIS = 1_700_000_000_000L;
  static final long NOT_AFTER_MILLIS = FOUNDED_MILLIS + 3_600_000;

  private static final Signer OPERATOR = BenchmarkKeys.signer("operator");
  private static final Signer ISSUER = BenchmarkKeys.signer("issuer");
  private static final AssetDefinition ASSET =
      new AssetDefinition("CZK", 2, KeyPolicy.single(ISSUER.publicKey().toBytes()), 0);

  private final Genesis genesis = genesis();
  private final StatementVerifier verifier =
      new StatementVerifier(SignatureRule.fastest(), genesis.networkId());
  private final TransferWorkload workload;
  private final Node node;
  private final NoDisk disk = new NoDisk();
  private long nowMillis = FOUNDED_MILLIS;
  private long tickets;

  /** A node whose accounts are open and funded. */
  CoreFixture(int accounts) {
    workload = new TransferWorkload(genesis.networkId(), NODE, ASSET.id(), accounts);
    Machine machine = new Machine(genesis, genesis.node(NODE).orElseThrow(), new LedgerProgram());
    node =
        new Node(
            machine,
            CheckpointSigner.guarding(
                BenchmarkKeys.signer("log " + NODE), machine.origin(), SigningMark.NOTHING_SIGNED),
            LogPosition.start(machine),
            Optional.empty(),
            disk,
            new Views(),
            (exposed, evidence) -> {});
    commit();
    execute(verified(workload.opening(OPERATOR, NOT_AFTER_MILLIS)), 100);
    execute(verified(workload.funding(ISSUER, NOT_AFTER_MILLIS)), 100);
  }

  /** Payments from number {@code first} on, signatures verified already. */
  List<TransactionRule.Checked> payments(long first, int count, int transfers) {
    List<Statement> statements = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      statements.add(workload.payment(first + i, transfers, NOT_AFTER_MILLIS));
    }
    return verified(statements);
  }

  private List<TransactionRule.Checked> verified(List<Statement> statements) {
    return statements.stream()
        .map(
            statement ->
                TransactionRule.check(statement.encoded(), NODE, verifier).checked().orElseThrow())
        .toList();
  }

  /** Executes, logs, seals and releases; the clock moves 1 ms per commit. */
  void execute(List<TransactionRule.Checked> transactions, int perCommit) {
    for (int from = 0; from < transactions.size(); from += perCommit) {
      node.step(new Input.Clock(++nowMillis, nowMillis));
      int to = Math.min(from + perCommit, transactions.size());
      for (TransactionRule.Checked transaction : transactions.subList(from, to)) {
        requireNothingReleased(node.step(new Input.Submitted(transaction, tickets++)));
      }
      int released = commit();
      if (released != to - from) {
        throw new IllegalStateException(released + " of " + (to - from) + " were recorded");
      }
    }
  }

  private static void requireNothingReleased(Step step) {
    if (!step.effects().isEmpty()) {
      throw new IllegalStateException("released before it was durable: " + step.effects());
    }
  }

  private int commit() {
    Commit commit = node.step(new Input.Seal()).commit().orElseThrow();
    try {
      Step step = node.step(new Input.CommitDurable(commit, disk.commit(commit)));
      int released = 0;
      for (Effect effect : step.effects()) {
        if (effect instanceof Release.Recorded recorded) {
          requireAccepted(recorded.outcome());
          released++;
        }
      }
      return released;
    } catch (IOException e) {
      throw new IllegalStateException("no disk can fail", e);
    }
  }

  private static void requireAccepted(Bytes outcome) {
    // The first byte of [status 0, detail]: anything else is not what is to be measured.
    if (outcome.size() < 2 || outcome.unsafeArray()[1] != 0) {
      throw new IllegalStateException("not executed: " + outcome);
    }
  }

  /** Bytes of all entries so far. */
  long logBytes() {
    return disk.bytes;
  }

  /** Number of all entries so far. */
  long logEntries() {
    return disk.size;
  }

  private static Genesis genesis() {
    List<Member> members = new ArrayList<>();
    List<NodeRecord> nodes = new ArrayList<>();
    Map<String, Signer> governance = new TreeMap<>();
    SortedMap<String, KeyPolicy> operators = new TreeMap<>();
    for (String name : List.of(NODE, "bank-b")) {
      Signer key = BenchmarkKeys.signer("governance " + name);
      members.add(new Member("m-" + name, key.publicKey()));
      governance.put("m-" + name, key);
      nodes.add(
          new NodeRecord(
              name,
              "m-" + name,
              0,
              BenchmarkKeys.signer("log " + name).publicKey(),
              BenchmarkKeys.signer("cosigner " + name).publicKey()));
      operators.put(name, KeyPolicy.single(OPERATOR.publicKey().toBytes()));
    }
    return Genesis.found(
        "benchmark",
        FOUNDED_MILLIS,
        Parameters.of(0, 1),
        new LedgerProgram().id(),
        new LedgerParameters(List.of(ASSET), operators).encode(),
        members,
        nodes,
        governance);
  }

  /** Forgets everything but how much it was. Nothing here reads the log back. */
  private static final class NoDisk extends CommitStore implements LogReader {
    private long size;
    private long bytes;

    @Override
    protected void persist(Optional<Growth> growth, Map<Origin, Bytes> views) {
      growth.map(Growth::append).ifPresent(this::count);
    }

    private void count(LogAppend append) {
      size = append.newSize();
      for (Bytes entry : append.entries()) {
        bytes += entry.size();
      }
    }

    @Override
    public long size() {
      return size;
    }

    @Override
    public Bytes entry(long index) {
      throw new IndexOutOfBoundsException("entry " + index + " is forgotten");
    }

    @Override
    public Hash node(int level, long index) {
      throw new IndexOutOfBoundsException("node " + level + "/" + index + " is forgotten");
    }
  }
}
