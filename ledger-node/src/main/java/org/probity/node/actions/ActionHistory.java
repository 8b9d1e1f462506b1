package org.probity.node.actions;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.Statement;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.crypto.VerifiedStatement;

/**
 * All that a node's files still have of its operators' actions, and what is wrong with it.
 *
 * @param entries oldest first, as far as they can be read
 * @param problems what breaks the chain; empty if it holds
 */
public record ActionHistory(List<ActionEntry> entries, List<String> problems) {
  public ActionHistory {
    entries = List.copyOf(entries);
    problems = List.copyOf(problems);
  }

  /**
   * Reads and verifies. Linear in the files, which are bounded.
   *
   * @param keys who may have signed entries
   */
  public static ActionHistory read(
      ActionFiles files, Hash network, String node, Collection<Bytes> keys) throws IOException {
    Reader reader = new Reader(network, node, Set.copyOf(keys));
    ActionHead.Copy copy = ActionHead.read(files.head());
    Optional<ActionHead> remembered = copy.head();
    List<Path> all = new ArrayList<>(files.formers());
    if (Files.exists(files.log())) {
      all.add(files.log());
    }
    for (Path file : all) {
      reader.read(file, remembered);
    }
    copy.trouble(Optional.ofNullable(reader.last))
        .ifPresent(
            why ->
                reader.problem(
                    files.head(),
                    why + ", so nobody knows whether the newest entries are missing"));
    reader.end(remembered, files.formers().size());
    return new ActionHistory(reader.entries, reader.problems);
  }

  /** A line's statement; nothing is verified. */
  static Statement statement(byte[] line) throws DecodeException {
    try {
      Bytes statement = Bytes.wrap(Base64.getDecoder().decode(line));
      if (statement.size() > ActionEntry.MAX_STATEMENT_BYTES) {
        throw new DecodeException("entry_too_large", "longer than any entry");
      }
      return Statement.decode(statement);
    } catch (IllegalArgumentException e) {
      throw new DecodeException("bad_base64", "not base64");
    }
  }

  private static final class Reader {
    private final StatementVerifier verifier;
    private final String node;
    private final Set<Bytes> keys;
    private final List<ActionEntry> entries = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();
    private @Nullable ActionHead last;

    Reader(Hash network, String node, Set<Bytes> keys) {
      this.verifier = new StatementVerifier(SignatureRule.fastest(), network);
      this.node = node;
      this.keys = keys;
    }

    void read(Path file, Optional<ActionHead> remembered) throws IOException {
      byte[] content = Files.readAllBytes(file);
      int begin = 0;
      for (int i = 0; i < content.length; i++) {
        if (content[i] == '\n') {
          line(file, Arrays.copyOfRange(content, begin, i), remembered);
          begin = i + 1;
        }
      }
      if (begin < content.length) {
        problem(file, "its last line has no end; the next entry will say so");
      }
    }

    private void line(Path file, byte[] line, Optional<ActionHead> remembered) {
      try {
        VerifiedStatement verified = verifier.verify(statement(line), ActionEntry.TYP);
        ActionEntry entry = ActionEntry.decode(verified.payload());
        Hash hash = Hash.sha256(verified.encoded().toArray());
        if (verified.signers().size() != 1 || !keys.contains(verified.signers().get(0).toBytes())) {
          problem(file, "entry " + entry.sequence() + " is signed by a key that is not known here");
        }
        if (!entry.node().equals(node)) {
          problem(file, "entry " + entry.sequence() + " is of " + entry.node());
        }
        follows(file, entry);
        if (entry.what().equals(ActionLog.HEAD_DAMAGED)) {
          problem(
              file, "entry " + entry.sequence() + " follows a head that was damaged or missing");
        }
        if (remembered
            .filter(head -> head.sequence() == entry.sequence() && !head.hash().equals(hash))
            .isPresent()) {
          problem(file, "entry " + entry.sequence() + " is not the one that the head remembers");
        }
        entries.add(entry);
        last = new ActionHead(entry.sequence(), hash);
      } catch (DecodeException e) {
        problem(file, "the line after entry " + lastSequence() + " is none: " + e.code());
      }
    }

    private void follows(Path file, ActionEntry entry) {
      ActionHead before = last;
      if (before == null) {
        // What stood before may be forgotten, if there are as many files as there may be.
        boolean isFirst = entry.sequence() == 0;
        if (isFirst != entry.previous().equals(ActionEntry.NO_PREVIOUS)) {
          problem(file, "entry " + entry.sequence() + " begins nothing");
        }
        return;
      }
      if (entry.sequence() != before.sequence() + 1 || !entry.previous().equals(before.hash())) {
        problem(file, "entry " + entry.sequence() + " does not follow entry " + before.sequence());
      }
    }

    void end(Optional<ActionHead> remembered, int formerFiles) {
      boolean isWhole = entries.isEmpty() || entries.get(0).sequence() == 0;
      if (!isWhole && formerFiles < ActionLog.MAX_FORMER_FILES) {
        problems.add(
            "the log begins with entry "
                + entries.get(0).sequence()
                + ", and no file of it was full enough to be forgotten");
      }
      ActionHead end = last;
      remembered.ifPresent(
          head -> {
            if (end == null || end.sequence() < head.sequence()) {
              problems.add(
                  "the log ends with "
                      + lastSequence()
                      + ", and entry "
                      + head.sequence()
                      + " was written");
            }
          });
    }

    private String lastSequence() {
      ActionHead end = last;
      return end == null ? "none" : Long.toString(end.sequence());
    }

    private void problem(Path file, String what) {
      problems.add(file.getFileName() + ": " + what);
    }
  }
}
