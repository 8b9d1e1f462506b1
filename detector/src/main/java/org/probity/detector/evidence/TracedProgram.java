package org.probity.detector.evidence;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.program.Context;
import org.probity.detector.program.Program;
import org.probity.detector.program.Submission;
import org.probity.detector.program.Transaction;
import org.probity.detector.state.KeyValue;
import org.probity.detector.state.StateView;

/**
 * A program that notes, call by call, which keys the program behind it reads and writes and how
 * many messages it sends. Does what that program does, under the same id. Not thread-safe.
 *
 * <p>What {@link #authorises} looks at is not noted: who may act is no flow of values.
 */
final class TracedProgram implements Program {
  private final Program program;
  private final List<Call> calls = new ArrayList<>();

  TracedProgram(Program program) {
    this.program = program;
  }

  /** What one call did: a transaction, one message of a RECEIVE, or a TICK. */
  static final class Call {
    final TreeSet<Bytes> read = new TreeSet<>();
    final TreeMap<Bytes, Written> written = new TreeMap<>();
    int sends;

    void undo() {
      written.clear();
      sends = 0;
    }
  }

  /** A key's value before the call and after it; null where it is absent. */
  record Written(@Nullable Bytes before, @Nullable Bytes after) {}

  /** The calls since this was last asked, in order. */
  List<Call> drain() {
    List<Call> drained = List.copyOf(calls);
    calls.clear();
    return drained;
  }

  @Override
  public String rules() {
    return program.rules();
  }

  @Override
  public void initialise(Bytes parameters, Context context) {
    program.initialise(parameters, context);
  }

  @Override
  public boolean authorises(Submission submission, Context context) {
    return program.authorises(submission, context);
  }

  @Override
  public int transactionFootprint(Transaction transaction) {
    return program.transactionFootprint(transaction);
  }

  @Override
  public int messageFootprint(Bytes payload) {
    return program.messageFootprint(payload);
  }

  @Override
  public Bytes execute(Submission submission, Context context) {
    return program.execute(submission, traced(context));
  }

  @Override
  public void receive(String from, Bytes payload, Context context) {
    program.receive(from, payload, traced(context));
  }

  @Override
  public void returned(String to, Bytes payload, boolean isTaken, Context context) {
    program.returned(to, payload, isTaken, traced(context));
  }

  @Override
  public void tick(Context context) {
    program.tick(traced(context));
  }

  private Context traced(Context context) {
    Call call = new Call();
    calls.add(call);
    return new TracedContext(context, call);
  }

  private record TracedContext(Context context, Call call) implements Context {
    @Override
    public String self() {
      return context.self();
    }

    @Override
    public long nowMillis() {
      return context.nowMillis();
    }

    @Override
    public boolean isPeer(String node) {
      return context.isPeer(node);
    }

    @Override
    public StateView state() {
      return new TracedView(context.state(), call);
    }

    @Override
    public void send(String to, Bytes payload) {
      context.send(to, payload);
      call.sends++;
    }

    @Override
    public void rollback() {
      context.rollback();
      call.undo();
    }
  }

  private record TracedView(StateView view, Call call) implements StateView {
    @Override
    public @Nullable Bytes get(Bytes key) {
      call.read.add(key);
      return view.get(key);
    }

    @Override
    public void put(Bytes key, Bytes value) {
      write(key, value);
      view.put(key, value);
    }

    @Override
    public void remove(Bytes key) {
      write(key, null);
      view.remove(key);
    }

    @Override
    public void removeRange(Bytes from, @Nullable Bytes to) {
      List<KeyValue> some = view.scan(from, to, MAX_SCAN_LIMIT);
      while (!some.isEmpty()) {
        some.forEach(binding -> remove(binding.key()));
        some = view.scan(from, to, MAX_SCAN_LIMIT);
      }
    }

    @Override
    public List<KeyValue> scan(Bytes from, @Nullable Bytes to, int limit) {
      List<KeyValue> found = view.scan(from, to, limit);
      found.forEach(binding -> call.read.add(binding.key()));
      return found;
    }

    private void write(Bytes key, @Nullable Bytes after) {
      Written earlier = call.written.get(key);
      @Nullable Bytes before = earlier == null ? view.get(key) : earlier.before();
      call.written.put(key, new Written(before, after));
    }
  }
}
