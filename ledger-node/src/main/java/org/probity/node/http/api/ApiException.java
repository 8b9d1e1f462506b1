package org.probity.node.http.api;

import java.net.ConnectException;
import java.net.http.HttpConnectTimeoutException;
import java.util.OptionalInt;
import java.util.Set;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/** A request to a node did not succeed: there was no answer, or a problem document. */
public final class ApiException extends Exception {
  private static final long serialVersionUID = 1L;

  private static final int NO_ANSWER = 0;
  private static final int NONE = -1;

  /** Codes of 503 with which a node says that it has recorded nothing. */
  private static final Set<String> REFUSED_BEFORE_RECORDING = Set.of("not_ready", "store_full");

  private final int status;
  private final String code;
  private final int retryAfterSeconds;

  private ApiException(
      int status, String code, String message, int retryAfterSeconds, @Nullable Throwable cause) {
    super(message, cause);
    this.status = status;
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  static ApiException noAnswer(String code, String message, Throwable cause) {
    return new ApiException(NO_ANSWER, code, message, NONE, cause);
  }

  static ApiException problem(int status, String code, String detail, OptionalInt retryAfter) {
    return new ApiException(status, code, code + ": " + detail, retryAfter.orElse(NONE), null);
  }

  /** HTTP status, 0 when no answer came; then a submission may or may not have been recorded. */
  public int status() {
    return status;
  }

  /** The problem's stable code, or {@code unreachable}, {@code tls_failed}, {@code timed_out}. */
  public String code() {
    return code;
  }

  /**
   * Whether the node was asked too much or does not answer in time now, so that asking again soon
   * may help; not where a full disk or a node that stopped itself is the reason.
   */
  public boolean isBusy() {
    return status == 429
        || (status == 503 && !code.equals("store_full") && !code.equals("outcome_unknown"));
  }

  /**
   * Whether what was sent may have been recorded all the same. Then send the very same bytes again:
   * they are recorded once at most.
   */
  public boolean isOutcomeUnknown() {
    if (status == NO_ANSWER) {
      return !(getCause() instanceof ConnectException
          || getCause() instanceof HttpConnectTimeoutException
          || getCause() instanceof SSLHandshakeException);
    }
    return status >= 500 && !REFUSED_BEFORE_RECORDING.contains(code);
  }

  public OptionalInt retryAfterSeconds() {
    return retryAfterSeconds == NONE ? OptionalInt.empty() : OptionalInt.of(retryAfterSeconds);
  }
}
