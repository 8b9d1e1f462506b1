package org.probity.node.http;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.log.MerkleProofs;

/** C2SP tlog-proof receipts out of a published log. */
final class Receipts {
  private static final String HEADER = "c2sp.org/tlog-proof@v1\n";

  private Receipts() {}

  /** Proof that entry {@code index} is in the log; at most 1 + log2(size) hashes are read. */
  static Bytes of(PublishedLog log, long index) {
    StringBuilder text = new StringBuilder(HEADER).append("index ").append(index).append('\n');
    for (Hash hash : MerkleProofs.inclusion(log.entries(), index, log.size())) {
      text.append(Base64.getEncoder().encodeToString(hash.unsafeArray())).append('\n');
    }
    text.append('\n').append(new String(log.checkpoint().unsafeArray(), StandardCharsets.UTF_8));
    return Bytes.utf8(text.toString());
  }
}
