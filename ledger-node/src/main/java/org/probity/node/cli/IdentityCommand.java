package org.probity.node.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.governance.Genesis;
import org.probity.node.config.NodeConfig;
import org.probity.node.identity.CertificateAuthority;
import org.probity.node.identity.CertificateRegister;
import org.probity.node.identity.CertificateRequest;
import org.probity.node.identity.CertifiedName;
import org.probity.node.identity.IdentityException;
import org.probity.node.identity.NodeIdentityFiles;
import org.probity.node.identity.NodeKeys;
import org.probity.node.identity.PemFiles;
import org.probity.node.runtime.OwnLog;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code identity}: the certificates of a node, asked for, issued and put in place. */
@Command(
    name = "identity",
    description = {
      "Renews the TLS keys and certificates of a node, which may be running, and shows what is there"
          + " until when."
    })
final class IdentityCommand {
  private static final int MAX_DAYS = 825;
  private static final List<String> CERTIFICATES =
      List.of(
          NodeKeys.TLS_CERTIFICATE,
          NodeKeys.BROWSER_TLS_CERTIFICATE,
          NodeKeys.LOG_CERTIFICATE,
          NodeKeys.COSIGNER_CERTIFICATE,
          NodeKeys.ROOTS);

  private final Terminal terminal;

  IdentityCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Command(
      name = "request",
      description = {
        "Makes new TLS keys beside those in use, and a certificate request for them. What is in use"
            + " stays in",
        "use until identity renew. Given again, for the same keys."
      })
  void request(
      @Option(
              names = {"-c", "--config"},
              required = true,
              paramLabel = "FILE",
              description = "The node's configuration.")
          Path configFile,
      @Option(
              names = "--out",
              paramLabel = "FILE",
              description = "The request; default certificate-request.pem beside --config.")
          @Nullable Path out,
      @Option(
              names = "--host",
              paramLabel = "HOST",
              description =
                  "Another name or address that the node is reached by; repeatable. Those in the"
                      + " configuration are in the request anyway.")
          @Nullable List<String> hosts,
      @Option(
              names = "--keep-keys",
              description =
                  "Ask for certificates of the keys in use, of all four, instead of new TLS keys.")
          boolean keepKeys)
      throws IOException {
    NodeConfig config = ConfiguredNode.load(configFile, Map.of());
    Path file = out == null ? requestFile(configFile) : out;
    requireNew(file);
    String member = memberOf(config);
    List<String> names = hosts(config, hosts == null ? List.of() : hosts);
    List<CertificateRequest> requests;
    try {
      requests =
          keepKeys
              ? NodeIdentityFiles.requests(
                  NodeKeys.load(config.keys(), config.passphrase()), config.id(), member, names)
              : NodeIdentityFiles.requestsForNewTlsKeys(
                  config.keys(),
                  config.passphrase(),
                  config.id(),
                  member,
                  names,
                  new SecureRandom());
    } catch (IllegalArgumentException e) {
      throw CliException.usage(String.valueOf(e.getMessage()));
    }
    StringBuilder pem = new StringBuilder();
    requests.forEach(one -> pem.append(one.pem()));
    PemFiles.writeText(file, pem.toString());
    ObjectNode json =
        JsonNodeFactory.instance
            .objectNode()
            .put("node", config.id())
            .put("member", member)
            .put("request", file.toString())
            .put("newKeys", !keepKeys);
    ArrayNode hostRows = json.putArray("hosts");
    names.forEach(hostRows::add);
    terminal.result(json, asked(config, configFile, file, keepKeys));
  }

  private static String asked(NodeConfig config, Path configFile, Path file, boolean keepKeys) {
    String keys =
        keepKeys
            ? "The keys of " + config.id() + " stay. "
            : "New TLS keys of "
                + config.id()
                + " wait in "
                + config.keys()
                + " for their certificates; those in use stay in use. ";
    return keys
        + "The request is in "
        + file
        + ".\nThe consortium's authority: probity identity issue --ca DIR --request "
        + file.getFileName()
        + " --out certificates.pem"
        + (keepKeys ? "" : " --renew")
        + "\nThen here:                 probity identity renew --config "
        + configFile
        + " --certificate certificates.pem";
  }

  /** As the members know it: not what the request would like. */
  private static String memberOf(NodeConfig config) throws IOException {
    Genesis genesis = NetworkFolder.readGenesis(config.genesis());
    return OwnLog.decisions(config.storage().data(), genesis)
        .keys()
        .log(config.id())
        .orElseThrow(
            () ->
                CliException.config(
                    "unknown_node", "the genesis document has no node " + config.id()))
        .present()
        .member();
  }

