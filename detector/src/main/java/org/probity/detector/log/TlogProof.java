package org.probity.detector.log;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.SignatureRule;

/**
 * A client's receipt, verified offline (C2SP tlog-proof): an entry stands at this index of a log,
 * under this checkpoint with these cosignatures.
 *
 * <pre>
 * c2sp.org/tlog-proof@v1
 * extra &lt;base64&gt;            optional, not authenticated; see {@link ReceiptExtra}
 * index 73894
 * gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=    the leaf's sibling first
 * ...
 *
 * &lt;the checkpoint, verbatim&gt;
 * </pre>
 *
 * @param extra what the format lets an application add; nothing in it is vouched for
 */
public record TlogProof(
    Optional<Bytes> extra, long index, List<Hash> inclusion, SignedNote checkpoint) {
  /** As large as a note may be, and as much again for the extra data. */
  public static final int MAX_BYTES = 2 * SignedNote.MAX_BYTES;

  private static final String HEADER = "c2sp.org/tlog-proof@v1";
  private static final String EXTRA = "extra ";
  private static final String INDEX = "index ";

  public TlogProof {
    EntryFields.requireUint(index, "index");
    inclusion = List.copyOf(inclusion);
    if (inclusion.size() > MerkleProofs.MAX_HASHES) {
      throw new IllegalArgumentException("a proof of " + inclusion.size() + " hashes");
    }
  }

  /** What a receipt is worth. */
  public sealed interface Verdict {}

  /** The entry is in the log, as the policy demands. */
  public record Valid(TlogPolicy.Accepted checkpoint) implements Verdict {}

  /** The checkpoint does not satisfy the policy. */
  public record Untrusted(TlogPolicy.Refusal reason) implements Verdict {}

  /** The checkpoint is fine, but the entry is not proven to be at the index. */
  public record NotIncluded() implements Verdict {}

  /**
   * Inverse of {@link #format}. Codes: {@code bad_proof}, {@code proof_too_large}, those of {@link
   * SignedNote#parse}, {@code bad_number}, {@code bad_base64}.
   */
  public static TlogProof parse(Bytes bytes) throws DecodeException {
    if (bytes.size() > MAX_BYTES) {
      throw new DecodeException("proof_too_large", "a proof of " + bytes.size() + " bytes");
    }
    LineReader in = new LineReader(bytes, "bad_proof");
    if (!in.line().equals(HEADER)) {
      throw new DecodeException("bad_proof", "not " + HEADER);
    }
    String line = in.line();
    Optional<Bytes> extra = Optional.empty();
    if (line.startsWith(EXTRA)) {
      extra = Optional.of(StrictText.fromBase64(line.substring(EXTRA.length())));
      line = in.line();
    }
    if (!line.startsWith(INDEX)) {
      throw new DecodeException("bad_proof", "no index line");
    }
    long index = StrictText.decimal(line.substring(INDEX.length()));
    List<Hash> inclusion = in.hashesUpToEmptyLine(MerkleProofs.MAX_HASHES);
    return new TlogProof(extra, index, inclusion, SignedNote.parse(in.rest()));
  }

  public Bytes format() {
    List<String> lines = new ArrayList<>();
    lines.add(HEADER);
    extra.ifPresent(bytes -> lines.add(EXTRA + StrictText.base64(bytes)));
    lines.add(INDEX + index);
    inclusion.forEach(hash -> lines.add(StrictText.base64(hash)));
    lines.add("");
    return LineReader.join(lines, checkpoint.bytes());
  }

  /** Judges the receipt for the entry with this leaf hash. Never throws. */
  public Verdict verify(SignatureRule rule, TlogPolicy policy, Hash leafHash) {
    TlogPolicy.Verdict verdict = policy.evaluate(rule, checkpoint);
    if (verdict instanceof TlogPolicy.Refused refused) {
      return new Untrusted(refused.reason());
    }
    TlogPolicy.Accepted accepted = (TlogPolicy.Accepted) verdict;
    TreeHead head = accepted.checkpoint().head();
    return MerkleProofs.verifyInclusion(head, index, leafHash, inclusion)
        ? new Valid(accepted)
        : new NotIncluded();
  }
}
