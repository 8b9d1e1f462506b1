package org.probity.node.identity;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * An authority with its books: what it has issued and what it has revoked. Beside the authority's
 * own files:
 *
 * <pre>
 * issued/&lt;serial, hex&gt;.pem      every certificate
 * revoked/&lt;serial, hex&gt;         when, one line, for each revoked one
 * crl-ed25519.pem  crl-p256.pem   the revocation lists to publish
 * </pre>
 *
 * <p>A revocation list is for other software. Probity's own nodes look at the consortium's
 * decisions with every request and do not wait for a list. One process at a time.
 */
public final class CertificateRegister {
  /** Revocation lists say that the next one comes within this time. */
  public static final Duration LIST_VALIDITY = Duration.ofDays(30);

  private static final String ISSUED = "issued";
  private static final String REVOKED = "revoked";
  private static final Pattern SERIAL = Pattern.compile("[0-9a-f]{1,40}");

  private final CertificateAuthority authority;
  private final Path directory;

  private CertificateRegister(CertificateAuthority authority, Path directory) {
    this.authority = authority;
    this.directory = directory;
  }

  /**
   * One certificate in the books.
   *
   * @param revokedAt empty while it is good
   */
  public record Issued(String serial, X509Certificate certificate, Optional<Instant> revokedAt) {}

  /** Opens the authority in {@code directory}. */
  public static CertificateRegister open(Path directory, SecureRandom random) {
    CertificateRegister register =
        new CertificateRegister(CertificateAuthority.load(directory, random), directory);
    PemFiles.createPrivateDirectory(directory.resolve(ISSUED));
    PemFiles.createPrivateDirectory(directory.resolve(REVOKED));
    return register;
  }

  public CertificateAuthority authority() {
    return authority;
  }

  /**
   * Issues a certificate and enters it in the books before it is handed out. Whether a node that is
   * not in the books belongs to the member is for the caller to know.
   *
   * @param renews as in {@link #requireIssuable}
   * @throws IdentityException as in {@link #requireIssuable}; nothing was issued
   */
  public X509Certificate issue(
      CertificateRequest request, boolean renews, Instant now, Duration validity) {
    requireIssuable(request, renews, now, validity);
    X509Certificate certificate = authority.issue(request, now, validity);
    enter(certificate);
    return certificate;
  }

  /**
   * Whether the books speak for a request, or do not speak against it.
   *
   * @param renews whether it may be for another key than a certificate that is good still
   * @throws IdentityException {@code request_wrong_member}, {@code request_key_taken}, {@code
   *     request_key_revoked}, {@code request_host_taken}, {@code renewal_unconfirmed}, {@code
   *     validity_too_long}
   */
  public void requireIssuable(
      CertificateRequest request, boolean renews, Instant now, Duration validity) {
    for (Issued one : issued()) {
      judge(request, one, renews, now);
    }
    Instant end = authority.root(request.kind()).getNotAfter().toInstant();
    if (now.plus(validity).isAfter(end)) {
      throw new IdentityException(
          "validity_too_long", "the authority itself ends at " + end + ": fewer --days");
    }
  }

  private static void judge(CertificateRequest request, Issued one, boolean renews, Instant now) {
    CertifiedName name = CertifiedName.of(one.certificate());
    boolean isSameNode = name.node().equals(request.node());
    boolean isSameKey = one.certificate().getPublicKey().equals(request.key());
    boolean isSameUse =
        isSameNode
            && name.purpose() == request.purpose()
            && KeyKind.of(one.certificate().getPublicKey()).equals(Optional.of(request.kind()));
    if (isSameNode && !name.member().equals(request.member())) {
      throw new IdentityException(
          "request_wrong_member",
          request.node() + " is a node of " + name.member() + ", not of " + request.member());
    }
    if (isSameKey && one.revokedAt().isPresent()) {
      throw new IdentityException(
          "request_key_revoked",
          "certificate " + one.serial() + " of the same key was revoked: make a new key");
    }
    if (isSameKey && !isSameUse) {
      throw new IdentityException(
          "request_key_taken",
          "the key is certified already as " + name.purpose().text() + " of " + name.node());
    }
    if (!isSameNode && request.hosts().contains(name.node())) {
      throw new IdentityException(
          "request_host_taken", request.node() + " asks for the name of the node " + name.node());
    }
    boolean isGood =
        one.revokedAt().isEmpty() && now.isBefore(one.certificate().getNotAfter().toInstant());
    if (isSameUse && !isSameKey && isGood && !renews) {
      throw new IdentityException(
          "renewal_unconfirmed",
          request.node()
              + " has certificate "
              + one.serial()
              + " for another key. If it is the node that asks, confirm with --renew");
    }
  }

