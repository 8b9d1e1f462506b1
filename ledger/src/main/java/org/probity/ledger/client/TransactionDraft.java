package org.probity.ledger.client;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.Signer;
import org.probity.detector.crypto.Statement;
import org.probity.detector.program.SystemRules;
import org.probity.detector.program.Transaction;
import org.probity.ledger.transaction.Footprint;
import org.probity.ledger.transaction.Operation;
import org.probity.ledger.transaction.TransactionBody;

/**
 * Collects operations, splits them into transactions that fit, and signs.
 *
 * <p>Operations keep their order, within a transaction and over the transactions. Only what is in
 * one transaction is atomic. Not thread-safe.
 */
public final class TransactionDraft {
  /** SPEC protocol.md §3.3: of a client's signed statement. */
  public static final int MAX_STATEMENT_BYTES = 32 * 1024;

  /**
   * All of a COSE_Sign1 but the body inside its payload; measured at 276 with the longest fields.
   */
  private static final int SIGNATURE_OVERHEAD_BYTES = 320;

  private static final int BODY_OVERHEAD_BYTES = 8;

  /** What a transaction costs beside its statement and the state its operations touch. */
  private static final int FOOTPRINT_RESERVE_BYTES = 1024 + Footprint.ROW_BYTES;

  private final Hash networkId;
  private final String node;
  private final Submitter submitter;
  private final List<Operation> operations = new ArrayList<>();

  /**
   * A draft for one home node.
   *
   * @param node where the paying accounts are at home; no other node accepts the signature
   */
  public TransactionDraft(Hash networkId, String node, Submitter submitter) {
    this.networkId = networkId;
    this.node = node;
    this.submitter = submitter;
  }

  public TransactionDraft add(Operation operation) {
    operations.add(operation);
    return this;
  }

  public TransactionDraft addAll(Collection<? extends Operation> more) {
    operations.addAll(more);
    return this;
  }

  public int size() {
    return operations.size();
  }

  /** All operations as one transaction, to be signed by whoever must. */
  public Transaction build(Bytes clientId) {
    return transaction(clientId, operations);
  }

  /**
   * All operations as one signed transaction; throws IllegalArgumentException if they do not fit,
   * see {@link #signSplit}.
   */
  public Statement sign(Bytes clientId, List<Signer> signers) {
    return sign(networkId, build(clientId), signers);
  }

  /**
   * As many signed transactions as it takes, each as full as it can be.
   *
   * @param maxOperations per transaction, at most {@link TransactionBody#MAX_OPERATIONS}; what is
   *     in one transaction fails together
   */
  public List<Statement> signSplit(
      ClientIds ids, long notAfterMillis, int maxOperations, List<Signer> signers) {
    List<Statement> statements = new ArrayList<>();
    for (List<Operation> part : split(operations, maxOperations, signers.size())) {
      statements.add(sign(networkId, transaction(ids.next(notAfterMillis), part), signers));
    }
    return statements;
  }

  /**
   * Signs a transaction, with all keys it needs or with some: {@link Statement#merge} joins what
   * several people signed. Throws IllegalArgumentException above {@link #MAX_STATEMENT_BYTES}.
   */
  public static Statement sign(Hash networkId, Transaction transaction, List<Signer> signers) {
    Statement statement = Statement.sign(networkId, Transaction.TYP, transaction.encode(), signers);
    if (statement.encoded().size() > MAX_STATEMENT_BYTES) {
      throw new IllegalArgumentException(
          "a signed transaction has at most "
              + MAX_STATEMENT_BYTES
              + " bytes, not "
              + statement.encoded().size()
              + ": split it");
    }
    return statement;
  }

  /**
   * The operations in runs that fit a transaction under so many signatures, in order.
   *
   * @param signatures each carries the payload once more, so m-of-n makes transactions shorter
   */
  public static List<List<Operation>> split(
      List<Operation> operations, int maxOperations, int signatures) {
    if (maxOperations < 1 || maxOperations > TransactionBody.MAX_OPERATIONS) {
      throw new IllegalArgumentException(
          "1 to " + TransactionBody.MAX_OPERATIONS + " operations, not " + maxOperations);
    }
    int room = MAX_STATEMENT_BYTES / signatures - SIGNATURE_OVERHEAD_BYTES - BODY_OVERHEAD_BYTES;
    List<List<Operation>> parts = new ArrayList<>();
    List<Operation> part = new ArrayList<>();
    int left = room;
    Footprint footprint = new Footprint();
    for (Operation operation : operations) {
      int bytes = Operation.encodedBytes(operation);
      int statement = signatures * (room - left + bytes + SIGNATURE_OVERHEAD_BYTES);
      boolean isTooMuchState =
          FOOTPRINT_RESERVE_BYTES + statement + footprint.add(operation).bytes()
              > SystemRules.MAX_FOOTPRINT_BYTES;
      if (bytes > left || part.size() == maxOperations || (isTooMuchState && !part.isEmpty())) {
        if (bytes > room) {
          throw new IllegalArgumentException(
              "an operation of "
                  + bytes
                  + " bytes does not fit under "
                  + signatures
                  + " signatures");
        }
        parts.add(part);
        part = new ArrayList<>();
        left = room;
        footprint = new Footprint().add(operation);
      }
      part.add(operation);
      left -= bytes;
    }
    if (!part.isEmpty()) {
      parts.add(part);
    }
    return parts;
  }

  private Transaction transaction(Bytes clientId, List<Operation> content) {
    return new Transaction(
        node, clientId, submitter.value(), new TransactionBody(content).encode());
  }
}
