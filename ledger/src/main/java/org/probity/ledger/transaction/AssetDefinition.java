package org.probity.ledger.transaction;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.codec.Uint128;
import org.probity.detector.crypto.Hash;

/**
 * What an asset is, forever: {@code [code tstr, scale uint, issuer policy, flags uint]}.
 *
 * @param code 1 to 12 of A-Z and 0-9, a letter first; for people, not unique
 * @param scale digits after the decimal point of one unit: 2 means that 100 minor units are 1.00.
 *     One operation moves at most {@link Amount#MAX}: with scale 2 that is 184 million billion,
 *     with scale 18 it is 18.4
 * @param issuer who may issue it
 * @param flags see {@link #FREEZABLE_BY_ISSUER}
 */
public record AssetDefinition(String code, int scale, KeyPolicy issuer, int flags) {
  /** The issuer, and not only the node's operator, may freeze and unfreeze accounts in it. */
  public static final int FREEZABLE_BY_ISSUER = 1;

  public static final int KNOWN_FLAGS = FREEZABLE_BY_ISSUER;
  public static final int MAX_SCALE = 18;
  public static final int MAX_CODE_LENGTH = 12;

  /** 2^64 - 1 has 20. */
  private static final int MAX_AMOUNT_DIGITS = 20;

  private static final byte[] ID_DOMAIN = "probity/asset/1\n".getBytes(StandardCharsets.US_ASCII);

  public AssetDefinition {
    String fault = fault(code, scale, flags);
    if (!fault.isEmpty()) {
      throw new IllegalArgumentException(fault);
    }
  }

  public AssetId id() {
    CborWriter out = new CborWriter();
    write(out);
    Hash hash = Hash.sha256(ID_DOMAIN, out.toByteArray());
    return new AssetId(hash.toBytes().slice(0, AssetId.BYTES));
  }

  public boolean freezableByIssuer() {
    return (flags & FREEZABLE_BY_ISSUER) != 0;
  }

  /** An amount as people write it: 245200 of scale 2 is {@code 2452.00}. */
  public String format(BigInteger amountMinor) {
    return new BigDecimal(amountMinor, scale).toPlainString();
  }

  /** As {@link #format(BigInteger)}. */
  public String format(Uint128 amountMinor) {
    return format(amountMinor.toBigInteger());
  }

  /** As {@link #format(BigInteger)}. */
  public String format(Amount amountMinor) {
    return format(amountMinor.toUint128());
  }

  /**
   * The minor units of {@code 2452.00}, {@code 2452.5} or {@code 2452}; exact. Throws
   * NumberFormatException, whose message goes on after "the amount is", on more than {@link
   * Amount#MAX}, on more decimals than the scale has and on all that is no plain decimal.
   */
  public Amount parse(String amount) {
    int point = amount.indexOf('.');
    String whole = point < 0 ? amount : amount.substring(0, point);
    String fraction = point < 0 ? "" : amount.substring(point + 1);
    boolean shaped =
        !whole.isEmpty()
            && (point < 0 || !fraction.isEmpty())
            && fraction.length() <= scale
            && isDigits(whole)
            && isDigits(fraction);
    if (!shaped) {
      throw new NumberFormatException(
          "not an amount of " + code + " with at most " + scale + " decimals");
    }
    String digits = withoutLeadingZeros(whole + fraction + "0".repeat(scale - fraction.length()));
    if (digits.length() <= MAX_AMOUNT_DIGITS) {
      BigInteger minor = new BigInteger(digits);
      if (minor.bitLength() <= Long.SIZE) {
        return new Amount(minor.longValue());
      }
    }
    throw new NumberFormatException(
        "more than one operation can move, which is "
            + format(Amount.MAX)
            + " "
            + code
            + ": use several");
  }

  private static String withoutLeadingZeros(String digits) {
    int from = 0;
    while (from < digits.length() - 1 && digits.charAt(from) == '0') {
      from++;
    }
    return digits.substring(from);
  }

  private static boolean isDigits(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '9') {
        return false;
      }
    }
    return true;
  }

  public void write(CborWriter out) {
    out.array(4);
    writeFields(out);
  }

  void writeFields(CborWriter out) {
    out.text(code).uint(scale);
    issuer.write(out);
    out.uint(flags);
  }

  public Bytes encode() {
    CborWriter out = new CborWriter();
    write(out);
    return out.toBytes();
  }

  public static AssetDefinition read(CborReader in) throws DecodeException {
    in.arrayHeader(4);
    return readFields(in);
  }

  static AssetDefinition readFields(CborReader in) throws DecodeException {
    String code = in.text(MAX_CODE_LENGTH);
    int scale = in.uintMaxInt(MAX_SCALE);
    KeyPolicy issuer = KeyPolicy.read(in);
    int flags = in.uintMaxInt(Integer.MAX_VALUE);
    String fault = fault(code, scale, flags);
    if (!fault.isEmpty()) {
      throw new DecodeException("invalid_asset", fault);
    }
    return new AssetDefinition(code, scale, issuer, flags);
  }

  public static AssetDefinition decode(Bytes encoded) throws DecodeException {
    CborReader in = new CborReader(encoded);
    AssetDefinition decoded = read(in);
    in.end();
    return decoded;
  }

  private static String fault(String code, int scale, int flags) {
    if (code.isEmpty() || code.length() > MAX_CODE_LENGTH || !isCode(code)) {
      return "an asset code is 1 to 12 of A-Z and 0-9, a letter first";
    }
    if (scale < 0 || scale > MAX_SCALE) {
      return "a scale is 0 to " + MAX_SCALE + ", not " + scale;
    }
    if ((flags & ~KNOWN_FLAGS) != 0) {
      return "unknown asset flags " + Integer.toHexString(flags);
    }
    return "";
  }

  private static boolean isCode(String code) {
    for (int i = 0; i < code.length(); i++) {
      char c = code.charAt(i);
      boolean letter = c >= 'A' && c <= 'Z';
      boolean digit = c >= '0' && c <= '9';
      if (!letter && (!digit || i == 0)) {
        return false;
      }
    }
    return true;
  }
}
