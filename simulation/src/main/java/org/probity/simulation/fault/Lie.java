package org.probity.simulation.fault;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.codec.Uint128;
import org.probity.detector.crypto.PublicKey;
import org.probity.detector.program.Context;
import org.probity.detector.program.Program;
import org.probity.detector.program.Submission;
import org.probity.detector.state.StateView;
import org.probity.ledger.program.Account;
import org.probity.ledger.program.LedgerReader;
import org.probity.ledger.transaction.AccountFlags;
import org.probity.ledger.transaction.Amount;
import org.probity.ledger.transaction.AssetDefinition;
import org.probity.ledger.transaction.Outcome;
import org.probity.ledger.transaction.SettlementMessage;

/** In which one point a {@link LyingProgram} departs from the ledger's rules. */
public enum Lie {
  /**
   * Nobody's account is ever short of money: a payer without funds pays all the same, the credit
   * goes out and the log says that all is well.
   *
   * <p>The true rules are lied to about one bit of every account, the one that forbids debits
   * beyond credits, and that bit is set again in what they write.
   */
  OVERDRAFT {
    @Override
    Bytes execute(Program truth, Submission submission, Context context) {
      return truth.execute(
          submission, new OtherState(context, new GenerousAccounts(context.state())));
    }
  },

  /** A refused transaction is reported, and logged, as accepted; nothing else happens. */
  LYING_OUTCOME {
    @Override
    Bytes execute(Program truth, Submission submission, Context context) {
      truth.execute(submission, context);
      return new Outcome.Accepted(List.of()).encode();
    }
  },

  /** Whoever signs is taken for the issuer of every asset as well. */
  MINT {
    @Override
    Bytes execute(Program truth, Submission submission, Context context) {
      SortedMap<Bytes, PublicKey> signers = new TreeMap<>();
      submission.signers().forEach(key -> signers.put(key.toBytes(), key));
      for (AssetDefinition asset : new LedgerReader(context.state()).assets()) {
        asset.issuer().keys().forEach(key -> signers.put(key, decoded(key)));
      }
      return truth.execute(
          new Submission(
              List.copyOf(signers.values()), submission.transaction(), submission.index()),
          context);
    }
  },

  /** What other nodes' customers pay is credited twice. */
  DOUBLE_CREDIT {
    @Override
    void receive(Program truth, String from, Bytes payload, Context context) {
      truth.receive(from, payload, new OtherState(context, new DoubledCredits(context.state())));
    }
  },

  /** What a customer pays to another bank is sent there twice. */
  CREDIT_SENT_TWICE {
    @Override
    Bytes execute(Program truth, Submission submission, Context context) {
      return sending(truth, submission, context, payload -> List.of(payload, payload));
    }
  },

  /** What a customer pays to another bank is kept: it is booked as sent, and nothing leaves. */
  CREDIT_NOT_SENT {
    @Override
    Bytes execute(Program truth, Submission submission, Context context) {
      return sending(truth, submission, context, payload -> List.of());
    }
  },

  /** Of what a customer pays to another bank one minor unit arrives. */
  CREDIT_ALTERED {
    @Override
    Bytes execute(Program truth, Submission submission, Context context) {
      return sending(truth, submission, context, payload -> List.of(reduced(payload)));
    }
  };

  Bytes execute(Program truth, Submission submission, Context context) {
    return truth.execute(submission, context);
  }

  void receive(Program truth, String from, Bytes payload, Context context) {
    truth.receive(from, payload, context);
  }

  private static Bytes sending(
      Program truth, Submission submission, Context context, Function<Bytes, List<Bytes>> instead) {
    return truth.execute(submission, new OtherSends(context, instead));
  }

  private static Bytes reduced(Bytes payload) {
    try {
      if (SettlementMessage.decode(payload) instanceof SettlementMessage.Credits credits) {
        return new SettlementMessage.Credits(credits.groups().stream().map(Lie::reduced).toList())
            .encode();
      }
      return payload;
    } catch (DecodeException e) {
      throw new IllegalStateException("the own message is malformed", e);
    }
  }

  private static SettlementMessage.CreditGroup reduced(SettlementMessage.CreditGroup group) {
    return new SettlementMessage.CreditGroup(
        group.asset(),
        group.first(),
        group.credits().stream()
            .map(
                credit ->
                    new SettlementMessage.Credit(
                        credit.payer(), credit.payee(), Amount.ONE, credit.references()))
            .toList());
  }

  private static PublicKey decoded(Bytes key) {
    try {
      return PublicKey.decode(key);
    } catch (DecodeException e) {
      throw new IllegalStateException("an issuer's key is malformed", e);
    }
  }

  private static final class GenerousAccounts extends AlteredAccounts {
    private final Set<Bytes> forgiven = new HashSet<>();

    GenerousAccounts(StateView truth) {
      super(truth);
    }

    @Override
    Account shown(Bytes key, Account account) {
      if (!account.debitsMustNotExceedCredits()) {
        return account;
      }
      forgiven.add(key);
      return withFlags(account, account.flags() & ~AccountFlags.DEBITS_MUST_NOT_EXCEED_CREDITS);
    }

    @Override
    Account written(Bytes key, Account account) {
      return forgiven.contains(key)
          ? withFlags(account, account.flags() | AccountFlags.DEBITS_MUST_NOT_EXCEED_CREDITS)
          : account;
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

  private static final class DoubledCredits extends AlteredAccounts {
    DoubledCredits(StateView truth) {
      super(truth);
    }

    @Override
    Account written(Bytes key, Account account) {
      return stored(key)
          .map(before -> account.creditsPosted().subtractExact(before.creditsPosted()))
          .map(credit -> withCredits(account, account.creditsPosted().addExact(credit)))
          .orElse(account);
    }

    private static Account withCredits(Account account, Uint128 creditsPosted) {
      return new Account(
          account.asset(),
          account.owner(),
          account.flags(),
          account.status(),
          account.debitsPending(),
          account.debitsPosted(),
          account.creditsPending(),
          creditsPosted);
    }
  }
}
