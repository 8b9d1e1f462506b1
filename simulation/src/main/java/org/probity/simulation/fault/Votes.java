package org.probity.simulation.fault;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.Signer;
import org.probity.detector.evidence.FaultKind;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.Assembly;
import org.probity.detector.governance.Ballot;
import org.probity.detector.governance.Proposal;
import org.probity.detector.governance.SignedBallot;
import org.probity.detector.log.CheckpointSigner;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.SigningMark;
import org.probity.detector.log.TreeHead;
import org.probity.simulation.Incident;
import org.probity.simulation.node.Behaviour;
import org.probity.simulation.node.SimulatedNode;
import org.probity.simulation.oracle.Excuse;
import org.probity.simulation.world.Reply;
import org.probity.simulation.world.Request;

/** What members do who do not keep to the rules of the vote, and nodes that do not keep to it. */
final class Votes {
  private static final long LOOK_MILLIS = 2_000;
  private static final int LOOKS = 40;

  private Votes() {}

  /** For one proposal at half of the nodes, for none at the others. */
  static void doubleBallot(Stage stage) {
    SimulatedNode own = stage.node();
    List<String> correct = stage.correctOthers();
    if (!own.isUp() || correct.isEmpty()) {
      return;
    }
    Assembly assembly = own.assembly();
    String member = own.machine().self().member();
    if (assembly.poll().all().stream().anyMatch(it -> it.ballot().member().equals(member))
        || !assembly.electorate().has(member)) {
      return;
    }
    Hash networkId = own.machine().genesis().networkId();
    Signer key = stage.world().founding().memberKey(member);
    Proposal proposal = new Proposal(assembly.epoch(), new Action.ReassignWitnesses());
    Bytes proposed = proposal.sign(networkId, key).encoded();
    Optional<Ballot> one =
        assembly.poll().draft(0, member, Optional.of(proposal.id(networkId)), "one");
    Optional<Ballot> other = assembly.poll().draft(0, member, Optional.empty(), "other");
    if (one.isEmpty() || other.isEmpty()) {
      return;
    }
    int told = 0;
    Map<Ballot, Set<String>> heard = new HashMap<>();
    for (String node : stage.others()) {
      SimulatedNode process = stage.world().host(node).process();
      process.say(List.of(proposed), false);
      Ballot said = told++ % 2 == 0 ? one.get() : other.get();
      process.say(List.of(SignedBallot.sign(networkId, said, key).encoded()), true);
      if (hasHeard(stage, node, said)) {
        heard.computeIfAbsent(said, none -> new TreeSet<>()).add(node);
      }
    }
    stage.done(Expectation.UNPROVABLE);
    // Correct nodes have one each, so that the two come together.
    if (heard.size() == 2) {
      stage.due(
          "every correct node has the proof of two ballots of " + member,
          running ->
              isForgotten(stage, heard.values())
                  || running.stream().allMatch(node -> hasProof(node, member)));
    }
  }

  /** Whether all that had one of them may have lost it before it came together with the other. */
  private static boolean isForgotten(Stage stage, Collection<Set<String>> heard) {
    boolean isForgotten =
        heard.stream().anyMatch(by -> by.stream().allMatch(stage.watch()::mayForget));
    if (isForgotten) {
      stage.watch().excused(Excuse.UNSEEN);
    }
    return isForgotten;
  }

  /** A correct node that runs has counted this very ballot. */
  private static boolean hasHeard(Stage stage, String node, Ballot said) {
    SimulatedNode process = stage.world().host(node).process();
    return !stage.watch().isFaulty(node)
        && process.isUp()
        && process.assembly().poll().all().stream().anyMatch(it -> it.ballot().equals(said));
  }

  private static boolean hasProof(SimulatedNode node, String member) {
    return node.proofs().stream()
        .anyMatch(
            proof ->
                proof.faultId().kind() == FaultKind.DOUBLE_BALLOT && proof.member().equals(member));
  }

