package org.probity.demo.fault;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.probity.demo.fault.ForgedLog.Continuation;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.Replay;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.Signer;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.evidence.FaultKind;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.log.DecisionEntry;
import org.probity.detector.log.Entry;
import org.probity.detector.log.EntryBody;
import org.probity.detector.log.LogReader;
import org.probity.detector.log.Multiproof;
import org.probity.detector.log.Origin;
import org.probity.detector.log.ReceiveEntry;
import org.probity.detector.log.SendEntry;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.TickEntry;
import org.probity.detector.log.TransactionEntry;
import org.probity.detector.program.TransactionOutcome;
import org.probity.detector.state.StateTree;
import org.probity.detector.state.WorkingState;
import org.probity.node.http.NodeService;
import org.probity.node.http.PublishedLog;
import org.probity.node.http.api.Polling;
import org.probity.node.http.peer.PeerTransport;
import org.probity.node.program.Programs;
import org.probity.node.runtime.NodeParts;
import org.probity.node.runtime.NodeSettings;
import org.probity.simulation.fault.Lie;
import org.probity.simulation.fault.LyingProgram;

/**
 * One rule of the log each, broken once by a node that is correct otherwise: the rows of
 * docs/faults.md about what is logged and signed. What comes before the breach in the same batch is
 * what a correct node might log, so that the breach is all there is to find.
 */
public enum BrokenRule {
  /** Two histories: one is shown to the witnesses, a checkpoint of the other to told. */
  TWO_HISTORIES(FaultKind.FORK, "fork", BrokenRule::twoFaced),

  /** Bytes after the entry: another encoding of the same value. */
  ENCODING(
      FaultKind.INVALID_ENTRY,
      "encoding",
      (tail, node, told) ->
          tail.add(
                  joined(
                      Entry.of(tail.next(), tail.prev(), tail.newest(TickEntry.class)).bytes(),
                      Bytes.wrap(new byte[1])))
              .state()),

  /** An entry that leaves out an index. */
  INDEX(
      FaultKind.INVALID_ENTRY,
      "wrong_index",
      (tail, node, told) ->
          tail.add(Entry.of(tail.next() + 1, tail.prev(), tail.newest(TickEntry.class)).bytes())
              .state()),

  /** An entry that follows another than the one before it. */
  CHAIN(
      FaultKind.INVALID_ENTRY,
      "wrong_prev",
      (tail, node, told) ->
          tail.add(Entry.of(tail.next(), tail.root(), tail.newest(TickEntry.class)).bytes())
              .state()),

  /** A message that nothing has caused. */
  GRAMMAR(
      FaultKind.INVALID_ENTRY,
      "output_without_input",
      (tail, node, told) -> tail.add(tail.newest(SendEntry.class)).state()),

  /** A clock that goes back by a millisecond. */
  CLOCK_BACKWARDS(
      FaultKind.INVALID_ENTRY,
      "tick_backwards",
      (tail, node, told) ->
          tail.add(new TickEntry(tail.newest(TickEntry.class).millis() - 1)).state()),

  /** A message under the number of an earlier one. */
  SEQUENCE_TWICE(
      FaultKind.INVALID_ENTRY,
      "sequence_used_twice",
      (tail, node, told) -> again(tail).add(tail.newest(SendEntry.class)).state()),

  /** The next batch begins, and the STATE that ends the one before is not there. */
  STATE_WITHHELD(
      FaultKind.INVALID_ENTRY,
      "tick_misplaced",
      (tail, node, told) -> again(tail).add(tail.newest(TickEntry.class)).state()),

  /** A batch that goes on beyond what a proof about it could hold. */
  BATCH_TOO_LONG(
      FaultKind.INVALID_TRANSITION,
      "batch_footprint_too_large",
      (tail, node, told) -> {
        while (tail.batchBytes() <= genesis(node).parameters().maxBatchBytes()) {
          again(tail);
        }
        tail.state();
      }),

  /** A checkpoint in the middle of a batch. */
  CHECKPOINT_NOT_ON_STATE(
      FaultKind.INVALID_ENTRY, "checkpoint_not_on_state", (tail, node, told) -> again(tail)),

  /** A message that its sender's checkpoint does not cover. */
  MESSAGE_FORGED(
      FaultKind.INVALID_ENTRY,
      "receive_proof",
      (tail, node, told) -> tail.add(withOtherPayload(tail.newest(ReceiveEntry.class))).state()),

  /** A message under a checkpoint that its sender has not signed. */
  SENDER_FORGED(
      FaultKind.INVALID_TRANSITION,
      "checkpoint_unknown",
      (tail, node, told) -> tail.add(withOtherSignature(tail.newest(ReceiveEntry.class))).state()),

