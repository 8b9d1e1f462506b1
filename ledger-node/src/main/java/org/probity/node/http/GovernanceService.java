package org.probity.node.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import java.util.Optional;
import org.probity.detector.codec.Bytes;

/**
 * What members propose, vote and decide, as the listeners ask for it. Reads return at once, from an
 * immutable snapshot; a future fails with {@link Problems#refused} and the rule's own code.
 */
public interface GovernanceService {

  /** Epoch, electorate, rounds, and what decisions have made of each node. */
  ObjectNode status();

  /** The proposals of the present epoch with their tallies. */
  ArrayNode proposals();

  /** One of them, by its id in hex. */
  Optional<ObjectNode> proposal(String id);

  /** The ballots of the present epoch, statements included: others check and count them. */
  ArrayNode ballots();

  /**
   * Decisions in epoch order.
   *
   * @param from the first epoch
   */
  ArrayNode decisions(long from, int limit);

  /** Takes a signed proposal; the same one again is no error. */
  Future<ObjectNode> propose(Bytes statement);

  /** Takes a signed ballot; the same one again is no error. */
  Future<ObjectNode> vote(Bytes statement);

  /**
   * Takes a decision of the members from whoever has it; one that is known is no error. Refused
   * with the code of the rule it breaks, with {@code epoch_ahead} while an earlier one is not known
   * here, and with {@code governance_split} if another one was taken in its epoch.
   *
   * @param decision the content of a DECISION entry
   */
  Future<ObjectNode> handIn(Bytes decision);

  /** A peer asks for what it lacks. */
  Future<PeerReply> exchange(String from, Bytes request);
}
