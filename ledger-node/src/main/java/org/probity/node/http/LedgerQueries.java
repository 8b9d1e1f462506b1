package org.probity.node.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import org.probity.detector.codec.Bytes;

/**
 * The one place where HTTP meets the ledger's own terms: answers over one immutable snapshot,
 * already as JSON. Amounts are decimal strings in minor units (they have 128 bits), hashes and byte
 * strings are lower-case hex.
 *
 * <p>Arguments come from strangers: one that cannot be parsed is a {@link ProblemException} with
 * status 400, one that names nothing is empty.
 */
public interface LedgerQueries {

  Optional<ObjectNode> account(String accountId);

  /** Accounts in the order of their ids. */
  Page accounts(Optional<String> cursor, int limit);

  /** Transfers that touch an account, newest last; empty if there is no such account. */
  Optional<Page> transfers(String accountId, Optional<String> cursor, int limit);

  Page assets(Optional<String> cursor, int limit);

  /** What a TRANSACTION entry's outcome says, for example {@code {"status":"executed",...}}. */
  JsonNode outcome(Bytes outcome);

  /**
   * What another node's message says became of payments to it, for example {@code
   * [{"asset":"..","first":17,"codes":["ok"]}]}: credits are numbered per node and asset as the
   * outcomes of their transactions say. Empty if the message is no answer.
   */
  JsonNode settlements(Bytes payload);

  /**
   * The same of payments in a message of our own that came back because the members revoked the
   * node it was for: every code is {@code node_revoked}. The payer has the money again, unless the
   * node's final log took the message in; then the payment stays pending. Empty if the message is
   * no payment.
   */
  JsonNode returns(Bytes payload);

  /**
   * One page of a list.
   *
   * @param next cursor of the next page, empty on the last one
   */
  record Page(List<ObjectNode> items, Optional<String> next) {
    public Page {
      items = List.copyOf(items);
    }
  }
}
