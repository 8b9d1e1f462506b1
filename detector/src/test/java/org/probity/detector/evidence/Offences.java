package org.probity.detector.evidence;

import java.util.ArrayList;
import java.util.List;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.commitment.Machine;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.Statement;
import org.probity.detector.log.AckEntry;
import org.probity.detector.log.ChallengeEntry;
import org.probity.detector.log.Entry;
import org.probity.detector.log.EntryBody;
import org.probity.detector.log.GenesisEntry;
import org.probity.detector.log.ReceiveEntry;
import org.probity.detector.log.SendEntry;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.StateEntry;
import org.probity.detector.log.TickEntry;
import org.probity.detector.log.TransactionEntry;
import org.probity.detector.log.TreeHead;
import org.probity.detector.node.TestNetwork;
import org.probity.detector.program.Transaction;
import org.probity.detector.program.TransactionOutcome;
import org.probity.detector.state.StateWitness;

/**
 * One artefact for everything that can be proven against a node: what alpha did, and the file that
 * proves it.
 */
public final class Offences {
  private static final long NOW = TestNetwork.FOUNDED_MILLIS + 1_000;
  private static final Hash OTHER = Hash.sha256(new byte[] {42});

  /** What alpha did, the log it shows in, and how it is proven. */
  public record Offence(
      String name, FaultKind kind, String code, long position, Bytes file, ByzantineLog log) {
    @Override
    public String toString() {
      return name;
    }
  }

  private final Court court;
  private final List<Offence> all = new ArrayList<>();

  private Offences(Court court) {
    this.court = court;
  }

  /** Everything; about 60 files of one to a few thousand bytes. */
  public static List<Offence> all(Court court) {
    Offences offences = new Offences(court);
    offences.forks();
    offences.loneEntries();
    offences.pairs();
    offences.batches();
    offences.embedded();
    offences.transactions();
    offences.outputs();
    offences.states();
    offences.channels();
    return List.copyOf(offences.all);
  }

  private void forks() {
    ByzantineLog log = court.log("alpha", 3);
    ByzantineLog other = log.fork(court.network, 4).transaction(put("x=other")).endState();
    fork("two roots for one size", log.checkpoint(6), other.checkpoint(), log);
    for (long size : new long[] {1, 2, 3, 5}) {
      fork("another past of " + size, log.sign(new TreeHead(size, OTHER)), log.checkpoint(), log);
    }
    fork("a branch forgotten", other.checkpoint(), log.checkpoint(), log);
  }

  private void fork(
      String name, SignedCheckpoint smaller, SignedCheckpoint larger, ByzantineLog log) {
    all.add(
        new Offence(
            name,
            FaultKind.FORK,
            "fork",
            smaller.size(),
            court.builder.fork(smaller, larger, log),
            log));
  }