  /** Enters a certificate that the authority issued elsewhere; harmless when repeated. */
  public void enter(X509Certificate certificate) {
    Path file = directory.resolve(ISSUED).resolve(serialOf(certificate) + ".pem");
    if (!Files.exists(file)) {
      PemFiles.writeCertificates(file, List.of(certificate));
    }
  }

  /** Serial number as it is written everywhere here: lower-case hex. */
  public static String serialOf(X509Certificate certificate) {
    return certificate.getSerialNumber().toString(16);
  }

  /** All certificates, the newest first. */
  public List<Issued> issued() {
    List<Issued> all = new ArrayList<>();
    for (Path file : list(ISSUED)) {
      X509Certificate certificate = PemFiles.readCertificates(file).get(0);
      String serial = serialOf(certificate);
      all.add(new Issued(serial, certificate, revokedAt(serial)));
    }
    all.sort(
        Comparator.comparing((Issued one) -> one.certificate().getNotBefore())
            .reversed()
            .thenComparing(Issued::serial));
    return all;
  }

  /**
   * Revokes a certificate and makes new revocation lists.
   *
   * @param serial lower-case hex, as {@link #serialOf} gives it
   * @return when it was revoked; an earlier moment if it was revoked already
   * @throws IdentityException {@code certificate_unknown} if it is not in the books
   */
  public Instant revoke(String serial, Instant now) {
    String lower = serial.toLowerCase(Locale.ROOT);
    boolean isKnown =
        SERIAL.matcher(lower).matches()
            && Files.exists(directory.resolve(ISSUED).resolve(lower + ".pem"));
    if (!isKnown) {
      throw new IdentityException(
          "certificate_unknown", "this authority has issued no certificate " + serial);
    }
    Optional<Instant> earlier = revokedAt(lower);
    if (earlier.isEmpty()) {
      PemFiles.writeText(directory.resolve(REVOKED).resolve(lower), now + "\n");
    }
    writeLists(now);
    return earlier.orElse(now);
  }

  private Optional<Instant> revokedAt(String serial) {
    Path file = directory.resolve(REVOKED).resolve(serial);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(Instant.parse(PemFiles.readText(file).strip()));
    } catch (DateTimeException e) {
      // Interrupted while writing. What was meant is certain, only the moment is not.
      return Optional.of(Instant.EPOCH);
    }
  }

  /** Makes both revocation lists anew, also when nothing was revoked; returns their files. */
  public List<Path> writeLists(Instant now) {
    List<Path> files = new ArrayList<>();
    for (KeyKind kind : KeyKind.values()) {
      List<CertificateAuthority.Revoked> revoked = new ArrayList<>();
      for (Issued one : issued()) {
        boolean isOfThisRoot =
            one.certificate()
                .getIssuerX500Principal()
                .equals(authority.root(kind).getSubjectX500Principal());
        if (isOfThisRoot && one.revokedAt().isPresent()) {
          revoked.add(
              new CertificateAuthority.Revoked(
                  new BigInteger(one.serial(), 16), one.revokedAt().get()));
        }
      }
      Path file = directory.resolve("crl-" + kind.name().toLowerCase(Locale.ROOT) + ".pem");
      // Numbers must grow; nobody makes two lists in a millisecond.
      String text = authority.revocationList(kind, now.toEpochMilli(), revoked, now, LIST_VALIDITY);
      PemFiles.replaceText(file, text);
      files.add(file);
    }
    return files;
  }

  private List<Path> list(String folder) {
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> content = Files.newDirectoryStream(directory.resolve(folder))) {
      content.forEach(files::add);
    } catch (IOException e) {
      throw new IdentityException("key_file_io", "cannot list " + directory.resolve(folder), e);
    }
    return files;
  }
}
