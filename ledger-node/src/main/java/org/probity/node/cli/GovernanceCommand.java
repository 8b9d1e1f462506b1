package org.probity.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.evidence.Verification;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.Assembly;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.GovernanceState;
import org.probity.detector.governance.NodeRecord;
import org.probity.ledger.verifier.OfflineVerifier;
import org.probity.ledger.verifier.VerifyEvidence;
import org.probity.node.identity.MemberKey;
import org.probity.node.program.Programs;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code governance}: what members propose, vote and decide. */
@Command(
    name = "governance",
    description = "Shows and makes proposals, casts ballots, lists and hands in decisions.")
final class GovernanceCommand {
  private static final String REASSIGN = "witness.reassign";
  private static final String APPROVE = "incarnation.approve";
  private static final String HORIZON = "horizonMillis";
  private static final List<String> COUNTS =
      List.of("faults", "witnesses", "cosignatures", "bootAnswers");

  private final Terminal terminal;

  GovernanceCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  /** Whose key signs. */
  static final class Voter {
    @Option(
        names = {"-m", "--member"},
        paramLabel = "ID",
        required = true,
        description = "The member that speaks; its key is in the folder, unless --key names it.")
    private String member = "";

    @Option(
        names = "--key",
        paramLabel = "FILE",
        description = "The member's governance key; default members/ID/governance.pem.")
    private @Nullable Path key;

    @Option(names = "--dry-run", description = "Show what would be signed, and sign nothing.")
    private boolean dryRun;

    Path key(Target target) {
      Path named = key;
      return named != null
          ? named
          : target.requiredFolder().layout().member(member).resolve(MemberKey.FILE);
    }
  }

  @Command(
      name = "status",
      description = "Epoch, electorate, open round, proposals with tallies, stopped nodes.")
  void status(@Mixin Target target) {
    NodeApi api = target.api(terminal);
    ObjectNode status = (ObjectNode) api.getJson("/v1/governance");
    JsonNode proposals = api.getJson("/v1/governance/proposals");
    status.set("open", proposals);
    terminal.result(status, GovernanceTexts.status(status));
  }

  @Command(
      name = "propose",
      description = {
        "Puts an action to the vote of the present epoch:",
        "  evidence.submit FILE     put a proven fault on record; FILE is verified first",
        "  node.suspend NODE        stop a node while its case is open",
        "  node.revoke NODE         end a suspended node, at the last checkpoint witnesses hold",
        "  node.readmit NODE        end a suspension",
        "  incarnation.approve      let a node that node renew was run for go on under its new keys",
        "                           (--enrolment), where the longest copy of its log ends",
        "  param.set NAME=N[,NAME=N]  change parameters; those not named stay as they are:",
        "                           faults, witnesses, cosignatures, bootAnswers, horizonMillis",
        "  witness.reassign         draw all witness seats anew"
      })
  Integer propose(
      @Mixin Target target,
      @Mixin Voter voter,
      @Option(names = "--restore-vote", description = "node.readmit: its member votes again.")
          boolean restoreVote,
      @Option(
              names = "--enrolment",
              paramLabel = "FILE",
              description = "incarnation.approve: what node renew has made.")
          @Nullable Path enrolment,
      @Parameters(index = "0", paramLabel = "ACTION", description = "What to do.") String action,
      @Parameters(
              index = "1",
              arity = "0..1",
              paramLabel = "WHAT",
              defaultValue = "",
              description = "To what, where that is to be said.")
          String argument)
      throws IOException {
    NodeApi api = target.api(terminal);
    Ballots ballots = new Ballots(target.genesis(), api);
    if ((enrolment != null) != action.equals(APPROVE)) {
      throw CliException.usage("--enrolment FILE belongs to " + APPROVE);
    }
    if (enrolment != null && !argument.isEmpty()) {
      throw CliException.usage(APPROVE + " takes no argument: the enrolment names the node");
    }
    Optional<Action> meant =
        enrolment != null
            ? Optional.of(approval(target, api, ballots, enrolment))
            : action(target, api, action, argument, restoreVote, voter.dryRun);
    if (meant.isEmpty()) {
      return ExitStatus.FAULT.code();
    }
    Path key = voter.key(target);
    if (!voter.dryRun) {
      terminal.confirm(
          "Propose "
              + (action + " " + (enrolment == null ? argument : enrolment)).strip()
              + " as "
              + voter.member
              + "?");
    }
    ObjectNode proposed = ballots.propose(meant.get(), key, voter.dryRun);
    terminal.result(proposed);
    return ExitStatus.OK.code();
  }

