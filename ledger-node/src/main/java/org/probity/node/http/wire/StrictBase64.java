package org.probity.node.http.wire;

import java.util.Base64;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;

/** Standard padded base64 (RFC 4648 §4) with exactly one form per value. */
public final class StrictBase64 {
  private StrictBase64() {}

  public static String encode(Bytes value) {
    return Base64.getEncoder().encodeToString(value.unsafeArray());
  }

  public static Bytes decode(String text) throws DecodeException {
    byte[] value;
    try {
      value = Base64.getDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      throw new DecodeException("base64_malformed", "not base64");
    }
    // SPEC protocol.md §3.2: base64 must re-encode identically; Java's decoder is lax.
    if (!Base64.getEncoder().encodeToString(value).equals(text)) {
      throw new DecodeException("base64_not_canonical", "not the canonical base64 of its bytes");
    }
    return Bytes.wrap(value);
  }
}
