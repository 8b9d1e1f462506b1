package org.probity.detector.challenge;

import java.util.List;
import java.util.Optional;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.TransactionRule;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.Statement;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.evidence.ByzantineLog;
import org.probity.detector.evidence.Court;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.Polity;
import org.probity.detector.log.AckEntry;
import org.probity.detector.log.Cosignature;
import org.probity.detector.log.DecisionEntry;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.Multiproof;
import org.probity.detector.log.NoteSignature;
import org.probity.detector.log.ReceiveEntry;
import org.probity.detector.log.SignedNote;
import org.probity.detector.node.ObjectStore;
import org.probity.detector.node.TestNetwork;
import org.probity.detector.state.AccessLog;
import org.probity.detector.state.StateTree;

/**
 * What challenges are about: alpha has sent six messages to beta, which has received three and has
 * a log of its own; gamma challenges.
 */
final class Disputes {
  static final int SENT = 6;
  static final int RECEIVED = 3;

  final Court court = new Court();
  final ByzantineLog alpha = court.log("alpha");
  final ByzantineLog beta = court.log("beta", 2);
  final Polity polity = new Polity(court.network());
  final ChallengeRule rule = ChallengeRule.founding(court.network().genesis(), new ObjectStore());
  final AnswerRule answers =
      new AnswerRule(court.network().genesis(), new ObjectStore(), polity::chain);

  /** As logged by alpha. */
  final AckEntry ackOfThree;

  final Statement transaction = court.put("beta", "key=censored");

  Disputes() {
    for (int i = 0; i < SENT; i++) {
      alpha.transaction(court.put("alpha", "beta/" + i + "=x")).endState();
    }
    beta.receive(sends(0, RECEIVED)).endState();
    ackOfThree = beta.ackFor(alpha.machine());
  }

  /** Alpha's SENDs {@code [from, to)} under its newest checkpoint. */
  ReceiveEntry sends(int from, int to) {
    return alpha.envelope(
        alpha.sends().subList(from, to).stream().mapToLong(Long::longValue).toArray());
  }

  Challenge against(String target, Challenge.Body body) {
    return new Challenge(Challenge.Target.of(court.network().node(target)), "gamma", body);
  }

  Bytes signed(Challenge challenge) {
    return signed(challenge, "gamma");
  }

  Bytes signed(Challenge challenge, String signer) {
    return challenge
        .sign(court.network().genesis().networkId(), court.network().logKey(signer))
        .encoded();
  }

  /** Judged. */
  ChallengeRule.Outcome check(Challenge.Body body) {
    return rule.check(signed(against("beta", body)));
  }

  ValidChallenge valid(Challenge.Body body) {
    return valid(signed(against("beta", body)));
  }

  ValidChallenge valid(Bytes statement) {
    ChallengeRule.Outcome outcome = rule.check(statement);
    return outcome.valid().orElseThrow(() -> new AssertionError(outcome.refusal()));
  }

  // One of every kind.

  /** SENDs 3 to 5. */
  Challenge.Message message() {
    return new Challenge.Message(Optional.of(ackOfThree), sends(RECEIVED, SENT));
  }

  Challenge.Audit audit() {
    return new Challenge.Audit(beta.checkpoint().bytes(), 1, 3);
  }

  Challenge.Consistency consistency() {
    return new Challenge.Consistency(beta.checkpoint(4).bytes(), beta.checkpoint().bytes());
  }

  Challenge.Client client() {
    return new Challenge.Client(transaction.encoded(), Optional.empty());
  }

  /** Of the first epoch. */
  Challenge.Decided decided(Action action) {
    return new Challenge.Decided(polity.unanimous(polity.chain().state(), action).encode());
  }

  // What beta answers.

  Bytes acknowledgement() {
    return Answer.acknowledging(
        beta.receive(sends(RECEIVED, SENT)).endState().ackFor(alpha.machine()));
  }

  Bytes production() {
    return Answer.producing(
        List.of(beta.entry(1), beta.entry(2), beta.entry(3)),
        Multiproof.buildRange(beta, beta.size(), 1, 4));
  }

  /** Gamma has all of beta's log. */
  Confirmation confirmation() {
    SignedNote note;
    try {
      note = SignedNote.parse(beta.checkpoint().bytes());
    } catch (DecodeException e) {
      throw new AssertionError(e);
    }
    NoteSignature line =
        Cosignature.sign(
            TestNetwork.signer("cosigner gamma"),
            court.machine("gamma").origin().format(),
            note.textBytes(),
            TestNetwork.FOUNDED_MILLIS / 1_000);
    return new Confirmation(note.with(List.of(line)), List.of());
  }

  Bytes link() {
    return Answer.linking(MerkleProofs.consistency(beta, 4, beta.size()));
  }

  /** Logs the transaction and shows it. */
  Bytes inclusion() {
    long index = beta.size();
    beta.transaction(transaction).endState();
    return inclusion(index);
  }

  /** Logs a decision of the first epoch and shows it. */
  Bytes inclusionOf(Action action) {
    long index = beta.size();
    DecisionChain chain = polity.chain();
    beta.body(new DecisionEntry(polity.confirmed(chain.state(), action).encode())).endState();
    return inclusion(index);
  }

  /** What of beta's newest state shows that a transaction is not executed, if it is not. */
  Bytes refusal(Statement statement) {
    long last = beta.size() - 1;
    StateTree state = beta.stateAfter(last);
    AccessLog log = new AccessLog(state);
    TransactionRule.Checked checked =
        TransactionRule.check(
                statement.encoded(),
                "beta",
                new StatementVerifier(
                    SignatureRule.fastest(), court.network().genesis().networkId()))
            .checked()
            .orElseThrow();
    beta.machine()
        .transaction(log.state(), checked.statement(), checked.transaction(), beta.size());
    return Answer.stating(
        beta.checkpoint().bytes(),
        beta.entry(last),
        MerkleProofs.inclusion(beta, last, beta.size()),
        log.witness().encoded());
  }

  /** How many decisions beta has logged, by its newest state. */
  Bytes epoch() {
    long last = beta.size() - 1;
    AccessLog log = new AccessLog(beta.stateAfter(last));
    Machine.system(log.state()).governance(court.network().genesis().networkId()).epoch();
    return Answer.stating(
        beta.checkpoint().bytes(),
        beta.entry(last),
        MerkleProofs.inclusion(beta, last, beta.size()),
        log.witness().encoded());
  }

  Bytes inclusion(long index) {
    return Answer.including(
        beta.checkpoint().bytes(),
        beta.entry(index),
        MerkleProofs.inclusion(beta, index, beta.size()));
  }
}
