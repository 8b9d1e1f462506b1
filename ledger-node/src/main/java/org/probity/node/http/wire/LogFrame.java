package org.probity.node.http.wire;

import java.util.ArrayList;
import java.util.List;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.log.LogReader;

/**
 * Contiguous entries of one log with a checkpoint that covers them. Nothing in it is verified.
 *
 * @param checkpoint signed note
 */
public record LogFrame(Bytes checkpoint, List<Bytes> entries) {
  /** No frame is longer: one chunk of entries, one entry that overflows it, a checkpoint. */
  public static final int MAX_BYTES = 512 * 1024;

  /** A frame stops growing once its entries have this many bytes. */
  public static final int CHUNK_BYTES = 256 * 1024;

  public static final int MAX_ENTRIES = 4096;

  private static final int MAX_CHECKPOINT_BYTES = 64 * 1024;
  private static final int MAX_ENTRY_BYTES = 65_535;

  public LogFrame {
    entries = List.copyOf(entries);
  }

  /**
   * As many entries of {@code [from, to)} as fit one frame, at least one unless the range is empty.
   */
  public static LogFrame chunk(Bytes checkpoint, LogReader log, long from, long to) {
    List<Bytes> entries = new ArrayList<>();
    long bytes = 0;
    for (long index = from; index < to; index++) {
      Bytes entry = log.entry(index);
      entries.add(entry);
      bytes += entry.size();
      if (bytes >= CHUNK_BYTES || entries.size() == MAX_ENTRIES) {
        break;
      }
    }
    return new LogFrame(checkpoint, entries);
  }

  public Bytes encode() {
    int size = checkpoint.size() + entries.stream().mapToInt(Bytes::size).sum();
    CborWriter out =
        new CborWriter(size + 5 * entries.size() + 16)
            .array(2)
            .bytes(checkpoint)
            .array(entries.size());
    entries.forEach(out::bytes);
    return out.toBytes();
  }

  public static LogFrame decode(Bytes encoded) throws DecodeException {
    CborReader in = new CborReader(encoded);
    in.arrayHeader(2);
    Bytes checkpoint = in.bytesUpTo(MAX_CHECKPOINT_BYTES);
    int count = in.arrayHeaderUpTo(MAX_ENTRIES);
    List<Bytes> entries = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      entries.add(in.bytesUpTo(MAX_ENTRY_BYTES));
    }
    in.end();
    return new LogFrame(checkpoint, entries);
  }
}
