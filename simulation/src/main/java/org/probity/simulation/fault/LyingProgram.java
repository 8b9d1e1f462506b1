package org.probity.simulation.fault;

import java.util.function.BooleanSupplier;
import org.probity.detector.codec.Bytes;
import org.probity.detector.program.Context;
import org.probity.detector.program.Program;
import org.probity.detector.program.Submission;

/**
 * The ledger's rules but for one deviation. It claims to be the true program, and everything beside
 * that deviation is exactly right, so that only someone who replays the log can tell.
 */
public final class LyingProgram extends ForwardingProgram {
  private final Lie lie;
  private final BooleanSupplier cheating;

  /** Honest as long as {@code cheating} is false. */
  public LyingProgram(Program truth, Lie lie, BooleanSupplier cheating) {
    super(truth);
    this.lie = lie;
    this.cheating = cheating;
  }

  @Override
  public Bytes execute(Submission submission, Context context) {
    return cheating.getAsBoolean()
        ? lie.execute(truth, submission, context)
        : super.execute(submission, context);
  }

  @Override
  public void receive(String from, Bytes payload, Context context) {
    if (cheating.getAsBoolean()) {
      lie.receive(truth, from, payload, context);
    } else {
      super.receive(from, payload, context);
    }
  }

  /** Whether it lies about messages that come in. */
  boolean isAboutReceipts() {
    return lie == Lie.DOUBLE_CREDIT;
  }
}
