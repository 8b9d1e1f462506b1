package org.probity.detector;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;

/**
 * What every decoder of a stranger's bytes must hold: on damaged input it either throws {@link
 * DecodeException}, and nothing else, or returns a value that re-encodes to exactly that input.
 *
 * <pre>{@code
 * DecoderFuzz.run(5_000, List.of(someEncodedValue), Entry::decode, Entry::encode);
 * }</pre>
 */
public final class DecoderFuzz {
  /** A decoder under test. */
  @FunctionalInterface
  public interface Decoder<T> {
    T decode(Bytes encoded) throws DecodeException;
  }

  /** CBOR heads and ends of ranges: bytes that mean something. */
  private static final int[] TELLING_BYTES = {
    0x00, 0x01, 0x17, 0x18, 0x19, 0x1a, 0x1b, 0x1f, 0x20, 0x38, 0x3b, 0x40, 0x41, 0x58, 0x5a, 0x5b,
    0x5f, 0x60, 0x61, 0x78, 0x7f, 0x80, 0x81, 0x82, 0x98, 0x9b, 0x9f, 0xa0, 0xa1, 0xbf, 0xc2, 0xd2,
    0xf4, 0xf6, 0xf9, 0xfb, 0xff
  };

  private DecoderFuzz() {}

  /**
   * Damages each of the {@code valid} encodings in {@code cases} ways, and truncates it in every
   * way; replayable like every {@link Seeded} test.
   */
  public static <T> void run(
      int cases, List<Bytes> valid, Decoder<T> decoder, Function<T, Bytes> encoder) {
    for (Bytes encoded : valid) {
      T value = assertDoesNotThrow(() -> decoder.decode(encoded), "a valid encoding");
      assertEquals(encoded, encoder.apply(value), "a valid encoding");
      for (int size = 0; size < encoded.size(); size++) {
        Bytes truncated = encoded.slice(0, size);
        assertThrows(DecodeException.class, () -> decoder.decode(truncated));
      }
    }
    Seeded.run(
        cases,
        random -> {
          for (Bytes encoded : valid) {
            Bytes other = valid.get(random.nextInt(valid.size()));
            Bytes damaged = Bytes.wrap(damage(random, encoded.toArray(), other.toArray()));
            Bytes again = encodedAgain(damaged, decoder, encoder);
            assertEquals(damaged, again, "accepted, but of another encoding");
          }
        });
  }

  /** The value's own encoding, or the input itself if it was properly rejected. */
  private static <T> Bytes encodedAgain(
      Bytes input, Decoder<T> decoder, Function<T, Bytes> encoder) {
    T value;
    try {
      value = decoder.decode(input);
    } catch (DecodeException rejected) {
      return input;
    } catch (RuntimeException | StackOverflowError e) {
      throw new AssertionError("not a DecodeException on " + input, e);
    }
    return encoder.apply(value);
  }

  private static byte[] damage(SplittableRandom random, byte[] input, byte[] other) {
    byte[] bytes = input;
    int times = 1 + random.nextInt(3);
    for (int i = 0; i < times; i++) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(6)) {
        case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> bytes[at] = (byte) random.nextInt(256);
        case 2 -> bytes[at] = telling(random);
        case 3 -> bytes = splice(bytes, at, new byte[] {telling(random)}, 0, 1, at);
        case 4 -> {
          int until = Math.min(bytes.length, at + 1 + random.nextInt(4));
          if (until - at < bytes.length) {
            bytes = splice(bytes, at, bytes, 0, 0, until);
          }
        }
        default -> {
          int from = random.nextInt(other.length);
          int length = random.nextInt(Math.min(64, other.length - from) + 1);
          bytes = splice(bytes, at, other, from, length, Math.min(bytes.length, at + length));
        }
      }
    }
    return bytes;
  }

  private static byte telling(SplittableRandom random) {
    return (byte) TELLING_BYTES[random.nextInt(TELLING_BYTES.length)];
  }

  /** {@code bytes[0, at) + source[from, from + length) + bytes[resume, end)}. */
  private static byte[] splice(
      byte[] bytes, int at, byte[] source, int from, int length, int resume) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(bytes, 0, at);
    out.write(source, from, length);
    out.write(bytes, resume, bytes.length - resume);
    return out.toByteArray();
  }
}
