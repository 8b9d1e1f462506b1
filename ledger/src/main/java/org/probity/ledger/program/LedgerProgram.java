package org.probity.ledger.program;

import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.PublicKey;
import org.probity.detector.program.Context;
import org.probity.detector.program.Program;
import org.probity.detector.program.Submission;
import org.probity.detector.program.Transaction;
import org.probity.detector.state.StateView;
import org.probity.ledger.transaction.AccountId;
import org.probity.ledger.transaction.AssetDefinition;
import org.probity.ledger.transaction.Footprint;
import org.probity.ledger.transaction.KeyPolicy;
import org.probity.ledger.transaction.LedgerParameters;
import org.probity.ledger.transaction.Operation;
import org.probity.ledger.transaction.Outcome;
import org.probity.ledger.transaction.ResultCode;
import org.probity.ledger.transaction.SettlementMessage;
import org.probity.ledger.transaction.TransactionBody;

/**
 * The ledger: accounts, assets and payments within a node and between nodes.
 *
 * <p>A submitter is an account of this node (16 bytes; its owners sign) or a public key (32 bytes;
 * it is among the signers and {@link SubmitterRule} allows it). The submitter owns the
 * transaction's id and nothing else: what the operations may do depends on who signed.
 *
 * <p>Without a state of its own but for what it decoded last, so one instance serves all threads.
 * Cost: one state read and at most one write per account of the transaction, whatever the number of
 * its operations.
 */
public final class LedgerProgram implements Program {
  /** Change with every change of what any input does, however small. */
  private static final String RULES = "probity-ledger/1 rules 5";

  /** The body decoded last; read and replaced as a whole, so that it never mixes two. */
  private volatile @Nullable Decoded last;

  /** The message decoded last, likewise. */
  private volatile @Nullable DecodedMessage lastMessage;

  private record Decoded(Bytes body, TransactionBody decoded) {}

  private record DecodedMessage(Bytes payload, SettlementMessage decoded) {}

  @Override
  public String rules() {
    return RULES;
  }

  /** Throws IllegalArgumentException unless {@link LedgerParameters#decode} accepts the bytes. */
  @Override
  public void initialise(Bytes parameters, Context context) {
    LedgerParameters decoded = decodeParameters(parameters);
    WorkingSet state = new WorkingSet(context.state());
    for (AssetDefinition asset : decoded.assets()) {
      state.putAsset(asset);
    }
    KeyPolicy operator = decoded.operators().get(context.self());
    if (operator != null) {
      state.putOperator(operator);
    }
    state.flush();
  }

  @Override
  public int transactionFootprint(Transaction transaction) {
    Footprint footprint = new Footprint().submitter(transaction.submitter());
    try {
      return footprint.addAll(decode(transaction.body())).bytes();
    } catch (DecodeException e) {
      // Refused before any more of the state is looked at.
      return footprint.bytes();
    }
  }

  @Override
  public int messageFootprint(Bytes payload) {
    try {
      return Footprint.of(decodeMessage(payload));
    } catch (DecodeException e) {
      return Footprint.ROW_BYTES;
    }
  }

  private static LedgerParameters decodeParameters(Bytes parameters) {
    try {
      return LedgerParameters.decode(parameters);
    } catch (DecodeException e) {
      throw new IllegalArgumentException("ledger parameters: " + e.getMessage(), e);
    }
  }

  @Override
  public boolean authorises(Submission submission, Context context) {
    Bytes submitter = submission.transaction().submitter();
    SortedSet<Bytes> signers = signers(submission);
    WorkingSet state = new WorkingSet(context.state());
    try {
      if (submitter.size() == KeyPolicy.KEY_BYTES) {
        Bytes body = submission.transaction().body();
        return signers.contains(submitter) && mayUse(submitter, signers, body, state);
      }
      return submitter.size() == AccountId.BYTES
          && new TransactionRules(state, new Outbox(), context, signers)
              .mayActFor(new AccountId(submitter));
    } catch (CorruptState e) {
      return false;
    }
  }

  private boolean mayUse(Bytes key, SortedSet<Bytes> signers, Bytes body, WorkingSet state) {
    try {
      return SubmitterRule.isVouchedFor(key, signers, state)
          || SubmitterRule.hasASay(key, decode(body), state);
    } catch (DecodeException e) {
      // It touches nothing.
      return false;
    }
  }

  /**
   * Decodes a transaction's body. One is asked about several times in a row: what it costs, who may
   * submit it, what it does.
   */
  private TransactionBody decode(Bytes body) throws DecodeException {
    Decoded known = last;
    if (known != null && known.body.equals(body)) {
      return known.decoded;
    }
    TransactionBody decoded = TransactionBody.decode(body);
    last = new Decoded(body, decoded);
    return decoded;
  }

