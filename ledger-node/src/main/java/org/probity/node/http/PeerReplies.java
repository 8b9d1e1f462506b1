package org.probity.node.http;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;

/** The node's answers to messages, as HTTP replies. */
final class PeerReplies {
  static final String SIZE_TYPE = "text/x.tlog.size";

  private PeerReplies() {}

  /** A refusal becomes a problem document with its code. */
  static Future<Reply> of(Future<PeerReply> answer) {
    return answer.map(PeerReplies::of);
  }

  private static Reply of(PeerReply answer) {
    Buffer body = Buffer.buffer(answer.body().unsafeArray());
    if (answer.status() == PeerReply.OK) {
      return Reply.of(PeerReply.OK, Reply.BINARY, body);
    }
    if (answer.status() == PeerReply.WRONG_BASE) {
      return Reply.of(PeerReply.WRONG_BASE, SIZE_TYPE, body);
    }
    throw new ProblemException(
        new Problem(
            answer.status(),
            body.toString(StandardCharsets.UTF_8),
            "the message was refused, nothing was logged"));
  }
}
