package org.probity.simulation.fault;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.probity.detector.challenge.Answer;
import org.probity.detector.challenge.Challenge;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.governance.Genesis;
import org.probity.detector.log.Entry;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.Multiproof;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.TransactionEntry;
import org.probity.simulation.node.Behaviour;
import org.probity.simulation.node.SimulatedNode;
import org.probity.simulation.node.StoredEntries;
import org.probity.simulation.world.Chance;
import org.probity.simulation.world.Reply;
import org.probity.simulation.world.Request;

/** Something else than what a challenge asks for: junk, half of it, or the answer to another. */
final class FalseAnswers implements Behaviour {
  private static final int JUNK_BYTES = 600;

  private final Stage stage;
  private final Chance chance;

  FalseAnswers(Stage stage) {
    this.stage = stage;
    this.chance = stage.chance();
  }

  @Override
  public Optional<Reply> serve(SimulatedNode node, String from, Request request) {
    if (!(request instanceof Request.Challenged challenged)) {
      return Optional.empty();
    }
    Bytes said =
        chance.happens(0.25)
            ? junk()
            : body(stage.world().founding().genesis(), challenged.body())
                .flatMap(asked -> other(node.disk().log(), asked))
                .orElseGet(this::junk);
    return Optional.of(new Reply.Ok(said));
  }

  /** What is asked, if the statement is a challenge. */
  static Optional<Challenge.Body> body(Genesis genesis, Bytes statement) {
    try {
      return Optional.of(
          Challenge.decode(
                  new StatementVerifier(genesis.signatures(), genesis.networkId())
                      .verify(statement, Challenge.TYP)
                      .payload())
              .body());
    } catch (DecodeException e) {
      return Optional.empty();
    }
  }

  /** True, and not what was asked for. */
  private Optional<Bytes> other(StoredEntries log, Challenge.Body asked) {
    if (asked instanceof Challenge.Audit audit) {
      return checkpoint(audit.checkpoint())
          .filter(end -> end.size() <= log.size())
          // Others may have asked for what no checkpoint promises.
          .filter(end -> audit.count() > 0 && audit.from() <= end.size() - audit.count())
          .map(end -> production(log, end, audit));
    }
    if (asked instanceof Challenge.Client client) {
      return log.newest().flatMap(end -> inclusion(log, end, client.statement()));
    }
    return Optional.empty();
  }

  private Bytes production(StoredEntries log, SignedCheckpoint end, Challenge.Audit asked) {
    long from = asked.from();
    long to = from + asked.count();
    int kind = chance.below(3);
    if (kind == 0 && to < end.size()) {
      // As many, but the next ones.
      return produced(log, end, from + 1, to + 1);
    }
    if (kind == 1 && to - from > 1) {
      return produced(log, end, from, to - 1);
    }
    List<Bytes> entries = new ArrayList<>(log.range(from, to));
    int at = chance.below(entries.size());
    entries.set(
        at,
        Entry.of(
                from + at,
                stage.world().founding().genesis().networkId(),
                HandWrittenLog.decoded(entries.get(at)).body())
            .bytes());
    return Answer.producing(entries, Multiproof.buildRange(log, end.size(), from, to));
  }

  static Bytes produced(StoredEntries log, SignedCheckpoint end, long from, long to) {
    return Answer.producing(log.range(from, to), Multiproof.buildRange(log, end.size(), from, to));
  }

  /** Some other transaction is in the log. */
  private static Optional<Bytes> inclusion(
      StoredEntries log, SignedCheckpoint end, Bytes statement) {
    for (long index = end.size() - 1; index > 0; index--) {
      Entry entry = HandWrittenLog.decoded(log.original(index));
      if (entry.body() instanceof TransactionEntry other && !other.statement().equals(statement)) {
        return Optional.of(
            Answer.including(
                end.bytes(), entry.bytes(), MerkleProofs.inclusion(log, index, end.size())));
      }
    }
    return Optional.empty();
  }

  static Optional<SignedCheckpoint> checkpoint(Bytes encoded) {
    try {
      return Optional.of(SignedCheckpoint.parse(encoded));
    } catch (DecodeException e) {
      return Optional.empty();
    }
  }

  private Bytes junk() {
    byte[] junk = new byte[1 + chance.below(JUNK_BYTES)];
    for (int i = 0; i < junk.length; i++) {
      junk[i] = (byte) chance.below(256);
    }
    return Bytes.wrap(junk);
  }
}
