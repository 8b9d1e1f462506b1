package org.probity.demo.fault;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.vertx.core.Future;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.log.Origin;
import org.probity.node.http.NodeService;
import org.probity.node.http.PeerReply;
import org.probity.node.http.PublishedLog;
import org.probity.node.http.api.Polling;
import org.probity.node.http.peer.PeerFailure;
import org.probity.node.http.peer.PeerTransport;
import org.probity.node.runtime.NodeSettings;

/**
 * Tells every other node that one of them has cheated, which has not, and asks that one before
 * everybody for what it cannot have. The trigger names the victim, a ward of this node: its log is
 * the raw material. What everybody answered is written down.
 */
public final class Framing {
  /** {@code [{"artefact", "to", "answer"}]}; the answer is a stable code. */
  public static final String FRAMED_FILE = "framed.json";

  /** The answer of a node that believes it. */
  public static final String ACCEPTED = "accepted";

  private static final Duration ANSWER = Duration.ofSeconds(30);

  private final NodeSettings settings;
  private final Trigger trigger;
  private @Nullable PeerTransport transport;

  Framing(NodeSettings settings, Trigger trigger) {
    this.settings = settings;
    this.trigger = trigger;
  }

  /** By which way the accusations go. */
  PeerTransport through(PeerTransport truth) {
    transport = truth;
    return truth;
  }

  /** Waits for the trigger. */
  NodeService behind(NodeService truth) {
    PeerTransport way = transport;
    if (way == null) {
      throw new IllegalStateException("a node has its transport first");
    }
    trigger.whenGiven("framing", () -> accuse(truth, way));
    return truth;
  }

  private void accuse(NodeService node, PeerTransport way) {
    NodeRecord victim = settings.genesis().node(trigger.text()).orElseThrow();
    Origin origin = settings.genesis().origin(victim);
    PublishedLog log = held(node, Hash.sha256(Bytes.utf8(origin.format()).unsafeArray()));
    ArrayNode answers = JsonNodeFactory.instance.arrayNode();
    for (Artefacts.Artefact artefact : new Artefacts(settings, victim, log, node.ownLog()).all()) {
      for (NodeRecord peer : settings.genesis().nodes()) {
        if (!peer.node().equals(settings.node())) {
          answers
              .addObject()
              .put("artefact", artefact.name())
              .put("to", peer.node())
              .put("answer", answer(artefact.send(way, peer.node())));
        }
      }
    }
    trigger.tell(FRAMED_FILE, answers + "\n");
  }

  /** A node serves its log from when it may sign: this one may have been faster. */
  private static PublishedLog held(NodeService node, Hash origin) {
    try {
      Polling.LOCAL.await(ANSWER, () -> node.replica(origin).isPresent());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return node.replica(origin).orElseThrow();
  }

  private static String answer(Future<PeerReply> reply) {
    try {
      PeerReply answer =
          reply.toCompletionStage().toCompletableFuture().get(ANSWER.toSeconds(), TimeUnit.SECONDS);
      return answer.status() == PeerReply.OK
          ? ACCEPTED
          : new String(answer.body().toArray(), StandardCharsets.UTF_8);
    } catch (ExecutionException e) {
      return e.getCause() instanceof PeerFailure failure
          ? failure.code()
          : String.valueOf(e.getCause());
    } catch (TimeoutException e) {
      return "no_answer";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "interrupted";
    }
  }
}
