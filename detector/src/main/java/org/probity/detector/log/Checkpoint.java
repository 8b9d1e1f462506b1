package org.probity.detector.log;

import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;

/**
 * The text of a checkpoint (C2SP tlog-checkpoint): three lines, origin, size, root.
 *
 * <pre>
 * example.com/behind-the-sofa
 * 20852163
 * CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
 * </pre>
 *
 * <p>The format allows extension lines; we neither write nor take them, because what they would say
 * is nobody's statement. The origin may be a foreign log's.
 */
public record Checkpoint(String origin, TreeHead head) {
  public Checkpoint {
    KeyName.require(origin);
  }

  /**
   * Inverse of {@link #text}; codes {@code bad_checkpoint}, {@code bad_number}, {@code bad_base64}.
   */
  public static Checkpoint parse(String text) throws DecodeException {
    int size = text.indexOf('\n') + 1;
    int root = text.indexOf('\n', size) + 1;
    int end = text.length() - 1;
    if (size == 0 || root == 0 || text.indexOf('\n', root) != end) {
      throw new DecodeException("bad_checkpoint", "not exactly origin, size and root");
    }
    TreeHead head =
        new TreeHead(
            StrictText.decimal(text.substring(size, root - 1)),
            StrictText.hashFromBase64(text.substring(root, end)));
    try {
      return new Checkpoint(text.substring(0, size - 1), head);
    } catch (IllegalArgumentException e) {
      throw new DecodeException("bad_checkpoint", "an origin that cannot name a key");
    }
  }

  public long size() {
    return head.size();
  }

  public Hash root() {
    return head.root();
  }

  /** The three lines with their newlines: what log and witnesses sign. */
  public String text() {
    return origin + "\n" + size() + "\n" + StrictText.base64(root()) + "\n";
  }

  public Bytes textBytes() {
    return Bytes.utf8(text());
  }
}
