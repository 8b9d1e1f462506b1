package org.probity.detector.evidence;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.ChannelId;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.Replay;
import org.probity.detector.commitment.SystemState;
import org.probity.detector.commitment.TransactionRule;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.Signer;
import org.probity.detector.crypto.Statement;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.governance.Decision;
import org.probity.detector.log.AckEntry;
import org.probity.detector.log.CheckpointSigner;
import org.probity.detector.log.DecisionEntry;
import org.probity.detector.log.Entry;
import org.probity.detector.log.EntryBody;
import org.probity.detector.log.Frontier;
import org.probity.detector.log.LogReader;
import org.probity.detector.log.MemoryTree;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.Multiproof;
import org.probity.detector.log.ReceiveEntry;
import org.probity.detector.log.Rfc6962;
import org.probity.detector.log.SendEntry;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.SigningMark;
import org.probity.detector.log.StateEntry;
import org.probity.detector.log.TickEntry;
import org.probity.detector.log.TransactionEntry;
import org.probity.detector.log.TreeHead;
import org.probity.detector.log.TreeNode;
import org.probity.detector.node.TestNetwork;
import org.probity.detector.state.AccessLog;
import org.probity.detector.state.StateTree;
import org.probity.detector.state.StateWitness;
import org.probity.detector.state.WorkingState;

/**
 * A log written by hand with a real key: honest where the test calls the honest methods, and
 * whatever the test likes where it appends bodies or bytes of its own. Signs any size, any number
 * of times: this is what a Byzantine node can do and {@code CheckpointSigner} is there to prevent.
 */
public final class ByzantineLog implements LogReader {
  private final Machine machine;
  private final Signer logKey;
  private final StatementVerifier statements;
  private final List<Bytes> entries = new ArrayList<>();
  private final MemoryTree tree = new MemoryTree();
  private final WorkingState state;
  private final List<StateTree> stateAfter = new ArrayList<>();

  private Hash lastLeaf;
  private long lastStateIndex;
  private long batchBytes;

  /** An empty log of a node of the network. */
  public ByzantineLog(TestNetwork network, Machine machine) {
    this(machine, network.logKey(machine.self().node()));
  }

  /** One that somebody else signs. */
  public ByzantineLog(Machine machine, Signer logKey) {
    this.machine = machine;
    this.logKey = logKey;
    this.statements = new StatementVerifier(SignatureRule.fastest(), machine.genesis().networkId());
    this.state = new WorkingState(machine.initialState());
    this.lastLeaf = machine.genesis().networkId();
  }

  /**
   * The same log, under the keys of another incarnation from here on; it has to end on a STATE.
   *
   * @param next the machine of that incarnation
   */
  public ByzantineLog succeed(Machine next, Signer key) {
    ByzantineLog later = new ByzantineLog(next, key);
    for (int i = 0; i < entries.size(); i++) {
      later.raw(entries.get(i));
      later.stateAfter.set(i, stateAfter.get(i));
    }
    later.endBatch();
    later.state.rollbackTo(state.tree());
    return later;
  }

  /** The same log up to {@code size}, to go on differently. */
  public ByzantineLog fork(TestNetwork network, long size) {
    ByzantineLog other = new ByzantineLog(network, machine);
    for (int i = 0; i < size; i++) {
      other.raw(entries.get(i));
      try {
        if (Entry.decode(entries.get(i)).type().completesBatch()) {
          other.endBatch();
        }
      } catch (DecodeException e) {
        throw new AssertionError(e);
      }
      other.stateAfter.set(i, stateAfter.get(i));
    }
    other.state.rollbackTo(stateAfter.get((int) size - 1));
    return other;
  }

  public Machine machine() {
    return machine;
  }

  public WorkingState state() {
    return state;
  }

  /** The state that execution of the honest methods had reached after entry {@code index}. */
  public StateTree stateAfter(long index) {
    return stateAfter.get((int) index);
  }

  // What an honest node would do.

  public ByzantineLog genesis() {
    return body(machine.genesisBody()).endBatch();
  }

  public ByzantineLog tick(long millis) {
    machine.tick(state, millis);
    return body(new TickEntry(millis));
  }

  /** Executes and logs, with its SENDs. */
  public ByzantineLog transaction(Statement statement) {
    Machine.Effects effects = execute(statement);
    body(new TransactionEntry(statement.encoded(), effects.outcome()));
    effects.sends().forEach(this::body);
    return this;
  }

  public ByzantineLog receive(ReceiveEntry receive) {
    Machine.Effects effects =
        machine.receive(state, receive, entries.size()).effects().orElseThrow();
    body(receive);
    effects.sends().forEach(this::body);
    return this;
  }

  public ByzantineLog acknowledge(AckEntry ack) {
    if (machine.acknowledge(state, ack).violation().isPresent()) {
      throw new AssertionError("not an acknowledgement an honest node would log");
    }
    return body(ack);
  }

