package org.probity.simulation.world;

import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.TreeSet;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.log.Origin;

/** What one node, or a client, asks another, as it is on the wire. */
public sealed interface Request {
  /** As in the table of costs. */
  Purpose purpose();

  /** What there is to count. */
  Bytes body();

  /** All there is in it. */
  default void into(Trace trace) {
    trace.bytes(body());
  }

  /** What traffic is for. */
  enum Purpose {
    /** Once in the life of a process. */
    START,
    ENVELOPE,
    ACK,
    FORWARDING,
    WITNESSING,
    CHALLENGE,
    EVIDENCE,
    AUDIT,
    GOVERNANCE,
    CLIENT
  }

  record Envelope(Bytes body) implements Request {
    @Override
    public Purpose purpose() {
      return Purpose.ENVELOPE;
    }
  }

  /** A checkpoint is shown to a witness of its log. */
  record Shown(Bytes body) implements Request {
    @Override
    public Purpose purpose() {
      return Purpose.FORWARDING;
    }
  }

  /** The log is to be continued from this entry on, as soon as there is more. */
  record Follow(long from, long incarnation) implements Request {
    @Override
    public Purpose purpose() {
      return Purpose.WITNESSING;
    }

    @Override
    public Bytes body() {
      return Bytes.EMPTY;
    }

    @Override
    public void into(Trace trace) {
      trace.number(from);
      trace.number(incarnation);
    }
  }

  /** What is held of somebody else's log from this entry on. */
  record Copy(Origin log, long from) implements Request {
    @Override
    public Purpose purpose() {
      return Purpose.WITNESSING;
    }

    @Override
    public Bytes body() {
      return Bytes.EMPTY;
    }

    @Override
    public void into(Trace trace) {
      trace.text(log.format());
      trace.number(from);
    }
  }

  /** A node that starts asks how much of its log is known. */
  record Held(Origin log) implements Request {
    @Override
    public Purpose purpose() {
      return Purpose.START;
    }

    @Override
    public Bytes body() {
      return Bytes.EMPTY;
    }

    @Override
    public void into(Trace trace) {
      trace.text(log.format());
    }
  }

  record Challenged(Bytes body) implements Request {
    @Override
    public Purpose purpose() {
      return Purpose.CHALLENGE;
    }
  }

  record Proof(Bytes body) implements Request {
    @Override
    public Purpose purpose() {
      return Purpose.EVIDENCE;
    }
  }

  record Audited(Bytes body) implements Request {
    @Override
    public Purpose purpose() {
      return Purpose.AUDIT;
    }
  }

  /**
   * What has been decided since, what has been said in this epoch that is not held, and proofs
   * against others than those accused.
   */
  record Assembled(long epoch, Set<Hash> held, Set<String> accused) implements Request {
    public Assembled {
      held = Collections.unmodifiableSet(new LinkedHashSet<>(held));
      accused = Collections.unmodifiableSet(new TreeSet<>(accused));
    }

    @Override
    public Purpose purpose() {
      return Purpose.GOVERNANCE;
    }

    @Override
    public Bytes body() {
      return Bytes.EMPTY;
    }

    @Override
    public void into(Trace trace) {
      trace.number(epoch);
      held.forEach(hash -> trace.number(hash.hashCode()));
      accused.forEach(trace::text);
    }
  }

  /** A client's transaction, at its home node. */
  record Submit(Bytes body) implements Request {
    @Override
    public Purpose purpose() {
      return Purpose.CLIENT;
    }
  }

  /** A client's transaction that its home node does not take, at a witness. */
  record HandOver(Bytes body) implements Request {
    @Override
    public Purpose purpose() {
      return Purpose.CLIENT;
    }
  }
}
