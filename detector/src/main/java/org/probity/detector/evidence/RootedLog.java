package org.probity.detector.evidence;

import org.probity.detector.governance.Incarnations;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.log.EntryFault;
import org.probity.detector.log.TreeHead;

/**
 * A log as its entries are judged: whose it is, and the root that they are shown under. Who signed
 * that root, and is therefore to blame, is no concern of those who judge entries.
 *
 * @param unfinished the rule that is broken if the last entry under the root completes no batch
 */
record RootedLog(TreeHead head, Incarnations writers, String unfinished) {

  /** Who signed for it last. */
  NodeRecord author() {
    return writers.present();
  }

  /** Under a checkpoint: whoever signed it is the author. */
  static RootedLog of(Attribution.Attributed accused) {
    return new RootedLog(
        accused.checkpoint().head(), accused.writers(), EntryFault.CHECKPOINT_NOT_ON_STATE.code());
  }
}
