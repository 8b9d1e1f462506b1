package org.probity.demo.fault;

import java.util.function.BooleanSupplier;
import org.probity.detector.codec.Bytes;
import org.probity.detector.program.Context;
import org.probity.detector.program.Program;
import org.probity.detector.program.Submission;
import org.probity.detector.program.Transaction;

/**
 * The ledger's rules but for one deviation. It claims to be the true program, and everything beside
 * that deviation is exactly right, so that only someone who replays the log can tell.
 */
public final class LyingProgram implements Program {
  private final Program truth;
  private final Lie lie;
  private final BooleanSupplier cheating;

  /** Honest as long as {@code cheating} is false. */
  public LyingProgram(Program truth, Lie lie, BooleanSupplier cheating) {
    this.truth = truth;
    this.lie = lie;
    this.cheating = cheating;
  }

  @Override
  public String rules() {
    return truth.rules();
  }

  @Override
  public int transactionFootprint(Transaction transaction) {
    return truth.transactionFootprint(transaction);
  }

  @Override
  public int messageFootprint(Bytes payload) {
    return truth.messageFootprint(payload);
  }

  @Override
  public void initialise(Bytes parameters, Context context) {
    truth.initialise(parameters, context);
  }

  @Override
  public boolean authorises(Submission submission, Context context) {
    return truth.authorises(submission, context);
  }

  @Override
  public Bytes execute(Submission submission, Context context) {
    return cheating.getAsBoolean()
        ? lie.execute(truth, submission, context)
        : truth.execute(submission, context);
  }

  @Override
  public void receive(String from, Bytes payload, Context context) {
    if (cheating.getAsBoolean()) {
      lie.receive(truth, from, payload, context);
    } else {
      truth.receive(from, payload, context);
    }
  }

  @Override
  public void returned(String to, Bytes payload, boolean isTaken, Context context) {
    truth.returned(to, payload, isTaken, context);
  }

  @Override
  public void tick(Context context) {
    truth.tick(context);
  }
}
