package org.probity.detector.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.probity.detector.Seeded;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;

/** Protocol §4.1, §4.2 and §3.3: what an entry is, byte for byte. */
class EntryTest {
  private static final Hash PREV = TestLog.hash("previous");

  private static Bytes zeros(int size) {
    return Bytes.wrap(new byte[size]);
  }

  private static String codeOf(Bytes bytes) {
    return assertThrows(DecodeException.class, () -> Entry.decode(bytes)).code();
  }

  private static Bytes encoded(int type, CborWriter body) {
    return new CborWriter()
        .array(4)
        .uint(5)
        .bytes(PREV.unsafeArray())
        .uint(type)
        .rawItem(body.toBytes())
        .toBytes();
  }

  static EntryBody randomBody(SplittableRandom random) {
    Hash hash = Hash.of(Seeded.bytes(random, 32));
    Bytes bytes = Bytes.wrap(Seeded.bytesUpTo(random, 300));
    long number = Seeded.magnitude(random);
    List<Hash> hashes = random.ints(random.nextInt(5)).mapToObj(i -> hash).toList();
    return switch (EntryType.ofCode(random.nextInt(10)).orElseThrow()) {
      case GENESIS -> new GenesisEntry("node-" + random.nextInt(99), number, hash, PREV);
      case TRANSACTION -> new TransactionEntry(bytes, Bytes.utf8("done"));
      case SEND -> new SendEntry("peer", number, Seeded.magnitude(random), bytes);
      case RECEIVE -> new ReceiveEntry(bytes, List.of(bytes, Bytes.EMPTY), hashes);
      case ACK -> new AckEntry(bytes, bytes, hashes, bytes);
      case TICK -> new TickEntry(number);
      case CHALLENGE -> new ChallengeEntry(bytes);
      case DECISION -> new DecisionEntry(bytes);
      case FLOOR -> new FloorEntry(bytes);
      case STATE -> new StateEntry(hash, number, Seeded.magnitude(random));
    };
  }

  @Test
  void everyEntryComesBackFromItsBytes() {
    Seeded.run(
        3_000,
        random -> {
          Entry entry =
              Entry.of(
                  Seeded.magnitude(random), Hash.of(Seeded.bytes(random, 32)), randomBody(random));
          Entry back = Entry.decode(entry.bytes());
          assertEquals(entry, back);
          assertEquals(entry.index(), back.index());
          assertEquals(entry.prev(), back.prev());
          assertEquals(entry.body(), back.body());
          assertEquals(entry.leafHash(), back.leafHash());
          assertTrue(entry.bytes().size() >= EntryRules.MIN_ENTRY_BYTES);
        });
  }

  @Test
  void whateverDecodesEncodesToTheSameBytes() {
    Seeded.run(
        20_000,
        random -> {
          Entry entry = Entry.of(Seeded.magnitude(random), PREV, randomBody(random));
          byte[] mutant = entry.bytes().toArray();
          int at = random.nextInt(mutant.length);
          mutant[at] ^= (byte) (1 << random.nextInt(8));
          if (random.nextInt(4) == 0) {
            mutant = Arrays.copyOf(mutant, random.nextInt(mutant.length + 2));
          }
          try {
            Entry decoded = Entry.decode(Bytes.wrap(mutant));
            Entry again = Entry.of(decoded.index(), decoded.prev(), decoded.body());
            assertEquals(Bytes.of(mutant), again.bytes());
          } catch (DecodeException e) {
            assertFalse(e.code().isEmpty());
          }
        });
  }

  @Test
  void theLeafHashIsOverZeroAndTheBytes() {
    Entry entry = Entry.of(0, PREV, new TickEntry(0));
    byte[] zero = {0};
    assertEquals(Hash.sha256(zero, entry.bytes().toArray()), entry.leafHash());
    assertEquals(EntryRules.MIN_ENTRY_BYTES, entry.bytes().size());
  }

