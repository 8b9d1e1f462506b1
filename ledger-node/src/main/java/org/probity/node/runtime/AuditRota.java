package org.probity.node.runtime;

import java.util.List;
import java.util.function.Consumer;
import org.probity.detector.audit.AuditSlot;

/** Whose turn it is to be replayed, as the wards see it. Called on their workers. */
interface AuditRota {
  /**
   * The ward can be replayed from now on.
   *
   * @param auditedSize where its audit goes on
   * @param size of what is stored of its log
   */
  void opened(Replays ward, long auditedSize, long size);

  /**
   * The ward's log has grown. One of a node that reads another log by now counts for nothing.
   *
   * @param sizes the log's behind each STATE that has come, in order
   */
  void arrived(Replays ward, List<Long> sizes);

  /** After a slot that has failed: the next one may go better. */
  void canGoOn(Replays ward);

  /** One that can be told to replay: a node's log, of which a later incarnation has another. */
  interface Replays {
    String node();

    /** Whether it is to be in no rounds any more, for good. */
    boolean isClosed();

    /**
     * Replays up to the slot's end, elsewhere and later.
     *
     * @param ended told once, on any thread
     */
    void audit(AuditSlot slot, Consumer<End> ended);
  }

  /** How a slot ended. */
  enum End {
    /** Everything up to its end was replayed and nothing was found. */
    CLEAN,
    /** The ward's log breaks a rule there: nothing behind it is to be replayed. */
    FINDING,
    /** It could not be carried out, which is never the ward's fault. */
    FAILED
  }
}
