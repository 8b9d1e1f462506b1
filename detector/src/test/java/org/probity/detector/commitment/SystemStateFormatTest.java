package org.probity.detector.commitment;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.probity.detector.GoldenFile;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.Member;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Parameters;
import org.probity.detector.node.TestNetwork;
import org.probity.detector.state.PrefixedView;
import org.probity.detector.state.StateTree;
import org.probity.detector.state.WorkingState;

/** The system's part of the state, docs/format/state.md. */
class SystemStateFormatTest {
  private static final GoldenFile DOCUMENT = GoldenFile.read("docs/format/state.md");
  private static final Hash STATEMENT = Hash.sha256(Bytes.utf8("statement").unsafeArray());

  private final PrefixedView view = PrefixedView.system(new WorkingState(StateTree.EMPTY));
  private final SystemState system = new SystemState(view);

  @Test
  void values() throws Exception {
    SystemState.Outgoing outgoing = new SystemState.Outgoing(5, 3);
    DOCUMENT.assertExample("Example: outgoing", outgoing.encode());
    assertEquals(outgoing, SystemState.Outgoing.decode(DOCUMENT.hex("Example: outgoing")));
    SystemState.Remembered remembered = new SystemState.Remembered(STATEMENT, 4711);
    DOCUMENT.assertExample("Example: remembered", remembered.encode());
    assertEquals(remembered, SystemState.Remembered.decode(DOCUMENT.hex("Example: remembered")));
  }

  @Test
  void keys() {
    ChannelId channel = new ChannelId("bank-1");
    system.putTick(1000);
    system.openSend(channel, 7, Bytes.utf8("x"));
    system.putReceived(channel, 9);
    Bytes clientId = Bytes.fromHex("000000000000006400000000000000ff");
    Bytes submitter = Bytes.utf8("submitter");
    system.remember(clientId, submitter, new SystemState.Remembered(STATEMENT, 1));
    String name = Bytes.utf8("bank-1").toHex() + "00";
    assertBound("74", "1903e8");
    assertBound("6f" + name, "820100");
    assertBound(
        "73" + name + "0000000000000000",
        "82075820" + Hash.sha256(Bytes.utf8("x").unsafeArray()).toHex());
    assertBound("69" + name, "09");
    Hash id = Hash.sha256(clientId.unsafeArray(), submitter.unsafeArray());
    assertBound(
        "780000000000000064" + id.toHex().substring(0, 32), "825820" + STATEMENT.toHex() + "01");
    assertEquals(5, view.scan(Bytes.EMPTY, null, 100).size());
  }

  @Test
  void whatGenesisPutsThere() {
    Genesis genesis =
        TestNetwork.of(Parameters.of(1, 2), STATEMENT, Bytes.EMPTY, "a", "b", "c").genesis();
    system.found(genesis);
    assertBound("74", "1b" + "0000018bcfe56800");
    assertBound("70", genesis.parameters().encode().toHex());
    for (Member member : genesis.members()) {
      assertBound("6d" + Bytes.utf8(member.id()).toHex(), member.governanceKey().toBytes().toHex());
    }
    for (NodeRecord node : genesis.nodes()) {
      assertBound("6e" + Bytes.utf8(node.node()).toHex(), node.encode().toHex());
    }
    assertEquals(2 + 3 + 3, view.scan(Bytes.EMPTY, null, 100).size());
  }

  private void assertBound(String key, String value) {
    assertEquals(Bytes.fromHex(value), view.get(Bytes.fromHex(key)), key);
  }
}
