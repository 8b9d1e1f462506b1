package org.probity.simulation.node;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.Machine;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.SigningMark;
import org.probity.detector.node.BootGate;
import org.probity.detector.node.BootInquiry;
import org.probity.detector.node.LogPosition;
import org.probity.detector.node.Published;
import org.probity.detector.node.Recovery;
import org.probity.detector.node.Restore;
import org.probity.detector.state.StateTree;
import org.probity.simulation.world.Reply;
import org.probity.simulation.world.Request;

/**
 * The start of a node up to its first signature (protocol.md §11.1, §11.2), of one process: asks
 * all others how much of its log they know, has recovered what is missing here, and lets it begin
 * once the gate says so. The rules are the production code's; times are those of the shipped shell,
 * but that it asks again less often.
 */
final class Boot {
  /** Until who is still waited for is asked again. */
  private static final long AGAIN_MILLIS = 1_000;

  /** The same while nobody has what is known to be missing. */
  private static final long AGAIN_IN_VAIN_MILLIS = 2_000;

  private final SimulatedNode owner;
  private final Machine machine;
  private final BootInquiry inquiry;
  private final long firstEpoch;
  private End end;
  private DecisionChain logged;
  private @Nullable Gated gated;
  private boolean isRecovering;
  private boolean isInVain;
  private boolean isOver;

  /**
   * Where the own log ends.
   *
   * @param published its newest checkpoint, if it has one
   */
  record End(LogPosition position, Optional<Published> published) {
    static End of(Restore.Restored restored) {
      return new End(restored.end(), Optional.of(restored.published()));
    }

    long size() {
      return position.frontier().size();
    }
  }

  /**
   * @param end of the log on the disk
   * @param logged the decisions that are kept and those in the log
   */
  Boot(SimulatedNode owner, End end, DecisionChain logged) {
    this.owner = owner;
    this.machine = owner.machine();
    this.end = end;
    this.logged = logged;
    this.inquiry = new BootInquiry(owner.elapsedMillis());
    this.firstEpoch = epoch();
  }

  /** How it has asked so far. */
  Observer.Asked asked() {
    return new Observer.Asked(
        inquiry.sinceMillis() * 1_000, firstEpoch, known().decisions().size());
  }

  // Asking.

  private DecisionChain known() {
    DecisionChain told = owner.chain();
    return told.decisions().size() < logged.decisions().size() ? logged : told;
  }

  /** Another one as soon as one decision more is known; see {@link #append} for the other case. */
  private BootGate gate() {
    Gated now = gated;
    if (now == null || now.known() != known()) {
      now = new Gated(known(), BootGate.of(machine.self(), epoch(), known()));
      gated = now;
    }
    return now.gate();
  }

  private record Gated(DecisionChain known, BootGate gate) {}

  /** Where the own log ends. */
  private long epoch() {
    return Machine.system(end.position().state()).governance(machine.genesis().networkId()).epoch();
  }

  void ask() {
    isInVain = false;
    judge();
    if (isOver) {
      return;
    }
    for (String node : inquiry.due(gate(), owner.elapsedMillis())) {
      owner.outbox().ask(node, new Request.Held(machine.origin()), reply -> heard(node, reply));
    }
    owner.later(1_000 * (isInVain ? AGAIN_IN_VAIN_MILLIS : AGAIN_MILLIS), "boot", this::askAgain);
  }

  private void askAgain() {
    if (!isOver) {
      ask();
    }
  }

  private void heard(String node, Optional<Reply> reply) {
    if (isOver) {
      return;
    }
    Optional<BootGate.Answer> answer =
        reply
            .filter(Reply.HeldLog.class::isInstance)
            .map(Reply.HeldLog.class::cast)
            .flatMap(held -> BootGate.Answer.parse(held.counts(), held.epoch(), held.checkpoint()));
    if (answer.isEmpty()) {
      inquiry.unanswered(node);
    } else if (inquiry.answered(
        node, answer.get(), known().decisions().size(), owner.elapsedMillis())) {
      owner.confer(node);
    }
    judge();
  }

  // Judging.

  private void judge() {
    if (isRecovering) {
      return;
    }
    BootGate.Own own = new BootGate.Own(owner.disk().log(), end.size(), mark());
    BootGate.Verdict verdict = inquiry.judge(gate(), own, owner.elapsedMillis());
    if (verdict instanceof BootGate.Open) {
      isOver = true;
      owner.begin(end, mark(), known());
    } else if (verdict instanceof BootGate.Behind behind) {
      recover(behind.upTo());
    } else if (verdict instanceof BootGate.Contradicted contradicted) {
      isOver = true;
      owner.contradicted(contradicted.signed());
    } else if (verdict instanceof BootGate.Lost lost) {
      isOver = true;
      owner.refuse("its mark is at " + lost.signed() + ", its log at " + end.size());
      owner.crash();
    }
  }

  /** What is recovered was signed: it never lowers the mark. */
  private SigningMark mark() {
    SigningMark mark = owner.disk().mark();
    return end.published()
        .map(now -> SigningMark.of(now.checkpoint()))
        .filter(there -> there.size() > mark.size())
        .orElse(mark);
  }

  // Recovering.

  private void recover(SignedCheckpoint upTo) {
    if (isInVain) {
      // Nobody had it a moment ago.
      return;
    }
    owner.disk().wasPutBack();
    isRecovering = true;
    fetch(upTo, inquiry.holders(upTo).all(), List.of());
  }

  /** The rest of it from the first of the holders; from the next one if that does not have it. */
  private void fetch(SignedCheckpoint upTo, List<String> holders, List<Bytes> so) {
    if (holders.isEmpty()) {
      isRecovering = false;
      isInVain = true;
      inquiry.inVain(gate());
      return;
    }
    owner
        .outbox()
        .ask(
            holders.get(0),
            new Request.Copy(machine.origin(), end.size() + so.size()),
            reply -> {
              List<Bytes> all = new ArrayList<>(so);
              all.addAll(part(reply, upTo.size() - end.size() - so.size()));
              boolean isMore = all.size() > so.size();
              if (isMore && end.size() + all.size() < upTo.size()) {
                fetch(upTo, holders, all);
              } else if (isMore && Recovery.leadsTo(end.position().frontier(), all, upTo.head())) {
                owner.later(owner.commitMicros(), "recovery", () -> append(upTo, all));
              } else {
                fetch(upTo, holders.subList(1, holders.size()), List.of());
              }
            });
  }

  private static List<Bytes> part(Optional<Reply> reply, long most) {
    return reply.isPresent() && reply.get() instanceof Reply.LogPart part
        ? part.entries().subList(0, (int) Math.min(most, part.entries().size()))
        : List.of();
  }

  private void append(SignedCheckpoint upTo, List<Bytes> missing) {
    try {
      Optional<StateTree> state = end.published().map(Published::state);
      Restore.Restored restored =
          Recovery.replay(machine, owner.disk().log(), state, upTo, missing);
      owner.disk().recover(missing, upTo);
      end = End.of(restored);
      gated = null;
      logged = Restore.decisions(logged, owner.disk().log(), restored.published());
    } catch (Restore.RestoreException | DecodeException e) {
      owner.refuse("what was recovered: " + e.getMessage());
      owner.crash();
      return;
    } catch (Disk.MachineDied e) {
      owner.crash();
      return;
    } catch (IOException e) {
      owner.latch();
      return;
    }
    owner.world().trace().tell(owner.name(), "has recovered its log up to " + end.size());
    isRecovering = false;
    judge();
  }
}
