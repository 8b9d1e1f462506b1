package org.probity.node.identity;

import java.security.cert.X509Certificate;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x500.style.IETFUtils;

/**
 * The subject of a certificate that our authority has issued.
 *
 * @param member that the node belongs to
 */
public record CertifiedName(String node, String member, Purpose purpose) {

  /**
   * Reads it.
   *
   * @throws IdentityException {@code certificate_malformed}
   */
  public static CertifiedName of(X509Certificate certificate) {
    X500Name subject = X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded());
    return new CertifiedName(
        text(subject, BCStyle.CN),
        text(subject, BCStyle.O),
        Purpose.of(text(subject, BCStyle.OU)).orElseThrow(() -> malformed(subject)));
  }

  private static String text(X500Name subject, ASN1ObjectIdentifier type) {
    RDN[] values = subject.getRDNs(type);
    if (values.length != 1) {
      throw malformed(subject);
    }
    return IETFUtils.valueToString(values[0].getFirst().getValue());
  }

  private static IdentityException malformed(X500Name subject) {
    return new IdentityException(
        "certificate_malformed", "not a certificate of this consortium's authority: " + subject);
  }
}
