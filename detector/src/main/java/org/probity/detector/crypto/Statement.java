package org.probity.detector.crypto;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.CoseSign1;
import org.probity.detector.codec.DecodeException;

/**
 * One payload under one or more signatures, decoded but <em>not verified</em>. Hence it has no
 * payload: {@link StatementVerifier} gives that out.
 *
 * <pre>
 * Statement = [1*16 bstr .cbor COSE_Sign1]
 * </pre>
 *
 * <p>SPEC protocol.md §3.2. All signatures are over the same payload, typ and network id, sorted
 * strictly ascending by kid, so a set of signatures has one encoding. The {@link #id} is over what
 * was said and not over who signed it or how: neither another signature nor another signer makes it
 * another statement. Store, hash and forward {@link #encoded}, the exact bytes. Immutable.
 */
public final class Statement {
  public static final int MAX_SIGNATURES = 16;

  private final Bytes encoded;
  private final List<CoseSign1> signatures;
  private final Hash networkId;
  private final Hash id;

  private Statement(Bytes encoded, List<CoseSign1> signatures) {
    CoseSign1 first = signatures.get(0);
    this.encoded = encoded;
    this.signatures = List.copyOf(signatures);
    this.networkId = Hash.of(first.networkId());
    this.id = id(networkId, first.typ(), first.unverifiedPayload());
  }

  /**
   * Decodes the only accepted form. Fails with the codes of {@link CborReader} and {@link
   * CoseSign1}, {@code statement_signature_count}, {@code statement_signer_order} or {@code
   * statement_mixed} (the signatures are over different things). The caller limits the size.
   */
  public static Statement decode(Bytes encoded) throws DecodeException {
    CborReader in = new CborReader(encoded);
    int count = in.arrayHeaderUpTo(MAX_SIGNATURES);
    if (count == 0) {
      throw new DecodeException("statement_signature_count", "a statement without a signature");
    }
    List<CoseSign1> signatures = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      CoseSign1 next = CoseSign1.decode(in.bytes());
      if (i > 0) {
        requireSameContent(signatures.get(0), next);
        if (signatures.get(i - 1).kid().compareTo(next.kid()) >= 0) {
          throw new DecodeException(
              "statement_signer_order",
              "signatures must be strictly ascending by kid, number " + i + " is not");
        }
      }
      signatures.add(next);
    }
    in.end();
    return new Statement(encoded, signatures);
  }

  /**
   * Signs a payload. Throws IllegalArgumentException unless there are 1 to 16 different signers and
   * the typ has 1 to 64 bytes.
   */
  public static Statement sign(Hash networkId, String typ, Bytes payload, List<Signer> signers) {
    List<CoseSign1> signatures = new ArrayList<>(signers.size());
    for (Signer signer : signers) {
      Bytes kid = signer.publicKey().toBytes();
      Bytes signature = signer.sign(CoseSign1.toBeSigned(kid, typ, networkId.toBytes(), payload));
      signatures.add(CoseSign1.of(kid, typ, networkId.toBytes(), payload, signature));
    }
    return ofSignatures(signatures);
  }

  /** Signs a payload with one key. */
  public static Statement sign(Hash networkId, String typ, Bytes payload, Signer signer) {
    return sign(networkId, typ, payload, List.of(signer));
  }

  /**
   * The identity of what is said: {@code SHA-256(CBOR [network id, typ, payload])}. Linear in the
   * payload.
   */
  public static Hash id(Hash networkId, String typ, Bytes payload) {
    return Hash.sha256(
        new CborWriter(payload.size() + 128)
            .array(3)
            .bytes(networkId.unsafeArray())
            .text(typ)
            .bytes(payload)
            .toByteArray());
  }

  /**
   * This statement with another one's signatures as well, to collect m of n; where both have one of
   * the same key, this one's stays. Fails with {@code statement_mixed} if the other is about
   * something else and with {@code statement_signature_count} above 16. Nothing is verified.
   */
  public Statement merge(Statement other) throws DecodeException {
    requireSameContent(signatures.get(0), other.signatures.get(0));
    List<CoseSign1> merged = new ArrayList<>(signatures);
    for (CoseSign1 candidate : other.signatures) {
      if (signatures.stream().noneMatch(held -> held.kid().equals(candidate.kid()))) {
        merged.add(candidate);
      }
    }
    if (merged.size() > MAX_SIGNATURES) {
      throw new DecodeException(
          "statement_signature_count", merged.size() + " signatures on one statement");
    }
    return ofSignatures(merged);
  }

  /** The exact bytes. */
  public Bytes encoded() {
    return encoded;
  }

  /** What was said, in 32 bytes; the same for every set of signatures. */
  public Hash id() {
    return id;
  }

  /** What kind of statement this claims to be. */
  public String typ() {
    return signatures.get(0).typ();
  }

  /** The consortium this claims to be meant for. */
  public Hash networkId() {
    return networkId;
  }

  /** The keys that claim to have signed, ascending; not even valid keys, perhaps. */
  public List<Bytes> claimedSigners() {
    return signatures.stream().map(CoseSign1::kid).toList();
  }

  /** For {@link StatementVerifier} and what it makes. */
  List<CoseSign1> signatures() {
    return signatures;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Statement that && encoded.equals(that.encoded);
  }

  @Override
  public int hashCode() {
    return encoded.hashCode();
  }

  @Override
  public String toString() {
    return "Statement[" + typ() + " " + id + ", " + signatures.size() + " unverified signatures]";
  }

  private static Statement ofSignatures(List<CoseSign1> unsorted) {
    if (unsorted.isEmpty() || unsorted.size() > MAX_SIGNATURES) {
      throw new IllegalArgumentException("1 to 16 signatures, not " + unsorted.size());
    }
    List<CoseSign1> signatures =
        unsorted.stream().sorted(Comparator.comparing(CoseSign1::kid)).toList();
    CborWriter out = new CborWriter(256).array(signatures.size());
    for (int i = 0; i < signatures.size(); i++) {
      if (i > 0 && signatures.get(i - 1).kid().equals(signatures.get(i).kid())) {
        throw new IllegalArgumentException("signed twice by " + signatures.get(i).kid());
      }
      out.bytes(signatures.get(i).encode());
    }
    return new Statement(out.toBytes(), signatures);
  }

  private static void requireSameContent(CoseSign1 one, CoseSign1 other) throws DecodeException {
    if (!one.unverifiedPayload().equals(other.unverifiedPayload())
        || !one.typ().equals(other.typ())
        || !one.networkId().equals(other.networkId())) {
      throw new DecodeException(
          "statement_mixed", "signatures over different payloads, types or networks");
    }
  }
}
