package org.probity.simulation.fault;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.probity.detector.challenge.Answer;
import org.probity.detector.challenge.Challenge;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.Machine;
import org.probity.detector.crypto.Hash;
import org.probity.detector.log.CheckpointSigner;
import org.probity.detector.log.DecisionEntry;
import org.probity.detector.log.Entry;
import org.probity.detector.log.EntryBody;
import org.probity.detector.log.Frontier;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.Rfc6962;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.SigningMark;
import org.probity.detector.log.StateEntry;
import org.probity.detector.log.TickEntry;
import org.probity.detector.log.TreeHead;
import org.probity.detector.state.StateTree;
import org.probity.detector.state.WorkingState;
import org.probity.simulation.node.Behaviour;
import org.probity.simulation.node.SimulatedNode;
import org.probity.simulation.node.StoredEntries;
import org.probity.simulation.world.Reply;
import org.probity.simulation.world.Request;

/**
 * The log of a culprit, gone on with by hand: whatever bytes it likes behind what its core has
 * written, under a checkpoint of its key. From then on that is what its witnesses are shown, also
 * by the processes that are started anew, and what challenges are answered with; it takes nothing
 * more in.
 */
final class HandWrittenLog implements Behaviour {
  private final SimulatedNode node;
  private final StoredEntries log;

  /** As executing what is written leaves it, as far as it moves the clock. */
  private final WorkingState state;

  private Hash prev;
  private long lastStateIndex;
  private long batchBytes;
  private Optional<SignedCheckpoint> signed = Optional.empty();

  /** Behind the durable end of a node's log. */
  HandWrittenLog(SimulatedNode node) {
    this(
        node,
        node.disk().log().newest().orElseThrow().size(),
        node.core().published().orElseThrow().state());
  }

  /**
   * @param state at the end of these entries
   */
  private HandWrittenLog(SimulatedNode node, long size, StateTree state) {
    this.node = node;
    this.log = new StoredEntries();
    // What its disk has damaged it puts back first: whoever cheats signs the history it means.
    LongStream.range(0, size)
        .forEach(index -> log.append(List.of(node.disk().log().original(index))));
    this.prev = decoded(log.entry(size - 1)).leafHash();
    this.lastStateIndex = size - 1;
    this.state = new WorkingState(state);
  }

  /** Of an incarnation that has written nothing yet: behind the close, whose state it forgets. */
  static HandWrittenLog ofNext(SimulatedNode node) {
    return new HandWrittenLog(node, node.disk().log().size(), node.machine().initialState());
  }

  StoredEntries log() {
    return log;
  }

  Hash lastState() {
    return state.root();
  }

  long next() {
    return log.size();
  }

  /** Leaf hash of the last entry. */
  Hash prev() {
    return prev;
  }

  /** Of the entries since the last STATE. */
  long batchBytes() {
    return batchBytes;
  }

  /** What a decision makes of the state, without its entry. */
  HandWrittenLog carriesOut(DecisionEntry decision) {
    node.machine().decide(state, decision);
    return this;
  }

  /** Of the durable end, in milliseconds. */
  long tickMillis() {
    return Machine.system(node.core().published().orElseThrow().state()).tickMillis();
  }

  HandWrittenLog add(EntryBody body) {
    if (body instanceof TickEntry tick) {
      moves(tick);
    }
    return raw(Entry.of(log.size(), prev, body).bytes());
  }

  /** The state is one in which it is so late: then nothing is wrong with a STATE behind a TICK. */
  HandWrittenLog moves(TickEntry tick) {
    Machine.system(state).putTick(tick.millis());
    Machine.system(state).forgetBefore(tick.millis());
    return this;
  }

  HandWrittenLog raw(Bytes entry) {
    log.append(List.of(entry));
    prev = Rfc6962.leaf(entry);
    batchBytes += entry.size();
    return this;
  }

