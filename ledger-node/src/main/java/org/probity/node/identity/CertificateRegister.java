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
import javax.security.auth.x500.X500Principal;

/**
 * An authority with its books: what it has issued and what it has revoked. Beside the authority's
 * own files:
 *
 * <pre>
 * issued/&lt;serial, hex&gt;.pem      every certificate
 * revoked/&lt;serial, hex&gt;         when and why, one line, for each revoked one
 * crl.pem                         the {@link RevocationList} to hand to the nodes
 * </pre>
 *
 * <p>One process at a time.
 */
public final class CertificateRegister {
  /** A revocation list says that the next one comes within this time, unless told otherwise. */
  public static final Duration LIST_VALIDITY = Duration.ofDays(30);

  private static final String ISSUED = "issued";
  private static final String REVOKED = "revoked";
  private static final String LIST = "crl.pem";
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
   * @param revocation empty while it is not revoked
   */
  public record Issued(
      String serial, X509Certificate certificate, Optional<Revocation> revocation) {

    /** Whether it has neither ended nor been revoked. */
    public boolean isGood(Instant now) {
      return revocation.isEmpty() && now.isBefore(certificate.getNotAfter().toInstant());
    }
  }

  /** When and why a certificate was revoked. */
  public record Revocation(Instant at, RevocationReason reason) {}

  /** A list that was handed out, and where it is. */
  public record Published(Path file, RevocationList list) {}

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
    if (isSameKey && one.revocation().isPresent()) {
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
    if (isSameUse && !isSameKey && one.isGood(now) && !renews) {
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
      all.add(new Issued(serial, certificate, revocation(serial)));
    }
    all.sort(
        Comparator.comparing((Issued one) -> one.certificate().getNotBefore())
            .reversed()
            .thenComparing(Issued::serial));
    return all;
  }

  /**
   * A certificate by its serial number.
   *
   * @param serial hex, as {@link #serialOf} gives it
   * @throws IdentityException {@code certificate_unknown} if it is not in the books
   */
  public Issued find(String serial) {
    String lower = serial.toLowerCase(Locale.ROOT);
    Path file = directory.resolve(ISSUED).resolve(lower + ".pem");
    if (!SERIAL.matcher(lower).matches() || !Files.exists(file)) {
      throw unknown(serial);
    }
    return new Issued(lower, PemFiles.readCertificates(file).get(0), revocation(lower));
  }

  /**
   * A certificate that somebody holds.
   *
   * @throws IdentityException {@code certificate_unknown}, also for another of the same number
   */
  public Issued find(X509Certificate certificate) {
    Issued found = find(serialOf(certificate));
    if (!found.certificate().equals(certificate)) {
      throw unknown(found.serial());
    }
    return found;
  }

  private static IdentityException unknown(String serial) {
    return new IdentityException(
        "certificate_unknown", "this authority has issued no certificate " + serial);
  }

  /**
   * Enters in the books that a certificate is revoked. The nodes learn it from the next list that
   * is {@linkplain #publish published}.
   *
   * @param serial hex, as {@link #serialOf} gives it
   * @return an earlier revocation if there was one: the first stands
   * @throws IdentityException {@code certificate_unknown} if it is not in the books
   */
  public Revocation revoke(String serial, RevocationReason reason, Instant now) {
    Issued one = find(serial);
    if (one.revocation().isPresent()) {
      return one.revocation().get();
    }
    PemFiles.writeText(
        directory.resolve(REVOKED).resolve(one.serial()), now + " " + reason.text() + "\n");
    return new Revocation(now, reason);
  }

  private Optional<Revocation> revocation(String serial) {
    Path file = directory.resolve(REVOKED).resolve(serial);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    String[] words = PemFiles.readText(file).strip().split(" ", 2);
    RevocationReason reason =
        (words.length < 2 ? Optional.<RevocationReason>empty() : RevocationReason.of(words[1]))
            .orElse(RevocationReason.PRIVILEGE_WITHDRAWN);
    try {
      return Optional.of(new Revocation(Instant.parse(words[0]), reason));
    } catch (DateTimeException e) {
      // Interrupted while writing. What was meant is certain, only the moment is not.
      return Optional.of(new Revocation(Instant.EPOCH, reason));
    }
  }

  /**
   * Makes the next revocation list, also when nothing was revoked: readers see the former list or
   * this one.
   *
   * @param validity within which the one after it is to come
   * @throws IdentityException as {@link RevocationList#parse} if the former list is damaged: its
   *     number would be used again
   */
  public Published publish(Instant now, Duration validity) {
    Path file = directory.resolve(LIST);
    // The time, so that a list that was lost with its number is followed by a higher one.
    BigInteger number = BigInteger.valueOf(now.toEpochMilli());
    if (Files.exists(file)) {
      // A clock that was put back must not make a list that every node refuses.
      BigInteger former = parse(file, PemFiles.readText(file)).number();
      number = number.max(former.add(BigInteger.ONE));
    }
    StringBuilder text = new StringBuilder();
    for (KeyKind kind : KeyKind.values()) {
      text.append(authority.revocationList(kind, number, revokedBy(kind), now, validity));
    }
    // As a node will, before any node has to.
    RevocationList list = parse(file, text.toString());
    PemFiles.replaceText(file, text.toString());
    return new Published(file, list);
  }

  private RevocationList parse(Path file, String text) {
    return RevocationList.parse(String.valueOf(file), text, authority.roots());
  }

  private List<CertificateAuthority.Revoked> revokedBy(KeyKind kind) {
    X500Principal root = authority.root(kind).getSubjectX500Principal();
    List<CertificateAuthority.Revoked> revoked = new ArrayList<>();
    for (Issued one : issued()) {
      if (one.certificate().getIssuerX500Principal().equals(root)) {
        one.revocation()
            .ifPresent(
                why ->
                    revoked.add(
                        new CertificateAuthority.Revoked(
                            one.certificate().getSerialNumber(), why.at(), why.reason())));
      }
    }
    return revoked;
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
