package org.probity.simulation.oracle;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class SeatFormulaTest {
  @Test
  void theScoreIsThatOfTheExampleInTheFormat() {
    // docs/format/genesis.md: member m-b for the seats of node a.
    assertEquals(
        "82774ca7383b60588614e313fd7b9bacef1ecf3cb8ce9c1025b0232868deb194",
        HexFormat.of().formatHex(SeatFormula.score("member", 0, "a", "m-b")));
  }
}
