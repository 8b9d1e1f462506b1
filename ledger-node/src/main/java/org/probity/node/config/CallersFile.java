package org.probity.node.config;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.probity.detector.crypto.Hash;
import org.probity.node.access.Callers;
import org.probity.node.access.KnownCaller;
import org.probity.node.access.RequestLimits;
import org.probity.node.access.Role;
import org.probity.node.config.ConfigException.Problem;

/**
 * Whom a node's operator has given roles. The file holds no secret, only SHA-256 sums.
 *
 * <pre>
 * callers:
 *   payments:
 *     roles: [submit, read]
 *     tokenSha256: "3f0c…"            # of the token's text
 *     expires: "2027-01-01T00:00:00Z" # a token always ends
 *   auditor-1:
 *     roles: [audit, read]
 *     certificateSha256: "91ab…"      # of the certificate's DER
 *     requestsPerSecond: 20           # if other than client.requestsPerSecond
 *     requestsInFlight: 4             # if other than client.requestsInFlight
 * </pre>
 */
public final class CallersFile {
  private static final String ROOT = "callers";
  private static final Set<String> KEYS =
      Set.of(
          "roles",
          "tokenSha256",
          "certificateSha256",
          "expires",
          "requestsPerSecond",
          "requestsInFlight");

  private final List<Problem> problems = new ArrayList<>();
  private final Map<Hash, String> names = new HashMap<>();

  private CallersFile() {}

  /**
   * Reads it.
   *
   * @throws ConfigException with everything that is wrong
   */
  public static Callers load(Path file) {
    return new CallersFile().read(StrictYaml.read(file));
  }

  private Callers read(JsonNode root) {
    root.fieldNames()
        .forEachRemaining(
            name -> {
              if (!name.equals(ROOT)) {
                problem("unknown_key", name, "only '" + ROOT + "' stands at the top");
              }
            });
    JsonNode callers = root.path(ROOT);
    List<KnownCaller> known = new ArrayList<>();
    if (callers.size() > Callers.MAX_CALLERS) {
      problem("invalid", ROOT, "at most " + Callers.MAX_CALLERS);
    } else if (callers.isObject()) {
      callers
          .fields()
          .forEachRemaining(
              entry -> caller(entry.getKey(), entry.getValue()).ifPresent(known::add));
    } else if (!isEmpty(callers)) {
      problem("missing", ROOT, "must map names to roles and proofs");
    }
    if (!problems.isEmpty()) {
      throw new ConfigException(problems);
    }
    return new Callers(known);
  }

  /** {@code callers:} with everything below it taken out. */
  private static boolean isEmpty(JsonNode callers) {
    return callers.isNull() || (callers.isTextual() && callers.asText().isEmpty());
  }

  private Optional<KnownCaller> caller(String name, JsonNode entry) {
    String field = ROOT + "." + name;
    int before = problems.size();
    if (!KnownCaller.isName(name)) {
      problem("invalid", field, "must be 1 to 64 of a-z, 0-9 and ._@-, a letter or digit first");
    }
    entry
        .fieldNames()
        .forEachRemaining(
            key -> {
              if (!KEYS.contains(key)) {
                problem(
                    "unknown_key",
                    field + "." + key,
                    "is none of " + KEYS.stream().sorted().toList());
              }
            });
    boolean isToken = entry.has("tokenSha256");
    if (isToken == entry.has("certificateSha256")) {
      problem("invalid", field, "has either tokenSha256 or certificateSha256");
    }
    if (isToken && !entry.has("expires")) {
      problem("missing", field + ".expires", "a token ends some day");
    }
    Set<Role> roles = roles(field + ".roles", entry.path("roles"));
    @Nullable Instant expires = instant(field + ".expires", entry.path("expires"));
    @Nullable Hash digest =
        digest(field, entry.path(isToken ? "tokenSha256" : "certificateSha256"), name);
    OptionalInt perSecond = limit(field, entry, "requestsPerSecond");
    OptionalInt inFlight = limit(field, entry, "requestsInFlight");
    if (problems.size() > before || digest == null) {
      return Optional.empty();
    }
    return Optional.of(
        new KnownCaller(
            name,
            isToken ? KnownCaller.Proof.TOKEN : KnownCaller.Proof.CERTIFICATE,
            digest,
            roles,
            Optional.ofNullable(expires),
            perSecond,
            inFlight));
  }

  private Set<Role> roles(String field, JsonNode value) {
    List<String> texts = new ArrayList<>();
    value.forEach(each -> texts.add(each.asText()));
    if (!value.isArray() || texts.isEmpty()) {
      problem("missing", field, "must be a list of " + String.join(", ", Role.texts()));
      return Set.of();
    }
    try {
      return Role.parse(texts);
    } catch (IllegalArgumentException e) {
      problem("invalid", field, String.valueOf(e.getMessage()));
      return Set.of();
    }
  }

  private @Nullable Instant instant(String field, JsonNode value) {
    if (value.isMissingNode()) {
      return null;
    }
    try {
      return Instant.parse(value.asText());
    } catch (DateTimeException e) {
      problem("invalid", field, "must be like 2027-01-01T00:00:00Z");
      return null;
    }
  }

  private OptionalInt limit(String field, JsonNode entry, String key) {
    JsonNode value = entry.path(key);
    if (value.isMissingNode()) {
      return OptionalInt.empty();
    }
    if (!value.isIntegralNumber() || !RequestLimits.isLimit(value.asLong())) {
      problem("invalid", field + "." + key, "must be a number from 1 to " + RequestLimits.MAX);
      return OptionalInt.empty();
    }
    return OptionalInt.of(value.asInt());
  }

  private @Nullable Hash digest(String field, JsonNode value, String name) {
    // A sum of decimal digits alone is a number to YAML, unless it is quoted.
    if (!value.isTextual() || !value.asText().matches("[0-9a-f]{64}")) {
      problem("invalid", field, "a sum is 64 lower-case hex digits in quotes");
      return null;
    }
    Hash digest = Hash.fromHex(value.asText());
    @Nullable String other = names.put(digest, name);
    if (other != null) {
      problem("invalid", field, "has the sum that " + other + " has");
    }
    return digest;
  }

  private void problem(String code, String field, String message) {
    problems.add(new Problem(code, field, message));
  }
}
