package org.probity.node.runtime;

import java.util.function.UnaryOperator;
import org.probity.detector.program.Program;
import org.probity.node.http.peer.PeerTransport;

/**
 * What a node is built from, for those who build other nodes out of the same parts: tests,
 * simulations and demonstrations.
 *
 * @param ownProgram applied to the program that the own log executes; wards are always replayed
 *     with the consortium's
 * @param transport applied to the outgoing half of the peer protocol
 */
public record NodeParts(UnaryOperator<Program> ownProgram, UnaryOperator<PeerTransport> transport) {

  /** A node as it is meant to be. */
  public static NodeParts standard() {
    return new NodeParts(UnaryOperator.identity(), UnaryOperator.identity());
  }
}
