package org.probity.demo.objects;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import org.probity.detector.audit.ConformanceAudit;
import org.probity.detector.audit.Proof;
import org.probity.detector.audit.Replica;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.Replay;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.Signer;
import org.probity.detector.crypto.Statement;
import org.probity.detector.evidence.Evidence;
import org.probity.detector.evidence.EvidenceVerifier;
import org.probity.detector.evidence.Verification;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Parameters;
import org.probity.detector.governance.Seats;
import org.probity.detector.log.Frontier;
import org.probity.detector.log.LogReader;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.node.Input;
import org.probity.detector.node.MemoryLog;
import org.probity.detector.node.Release;
import org.probity.detector.node.TestConsortium;
import org.probity.detector.node.TestNetwork;
import org.probity.detector.program.Program;
import org.probity.detector.program.Transaction;
import org.probity.detector.program.TransactionOutcome;
import org.probity.detector.trust.Verdict;

/** Four object stores on whole detector nodes in memory, and short ways to use and judge them. */
final class StoreConsortium {
  static final List<String> NODES = List.of("alpha", "beta", "gamma", "delta");
  static final Signer CLIENT = TestNetwork.signer("client");
  static final Signer OTHER_CLIENT = TestNetwork.signer("other client");

  final ObjectStoreProgram program = new ObjectStoreProgram();
  final TestNetwork network =
      TestNetwork.of(
          Parameters.of(1, 2),
          program.id(),
          new ObjectStoreParameters(List.of(CLIENT.publicKey(), OTHER_CLIENT.publicKey())).encode(),
          NODES.toArray(String[]::new));
  final TestConsortium nodes;

  private long ids;

  /** All correct. */
  StoreConsortium() {
    this(Map.of());
  }

  /**
   * @param planted by node: what a culprit runs instead of the store
   */
  StoreConsortium(Map<String, Program> planted) {
    nodes = new TestConsortium(network, program, planted);
    // Ledger time, and with it the horizon of client ids, starts with the first TICK.
    nodes.advance(1_000);
    nodes.run();
  }

  // What clients do.

  ObjectResult put(String home, String name, String content, String... copies) {
    return ask(home, putOf(name, content, copies));
  }

  static ObjectOperation.Put putOf(String name, String content, String... copies) {
    return new ObjectOperation.Put(name, Bytes.utf8(content), List.of(copies));
  }

  /** Asks a node for an object of its own. */
  ObjectResult get(String node, String name) {
    return get(node, node, name);
  }

  /** Asks a node for an object of {@code home}. */
  ObjectResult get(String node, String home, String name) {
    return ask(node, new ObjectOperation.Get(home, name));
  }

  ObjectResult ask(String node, ObjectOperation operation) {
    return ask(node, CLIENT, operation.encode());
  }

  /** Submits, waits for the answer and for all messages to be answered. */
  ObjectResult ask(String node, Signer client, Bytes body) {
    long ticket = nodes.submit(node, sign(node, client, body));
    nodes.run();
    return result(nodes.member(node).answers().get(ticket));
  }

  Statement sign(String node, Signer client, Bytes body) {
    return Statement.sign(
        network.genesis().networkId(),
        Transaction.TYP,
        new Transaction(
                node,
                Transaction.clientId(nodes.nowMillis() + 60_000, ids++),
                client.publicKey().toBytes(),
                body)
            .encode(),
        client);
  }

  static ObjectResult result(Release answer) {
    try {
      Bytes outcome = assertInstanceOf(Release.Recorded.class, answer).outcome();
      TransactionOutcome recorded = TransactionOutcome.decode(outcome);
      assertEquals(TransactionOutcome.Status.EXECUTED, recorded.status());
      return ObjectResult.decode(recorded.detail());
    } catch (DecodeException e) {
      throw new AssertionError(e);
    }
  }

  // What witnesses do.

  List<String> witnessesOf(String ward) {
    return Seats.witnessesOf(ward, 0, 2, network.genesis().nodes()).stream()
        .map(NodeRecord::node)
        .toList();
  }

  /** Of one that runs what the consortium agreed on. */
  Machine machine(String node) {
    return new Machine(network.genesis(), network.node(node), program);
  }

  /** A replica of a log as a witness holds it. */
  record Held(Replica replica, MemoryLog log) {}

  Held replicate(String ward, LogReader log, SignedCheckpoint checkpoint) {
    Replica replica =
        new Replica(
            network.genesis().origin(network.node(ward)),
            network.node(ward).logKey(),
            SignatureRule.fastest(),
            Frontier.EMPTY);
    List<Bytes> entries = LongStream.range(0, checkpoint.size()).mapToObj(log::entry).toList();
    Replica.Growth.Extends growth =
        assertInstanceOf(Replica.Growth.Extends.class, replica.grow(checkpoint, entries));
    MemoryLog held = new MemoryLog();
    held.append(growth.append());
    replica.stored(growth);
    return new Held(replica, held);
  }

  /** Replicates the ward's log and replays it; the proof of the first fault, if there is one. */
  Optional<Bytes> audit(String ward) {
    MemoryLog log = nodes.member(ward).log();
    return audit(ward, log, log.newest().orElseThrow());
  }

  /** The same of a log that the ward shows. */
  Optional<Bytes> audit(String ward, LogReader log, SignedCheckpoint checkpoint) {
    Held held = replicate(ward, log, checkpoint);
    ConformanceAudit audit = new ConformanceAudit(machine(ward));
    for (long index = 0; index < held.log().size() && audit.goesOn(); index++) {
      audit.feed(Replay.prepare(held.log().entry(index), ward, nodes.verifier()));
    }
    assertEquals(Optional.empty(), audit.undecided());
    return audit
        .finding()
        .map(
            finding ->
                assertInstanceOf(
                        Proof.Proven.class,
                        finding.prove(checkpoint, held.log(), stranger(network.genesis())))
                    .proof()
                    .encoded());
  }

  /** Somebody who has the genesis document, the software, and nothing else. */
  static EvidenceVerifier stranger(Genesis genesis) {
    try {
      Program program = new ObjectStoreProgram();
      return new EvidenceVerifier(Genesis.decode(genesis.encoded()), Map.of(program.id(), program));
    } catch (DecodeException e) {
      throw new AssertionError(e);
    }
  }

  Evidence proven(Bytes file) {
    Verification verification = stranger(network.genesis()).verify(file);
    return assertInstanceOf(
            Verification.Proven.class, verification, () -> String.valueOf(verification))
        .evidence();
  }

  /** Hands a file to every node but the culprit; each verifies it for itself. */
  void spread(Bytes file, String culprit) {
    for (String name : correct(culprit)) {
      nodes.member(name).step(new Input.EvidenceFound(proven(file)));
    }
    nodes.run();
  }

  static List<String> correct(String... culprits) {
    List<String> names = new ArrayList<>(NODES);
    names.removeAll(List.of(culprits));
    return names;
  }

  /** What every node but the culprits says about every other. */
  void assertVerdicts(Verdict about, String... culprits) {
    List<String> accused = List.of(culprits);
    for (String name : correct(culprits)) {
      for (String other : NODES) {
        if (!other.equals(name)) {
          assertEquals(
              accused.contains(other) ? about : Verdict.TRUSTED,
              nodes.member(name).node().verdict(other),
              name + " about " + other);
        }
      }
    }
  }
}
