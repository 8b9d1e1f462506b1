package org.probity.detector.commitment;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.governance.Parameters;
import org.probity.detector.log.AckEntry;
import org.probity.detector.log.Entry;
import org.probity.detector.log.EntryBody;
import org.probity.detector.log.LogReader;
import org.probity.detector.log.Origin;
import org.probity.detector.node.MemoryLog;
import org.probity.detector.node.ObjectStore;
import org.probity.detector.node.TestConsortium;
import org.probity.detector.node.TestNetwork;

/** What a log has to say about its messages, also a log of somebody who puts anything in it. */
class OpenMessagesTest {
  private final TestConsortium consortium =
      new TestConsortium(
          TestNetwork.of(Parameters.of(1, 2), new ObjectStore().id(), Bytes.EMPTY, "a", "b", "c"),
          new ObjectStore());

  /** Entries and nothing else; no hash of them is asked for. */
  private record Entries(List<Bytes> entries) implements LogReader {
    @Override
    public Bytes entry(long index) {
      return entries.get(Math.toIntExact(index));
    }

    @Override
    public long size() {
      return entries.size();
    }

    @Override
    public Hash node(int level, long index) {
      throw new UnsupportedOperationException();
    }
  }

  private Optional<AckEntry> lastAck(List<Bytes> entries) {
    Origin receiver = consortium.member("b").machine().origin();
    return OpenMessages.lastAck(new Entries(entries), receiver, 0, entries.size());
  }

  @Test
  void whatIsNoAcknowledgementIsPassedOver() throws Exception {
    consortium.submit("a", consortium.sign(TestNetwork.signer("client"), "a", 1, "c", "b/x=1"));
    consortium.run();
    MemoryLog log = consortium.member("a").log();
    List<Bytes> entries = new ArrayList<>();
    AckEntry real = null;
    for (long index = 0; index < log.size(); index++) {
      entries.add(log.entry(index));
      EntryBody body = Entry.decode(log.entry(index)).body();
      if (body instanceof AckEntry ack) {
        real = ack;
      }
    }
    assertEquals(Optional.ofNullable(real), lastAck(entries));
    Entry last = Entry.decode(log.entry(log.size() - 1));
    AckEntry malformed =
        new AckEntry(
            Bytes.utf8("no checkpoint"), real.stateEntry(), real.inclusion(), real.stateProof());
    entries.add(Entry.of(last.index() + 1, last.leafHash(), malformed).bytes());
    entries.add(Bytes.utf8("not an entry"));
    entries.add(Bytes.EMPTY);
    assertEquals(Optional.of(real), lastAck(entries));
  }
}
