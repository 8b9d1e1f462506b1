package org.probity.node.identity;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x500.style.IETFUtils;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.operator.DefaultSignatureAlgorithmIdentifierFinder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.bouncycastle.util.io.pem.PemObject;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.log.Identifier;

/**
 * A PKCS#10 request (RFC 2986): a node asks for a certificate over one key and proves with the
 * request's signature that it holds it. {@link #decode} verifies that proof, so holding one of
 * these means that it held.
 *
 * <p>Subject {@code CN=<node>,O=<member>,OU=<purpose>}; host names and addresses as a requested
 * subject alternative name. A request without OU is for TLS. Everything else the authority decides
 * by itself.
 */
public final class CertificateRequest {
  public static final int MAX_BYTES = 16 * 1024;
  public static final int MAX_HOSTS = 16;

  /** A node has that many keys. */
  private static final int MAX_PER_FILE = 4;

  private final byte[] der;
  private final Purpose purpose;
  private final String node;
  private final String member;
  private final PublicKey key;
  private final KeyKind kind;
  private final List<String> hosts;

  private CertificateRequest(
      byte[] der,
      Purpose purpose,
      String node,
      String member,
      PublicKey key,
      KeyKind kind,
      List<String> hosts) {
    this.der = der;
    this.purpose = purpose;
    this.node = node;
    this.member = member;
    this.key = key;
    this.kind = kind;
    this.hosts = List.copyOf(hosts);
  }

  /**
   * Makes and signs a request.
   *
   * @param hosts DNS names and IP addresses under which the node will be reached
   * @throws IllegalArgumentException if an id or a host is not one
   */
  public static CertificateRequest create(
      Secret secret, Purpose purpose, String node, String member, List<String> hosts) {
    try {
      X500Name subject =
          new X500NameBuilder()
              .addRDN(BCStyle.CN, Identifier.require(node))
              .addRDN(BCStyle.O, Identifier.require(member))
              .addRDN(BCStyle.OU, purpose.text())
              .build();
      JcaPKCS10CertificationRequestBuilder builder =
          new JcaPKCS10CertificationRequestBuilder(subject, secret.jcaPublic());
      if (!hosts.isEmpty()) {
        ExtensionsGenerator extensions = new ExtensionsGenerator();
        extensions.addExtension(
            Extension.subjectAlternativeName,
            false,
            new GeneralNames(hosts.stream().map(Hosts::name).toArray(GeneralName[]::new)));
        builder.addAttribute(
            PKCSObjectIdentifiers.pkcs_9_at_extensionRequest, extensions.generate());
      }
      byte[] der =
          builder
              .build(
                  new JcaContentSignerBuilder(secret.kind().signatureAlgorithm())
                      .build(secret.jcaPrivate()))
              .getEncoded();
      return decode(Bytes.wrap(der));
    } catch (DecodeException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    } catch (OperatorCreationException | IOException e) {
      throw new IllegalStateException("cannot sign a certificate request", e);
    }
  }

  /** Reads one request in PEM. */
  public static CertificateRequest parse(String pem) throws DecodeException {
    List<CertificateRequest> requests = parseAll(pem);
    if (requests.size() != 1) {
      throw malformedPem();
    }
    return requests.get(0);
  }

  /** Reads requests in PEM, at least one and at most one per key of a node. */
  public static List<CertificateRequest> parseAll(String pem) throws DecodeException {
    if (pem.length() > 2 * MAX_BYTES) {
      throw new DecodeException("request_too_large", "requests have at most 32 KiB of text");
    }
    List<PemObject> objects;
    try {
      objects = PemFiles.parse(pem);
    } catch (IOException | IllegalArgumentException | IllegalStateException e) {
      throw malformedPem();
    }
    if (objects.isEmpty() || objects.size() > MAX_PER_FILE) {
      throw malformedPem();
    }
    List<CertificateRequest> requests = new ArrayList<>();
    for (PemObject object : objects) {
      if (!object.getType().equals(PemFiles.REQUEST)) {
        throw malformedPem();
      }
      requests.add(decode(Bytes.wrap(object.getContent())));
    }
    return requests;
  }

  private static DecodeException malformedPem() {
    return new DecodeException("request_malformed", "not a PEM CERTIFICATE REQUEST");
  }

