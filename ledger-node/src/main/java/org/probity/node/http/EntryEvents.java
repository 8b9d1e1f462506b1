package org.probity.node.http;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.log.Entry;
import org.probity.detector.log.LogReader;
import org.probity.node.http.wire.StrictJson;

/**
 * The own log as server-sent events, one per entry; the event's id is the entry's index, so a
 * browser that reconnects goes on where it was.
 *
 * <pre>
 * id: 17
 * event: transaction
 * data: {"index":17,"type":"transaction","bytes":412,"outcome":{"status":"executed"}}
 * </pre>
 */
final class EntryEvents implements PulledStream.Source {
  static final String CONTENT_TYPE = "text/event-stream";

  /** Events made in one turn of the event loop. */
  private static final int MAX_EVENTS_PER_PIECE = 32;

  private static final Buffer COMMENT = Buffer.buffer(":\n\n");

  private final NodeService service;
  private long next;

  EntryEvents(NodeService service, long from) {
    this.service = service;
    this.next = from;
  }

  @Override
  public Optional<Buffer> next() {
    PublishedLog log = service.ownLog();
    if (next >= log.size()) {
      return Optional.empty();
    }
    LedgerQueries ledger = service.ledger();
    Buffer piece = Buffer.buffer();
    long end = Math.min(log.size(), next + MAX_EVENTS_PER_PIECE);
    while (next < end) {
      append(piece, log.entries(), next++, ledger);
    }
    return Optional.of(piece);
  }

  private void append(Buffer piece, LogReader log, long index, LedgerQueries ledger) {
    ObjectNode json = JsonNodeFactory.instance.objectNode().put("index", index);
    String type = type(log, index);
    json.put("type", type).put("bytes", log.entry(index).size());
    service
        .transaction(index)
        .ifPresent(recorded -> json.set("outcome", ledger.outcome(recorded.outcome())));
    piece
        .appendString("id: " + index + "\nevent: " + type + "\ndata: ")
        .appendString(new String(StrictJson.write(json), StandardCharsets.UTF_8))
        .appendString("\n\n");
  }

  private static String type(LogReader log, long index) {
    try {
      return Entry.decode(log.entry(index)).type().name().toLowerCase(Locale.ROOT);
    } catch (DecodeException e) {
      throw new IllegalStateException("own entry " + index + " is damaged", e);
    }
  }

  @Override
  public Buffer heartBeat() {
    return COMMENT;
  }

  @Override
  public boolean stillWelcome() {
    return true;
  }
}
