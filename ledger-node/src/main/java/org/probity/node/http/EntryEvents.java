package org.probity.node.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.log.Entry;
import org.probity.detector.log.LogReader;
import org.probity.detector.log.ReceiveEntry;
import org.probity.detector.log.SendEntry;
import org.probity.detector.log.SignedCheckpoint;
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
 *
 * <p>A {@code receive} also has {@code from} and {@code settlements} if another node answers
 * payments in it, or if payments to a node that was revoked come back.
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
    Entry entry = entry(log, index);
    String type = entry.type().name().toLowerCase(Locale.ROOT);
    json.put("type", type).put("bytes", entry.bytes().size());
    if (entry.body() instanceof ReceiveEntry receive) {
      addSettlements(json, receive, ledger);
    }
    service
        .transaction(index)
        .ifPresent(recorded -> json.set("outcome", ledger.outcome(recorded.outcome())));
    piece
        .appendString("id: " + index + "\nevent: " + type + "\ndata: ")
        .appendString(new String(StrictJson.write(json), StandardCharsets.UTF_8))
        .appendString("\n\n");
  }

  private void addSettlements(ObjectNode json, ReceiveEntry receive, LedgerQueries ledger) {
    String from = sender(receive);
    boolean isReturn = from.equals(service.info().node());
    ArrayNode settlements = JsonNodeFactory.instance.arrayNode();
    for (Bytes send : receive.sends()) {
      if (decode(send).body() instanceof SendEntry message) {
        from = isReturn ? message.toNode() : from;
        JsonNode ended =
            isReturn ? ledger.returns(message.payload()) : ledger.settlements(message.payload());
        ended.forEach(settlements::add);
      }
    }
    if (!settlements.isEmpty()) {
      json.put("from", from).set("settlements", settlements);
    }
  }

  private static String sender(ReceiveEntry receive) {
    try {
      return SignedCheckpoint.parse(receive.checkpoint()).origin().node();
    } catch (DecodeException e) {
      throw new IllegalStateException("an own RECEIVE is damaged", e);
    }
  }

  private static Entry decode(Bytes entry) {
    try {
      return Entry.decode(entry);
    } catch (DecodeException e) {
      throw new IllegalStateException("an own entry is damaged", e);
    }
  }

  private static Entry entry(LogReader log, long index) {
    try {
      return Entry.decode(log.entry(index));
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
