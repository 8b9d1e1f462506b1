package org.probity.detector.node;

import java.nio.charset.StandardCharsets;
import org.probity.detector.codec.Bytes;
import org.probity.detector.program.Context;
import org.probity.detector.program.Transaction;

/** An object store whose objects say themselves what they cost in a proof: {@code key=12345}. */
public final class WeightyStore extends ObjectStore {
  @Override
  public int transactionFootprint(Transaction transaction) {
    return weight(transaction.body());
  }

  @Override
  public int messageFootprint(Bytes payload) {
    return weight(payload);
  }

  @Override
  public void receive(String from, Bytes payload, Context context) {
    context.state().put(Bytes.utf8("last from " + from), payload);
  }

  private static int weight(Bytes put) {
    String text = new String(put.toArray(), StandardCharsets.UTF_8);
    return Integer.parseInt(text.substring(text.indexOf('=') + 1));
  }
}
