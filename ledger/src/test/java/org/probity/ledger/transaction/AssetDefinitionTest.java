package org.probity.ledger.transaction;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.probity.detector.Seeded;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.codec.Uint128;

class AssetDefinitionTest {
  private static final KeyPolicy ISSUER = KeyPolicy.single(Bytes.of(new byte[32]));

  private static AssetDefinition ofScale(int scale) {
    return new AssetDefinition("X", scale, ISSUER, 0);
  }

  @Test
  void everyPartOfTheDefinitionIsInTheId() {
    Set<AssetId> ids = new HashSet<>();
    ids.add(new AssetDefinition("X", 2, ISSUER, 0).id());
    ids.add(new AssetDefinition("Y", 2, ISSUER, 0).id());
    ids.add(new AssetDefinition("X", 3, ISSUER, 0).id());
    ids.add(new AssetDefinition("X", 2, ISSUER, 1).id());
    byte[] other = new byte[32];
    other[0] = 1;
    ids.add(new AssetDefinition("X", 2, KeyPolicy.single(Bytes.wrap(other)), 0).id());
    assertEquals(5, ids.size());
    assertEquals(ofScale(2).id(), ofScale(2).id());
  }

  @Test
  void hasLimits() {
    new AssetDefinition("A23456789012", 18, ISSUER, AssetDefinition.FREEZABLE_BY_ISSUER);
    for (String code : List.of("", "A234567890123", "1A", "a", "A-B", "Ä")) {
      assertThrows(
          IllegalArgumentException.class, () -> new AssetDefinition(code, 0, ISSUER, 0), code);
    }
    assertThrows(IllegalArgumentException.class, () -> ofScale(19));
    assertThrows(IllegalArgumentException.class, () -> ofScale(-1));
    assertThrows(IllegalArgumentException.class, () -> new AssetDefinition("X", 0, ISSUER, 2));
  }

  @Test
  void writesAmountsAsPeopleDo() {
    assertEquals("0", ofScale(0).format(Uint128.ZERO));
    assertEquals("0.00", ofScale(2).format(Uint128.ZERO));
    assertEquals("0.07", ofScale(2).format(Uint128.of(7)));
    assertEquals("2452.00", ofScale(2).format(Uint128.of(245_200)));
    assertEquals("340282366920938463463.374607431768211455", ofScale(18).format(Uint128.MAX));
  }

  @Test
  void readsAmountsExactly() {
    assertEquals(Amount.of(245_200), ofScale(2).parse("2452.00"));
    assertEquals(Amount.of(245_250), ofScale(2).parse("2452.5"));
    assertEquals(Amount.of(245_200), ofScale(2).parse("2452"));
    assertEquals(Amount.of(7), ofScale(0).parse("7"));
    assertEquals(Amount.of(7), ofScale(0).parse("0".repeat(40) + "7"));
    assertEquals(Amount.MAX, ofScale(0).parse("18446744073709551615"));
    assertEquals(Amount.MAX, ofScale(18).parse("18.446744073709551615"));
    for (String bad :
        List.of("", ".", "1.", ".5", "1.000", "-1", "+1", "1e3", "1,0", "1.0.0", "٣")) {
      String message = refusal(2, bad);
      assertEquals("not an amount of X with at most 2 decimals", message, bad);
    }
  }

  @Test
  void saysWhatTheMostIsThatOneOperationMoves() {
    assertEquals(
        "more than one operation can move, which is 184467440737095516.15 X: use several",
        refusal(2, "184467440737095516.16"));
    assertEquals(
        "more than one operation can move, which is 18.446744073709551615 X: use several",
        refusal(18, "19"));
    for (String more : List.of("18446744073709551616", "1" + "0".repeat(60))) {
      assertEquals(
          "more than one operation can move, which is 18446744073709551615 X: use several",
          refusal(0, more));
    }
  }

  private static String refusal(int scale, String amount) {
    return String.valueOf(
        assertThrows(NumberFormatException.class, () -> ofScale(scale).parse(amount), amount)
            .getMessage());
  }

  @Test
  void readsWhatItWrites() {
    Seeded.run(
        500,
        random -> {
          AssetDefinition asset = ofScale(random.nextInt(19));
          Amount amount = new Amount(random.nextLong() >>> random.nextInt(64));
          assertEquals(amount, asset.parse(asset.format(amount)));
        });
  }

  @Test
  void genesisParametersAreSortedAndHaveNoDuplicates() throws DecodeException {
    AssetDefinition one = ofScale(1);
    AssetDefinition two = ofScale(2);
    LedgerParameters parameters = new LedgerParameters(List.of(one, two), new TreeMap<>());
    assertEquals(parameters, new LedgerParameters(List.of(two, one), new TreeMap<>()));
    assertEquals(parameters, LedgerParameters.decode(parameters.encode()));
    assertThrows(
        IllegalArgumentException.class,
        () -> new LedgerParameters(List.of(one, one), new TreeMap<>()));
    CborWriter descending = new CborWriter().array(3).uint(1).array(2);
    parameters.assets().get(1).write(descending);
    parameters.assets().get(0).write(descending);
    descending.array(0);
    assertThrows(DecodeException.class, () -> LedgerParameters.decode(descending.toBytes()));
    CborWriter operators = new CborWriter().array(3).uint(1).array(0).array(2);
    for (String node : List.of("b", "a")) {
      operators.array(2).text(node);
      ISSUER.write(operators);
    }
    assertThrows(DecodeException.class, () -> LedgerParameters.decode(operators.toBytes()));
    assertNotEquals(one.id(), two.id());
  }
}
