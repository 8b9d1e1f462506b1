package org.probity.node.testing;

import java.util.List;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.program.Context;
import org.probity.detector.program.Program;
import org.probity.detector.program.Submission;
import org.probity.detector.program.Transaction;
import org.probity.ledger.transaction.Outcome;
import org.probity.ledger.transaction.ResultCode;

/** Executes the ledger's rules, but says that all is well to whoever has nothing left. */
public final class Generous implements Program {
  private final Program honest;

  public Generous(Program honest) {
    this.honest = honest;
  }

  @Override
  public String rules() {
    return honest.rules();
  }

  @Override
  public int transactionFootprint(Transaction transaction) {
    return honest.transactionFootprint(transaction);
  }

  @Override
  public int messageFootprint(Bytes payload) {
    return honest.messageFootprint(payload);
  }

  @Override
  public void initialise(Bytes parameters, Context context) {
    honest.initialise(parameters, context);
  }

  @Override
  public boolean authorises(Submission submission, Context context) {
    return honest.authorises(submission, context);
  }

  @Override
  public Bytes execute(Submission submission, Context context) {
    Bytes outcome = honest.execute(submission, context);
    try {
      return Outcome.decode(outcome).code() == ResultCode.INSUFFICIENT_FUNDS
          ? new Outcome.Accepted(List.of()).encode()
          : outcome;
    } catch (DecodeException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void receive(String from, Bytes payload, Context context) {
    honest.receive(from, payload, context);
  }

  @Override
  public void returned(String to, Bytes payload, boolean isTaken, Context context) {
    honest.returned(to, payload, isTaken, context);
  }

  @Override
  public void tick(Context context) {
    honest.tick(context);
  }
}