  private void loneEntries() {
    entry("junk", "encoding", court.log("alpha").raw(Bytes.utf8("no entry")), 1L);
    ByzantineLog tooLong = court.log("alpha").transaction(put("a=b"));
    entry("SEND of 8,193 bytes", "encoding", tooLong.raw(oversizedSend(tooLong)), 2L);
    entry(
        "an index skipped",
        "wrong_index",
        court.log("alpha").raw(Entry.of(7, OTHER, new TickEntry(NOW)).bytes()),
        1L);
    GenesisEntry genesis = court.machine("alpha").genesisBody();
    entry(
        "another network's GENESIS",
        "wrong_network",
        court.empty("alpha").raw(Entry.of(0, OTHER, genesis).bytes()),
        0L);
    entry("no GENESIS", "genesis_missing", court.empty("alpha").body(new TickEntry(NOW)), 0L);
    entry("two GENESIS", "genesis_misplaced", court.log("alpha").body(genesis), 1L);
    entry(
        "GENESIS of beta",
        "genesis_wrong_node",
        court.empty("alpha").body(court.machine("beta").genesisBody()),
        0L);
    entry(
        "money from the start",
        "genesis_differs",
        court.empty("alpha").body(new GenesisEntry("alpha", 0, genesis.programId(), OTHER)),
        0L);
    entry(
        "a program of its own",
        "genesis_differs",
        court.empty("alpha").body(new GenesisEntry("alpha", 0, OTHER, genesis.initialStateRoot())),
        0L);
    entry(
        "TICK before the founding",
        EntryCheck.TICK_BEFORE_FOUNDING,
        court.log("alpha").body(new TickEntry(TestNetwork.FOUNDED_MILLIS - 1)),
        1L);
    entry(
        "a type nobody may log",
        "type_unsupported",
        court.log("alpha").body(new ChallengeEntry(Bytes.EMPTY)),
        1L);
    entry(
        "STATE after itself",
        "state_wrong_previous",
        court.log("alpha").body(new StateEntry(OTHER, 1, 0)),
        1L);
    entry(
        "STATE with impossible bytes",
        "state_wrong_bytes",
        court.log("alpha").tick(NOW).body(new StateEntry(OTHER, 0, 10)),
        2L);
    entry(
        "a checkpoint in mid-batch",
        "checkpoint_not_on_state",
        court.log("alpha").tick(NOW).transaction(put("a=b")),
        2L);
  }

  private static Bytes oversizedSend(ByzantineLog log) {
    return new CborWriter()
        .array(4)
        .uint(log.size())
        .bytes(log.lastLeaf().toBytes())
        .uint(2)
        .array(4)
        .text("beta")
        .uint(0)
        .uint(0)
        .bytes(new byte[8193])
        .toBytes();
  }

  private void pairs() {
    ByzantineLog log = court.log("alpha", 2);
    entry(
        "a broken chain",
        "wrong_prev",
        log.raw(Entry.of(log.size(), OTHER, new TickEntry(NOW)).bytes()).endState(),
        log.size() - 3,
        log.size() - 2);
    entry(
        "TICK in mid-batch",
        "tick_misplaced",
        court.log("alpha").transaction(put("a=b")).tick(NOW).endState(),
        1L,
        2L);
    entry(
        "TICK backwards, far apart",
        "tick_backwards",
        court
            .log("alpha")
            .tick(NOW)
            .transaction(put("a=b"))
            .endState()
            .transaction(put("c=d"))
            .endState()
            .body(new TickEntry(NOW - 1))
            .endState(),
        1L,
        6L);
    entry(
        "SEND after TICK",
        "output_without_input",
        court.log("alpha").tick(NOW).body(send("beta", 0, "x")).endState(),
        1L,
        2L);
    entry(
        "SEND after GENESIS",
        "output_without_input",
        court.log("alpha").body(send("beta", 0, "x")).endState(),
        0L,
        1L);
    entry(
        "a sequence used twice",
        "sequence_used_twice",
        court
            .log("alpha")
            .transaction(put("beta/a=1"))
            .endState()
            .transaction(put("c=d"))
            .body(send("beta", 0, "another"))
            .endState(),
        2L,
        5L);
    entry(
        "a sequence gone back",
        "sequence_backwards",
        court
            .log("alpha")
            .transaction(put("beta/a=1"))
            .transaction(put("beta/b=2"))
            .endState()
            .transaction(put("c=d"))
            .body(send("beta", 0, "again"))
            .endState(),
        4L,
        7L);
    entry(
        "STATE skips a STATE",
        "state_wrong_previous",
        court.log("alpha", 2).tick(NOW).body(new StateEntry(OTHER, 0, 1_000)),
        3L,
        7L);
    entry(
        "STATE names a TRANSACTION",
        "state_wrong_previous",
        court.log("alpha", 2).tick(NOW).body(new StateEntry(OTHER, 4, 150)),
        4L,
        7L);
  }

