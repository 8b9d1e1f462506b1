package org.probity.simulation.node;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Signer;
import org.probity.detector.crypto.Statement;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.Incarnations;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Proposal;
import org.probity.detector.governance.ValidDecision;
import org.probity.detector.log.Origin;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.TreeHead;
import org.probity.detector.log.UnreadableLogException;

/**
 * How a node goes on whose keys must not sign any more (protocol.md §11.3), as its operator sees to
 * it: new keys, the members' approval of what its log is closed with, and then a process on the
 * closed log. Without the approval nothing is signed.
 */
public final class Succession {
  /** Whatever was on its way has arrived by then, and whoever has more of the log shows it. */
  private static final long SUBMISSION_MILLIS = 15_000;

  private static final long TRY_MILLIS = 2_000;

  /** As long as members wait for a node that is down: what its log shows could not be asked for. */
  private static final long LONGEST_MILLIS = 60_000;

  private final World world;
  private final Host host;
  private final Origin closing;
  private final NodeRecord last;
  private final Signer logKey;
  private final NodeRecord next;
  private final Bytes enrolment;
  private long sinceMillis;
  private boolean isOver;

  Succession(World world, Host host) {
    this.world = world;
    this.host = host;
    this.closing = host.process().machine().origin();
    this.last = host.process().machine().self();
    String name = last.node() + "/" + (last.incarnation() + 1);
    this.logKey = world.founding().key("log " + name);
    this.next =
        new NodeRecord(
            last.node(),
            last.member(),
            last.incarnation() + 1,
            logKey.publicKey(),
            world.founding().key("cosigner " + name).publicKey());
    this.enrolment =
        Statement.sign(
                world.founding().genesis().networkId(),
                NodeRecord.ENROLMENT_TYP,
                next.encode(),
                member())
            .encoded();
  }

  private Signer member() {
    return world.founding().memberKey(host.process().machine().self().member());
  }

  /** The present one is nobody's to start any more. */
  void begin(StoredEntries lost) {
    host.process().abandon();
    world.observer().lost(host.name(), lost);
    world.trace().tell(host.name(), "waits for incarnation " + next.incarnation());
    sinceMillis = world.timeline().nowMillis();
    later(SUBMISSION_MILLIS);
  }

  /** Whether it goes on by now. */
  public boolean isOver() {
    return isOver;
  }

  /** Whether the node has signed this, of the log that is to be closed. */
  public boolean isGenuine(SignedCheckpoint shown) {
    return shown.origin().equals(closing)
        && shown.isSignedBy(world.founding().genesis().signatures(), last.logKey());
  }

  /** The log that is to be closed. */
  public Origin closing() {
    return closing;
  }

  private void later(long millis) {
    world.timeline().afterMillis(millis, host.name() + " succession", this::look);
  }

  private void look() {
    DecisionChain decisions = world.memberDesk().decisions();
    if (!decisions.keys().present(next.node()).equals(Optional.of(next))) {
      propose(decisions);
      world.memberDesk().voteElsewhere(host.name());
    } else if (goOn(decisions)) {
      isOver = true;
      return;
    }
    later(TRY_MILLIS);
  }

  private void propose(DecisionChain decisions) {
    boolean isPatient = world.timeline().nowMillis() - sinceMillis < LONGEST_MILLIS;
    if (isPatient && world.memberDesk().isSomebodyAway()) {
      return;
    }
    Optional<Action.ApproveIncarnation> approval =
        world.memberDesk().approval(decisions, enrolment);
    if (approval.isEmpty()) {
      return;
    }
    Map<String, Long> held = new TreeMap<>();
    world.memberDesk().running().forEach(node -> held.put(node.name(), substantiated(node)));
    world.observer().closing(closing, approval.get().close().size(), held);
    Bytes proposal =
        new Proposal(decisions.decisions().size(), approval.get())
            .sign(world.founding().genesis().networkId(), member())
            .encoded();
    world.memberDesk().running().forEach(node -> node.say(List.of(proposal), false));
  }

  /**
   * How far a node can show that the log went: by its copy, or by what its own log has taken in.
   */
  private long substantiated(SimulatedNode by) {
    StoredEntries own = by.disk().log();
    try {
      return Stream.concat(
              by.copyOf(closing).flatMap(StoredEntries::newest).stream(),
              own.newest().stream()
                  .flatMap(end -> own.shown(closing, end.size()))
                  .filter(this::isGenuine))
          .mapToLong(SignedCheckpoint::size)
          .max()
          .orElse(0);
    } catch (UnreadableLogException e) {
      // Its disk is damaged: what it would show nobody knows until it is mended.
      return 0;
    }
  }

  /** Fetches what was closed, and begins behind it. */
  private boolean goOn(DecisionChain decisions) {
    Incarnations writers = decisions.keys().log(next.node()).orElseThrow();
    TreeHead close = writers.last().beginning().orElseThrow().close();
    Optional<List<Bytes>> closed =
        world.memberDesk().copies(closing).stream()
            .filter(copy -> copy.size() >= close.size() && copy.isOf(close))
            .findFirst()
            .map(copy -> copy.upTo(close.size()));
    if (closed.isEmpty()) {
      return false;
    }
    Disk disk =
        Disk.ofNext(
            closed.get(), decisions.decisions().stream().map(ValidDecision::encoded).toList());
    SimulatedNode process =
        new SimulatedNode(world, writers, logKey, disk, host.process().behaviour());
    host.replace(process);
    world.observer().begun(host.name(), next.incarnation(), close.size());
    return process.start();
  }
}
