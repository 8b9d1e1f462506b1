package org.probity.ledger.transaction;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;
import org.probity.ledger.transaction.SettlementMessage.Credit;

class ReferencesTest {
  private static final AccountId SOMEBODY = AccountId.named("somebody");

  @Test
  void acceptsEachFieldUpToItsLimit() {
    References.endToEnd("A");
    References.endToEnd("az AZ 09 /-?:().,'+ ........ 35 long".substring(0, 35));
    References.NONE.withPurpose("B").withPurpose("SALA").withPurpose("12");
    References.NONE.withUetr(Bytes.fromHex("ffffffffffff4fffbfffffffffffffff"));
    References.NONE.withCreditorReference("RF18539007547034");
    References.NONE.withLei("529900T8BM49AURSDO55");
  }

  @Test
  void refusesWhatIsTooLongOrOfOtherCharacters() {
    for (String text : List.of("x".repeat(36), "ö", "a\nb", "a\u0000", "a_b", "a;b", "<a>")) {
      assertThrows(IllegalArgumentException.class, () -> References.endToEnd(text), text);
    }
    for (String text : List.of("SALAR", "sala", "S-", "Ä")) {
      assertThrows(IllegalArgumentException.class, () -> References.NONE.withPurpose(text), text);
    }
    for (String hex :
        List.of("00", "ffffffffffff1fffbfffffffffffffff", "ffffffffffff4fffffffffffffffffff")) {
      assertThrows(
          IllegalArgumentException.class, () -> References.NONE.withUetr(Bytes.fromHex(hex)), hex);
    }
    for (String text :
        List.of("RF18539007547035", "RF81539007547034", "RF18", "XX18539007547034", "RF1")) {
      assertThrows(
          IllegalArgumentException.class, () -> References.NONE.withCreditorReference(text), text);
    }
    for (String text : List.of("529900T8BM49AURSDO54", "529900T8BM49AURSDO5", "5299")) {
      assertThrows(IllegalArgumentException.class, () -> References.NONE.withLei(text), text);
    }
  }

  @Test
  void decodesOneFormOnly() throws DecodeException {
    assertEquals(References.NONE, read(new CborWriter().array(0)));
    assertEquals(
        References.endToEnd("X").withPurpose("SALA"),
        read(new CborWriter().array(4).uint(1).text("X").uint(3).text("SALA")));
    for (CborWriter bad :
        List.of(
            new CborWriter().array(1).uint(1),
            new CborWriter().array(3).uint(1).text("X").uint(3),
            new CborWriter().array(2).uint(0).text("X"),
            new CborWriter().array(2).uint(6).text("X"),
            new CborWriter().array(2).uint(1).text(""),
            new CborWriter().array(2).uint(2).bytes(Bytes.EMPTY),
            new CborWriter().array(4).uint(3).text("SALA").uint(1).text("X"),
            new CborWriter().array(4).uint(1).text("X").uint(1).text("X"),
            new CborWriter().array(2).uint(1).text("ö"),
            new CborWriter().array(2).uint(5).text("529900T8BM49AURSDO54"))) {
      assertThrows(DecodeException.class, () -> read(bad), () -> bad.toBytes().toHex());
    }
  }

  private static References read(CborWriter encoded) throws DecodeException {
    CborReader in = new CborReader(encoded.toBytes());
    References references = References.read(in);
    in.end();
    return references;
  }

  @Test
  void aCreditSaysHowLongItIsBeforeItIsWritten() {
    References references = References.NONE;
    assertLength(references);
    assertLength(references.withEndToEndId("x".repeat(23)));
    assertLength(references.withEndToEndId("x".repeat(24)));
    references = references.withEndToEndId("x".repeat(35)).withPurpose("SALA");
    assertLength(references);
    references = references.withUetr(Bytes.fromHex("00000000000040008000000000000000"));
    assertLength(references);
    references = references.withLei("529900T8BM49AURSDO55");
    assertLength(references.withCreditorReference("RF18539007547034"));
  }

  private static void assertLength(References references) {
    Credit credit = new Credit(SOMEBODY, SOMEBODY, Amount.MAX, references);
    CborWriter out = new CborWriter();
    credit.write(out);
    assertEquals(out.size(), credit.encodedBytes());
  }
}
