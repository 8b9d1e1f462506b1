package org.probity.node.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.probity.node.identity.CertificateRegister;
import picocli.CommandLine.Option;

/** Whose revocation list is made, and until when the next one is to come. */
final class RevocationListOptions {
  private static final int MAX_DAYS = 365;

  @Option(
      names = "--ca",
      required = true,
      paramLabel = "FOLDER",
      description = "The authority's keys and books.")
  private @Nullable Path ca;

  @Option(
      names = "--next-update-days",
      paramLabel = "N",
      description =
          "The list says that the next one comes within so many days; default 30. Nodes warn when"
              + " a third of it is left.")
  private @Nullable Integer days;

  CertificateRegister register() {
    Path folder = ca;
    if (folder == null) {
      throw CliException.usage("--ca is missing");
    }
    return CertificateRegister.open(folder, new SecureRandom());
  }

  Duration validity() {
    Integer given = days;
    if (given == null) {
      return CertificateRegister.LIST_VALIDITY;
    }
    if (given < 1 || given > MAX_DAYS) {
      throw CliException.usage("--next-update-days is from 1 to " + MAX_DAYS);
    }
    return Duration.ofDays(given);
  }

  CertificateRegister.Published publish(CertificateRegister register, Instant now) {
    return register.publish(now, validity());
  }

  ObjectNode row(CertificateRegister.Published published) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("list", published.file().toString())
        .put("number", published.list().number().toString())
        .put("revoked", published.list().size())
        .put("nextUpdate", published.list().nextUpdate().toString());
  }
}
