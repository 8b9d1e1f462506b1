package org.probity.detector.evidence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.Machine;
import org.probity.detector.crypto.Signer;
import org.probity.detector.crypto.Statement;
import org.probity.detector.governance.Parameters;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.node.ObjectStore;
import org.probity.detector.node.TestNetwork;
import org.probity.detector.program.Transaction;

/** A consortium of four with an object store, its verifier, and short ways to make logs. */
public final class Court {
  public static final Signer CLIENT = TestNetwork.signer("client");
  static final long DEADLINE = TestNetwork.FOUNDED_MILLIS + 60_000;

  final ObjectStore program;
  final TestNetwork network;
  final EvidenceVerifier verifier;
  final EvidenceBuilder builder;

  private long ids;

  public Court() {
    this(Parameters.of(1, 2));
  }

  public Court(Parameters parameters) {
    this(parameters, new ObjectStore());
  }

  /** Where another program rules. */
  public Court(ObjectStore program) {
    this(Parameters.of(1, 2), program);
  }

  private Court(Parameters parameters, ObjectStore program) {
    this.program = program;
    this.network =
        TestNetwork.of(parameters, program.id(), Bytes.EMPTY, "alpha", "beta", "gamma", "delta");
    this.verifier = new EvidenceVerifier(network.genesis(), Map.of(program.id(), program));
    this.builder = new EvidenceBuilder(network.genesis().networkId());
  }

  public TestNetwork network() {
    return network;
  }

  public EvidenceVerifier verifier() {
    return verifier;
  }

  public EvidenceBuilder builder() {
    return builder;
  }

  public Machine machine(String node) {
    return new Machine(network.genesis(), network.node(node), program);
  }

  /** An empty log with a machine. */
  public ByzantineLog empty(String node) {
    return new ByzantineLog(network, machine(node));
  }

  /** A log with its GENESIS. */
  public ByzantineLog log(String node) {
    return empty(node).genesis();
  }

  /** GENESIS, a TICK, and {@code batches} batches of one put each. */
  public ByzantineLog log(String node, int batches) {
    ByzantineLog log = log(node).tick(TestNetwork.FOUNDED_MILLIS + 1);
    for (int i = 0; i < batches; i++) {
      log.transaction(put(node, "key" + i + "=value")).endState();
    }
    return log;
  }

  /** A transaction with an id of its own. */
  public Statement put(String node, String body) {
    return put(node, ids++, body);
  }

  public Statement put(String node, long id, String body) {
    return sign(new Transaction(node, id(id), Bytes.utf8("c"), Bytes.utf8(body)));
  }

  /** A transaction that everybody refuses to execute, and a node may log all the same. */
  public Statement refused(String node, Bytes body) {
    return sign(new Transaction(node, id(ids++), Bytes.utf8("nobody"), body));
  }

  public Statement sign(Transaction transaction) {
    return Statement.sign(
        network.genesis().networkId(), Transaction.TYP, transaction.encode(), CLIENT);
  }

  static Bytes id(long chosen) {
    return Transaction.clientId(DEADLINE, chosen);
  }

  public Verification.Proven assertProven(
      Bytes file, String node, FaultKind kind, String code, long position) {
    Verification verification = verifier.verify(file);
    if (!(verification instanceof Verification.Proven proven)) {
      return fail("expected " + kind + " " + code + ", found " + verification);
    }
    Evidence evidence = proven.evidence();
    assertEquals(
        new FaultId(network.genesis().origin(network.node(node)), kind, position),
        evidence.faultId());
    assertEquals(Optional.of(node), evidence.node());
    assertEquals("m-" + node, evidence.member());
    assertEquals(code, evidence.code());
    assertEquals(file, evidence.encoded());
    assertEquals(evidence.faultId(), proven.explanation().faultId());
    assertEquals(code, proven.explanation().code());
    return proven;
  }

  /** INVALID_ENTRY or INVALID_TRANSITION as FALSE_AUDIT against whoever signed this AUDIT. */
  public Bytes underAudit(Bytes file, Bytes audit) {
    try {
      EvidenceFile.Content content = EvidenceFile.decode(file).content();
      EvidenceFile.Shown shown =
          content instanceof EvidenceFile.InvalidEntry entry
              ? entry.shown()
              : ((EvidenceFile.InvalidTransition) content).shown();
      return new EvidenceFile(
              network.genesis().networkId(), new EvidenceFile.FalseAudit(audit, shown))
          .encode();
    } catch (DecodeException e) {
      throw new AssertionError(e);
    }
  }

  public void assertRejected(String code, Bytes file) {
    Verification verification = verifier.verify(file);
    if (!(verification instanceof Verification.Rejected rejected)) {
      fail("expected a rejection with " + code + ", found " + verification);
    } else {
      assertEquals(code, rejected.code(), rejected.message());
    }
  }

  /** INVALID_ENTRY under the log's newest checkpoint. */
  public Bytes entry(ByzantineLog log, String code, Long... indices) {
    return builder.invalidEntry(log.checkpoint(), code, List.of(indices), log);
  }

  /** INVALID_TRANSITION under the log's newest checkpoint, with the witness its execution needs. */
  public Bytes transition(ByzantineLog log, long first, long last) {
    return transition(log, log.checkpoint(), first, last);
  }

  public Bytes transition(ByzantineLog log, SignedCheckpoint checkpoint, long first, long last) {
    return builder.invalidTransition(checkpoint, first, last, log, log.witness(first, last));
  }
}
