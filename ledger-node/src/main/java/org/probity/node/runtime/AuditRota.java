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
   * The ward's log has grown.
   *
   * @param sizes the log's behind each STATE that has come, in order
   */
  void arrived(String ward, List<Long> sizes);

  /** After a slot that has failed: the next one may go better. */
  void canGoOn(String ward);

  /** One that can be told to replay. */
  interface Replays {
    String node();

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
