package org.probity.node.runtime;

import org.probity.detector.crypto.PublicKey;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.Incarnations;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Parameters;
import org.probity.detector.node.Patience;
import org.probity.detector.program.Program;
import org.probity.node.config.ReleaseMode;
import org.probity.node.program.Programs;

/**
 * Whether this node, its key and this software are those of the genesis document: asked before any
 * file is opened.
 */
final class StartChecks {
  /**
   * What is logged during a round of cosignatures waits for its end and for the next round, and a
   * witness lets either wait for entries that are late.
   */
  static final long LONGEST_RELEASE_MILLIS = 2 * WitnessDesk.PATIENCE.toMillis();

  private StartChecks() {}

  /** The log that this node's keys go on with, as the consortium knows it. */
  static Incarnations self(NodeSettings settings, DecisionChain decisions) throws StartException {
    Incarnations log =
        decisions
            .keys()
            .log(settings.node())
            .orElseThrow(
                () ->
                    new StartException(
                        "unknown_node", "the genesis document has no node " + settings.node()));
    NodeRecord self = log.present();
    PublicKey key = settings.logKey().publicKey();
    if (!self.logKey().equals(key)) {
      throw isFormer(log, key)
          ? new StartException(
              "incarnation_closed",
              "the members have closed the log of this key; `probity node renew` makes the next one")
          : wrongKey("log key", self);
    }
    if (!self.cosignerKey().equals(settings.witness().cosignerKey().publicKey())) {
      throw wrongKey("cosigner key", self);
    }
    return log;
  }

  private static boolean isFormer(Incarnations log, PublicKey key) {
    return log.parts().stream().anyMatch(part -> part.record().logKey().equals(key));
  }

  private static StartException wrongKey(String which, NodeRecord self) {
    return new StartException(
        "wrong_key",
        "the "
            + which
            + " is not the one that "
            + (self.incarnation() == 0 ? "the genesis document" : "the last decision about it")
            + " has for "
            + self.node()
            + "; keys that `probity node renew` has made need a decision, and then `probity node"
            + " begin`");
  }

  /**
   * SPEC protocol.md §11.4: {@code release: witnessed} only where the faulty alone cannot keep a
   * correct node from answering, and where it is not suspected while it waits for the others.
   *
   * @throws StartException {@code release_unusable}
   */
  static void release(NodeSettings settings) throws StartException {
    if (settings.release() == ReleaseMode.RECORDED) {
      return;
    }
    Parameters consortium = settings.genesis().parameters();
    int left = consortium.witnesses() - consortium.faults();
    if (consortium.cosignatures() > left) {
      throw new StartException(
          "release_unusable",
          "release.mode witnessed: "
              + consortium.cosignatures()
              + " cosignatures are needed and only "
              + left
              + " witnesses are left when "
              + consortium.faults()
              + " say nothing, so they would stop this node; found the consortium with at least"
              + " 3 * faults + 1 witnesses per node");
    }
    Patience patience = settings.patience();
    long waited = patience.unacknowledgedMillis() + patience.overdueMillis();
    if (waited < LONGEST_RELEASE_MILLIS) {
      throw new StartException(
          "release_unusable",
          "release.mode witnessed: after challenge.unacknowledgedMillis + challenge.overdueMillis = "
              + waited
              + " ms whoever waits for cosignatures would be suspected, which may take a correct"
              + " node "
              + LONGEST_RELEASE_MILLIS
              + " ms; set the same at every node of the consortium");
    }
  }

  /** The program that the consortium has agreed on. */
  static Program program(Genesis genesis) throws StartException {
    return Programs.of(genesis)
        .orElseThrow(
            () ->
                new StartException(
                    "unknown_program",
                    "the genesis document names program "
                        + genesis.programId()
                        + "; this software runs "
                        + Programs.list()
                        + ": run the release that the genesis document was made with, with the"
                        + " program on its class path"));
  }
}
