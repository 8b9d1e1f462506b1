package org.probity.node.runtime;

import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.program.Program;
import org.probity.node.program.Programs;

/**
 * Whether this node, its key and this software are those of the genesis document: asked before any
 * file is opened.
 */
final class StartChecks {
  private StartChecks() {}

  /** The node, as the consortium knows it. */
  static NodeRecord self(NodeSettings settings) throws StartException {
    NodeRecord self =
        settings
            .genesis()
            .node(settings.node())
            .orElseThrow(
                () ->
                    new StartException(
                        "unknown_node", "the genesis document has no node " + settings.node()));
    if (!self.logKey().equals(settings.logKey().publicKey())) {
      throw new StartException(
          "wrong_key", "the log key is not the one the genesis document has for " + self.node());
    }
    if (!self.cosignerKey().equals(settings.witness().cosignerKey().publicKey())) {
      throw new StartException(
          "wrong_key",
          "the cosigner key is not the one the genesis document has for " + self.node());
    }
    return self;
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
