package org.probity.detector.node;

import java.nio.charset.StandardCharsets;
import org.probity.detector.codec.Bytes;
import org.probity.detector.program.Context;
import org.probity.detector.program.Transaction;

/**
 * An object store whose objects say themselves what they cost in a proof: {@code key=12345}. Who
 * sends one whose key begins with {@code ask} gets an answer that costs as much.
 */
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
    String text = new String(payload.toArray(), StandardCharsets.UTF_8);
    if (text.startsWith("ask")) {
      context.send(from, Bytes.utf8("got" + text.substring(3)));
    }
  }

  private static int weight(Bytes put) {
    String text = new String(put.toArray(), StandardCharsets.UTF_8);
    return Integer.parseInt(text.substring(text.indexOf('=') + 1));
  }
}
