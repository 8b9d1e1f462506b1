package org.probity.demo;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.log.Checkpoint;
import org.probity.detector.log.Entry;
import org.probity.detector.log.ReceiveEntry;
import org.probity.detector.log.SendEntry;
import org.probity.detector.log.TilePath;
import org.probity.detector.log.Tiles;
import org.probity.ledger.transaction.ResultCode;
import org.probity.ledger.transaction.SettlementMessage;
import org.probity.node.cli.LogSource;

/**
 * Reads along in a node's log, over HTTP, and counts the answers to its payments. For progress
 * only: nothing is verified here, the sums at the end are.
 */
final class LogFollower {
  private final LogSource log;
  private long read;
  private long settled;
  private long returned;

  LogFollower(LogSource log) {
    this.log = log;
  }

  /** Entries read so far. */
  long size() {
    return read;
  }

  /** Payments to other nodes that were credited there. */
  long settled() {
    return settled;
  }

  /** Payments to other nodes that came back. */
  long returned() {
    return returned;
  }

  /** Reads what is new; at most one request more than there are new bundles. */
  void poll() throws DecodeException {
    String note = new String(log.get("checkpoint"), StandardCharsets.UTF_8);
    String text = note.substring(0, note.indexOf("\n\n") + 1);
    long size = Checkpoint.parse(text).size();
    while (read < size) {
      long bundle = read / TilePath.FULL_WIDTH;
      long first = bundle * TilePath.FULL_WIDTH;
      int width = (int) Math.min(TilePath.FULL_WIDTH, size - first);
      String path = new TilePath(TilePath.ENTRIES, bundle, width).format();
      List<Bytes> entries = Tiles.entries(Bytes.wrap(log.get(path)), width);
      for (Bytes entry : entries.subList((int) (read - first), width)) {
        count(entry);
        read++;
      }
    }
  }

  private void count(Bytes encoded) throws DecodeException {
    if (Entry.decode(encoded).body() instanceof ReceiveEntry receive) {
      for (Bytes send : receive.sends()) {
        if (Entry.decode(send).body() instanceof SendEntry message
            && SettlementMessage.decode(message.payload())
                instanceof SettlementMessage.Results results) {
          results.groups().forEach(group -> group.codes().forEach(this::count));
        }
      }
    }
  }

  private void count(ResultCode code) {
    if (code == ResultCode.OK) {
      settled++;
    } else {
      returned++;
    }
  }
}
