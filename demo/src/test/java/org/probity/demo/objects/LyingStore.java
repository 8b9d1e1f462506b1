package org.probity.demo.objects;

import java.util.function.UnaryOperator;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.program.Context;
import org.probity.detector.program.Program;
import org.probity.detector.program.Submission;
import org.probity.detector.program.Transaction;
import org.probity.detector.state.StateView;

/**
 * The store as a culprit runs it: it claims to be the true one and departs from it in one point.
 */
final class LyingStore implements Program {

  /** What it does wrong from the moment {@link LyingStore#lie} is called. */
  enum Lie {
    /** Answers that there is no such object. */
    DENIES_OBJECTS("outcome_differs"),
    /** Answers with another content. */
    ALTERS_ANSWERS("outcome_differs"),
    /** Answers {@code stored} and stores nothing. */
    FORGETS_PUTS("state_root_differs"),
    /** Lets a client put what belongs to another. */
    IGNORES_OWNERS("outcome_differs"),
    /** Sends no copies. */
    KEEPS_COPIES("send_missing"),
    /** Sends copies with another content. */
    ALTERS_COPIES("send_differs"),
    /** Stores other content than the copy it received. */
    ALTERS_RECEIVED("state_root_differs");

    final String code;

    Lie(String code) {
      this.code = code;
    }
  }

  private final Program truth = new ObjectStoreProgram();
  private final Lie lie;
  private boolean lying;

  LyingStore(Lie lie) {
    this.lie = lie;
  }

  void lie() {
    lying = true;
  }

  private boolean does(Lie what) {
    return lying && lie == what;
  }

  @Override
  public String rules() {
    return truth.rules();
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
  public int transactionFootprint(Transaction transaction) {
    return truth.transactionFootprint(transaction);
  }

  @Override
  public int messageFootprint(Bytes payload) {
    return truth.messageFootprint(payload);
  }

  @Override
  public Bytes execute(Submission submission, Context context) {
    ObjectOperation operation = decoded(submission);
    if (operation instanceof ObjectOperation.Get) {
      Bytes honest = truth.execute(submission, context);
      if (does(Lie.DENIES_OBJECTS)) {
        return ObjectResult.of(ObjectResult.Code.NO_SUCH_OBJECT).encode();
      }
      return does(Lie.ALTERS_ANSWERS) ? ObjectResult.found(Bytes.utf8("forged")).encode() : honest;
    }
    Bytes honest = truth.execute(submission, sending(context));
    if (does(Lie.FORGETS_PUTS)) {
      context.rollback();
    }
    return does(Lie.IGNORES_OWNERS) ? ObjectResult.of(ObjectResult.Code.STORED).encode() : honest;
  }

  private static ObjectOperation decoded(Submission submission) {
    try {
      return ObjectOperation.decode(submission.body());
    } catch (DecodeException e) {
      throw new AssertionError(e);
    }
  }

  private Context sending(Context context) {
    if (does(Lie.KEEPS_COPIES)) {
      return new Altered(context, null);
    }
    return does(Lie.ALTERS_COPIES) ? new Altered(context, LyingStore::altered) : context;
  }

  private static Bytes altered(Bytes payload) {
    try {
      ObjectCopy copy = ObjectCopy.decode(payload);
      return new ObjectCopy(copy.name(), copy.owner(), Bytes.utf8("forged")).encode();
    } catch (DecodeException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void receive(String from, Bytes payload, Context context) {
    truth.receive(from, does(Lie.ALTERS_RECEIVED) ? altered(payload) : payload, context);
  }

  @Override
  public void returned(String to, Bytes payload, boolean isTaken, Context context) {
    truth.returned(to, payload, isTaken, context);
  }

  @Override
  public void tick(Context context) {
    truth.tick(context);
  }

  /** A context that sends something else, or nothing. */
  private record Altered(Context truth, UnaryOperator<Bytes> sent) implements Context {
    @Override
    public String self() {
      return truth.self();
    }

    @Override
    public long nowMillis() {
      return truth.nowMillis();
    }

    @Override
    public boolean isPeer(String node) {
      return truth.isPeer(node);
    }

    @Override
    public StateView state() {
      return truth.state();
    }

    @Override
    public void send(String to, Bytes payload) {
      if (sent != null) {
        truth.send(to, sent.apply(payload));
      }
    }

    @Override
    public void rollback() {
      truth.rollback();
    }
  }
}
