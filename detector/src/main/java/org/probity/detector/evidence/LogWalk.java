package org.probity.detector.evidence;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.Replay;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.evidence.BlastRadius.At;
import org.probity.detector.evidence.BlastRadius.Change;
import org.probity.detector.evidence.BlastRadius.Effect;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.log.Entry;
import org.probity.detector.log.LogReader;
import org.probity.detector.log.ReceiveEntry;
import org.probity.detector.log.SendEntry;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.program.Program;
import org.probity.detector.state.WorkingState;

/** Replays one log for a {@link BlastRadius}, entry by entry, and notes what is affected. */
final class LogWalk {
  private final String node;
  private final LogReader log;
  private final BlastRadius.Spread spread;
  private final TracedProgram program;
  private final Replay replay;
  private final StatementVerifier statements;

  /** Rows that an affected input wrote, and the last one that did. */
  private final NavigableMap<Bytes, Long> affectedRows = new TreeMap<>();

  /** For each SEND that the last input makes: whether it is affected. */
  private final Deque<Boolean> sends = new ArrayDeque<>();

  private long next;
  private OptionalLong divergence = OptionalLong.empty();

  LogWalk(
      Genesis genesis,
      NodeRecord record,
      Program program,
      LogReader log,
      BlastRadius.Spread spread) {
    this.node = record.node();
    this.log = log;
    this.spread = spread;
    this.program = new TracedProgram(program);
    Machine machine = new Machine(genesis, record, this.program);
    this.replay = new Replay(machine, new WorkingState(machine.initialState()));
    this.statements = new StatementVerifier(genesis.signatures(), genesis.networkId());
    this.next = Math.min(1, log.size());
  }

  /** Where replay parts from what is logged, if it does. */
  OptionalLong divergence() {
    return divergence;
  }

  /** The input at which it cannot go on, if it is not through. */
  Optional<At> stuck() {
    return next < end() ? Optional.of(new At(node, next)) : Optional.empty();
  }

  /**
   * Goes on until the end, or until an input takes in a SEND that its log's walk has not reached.
   *
   * @return whether it got any further
   */
  boolean advance(NavigableMap<String, LogWalk> walks) {
    long from = next;
    while (next < end()) {
      Replay.Prepared prepared = Replay.prepare(log.entry(next), node, statements);
      List<At> received = received(prepared);
      if (received.stream().anyMatch(send -> isStillToCome(send, walks))) {
        break;
      }
      received.stream().filter(send -> isUnknown(send, walks)).forEach(spread::unseen);
      step(prepared, received);
    }
    return next > from;
  }

  private long end() {
    return Math.min(log.size(), spread.end(node));
  }

  /** Nothing affects a log before it has been walked to there, so this ends. */
  private boolean isStillToCome(At send, NavigableMap<String, LogWalk> walks) {
    LogWalk walk = walks.get(send.node());
    return walk != null && walk.next <= send.index() && send.index() < walk.end();
  }

  private boolean isUnknown(At send, NavigableMap<String, LogWalk> walks) {
    LogWalk walk = walks.get(send.node());
    boolean isBeforeAnyFault = send.index() < spread.end(send.node());
    return isBeforeAnyFault && (walk == null || walk.log.size() <= send.index());
  }

  /** The SENDs that a RECEIVE takes in; none for other entries. */
  private static List<At> received(Replay.Prepared prepared) {
    if (!(prepared.entry().map(Entry::body).orElse(null) instanceof ReceiveEntry receive)) {
      return List.of();
    }
    try {
      String from = SignedCheckpoint.parse(receive.checkpoint()).origin().node();
      List<At> sends = new ArrayList<>();
      for (Bytes send : receive.sends()) {
        sends.add(new At(from, Entry.decode(send).index()));
      }
      return sends;
    } catch (DecodeException e) {
      // Replay will say what is wrong with it.
      return List.of();
    }
  }

  private void step(Replay.Prepared prepared, List<At> received) {
    long index = next++;
    Optional<Entry> entry = prepared.entry();
    if (replay.feed(prepared).isPresent() || entry.isEmpty()) {
      divergence = OptionalLong.of(index);
      spread.source(node, index);
      return;
    }
    if (entry.get().body() instanceof SendEntry) {
      if (sends.remove()) {
        spread.send(new At(node, index));
      }
      return;
    }
    sends.clear();
    List<TracedProgram.Call> calls = program.drain();
    for (int i = 0; i < calls.size(); i++) {
      SortedSet<At> causes = causes(calls.get(i));
      if (i < received.size() && spread.isAffected(received.get(i))) {
        causes.add(received.get(i));
      }
      note(entry.get(), calls.get(i), causes);
    }
  }

  private SortedSet<At> causes(TracedProgram.Call call) {
    SortedSet<At> causes = new TreeSet<>();
    for (Bytes key : call.read) {
      Long writer = affectedRows.get(key);
      if (writer != null) {
        causes.add(new At(node, writer));
      }
    }
    return causes;
  }

  private void note(Entry entry, TracedProgram.Call call, SortedSet<At> causes) {
    boolean isAffected = !causes.isEmpty();
    for (int i = 0; i < call.sends; i++) {
      sends.add(isAffected);
    }
    if (!isAffected) {
      return;
    }
    At at = new At(node, entry.index());
    spread.effect(new Effect(at, entry.type(), causes));
    call.written.forEach(
        (key, written) -> {
          if (spread.carriesValue(key)) {
            affectedRows.put(key, entry.index());
            spread.change(
                new Change(
                    at,
                    key,
                    Optional.ofNullable(written.before()),
                    Optional.ofNullable(written.after())));
          }
        });
  }
}
