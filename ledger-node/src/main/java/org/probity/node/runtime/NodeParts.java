package org.probity.node.runtime;

import java.util.function.UnaryOperator;
import org.probity.detector.program.Program;
import org.probity.node.http.NodeService;
import org.probity.node.http.PublishedLog;
import org.probity.node.http.peer.PeerTransport;

/**
 * What a node is built from, for those who build other nodes out of the same parts: tests,
 * simulations and demonstrations.
 *
 * @param ownProgram applied to the program that the own log executes; wards are always replayed
 *     with the consortium's
 * @param transport applied to the outgoing half of the peer protocol
 * @param streamedLog applied to the own log, up to its durable end, whenever a peer that follows it
 *     wants more; gives a log that the peer may see. On any thread
 * @param vouching up to where it signs that a ward's log is as it must be
 * @param hints applied to its own opinion whom to audit first
 * @param service applied to what the listeners ask, of clients and of peers
 * @param asks whether it asks the others how much of its log they know before it signs; who does
 *     not may sign twice
 */
public record NodeParts(
    UnaryOperator<Program> ownProgram,
    UnaryOperator<PeerTransport> transport,
    UnaryOperator<PublishedLog> streamedLog,
    Vouching vouching,
    UnaryOperator<AuditHints> hints,
    UnaryOperator<NodeService> service,
    boolean asks) {

  /**
   * Vouches for what it has replayed, has its own opinion whom to audit first, and answers whatever
   * its listeners ask.
   */
  public NodeParts(
      UnaryOperator<Program> ownProgram,
      UnaryOperator<PeerTransport> transport,
      UnaryOperator<PublishedLog> streamedLog) {
    this(
        ownProgram,
        transport,
        streamedLog,
        Vouching.REPLAYED,
        UnaryOperator.identity(),
        UnaryOperator.identity(),
        true);
  }

  /** Hides nothing of the log. */
  public NodeParts(UnaryOperator<Program> ownProgram, UnaryOperator<PeerTransport> transport) {
    this(ownProgram, transport, UnaryOperator.identity());
  }

  /** The same node with another opinion whom to audit first. */
  public NodeParts hinted(UnaryOperator<AuditHints> other) {
    return new NodeParts(ownProgram, transport, streamedLog, vouching, other, service, asks);
  }

  /** The same parts, another word about wards. */
  public NodeParts withVouching(Vouching other) {
    return new NodeParts(ownProgram, transport, streamedLog, other, hints, service, asks);
  }

  /** The same parts behind other answers. */
  public NodeParts withService(UnaryOperator<NodeService> other) {
    return new NodeParts(ownProgram, transport, streamedLog, vouching, hints, other, asks);
  }

  /** A node that signs whatever the others know of its log. */
  public NodeParts withoutAsking() {
    return new NodeParts(ownProgram, transport, streamedLog, vouching, hints, service, false);
  }

  /** A node as it is meant to be. */
  public static NodeParts standard() {
    return new NodeParts(UnaryOperator.identity(), UnaryOperator.identity());
  }
}