  public ByzantineLog decide(Decision decision) {
    DecisionEntry entry = new DecisionEntry(decision.encode());
    machine
        .decide(state, entry)
        .violation()
        .ifPresent(
            violation -> {
              throw new AssertionError("not a decision an honest node would log: " + violation);
            });
    return body(entry);
  }

  public ByzantineLog endState() {
    return endState(state.root());
  }

  // What it would not.

  /** Executes at the next index and logs nothing. */
  public Machine.Effects execute(Statement statement) {
    TransactionRule.Checked checked =
        TransactionRule.check(statement.encoded(), machine.self().node(), statements)
            .checked()
            .orElseThrow();
    return machine.transaction(state, checked.statement(), checked.transaction(), entries.size());
  }

  /** The same of messages, on a state of its own: nothing is kept. */
  public Machine.Result execute(ReceiveEntry receive) {
    return machine.receive(new WorkingState(state.tree()), receive, entries.size());
  }

  /** A STATE with any root, otherwise right. */
  public ByzantineLog endState(Hash root) {
    return body(new StateEntry(root, lastStateIndex, batchBytes)).endBatch();
  }

  /** Any body, chained as it should be. */
  public ByzantineLog body(EntryBody body) {
    return raw(Entry.of(entries.size(), lastLeaf, body).bytes());
  }

  /** Any bytes as the next leaf. */
  public ByzantineLog raw(Bytes bytes) {
    entries.add(bytes);
    lastLeaf = Rfc6962.leaf(bytes);
    tree.append(lastLeaf);
    batchBytes += bytes.size();
    stateAfter.add(state.tree());
    return this;
  }

  /** What comes next counts as a new batch. */
  public ByzantineLog endBatch() {
    lastStateIndex = entries.size() - 1L;
    batchBytes = 0;
    return this;
  }

  public Hash lastLeaf() {
    return lastLeaf;
  }

  public long lastStateIndex() {
    return lastStateIndex;
  }

  public long batchBytes() {
    return batchBytes;
  }

  public SignedCheckpoint checkpoint() {
    return checkpoint(entries.size());
  }

  public SignedCheckpoint checkpoint(long size) {
    return sign(new TreeHead(size, Frontier.read(tree, size).root()));
  }

  /** Signs anything. */
  public SignedCheckpoint sign(TreeHead head) {
    return ((CheckpointSigner.Signed)
            CheckpointSigner.guarding(logKey, machine.origin(), SigningMark.NOTHING_SIGNED)
                .sign(head))
        .checkpoint();
  }

  // What others make of it.

  /** The entry that the receiver of these SENDs logs. */
  public ReceiveEntry envelope(long... indices) {
    List<Long> list = LongStream.of(indices).boxed().toList();
    return new ReceiveEntry(
        checkpoint().bytes(),
        list.stream().map(this::entry).toList(),
        Multiproof.build(tree, size(), list));
  }

  /** The entry that {@code peer} logs as our acknowledgement; the log must end on a STATE. */
  public AckEntry ackFor(Machine peer) {
    Bytes key = Machine.systemKey(SystemState.receivedKey(ChannelId.to(peer.self())));
    return new AckEntry(
        checkpoint().bytes(),
        entry(size() - 1),
        MerkleProofs.inclusion(tree, size() - 1, size()),
        StateWitness.ofKeys(state.tree(), List.of(key)).encoded());
  }

  /** The witness of executing the entries after {@code first} up to {@code last}. */
  public StateWitness witness(long first, long last) {
    return witness(stateAfter(first), first, last);
  }

  /** The same on another state than the one that was there. */
  public StateWitness witness(StateTree base, long first, long last) {
    AccessLog log = new AccessLog(base);
    replay(log.state(), first, last);
    return log.witness();
  }

  /** Executes the entries after {@code first} up to {@code last}, or to the first divergence. */
  public void replay(WorkingState on, long first, long last) {
    Replay replay = new Replay(machine, on);
    for (long index = first + 1; index <= last; index++) {
      Replay.Prepared prepared = Replay.prepare(entry(index), machine.self().node(), statements);
      if (replay.feed(prepared).isPresent()) {
        break;
      }
    }
  }

  /** Positions of all SENDs. */
  public List<Long> sends() {
    return LongStream.range(0, size()).boxed().filter(this::isSend).toList();
  }

  private boolean isSend(long index) {
    try {
      return Entry.decode(entry(index)).body() instanceof SendEntry;
    } catch (DecodeException e) {
      return false;
    }
  }

  /** What was appended since {@code first}, as the store gets it. */
  public List<TreeNode> completedSince(long first) {
    Frontier before = Frontier.read(tree, first);
    return before
        .append(entries.subList((int) first, entries.size()).stream().map(Rfc6962::leaf).toList())
        .completed();
  }

  @Override
  public long size() {
    return entries.size();
  }

  @Override
  public Bytes entry(long index) {
    return entries.get((int) index);
  }

  @Override
  public Hash node(int level, long index) {
    return tree.node(level, index);
  }
}
