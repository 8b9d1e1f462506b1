package org.probity.node.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.probity.node.identity.CertificateRegister;
import org.probity.node.identity.CertifiedName;
import org.probity.node.identity.PemFiles;
import org.probity.node.identity.Purpose;
import org.probity.node.identity.RevocationReason;
import picocli.CommandLine.Option;

/** {@code identity revoke}: which certificates, and why. */
final class CertificateRevocation {
  @Option(
      names = "--certificate",
      paramLabel = "FILE",
      description = "The certificates in this file.")
  private @Nullable Path file;

  @Option(
      names = "--serial",
      paramLabel = "HEX",
      description = "The certificate of this number, as identity list shows it; repeatable.")
  private @Nullable List<String> serials;

  @Option(
      names = "--for-node",
      paramLabel = "ID",
      description = "All good certificates of this node for --purpose, those in use included.")
  private @Nullable String node;

  @Option(
      names = "--purpose",
      paramLabel = "PURPOSE",
      description = "With --for-node: tls, log or cosigner.")
  private @Nullable String purpose;

  @Option(
      names = "--reason",
      required = true,
      paramLabel = "REASON",
      description =
          "key-compromise, affiliation-changed, superseded, cessation-of-operation or"
              + " privilege-withdrawn.")
  private @Nullable String reason;

  void run(RevocationListOptions list, boolean dryRun, Terminal terminal) {
    RevocationReason why = reason();
    // Before anything is entered: what is wrong with it is no reason for a list that is missing.
    list.validity();
    Instant now = Instant.now();
    CertificateRegister register = list.register();
    List<CertificateRegister.Issued> chosen = chosen(register, now);
    if (!dryRun) {
      terminal.confirm(question(register, chosen, now));
      chosen.forEach(one -> register.revoke(one.serial(), why, now));
    }
    ArrayNode rows = JsonNodeFactory.instance.arrayNode();
    chosen.forEach(
        one -> rows.add(IdentityCommand.entered(dryRun ? one : register.find(one.serial()), now)));
    if (dryRun) {
      terminal.result(
          JsonNodeFactory.instance.objectNode().set("certificates", rows),
          Table.render(rows).stripTrailing());
      return;
    }
    ObjectNode json = list.row(list.publish(register, now));
    String text =
        Table.render(rows)
            + "The list "
            + json.path("list").asText()
            + " has number "
            + json.path("number").asText()
            + ", "
            + json.path("revoked").asText()
            + " revoked; the next one is due by "
            + json.path("nextUpdate").asText()
            + ".\nNow hand it to every node, as the file that its keys.revocationList names.";
    json.set("certificates", rows);
    terminal.result(json, text);
  }

  private RevocationReason reason() {
    String given = String.valueOf(reason);
    return RevocationReason.of(given)
        .orElseThrow(
            () ->
                CliException.usage(
                    "--reason is not "
                        + given
                        + " but one of "
                        + Arrays.stream(RevocationReason.values())
                            .map(RevocationReason::text)
                            .collect(Collectors.joining(", "))));
  }

  private List<CertificateRegister.Issued> chosen(CertificateRegister register, Instant now) {
    Path named = file;
    List<String> numbers = serials;
    String owner = node;
    if (Stream.of(named, numbers, owner).filter(given -> given != null).count() != 1
        || (owner == null) != (purpose == null)) {
      throw CliException.usage(
          "which certificates: --certificate FILE, or --serial HEX, or --for-node ID --purpose"
              + " PURPOSE");
    }
    if (named != null) {
      return PemFiles.readCertificates(named).stream().map(register::find).toList();
    }
    if (numbers != null) {
      return numbers.stream().map(register::find).toList();
    }
    return ofNode(register, String.valueOf(owner), now);
  }

  private List<CertificateRegister.Issued> ofNode(
      CertificateRegister register, String owner, Instant now) {
    Purpose use =
        Purpose.of(String.valueOf(purpose))
            .orElseThrow(() -> CliException.usage("--purpose is tls, log or cosigner"));
    List<CertificateRegister.Issued> found =
        register.issued().stream()
            .filter(one -> one.isGood(now))
            .filter(
                one -> {
                  CertifiedName name = CertifiedName.of(one.certificate());
                  return name.node().equals(owner) && name.purpose() == use;
                })
            .toList();
    if (found.isEmpty()) {
      throw CliException.config(
          "certificate_unknown",
          "the books have no good certificate of " + owner + " for " + use.text());
    }
    return found;
  }

  private static String question(
      CertificateRegister register, List<CertificateRegister.Issued> chosen, Instant now) {
    List<String> serials = new ArrayList<>();
    Set<String> losing = new TreeSet<>();
    for (CertificateRegister.Issued one : chosen) {
      serials.add(one.serial() + " of " + use(one));
      losing.add(use(one));
    }
    Set<String> chosenSerials =
        chosen.stream().map(CertificateRegister.Issued::serial).collect(Collectors.toSet());
    register.issued().stream()
        .filter(one -> one.isGood(now) && !chosenSerials.contains(one.serial()))
        .map(CertificateRevocation::use)
        .forEach(losing::remove);
    return "Revoke "
        + String.join(", ", serials)
        + "?"
        + (losing.isEmpty()
            ? ""
            : " Nothing good is left to "
                + String.join(", ", losing)
                + ": nobody will talk to it.");
  }

  private static String use(CertificateRegister.Issued one) {
    CertifiedName name = CertifiedName.of(one.certificate());
    return name.node()
        + " for "
        + name.purpose().text()
        + " ("
        + one.certificate().getPublicKey().getAlgorithm()
        + ")";
  }
}
