package org.probity.demo.objects;

import java.util.List;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.program.Context;
import org.probity.detector.program.Submission;
import org.probity.simulation.fault.ForwardingProgram;
import org.probity.simulation.fault.OtherSends;

/**
 * The store as a culprit runs it: it claims to be the true one and departs from it in one point.
 */
final class LyingStore extends ForwardingProgram {

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

  private final Lie lie;
  private boolean lying;

  LyingStore(Lie lie) {
    super(new ObjectStoreProgram());
    this.lie = lie;
  }

  void lie() {
    lying = true;
  }

  private boolean does(Lie what) {
    return lying && lie == what;
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
      return new OtherSends(context, payload -> List.of());
    }
    return does(Lie.ALTERS_COPIES)
        ? new OtherSends(context, payload -> List.of(altered(payload)))
        : context;
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
}
