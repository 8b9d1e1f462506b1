package org.probity.node.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.governance.Decision;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.ValidDecision;
import org.probity.node.store.StoreFiles;

/**
 * The newest {@value #KEPT} decisions behind which a member has signed a ballot, in a file beside
 * its governance key, {@code governance.pem.decisions}. Its mark forbids the member every further
 * ballot of an epoch that it holds for decided. If only a node knew of the decision that is lost or
 * tells nobody, and those who took it do not all vote again, no other node could ever decide that
 * epoch: so the member hands the decision in, which shows by itself that it was taken.
 *
 * <p>The file has the form of what {@code governance decisions --output json} prints:
 *
 * <pre>{@code [{"epoch": 3, "content": "<base64>"}, ...]}</pre>
 *
 * <p>Never older than the mark, whose lock guards this, too: it is durable before.
 */
final class KeptDecisions {
  static final int KEPT = 8;

  private static final String UNREADABLE = "decisions_unreadable";
  private static final String SUFFIX = ".decisions";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;

  KeptDecisions(Path key) {
    Path absolute = key.toAbsolutePath();
    this.file = absolute.resolveSibling(absolute.getFileName() + SUFFIX);
  }

  /**
   * Those of this epoch and later.
   *
   * @throws CliException {@code decisions_unreadable}, and what to do about it: without them the
   *     member might vote behind what nobody else knows, so it does not vote
   */
  List<Bytes> from(long epoch) {
    if (Files.notExists(file)) {
      return List.of();
    }
    try {
      return read(file).stream().filter(content -> epoch(content) >= epoch).toList();
    } catch (CliException | IOException e) {
      throw CliException.config(
          UNREADABLE,
          file
              + " cannot be read ("
              + e.getMessage()
              + "): put there what governance decisions --output json prints at a node that knows"
              + " every decision; if every node does, it may be moved away");
    }
  }

  /** Keeps the newest of these, if they are newer than what is kept. Durable when it returns. */
  void keep(DecisionChain chain) throws IOException {
    List<ValidDecision> all = chain.decisions();
    if (all.isEmpty() || !from(all.size() - 1L).isEmpty()) {
      return;
    }
    ArrayNode kept = JsonNodeFactory.instance.arrayNode();
    for (ValidDecision one : all.subList(Math.max(0, all.size() - KEPT), all.size())) {
      kept.addObject()
          .put("epoch", one.decision().epoch())
          .put("content", Base64.getEncoder().encodeToString(one.encoded().toArray()));
    }
    StoreFiles.replace(
        file.getParent() == null ? Path.of(".") : file.getParent(),
        String.valueOf(file.getFileName()),
        JSON.writeValueAsBytes(kept));
  }

  /** The contents out of such a file, whoever wrote it, in its order; nothing is verified. */
  static List<Bytes> read(Path file) throws IOException {
    try {
      JsonNode list = JSON.readTree(Files.readAllBytes(file));
      if (!list.isArray()) {
        throw unreadable(file);
      }
      List<Bytes> contents = new ArrayList<>();
      for (JsonNode decision : list) {
        Bytes content = Ballots.base64(decision, "content");
        Decision.decode(content);
        contents.add(content);
      }
      return contents;
    } catch (JsonProcessingException e) {
      throw unreadable(file);
    } catch (DecodeException e) {
      throw CliException.config(e.code(), file + ": " + e.getMessage());
    }
  }

  private static CliException unreadable(Path file) {
    return CliException.config(
        UNREADABLE, file + " is not what governance decisions --output json prints");
  }

  /** Of what was read before. */
  static long epoch(Bytes content) {
    try {
      return Decision.decode(content).epoch();
    } catch (DecodeException e) {
      throw new IllegalStateException("decoded once before", e);
    }
  }
}