  private void batches() {
    ByzantineLog understated = court.log("alpha").tick(NOW).transaction(put("a=b"));
    entry(
        "STATE understates its batch",
        "state_wrong_bytes",
        understated.body(new StateEntry(OTHER, 0, understated.batchBytes() - 1)),
        1L,
        2L,
        3L);
    ByzantineLog overstated = court.log("alpha").transaction(put("a=b"));
    entry(
        "STATE overstates its batch",
        "state_wrong_bytes",
        overstated.body(new StateEntry(OTHER, 0, overstated.batchBytes() + 1)),
        1L,
        2L);
    ByzantineLog large = court.log("alpha").tick(NOW);
    for (int i = 0; i < 5; i++) {
      large.transaction(put("k" + i + "=" + "v".repeat(i == 3 ? 3_000 : 10)));
    }
    entry(
        "STATE hides one large entry",
        "state_wrong_bytes",
        large.body(new StateEntry(OTHER, 0, 2_000)),
        5L,
        7L);
    ByzantineLog crowded = court.log("alpha").tick(NOW);
    for (int i = 0; i < 31; i++) {
      crowded.transaction(put("k" + i + "=v"));
    }
    entry("33 entries", "batch_too_large", crowded.endState(), 2L, 9L, 33L);
    ByzantineLog heavy = court.log("alpha");
    for (int i = 0; i < 5; i++) {
      heavy.transaction(put("k" + i + "=" + "v".repeat(4_000)));
    }
    entry("17 KiB", "batch_too_large", heavy.endState(), 1L, 2L, 6L);
  }

  private void embedded() {
    ByzantineLog beta = court.log("beta").transaction(court.put("beta", "alpha/a=1")).endState();
    ReceiveEntry good = beta.envelope(2);
    lone(
        "RECEIVE without a checkpoint",
        "embedded_checkpoint",
        new ReceiveEntry(Bytes.utf8("x"), good.sends(), good.multiproof()));
    ByzantineLog own = court.log("alpha").transaction(put("beta/a=1")).endState();
    lone(
        "RECEIVE of its own",
        "receive_wrong_addressee",
        new ReceiveEntry(own.checkpoint().bytes(), good.sends(), good.multiproof()));
    lone("RECEIVE of a TRANSACTION", "receive_not_sends", beta.envelope(1));
    lone(
        "RECEIVE of nothing",
        "receive_not_sends",
        new ReceiveEntry(good.checkpoint(), List.of(), good.multiproof()));
    ByzantineLog toGamma = court.log("beta").transaction(court.put("beta", "gamma/a=1"));
    lone("RECEIVE of gamma's", "receive_wrong_addressee", toGamma.endState().envelope(2));
    ByzantineLog two =
        court
            .log("beta")
            .transaction(court.put("beta", "alpha/a=1"))
            .transaction(court.put("beta", "alpha/a=1"))
            .transaction(court.put("beta", "alpha/a=1"))
            .endState();
    lone("RECEIVE with a gap", "receive_out_of_sequence", two.envelope(2, 6));
    lone(
        "RECEIVE with a bad proof",
        "receive_proof",
        new ReceiveEntry(good.checkpoint(), good.sends(), List.of(OTHER)));
    AckEntry ack = ackOfBeta();
    lone(
        "ACK without a checkpoint",
        "embedded_checkpoint",
        new AckEntry(Bytes.EMPTY, ack.stateEntry(), ack.inclusion(), ack.stateProof()));
    lone(
        "ACK of its own",
        "embedded_origin",
        new AckEntry(
            own.checkpoint().bytes(), ack.stateEntry(), ack.inclusion(), ack.stateProof()));
    lone(
        "ACK with another entry",
        "ack_not_state",
        new AckEntry(ack.checkpoint(), beta.entry(1), ack.inclusion(), ack.stateProof()));
    lone(
        "ACK with a bad proof",
        "ack_proof",
        new AckEntry(ack.checkpoint(), ack.stateEntry(), List.of(), ack.stateProof()));
  }

  /** What beta answers when it has received one SEND of alpha. */
  private AckEntry ackOfBeta() {
    ByzantineLog alpha = court.log("alpha").transaction(put("beta/a=1")).endState();
    return court.log("beta").receive(alpha.envelope(2)).endState().ackFor(court.machine("alpha"));
  }

