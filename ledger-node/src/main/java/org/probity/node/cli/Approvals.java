package org.probity.node.cli;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.probity.detector.audit.ClosedLog;
import org.probity.detector.audit.EmbeddedCheckpoints;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.Machine;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.Incarnations;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.log.LogReader;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.TreeHead;

/**
 * What the approval of a node's next incarnation fixes (protocol.md §11.3), out of the copies of
 * its log that nodes hold: the longest that anybody has is the log that is closed, and it is
 * replayed here. Nobody is believed.
 */
final class Approvals {
  private final Genesis genesis;
  private final DecisionChain decisions;
  private final LogCopies copies;
  private final Consumer<String> notes;

  /**
   * @param decisions as far as the members have come
   * @param holders who is asked for logs
   * @param notes told whose log nobody asked holds, so that it could not be looked into
   */
  Approvals(DecisionChain decisions, Collection<NodeApi> holders, Consumer<String> notes) {
    this.genesis = decisions.genesis();
    this.decisions = decisions;
    this.copies = new LogCopies(genesis, holders);
    this.notes = notes;
  }

  /**
   * The approval of these new keys.
   *
   * @param enrolment what {@code node renew} has made
   * @throws CliException if the log cannot be closed: nobody holds it, it breaks a rule, or
   *     somebody shows that there was more of it
   */
  Action.ApproveIncarnation of(Bytes enrolment) {
    NodeRecord next = enrolled(enrolment);
    Incarnations before = before(next);
    DownloadedLog log =
        copies
            .of(before.present())
            .findFirst()
            .orElseThrow(
                () ->
                    new CliException(
                        ExitStatus.UNREACHABLE,
                        "no_checkpoint",
                        "no node asked holds the log of "
                            + next.node()
                            + ": ask one of its witnesses"));
    ClosedLog.Clean closed = replayed(before, log);
    requireAllOfIt(before.present(), log);
    return closed.approval(enrolment);
  }

  /**
   * Whoever votes for an approval vouches for what it fixes.
   *
   * @throws CliException {@code approval_differs}, {@code approval_too_low} or {@code beyond_close}
   *     if the logs say otherwise, {@code no_log} if nobody asked holds what could tell
   */
  void check(Action.ApproveIncarnation proposed) {
    NodeRecord next = enrolled(proposed.enrolment());
    Incarnations before = before(next);
    long close = proposed.close().size();
    DownloadedLog log =
        copies
            .of(before.present())
            .findFirst()
            .filter(copy -> copy.size() >= close)
            .orElseThrow(
                () ->
                    new CliException(
                        ExitStatus.UNREACHABLE,
                        "no_log",
                        "no node asked holds the log of "
                            + next.node()
                            + " up to the proposed close: ask one of its witnesses, or vote with"
                            + " --unchecked"));
    Action.ApproveIncarnation right =
        replayed(before, new LogCopies.Prefix(log, close)).approval(proposed.enrolment());
    if (!right.equals(proposed)) {
      throw new CliException(
          ExitStatus.FAULT,
          "approval_differs",
          "the proposal does not fix what the log of "
              + next.node()
              + " says at that close: "
              + difference(proposed, right)
              + "; propose incarnation.approve yourself");
    }
    if (log.size() > close) {
      throw new CliException(
          ExitStatus.FAULT,
          "approval_too_low",
          "the proposal closes the log of "
              + next.node()
              + " after "
              + close
              + " entries, and there is a copy of "
              + log.size()
              + ": what is beyond the close would be lost; propose incarnation.approve yourself");
    }
    requireAllOfIt(before.present(), log);
  }

  private static String difference(
      Action.ApproveIncarnation proposed, Action.ApproveIncarnation right) {
    if (!proposed.close().equals(right.close())) {
      return "the root is " + right.close().root();
    }
    if (!proposed.initialRoot().equals(right.initialRoot())) {
      return "the root of the state is " + right.initialRoot();
    }
    return proposed.minTickMillis() == right.minTickMillis()
        ? "nothing is beyond it"
        : "ledger time is " + right.minTickMillis();
  }

  /** The node and its new keys that a member vouches for; whose signature it is, is not asked. */
  static NodeRecord enrolled(Genesis genesis, Bytes enrolment) throws DecodeException {
    return NodeRecord.decode(
        new StatementVerifier(SignatureRule.fastest(), genesis.networkId())
            .verify(enrolment, NodeRecord.ENROLMENT_TYP)
            .payload());
  }

  private NodeRecord enrolled(Bytes enrolment) {
    try {
      return enrolled(genesis, enrolment);
    } catch (DecodeException e) {
      throw new CliException(
          ExitStatus.ERROR, e.code(), "this is no enrolment: " + e.getMessage(), e);
    }
  }

