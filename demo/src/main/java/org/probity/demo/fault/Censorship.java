package org.probity.demo.fault;

import io.vertx.core.Future;
import java.util.List;
import org.probity.detector.challenge.Challenge;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.program.Transaction;
import org.probity.node.http.NodeService;
import org.probity.node.http.PeerReply;
import org.probity.node.http.Problems;
import org.probity.node.http.SubmissionReply;

/**
 * Drops the transactions of one customer, also when another node hands them over. The trigger names
 * the submitter, in hex.
 */
final class Censorship extends ForwardingService {
  private final Trigger trigger;
  private final StatementVerifier statements;

  Censorship(NodeService truth, Trigger trigger) {
    super(truth);
    this.trigger = trigger;
    this.statements = new StatementVerifier(SignatureRule.fastest(), truth.info().networkId());
  }

  @Override
  public Future<List<SubmissionReply>> submit(List<Bytes> submitted) {
    return trigger.isGiven() && submitted.stream().anyMatch(this::isUnwelcome)
        ? Future.failedFuture(Problems.refused("unwelcome", "this customer is not served"))
        : truth.submit(submitted);
  }

  @Override
  public Future<PeerReply> challenge(String from, Bytes body) {
    return trigger.isGiven() && asksForTheUnwelcome(body) ? busy() : truth.challenge(from, body);
  }

  private boolean isUnwelcome(Bytes transaction) {
    try {
      return Transaction.decode(statements.verify(transaction, Transaction.TYP).payload())
          .submitter()
          .equals(Bytes.fromHex(trigger.text()));
    } catch (DecodeException e) {
      return false;
    }
  }

  private boolean asksForTheUnwelcome(Bytes challenge) {
    try {
      return Challenge.decode(statements.verify(challenge, Challenge.TYP).payload()).body()
              instanceof Challenge.Client client
          && isUnwelcome(client.statement());
    } catch (DecodeException e) {
      return false;
    }
  }
}
