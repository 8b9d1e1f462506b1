package org.probity.demo.fault;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.program.Context;
import org.probity.detector.program.Program;
import org.probity.detector.program.Submission;
import org.probity.detector.program.Transaction;
import org.probity.detector.state.KeyValue;
import org.probity.detector.state.StateView;
import org.probity.ledger.program.Account;
import org.probity.ledger.transaction.AccountFlags;

/**
 * The ledger's rules, except that nobody's account is ever short of money: a payer without funds
 * pays all the same, the credit goes out and the log says that all is well.
 *
 * <p>It does so by lying to the true rules about one bit of every account, the one that forbids
 * debits beyond credits, and by setting that bit again in what they write. So everything else about
 * the transaction is exactly right, and only someone who replays the log can tell.
 */
public final class OverdraftProgram implements Program {
  private final Program truth;
  private final BooleanSupplier cheating;

  /** Honest as long as {@code cheating} is false. */
  public OverdraftProgram(Program truth, BooleanSupplier cheating) {
    this.truth = truth;
    this.cheating = cheating;
  }

  /** Claims to be the true program. */
  @Override
  public String rules() {
    return truth.rules();
  }

  @Override
  public int transactionFootprint(Transaction transaction) {
    return truth.transactionFootprint(transaction);
  }

  @Override
  public int messageFootprint(Bytes payload) {
    return truth.messageFootprint(payload);
  }

  @Override
  public void initialise(Bytes parameters, Context context) {
    truth.initialise(parameters, context);
  }

  @Override
  public boolean authorises(Submission submission, Context context) {
    return truth.authorises(submission, context);
  }

  @Override
  public Bytes execute(Submission submission, Context context) {
    return truth.execute(
        submission, cheating.getAsBoolean() ? new GenerousContext(context) : context);
  }

  @Override
  public void receive(String from, Bytes payload, Context context) {
    truth.receive(from, payload, context);
  }

  @Override
  public void returned(String to, Bytes payload, boolean isTaken, Context context) {
    truth.returned(to, payload, isTaken, context);
  }

  @Override
  public void tick(Context context) {
    truth.tick(context);
  }

  /** The true context with a state in which everybody may owe. */
  private record GenerousContext(Context context, StateView state) implements Context {
    GenerousContext(Context context) {
      this(context, new GenerousView(context.state()));
    }

    @Override
    public String self() {
      return context.self();
    }

    @Override
    public long nowMillis() {
      return context.nowMillis();
    }

    @Override
    public boolean isPeer(String node) {
      return context.isPeer(node);
    }

    @Override
    public void send(String to, Bytes payload) {
      context.send(to, payload);
    }

    @Override
    public void rollback() {
      context.rollback();
    }
  }

  private static final class GenerousView implements StateView {
    private final StateView truth;
    private final Set<Bytes> forgiven = new HashSet<>();

    GenerousView(StateView truth) {
      this.truth = truth;
    }

    @Override
    public @Nullable Bytes get(Bytes key) {
      Bytes value = truth.get(key);
      Account account = value == null ? null : account(value);
      if (account == null || !account.debitsMustNotExceedCredits()) {
        return value;
      }
      forgiven.add(key);
      return withFlags(account, account.flags() & ~AccountFlags.DEBITS_MUST_NOT_EXCEED_CREDITS)
          .encode();
    }

    @Override
    public void put(Bytes key, Bytes value) {
      Account account = forgiven.contains(key) ? account(value) : null;
      truth.put(
          key,
          account == null
              ? value
              : withFlags(account, account.flags() | AccountFlags.DEBITS_MUST_NOT_EXCEED_CREDITS)
                  .encode());
    }

    @Override
    public void remove(Bytes key) {
      truth.remove(key);
    }

    @Override
    public void removeRange(Bytes from, @Nullable Bytes to) {
      truth.removeRange(from, to);
    }

    @Override
    public List<KeyValue> scan(Bytes from, @Nullable Bytes to, int limit) {
      return truth.scan(from, to, limit);
    }

    /** Whatever has the form of an account is one: no other value of the ledger has it. */
    private static @Nullable Account account(Bytes value) {
      try {
        return Account.decode(value);
      } catch (DecodeException e) {
        return null;
      }
    }

    private static Account withFlags(Account account, int flags) {
      return new Account(
          account.asset(),
          account.owner(),
          flags,
          account.status(),
          account.debitsPending(),
          account.debitsPosted(),
          account.creditsPending(),
          account.creditsPosted());
    }
  }
}
