package org.probity.node.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whoever waits for a witness that is away is told how far it got, and what is missing. */
@Timeout(120)
class WaitInVainTest {
  @TempDir private Path temporary;

  @Test
  void theReceiptStaysRecorded() throws Exception {
    try (RunningConsortium banks =
        new RunningConsortium(temporary.resolve("banks"), UnaryOperator.identity())) {
      // The only witness of bank-a.
      banks.node("bank-b").stop();
      Map<String, String> missing =
          Map.of(
              "witnessed", "1 of the node's 1 witnesses must have cosigned",
              "audited", "1 of the node's 1 witnesses must have replayed it");
      for (Map.Entry<String, String> wanted : missing.entrySet()) {
        RunningConsortium.Run late =
            banks.json(
                "account",
                "open",
                wanted.getKey(),
                "--asset=CZK",
                "--node=bank-a",
                "--key=" + banks.operatorKey("member-a"),
                "--receipt=" + temporary.resolve(wanted.getKey()),
                "--wait=" + wanted.getKey(),
                "--timeout=1");

        assertEquals(1, late.exit(), late.err());
        assertTrue(late.err().contains("\"not_" + wanted.getKey() + "\""), late.err());
        assertTrue(late.err().contains("only recorded: " + wanted.getValue()), late.err());
        assertEquals(
            List.of("txId", "index", "outcome", "receiptFile"),
            RunningConsortium.fields(late.json()),
            "it is recorded, whatever is waited for");
      }
    }
  }
}
