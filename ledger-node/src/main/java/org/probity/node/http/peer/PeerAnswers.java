package org.probity.node.http.peer;

import com.fasterxml.jackson.databind.JsonNode;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.log.AddCheckpointResponse;
import org.probity.node.http.PeerReply;
import org.probity.node.http.Problem;
import org.probity.node.http.wire.StrictJson;

/** What a peer's HTTP answer means. */
final class PeerAnswers {
  private static final int MAX_CODE_CHARS = 64;

  private PeerAnswers() {}

  /** A whole answer. */
  record Answer(int status, @Nullable String contentType, @Nullable String retryAfter, Bytes body) {

    static Answer of(HttpClientResponse response, Buffer body) {
      return new Answer(
          response.statusCode(),
          response.getHeader("content-type"),
          response.getHeader("retry-after"),
          Bytes.wrap(body.getBytes()));
    }
  }

  /** The answer to a message: accepted, wrong base, or refused for a reason. */
  static PeerReply reply(String node, Answer answer) throws PeerFailure {
    return switch (answer.status()) {
      case PeerReply.OK -> PeerReply.ok(answer.body());
      case PeerReply.WRONG_BASE -> new PeerReply(PeerReply.WRONG_BASE, answer.body());
      case PeerReply.REFUSED -> PeerReply.refused(code(answer));
      default -> throw failure(node, answer);
    };
  }

  /** The answer of a witness to {@code add-checkpoint}. */
  static AddCheckpointResponse witness(String node, Answer answer) throws PeerFailure {
    String type = answer.contentType() == null ? "" : answer.contentType();
    AddCheckpointResponse response =
        AddCheckpointResponse.read(answer.status(), type, answer.body());
    if (response instanceof AddCheckpointResponse.Unexpected
        || Problem.CONTENT_TYPE.equals(answer.contentType())) {
      throw failure(node, answer);
    }
    return response;
  }

  /** The body of a successful answer. */
  static Bytes content(String node, Answer answer) throws PeerFailure {
    if (answer.status() != PeerReply.OK) {
      throw failure(node, answer);
    }
    return answer.body();
  }

  static PeerFailure failure(String node, Answer answer) {
    String code = code(answer);
    String message = node + " answers " + answer.status() + " " + code;
    return answer.status() == 429 || answer.status() == 503
        ? PeerFailure.busy(code, message, seconds(answer.retryAfter()))
        : PeerFailure.of(PeerFailure.Kind.REFUSED, code, message);
  }

  /** The problem document's code; the status in words if it is none. */
  private static String code(Answer answer) {
    if (Problem.CONTENT_TYPE.equals(answer.contentType())) {
      try {
        JsonNode code = StrictJson.parse(answer.body().unsafeArray()).path("code");
        if (code.isTextual() && code.textValue().matches("[a-z0-9_]{1," + MAX_CODE_CHARS + "}")) {
          return code.textValue();
        }
      } catch (DecodeException e) {
        // Then the status has to do.
        return "status_" + answer.status();
      }
    }
    return "status_" + answer.status();
  }

  private static int seconds(@Nullable String retryAfter) {
    return retryAfter != null && retryAfter.matches("[0-9]{1,5}")
        ? Integer.parseInt(retryAfter)
        : 1;
  }
}
