package org.probity.simulation.fault;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongPredicate;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.program.Context;
import org.probity.detector.program.Program;
import org.probity.detector.program.Submission;
import org.probity.ledger.transaction.ResultCode;
import org.probity.ledger.transaction.SettlementMessage;

/**
 * A lying program that notices when a lie has made a difference, and says so. Whether it lies is a
 * matter of ledger time alone: so it can be started anew on the log that it has lied in.
 */
final class WatchedLies extends ForwardingProgram {
  private final LyingProgram liar;
  private final LongPredicate isLying;
  private final Runnable hasLied;

  /**
   * @param isLying at a ledger time
   */
  WatchedLies(Program truth, Lie lie, LongPredicate isLying, Runnable hasLied) {
    super(truth);
    this.liar = new LyingProgram(truth, lie, () -> true);
    this.isLying = isLying;
    this.hasLied = hasLied;
  }

  @Override
  public Bytes execute(Submission submission, Context context) {
    if (!isLying.test(context.nowMillis())) {
      return truth.execute(submission, context);
    }
    Sends honestSends = new Sends(context);
    Bytes honest = truth.execute(submission, honestSends);
    context.rollback();
    Sends sends = new Sends(context);
    Bytes said = liar.execute(submission, sends);
    if (!said.equals(honest) || !sends.payloads.equals(honestSends.payloads)) {
      hasLied.run();
    }
    return said;
  }

  @Override
  public void receive(String from, Bytes payload, Context context) {
    if (!isLying.test(context.nowMillis())) {
      truth.receive(from, payload, context);
      return;
    }
    Sends sends = new Sends(context);
    liar.receive(from, payload, sends);
    if (liar.isAboutReceipts() && sends.payloads.stream().anyMatch(WatchedLies::saysCredited)) {
      hasLied.run();
    }
  }

  /** What is refused is credited neither once nor twice. */
  private static boolean saysCredited(Bytes payload) {
    try {
      return SettlementMessage.decode(payload) instanceof SettlementMessage.Results results
          && results.groups().stream().anyMatch(group -> group.codes().contains(ResultCode.OK));
    } catch (DecodeException e) {
      return false;
    }
  }

  private static final class Sends extends ForwardingContext {
    private final List<Bytes> payloads = new ArrayList<>();

    Sends(Context truth) {
      super(truth);
    }

    @Override
    public void send(String to, Bytes payload) {
      payloads.add(payload);
      super.send(to, payload);
    }

    @Override
    public void rollback() {
      payloads.clear();
      super.rollback();
    }
  }
}
