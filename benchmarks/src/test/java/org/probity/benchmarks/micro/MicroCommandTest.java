package org.probity.benchmarks.micro;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.probity.node.cli.Probity;

class MicroCommandTest {

  /** JMH prints to System.out itself. */
  @Test
  void handsItsArgumentsToJmhInTheirOrder() {
    PrintStream before = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    int exit;
    try {
      System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
      exit =
          Probity.run(
              new ByteArrayInputStream(new byte[0]),
              System.out,
              System.out,
              "bench",
              "micro",
              "-f",
              "1",
              "-l",
              "CoreBenchmark");
    } finally {
      System.setOut(before);
    }

    String listed = printed.toString(StandardCharsets.UTF_8);
    assertEquals(0, exit, listed);
    assertTrue(listed.contains(CoreBenchmark.class.getName() + ".singleTransfers"), listed);
    assertTrue(!listed.contains(CommitBenchmark.class.getName()), listed);
  }
}
