package org.probity.detector.log;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.SignatureRule;

/**
 * Whom a client trusts (C2SP tlog-policy): logs, witnesses, and how many of the witnesses must have
 * cosigned.
 *
 * <pre>
 * log &lt;vkey&gt; [&lt;url&gt;]
 * witness &lt;name&gt; &lt;vkey&gt; [&lt;url&gt;]
 * group &lt;name&gt; &lt;k&gt;|any|all &lt;member&gt;...
 * quorum &lt;name&gt;|none
 * </pre>
 *
 * <p>Groups may have groups as members; a name is defined before it is used and is a member at most
 * once, so the quorum is a tree and every witness counts once. {@link TlogPolicyParser} reads the
 * text. Immutable; judging costs one signature verification per line of a known key.
 */
public final class TlogPolicy {
  /** Why a note does not satisfy a policy. The codes are stable. */
  public enum Refusal {
    BAD_CHECKPOINT,
    UNKNOWN_LOG,
    BAD_SIGNATURE,
    NO_LOG_SIGNATURE,
    NO_QUORUM
  }

  /** A log and where to reach it. */
  public record Log(NoteVerifierKey key, Optional<String> url) {}

  /** A witness by its name in this policy. */
  public record Witness(String name, NoteVerifierKey key, Optional<String> url) {}

  /** A witness that cosigned, and when it says it did. */
  public record Cosigned(Witness witness, long timeSeconds) {}

  /** What a policy says about a note. */
  public sealed interface Verdict {}

  /** A listed log signed it and the quorum is reached. All valid cosignatures are listed. */
  public record Accepted(Checkpoint checkpoint, Log log, List<Cosigned> cosigned)
      implements Verdict {}

  /** The note counts for nothing under this policy. */
  public record Refused(Refusal reason) implements Verdict {}

  private final List<Log> logs;
  private final List<Witness> witnesses;
  private final Quorum quorum;

  TlogPolicy(List<Log> logs, List<Witness> witnesses, Quorum quorum) {
    this.logs = List.copyOf(logs);
    this.witnesses = List.copyOf(witnesses);
    this.quorum = quorum;
  }

  /** Parses a policy; code {@code bad_policy} with the line and what is wrong with it. */
  public static TlogPolicy parse(Bytes text) throws DecodeException {
    return TlogPolicyParser.parse(text);
  }

  /** This one log, and no witness needed. */
  public static TlogPolicy ofLog(NoteVerifierKey log) {
    return of(List.of(log), List.of(), 0);
  }

  /** Any of these logs, and any {@code needed} of these witnesses, each a different key. */
  public static TlogPolicy of(
      List<NoteVerifierKey> logs, List<NoteVerifierKey> witnesses, int needed) {
    if (needed < 0 || needed > witnesses.size()) {
      throw new IllegalArgumentException(needed + " of " + witnesses.size() + " witnesses");
    }
    List<Quorum> members = new ArrayList<>();
    List<Witness> named = new ArrayList<>();
    for (NoteVerifierKey key : witnesses) {
      Witness witness = new Witness(key.name(), key, Optional.empty());
      named.add(witness);
      members.add(new Quorum.One(witness));
    }
    long keys = witnesses.stream().map(NoteVerifierKey::publicKey).distinct().count();
    if (keys != witnesses.size()) {
      throw new IllegalArgumentException("the same witness key twice");
    }
    return new TlogPolicy(
        logs.stream().map(key -> new Log(key, Optional.empty())).toList(),
        named,
        needed == 0 ? new Quorum.None() : new Quorum.Group(needed, members));
  }

  /**
   * The same, and this log is trusted too. A policy that lists another log by that key's name stays
   * as it is.
   */
  public TlogPolicy withLog(NoteVerifierKey key) {
    if (logs.stream().anyMatch(log -> log.key().name().equals(key.name()))) {
      return this;
    }
    List<Log> more = new ArrayList<>(logs);
    more.add(new Log(key, Optional.empty()));
    return new TlogPolicy(more, witnesses, quorum);
  }

  /** Whether a note without any cosignature could not satisfy it. */
  public boolean demandsWitnesses() {
    return !quorum.isReachedBy(Set.of());
  }

  /** Whether the cosignatures of all of these, and of nobody else, would be enough. */
  public boolean isReachedBy(Collection<Witness> cosigned) {
    return quorum.isReachedBy(Set.copyOf(cosigned));
  }

  public List<Log> logs() {
    return logs;
  }

  public List<Witness> witnesses() {
    return witnesses;
  }

  /** Judges a checkpoint with its cosignatures. Never throws. */
  public Verdict evaluate(SignatureRule rule, SignedNote note) {
    Checkpoint checkpoint;
    try {
      checkpoint = Checkpoint.parse(note.text());
    } catch (DecodeException e) {
      return new Refused(Refusal.BAD_CHECKPOINT);
    }
    List<Log> candidates =
        logs.stream().filter(log -> log.key().name().equals(checkpoint.origin())).toList();
    if (candidates.isEmpty()) {
      return new Refused(Refusal.UNKNOWN_LOG);
    }
    List<NoteVerifierKey> known = new ArrayList<>();
    candidates.forEach(log -> known.add(log.key()));
    witnesses.forEach(witness -> known.add(witness.key()));
    NoteVerdict signatures = note.verify(rule, known);
    if (signatures instanceof NoteVerdict.Rejected rejected) {
      boolean isBad = rejected.code().equals("bad_signature");
      return new Refused(isBad ? Refusal.BAD_SIGNATURE : Refusal.NO_LOG_SIGNATURE);
    }
    return judge(checkpoint, candidates, (NoteVerdict.Verified) signatures);
  }

  private Verdict judge(
      Checkpoint checkpoint, List<Log> candidates, NoteVerdict.Verified signatures) {
    Optional<Log> log = candidates.stream().filter(l -> signatures.isBy(l.key())).findFirst();
    if (log.isEmpty()) {
      return new Refused(Refusal.NO_LOG_SIGNATURE);
    }
    List<Cosigned> cosigned = new ArrayList<>();
    Set<Witness> seen = new HashSet<>();
    for (NoteVerdict.VerifiedSignature verified : signatures.signatures()) {
      for (Witness witness : witnesses) {
        if (witness.key().equals(verified.key()) && seen.add(witness)) {
          Cosignature.of(verified.signature())
              .ifPresent(c -> cosigned.add(new Cosigned(witness, c.timeSeconds())));
        }
      }
    }
    return quorum.isReachedBy(seen)
        ? new Accepted(checkpoint, log.get(), List.copyOf(cosigned))
        : new Refused(Refusal.NO_QUORUM);
  }

  /** Which sets of witnesses are enough. */
  sealed interface Quorum {
    boolean isReachedBy(Set<Witness> cosigned);

    /** {@code quorum none}. */
    record None() implements Quorum {
      @Override
      public boolean isReachedBy(Set<Witness> cosigned) {
        return true;
      }
    }

    record One(Witness witness) implements Quorum {
      @Override
      public boolean isReachedBy(Set<Witness> cosigned) {
        return cosigned.contains(witness);
      }
    }

    record Group(int needed, List<Quorum> members) implements Quorum {
      @Override
      public boolean isReachedBy(Set<Witness> cosigned) {
        return members.stream().filter(member -> member.isReachedBy(cosigned)).count() >= needed;
      }
    }
  }
}