  private static List<String> hosts(NodeConfig config, List<String> more) {
    Set<String> hosts = new LinkedHashSet<>();
    for (NodeConfig.Listener listener : List.of(config.client(), config.peer())) {
      hosts.add(listener.advertisedHost().toLowerCase(Locale.ROOT));
    }
    more.forEach(host -> hosts.add(host.toLowerCase(Locale.ROOT)));
    return List.copyOf(hosts);
  }

  private static Path requestFile(Path configFile) {
    return ConfiguredNode.folder(configFile).resolve("certificate-request.pem");
  }

  private static void requireNew(Path file) {
    if (Files.exists(file)) {
      throw CliException.usage(file + " exists: move it away, or name another --out");
    }
  }

  @Command(
      name = "issue",
      description = {
        "The side of the consortium's authority: certificates for the requests in a file, which go"
            + " into its books",
        "before they are handed out. A request that the books speak against is refused, and then"
            + " none of the file is issued."
      })
  void issue(
      @Option(
              names = "--ca",
              required = true,
              paramLabel = "FOLDER",
              description = "The authority's keys and books.")
          Path ca,
      @Option(
              names = "--request",
              required = true,
              paramLabel = "FILE",
              description = "What identity request has made.")
          Path requestFile,
      @Option(
              names = "--out",
              required = true,
              paramLabel = "FILE",
              description = "The certificates; must not exist.")
          Path out,
      @Option(names = "--days", paramLabel = "N", description = "Valid for so long; default 397.")
          @Nullable Integer days,
      @Option(
              names = "--renew",
              description =
                  "Also for another key than the node has a good certificate for. Make sure before"
                      + " that it is the node that asks.")
          boolean renews)
      throws DecodeException {
    requireNew(out);
    Duration validity = CertificateAuthority.DEFAULT_VALIDITY;
    if (days != null) {
      if (days < 1 || days > MAX_DAYS) {
        throw CliException.usage("--days is from 1 to " + MAX_DAYS);
      }
      validity = Duration.ofDays(days);
    }
    Instant now = Instant.now();
    List<CertificateRequest> requests = CertificateRequest.parseAll(PemFiles.readText(requestFile));
    if (requests.stream().map(CertificateRequest::node).distinct().count() > 1) {
      throw CliException.config(
          "request_of_several_nodes", requestFile + " has requests of more than one node");
    }
    CertificateRegister register = CertificateRegister.open(ca, new SecureRandom());
    for (CertificateRequest request : requests) {
      register.requireIssuable(request, renews, now, validity);
    }
    List<X509Certificate> certificates = new ArrayList<>();
    for (CertificateRequest request : requests) {
      certificates.add(register.issue(request, renews, now, validity));
    }
    PemFiles.writeCertificates(out, certificates);
    ArrayNode rows = JsonNodeFactory.instance.arrayNode();
    certificates.forEach(one -> rows.add(issued(one)));
    terminal.result(rows);
  }

