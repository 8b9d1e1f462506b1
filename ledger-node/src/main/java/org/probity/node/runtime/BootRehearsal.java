package org.probity.node.runtime;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.log.Origin;
import org.probity.detector.log.SigningMark;
import org.probity.detector.node.BootGate;
import org.probity.node.http.peer.PeerClient;
import org.probity.node.http.peer.PeerLimits;
import org.probity.node.http.wire.HeldLog;

/**
 * The question of the boot gate (protocol.md §11.1), put by whoever only wants to know: how much of
 * a node's log the others know, and what its next start would come to. Nothing is signed, recovered
 * or written.
 */
public final class BootRehearsal {
  private static final long ANSWER_SECONDS = 10;

  private final Map<String, BootGate.Answer> answers;
  private final Set<String> silent;

  private BootRehearsal(Map<String, BootGate.Answer> answers, Set<String> silent) {
    this.answers = answers;
    this.silent = silent;
  }

  /**
   * Asks everybody at once, as the node itself, by its certificate and address book.
   *
   * @param origin of the log
   */
  public static BootRehearsal ask(NodeSettings settings, Origin origin, Collection<String> others)
      throws InterruptedException {
    Vertx vertx =
        Vertx.vertx(
            new VertxOptions()
                .setEventLoopPoolSize(1)
                .setFileSystemOptions(
                    new FileSystemOptions()
                        .setFileCachingEnabled(false)
                        .setClassPathResolvingEnabled(false)));
    PeerClient client =
        new PeerClient(
            vertx,
            settings.peerIdentity(),
            settings.trust(),
            settings.peers(),
            PeerLimits.standard());
    try {
      Hash originHash = OwnLogRecovery.originHash(origin);
      Map<String, Future<HeldLog>> questions = new TreeMap<>();
      others.forEach(node -> questions.put(node, client.held(node, originHash)));
      Map<String, BootGate.Answer> answers = new TreeMap<>();
      Set<String> silent = new TreeSet<>();
      for (Map.Entry<String, Future<HeldLog>> question : questions.entrySet()) {
        Optional<BootGate.Answer> answer =
            await(question.getValue())
                .flatMap(
                    held -> BootGate.Answer.parse(held.counts(), held.epoch(), held.checkpoint()));
        answer.ifPresentOrElse(
            held -> answers.put(question.getKey(), held), () -> silent.add(question.getKey()));
      }
      return new BootRehearsal(answers, silent);
    } finally {
      Endings.quietly(
          "close the connections", client.close().toCompletionStage().toCompletableFuture());
      Endings.closeLoops(vertx);
    }
  }

  private static Optional<HeldLog> await(Future<HeldLog> question) throws InterruptedException {
    try {
      return Optional.of(
          question.toCompletionStage().toCompletableFuture().get(ANSWER_SECONDS, TimeUnit.SECONDS));
    } catch (ExecutionException | TimeoutException e) {
      // SPEC protocol.md §7.3: whatever it is, it is no answer.
      return Optional.empty();
    }
  }

  /** By node. */
  public Map<String, BootGate.Answer> answers() {
    return Map.copyOf(answers);
  }

  /** Who has not answered, or not in a form that is an answer. */
  public Set<String> silent() {
    return Set.copyOf(silent);
  }

  /**
   * What the start of a node with this log would come to, if all answer it so.
   *
   * @param mark how far the key has signed, as far as the disk knows
   * @throws StartException {@code log_damaged}
   */
  public BootGate.Verdict judge(OwnLog log, SigningMark mark) throws StartException {
    OwnLog.Logged logged = log.logged();
    return BootGate.of(log.author(), logged.epoch(), logged.known())
        .judge(new BootGate.Own(log.log(), log.head().size(), mark), answers, silent);
  }
}
