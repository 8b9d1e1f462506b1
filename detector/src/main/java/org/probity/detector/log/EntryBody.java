package org.probity.detector.log;

import org.probity.detector.codec.CborWriter;

/**
 * The part of an entry that depends on its type. One record per {@link EntryType}; a new type fails
 * to compile in every {@link Handler}.
 */
public sealed interface EntryBody
    permits GenesisEntry,
        TransactionEntry,
        SendEntry,
        ReceiveEntry,
        AckEntry,
        TickEntry,
        ChallengeEntry,
        DecisionEntry,
        FloorEntry,
        StateEntry {

  EntryType type();

  /** Appends the deterministic encoding of the body, one CBOR array. */
  void writeTo(CborWriter out);

  /** Calls the method of {@code handler} that belongs to this type. */
  <R> R handle(Handler<R> handler);

  /** One method per type. */
  interface Handler<R> {
    R genesis(GenesisEntry body);

    R transaction(TransactionEntry body);

    R send(SendEntry body);

    R receive(ReceiveEntry body);

    R ack(AckEntry body);

    R tick(TickEntry body);

    R challenge(ChallengeEntry body);

    R decision(DecisionEntry body);

    R floor(FloorEntry body);

    R state(StateEntry body);
  }
}
