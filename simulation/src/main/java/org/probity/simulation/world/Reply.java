package org.probity.simulation.world;

import java.util.List;
import java.util.Optional;
import org.probity.detector.codec.Bytes;
import org.probity.detector.governance.Assembly;

/** What comes back. */
public sealed interface Reply {
  /** For the table of costs. */
  long size();

  /** All there is in it. */
  void into(Trace trace);

  record Ok(Bytes body) implements Reply {
    public static final Ok EMPTY = new Ok(Bytes.EMPTY);

    @Override
    public long size() {
      return body.size();
    }

    @Override
    public void into(Trace trace) {
      trace.bytes(body);
    }
  }

  /** Said no, with a stable code. */
  record Refused(String code) implements Reply {
    @Override
    public long size() {
      return code.length();
    }

    @Override
    public void into(Trace trace) {
      trace.text(code);
    }
  }

  /** An envelope's proof must start at this size. */
  record WrongBase(long heldSize) implements Reply {
    @Override
    public long size() {
      return Long.BYTES;
    }

    @Override
    public void into(Trace trace) {
      trace.number(heldSize);
    }
  }

  /** How a log goes on. */
  record LogPart(Bytes checkpoint, List<Bytes> entries) implements Reply {
    public LogPart {
      entries = List.copyOf(entries);
    }

    @Override
    public long size() {
      long size = checkpoint.size();
      for (Bytes entry : entries) {
        size += entry.size();
      }
      return size;
    }

    @Override
    public void into(Trace trace) {
      trace.bytes(checkpoint);
      entries.forEach(trace::bytes);
    }
  }

  /**
   * How much of a log is known.
   *
   * @param counts whether whoever says so would know if there were more
   * @param epoch so many decisions are known there
   */
  record HeldLog(boolean counts, long epoch, Optional<Bytes> checkpoint) implements Reply {
    @Override
    public long size() {
      return 1L + Long.BYTES + checkpoint.map(Bytes::size).orElse(0);
    }

    @Override
    public void into(Trace trace) {
      trace.number(counts ? 1 : 0);
      trace.number(epoch);
      checkpoint.ifPresent(trace::bytes);
    }
  }

  /** Decisions and statements of members that the asker lacks. */
  record Assembled(List<Bytes> decisions, List<Assembly.Item> items) implements Reply {
    public Assembled {
      decisions = List.copyOf(decisions);
      items = List.copyOf(items);
    }

    @Override
    public long size() {
      return decisions.stream().mapToLong(Bytes::size).sum()
          + items.stream().mapToLong(item -> item.statement().size()).sum();
    }

    @Override
    public void into(Trace trace) {
      decisions.forEach(trace::bytes);
      items.forEach(item -> trace.bytes(item.statement()));
    }
  }

  /** A challenge is held here as well. */
  record Held() implements Reply {
    @Override
    public long size() {
      return 1;
    }

    @Override
    public void into(Trace trace) {
      trace.number(1);
    }
  }

  /** A challenge is held here, and so is what it asks for, as a cosignature says. */
  record Confirmed(Bytes confirmation) implements Reply {
    @Override
    public long size() {
      return confirmation.size();
    }

    @Override
    public void into(Trace trace) {
      trace.bytes(confirmation);
    }
  }

  /**
   * A transaction is in the durable log.
   *
   * @param checkpoint over it
   */
  record Recorded(long index, Bytes outcome, Bytes checkpoint) implements Reply {
    @Override
    public long size() {
      return (long) Long.BYTES + outcome.size() + checkpoint.size();
    }

    @Override
    public void into(Trace trace) {
      trace.number(index);
      trace.bytes(outcome);
      trace.bytes(checkpoint);
    }
  }
}