  @Test
  void refusesAnEntryOneByteTooLarge() throws DecodeException {
    Bytes statement = zeros(TransactionEntry.MAX_STATEMENT_BYTES);
    int overhead = Entry.of(5, PREV, new TransactionEntry(statement, zeros(30_000))).bytes().size();
    int room = Entry.MAX_BYTES - overhead + 30_000;
    Entry largest = Entry.of(5, PREV, new TransactionEntry(statement, zeros(room)));
    assertEquals(Entry.MAX_BYTES, largest.bytes().size());
    assertEquals(largest, Entry.decode(largest.bytes()));
    assertThrows(
        IllegalArgumentException.class,
        () -> Entry.of(5, PREV, new TransactionEntry(statement, zeros(room + 1))));
    assertEquals(
        "entry_too_large",
        codeOf(encoded(1, new CborWriter().array(2).bytes(statement).bytes(zeros(room + 1)))));
  }

  @Test
  void refusesAStatementOneByteTooLarge() throws DecodeException {
    int max = TransactionEntry.MAX_STATEMENT_BYTES;
    Entry.decode(encoded(1, new CborWriter().array(2).bytes(zeros(max)).bytes(Bytes.EMPTY)));
    assertEquals(
        "transaction_too_large",
        codeOf(encoded(1, new CborWriter().array(2).bytes(zeros(max + 1)).bytes(Bytes.EMPTY))));
    assertThrows(
        IllegalArgumentException.class, () -> new TransactionEntry(zeros(max + 1), Bytes.EMPTY));
  }

  @Test
  void refusesAPayloadOneByteTooLarge() throws DecodeException {
    int max = SendEntry.MAX_PAYLOAD_BYTES;
    Entry.decode(encoded(2, new CborWriter().array(4).text("p").uint(1).uint(0).bytes(zeros(max))));
    assertEquals(
        "send_too_large",
        codeOf(
            encoded(2, new CborWriter().array(4).text("p").uint(1).uint(0).bytes(zeros(max + 1)))));
    assertThrows(IllegalArgumentException.class, () -> new SendEntry("p", 1, 0, zeros(max + 1)));
  }

  @Test
  void refusesAReceiveBodyOneByteTooLarge() throws DecodeException {
    // One SEND of 49,000 bytes makes the head of the byte string as long as for the largest.
    Bytes checkpoint = zeros(10);
    int overhead = Entry.of(5, PREV, receive(checkpoint, 40_000)).bytes().size() - 40_000;
    int bodyOverhead = overhead - 1 - 1 - 34 - 1;
    int room = ReceiveEntry.MAX_BODY_BYTES - bodyOverhead;
    Entry largest = Entry.of(5, PREV, receive(checkpoint, room));
    assertEquals(largest, Entry.decode(largest.bytes()));
    assertThrows(
        IllegalArgumentException.class, () -> Entry.of(5, PREV, receive(checkpoint, room + 1)));
    CborWriter body = new CborWriter();
    receive(checkpoint, room + 1).writeTo(body);
    assertEquals("envelope_too_large", codeOf(encoded(3, body)));
    assertEquals(
        "checkpoint_too_large",
        codeOf(
            encoded(
                3,
                new CborWriter()
                    .array(3)
                    .bytes(zeros(SignedCheckpoint.MAX_BYTES + 1))
                    .array(0)
                    .array(0))));
  }

  private static ReceiveEntry receive(Bytes checkpoint, int sendBytes) {
    return new ReceiveEntry(checkpoint, List.of(zeros(sendBytes)), List.of());
  }

  @Test
  void refusesWhatIsNoEntry() {
    Bytes good = Entry.of(5, PREV, new TickEntry(7)).bytes();
    assertEquals(good, encoded(5, new CborWriter().array(1).uint(7)));
    assertEquals("cbor_truncated", codeOf(Bytes.EMPTY));
    assertEquals("cbor_truncated", codeOf(good.slice(0, good.size() - 1)));
    byte[] trailing = Arrays.copyOf(good.toArray(), good.size() + 1);
    assertEquals("cbor_trailing_bytes", codeOf(Bytes.wrap(trailing)));
    assertEquals("unknown_entry_type", codeOf(encoded(10, new CborWriter().array(1).uint(7))));
    assertEquals("unknown_entry_type", codeOf(encoded(1 << 30, new CborWriter().array(1).uint(7))));
    assertEquals(
        "cbor_wrong_length", codeOf(encoded(5, new CborWriter().array(2).uint(7).uint(7))));
    assertEquals(
        "bad_id",
        codeOf(encoded(2, new CborWriter().array(4).text("P").uint(1).uint(0).bytes(Bytes.EMPTY))));
  }

