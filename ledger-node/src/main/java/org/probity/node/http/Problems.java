package org.probity.node.http;

import java.time.Duration;
import org.probity.detector.codec.DecodeException;

/** Every problem the listeners themselves know. The codes are a contract with clients. */
public final class Problems {
  static final int UNAUTHENTICATED = 401;

  /** Code of a process that signs nothing because another one runs with the same key. */
  public static final String ANOTHER_RUN = "another_run";

  private Problems() {}

  public static ProblemException badRequest(String code, String detail) {
    return new ProblemException(new Problem(400, code, detail));
  }

  /** A part of the request is not what it must be. */
  public static ProblemException badField(String code, String field, String detail) {
    return new ProblemException(new Problem(400, code, detail).withField(field));
  }

  /** Bytes of the request do not decode. */
  public static ProblemException undecodable(DecodeException cause) {
    return badRequest(cause.code(), String.valueOf(cause.getMessage()));
  }

  public static ProblemException notFound(String detail) {
    return new ProblemException(new Problem(404, "not_found", detail));
  }

  /** A queue is full; nothing was recorded. */
  public static ProblemException overloaded(int retryAfterSeconds) {
    return new ProblemException(
        new Problem(429, "overloaded", "a queue is full, nothing was recorded")
            .withRetryAfter(retryAfterSeconds));
  }

  /** The node does not accept this now: it starts, drains or has stopped itself. */
  public static ProblemException notReady(String detail, int retryAfterSeconds) {
    return new ProblemException(
        new Problem(503, "not_ready", detail).withRetryAfter(retryAfterSeconds));
  }

  /** Another process goes on with this node's keys: this one signs nothing any more. */
  public static ProblemException anotherRun(String detail) {
    return new ProblemException(new Problem(503, ANOTHER_RUN, detail));
  }

  /** The node stopped itself while this was under way. */
  public static ProblemException outcomeUnknown() {
    return new ProblemException(
        new Problem(
            503,
            "outcome_unknown",
            "the node stopped itself before it knew whether this was recorded: send the same"
                + " transaction again when it is back, it is recorded once at most"));
  }

  /** It may be logged, and too few witnesses have cosigned that in time. */
  public static ProblemException notWitnessed(String detail) {
    return new ProblemException(
        new Problem(
                503,
                "not_witnessed_yet",
                "too few witnesses have cosigned it yet: send the same transaction again, it is"
                    + " recorded once at most"
                    + (detail.isEmpty() ? "" : "; " + detail))
            .withRetryAfter(1));
  }

  /** A witness is shown a checkpoint whose entries it does not have. */
  public static ProblemException entriesMissing() {
    return new ProblemException(
        new Problem(
                503, "entries_missing", "the entries up to this checkpoint have not come here yet")
            .withRetryAfter(1));
  }

  /** A stranger brings a newer checkpoint of a log whose node brings them itself. */
  public static ProblemException asksItself(Duration quiet) {
    return new ProblemException(
        new Problem(
                503,
                "log_asks_itself",
                "this log's node has its checkpoints cosigned here itself; others get the cosignature"
                    + " of the newest one")
            .withRetryAfter(Math.toIntExact(quiet.toSeconds())));
  }

  /** The disk had no room while this was under way. */
  public static ProblemException storeFull() {
    return new ProblemException(
        new Problem(503, "store_full", "the node's store is full, nothing was recorded"));
  }

  /** What would answer this is derived from the log and not there now; the log itself is. */
  public static ProblemException indexUnavailable(String detail) {
    return new ProblemException(new Problem(503, "index_unavailable", detail).withRetryAfter(5));
  }

  /** It is in the log, and the disk does not give the entry back. */
  public static ProblemException logUnreadable(long index) {
    return new ProblemException(
        new Problem(
            500,
            "log_unreadable",
            "recorded at " + index + ", but this node's disk does not give the entry back"));
  }

  /** What is asked for is stored and damaged. */
  static Problem storeCorrupt() {
    return new Problem(
        500, "store_corrupt", "damaged on this node's disk; its witnesses hold the log too");
  }

  /** The statement was not logged. */
  public static ProblemException refused(String code, String detail) {
    return new ProblemException(new Problem(422, code, detail));
  }

  static Problem noRoute() {
    return new Problem(404, "no_such_route", "see /openapi.json");
  }

  static Problem methodNotAllowed(String allowed) {
    return new Problem(405, "method_not_allowed", "only " + allowed);
  }

  static Problem bodyTooLarge(int maxBytes) {
    return new Problem(413, "body_too_large", "at most " + maxBytes + " bytes");
  }

  static Problem bodyTimeout(long seconds) {
    return new Problem(408, "body_timeout", "the body did not arrive within " + seconds + " s");
  }

  static Problem unsupportedMediaType(String accepted) {
    return new Problem(415, "unsupported_media_type", "send " + accepted);
  }

  static Problem bodyNotAllowed() {
    return new Problem(400, "body_not_allowed", "this route takes no body");
  }

  static Problem malformedQuery() {
    return new Problem(400, "malformed_query", "the query is not percent-encoded as it must be");
  }

  static Problem tooManyAnswers() {
    return new Problem(429, "overloaded", "too many bytes of answers in flight").withRetryAfter(1);
  }

  static Problem tooManyRequestsOfAddress() {
    return new Problem(429, "quota_exceeded", "too many requests of this address in flight")
        .withRetryAfter(1);
  }

  static Problem tooManyRequestsOfCaller(String name) {
    return new Problem(429, "quota_exceeded", "too many requests of " + name + " in flight")
        .withRetryAfter(1);
  }

  static Problem tooManyRequestsPerSecond(String name, int retryAfterSeconds) {
    return new Problem(429, "quota_exceeded", "too many requests of " + name + " in a second")
        .withRetryAfter(retryAfterSeconds);
  }

  static Problem bodyBrokenOff() {
    return new Problem(400, "body_broken_off", "the body ended before it was complete");
  }

  static Problem tooManyBodies() {
    return new Problem(429, "overloaded", "too many bytes of requests in flight").withRetryAfter(1);
  }

  static Problem tooManyRequests() {
    return new Problem(429, "quota_exceeded", "too many requests of this node in flight")
        .withRetryAfter(1);
  }

  static Problem tooManyStreams() {
    return new Problem(429, "overloaded", "too many streams are open").withRetryAfter(10);
  }

  /** It has not proven who it is, and the route needs that. */
  static Problem unauthenticated(String detail) {
    return new Problem(UNAUTHENTICATED, "unauthenticated", detail);
  }

  /** It has proven who it is, and may not. */
  static Problem forbidden(String detail) {
    return new Problem(403, "forbidden", detail);
  }

  static Problem notCurrentNode(String node) {
    return new Problem(403, "not_a_current_node", node + " is no current node of this consortium");
  }

  static Problem stopped(String node, PeerStanding standing) {
    boolean revoked = standing == PeerStanding.REVOKED;
    return new Problem(
        403,
        revoked ? "node_revoked" : "node_suspended",
        "the members have " + (revoked ? "revoked " : "suspended ") + node);
  }

  static Problem certificateWithoutNode() {
    return new Problem(403, "certificate_without_node", "the client certificate names no node");
  }

  static Problem certificateRevoked(String whose) {
    return new Problem(
        403, "certificate_revoked", "the authority has revoked this certificate of " + whose);
  }

  static Problem timedOut() {
    return new Problem(
            503, "timed_out", "no answer in time; what was sent may still be recorded, ask again")
        .withRetryAfter(1);
  }

  static Problem internal() {
    return new Problem(500, "internal", "our bug or our disk; the node's log says more");
  }
}
