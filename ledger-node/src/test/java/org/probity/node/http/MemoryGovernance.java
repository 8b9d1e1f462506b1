package org.probity.node.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import java.util.Optional;
import org.probity.detector.codec.Bytes;

/**
 * Governance where nothing has happened: echoes what it is handed, refuses the statement "no", and
 * knows the decision "old".
 */
final class MemoryGovernance implements GovernanceService {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  @Override
  public ObjectNode status() {
    return JSON.objectNode().put("epoch", 0);
  }

  @Override
  public ArrayNode proposals() {
    return JSON.arrayNode();
  }

  @Override
  public Optional<ObjectNode> proposal(String id) {
    return Optional.empty();
  }

  @Override
  public ArrayNode ballots() {
    return JSON.arrayNode();
  }

  @Override
  public ArrayNode decisions(long from, int limit) {
    ArrayNode decisions = JSON.arrayNode();
    for (long epoch = from; epoch < Math.min(3, from + limit); epoch++) {
      decisions.addObject().put("epoch", epoch);
    }
    return decisions;
  }

  @Override
  public Future<ObjectNode> propose(Bytes statement) {
    return vote(statement);
  }

  @Override
  public Future<ObjectNode> vote(Bytes statement) {
    return statement.equals(Bytes.utf8("no"))
        ? Future.failedFuture(Problems.refused("wrong_epoch", "a ballot of another epoch"))
        : Future.succeededFuture(JSON.objectNode().put("bytes", statement.size()));
  }

  @Override
  public Future<ObjectNode> handIn(Bytes decision) {
    return vote(decision).map(taken -> taken.put("known", decision.equals(Bytes.utf8("old"))));
  }

  @Override
  public Future<PeerReply> exchange(String from, Bytes request) {
    return Future.succeededFuture(PeerReply.ok(request));
  }
}
