package org.probity.detector.challenge;

import org.probity.detector.commitment.TransactionRule;
import org.probity.detector.commitment.VerifiedCheckpoint;
import org.probity.detector.commitment.VerifiedEnvelope;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.ValidDecision;

/** What a valid challenge asks for, everything in it verified; means something inside one only. */
public sealed interface Claim {

  <R> R handle(Handler<R> handler);

  /** One method per kind. */
  interface Handler<R> {
    R message(Message claim);

    R audit(Audit claim);

    R consistency(Consistency claim);

    R client(Client claim);

    R decision(Decided claim);
  }

  /**
   * To acknowledge every SEND of the channel below {@code end}.
   *
   * @param envelope the SENDs from {@code first} on, under the sender's checkpoint
   */
  record Message(VerifiedEnvelope envelope, long first, long end) implements Claim {
    public NodeRecord sender() {
      return envelope.checkpoint().author();
    }

    @Override
    public <R> R handle(Handler<R> handler) {
      return handler.message(this);
    }
  }

  /** To produce {@code count} entries from {@code from} on, all of them below the checkpoint. */
  record Audit(VerifiedCheckpoint checkpoint, long from, int count) implements Claim {
    @Override
    public <R> R handle(Handler<R> handler) {
      return handler.audit(this);
    }
  }

  /** To show that the older log is a prefix of the newer, larger one. */
  record Consistency(VerifiedCheckpoint older, VerifiedCheckpoint newer) implements Claim {
    @Override
    public <R> R handle(Handler<R> handler) {
      return handler.consistency(this);
    }
  }

  /**
   * To show the TRANSACTION entry with exactly this statement, or a state in which it is not
   * executed.
   *
   * @param seen the smallest size of the log whose state may be shown
   */
  record Client(TransactionRule.Checked transaction, long seen) implements Claim {
    @Override
    public <R> R handle(Handler<R> handler) {
      return handler.client(this);
    }
  }

  /**
   * To show a DECISION entry of the same epoch, or a state after it.
   *
   * @param before every decision of the epochs before
   */
  record Decided(DecisionChain before, ValidDecision decision) implements Claim {
    @Override
    public <R> R handle(Handler<R> handler) {
      return handler.decision(this);
    }
  }
}
