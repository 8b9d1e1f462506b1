package org.probity.node.identity;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1String;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.util.IPAddress;

/** Host names and addresses in subject alternative names. Nothing here asks the network. */
final class Hosts {
  private static final int MAX_LENGTH = 253;
  private static final Pattern NAME =
      Pattern.compile("[a-z0-9]([a-z0-9-]{0,62})(\\.[a-z0-9]([a-z0-9-]{0,62}))*\\.?");

  private Hosts() {}

  /** A host as a general name; IllegalArgumentException if it is neither name nor address. */
  static GeneralName name(String host) {
    String lower = host.toLowerCase(Locale.ROOT);
    if (IPAddress.isValid(lower)) {
      return new GeneralName(GeneralName.iPAddress, lower);
    }
    if (!isName(lower)) {
      throw new IllegalArgumentException("neither a DNS name nor an IP address: " + host);
    }
    return new GeneralName(GeneralName.dNSName, lower);
  }

  /** The inverse; empty for any other kind of name. */
  static Optional<String> text(GeneralName name) {
    if (name.getTagNo() == GeneralName.dNSName && name.getName() instanceof ASN1String text) {
      String lower = text.getString().toLowerCase(Locale.ROOT);
      return isName(lower) && !IPAddress.isValid(lower) ? Optional.of(lower) : Optional.empty();
    }
    if (name.getTagNo() == GeneralName.iPAddress) {
      try {
        byte[] address = ASN1OctetString.getInstance(name.getName()).getOctets();
        return Optional.of(InetAddress.getByAddress(address).getHostAddress());
      } catch (UnknownHostException e) {
        return Optional.empty();
      }
    }
    return Optional.empty();
  }

  private static boolean isName(String text) {
    return text.length() <= MAX_LENGTH && NAME.matcher(text).matches();
  }
}