  @Command(
      name = "renew",
      description = {
        "Puts issued certificates in place, each with its key: both or none. Each must be of a key"
            + " of this node,",
        "by an authority that the node trusts, and valid now. A running node shows them from its"
            + " next handshake on."
      })
  void renew(
      @Option(
              names = {"-c", "--config"},
              required = true,
              paramLabel = "FILE",
              description = "The node's configuration.")
          Path configFile,
      @Option(
              names = "--certificate",
              required = true,
              paramLabel = "FILE",
              description = "What identity issue has made.")
          Path file) {
    NodeConfig config = ConfiguredNode.load(configFile, Map.of());
    List<X509Certificate> certificates = PemFiles.readCertificates(file);
    List<Path> replaced =
        NodeIdentityFiles.install(
            config.keys(), config.passphrase(), config.id(), certificates, Instant.now());
    ObjectNode json = JsonNodeFactory.instance.objectNode().put("node", config.id());
    ArrayNode rows = json.putArray("certificates");
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < replaced.size(); i++) {
      rows.add(issued(certificates.get(i)).put("file", replaced.get(i).toString()));
      text.append(replaced.get(i))
          .append(" is valid until ")
          .append(certificates.get(i).getNotAfter().toInstant())
          .append('\n');
    }
    String aside =
        putAside(requestFile(configFile), certificates)
            .map(
                former -> {
                  json.put("request", former.toString());
                  return " The request is " + former.getFileName() + " now.";
                })
            .orElse("");
    terminal.result(
        json,
        text
            + "If "
            + config.id()
            + " is running it shows them within seconds and keeps its connections. What new keys"
            + " have replaced is beside them: *-former.pem."
            + aside);
  }

  /**
   * A request that is answered makes room for the next one. One of which anything is not among
   * {@code taken} waits still, and stays.
   */
  private static Optional<Path> putAside(Path request, List<X509Certificate> taken) {
    if (!Files.exists(request)) {
      return Optional.empty();
    }
    List<PublicKey> keys = taken.stream().map(X509Certificate::getPublicKey).toList();
    try {
      boolean isAnswered =
          CertificateRequest.parseAll(PemFiles.readText(request)).stream()
              .map(CertificateRequest::key)
              .allMatch(keys::contains);
      if (!isAnswered) {
        return Optional.empty();
      }
      Path former = request.resolveSibling("certificate-request-former.pem");
      Files.move(
          request, former, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      return Optional.of(former);
    } catch (DecodeException | IdentityException | IOException e) {
      // The certificates are in place. Whatever this file is, it is not ours to touch.
      return Optional.empty();
    }
  }

  @Command(
      name = "show",
      description = "Shows the certificates of a node, and of the authority it trusts.")
  void show(
      @Option(
              names = {"-c", "--config"},
              required = true,
              paramLabel = "FILE",
              description = "The node's configuration.")
          Path configFile) {
    NodeConfig config = ConfiguredNode.load(configFile, Map.of());
    Instant now = Instant.now();
    ArrayNode rows = JsonNodeFactory.instance.arrayNode();
    for (String name : CERTIFICATES) {
      Path file = config.keys().resolve(name);
      if (Files.exists(file)) {
        PemFiles.readCertificates(file)
            .forEach(one -> rows.add(until(row(one).put("file", name), one, now)));
      } else {
        rows.addObject().put("file", name).put("state", "missing");
      }
    }
    terminal.result(rows);
  }

  @Command(
      name = "revoke",
      description = {
        "The side of the consortium's authority: certificates lose their effect before their end."
            + " It goes into the books and",
        "into a new revocation list, which is to be handed to every node. It cannot be taken back."
      })
  void revoke(
      @Mixin CertificateRevocation revocation,
      @Mixin RevocationListOptions list,
      @Option(names = "--dry-run", description = "Show what would be revoked, and revoke nothing.")
          boolean dryRun) {
    revocation.run(list, dryRun, terminal);
  }

  @Command(
      name = "crl",
      description = {
        "The side of the consortium's authority: the next revocation list, also when nothing was"
            + " revoked. Made before the",
        "former one is over, and handed to every node."
      })
  void crl(@Mixin RevocationListOptions list) {
    terminal.result(list.row(list.publish(list.register(), Instant.now())));
  }

  @Command(
      name = "token",
      description = {
        "Makes a bearer token for somebody who is to have roles at a node: the secret in a file of"
            + " its own, for",
        "them, and what the node's operator puts into client.callersFile, which is no secret."
      })
  void token(
      @Parameters(paramLabel = "NAME", description = "Whom it is for.") String name,
      @Option(
              names = "--roles",
              required = true,
              paramLabel = "ROLES",
              description = "Some of submit,read,audit,govern,operate.")
          String roles,
      @Option(
              names = "--days",
              defaultValue = "90",
              paramLabel = "DAYS",
              description = "How long it is valid; default ${DEFAULT-VALUE}.")
          int days,
      @Option(
              names = "--out",
              required = true,
              paramLabel = "FILE",
              description = "Where the token goes; must not exist.")
          Path out) {
    CallerTokens.make(name, roles, days, out, terminal);
  }

  @Command(name = "list", description = "Shows the books of the consortium's authority.")
  void list(
      @Option(
              names = "--ca",
              required = true,
              paramLabel = "FOLDER",
              description = "The authority's keys and books.")
          Path ca) {
    Instant now = Instant.now();
    ArrayNode rows = JsonNodeFactory.instance.arrayNode();
    for (CertificateRegister.Issued one :
        CertificateRegister.open(ca, new SecureRandom()).issued()) {
      rows.add(entered(one, now));
    }
    terminal.result(rows);
  }

  /** A certificate as the books have it. */
  static ObjectNode entered(CertificateRegister.Issued one, Instant now) {
    ObjectNode row = until(issued(one.certificate()), one.certificate(), now);
    one.revocation()
        .ifPresent(
            why ->
                row.put("state", "revoked")
                    .put("revokedAt", why.at().toString())
                    .put("reason", why.reason().text()));
    return row;
  }

  private static ObjectNode row(X509Certificate certificate) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("serial", CertificateRegister.serialOf(certificate))
        .put("key", certificate.getPublicKey().getAlgorithm())
        .put("until", certificate.getNotAfter().toInstant().toString());
  }

  private static ObjectNode issued(X509Certificate certificate) {
    CertifiedName name = CertifiedName.of(certificate);
    return row(certificate)
        .put("node", name.node())
        .put("member", name.member())
        .put("purpose", name.purpose().text());
  }

  private static ObjectNode until(ObjectNode row, X509Certificate certificate, Instant now) {
    Instant end = certificate.getNotAfter().toInstant();
    return row.put("daysLeft", Duration.between(now, end).toDays())
        .put("state", now.isAfter(end) ? "expired" : "valid");
  }
}