  private void lone(String name, String code, EntryBody body) {
    entry(name, code, court.log("alpha").body(body).endState(), 1L);
  }

  private void transactions() {
    Statement good = put("a=b");
    byte[] forged = good.encoded().toArray();
    forged[forged.length - 1] ^= 1;
    statement("a forged signature", Bytes.wrap(forged));
    statement("a transaction for beta", court.put("beta", "a=b").encoded());
    statement("no statement at all", Bytes.utf8("pay me"));
    statement(
        "another network's transaction",
        Statement.sign(OTHER, Transaction.TYP, Bytes.utf8("x"), Court.CLIENT).encoded());
    statement(
        "a signed something",
        Statement.sign(
                court.network.genesis().networkId(),
                "probity/ballot",
                Bytes.utf8("x"),
                Court.CLIENT)
            .encoded());
  }

  private void statement(String name, Bytes statement) {
    Bytes outcome = TransactionOutcome.executed(Bytes.utf8("stored")).encode();
    lone(name, EntryCheck.TRANSACTION_INVALID, new TransactionEntry(statement, outcome));
  }

  private void outputs() {
    transition("a lie about the outcome", "outcome_differs", lie(court.log("alpha")), 0, 1);
    transition("a lie in a later batch", "outcome_differs", lie(court.log("alpha", 3)), 7, 8);
    ByzantineLog twice = court.log("alpha").transaction(put(7, "a=1"));
    twice.body(
        new TransactionEntry(
            put(7, "a=2").encoded(), TransactionOutcome.executed(Bytes.utf8("stored")).encode()));
    transition("one id executed twice", "outcome_differs", twice.endState(), 0, 2);
    ByzantineLog expired = court.log("alpha").tick(NOW + 120_000);
    expired.body(
        new TransactionEntry(
            put("a=2").encoded(), TransactionOutcome.executed(Bytes.utf8("stored")).encode()));
    transition("executed after its deadline", "outcome_differs", expired.endState(), 0, 2);
    ByzantineLog missing = court.log("alpha");
    Statement ping = put("beta/a=1");
    Machine.Effects effects = missing.execute(ping);
    missing.body(new TransactionEntry(ping.encoded(), effects.outcome()));
    ByzantineLog atState = missing.fork(court.network, 2);
    transition("a SEND missing", "send_missing", atState.endState(), 0, 2);
    transition("a SEND skipped", "send_missing", missing.transaction(put("c=d")).endState(), 0, 2);
    transition(
        "a SEND made up",
        "send_unexpected",
        court.log("alpha").transaction(put("a=b")).body(send("beta", 0, "gold")).endState(),
        0,
        2);
    transition(
        "a SEND twice",
        "send_unexpected",
        court
            .log("alpha")
            .transaction(put("beta/a=1"))
            .body(send("beta", 1, "beta/a=1"))
            .endState(),
        0,
        3);
    different("a SEND with another payload", send("beta", 0, "beta/a=2"));
    different("a SEND to another node", send("gamma", 0, "beta/a=1"));
    different("a SEND to another incarnation", new SendEntry("beta", 1, 0, Bytes.utf8("beta/a=1")));
    different("a SEND that skips a sequence", send("beta", 1, "beta/a=1"));
  }

  private void different(String name, SendEntry send) {
    ByzantineLog log = court.log("alpha", 1);
    Statement ping = put("beta/a=1");
    Machine.Effects effects = log.execute(ping);
    log.body(new TransactionEntry(ping.encoded(), effects.outcome())).body(send);
    transition(name, "send_differs", log.endState(), 3, 5);
  }

  private ByzantineLog lie(ByzantineLog log) {
    Statement statement = put("a=b");
    log.execute(statement);
    return log.body(
            new TransactionEntry(
                statement.encoded(), TransactionOutcome.executed(Bytes.utf8("lost")).encode()))
        .endState();
  }