  /** The same of a message: what it costs, whether it can be sent, what it does. */
  private SettlementMessage decodeMessage(Bytes payload) throws DecodeException {
    DecodedMessage known = lastMessage;
    if (known != null && known.payload.equals(payload)) {
      return known.decoded;
    }
    SettlementMessage decoded = SettlementMessage.decode(payload);
    lastMessage = new DecodedMessage(payload, decoded);
    return decoded;
  }

  @Override
  public Bytes execute(Submission submission, Context context) {
    TransactionBody body;
    try {
      body = decode(submission.body());
    } catch (DecodeException e) {
      ResultCode code =
          e.code().equals("too_many_operations")
              ? ResultCode.TOO_MANY_OPERATIONS
              : ResultCode.MALFORMED;
      return new Outcome.Refused(code).encode();
    }
    try {
      return execute(body, submission, context).encode();
    } catch (CorruptState | ArithmeticException e) {
      context.rollback();
      return new Outcome.Refused(ResultCode.STATE_CORRUPT).encode();
    }
  }

  private static Outcome execute(TransactionBody body, Submission submission, Context context) {
    WorkingSet state = new WorkingSet(context.state());
    Outbox outbox = new Outbox();
    TransactionRules rules = new TransactionRules(state, outbox, context, signers(submission));
    List<Operation> operations = body.operations();
    for (int i = 0; i < operations.size(); i++) {
      ResultCode code = rules.apply(i, operations.get(i));
      if (code != ResultCode.OK) {
        // Nothing was written yet: dropping the working set is the rollback.
        return new Outcome.Failed(i, code);
      }
    }
    List<Outcome.Remitted> remitted = outbox.send(submission.index(), state, context);
    state.flush();
    return new Outcome.Accepted(remitted);
  }

  @Override
  public void receive(String from, Bytes payload, Context context) {
    if (!context.isPeer(from)) {
      return;
    }
    boolean understood;
    try {
      understood = receiveDecoded(from, decodeMessage(payload), context);
    } catch (DecodeException | CorruptState | ArithmeticException e) {
      understood = false;
    }
    if (!understood) {
      countNonsense(from, context.state());
    }
  }

  private static boolean receiveDecoded(String from, SettlementMessage message, Context context) {
    WorkingSet state = new WorkingSet(context.state());
    SettlementRules rules = new SettlementRules(state, from);
    if (message instanceof SettlementMessage.Credits credits) {
      SettlementMessage.@Nullable Results answer = rules.credit(credits);
      if (answer == null) {
        return false;
      }
      state.flush();
      context.send(from, answer.encode());
      return true;
    }
    if (!rules.conclude((SettlementMessage.Results) message)) {
      return false;
    }
    state.flush();
    return true;
  }

  /**
   * Payments that the revoked node did not take in are given back to their payers, as if they had
   * never been sent. What it took in stays pending: whether it credited anybody is in its final
   * state, and for the members to settle. An answer of ours to its payments has done its work here
   * already.
   */
  @Override
  public void returned(String to, Bytes payload, boolean isTaken, Context context) {
    try {
      if (!isTaken && SettlementMessage.decode(payload) instanceof SettlementMessage.Credits sent) {
        WorkingSet state = new WorkingSet(context.state());
        new SettlementRules(state, to).takeBack(sent);
        state.flush();
      }
    } catch (DecodeException | CorruptState | ArithmeticException e) {
      // Nothing was written yet; what we sent ourselves makes sense, unless the state is damaged.
      context.rollback();
    }
  }

  /** Kept in the state so that every auditor sees the same count. */
  private static void countNonsense(String from, StateView view) {
    Bytes key = StateKeys.nonsense(from);
    Bytes before = view.get(key);
    long count = before == null ? 0 : nonsenseCount(before);
    if (count < Long.MAX_VALUE) {
      view.put(key, new CborWriter().uint(count + 1).toBytes());
    }
  }

  static long nonsenseCount(Bytes encoded) {
    try {
      CborReader in = new CborReader(encoded);
      long count = in.uint();
      in.end();
      return count;
    } catch (DecodeException e) {
      return 0;
    }
  }

  /** Nothing in these rules waits for a time. */
  @Override
  public void tick(Context context) {}

  private static SortedSet<Bytes> signers(Submission submission) {
    SortedSet<Bytes> signers = new TreeSet<>();
    for (PublicKey signer : submission.signers()) {
      signers.add(signer.toBytes());
    }
    return signers;
  }
}
