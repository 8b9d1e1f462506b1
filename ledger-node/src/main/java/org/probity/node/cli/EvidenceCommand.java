package org.probity.node.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.evidence.BlastRadius;
import org.probity.detector.evidence.FaultId;
import org.probity.detector.evidence.FaultKind;
import org.probity.detector.evidence.Verification;
import org.probity.detector.governance.Genesis;
import org.probity.ledger.program.LedgerReader;
import org.probity.ledger.verifier.OfflineVerifier;
import org.probity.ledger.verifier.VerifyEvidence;
import org.probity.node.ledger.LedgerWords;
import org.probity.node.program.Programs;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code evidence}: proofs that a node broke the protocol. */
@Command(name = "evidence", description = "Lists, exports, verifies and explains proofs of faults.")
final class EvidenceCommand {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Terminal terminal;

  EvidenceCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Command(name = "list", description = "Lists the proofs that a node holds.")
  void list(@Mixin Target target) {
    terminal.result(target.api(terminal).getJson("/v1/evidence"));
  }

  @Command(name = "export", description = "Writes a proof that a node holds to a file.")
  void export(
      @Mixin Target target,
      @Parameters(paramLabel = "FAULT-ID", description = "As evidence list shows it.")
          String faultId,
      @Option(
              names = {"-f", "--file"},
              paramLabel = "FILE",
              description = "Where to; default FAULT-ID.evidence. Must not exist.")
          @Nullable Path file)
      throws IOException {
    if (!faultId.matches("[0-9a-f]{64}")) {
      throw CliException.usage("a fault id has 64 hex digits: " + faultId);
    }
    byte[] evidence = target.api(terminal).get("/v1/evidence/" + faultId);
    Path to = file == null ? Path.of(faultId + ".evidence") : file;
    Files.write(to, evidence, StandardOpenOption.CREATE_NEW);
    terminal.result(
        JsonNodeFactory.instance
            .objectNode()
            .put("file", to.toString())
            .put("bytes", evidence.length)
            .put("faultId", faultId));
  }

  @Command(
      name = "verify",
      description = {
        "Verifies a proof offline, from the file and the genesis document alone.",
        "Exit code 0: proven; 10: proves nothing."
      })
  Integer verify(
      @Mixin Target target,
      @Parameters(paramLabel = "FILE", description = "The evidence file.") Path file)
      throws IOException {
    Verification verification = judge(target, file);
    terminal.result(parsed(OfflineVerifier.json(verification)));
    return status(verification).code();
  }

  @Command(
      name = "explain",
      description = {
        "Verifies a proof and explains it: what the node did, what the rules say,",
        "what it signed. Exit codes as evidence verify."
      })
  Integer explain(
      @Mixin Target target,
      @Parameters(paramLabel = "FILE", description = "The evidence file.") Path file)
      throws IOException {
    Verification verification = judge(target, file);
    ObjectNode json = parsed(OfflineVerifier.json(verification));
    if (verification instanceof Verification.Proven proven) {
      FaultExplanation explanation =
          new FaultExplanation(
              proven.explanation(), new LedgerWords(Accounts.assets(target.genesis())));
      explanation.addTo(json);
      terminal.result(json, explanation.text());
    } else {
      terminal.result(json);
    }
    return status(verification).code();
  }

  @Command(
      name = "blast-radius",
      description = {
        "Verifies a proof and shows what the fault has reached: entries and accounts on all",
        "nodes, with amounts. Replays every log, each from its node or else from a witness.",
        "Exit codes as evidence verify."
      })
  Integer blastRadius(
      @Mixin Target target,
      @Parameters(paramLabel = "FILE", description = "The evidence file.") Path file,
      @Option(
              names = "--graph",
              paramLabel = "FILE",
              description = "Also write a graph for Graphviz (dot -Tsvg). Must not exist.")
          @Nullable Path graph)
      throws IOException {
    Verification verification = judge(target, file);
    if (!(verification instanceof Verification.Proven proven)) {
      terminal.result(parsed(OfflineVerifier.json(verification)));
      return status(verification).code();
    }
    FaultId fault = proven.evidence().faultId();
    String culprit =
        fault
            .subject()
            .node()
            .orElseThrow(
                () ->
                    CliException.usage(
                        "this is a fault of member "
                            + proven.evidence().member()
                            + ", not of a node: it reached no log"));
    proven
        .explanation()
        .audited()
        .ifPresent(
            lie -> {
              throw CliException.usage(
                  "what "
                      + culprit
                      + " signed has reached no log; take a proof against "
                      + lie.audit().ward().node());
            });
    Genesis genesis = target.genesis();
    SortedMap<String, DownloadedLog> logs = new ReachableLogs(target, terminal).fetch(genesis);
    BlastRadius radius =
        BlastRadius.of(
            genesis,
            Accounts.program(genesis),
            LedgerReader::carriesValue,
            logs,
            List.of(
                fault.kind() == FaultKind.FORK
                    ? BlastRadius.Source.ofFork(culprit, fault.position(), logs)
                    : new BlastRadius.Source(culprit, fault.position())));
    BlastRadiusReport report = new BlastRadiusReport(radius, logs, Accounts.assets(genesis));
    if (graph != null) {
      Files.writeString(graph, report.graph(), StandardOpenOption.CREATE_NEW);
    }
    terminal.result(report.json(), report.text());
    return ExitStatus.OK.code();
  }

  private static Verification judge(Target target, Path file) throws IOException {
    // The file first: a missing one is the plainer mistake.
    if (Files.isDirectory(file)) {
      throw CliException.usage(file + " is a folder; name one evidence file in it");
    }
    Bytes evidence = VerifyEvidence.readBounded(file);
    return new OfflineVerifier(target.genesis(), Programs.known()).verify(evidence);
  }

  private static ExitStatus status(Verification verification) {
    return verification instanceof Verification.Proven ? ExitStatus.OK : ExitStatus.FAULT;
  }

  private static ObjectNode parsed(String json) {
    try {
      JsonNode parsed = JSON.readTree(json);
      return (ObjectNode) parsed;
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the verifier writes JSON", e);
    }
  }
}
