package org.probity.node.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.probity.detector.audit.Finding;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.evidence.Evidence;
import org.probity.detector.evidence.EvidenceVerifier;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.Genesis;
import org.probity.detector.log.Entry;
import org.probity.detector.program.Program;
import org.probity.node.ledger.LedgerWords;
import org.probity.node.runtime.LogReplay;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code log}: a node's log, read by somebody who does not believe the node. */
@Command(name = "log", description = "Verifies and shows logs.")
final class LogCommand {
  private static final String DECISIONS =
      "What governance decisions --output json has printed: whose the keys are that a log in a"
          + " folder is signed with; default: what whoever serves the log says.";

  private final Terminal terminal;

  LogCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Command(
      name = "verify",
      description = {
        "Fetches a whole log and verifies signature, entries and tiles; with --replay also that",
        "every entry follows from those before it. Exit code 0: clean; 10: a fault, with the",
        "evidence written to --out where there is a proof; 4: unreachable."
      })
  Integer verify(
      @Mixin Target target,
      @Parameters(
              arity = "0..1",
              paramLabel = "URL|FOLDER",
              description = "Log URL as node status shows it, or a copy of its files.")
          @Nullable String place,
      @Option(names = "--replay", description = "Execute every entry again.") boolean replay,
      @Option(
              names = "--out",
              paramLabel = "FOLDER",
              defaultValue = ".",
              description = "Where to write evidence; default the current folder.")
          Path out,
      @Option(names = "--decisions", paramLabel = "FILE", description = DECISIONS)
          @Nullable Path decisionsFile)
      throws IOException {
    long startNanos = System.nanoTime();
    Genesis genesis = target.genesis();
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    DecisionChain decisions = decisions(target, place, genesis, decisionsFile);
    DownloadedLog log;
    try {
      log = DownloadedLog.fetch(source(target, place), decisions, target.node());
    } catch (DownloadedLog.Mismatch e) {
      requireSameConsortium(e);
      json.put("verdict", "FAULT").put("reason", e.code()).put("message", e.getMessage());
      json.putArray("evidence");
      terminal.result(json);
      return ExitStatus.FAULT.code();
    }
    Optional<Finding> finding = replay ? replay(decisions, log) : Optional.empty();
    double seconds = (System.nanoTime() - startNanos) / 1e9;
    json.put("verdict", finding.isEmpty() ? "CLEAN" : "FAULT")
        .put("node", log.node().node())
        .put("size", log.size())
        .put("root", log.checkpoint().head().root().toHex())
        .put("replayed", replay)
        .put("entriesPerSecond", Math.round(log.size() / seconds));
    ArrayNode evidence = json.putArray("evidence");
    if (finding.isPresent()) {
      json.put("position", finding.get().index())
          .put("reason", finding.get().violation().code())
          .put("message", finding.get().violation().message());
      prove(decisions, log, finding.get(), out).ifPresent(file -> evidence.add(file.toString()));
    }
    terminal.result(json);
    return (finding.isEmpty() ? ExitStatus.OK : ExitStatus.FAULT).code();
  }

  @Command(name = "show", description = "Shows entries of a log, which is verified first.")
  void show(
      @Mixin Target target,
      @Parameters(
              arity = "0..1",
              paramLabel = "URL|FOLDER",
              description = "Log URL as node status shows it, or a copy of its files.")
          @Nullable String place,
      @Option(names = "--from", defaultValue = "0", description = "First index; default 0.")
          long from,
      @Option(names = "--count", defaultValue = "50", description = "How many; default 50.")
          int count,
      @Option(names = "--decisions", paramLabel = "FILE", description = DECISIONS)
          @Nullable Path decisionsFile)
      throws DecodeException, IOException {
    if (from < 0 || count < 1) {
      throw CliException.usage("--from is 0 or more, --count 1 or more");
    }
    Genesis genesis = target.genesis();
    DecisionChain decisions = decisions(target, place, genesis, decisionsFile);
    DownloadedLog log;
    try {
      log = DownloadedLog.fetch(source(target, place), decisions, target.node());
    } catch (DownloadedLog.Mismatch e) {
      requireSameConsortium(e);
      throw new CliException(ExitStatus.FAULT, e.code(), String.valueOf(e.getMessage()), e);
    }
    LedgerWords words = new LedgerWords(Accounts.assets(genesis));
    ArrayNode rows = JsonNodeFactory.instance.arrayNode();
    List<String> lines = new ArrayList<>();
    for (long index = from; index < Math.min(log.size(), from + count); index++) {
      Entry entry = Entry.decode(log.entry(index));
      List<String> text = words.entry(entry.body());
      ArrayNode shown =
          rows.addObject()
              .put("index", index)
              .put("type", entry.type().name())
              .put("bytes", entry.bytes().size())
              .put("leafHash", entry.leafHash().toHex())
              .putArray("text");
      text.forEach(shown::add);
      lines.add(index + "  " + entry.type().name() + "  " + text.get(0));
      text.subList(1, text.size()).forEach(line -> lines.add("    " + line));
    }
    terminal.result(rows, String.join("\n", lines));
  }

  /** The auditor's own mistake is no fault of the node. */
  private static void requireSameConsortium(DownloadedLog.Mismatch mismatch) {
    if (mismatch.code().equals(DownloadedLog.WRONG_NETWORK)) {
      throw CliException.config(
          mismatch.code(),
          mismatch.getMessage()
              + ". The genesis document given is not this log's: --genesis, --dir");
    }
  }

  /** Whose keys are whose; nobody is believed, and who knows of no decision is not missed. */
  private DecisionChain decisions(
      Target target, @Nullable String place, Genesis genesis, @Nullable Path file)
      throws IOException {
    if (file != null) {
      return KnownDecisions.read(genesis, file).chain();
    }
    KnownDecisions known = KnownDecisions.none(genesis);
    if (place == null) {
      known.learn(target.api(terminal));
    } else if (isUrl(place)) {
      known.learn(NodeApi.at(URI.create(place).resolve("/").toString(), target.trust()));
    }
    return known.chain();
  }

  private static boolean isUrl(String place) {
    return place.startsWith("https://") || place.startsWith("http://");
  }

  private LogSource source(Target target, @Nullable String place) {
    if (place == null) {
      return LogSource.of(target.api(terminal), "/log");
    }
    if (isUrl(place)) {
      return LogSource.of(NodeApi.at(place, target.trust()), "");
    }
    Path folder = Path.of(place);
    if (!Files.isDirectory(folder)) {
      throw CliException.usage(place + " is neither a URL nor a folder");
    }
    return LogSource.of(folder);
  }

  private static Optional<Finding> replay(DecisionChain decisions, DownloadedLog log) {
    return LogReplay.of(decisions, log.node(), log, Accounts.program(decisions.genesis()));
  }

  /** Writes the proof, if the finding amounts to one that the verifier accepts. */
  private static Optional<Path> prove(
      DecisionChain decisions, DownloadedLog log, Finding finding, Path out) throws IOException {
    Program program = Accounts.program(decisions.genesis());
    EvidenceVerifier verifier =
        new EvidenceVerifier(decisions.genesis(), Map.of(program.id(), program));
    Optional<Evidence> proof = finding.prove(log.checkpoint(), log, verifier, decisions).evidence();
    if (proof.isEmpty()) {
      return Optional.empty();
    }
    Files.createDirectories(out);
    Path path = out.resolve(proof.get().fault().toHex() + ".evidence");
    Files.write(path, proof.get().encoded().toArray());
    return Optional.of(path);
  }
}
