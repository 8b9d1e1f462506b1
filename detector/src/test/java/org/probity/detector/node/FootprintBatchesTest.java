package org.probity.detector.node;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.ChannelId;
import org.probity.detector.commitment.Machine;
import org.probity.detector.crypto.Signer;
import org.probity.detector.crypto.Statement;
import org.probity.detector.governance.Parameters;
import org.probity.detector.log.Entry;
import org.probity.detector.log.EntryBody;
import org.probity.detector.log.LogReader;
import org.probity.detector.log.ReceiveEntry;
import org.probity.detector.log.StateEntry;
import org.probity.detector.log.TransactionEntry;

/** A correct node keeps to the bound on footprints by itself, whatever its clients send. */
class FootprintBatchesTest {
  private static final Signer CLIENT = TestNetwork.signer("client");

  private final WeightyStore program = new WeightyStore();
  private final TestConsortium consortium =
      new TestConsortium(
          TestNetwork.of(Parameters.of(1, 2), program.id(), Bytes.EMPTY, "alpha", "beta", "gamma"),
          program);
  private final TestConsortium.Member alpha = consortium.member("alpha");
  private final TestConsortium.Member beta = consortium.member("beta");

  @Test
  void heavyTransactionsShareABatchAsFarAsTheyMay() throws Exception {
    for (int i = 0; i < 5; i++) {
      submit(i, "key" + i + "=20000");
    }
    consortium.run();

    assertEquals(List.of(2, 2, 1), inputsPerBatch(alpha.log(), TransactionEntry.class));
    assertReplays(alpha);
  }

  @Test
  void heavyMessagesShareAnEnvelopeAsFarAsTheyMay() throws Exception {
    for (int i = 0; i < 5; i++) {
      submit(i, "beta/" + i + "=20000");
    }
    consortium.run();

    assertEquals(List.of(2, 2, 1), sendsPerReceive(beta.log()));
    assertEquals(List.of(), beta.refusals());
    ChannelId channel = ChannelId.to(beta.machine().self());
    assertEquals(
        5,
        Machine.system(alpha.node().published().orElseThrow().state()).outgoing(channel).acked());
    assertReplays(alpha);
    assertReplays(beta);
  }

  @Test
  void whatIsRefusedEndsNoBatch() throws Exception {
    for (int i = 0; i < 5; i++) {
      submit(2L * i, "key" + i + "=100");
      Statement stranger = consortium.sign(CLIENT, "alpha", 2L * i + 1, "nobody", "k=57000");
      consortium.submit("alpha", stranger);
    }
    consortium.run();

    assertEquals(List.of(5), inputsPerBatch(alpha.log(), TransactionEntry.class));
    assertReplays(alpha);
  }

  private void submit(long id, String body) {
    consortium.submit("alpha", consortium.sign(CLIENT, "alpha", id, "c", body));
  }

  private static List<EntryBody> bodies(LogReader log) throws DecodeException {
    List<EntryBody> bodies = new ArrayList<>();
    for (long i = 0; i < log.size(); i++) {
      bodies.add(Entry.decode(log.entry(i)).body());
    }
    return bodies;
  }

  private static List<Integer> inputsPerBatch(LogReader log, Class<? extends EntryBody> type)
      throws DecodeException {
    List<Integer> counts = new ArrayList<>();
    int count = 0;
    for (EntryBody body : bodies(log)) {
      if (type.isInstance(body)) {
        count++;
      } else if (body instanceof StateEntry && count > 0) {
        counts.add(count);
        count = 0;
      }
    }
    return counts;
  }

  private static List<Integer> sendsPerReceive(LogReader log) throws DecodeException {
    return bodies(log).stream()
        .filter(ReceiveEntry.class::isInstance)
        .map(body -> ((ReceiveEntry) body).sends().size())
        .toList();
  }

  private static void assertReplays(TestConsortium.Member member) throws Exception {
    Restore.replay(
        member.machine(),
        member.log(),
        member.log().newest().orElseThrow(),
        0,
        member.machine().initialState());
  }
}