  /** An accomplice commits a crime that the members decide about. */
  static void ignoredDecision(Stage stage) {
    if (stage.accomplices().isEmpty()) {
      return;
    }
    // Whoever answers challenges logs the decision when it is challenged to.
    boolean isStubborn = stage.chance().happens(0.5);
    stage
        .culprit()
        .puts(
            new Behaviour() {
              @Override
              public boolean decides() {
                return false;
              }

              @Override
              public Optional<Reply> serve(SimulatedNode node, String from, Request request) {
                return isStubborn && request instanceof Request.Challenged
                    ? Optional.of(SILENT)
                    : Optional.empty();
              }
            });
    Incident crime =
        new Incident(
            Fault.JUNK_ENTRY.label(),
            stage.incident().atMillis(),
            0,
            stage.accomplices().subList(0, 1),
            stage.incident().chance());
    WrittenLogs.junkEntry(
        new Stage(
            stage.world(),
            stage.watch(),
            stage.customers(),
            stage.culprits(),
            crime,
            stage.chance()));
    if (isStubborn) {
      look(stage, LOOKS);
    } else {
      stage.done(Expectation.UNPROVABLE);
      stage.due(
          "it has logged what was decided, or it is not trusted",
          running -> isUpToDate(stage, running));
    }
  }

  /** Members stop it; it does not hear of that, and goes on with whatever its customers want. */
  static void ignoredSuspension(Stage stage) {
    stage
        .culprit()
        .puts(
            new Behaviour() {
              @Override
              public boolean decides() {
                return false;
              }
            });
    stage.world().agenda().suspend(stage.name());
    stage.world().agenda().revoke(stage.name());
    goOn(stage, LOOKS);
    stage.done(Expectation.NOTHING);
  }

  private static void goOn(Stage stage, int timesLeft) {
    stage.others().forEach(other -> stage.customers().remit(stage.name(), other));
    if (timesLeft > 1) {
      stage.later(LOOK_MILLIS, () -> goOn(stage, timesLeft - 1));
    }
  }

  /**
   * It signs a checkpoint over a log that it does not have, once and by accident, and goes on as if
   * nothing had happened. Members stop it, and forgive it.
   */
  static void accident(Stage stage) {
    SimulatedNode node = stage.node();
    List<SignedCheckpoint> held =
        stage.correctWitnesses().stream().flatMap(it -> stage.holding(it).stream()).toList();
    if (held.isEmpty()) {
      return;
    }
    long size = held.stream().mapToLong(SignedCheckpoint::size).min().orElseThrow();
    TreeHead head =
        new TreeHead(size, Hash.sha256(Bytes.utf8("a log that nobody has").unsafeArray()));
    SignedCheckpoint made =
        ((CheckpointSigner.Signed)
                CheckpointSigner.guarding(
                        node.logKey(), node.machine().origin(), SigningMark.NOTHING_SIGNED)
                    .sign(head))
            .checkpoint();
    stage.watch().penitent(stage.name());
    stage.world().agenda().readmit(stage.name(), () -> true);
    Set<String> seenBy = new TreeSet<>();
    for (String witness : stage.correctWitnesses()) {
      stage
          .customers()
          .showTo(
              witness,
              made.bytes(),
              () -> {
                boolean isToBeProven = stage.lastingOthers().contains(witness);
                if (isToBeProven && seenBy.add(witness) && seenBy.size() == 1) {
                  stage.cameOff(Expectation.EXPOSED);
                }
              });
    }
  }

  private static boolean isUpToDate(Stage stage, List<SimulatedNode> running) {
    List<String> witnesses = stage.correctWitnesses();
    return running.stream()
        .filter(node -> witnesses.contains(node.name()))
        .allMatch(
            node ->
                Silences.isStoppedOrSuspected(node, stage.name())
                    || node.loggedEpoch() <= stage.node().loggedEpoch());
  }

  private static void look(Stage stage, int looksLeft) {
    stage.later(
        LOOK_MILLIS,
        () -> {
          boolean isDecided =
              stage.correctWitnesses().stream()
                  .map(node -> stage.world().host(node).process())
                  .anyMatch(node -> node.loggedEpoch() > stage.node().loggedEpoch());
          if (isDecided) {
            stage.done(Expectation.SUSPECTED);
          } else if (looksLeft > 1) {
            look(stage, looksLeft - 1);
          }
        });
  }
}
