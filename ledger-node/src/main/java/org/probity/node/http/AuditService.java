package org.probity.node.http;

import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;

/**
 * AUDIT statements as the node makes, keeps and takes them (docs/format/audit.md). Callable on any
 * thread; nothing blocks. What is read is an immutable snapshot.
 */
public interface AuditService {

  /**
   * Somebody hands in a statement.
   *
   * @param from a peer; empty for clients, who have one share together
   */
  Future<PeerReply> take(String from, Bytes statement);

  /** Others' newest statements about this node's own log, by auditor. */
  List<HeldAudit> ofOwnLog();

  /** What is known of each ward, by node. */
  List<WardAudits> ofWards();

  /** This node's newest statement about a ward, by the SHA-256 of the ward's origin. */
  Optional<Bytes> ofWard(Hash originHash);

  /**
   * The statements that say that entry {@code index} of the own log, and everything before it, is
   * as it must be: at most one of each auditor, by auditor. Exact bytes.
   */
  default List<Bytes> covering(long index) {
    return ofOwnLog().stream()
        .filter(audit -> index < audit.toSize())
        .map(HeldAudit::statement)
        .toList();
  }
}
