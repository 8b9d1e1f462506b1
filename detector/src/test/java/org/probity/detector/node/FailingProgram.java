package org.probity.detector.node;

import org.probity.detector.codec.Bytes;
import org.probity.detector.program.Context;
import org.probity.detector.program.Submission;

/** The object store with a bug: it writes and then throws at one transaction. */
public final class FailingProgram extends ObjectStore {
  /** The body it throws at. */
  public static final String POISON = "poison=drop";

  /** What it throws. */
  public static final class Planted extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Planted() {
      super("planted");
    }
  }

  @Override
  public Bytes execute(Submission submission, Context context) {
    Bytes outcome = super.execute(submission, context);
    if (submission.body().equals(Bytes.utf8(POISON))) {
      throw new Planted();
    }
    return outcome;
  }
}