  /** A message executed a second time. */
  MESSAGE_TWICE(
      FaultKind.INVALID_TRANSITION,
      "sequence_unexpected",
      (tail, node, told) -> tail.add(tail.newest(ReceiveEntry.class)).state()),

  /** A message taken in before the one that was sent before it; told is whose. */
  SEQUENCE_SKIPPED(
      FaultKind.INVALID_TRANSITION,
      "sequence_unexpected",
      (tail, node, told) -> tail.add(secondMessage(node, told)).state()),

  /** Another root than execution gives. */
  STATE_ROOT(
      FaultKind.INVALID_TRANSITION,
      "state_root_differs",
      (tail, node, told) -> again(tail).state(tail.prev())),

  /** A decision for which a ballot is missing; told is one that is complete. */
  DECISION_WITHOUT_QUORUM(
      FaultKind.INVALID_TRANSITION,
      "ballot_count",
      (tail, node, told) -> tail.add(new DecisionEntry(Bytes.fromHex(told))).state()),

  /** A decision that is logged and has no consequences. */
  DECISION_IGNORED(
      FaultKind.INVALID_TRANSITION,
      "state_root_differs",
      (tail, node, told) -> tail.add(new DecisionEntry(Bytes.fromHex(told))).state()),

  /** The consequences of a decision that is not logged. */
  DECISION_NOT_TAKEN(
      FaultKind.INVALID_TRANSITION,
      "state_root_differs",
      (tail, node, told) ->
          again(tail).state(stateAfter(node, new DecisionEntry(Bytes.fromHex(told))).root())),

  CREDIT_SENT_TWICE(FaultKind.INVALID_TRANSITION, "send_unexpected", Lie.CREDIT_SENT_TWICE),
  CREDIT_NOT_SENT(FaultKind.INVALID_TRANSITION, "send_missing", Lie.CREDIT_NOT_SENT),
  CREDIT_ALTERED(FaultKind.INVALID_TRANSITION, "send_differs", Lie.CREDIT_ALTERED);

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final FaultKind kind;
  private final String code;

  @SuppressWarnings("ImmutableEnumChecker") // A function of its arguments.
  private final Parts parts;

  private interface Parts {
    NodeParts of(NodeSettings settings, Trigger trigger);
  }

  /** Broken behind the end of the true log. */
  BrokenRule(FaultKind kind, String code, Continuation continuation) {
    this(
        kind,
        code,
        (settings, trigger) ->
            NodeParts.standard()
                .withService(
                    truth -> new ForgedLog(truth, settings.logKey(), trigger, continuation)));
  }

  /** Broken by the program that the node runs. */
  BrokenRule(FaultKind kind, String code, Lie lie) {
    this(
        kind,
        code,
        (settings, trigger) ->
            new NodeParts(
                truth -> new LyingProgram(truth, lie, trigger::isGiven), transport -> transport));
  }

  BrokenRule(FaultKind kind, String code, Parts parts) {
    this.kind = kind;
    this.code = code;
    this.parts = parts;
  }

  /** What the proof must be. */
  public FaultKind kind() {
    return kind;
  }

  /** Why, as the verifier names it. */
  public String code() {
    return code;
  }

  /** What to build the node from; correct until the trigger is given. */
  public NodeParts parts(NodeSettings settings, Trigger trigger) {
    return parts.of(settings, trigger);
  }

  private static NodeParts twoFaced(NodeSettings settings, Trigger trigger) {
    AtomicReference<PeerTransport> way = new AtomicReference<>();
    Signer logKey = settings.logKey();
    return new NodeParts(
            program -> program,
            transport -> {
              way.set(transport);
              return transport;
            })
        .withService(
            truth ->
                new ForgedLog(
                    truth,
                    logKey,
                    trigger,
                    (tail, node, told) -> {
                      again(tail).state();
                      LogTail other = new LogTail(node.ownLog());
                      other.add(other.newest(TickEntry.class)).state();
                      way.get()
                          .checkpoint(
                              told,
                              other
                                  .signed(logKey, Origin.parse(node.info().origin()))
                                  .checkpoint());
                    }));
  }

  /** The newest transaction once more, with the outcome that this has. */
  private static LogTail again(LogTail tail) throws DecodeException {
    return tail.add(
        new TransactionEntry(
            tail.newest(TransactionEntry.class).statement(),
            TransactionOutcome.refused(TransactionOutcome.Status.ALREADY_RECORDED).encode()));
  }

  private static Bytes joined(Bytes first, Bytes second) {
    byte[] both = new byte[first.size() + second.size()];
    System.arraycopy(first.toArray(), 0, both, 0, first.size());
    System.arraycopy(second.toArray(), 0, both, first.size(), second.size());
    return Bytes.wrap(both);
  }

