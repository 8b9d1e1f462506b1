package org.probity.ledger.verifier;

import static org.probity.ledger.Fixture.operator;

import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Signer;
import org.probity.detector.crypto.TestKeys;
import org.probity.detector.evidence.BlastRadius;
import org.probity.detector.governance.Parameters;
import org.probity.detector.log.LogReader;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.node.Release;
import org.probity.detector.node.TestConsortium;
import org.probity.detector.node.TestNetwork;
import org.probity.ledger.Fixture;
import org.probity.ledger.client.ClientIds;
import org.probity.ledger.client.Submitter;
import org.probity.ledger.client.TransactionDraft;
import org.probity.ledger.program.LedgerProgram;
import org.probity.ledger.program.LedgerReader;
import org.probity.ledger.transaction.Operation;

/**
 * Money from thief at bank-c: to alice at bank-a, on to bob at bank-b, on to carol there. Dave pays
 * erin at bank-b, and eve at bank-a pays thief: both out of money that nothing is wrong with.
 */
public final class StolenMoney {
  public static final String A = "bank-a";
  public static final String B = "bank-b";
  public static final String C = "bank-c";

  private final ClientIds ids = ClientIds.fromSeed(Bytes.utf8("blast radius"));
  private final LedgerProgram program = new LedgerProgram();
  private final TestNetwork network =
      TestNetwork.of(
          Parameters.of(1, 2),
          program.id(),
          Fixture.parameters(List.of(A, B, C)).encode(),
          A,
          B,
          C);
  private final TestConsortium consortium = new TestConsortium(network, program);

  private final long fault;

  public StolenMoney() {
    consortium.advance(1_000);
    consortium.run();
    Map<String, List<String>> homes =
        new TreeMap<>(
            Map.of(
                A,
                List.of("alice", "eve"),
                B,
                List.of("bob", "carol", "dave", "erin"),
                C,
                List.of("thief", "idle")));
    homes.forEach(
        (bank, names) ->
            names.forEach(
                name -> {
                  submit(bank, operator(bank), Fixture.open(name));
                  submit(bank, "issuer", Fixture.issue(name, 1_000));
                }));
    submit(C, "idle", Fixture.transfer("idle", "thief", 1));
    submit(C, "idle", Fixture.remit("idle", A, "eve", 2));
    submit(A, "alice", Fixture.transfer("alice", "eve", 7));
    fault = submit(C, "thief", Fixture.remit("thief", A, "alice", 500));
    submit(A, "alice", Fixture.remit("alice", B, "bob", 300));
    submit(B, "dave", Fixture.transfer("dave", "erin", 40));
    submit(B, "bob", Fixture.transfer("bob", "carol", 200));
    submit(A, "eve", Fixture.remit("eve", C, "thief", 5));
  }

  /** The entry's index, once all messages are answered. */
  private long submit(String bank, String signer, Operation operation) {
    Signer key = Signer.of(TestKeys.named(signer));
    TransactionDraft draft =
        new TransactionDraft(network.genesis().networkId(), bank, Submitter.key(key.publicKey()))
            .add(operation);
    long ticket =
        consortium.submit(
            bank, draft.sign(ids.next(consortium.nowMillis() + 60_000), List.of(key)));
    consortium.run();
    return ((Release.Recorded) consortium.member(bank).answers().get(ticket)).index();
  }

  /** As the nodes have them. */
  public SortedMap<String, LogReader> logs(String... nodes) {
    SortedMap<String, LogReader> logs = new TreeMap<>();
    for (String node : nodes) {
      logs.put(node, consortium.member(node).log());
    }
    return logs;
  }

  public BlastRadius radius(SortedMap<String, LogReader> logs) {
    return radius(logs, fault);
  }

  public BlastRadius radius(SortedMap<String, LogReader> logs, long from) {
    return BlastRadius.of(
        network.genesis(),
        program,
        LedgerReader::carriesValue,
        logs,
        List.of(new BlastRadius.Source(C, from)));
  }

  public LogReader log(String bank) {
    return consortium.member(bank).log();
  }

  /** The newest of a bank. */
  public SignedCheckpoint checkpoint(String bank) {
    return consortium.member(bank).node().published().orElseThrow().checkpoint();
  }

  /** The entry from which nothing at bank-c counts. */
  public long fault() {
    return fault;
  }
}
