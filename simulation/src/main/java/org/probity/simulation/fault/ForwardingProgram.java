package org.probity.simulation.fault;

import org.probity.detector.codec.Bytes;
import org.probity.detector.program.Context;
import org.probity.detector.program.Program;
import org.probity.detector.program.Submission;
import org.probity.detector.program.Transaction;

/** Does as the true program does, and says it is that one; subclasses depart from that. */
public abstract class ForwardingProgram implements Program {
  protected final Program truth;

  protected ForwardingProgram(Program truth) {
    this.truth = truth;
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
    return truth.execute(submission, context);
  }

  @Override
  public void receive(String from, Bytes payload, Context context) {
    truth.receive(from, payload, context);
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
