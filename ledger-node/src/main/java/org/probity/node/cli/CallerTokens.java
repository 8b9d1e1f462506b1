package org.probity.node.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Set;
import java.util.stream.Collectors;
import org.probity.node.access.AccessToken;
import org.probity.node.access.KnownCaller;
import org.probity.node.access.Role;
import org.probity.node.identity.PemFiles;

/** Makes bearer tokens: the secret into a file of its own, its sum for the node's list. */
final class CallerTokens {
  static final int MAX_DAYS = 825;

  private CallerTokens() {}

  /** A new token in {@code out}; what to put into {@code client.callersFile} is shown. */
  static void make(String name, String roles, int days, Path out, Terminal terminal) {
    if (!KnownCaller.isName(name)) {
      throw CliException.usage("a name is 1 to 64 of a-z, 0-9 and ._@-, not " + name);
    }
    if (days < 1 || days > MAX_DAYS) {
      throw CliException.usage("--days from 1 to " + MAX_DAYS);
    }
    Set<Role> granted;
    try {
      granted = Role.parseList(roles);
    } catch (IllegalArgumentException e) {
      throw CliException.usage("--roles: " + e.getMessage());
    }
    if (granted.isEmpty()) {
      throw CliException.usage("--roles names at least one of " + String.join(", ", Role.texts()));
    }
    AccessToken token = AccessToken.generate(new SecureRandom());
    Instant expires = Instant.now().truncatedTo(ChronoUnit.SECONDS).plus(Duration.ofDays(days));
    PemFiles.writePrivateText(out, token.text() + "\n");
    String texts = granted.stream().map(Role::text).collect(Collectors.joining(", "));
    ObjectNode json = JsonNodeFactory.instance.objectNode().put("name", name);
    ArrayNode list = json.putArray("roles");
    granted.forEach(role -> list.add(role.text()));
    json.put("expires", expires.toString())
        .put("tokenFile", out.toString())
        .put("tokenSha256", token.digest().toHex());
    terminal.result(
        json,
        "# the token is in "
            + out
            + ", and nowhere else; below callers: in the file that client.callersFile names:\n"
            + "  "
            + name
            + ":\n    roles: ["
            + texts
            + "]\n    tokenSha256: \""
            + token.digest().toHex()
            + "\"\n    expires: \""
            + expires
            + "\"");
  }
}
