package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.commitment.ChannelId;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.SystemState;
import org.probity.detector.node.Patience;
import org.probity.ledger.client.OrderPlan;
import org.probity.ledger.client.PaymentOrders;
import org.probity.ledger.transaction.KeyPolicy;
import org.probity.ledger.transaction.Operation;

/**
 * SPEC protocol.md §6.5, faults.md "SEND logged, never transmitted": running nodes, one of which
 * logs payments and says nothing to their receivers. Its witnesses deliver them.
 */
@Timeout(240)
class UndeliveredTest {
  private static final String SILENT = "a";
  private static final List<String> NAMES = List.of("a", "b", "c", "d");

  @TempDir Path directory;

  private static RunningNode witnessOf(TestBanks banks, String ward, String not) {
    return NAMES.stream()
        .filter(name -> !name.equals(not))
        .map(banks::node)
        .filter(node -> node.wards().stream().anyMatch(each -> each.node().equals(ward)))
        .findFirst()
        .orElseThrow();
  }

  private static SystemState replayed(Ward ward) {
    return Machine.system(ward.auditedState().orElseThrow());
  }

  private static boolean hasReceivedAll(TestBanks banks, Ward receiver, SystemState sender) {
    long sent = sender.outgoing(ChannelId.to(banks.network.node(receiver.node()))).next();
    return receiver.auditedState().isPresent()
        && replayed(receiver).received(ChannelId.to(banks.network.node(SILENT))) >= sent;
  }

  @Test
  void paymentsArriveThroughWitnesses() throws Exception {
    try (TestBanks banks = new TestBanks(directory, 1, 2, "a", "b", "c", "d")) {
      banks.patience = new Patience(500, 500, 60_000);
      banks.wire.withhold(
          SILENT, InProcessTransport.Message.ENVELOPE, InProcessTransport.Message.CHALLENGE);
      for (String name : NAMES) {
        banks.start(name);
      }
      OrderPlan plan = new OrderPlan(PaymentOrders.generate(7, 60), NAMES);
      KeyPolicy owner = KeyPolicy.single(banks.bankKey.publicKey().toBytes());
      for (String name : NAMES) {
        List<Operation> operations = new ArrayList<>(plan.openings(name, banks.crowns.id(), owner));
        operations.addAll(plan.issues(name, banks.crowns.id(), 1));
        banks.submit(name, operations);
      }
      banks.submit(SILENT, plan.payments(SILENT, 0));
      long size = banks.node(SILENT).facade().ownLog().head().size();

      RunningNode witness = witnessOf(banks, SILENT, SILENT);
      Progress.await(witness, SILENT, ward -> ward.auditedSize() >= size);
      SystemState sent =
          replayed(
              witness.wards().stream()
                  .filter(each -> each.node().equals(SILENT))
                  .findFirst()
                  .orElseThrow());
      boolean isAnythingSent = false;
      for (String name : List.of("b", "c", "d")) {
        isAnythingSent |= sent.outgoing(ChannelId.to(banks.network.node(name))).next() > 0;
        Progress.await(
            witnessOf(banks, name, SILENT), name, ward -> hasReceivedAll(banks, ward, sent));
      }
      assertTrue(isAnythingSent, "no payment leaves " + SILENT);

      // Once it speaks again, it learns that everything has arrived, and logs it.
      banks.wire.relent(SILENT);
      Progress.await(
          witness,
          SILENT,
          ward ->
              List.of("b", "c", "d").stream()
                  .map(name -> replayed(ward).outgoing(ChannelId.to(banks.network.node(name))))
                  .allMatch(channel -> channel.acked() == channel.next()));
      for (String name : NAMES) {
        assertEquals(List.of(), banks.node(name).facade().evidenceFiles(), name);
      }
    }
  }
}
