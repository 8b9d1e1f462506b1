package org.probity.detector.node;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.program.Context;
import org.probity.detector.program.Program;
import org.probity.detector.program.Submission;
import org.probity.detector.program.Transaction;
import org.probity.detector.state.StateTree;

/**
 * The tiny service of the paper (PeerReview §3): put and get of objects, and a copy of every object
 * whose key names a peer is sent to that peer. Body: {@code key=value}; {@code value} missing
 * reads. What is too long for the state is an outcome, and a message that is no object is ignored:
 * nobody's input makes it throw.
 */
public class ObjectStore implements Program {

  @Override
  public String rules() {
    return "object-store/1";
  }

  @Override
  public void initialise(Bytes parameters, Context context) {
    context.state().put(Bytes.utf8("founded"), Bytes.utf8("yes"));
  }

  /** One object and the mark of its absence: a constant that the system's own share covers. */
  @Override
  public int transactionFootprint(Transaction transaction) {
    return 0;
  }

  @Override
  public int messageFootprint(Bytes payload) {
    return 0;
  }

  @Override
  public boolean authorises(Submission submission, Context context) {
    return !submission.transaction().submitter().equals(Bytes.utf8("nobody"));
  }

  @Override
  public Bytes execute(Submission submission, Context context) {
    String[] put = text(submission.body()).split("=", 2);
    Bytes key = Bytes.utf8(put[0]);
    if (put.length == 1 && !isObject(key, Bytes.EMPTY)) {
      return Bytes.utf8("absent");
    }
    if (put.length == 1) {
      @Nullable Bytes value = context.state().get(key);
      return value == null ? Bytes.utf8("absent") : value;
    }
    if (!isObject(key, Bytes.utf8(put[1]))) {
      return Bytes.utf8("too long");
    }
    context.state().put(key, Bytes.utf8(put[1]));
    if (put[1].equals("undo")) {
      context.rollback();
      return Bytes.utf8("undone");
    }
    String peer = put[0].split("/", 2)[0];
    if (context.isPeer(peer)) {
      context.send(peer, submission.body());
    }
    return Bytes.utf8("stored");
  }

  @Override
  public void receive(String from, Bytes payload, Context context) {
    String[] put = text(payload).split("=", 2);
    Bytes key = Bytes.utf8("from " + from + " " + put[0]);
    if (put.length == 1 || !isObject(key, Bytes.utf8(put[1]))) {
      return;
    }
    context.state().put(key, Bytes.utf8(put[1]));
    if (put[1].startsWith("ping")) {
      context.send(from, Bytes.utf8(put[0] + "=pong"));
    }
  }

  @Override
  public void returned(String to, Bytes payload, boolean isTaken, Context context) {
    String[] put = text(payload).split("=", 2);
    Bytes key = Bytes.utf8("returned by " + to + " " + put[0]);
    if (isObject(key, Bytes.EMPTY)) {
      context.state().put(key, Bytes.utf8(isTaken ? "taken" : "never arrived"));
    }
  }

  @Override
  public void tick(Context context) {}

  /** The application's keys have a prefix of one byte. */
  private static boolean isObject(Bytes key, Bytes value) {
    return !key.isEmpty()
        && key.size() < StateTree.MAX_KEY_BYTES
        && value.size() <= StateTree.MAX_VALUE_BYTES;
  }

  private static String text(Bytes bytes) {
    return new String(bytes.toArray(), StandardCharsets.UTF_8);
  }
}