  @Test
  void entriesDifferWhenAnyPartDiffers() {
    Entry entry = Entry.of(5, PREV, new TickEntry(7));
    assertNotEquals(entry, Entry.of(6, PREV, new TickEntry(7)));
    assertNotEquals(entry, Entry.of(5, TestLog.hash("other"), new TickEntry(7)));
    assertNotEquals(entry, Entry.of(5, PREV, new TickEntry(8)));
    assertThrows(IllegalArgumentException.class, () -> Entry.of(-1, PREV, new TickEntry(7)));
    assertThrows(IllegalArgumentException.class, () -> new TickEntry(-1));
    assertThrows(IllegalArgumentException.class, () -> new StateEntry(PREV, -1, 0));
    assertThrows(IllegalArgumentException.class, () -> new StateEntry(PREV, 0, -1));
    assertThrows(IllegalArgumentException.class, () -> new GenesisEntry("A", 1, PREV, PREV));
    assertThrows(IllegalArgumentException.class, () -> new GenesisEntry("a", -1, PREV, PREV));
    assertThrows(IllegalArgumentException.class, () -> new SendEntry("a", 1, -1, Bytes.EMPTY));
  }

  @Test
  void typeCodesAreThoseOfTheFormat() {
    List<EntryType> inOrder = List.of(EntryType.values());
    for (int code = 0; code < inOrder.size(); code++) {
      assertEquals(code, inOrder.get(code).code());
      assertEquals(inOrder.get(code), EntryType.ofCode(code).orElseThrow());
    }
    assertTrue(EntryType.ofCode(-1).isEmpty());
    assertTrue(EntryType.ofCode(10).isEmpty());
    assertTrue(EntryType.ofCode(Long.MAX_VALUE).isEmpty());
  }

  @Test
  void everyBodyIsHandledByTheMethodOfItsType() {
    Seeded.run(
        200,
        random -> {
          EntryBody body = randomBody(random);
          assertEquals(body.type() + " " + body, body.handle(new Describing()));
        });
  }

  private static final class Describing implements EntryBody.Handler<String> {
    @Override
    public String genesis(GenesisEntry body) {
      return "GENESIS " + body;
    }

    @Override
    public String transaction(TransactionEntry body) {
      return "TRANSACTION " + body;
    }

    @Override
    public String send(SendEntry body) {
      return "SEND " + body;
    }

    @Override
    public String receive(ReceiveEntry body) {
      return "RECEIVE " + body;
    }

    @Override
    public String ack(AckEntry body) {
      return "ACK " + body;
    }

    @Override
    public String tick(TickEntry body) {
      return "TICK " + body;
    }

    @Override
    public String challenge(ChallengeEntry body) {
      return "CHALLENGE " + body;
    }

    @Override
    public String decision(DecisionEntry body) {
      return "DECISION " + body;
    }

    @Override
    public String floor(FloorEntry body) {
      return "FLOOR " + body;
    }

    @Override
    public String state(StateEntry body) {
      return "STATE " + body;
    }
  }

  @Test
  void idsHaveOneSpelling() {
    for (String good : List.of("a", "0", "z9", "bank-1", "a".repeat(31), "a-")) {
      assertTrue(Identifier.isValid(good), good);
    }
    for (String bad : List.of("", "-a", "A", "a b", "a/b", "a_b", "ä", "a".repeat(32), "a\n")) {
      assertFalse(Identifier.isValid(bad), bad);
    }
  }
}
