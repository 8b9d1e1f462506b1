package org.probity.node.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.AuditStatement;
import org.probity.detector.evidence.EvidenceExplanation;
import org.probity.detector.evidence.Exhibit;
import org.probity.detector.evidence.FalselyAudited;
import org.probity.detector.evidence.FaultKind;
import org.probity.detector.log.Entry;
import org.probity.detector.log.EntryBody;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.TransactionEntry;
import org.probity.ledger.transaction.Operation;
import org.probity.node.ledger.LedgerWords;

/**
 * What a proof shows, in the ledger's words: what the node did, what the rules say, and what it
 * signed.
 *
 * <pre>
 * bank-c broke the rules in entry 51 of its log (INVALID_TRANSITION, outcome_differs).
 *
 * The entry is a transaction of 1 operation:
 *   pay 1000000.00 CZK from account 5f.. to account a1.. at bank-b
 * bank-c logged:      executed; sends 1 credit in CZK to bank-b
 * By the rules:       failed at operation 1 of 1, insufficient_funds: ...
 * </pre>
 */
final class FaultExplanation {
  private static final String INDENT = "  ";

  private final EvidenceExplanation proof;
  private final LedgerWords words;

  FaultExplanation(EvidenceExplanation proof, LedgerWords words) {
    this.proof = proof;
    this.words = words;
  }

  /** Whose log the entries are from. */
  private String author() {
    return proof.audited().map(lie -> lie.audit().ward().node()).orElseGet(this::node);
  }

  private String node() {
    return proof.faultId().subject().node().orElse(proof.member());
  }

  /** Adds {@code logged, expected, operations, checkpoints, entries}, and maybe {@code audit}. */
  void addTo(ObjectNode json) {
    json.put("logged", logged()).put("expected", expected());
    ArrayNode operations = json.putArray("operations");
    operations().forEach(operation -> operations.add(words.operation(operation)));
    ArrayNode checkpoints = json.putArray("checkpoints");
    for (SignedCheckpoint checkpoint : proof.checkpoints()) {
      checkpoints
          .addObject()
          .put("size", checkpoint.size())
          .put("root", checkpoint.head().root().toHex());
    }
    proof.audited().ifPresent(lie -> addAudit(json.putObject("audit"), lie));
    ArrayNode entries = json.putArray("entries");
    for (Exhibit exhibit : proof.exhibits()) {
      ObjectNode entry =
          entries
              .addObject()
              .put("index", exhibit.index())
              .put("type", type(exhibit))
              .put("bytes", exhibit.bytes().size());
      ArrayNode lines = entry.putArray("text");
      words(exhibit).forEach(lines::add);
    }
  }

  private static void addAudit(ObjectNode json, FalselyAudited lie) {
    AuditStatement said = lie.audit().content();
    json.put("node", lie.audit().ward().node())
        .put("log", said.log().format())
        .put("fromSize", said.from().size())
        .put("toSize", said.to().size())
        .put("toRoot", said.to().root().toHex())
        .put("statementId", lie.audit().id().toHex())
        .put("kind", lie.kind().name())
        .put("code", lie.code())
        .put("index", lie.index());
  }

  /** For people. */
  String text() {
    List<String> lines = new ArrayList<>();
    if (proof.faultId().kind() == FaultKind.FORK) {
      lines.add(node() + " signed two histories of one log (FORK).");
    } else if (proof.faultId().kind() == FaultKind.DOUBLE_BALLOT) {
      lines.add(
          node()
              + " voted twice in one round of epoch "
              + proof.faultId().position()
              + " (DOUBLE_BALLOT).");
    } else if (proof.audited().isPresent()) {
      FalselyAudited lie = proof.audited().get();
      lines.add(
          node()
              + " signed that the log of "
              + author()
              + " is as it must be, and entry "
              + lie.index()
              + " of it is not (FALSE_AUDIT; "
              + lie.kind()
              + ", "
              + lie.code()
              + ").");
    } else {
      lines.add(
          node()
              + " broke the rules in entry "
              + proof.faultId().position()
              + " of its log ("
              + proof.faultId().kind()
              + ", "
              + proof.code()
              + ").");
    }
    lines.add("Responsible: " + proof.member() + ". Fault id: " + proof.faultId().hash());
    lines.add("");
    List<Operation> operations = operations();
    if (!operations.isEmpty()) {
      lines.add("The entry is a transaction:");
      operations.forEach(operation -> lines.add(INDENT + words.operation(operation)));
    }
    lines.add(
        author() + (proof.faultId().kind() == FaultKind.DOUBLE_BALLOT ? " signed:" : " logged:"));
    lines.add(INDENT + logged());
    lines.add("By the rules:");
    lines.add(INDENT + expected());
    if (!proof.checkpoints().isEmpty() || proof.audited().isPresent()) {
      lines.add("");
      lines.add("Signed by " + node() + ":");
    }
    proof.audited().ifPresent(lie -> lines.add(INDENT + inWords(lie.audit().content())));
    for (SignedCheckpoint checkpoint : proof.checkpoints()) {
      lines.add(
          INDENT + checkpoint.size() + " entries with root " + checkpoint.head().root().toHex());
    }
    if (!proof.exhibits().isEmpty()) {
      lines.add("The entries that show it:");
      for (Exhibit exhibit : proof.exhibits()) {
        List<String> text = words(exhibit);
        lines.add(INDENT + exhibit.index() + " " + type(exhibit) + ": " + text.get(0));
      }
    }
    return String.join("\n", lines);
  }

  private String inWords(AuditStatement said) {
    return "an AUDIT of entries "
        + said.from().size()
        + " to "
        + (said.to().size() - 1)
        + " of "
        + author()
        + ", "
        + said.to().size()
        + " entries with root "
        + said.to().root().toHex();
  }

  /** What the node's log says at the place of the fault. */
  private String logged() {
    if (proof.faultId().kind() == FaultKind.FORK) {
      SignedCheckpoint first = proof.checkpoints().get(0);
      SignedCheckpoint second = proof.checkpoints().get(1);
      return first.size() == second.size()
          ? "a log of " + first.size() + " entries with one root, and another one with another root"
          : "a log of "
              + first.size()
              + " entries, and one of "
              + second.size()
              + " that does not begin with it";
    }
    EntryBody body = faulty();
    return body == null ? proof.logged() : inWords(body);
  }

  private String expected() {
    return proof.execution().map(this::inWords).orElse(proof.expected());
  }

  private String inWords(EntryBody body) {
    return body instanceof TransactionEntry transaction
        ? words.outcome(transaction.outcome(), operations().size())
        : String.join("; ", words.entry(body));
  }

  /** Of the transaction at fault; empty if it is none. */
  private List<Operation> operations() {
    if (faulty() instanceof TransactionEntry transaction) {
      try {
        return LedgerWords.operations(transaction.statement());
      } catch (DecodeException e) {
        return List.of();
      }
    }
    return List.of();
  }

  private @Nullable EntryBody faulty() {
    List<Exhibit> shown = proof.exhibits();
    return shown.isEmpty() ? null : body(shown.get(shown.size() - 1));
  }

  private List<String> words(Exhibit exhibit) {
    EntryBody body = body(exhibit);
    return body == null ? List.of("no entry") : words.entry(body);
  }

  private static String type(Exhibit exhibit) {
    EntryBody body = body(exhibit);
    return body == null ? "NONE" : body.type().name();
  }

  private static @Nullable EntryBody body(Exhibit exhibit) {
    try {
      return Entry.decode(exhibit.bytes()).body();
    } catch (DecodeException e) {
      return null;
    }
  }
}