  private Optional<Action> action(
      Target target,
      NodeApi api,
      String name,
      String argument,
      boolean restoreVote,
      boolean isDryRun)
      throws IOException {
    if (argument.isEmpty() != name.equals(REASSIGN)) {
      throw CliException.usage(name + (argument.isEmpty() ? " of what?" : " takes no argument"));
    }
    return switch (name) {
      case "evidence.submit" -> evidence(target, api, Path.of(argument), isDryRun);
      case "node.suspend" -> Optional.of(new Action.SuspendNode(node(target, argument)));
      case "node.readmit" ->
          Optional.of(new Action.ReadmitNode(node(target, argument), restoreVote));
      case "node.revoke" -> Optional.of(revocation(target, api, node(target, argument)));
      case "param.set" -> Optional.of(parameters(target, api, argument));
      case REASSIGN -> Optional.of(new Action.ReassignWitnesses());
      default ->
          throw CliException.usage(
              "no action "
                  + name
                  + ": evidence.submit, node.suspend, node.revoke, node.readmit, "
                  + APPROVE
                  + ", param.set or "
                  + REASSIGN);
    };
  }

  private static String node(Target target, String node) {
    if (target.genesis().node(node).isEmpty()) {
      throw CliException.usage("the genesis document has no node " + node);
    }
    return node;
  }

  private Optional<Action> evidence(Target target, NodeApi api, Path file, boolean isDryRun)
      throws IOException {
    Bytes bytes = VerifyEvidence.readBounded(file);
    Verification verification =
        new OfflineVerifier(target.genesis(), Programs.known()).verify(bytes);
    if (!(verification instanceof Verification.Proven proven)) {
      Verification.Rejected rejected = (Verification.Rejected) verification;
      terminal.say("probity: " + file + " proves nothing: " + rejected.message());
      terminal.result(
          JsonNodeFactory.instance
              .objectNode()
              .put("verdict", "REJECTED")
              .put("reason", rejected.code()));
      return Optional.empty();
    }
    if (!isDryRun) {
      api.submitEvidence(bytes);
    }
    return Optional.of(proven.evidence().submission());
  }

  private Action approval(Target target, NodeApi api, Ballots ballots, Path enrolment)
      throws IOException {
    Bytes statement = Bytes.wrap(Files.readAllBytes(enrolment));
    return approvals(target, api, ballots, statement).of(statement);
  }

  /** Out of the decisions that the node at hand has: it is about their epoch. */
  private Approvals approvals(Target target, NodeApi api, Ballots ballots, Bytes enrolment) {
    try {
      String node = Approvals.enrolled(target.genesis(), enrolment).node();
      return new Approvals(ballots.chain(), others(target, api, node), terminal::say);
    } catch (DecodeException e) {
      throw new CliException(
          ExitStatus.ERROR, e.code(), "this is no enrolment: " + e.getMessage(), e);
    }
  }

  private Action revocation(Target target, NodeApi api, String node) {
    DecisionChain decisions = decisions(target, api);
    Revocations revocations = new Revocations(decisions, others(target, api, node));
    NodeRecord present = decisions.keys().present(node).orElseThrow();
    Action.RevokeNode revocation =
        revocations
            .of(present)
            .orElseThrow(
                () ->
                    new CliException(
                        ExitStatus.UNREACHABLE,
                        "no_checkpoint",
                        "no node asked holds the log of " + node + ": ask one of its witnesses"));
    warnOfWhatIsBeyond(present, revocations, revocation);
    return revocation;
  }

  private void warnOfWhatIsBeyond(
      NodeRecord present, Revocations revocations, Action.RevokeNode revocation) {
    String node = revocation.node();
    revocations
        .beyond(present, revocation.last().size())
        .ifPresent(
            beyond ->
                terminal.say(
                    "probity: acknowledged_beyond: the log of "
                        + beyond.peer()
                        + " has a checkpoint of "
                        + node
                        + " over "
                        + beyond.size()
                        + " entries, and this revocation ends it after "
                        + revocation.last().size()
                        + ": what "
                        + node
                        + " has acknowledged beyond that stays pending for ever. Ask for these"
                        + " entries first"));
  }