  /** A STATE that names the state there is, if nothing but the clock has moved. */
  HandWrittenLog state() {
    return state(state.root(), 0);
  }

  /** A STATE with any root and any number of bytes too many. */
  HandWrittenLog state(Hash root, long tooMany) {
    add(new StateEntry(root, lastStateIndex, batchBytes + tooMany));
    lastStateIndex = log.size() - 1;
    batchBytes = 0;
    return this;
  }

  /** Signs the log as it is now, without asking whether it has signed another. */
  HandWrittenLog sign() {
    TreeHead head = new TreeHead(log.size(), Frontier.read(log, log.size()).root());
    SignedCheckpoint checkpoint =
        ((CheckpointSigner.Signed)
                CheckpointSigner.guarding(
                        node.logKey(), node.machine().origin(), SigningMark.NOTHING_SIGNED)
                    .sign(head))
            .checkpoint();
    log.checkpoint(checkpoint);
    signed = Optional.of(checkpoint);
    return this;
  }

  SignedCheckpoint checkpoint() {
    return signed.orElseThrow();
  }

  /** Entries of a node's log with this body, the last first. */
  static <T extends EntryBody> List<Entry> of(SimulatedNode node, Class<T> type) {
    List<Entry> found = new ArrayList<>();
    for (long index = node.disk().log().size() - 1; index >= 0; index--) {
      Entry entry = decoded(node.disk().log().original(index));
      if (type.isInstance(entry.body())) {
        found.add(entry);
      }
    }
    return found;
  }

  static Entry decoded(Bytes entry) {
    try {
      return Entry.decode(entry);
    } catch (DecodeException e) {
      throw new IllegalStateException("an own entry is damaged", e);
    }
  }

  @Override
  public Optional<Reply> serve(SimulatedNode asked, String from, Request request) {
    if (request instanceof Request.Follow follow) {
      return Optional.of(
          follow.from() < log.size()
              ? new Reply.LogPart(checkpoint().bytes(), log.range(follow.from(), log.size()))
              : SILENT);
    }
    if (request instanceof Request.Challenged challenged) {
      return Optional.of(
          answered(challenged.body()).map(it -> (Reply) new Reply.Ok(it)).orElse(SILENT));
    }
    boolean isTakenIn = request instanceof Request.Envelope || request instanceof Request.Submit;
    return isTakenIn ? Optional.of(SILENT) : Optional.empty();
  }

  /** Out of this log, so that nothing but what is written in it is wrong. */
  private Optional<Bytes> answered(Bytes challenge) {
    Challenge.Body asked =
        FalseAnswers.body(node.world().founding().genesis(), challenge).orElse(null);
    if (asked instanceof Challenge.Audit audit) {
      return FalseAnswers.checkpoint(audit.checkpoint())
          .filter(this::isOfThis)
          // Others may have asked for what no checkpoint promises.
          .filter(end -> audit.count() > 0 && audit.from() <= end.size() - audit.count())
          .map(end -> FalseAnswers.produced(log, end, audit.from(), audit.from() + audit.count()));
    }
    if (asked instanceof Challenge.Consistency pair) {
      return FalseAnswers.checkpoint(pair.newer())
          .filter(this::isOfThis)
          .flatMap(
              newer ->
                  FalseAnswers.checkpoint(pair.older())
                      .filter(older -> isOfThis(older) && older.size() < newer.size())
                      .map(
                          older ->
                              Answer.linking(
                                  MerkleProofs.consistency(log, older.size(), newer.size()))));
    }
    return Optional.empty();
  }

  private boolean isOfThis(SignedCheckpoint checkpoint) {
    return checkpoint.origin().equals(node.machine().origin()) && !Forks.differs(log, checkpoint);
  }

  @Override
  public boolean isWrittenByHand() {
    return true;
  }

  @Override
  public boolean sends(SimulatedNode asking, String to, Request request) {
    return !(request instanceof Request.Envelope);
  }
}
