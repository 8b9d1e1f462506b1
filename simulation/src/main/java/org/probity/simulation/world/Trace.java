package org.probity.simulation.world;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.zip.CRC32C;
import org.probity.detector.codec.Bytes;

/**
 * What happened, as one number: two runs of a seed have the same trace or something in them is not
 * deterministic. On demand also as words.
 */
public final class Trace {
  private final boolean telling;
  private final List<String> story = new ArrayList<>();
  private final CRC32C checksum = new CRC32C();
  private long hash;
  private long nowMicros;

  /**
   * @param telling whether to keep words, too
   */
  public Trace(boolean telling) {
    this.telling = telling;
  }

  void event(long atMicros, String what) {
    nowMicros = atMicros;
    mix(atMicros);
    mix(what.hashCode());
  }

  /** What crossed the wire, or came to rest on a disk. */
  public void bytes(Bytes content) {
    checksum.reset();
    checksum.update(content.unsafeArray());
    mix(checksum.getValue());
    mix(content.size());
  }

  /** A number that crossed the wire. */
  public void number(long value) {
    mix(value);
  }

  /** A name or code that did. */
  public void text(String value) {
    mix(value.hashCode());
  }

  /** Something worth telling people. */
  public void tell(String who, String what) {
    mix(who.hashCode());
    mix(what.hashCode());
    if (telling) {
      story.add(String.format(Locale.ROOT, "%9.3f s  %-8s %s", nowMicros / 1_000_000.0, who, what));
    }
  }

  private void mix(long value) {
    hash = Long.rotateLeft(hash ^ value, 27) * 0x9fb21c651e98df25L;
  }

  /** Of everything so far. */
  public String hash() {
    return String.format(Locale.ROOT, "%016x", hash);
  }

  public List<String> story() {
    return List.copyOf(story);
  }

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