  /** Out of the decisions that the node at hand has: what is proposed is about their epoch. */
  private static DecisionChain decisions(Target target, NodeApi api) {
    try {
      return new Ballots(target.genesis(), api).chain();
    } catch (DecodeException e) {
      throw new CliException(
          ExitStatus.ERROR, e.code(), "the decisions of this node: " + e.getMessage(), e);
    }
  }

  /** Every node that can be reached but the one it is about. */
  private List<NodeApi> others(Target target, NodeApi api, String node) {
    List<NodeApi> holders = new ArrayList<>(List.of(api));
    if (target.url().isEmpty()) {
      for (String id : target.requiredFolder().nodes()) {
        if (!id.equals(node) && target.requiredFolder().ready(id).isPresent()) {
          holders.add(target.api(terminal, id));
        }
      }
    }
    return holders;
  }

  private static Action parameters(Target target, NodeApi api, String argument) {
    Map<String, Long> changes = changes(argument);
    GovernanceState state = new Ballots(target.genesis(), api).assembly().state();
    org.probity.detector.governance.Parameters now = state.parameters();
    try {
      return new Action.SetParameters(
          new org.probity.detector.governance.Parameters(
              changes.getOrDefault("faults", (long) now.faults()).intValue(),
              changes.getOrDefault("witnesses", (long) now.witnesses()).intValue(),
              changes.getOrDefault("cosignatures", (long) now.cosignatures()).intValue(),
              changes.getOrDefault("bootAnswers", (long) now.bootAnswers()).intValue(),
              now.maxBatchEntries(),
              now.maxBatchBytes(),
              now.chunkEntries(),
              changes.getOrDefault(HORIZON, now.horizonMillis())));
    } catch (IllegalArgumentException e) {
      throw CliException.usage(String.valueOf(e.getMessage()));
    }
  }

  private static Map<String, Long> changes(String argument) {
    Map<String, Long> changes = new TreeMap<>();
    for (String change : argument.split(",", -1)) {
      String[] parts = change.split("=", 2);
      boolean isHorizon = parts[0].equals(HORIZON);
      if (parts.length != 2
          || !(isHorizon || COUNTS.contains(parts[0]))
          || !parts[1].matches(isHorizon ? "\\d{1,15}" : "\\d{1,4}")
          || changes.put(parts[0], Long.parseLong(parts[1])) != null) {
        throw CliException.usage(
            "param.set takes NAME=N, more after a comma, each name once: "
                + String.join(", ", COUNTS)
                + " and "
                + HORIZON
                + " can be changed");
      }
    }
    return changes;
  }

  @Command(
      name = "vote",
      description = {
        "Signs a member's ballot in the round that is open and hands it in. A member's next ballot",
        "is due when a quorum has voted: ballots of round 1 and later confirm. A node that does not",
        "know the decisions that the member has voted behind is handed these first."
      })
  void vote(
      @Mixin Target target,
      @Mixin Voter voter,
      @Option(names = "--reason", paramLabel = "TEXT", description = "For the record.")
          @Nullable String reason,
      @Option(
              names = "--unchecked",
              description =
                  "node.revoke, incarnation.approve: vote without comparing it with the log that"
                      + " witnesses hold.")
          boolean unchecked,
      @Parameters(
              paramLabel = "PROPOSAL",
              description = "Its id, or as many digits as make it unique; none: for no proposal.")
          String proposal)
      throws IOException {
    NodeApi api = target.api(terminal);
    Ballots ballots = new Ballots(target.genesis(), api);
    List<Long> handedIn = ballots.handInKept(voter.key(target), voter.dryRun);
    if (!handedIn.isEmpty()) {
      terminal.say(
          "probity: "
              + (voter.dryRun ? "would hand in" : "handed in")
              + " what this node did not know and "
              + voter.member
              + " has voted behind: "
              + GovernanceTexts.decisionsOf(handedIn));
    }
    Optional<Hash> choice = choice(ballots, proposal);
    if (!unchecked && choice.isPresent()) {
      check(target, api, ballots, choice.get());
    }
    if (!voter.dryRun) {
      terminal.confirm("Vote for " + proposal + " as " + voter.member + "?");
    }
    terminal.result(
        ballots.vote(
            voter.member, voter.key(target), choice, reason == null ? "" : reason, voter.dryRun));
  }

