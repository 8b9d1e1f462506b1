package org.probity.node.http;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * An RFC 9457 problem document.
 *
 * @param code stable, lower_snake, for machines; the type is {@code urn:probity:error:<code>}
 * @param detail for people
 * @param field which part of the request is meant
 * @param retryAfterSeconds when to come again, for 429 and 503
 */
public record Problem(
    int status, String code, String detail, Optional<String> field, OptionalInt retryAfterSeconds) {
  public static final String CONTENT_TYPE = "application/problem+json";
  public static final String TYPE_PREFIX = "urn:probity:error:";

  public Problem(int status, String code, String detail) {
    this(status, code, detail, Optional.empty(), OptionalInt.empty());
  }

  public Problem withField(String name) {
    return new Problem(status, code, detail, Optional.of(name), retryAfterSeconds);
  }

  public Problem withRetryAfter(int seconds) {
    return new Problem(status, code, detail, field, OptionalInt.of(seconds));
  }

  /** The code in words: {@code body_too_large} is "Body too large". */
  public String title() {
    String words = code.replace('_', ' ');
    return words.substring(0, 1).toUpperCase(Locale.ROOT) + words.substring(1);
  }

  ObjectNode toJson(String requestId) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("type", TYPE_PREFIX + code)
        .put("title", title())
        .put("status", status)
        .put("detail", detail)
        .put("code", code)
        .put("instance", "urn:probity:request:" + requestId);
    field.ifPresent(name -> json.put("field", name));
    return json;
  }
}
