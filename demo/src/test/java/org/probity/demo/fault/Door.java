package org.probity.demo.fault;

import io.vertx.core.Future;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.node.http.NodeService;
import org.probity.node.http.PeerReply;
import org.probity.node.http.peer.PeerFailure;
import org.probity.node.http.peer.PeerTransport;
import org.probity.node.runtime.NodeParts;
import org.probity.node.runtime.NodeSettings;

/**
 * Into a node that is as it is shipped: a test looks at what it has logged, and says things to
 * others over its connections and with its keys that it would not say.
 */
public final class Door {
  private static final int ANSWER_SECONDS = 30;

  private final Map<String, Bytes> envelopes = new ConcurrentHashMap<>();
  private volatile @Nullable NodeSettings settings;
  private volatile @Nullable PeerTransport transport;
  private volatile @Nullable NodeService node;

  /** What to build the node from. */
  public NodeParts parts(NodeSettings own, Trigger trigger) {
    settings = own;
    return new NodeParts(
            UnaryOperator.identity(),
            truth -> {
              transport = truth;
              return new Remembering(truth);
            })
        .withService(
            truth -> {
              node = truth;
              return truth;
            });
  }

  public NodeSettings settings() {
    return open(settings);
  }

  /** How it talks to its peers. */
  public PeerTransport transport() {
    return open(transport);
  }

  /** What it is asked through its listeners. */
  public NodeService node() {
    return open(node);
  }

  private static <T> T open(@Nullable T part) {
    if (part == null) {
      throw new IllegalStateException("the node is not started");
    }
    return part;
  }

  /** What it has sent to a peer last. */
  public Bytes lastEnvelope(String to) {
    return envelopes.getOrDefault(to, Bytes.EMPTY);
  }

  /**
   * What a peer says in the end: {@code accepted}, or the code of its refusal, or, of a log of
   * which it holds something else, how much that is.
   */
  public static String answer(Future<PeerReply> reply)
      throws InterruptedException, TimeoutException {
    try {
      PeerReply answer =
          reply.toCompletionStage().toCompletableFuture().get(ANSWER_SECONDS, TimeUnit.SECONDS);
      return answer.status() == PeerReply.OK
          ? Framing.ACCEPTED
          : new String(answer.body().toArray(), StandardCharsets.UTF_8).strip();
    } catch (ExecutionException e) {
      return e.getCause() instanceof PeerFailure failure
          ? failure.code()
          : String.valueOf(e.getCause());
    }
  }

  private final class Remembering extends ForwardingTransport {
    Remembering(PeerTransport truth) {
      super(truth);
    }

    @Override
    public Future<PeerReply> envelope(String to, Bytes body) {
      envelopes.put(to, body);
      return truth.envelope(to, body);
    }
  }
}
