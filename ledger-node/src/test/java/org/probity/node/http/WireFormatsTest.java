package org.probity.node.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.log.Origin;
import org.probity.node.http.wire.ChallengeReply;
import org.probity.node.http.wire.HeldLog;
import org.probity.node.http.wire.LengthPrefix;
import org.probity.node.http.wire.LogFrame;
import org.probity.node.http.wire.StrictBase64;
import org.probity.node.http.wire.StrictJson;

class WireFormatsTest {
  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String code(Executable executable) {
    return assertThrows(DecodeException.class, executable).code();
  }

  /** The worked example in the package's documentation. */
  @Test
  void encodesAFrameAsDocumented() throws DecodeException {
    LogFrame frame = new LogFrame(Bytes.utf8("ab\n"), List.of(Bytes.EMPTY, Bytes.fromHex("ff")));

    assertEquals("824361620a824041ff", frame.encode().toHex());
    assertEquals("00000009824361620a824041ff", hex(LengthPrefix.encode(frame.encode())));
    assertEquals(frame, LogFrame.decode(frame.encode()));
    assertEquals("00000000", hex(LengthPrefix.HEART_BEAT));
  }

  @Test
  void aChallengeHasAnAnswerOrNone() throws DecodeException {
    ChallengeReply answered = ChallengeReply.answered(Bytes.fromHex("ff"));
    assertEquals("80", ChallengeReply.HELD.encode().toHex());
    assertEquals("8141ff", answered.encode().toHex());
    assertEquals(answered, ChallengeReply.decode(answered.encode()));
    assertEquals(ChallengeReply.HELD, ChallengeReply.decode(ChallengeReply.HELD.encode()));
    assertEquals("cbor_trailing_bytes", code(() -> ChallengeReply.decode(Bytes.fromHex("8000"))));
    assertEquals(
        "note_without_signature", code(() -> ChallengeReply.decode(Bytes.fromHex("824080"))));
  }

  /** docs/format/messages.md has the same bytes. */
  @Test
  void howFarALogIsKnownIsSaidInOneWay() throws DecodeException {
    HeldLog held = new HeldLog(true, 0, Optional.of(Bytes.utf8("ab\n")));
    assertEquals("8301004361620a", held.encode().toHex());
    assertEquals("820100", HeldLog.NOTHING.encode().toHex());
    assertEquals("820000", HeldLog.UNKNOWN.encode().toHex());
    for (HeldLog one :
        List.of(held, HeldLog.NOTHING, HeldLog.UNKNOWN, new HeldLog(false, 7, Optional.empty()))) {
      assertEquals(one, HeldLog.decode(one.encode()));
    }
    for (String bad :
        List.of(
            "", "80", "8101", "820200", "84010041ff41ff", "83010001", "82010000", "83010041ff00")) {
      assertThrows(DecodeException.class, () -> HeldLog.decode(Bytes.fromHex(bad)), bad);
    }
  }

  private static String hex(Buffer buffer) {
    return Bytes.wrap(buffer.getBytes()).toHex();
  }

  @Test
  void cutsFramesOutOfAnyChunks() throws DecodeException {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    List<Bytes> frames = new ArrayList<>();
    Buffer stream = Buffer.buffer();
    for (int i = 0; i < 200; i++) {
      byte[] frame = new byte[random.nextInt(300)];
      random.nextBytes(frame);
      frames.add(Bytes.wrap(frame));
      stream.appendBuffer(LengthPrefix.encode(Bytes.wrap(frame)));
    }
    LengthPrefix framing = new LengthPrefix(300);
    List<Bytes> cut = new ArrayList<>();
    for (int at = 0; at < stream.length(); ) {
      int end = Math.min(stream.length(), at + 1 + random.nextInt(500));
      cut.addAll(framing.accept(stream.getBuffer(at, end)));
      at = end;
    }

    assertEquals(frames, cut, "seed " + seed);
    assertFalse(framing.midFrame());
  }

  @Test
  void refusesALongFrameByItsLength() throws DecodeException {
    LengthPrefix framing = new LengthPrefix(10);

    assertEquals(1, framing.accept(LengthPrefix.encode(Bytes.wrap(new byte[10]))).size());
    assertEquals("frame_too_long", code(() -> framing.accept(Buffer.buffer().appendInt(11))));
    assertEquals(
        "frame_too_long", code(() -> new LengthPrefix(10).accept(Buffer.buffer().appendInt(-1))));
  }

  @Test
  void chunksALogWithinItsLimits() {
    MemoryLog log = new MemoryLog(new Origin(MemoryNode.NETWORK, "bank-a", 0), (byte) 1);
    List<Bytes> large = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      large.add(Bytes.wrap(new byte[65_535]));
    }
    PublishedLog published = log.append(large);
    List<Bytes> small = new ArrayList<>();
    for (int i = 0; i < 5000; i++) {
      small.add(Bytes.of((byte) i));
    }
    long first = log.size();
    log.append(small);

    LogFrame frame = LogFrame.chunk(published.checkpoint(), log, 1, 21);
    assertEquals(5, frame.entries().size());
    assertTrue(frame.encode().size() <= LogFrame.MAX_BYTES);
    assertEquals(
        LogFrame.MAX_ENTRIES,
        LogFrame.chunk(published.checkpoint(), log, first, log.size()).entries().size());
    assertEquals(0, LogFrame.chunk(published.checkpoint(), log, 3, 3).entries().size());
  }

  @ParameterizedTest
  @ValueSource(strings = {"YQ", "YR==", "YQ==\n", " YQ==", "YQ=", "Y-_=", "=", "YQ==YQ=="})
  void takesOneFormOfBase64(String text) throws DecodeException {
    assertThrows(DecodeException.class, () -> StrictBase64.decode(text));
    assertEquals(Bytes.utf8("a"), StrictBase64.decode("YQ=="));
    assertEquals(Bytes.EMPTY, StrictBase64.decode(""));
  }

  @Test
  void readsJsonStrictly() throws DecodeException {
    assertEquals(1, StrictJson.parse(utf8("{\"a\":1}")).get("a").asInt());
    String deepest = "[".repeat(StrictJson.MAX_DEPTH) + "]".repeat(StrictJson.MAX_DEPTH);
    StrictJson.parse(utf8(deepest));
    for (String bad :
        List.of(
            "",
            "[1] 2",
            "{\"a\":1,\"a\":1}",
            "[" + deepest + "]",
            "[" + "1".repeat(StrictJson.MAX_NUMBER_CHARS + 1) + "]",
            "{\"" + "n".repeat(StrictJson.MAX_NAME_CHARS + 1) + "\":1}",
            "{a:1}",
            "[1,]",
            "// comment\n1",
            "NaN",
            "'a'")) {
      assertEquals("json_malformed", code(() -> StrictJson.parse(utf8(bad))), bad);
    }
    assertEquals(
        "json_malformed", code(() -> StrictJson.parse(new byte[] {'"', (byte) 0xC0, '"'})));
  }
}