  private void states() {
    transition(
        "a state out of nowhere",
        "state_root_differs",
        court.log("alpha", 2).transaction(put("a=b")).endState(OTHER),
        5,
        7);
    ByzantineLog minted = court.log("alpha", 2).transaction(put("a=b"));
    minted.state().put(Bytes.utf8("\u0001gold"), Bytes.utf8("1000"));
    transition("gold minted", "state_root_differs", minted.endState(), 5, 7);
    ByzantineLog idle = court.log("alpha", 1);
    transition(
        "an empty batch that changes state", "state_root_differs", idle.endState(OTHER), 3, 4);
    ByzantineLog ticked = court.log("alpha", 1);
    transition(
        "a TICK that changes nothing",
        "state_root_differs",
        ticked.body(new TickEntry(NOW + 1)).endState(),
        3,
        5);
  }

  private void channels() {
    ByzantineLog beta =
        court
            .log("beta")
            .transaction(court.put("beta", "alpha/a=1"))
            .transaction(court.put("beta", "alpha/b=2"))
            .endState();
    transition(
        "RECEIVE leaves one out",
        "sequence_unexpected",
        court.log("alpha").body(beta.envelope(4)).endState(),
        0,
        1);
    transition(
        "RECEIVE twice",
        "sequence_unexpected",
        court.log("alpha").receive(beta.envelope(2)).body(beta.envelope(2)).endState(),
        0,
        2);
    ByzantineLog forged =
        new ByzantineLog(court.machine("beta"), TestNetwork.signer("mallory"))
            .genesis()
            .transaction(court.put("beta", "alpha/a=1"))
            .endState();
    transition(
        "RECEIVE under a key nobody has",
        "checkpoint_unknown",
        court.log("alpha").body(forged.envelope(2)).endState(),
        0,
        1);
    ByzantineLog gone = court.log("alpha").receive(beta.envelope(2));
    transition(
        "RECEIVE that is not executed",
        "state_root_differs",
        gone.endState(court.machine("alpha").initialState().root()),
        0,
        2);
    AckEntry ack = ackOfBeta();
    transition(
        "ACK of what was never sent",
        "ack_out_of_range",
        court.log("alpha").body(ack).endState(),
        0,
        1);
    ByzantineLog acked = court.log("alpha").transaction(put("beta/a=1")).endState();
    transition(
        "ACK twice",
        "ack_out_of_range",
        acked.fork(court.network, 4).acknowledge(ack).body(ack).endState(),
        3,
        5);
    AckEntry unproven =
        new AckEntry(
            ack.checkpoint(),
            ack.stateEntry(),
            ack.inclusion(),
            StateWitness.ofKeys(acked.state().tree(), List.of(Bytes.utf8("x"))).encoded());
    transition(
        "ACK with another state",
        "ack_unproven",
        acked.fork(court.network, 4).body(unproven).endState(),
        3,
        4);
    AckEntry malformed =
        new AckEntry(ack.checkpoint(), ack.stateEntry(), ack.inclusion(), Bytes.utf8("junk"));
    transition(
        "ACK with junk for a proof",
        "ack_malformed",
        acked.fork(court.network, 4).body(malformed).endState(),
        3,
        4);
  }

  private Statement put(String body) {
    return court.put("alpha", body);
  }

  private Statement put(long id, String body) {
    return court.put("alpha", 1_000_000 + id, body);
  }

  private static SendEntry send(String to, long sequence, String payload) {
    return new SendEntry(to, 0, sequence, Bytes.utf8(payload));
  }

  private void entry(String name, String code, ByzantineLog log, Long... indices) {
    all.add(
        new Offence(
            name,
            FaultKind.INVALID_ENTRY,
            code,
            indices[indices.length - 1],
            court.entry(log, code, indices),
            log));
  }

  private void transition(String name, String code, ByzantineLog log, long first, long last) {
    all.add(
        new Offence(
            name,
            FaultKind.INVALID_TRANSITION,
            code,
            last,
            court.transition(log, first, last),
            log));
  }
}
