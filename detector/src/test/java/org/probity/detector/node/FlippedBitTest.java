package org.probity.detector.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.Signer;
import org.probity.detector.governance.Parameters;
import org.probity.detector.log.Entry;
import org.probity.detector.log.LogReader;
import org.probity.detector.log.StateEntry;
import org.probity.detector.state.StateTree;

/**
 * What the disk has changed is found before it is signed over: the entry that a restored node goes
 * on from is part of what it says next.
 */
class FlippedBitTest {
  private static final Signer CLIENT = TestNetwork.signer("client");

  private final ObjectStore program = new ObjectStore();
  private final TestConsortium consortium =
      new TestConsortium(
          TestNetwork.of(Parameters.of(1, 2), program.id(), Bytes.EMPTY, "a", "b", "c"), program);

  @Test
  void noBitOfTheLogFromTheFlushedStateOnMayFlip() throws Exception {
    TestConsortium.Member a = consortium.member("a");
    for (int i = 0; i < 3; i++) {
      consortium.submit("a", consortium.sign(CLIENT, "a", i, "c", "k=" + i));
      consortium.run();
    }
    long last = a.log().size() - 1;
    StateTree end = a.node().published().orElseThrow().state();
    assertEquals(last + 1, replay(a, a.log(), last, end).end().frontier().size());
    for (int bit = 0; bit < 8 * a.log().entry(last).size(); bit++) {
      LogReader disk = flipped(a.log(), last, bit);
      assertThrows(Restore.RestoreException.class, () -> replay(a, disk, last, end));
    }
    // The same for every entry of the tail, whichever state is flushed.
    StateTree start = a.machine().initialState();
    assertEquals(
        ((StateEntry) Entry.decode(a.log().entry(last)).body()).stateRoot(),
        replay(a, a.log(), 0, start).end().state().root());
    for (long index = 0; index <= last; index++) {
      for (int bit = 0; bit < 8 * a.log().entry(index).size(); bit += 37) {
        LogReader disk = flipped(a.log(), index, bit);
        assertThrows(Restore.RestoreException.class, () -> replay(a, disk, 0, start));
      }
    }
  }

  private static Restore.Restored replay(
      TestConsortium.Member member, LogReader disk, long from, StateTree state)
      throws Restore.RestoreException {
    return Restore.replay(member.machine(), disk, member.log().newest().orElseThrow(), from, state);
  }

  private static LogReader flipped(LogReader log, long at, int bit) {
    byte[] bytes = log.entry(at).toArray();
    bytes[bit / 8] ^= (byte) (1 << (bit % 8));
    Bytes entry = Bytes.wrap(bytes);
    return new LogReader() {
      @Override
      public long size() {
        return log.size();
      }

      @Override
      public Bytes entry(long index) {
        return index == at ? entry : log.entry(index);
      }

      @Override
      public Hash node(int level, long index) {
        return log.node(level, index);
      }
    };
  }
}