  /** The same entries, the last byte of the last payload changed. */
  private static ReceiveEntry withOtherPayload(ReceiveEntry receive) throws DecodeException {
    List<Bytes> sends = new ArrayList<>(receive.sends());
    Entry last = Entry.decode(sends.remove(sends.size() - 1));
    SendEntry send = (SendEntry) last.body();
    sends.add(
        Entry.of(
                last.index(),
                last.prev(),
                new SendEntry(
                    send.toNode(),
                    send.toIncarnation(),
                    send.sequence(),
                    withOtherByte(send.payload(), send.payload().size() - 1)))
            .bytes());
    return new ReceiveEntry(receive.checkpoint(), sends, receive.multiproof());
  }

  /** The signature is base64 behind a name and four bytes of key id, and ends with a newline. */
  private static ReceiveEntry withOtherSignature(ReceiveEntry receive) {
    int at = receive.checkpoint().size() - 8;
    byte other = (byte) (receive.checkpoint().toArray()[at] == 'A' ? 'B' : 'A');
    byte[] forged = receive.checkpoint().toArray();
    forged[at] = other;
    return new ReceiveEntry(Bytes.wrap(forged), receive.sends(), receive.multiproof());
  }

  private static Bytes withOtherByte(Bytes bytes, int at) {
    byte[] other = bytes.toArray();
    other[at] ^= 1;
    return Bytes.wrap(other);
  }

  /** Out of a ward's log, where two messages wait to be taken in: the later one alone. */
  private static ReceiveEntry secondMessage(NodeService node, String ward)
      throws DecodeException, InterruptedException {
    String self = node.info().node();
    long received = 0;
    for (EntryBody body : bodies(node.ownLog().entries(), node.ownLog().size())) {
      if (body instanceof ReceiveEntry receive
          && SignedCheckpoint.parse(receive.checkpoint()).origin().node().equals(ward)) {
        received += receive.sends().size();
      }
    }
    long skipped = received + 1;
    Genesis genesis = genesis(node);
    NodeRecord record = genesis.node(ward).orElseThrow();
    Hash origin = Hash.sha256(Bytes.utf8(genesis.origin(record).format()).unsafeArray());
    List<ReceiveEntry> found = new ArrayList<>();
    Polling.LOCAL.await(
        PATIENCE,
        () -> {
          node.replica(origin).ifPresent(log -> found.addAll(only(log, record, self, skipped)));
          return !found.isEmpty();
        });
    return found.get(0);
  }

  /** The SEND of this sequence as its receiver would log it, if it is there. */
  private static List<ReceiveEntry> only(
      PublishedLog log, NodeRecord author, String to, long sequence) {
    try {
      List<EntryBody> bodies = bodies(log.entries(), log.size());
      for (int index = 0; index < bodies.size(); index++) {
        if (bodies.get(index) instanceof SendEntry send
            && send.toNode().equals(to)
            && send.sequence() == sequence) {
          return List.of(
              new ReceiveEntry(
                  SignedCheckpoint.extract(log.note(), author.logKey()).bytes(),
                  List.of(log.entries().entry(index)),
                  Multiproof.build(log.entries(), log.size(), List.of((long) index))));
        }
      }
      return List.of();
    } catch (DecodeException e) {
      throw new IllegalStateException("the ward's log is damaged", e);
    }
  }

  private static List<EntryBody> bodies(LogReader log, long size) throws DecodeException {
    List<EntryBody> bodies = new ArrayList<>();
    for (long index = 0; index < size; index++) {
      bodies.add(Entry.decode(log.entry(index)).body());
    }
    return bodies;
  }

  /** The state at the end of the true log, and after a decision. */
  private static StateTree stateAfter(NodeService node, DecisionEntry decision) {
    Genesis genesis = genesis(node);
    NodeRecord self = genesis.node(node.info().node()).orElseThrow();
    Machine machine = new Machine(genesis, self, Programs.of(genesis).orElseThrow());
    WorkingState state = new WorkingState(machine.initialState());
    Replay replay = new Replay(machine, state);
    StatementVerifier verifier =
        new StatementVerifier(SignatureRule.fastest(), genesis.networkId());
    PublishedLog log = node.ownLog();
    for (long index = 1; index < log.size(); index++) {
      replay.feed(Replay.prepare(log.entries().entry(index), self.node(), verifier));
    }
    machine.decide(state, decision);
    return state.tree();
  }

  private static Genesis genesis(NodeService node) {
    try {
      return Genesis.decode(node.info().genesis());
    } catch (DecodeException e) {
      throw new IllegalStateException("the own genesis is damaged", e);
    }
  }
}
