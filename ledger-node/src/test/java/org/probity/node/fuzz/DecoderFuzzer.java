package org.probity.node.fuzz;

import org.probity.detector.codec.Bytes;

/**
 * What Jazzer runs: one decoder, named by the system property {@value #TARGET}, on one input after
 * the other.
 */
public final class DecoderFuzzer {
  /** Name of a {@link FuzzTarget}. */
  static final String TARGET = "probity.fuzz.target";

  private static final FuzzTarget DECODER =
      FuzzTargets.named(String.valueOf(System.getProperty(TARGET)));

  private DecoderFuzzer() {}

  /** Called by Jazzer first: classes are loaded here, and not at the expense of an input. */
  public static void fuzzerInitialize() {
    Examples.all().forEach(DECODER::takes);
  }

  /** Called by Jazzer; whatever is thrown is a finding. */
  public static void fuzzerTestOneInput(byte[] input) {
    DECODER.takes(Bytes.of(input));
  }
}