  /**
   * SPEC protocol.md §11.3, §13.4: an approval says where and how the log is closed, a revocation
   * what the culprit's log took in; whoever votes for it vouches for that.
   */
  private void check(Target target, NodeApi api, Ballots ballots, Hash choice) {
    Assembly.Proposed proposed = ballots.assembly().proposals().get(choice);
    if (proposed != null
        && proposed.proposal().action() instanceof Action.ApproveIncarnation approval) {
      approvals(target, api, ballots, approval.enrolment()).check(approval);
    }
    if (proposed == null
        || !(proposed.proposal().action() instanceof Action.RevokeNode revocation)) {
      return;
    }
    DecisionChain decisions = decisions(target, api);
    Revocations revocations = new Revocations(decisions, others(target, api, revocation.node()));
    boolean isTrue =
        revocations
            .isTrue(revocation)
            .orElseThrow(
                () ->
                    new CliException(
                        ExitStatus.UNREACHABLE,
                        "no_log",
                        "no node asked holds the log of "
                            + revocation.node()
                            + " up to the proposed head: ask one of its witnesses, or vote with"
                            + " --unchecked"));
    if (!isTrue) {
      throw new CliException(
          ExitStatus.FAULT,
          "revocation_differs",
          "the proposal does not say what the log of "
              + revocation.node()
              + " says up to that head: propose node.revoke yourself");
    }
    warnOfWhatIsBeyond(
        decisions.keys().present(revocation.node()).orElseThrow(), revocations, revocation);
  }

  private static Optional<Hash> choice(Ballots ballots, String text) {
    if (text.equals("none")) {
      return Optional.empty();
    }
    String digits = text.toLowerCase(Locale.ROOT);
    List<Hash> fitting =
        ballots.assembly().proposals().keySet().stream()
            .filter(id -> id.toHex().startsWith(digits))
            .toList();
    if (fitting.size() != 1) {
      throw new CliException(
          ExitStatus.ERROR,
          "unknown_proposal",
          fitting.size() + " open proposals begin with " + text);
    }
    return Optional.of(fitting.get(0));
  }

  @Command(name = "show", description = "Shows one proposal with its ballots, or its decision.")
  void show(
      @Mixin Target target,
      @Parameters(paramLabel = "PROPOSAL", description = "Its whole id.") String proposal) {
    if (!proposal.matches("[0-9a-f]{64}")) {
      throw CliException.usage("the id of a proposal has 64 hex digits: " + proposal);
    }
    terminal.result(target.api(terminal).getJson("/v1/governance/proposals/" + proposal));
  }

  @Command(
      name = "decisions",
      description = "Lists the decisions in epoch order; each is verified here, from genesis on.")
  void decisions(@Mixin Target target) throws DecodeException {
    ArrayNode decisions = new Ballots(target.genesis(), target.api(terminal)).decisions();
    Ballots.verified(target.genesis(), decisions);
    terminal.result(decisions, GovernanceTexts.decisions(decisions));
  }

  @Command(
      name = "hand-in",
      description = {
        "Hands a node decisions that it may not know, which verifies each of them: out of what",
        "governance decisions --output json prints at another node, or out of the file",
        "governance.pem.decisions beside a member's key. Nothing is signed."
      })
  void handIn(
      @Mixin Target target,
      @Parameters(paramLabel = "FILE", description = "Decisions in epoch order.") Path file)
      throws IOException {
    List<Bytes> decisions = KeptDecisions.read(file);
    Ballots ballots = new Ballots(target.genesis(), target.api(terminal));
    List<Long> handedIn = ballots.handIn(decisions);
    ObjectNode json = JsonNodeFactory.instance.objectNode().put("decisions", decisions.size());
    ArrayNode epochs = json.putArray("handedIn");
    handedIn.forEach(epochs::add);
    json.put("epoch", ballots.epoch());
    terminal.result(json, GovernanceTexts.handedIn(json));
  }
}