  /**
   * Reads DER and verifies the proof of possession.
   *
   * @throws DecodeException {@code request_too_large}, {@code request_malformed}, {@code
   *     request_key_invalid}, {@code request_signature_invalid}, {@code request_host_invalid}
   */
  public static CertificateRequest decode(Bytes der) throws DecodeException {
    if (der.size() > MAX_BYTES) {
      throw new DecodeException("request_too_large", "a request has at most 16 KiB");
    }
    try {
      JcaPKCS10CertificationRequest request = new JcaPKCS10CertificationRequest(der.toArray());
      if (!Arrays.equals(request.toASN1Structure().getEncoded("DER"), der.unsafeArray())) {
        throw new DecodeException("request_malformed", "not DER");
      }
      PublicKey key = request.getPublicKey();
      KeyKind kind =
          KeyKind.of(key)
              .orElseThrow(
                  () -> new DecodeException("request_key_invalid", "neither Ed25519 nor P-256"));
      verifyPossession(request, key, kind);
      Purpose purpose = purpose(request.getSubject());
      if (purpose != Purpose.TLS && kind != KeyKind.ED25519) {
        throw new DecodeException("request_key_invalid", "a signing key is Ed25519");
      }
      return new CertificateRequest(
          der.toArray(),
          purpose,
          identifier(request.getSubject(), BCStyle.CN, "CN"),
          identifier(request.getSubject(), BCStyle.O, "O"),
          key,
          kind,
          hosts(request));
    } catch (GeneralSecurityException
        | IOException
        | PKCSException
        | OperatorCreationException
        | RuntimeException e) {
      throw new DecodeException("request_malformed", "not a certificate request: " + e);
    }
  }

  private static void verifyPossession(
      JcaPKCS10CertificationRequest request, PublicKey key, KeyKind kind)
      throws DecodeException, IOException, OperatorCreationException, PKCSException {
    AlgorithmIdentifier expected =
        new DefaultSignatureAlgorithmIdentifierFinder().find(kind.signatureAlgorithm());
    boolean holds;
    if (!request.toASN1Structure().getSignatureAlgorithm().equals(expected)) {
      // Outside of what is signed, so it must have the one right value.
      holds = false;
    } else if (kind == KeyKind.ED25519) {
      // SPEC protocol.md §2.5: one verification rule for Ed25519, everywhere; §2.2: the key is
      // fully validated at enrolment.
      byte[] spki = key.getEncoded();
      Bytes raw = Bytes.of(spki).slice(spki.length - 32, spki.length);
      holds =
          SignatureRule.fastest()
              .accepts(
                  org.probity.detector.crypto.PublicKey.decode(raw),
                  Bytes.wrap(
                      request.toASN1Structure().getCertificationRequestInfo().getEncoded("DER")),
                  Bytes.wrap(request.getSignature()));
    } else {
      holds = request.isSignatureValid(new JcaContentVerifierProviderBuilder().build(key));
    }
    if (!holds) {
      throw new DecodeException(
          "request_signature_invalid", "the request does not prove possession of its key");
    }
  }

  private static String identifier(
      X500Name subject, org.bouncycastle.asn1.ASN1ObjectIdentifier type, String label)
      throws DecodeException {
    RDN[] values = subject.getRDNs(type);
    String text =
        values.length == 1 ? IETFUtils.valueToString(values[0].getFirst().getValue()) : "";
    if (!Identifier.isValid(text)) {
      throw new DecodeException(
          "request_malformed", "the subject's " + label + " is not one valid id");
    }
    return text;
  }

  private static Purpose purpose(X500Name subject) throws DecodeException {
    RDN[] values = subject.getRDNs(BCStyle.OU);
    if (values.length == 0) {
      return Purpose.TLS;
    }
    String text = IETFUtils.valueToString(values[0].getFirst().getValue());
    return Purpose.of(text)
        .filter(purpose -> values.length == 1)
        .orElseThrow(
            () -> new DecodeException("request_malformed", "the subject's OU is not a purpose"));
  }

  private static List<String> hosts(PKCS10CertificationRequest request) throws DecodeException {
    Extensions extensions = request.getRequestedExtensions();
    GeneralNames names =
        extensions == null
            ? null
            : GeneralNames.fromExtensions(extensions, Extension.subjectAlternativeName);
    List<String> hosts = new ArrayList<>();
    if (names != null) {
      for (GeneralName name : names.getNames()) {
        hosts.add(
            Hosts.text(name)
                .orElseThrow(
                    () ->
                        new DecodeException(
                            "request_host_invalid",
                            "only DNS names and IP addresses may be asked for, not " + name)));
      }
    }
    if (hosts.size() > MAX_HOSTS) {
      throw new DecodeException("request_host_invalid", "more than " + MAX_HOSTS + " hosts");
    }
    return hosts;
  }

  /** What the certificate is to be for. */
  public Purpose purpose() {
    return purpose;
  }

  public String node() {
    return node;
  }

  public String member() {
    return member;
  }

  public PublicKey key() {
    return key;
  }

  public KeyKind kind() {
    return kind;
  }

  /** Host names and addresses asked for, lower case. */
  public List<String> hosts() {
    return hosts;
  }

  public String pem() {
    return PemFiles.pem(PemFiles.REQUEST, der);
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT, "CertificateRequest[%s %s of %s, %s]", purpose.text(), node, member, kind);
  }
}
