package org.probity.demo;

import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.probity.node.cli.NodeApi;

/** What the members make of it: they revoke whom a proof convicts, and nobody else. */
final class Aftermath {
  private final DemoOptions options;
  private final Consortium consortium;
  private final Culprit culprit;
  private final SortedMap<String, NodeApi> correct;
  private final Progress progress;

  Aftermath(
      DemoOptions options,
      Consortium consortium,
      Culprit culprit,
      SortedMap<String, NodeApi> correct,
      Progress progress) {
    this.options = options;
    this.consortium = consortium;
    this.culprit = culprit;
    this.correct = correct;
    this.progress = progress;
  }

  /** Votes until the culprits are revoked, or says why nobody votes. */
  void tell(Report report) throws Exception {
    if (culprit.node().isEmpty() || !report.complaints().isEmpty()) {
      return;
    }
    progress.chapter("What the members make of it");
    Optional<String> why = whyNot(culprit.node().get());
    if (why.isPresent()) {
      progress.step("nothing is revoked: " + why.get());
      report.notRevoked(why.get());
      return;
    }
    for (String node : culprit.all()) {
      revoke(node, report);
    }
  }

  /** Why there is nothing to decide. */
  private Optional<String> whyNot(String node) {
    if (options.fault().expectedVerdict().isEmpty()) {
      return Optional.of(
          "nobody was convinced of anything. What "
              + node
              + " has made up proves nothing, and having posted it proves nothing against "
              + node
              + " either: no log and no signature of it says so");
    }
    if (options.fault().expectedVerdict().get().equals(Detection.SUSPECTED)) {
      return Optional.of(
          "a suspicion is no proof. That an answer has not come is what each node has seen for"
              + " itself; nobody can show it to a third party, a slow network would look the same,"
              + " and it ended when "
              + node
              + " answered. Nodes propose a decision on proofs only");
    }
    int members = consortium.banks().size();
    if (3 * correct.size() <= 2 * members) {
      return Optional.of(
          culprit.all().size()
              + " of "
              + members
              + " members cheat, and a decision takes more than two thirds of all. The proofs stand,"
              + " and every correct node has stopped believing both (with --nodes 7 the others are"
              + " enough to revoke them)");
    }
    return Optional.empty();
  }

  private void revoke(String node, Report report) throws Exception {
    Votes votes = new Votes(consortium, options.folder(), correct, node, progress);
    report.decided(node, votes.revoke());
    SortedMap<String, URI> peers = new TreeMap<>();
    for (Map.Entry<String, NodeApi> api : correct.entrySet()) {
      peers.put(
          api.getKey(), URI.create(api.getValue().getJson("/v1/status").path("peerUrl").asText()));
    }
    SortedMap<String, String> refusals = votes.refusals(peers);
    progress.step(node + " knocks once more, and is refused: " + refusals);
    if (!refusals.values().stream().allMatch("node_revoked"::equals)) {
      report.complain("the revoked node is not refused everywhere: " + refusals);
    }
  }
}
