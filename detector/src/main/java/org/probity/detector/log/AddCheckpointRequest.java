package org.probity.detector.log;

import java.util.ArrayList;
import java.util.List;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;

/**
 * What a log asks a witness (C2SP tlog-witness, {@code add-checkpoint}): cosign this checkpoint;
 * you last saw {@code oldSize}, and here is the consistency proof.
 *
 * <pre>
 * old 20852014
 * PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
 * ...
 *
 * &lt;the checkpoint, verbatim&gt;
 * </pre>
 */
public record AddCheckpointRequest(long oldSize, List<Hash> consistency, SignedNote checkpoint) {
  public static final int MAX_HASHES = 63;
  public static final int MAX_BYTES = SignedNote.MAX_BYTES + 8 * 1024;

  private static final String OLD = "old ";

  public AddCheckpointRequest {
    EntryFields.requireUint(oldSize, "size");
    consistency = List.copyOf(consistency);
    if (consistency.size() > MAX_HASHES) {
      throw new IllegalArgumentException("a proof of " + consistency.size() + " hashes");
    }
  }

  /**
   * Inverse of {@link #format}; every failure is answered with {@link
   * AddCheckpointResponse.Malformed}. Codes: {@code bad_add_checkpoint} and those of {@link
   * SignedNote#parse}.
   */
  public static AddCheckpointRequest parse(Bytes body) throws DecodeException {
    if (body.size() > MAX_BYTES) {
      throw new DecodeException("bad_add_checkpoint", "a body of " + body.size() + " bytes");
    }
    LineReader in = new LineReader(body, "bad_add_checkpoint");
    String old = in.line();
    if (!old.startsWith(OLD)) {
      throw new DecodeException("bad_add_checkpoint", "no line with the old size");
    }
    long oldSize = StrictText.decimal(old.substring(OLD.length()));
    List<Hash> consistency = in.hashesUpToEmptyLine(MAX_HASHES);
    return new AddCheckpointRequest(oldSize, consistency, SignedNote.parse(in.rest()));
  }

  public Bytes format() {
    List<String> lines = new ArrayList<>();
    lines.add(OLD + oldSize);
    consistency.forEach(hash -> lines.add(StrictText.base64(hash)));
    lines.add("");
    return LineReader.join(lines, checkpoint.bytes());
  }
}
