package org.probity.node.http;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.governance.Decision;
import org.probity.node.http.wire.StrictBase64;
import org.probity.node.http.wire.StrictJson;

/**
 * Client statements out of request bodies. A single one is either the bytes themselves
 * (application/cose) or {@code {"statement": "<base64>"}}; many are a CBOR array of byte strings or
 * a JSON array of base64 strings. A decision, which is no statement itself, is its content
 * (application/cbor) or {@code {"content": "<base64>"}}. What they say is not looked at.
 */
final class StatementBodies {
  static final String COSE = "application/cose";
  static final Set<String> SINGLE_MEDIA = Set.of(COSE, Reply.JSON);
  static final Set<String> DECISION_MEDIA = Set.of(Reply.CBOR, Reply.JSON);
  static final Set<String> BULK_MEDIA = Set.of(Reply.CBOR, Reply.JSON);

  // SPEC protocol.md §3.3: a client transaction has at most 32 KiB.
  static final int MAX_STATEMENT_BYTES = 32 * 1024;
  static final int MAX_SINGLE_BODY_BYTES = 64 * 1024;

  /** {@link Decision#MAX_BYTES} in base64. */
  static final int MAX_DECISION_BODY_BYTES = 96 * 1024;

  static final int MAX_BULK_STATEMENTS = 1000;
  static final int MAX_BULK_BODY_BYTES = 8 * 1024 * 1024;

  private static final String STATEMENT = "statement";
  private static final String CONTENT = "content";

  private StatementBodies() {}

  static Bytes single(Exchange exchange) {
    return bounded(
        exchange.mediaType().equals(COSE)
            ? exchange.body()
            : singleJson(json(exchange), STATEMENT));
  }

  /** Whoever decodes it knows how large it may be. */
  static Bytes decision(Exchange exchange) {
    return exchange.mediaType().equals(Reply.CBOR)
        ? exchange.body()
        : singleJson(json(exchange), CONTENT);
  }

  static List<Bytes> bulk(Exchange exchange) {
    List<Bytes> statements =
        exchange.mediaType().equals(Reply.CBOR)
            ? bulkCbor(exchange.body())
            : bulkJson(json(exchange));
    if (statements.isEmpty()) {
      throw Problems.badRequest("no_statements", "at least one statement");
    }
    statements.forEach(StatementBodies::bounded);
    return statements;
  }

  private static Bytes singleJson(JsonNode body, String field) {
    if (!body.isObject() || body.size() != 1 || !body.path(field).isTextual()) {
      throw Problems.badField(
          "json_unexpected",
          field,
          "an object with exactly the member \"" + field + "\", in base64");
    }
    return base64(body.get(field), field);
  }

  private static List<Bytes> bulkJson(JsonNode body) {
    if (!body.isArray() || body.size() > MAX_BULK_STATEMENTS) {
      throw tooMany();
    }
    List<Bytes> statements = new ArrayList<>(body.size());
    for (JsonNode item : body) {
      statements.add(base64(item, "[" + statements.size() + "]"));
    }
    return statements;
  }

  private static List<Bytes> bulkCbor(Bytes body) {
    try {
      CborReader in = new CborReader(body);
      int count = in.arrayHeader();
      if (count > MAX_BULK_STATEMENTS) {
        throw tooMany();
      }
      List<Bytes> statements = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        statements.add(in.bytes());
      }
      in.end();
      return statements;
    } catch (DecodeException e) {
      throw Problems.undecodable(e);
    }
  }

  private static JsonNode json(Exchange exchange) {
    try {
      return StrictJson.parse(exchange.body().unsafeArray());
    } catch (DecodeException e) {
      throw Problems.undecodable(e);
    }
  }

  private static Bytes base64(JsonNode item, String field) {
    if (!item.isTextual()) {
      throw Problems.badField("json_unexpected", field, "a base64 string");
    }
    try {
      return StrictBase64.decode(item.textValue());
    } catch (DecodeException e) {
      throw new ProblemException(Problems.undecodable(e).problem().withField(field));
    }
  }

  private static Bytes bounded(Bytes statement) {
    if (statement.isEmpty() || statement.size() > MAX_STATEMENT_BYTES) {
      throw new ProblemException(
          new Problem(
              413,
              "statement_too_large",
              "a statement has 1 to " + MAX_STATEMENT_BYTES + " bytes"));
    }
    return statement;
  }

  private static ProblemException tooMany() {
    return Problems.badRequest(
        "too_many_statements", "an array of at most " + MAX_BULK_STATEMENTS + " statements");
  }
}