  /** Who has written the log so far. */
  private Incarnations before(NodeRecord next) {
    Incarnations before =
        Incarnations.of(decisions.state(), next.node())
            .orElseThrow(
                () ->
                    new CliException(
                        ExitStatus.ERROR, "unknown_node", "there is no node " + next.node()));
    if (next.incarnation() != before.present().incarnation() + 1) {
      throw new CliException(
          ExitStatus.ERROR,
          "wrong_incarnation",
          "the enrolment is for incarnation "
              + next.incarnation()
              + " of "
              + next.node()
              + ", the next is "
              + (before.present().incarnation() + 1));
    }
    return before;
  }

  private ClosedLog.Clean replayed(Incarnations writers, LogReader log) {
    ClosedLog.Outcome outcome =
        ClosedLog.replay(new Machine(genesis, writers, Accounts.program(genesis)), log);
    String node = writers.present().node();
    if (outcome instanceof ClosedLog.Broken broken) {
      throw new CliException(
          ExitStatus.FAULT,
          "log_faulty",
          "entry "
              + broken.finding().index()
              + " of the log of "
              + node
              + " breaks a rule ("
              + broken.finding().violation().code()
              + "): nothing goes on with such a log. Propose evidence.submit with the proof, then"
              + " node.revoke");
    }
    if (outcome instanceof ClosedLog.Unfinished unfinished) {
      throw new CliException(
          ExitStatus.FAULT,
          "close_inside_batch",
          "the log of "
              + node
              + " is closed inside of a batch: the last STATE before is entry "
              + (unfinished.size() - 1));
    }
    return (ClosedLog.Clean) outcome;
  }

  /** A checkpoint of the closed log in somebody else's, which that one cannot have made up. */
  private record Shown(String peer, TreeHead head) {}

  /**
   * SPEC protocol.md §11.3: the close is the highest position that anyone can substantiate. Reads
   * the logs of all others, as far as nodes hold them.
   */
  private void requireAllOfIt(NodeRecord closed, DownloadedLog log) {
    Optional<Shown> contradiction = Optional.empty();
    Optional<Shown> highest = Optional.empty();
    for (NodeRecord peer : decisions.state().nodes()) {
      if (peer.node().equals(closed.node())) {
        continue;
      }
      Optional<DownloadedLog> others = newest(peer);
      if (others.isEmpty()) {
        notes.accept(
            "probity: no node asked holds the log of "
                + peer.node()
                + ": whether it shows more of "
                + closed.node()
                + "'s is not known here");
        continue;
      }
      for (TreeHead head : shown(closed, others.get())) {
        Shown shown = new Shown(peer.node(), head);
        if (head.size() > log.size()) {
          highest = higher(highest, shown);
        } else if (!MerkleProofs.rootAt(log, head.size()).equals(head.root())) {
          contradiction = Optional.of(shown);
        }
      }
    }
    highest.ifPresent(
        shown -> {
          throw new CliException(
              ExitStatus.ERROR,
              "beyond_close",
              "the log of "
                  + shown.peer()
                  + " has a checkpoint of "
                  + closed.node()
                  + " over "
                  + shown.head().size()
                  + " entries, and the longest copy held has "
                  + log.size()
                  + ": closing it there would contradict what "
                  + closed.node()
                  + " has promised. Find the missing entries first, in an old copy of its store or"
                  + " at a witness that does not run");
        });
    contradiction.ifPresent(
        shown -> {
          throw new CliException(
              ExitStatus.FAULT,
              "log_contradicted",
              "the log of "
                  + shown.peer()
                  + " has a checkpoint of "
                  + closed.node()
                  + " over "
                  + shown.head().size()
                  + " entries that is of another log than the copy held: a fork. Nodes propose"
                  + " evidence.submit by themselves; then propose node.revoke");
        });
  }

  private static Optional<Shown> higher(Optional<Shown> one, Shown other) {
    return one.filter(it -> it.head().size() >= other.head().size()).or(() -> Optional.of(other));
  }

  /** In its newest incarnation that has begun anywhere. */
  private Optional<DownloadedLog> newest(NodeRecord peer) {
    return Incarnations.of(decisions.state(), peer.node()).stream()
        .flatMap(writers -> writers.parts().stream())
        .map(Incarnations.Part::record)
        .sorted(Comparator.comparingLong(NodeRecord::incarnation).reversed())
        .flatMap(record -> copies.of(record).limit(1))
        .findFirst();
  }

  private List<TreeHead> shown(NodeRecord closed, LogReader log) {
    return LongStream.range(0, log.size())
        .mapToObj(index -> EmbeddedCheckpoints.signed(log.entry(index)))
        .flatMap(Optional::stream)
        .filter(checkpoint -> checkpoint.origin().equals(genesis.origin(closed)))
        .filter(checkpoint -> checkpoint.isSignedBy(SignatureRule.fastest(), closed.logKey()))
        .map(SignedCheckpoint::head)
        .toList();
  }
}
