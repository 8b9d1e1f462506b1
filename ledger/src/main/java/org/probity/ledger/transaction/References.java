package org.probity.ledger.transaction;

import java.util.Objects;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;

/**
 * What the parties want to find on their statements. Carried in the log and to the payee's node,
 * never kept in the state and never looked at by the rules.
 *
 * <p>Encoded as a flat array of tag and value, only what is present, tags ascending: {@code [1,
 * "INV-7", 3, "SALA"]}; {@code []} is none. An absent field is an empty value here.
 *
 * @param endToEndId tag 1: 1 to 35 characters of the SEPA set (ISO 20022 Max35Text)
 * @param uetr tag 2: the 16 bytes of a version 4 UUID
 * @param purpose tag 3: 1 to 4 of A-Z and 0-9 (ISO 20022 ExternalPurpose1Code)
 * @param creditorReference tag 4: ISO 11649, "RF", two check digits, up to 21 of A-Z and 0-9
 * @param lei tag 5: ISO 17442, 18 of A-Z and 0-9 and two check digits
 */
public record References(
    String endToEndId, Bytes uetr, String purpose, String creditorReference, String lei) {
  public static final References NONE = new References("", Bytes.EMPTY, "", "", "");

  public static final int MAX_END_TO_END_ID_LENGTH = 35;
  public static final int UETR_BYTES = 16;
  public static final int MAX_PURPOSE_LENGTH = 4;
  public static final int MAX_CREDITOR_REFERENCE_LENGTH = 25;
  public static final int LEI_LENGTH = 20;

  private static final int END_TO_END_ID = 1;
  private static final int UETR = 2;
  private static final int PURPOSE = 3;
  private static final int CREDITOR_REFERENCE = 4;
  private static final int LEI = 5;
  private static final int FIELDS = 5;

  private static final String SEPA_PUNCTUATION = "/-?:().,'+ ";

  public References {
    String fault = fault(endToEndId, uetr, purpose, creditorReference, lei);
    if (!fault.isEmpty()) {
      throw new IllegalArgumentException(fault);
    }
  }

  public static References endToEnd(String endToEndId) {
    return NONE.withEndToEndId(endToEndId);
  }

  public References withEndToEndId(String value) {
    return new References(value, uetr, purpose, creditorReference, lei);
  }

  public References withUetr(Bytes value) {
    return new References(endToEndId, value, purpose, creditorReference, lei);
  }

  public References withPurpose(String value) {
    return new References(endToEndId, uetr, value, creditorReference, lei);
  }

  public References withCreditorReference(String value) {
    return new References(endToEndId, uetr, purpose, value, lei);
  }

  public References withLei(String value) {
    return new References(endToEndId, uetr, purpose, creditorReference, value);
  }

  public boolean isEmpty() {
    return fieldsPresent() == 0;
  }

  void write(CborWriter out) {
    out.array(2 * fieldsPresent());
    text(out, END_TO_END_ID, endToEndId);
    if (!uetr.isEmpty()) {
      out.uint(UETR).bytes(uetr);
    }
    text(out, PURPOSE, purpose);
    text(out, CREDITOR_REFERENCE, creditorReference);
    text(out, LEI, lei);
  }

  /** The number of bytes {@link #write} writes. */
  int encodedBytes() {
    return 1
        + encodedBytes(endToEndId.length())
        + encodedBytes(uetr.size())
        + encodedBytes(purpose.length())
        + encodedBytes(creditorReference.length())
        + encodedBytes(lei.length());
  }

  /** Tag, head and content of a field of ASCII text or bytes. */
  private static int encodedBytes(int length) {
    if (length == 0) {
      return 0;
    }
    return 1 + (length < 24 ? 1 : 2) + length;
  }

  private static void text(CborWriter out, int tag, String value) {
    if (!value.isEmpty()) {
      out.uint(tag).text(value);
    }
  }

  private int fieldsPresent() {
    return present(endToEndId)
        + (uetr.isEmpty() ? 0 : 1)
        + present(purpose)
        + present(creditorReference)
        + present(lei);
  }

  private static int present(String value) {
    return value.isEmpty() ? 0 : 1;
  }

  static References read(CborReader in) throws DecodeException {
    int items = in.arrayHeaderUpTo(2 * FIELDS);
    if (items == 0) {
      return NONE;
    }
    if (items % 2 != 0) {
      throw new DecodeException("invalid_reference", "references come in pairs of tag and value");
    }
    Fields fields = new Fields();
    int previous = 0;
    for (int i = 0; i < items; i += 2) {
      int tag = in.uintMaxInt(FIELDS);
      if (tag <= previous) {
        throw new DecodeException("invalid_reference", "reference tags must ascend from 1");
      }
      fields.read(tag, in);
      previous = tag;
    }
    return fields.toReferences();
  }

  private static final class Fields {
    private String endToEndId = "";
    private Bytes uetr = Bytes.EMPTY;
    private String purpose = "";
    private String creditorReference = "";
    private String lei = "";

    void read(int tag, CborReader in) throws DecodeException {
      switch (tag) {
        case END_TO_END_ID -> endToEndId = text(in, MAX_END_TO_END_ID_LENGTH);
        case UETR -> uetr = in.bytes(UETR_BYTES);
        case PURPOSE -> purpose = text(in, MAX_PURPOSE_LENGTH);
        case CREDITOR_REFERENCE -> creditorReference = text(in, MAX_CREDITOR_REFERENCE_LENGTH);
        default -> lei = text(in, LEI_LENGTH);
      }
    }

    private static String text(CborReader in, int maxLength) throws DecodeException {
      String value = in.text(maxLength);
      if (value.isEmpty()) {
        // An absent field is left out; there is one encoding.
        throw new DecodeException("invalid_reference", "a reference that is there is not empty");
      }
      return value;
    }

    References toReferences() throws DecodeException {
      String fault = fault(endToEndId, uetr, purpose, creditorReference, lei);
      if (!fault.isEmpty()) {
        throw new DecodeException("invalid_reference", fault);
      }
      return new References(endToEndId, uetr, purpose, creditorReference, lei);
    }
  }

  /** Why these are no references, or nothing. */
  private static String fault(
      String endToEndId, Bytes uetr, String purpose, String creditorReference, String lei) {
    Objects.requireNonNull(uetr);
    if (endToEndId.length() > MAX_END_TO_END_ID_LENGTH || !isSepaText(endToEndId)) {
      return "an end-to-end id is 1 to 35 of A-Z a-z 0-9 " + SEPA_PUNCTUATION;
    }
    if (!uetr.isEmpty() && !isRandomUuid(uetr)) {
      return "a UETR is the 16 bytes of a version 4 UUID";
    }
    if (purpose.length() > MAX_PURPOSE_LENGTH || !isUpperAlphanumeric(purpose)) {
      return "a purpose code is 1 to 4 of A-Z and 0-9";
    }
    if (!creditorReference.isEmpty() && !isCreditorReference(creditorReference)) {
      return "a creditor reference is RF, two check digits that hold, 1 to 21 of A-Z and 0-9";
    }
    if (!lei.isEmpty() && !isLei(lei)) {
      return "an LEI is 18 of A-Z and 0-9 and two check digits that hold";
    }
    return "";
  }

  private static boolean isSepaText(String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      boolean letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
      if (!letter && !isDigit(c) && SEPA_PUNCTUATION.indexOf(c) < 0) {
        return false;
      }
    }
    return true;
  }

  private static boolean isUpperAlphanumeric(String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (!isDigit(c) && (c < 'A' || c > 'Z')) {
        return false;
      }
    }
    return true;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isRandomUuid(Bytes value) {
    return value.size() == UETR_BYTES
        && (value.at(6) & 0xF0) == 0x40
        && (value.at(8) & 0xC0) == 0x80;
  }

  private static boolean isCreditorReference(String value) {
    return value.length() >= 5
        && value.length() <= MAX_CREDITOR_REFERENCE_LENGTH
        && value.startsWith("RF")
        && isDigit(value.charAt(2))
        && isDigit(value.charAt(3))
        && isUpperAlphanumeric(value)
        && remainder97(value.substring(4) + value.substring(0, 4)) == 1;
  }

  private static boolean isLei(String value) {
    return value.length() == LEI_LENGTH
        && isUpperAlphanumeric(value)
        && isDigit(value.charAt(18))
        && isDigit(value.charAt(19))
        && remainder97(value) == 1;
  }

  /** ISO 7064 MOD 97-10 over upper-case letters (10 to 35) and digits. */
  private static int remainder97(String value) {
    int remainder = 0;
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      remainder =
          isDigit(c) ? (remainder * 10 + (c - '0')) % 97 : (remainder * 100 + (c - 'A' + 10)) % 97;
    }
    return remainder;
  }
}
