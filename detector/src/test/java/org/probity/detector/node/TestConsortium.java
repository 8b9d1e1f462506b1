package org.probity.detector.node;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BiFunction;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.probity.detector.challenge.AnswerRule;
import org.probity.detector.challenge.Challenge;
import org.probity.detector.challenge.ChallengeRule;
import org.probity.detector.challenge.Confirmation;
import org.probity.detector.challenge.ConfirmationRule;
import org.probity.detector.challenge.ValidChallenge;
import org.probity.detector.challenge.VerifiedAnswer;
import org.probity.detector.challenge.VerifiedConfirmation;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.Ack;
import org.probity.detector.commitment.CheckpointVerifier;
import org.probity.detector.commitment.Envelope;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.TransactionRule;
import org.probity.detector.commitment.VerifiedEnvelope;
import org.probity.detector.commitment.Views;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.Signer;
import org.probity.detector.crypto.Statement;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.evidence.Evidence;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.Incarnations;
import org.probity.detector.log.CheckpointSigner;
import org.probity.detector.log.LogReader;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.program.Program;
import org.probity.detector.program.Transaction;
import org.probity.detector.trust.TrustListener;

/**
 * Whole nodes in memory, joined by a queue of messages: no threads, no time but what the test sets.
 * Everything that crosses between nodes is encoded and decoded as on a real wire.
 */
public final class TestConsortium {
  private final TestNetwork network;
  private final Map<String, Member> members = new LinkedHashMap<>();
  private final Deque<Runnable> wire = new ArrayDeque<>();
  private final StatementVerifier verifier;
  private final CheckpointVerifier checkpoints;
  private long nowMillis = TestNetwork.FOUNDED_MILLIS;
  private long tickets;
  private boolean doWitnessesConfirm = true;
  private Consumer<Bytes> envelopeObserver = envelope -> {};
  private Consumer<Bytes> ackObserver = ack -> {};
  private DecisionChain chain;
  private final ChallengeRule challengeRule;
  private final AnswerRule answerRule;
  private final ConfirmationRule confirmationRule;
  private BiFunction<String, ValidChallenge, Optional<Confirmation>> confirming =
      (holder, challenge) -> Optional.empty();
  private BiPredicate<String, String> isReached = (from, to) -> true;
  private Predicate<String> isHanging = node -> false;
  private long puts;
  private long hung;

  /** One node with its disk and what it has answered. */
  public final class Member {
    private final String name;
    private final Machine machine;
    private final Signer key;
    private final MemoryLog log = new MemoryLog();
    private Node node;
    private final Map<Long, Release> answers = new LinkedHashMap<>();
    private final List<SignedCheckpoint> heardAsWitness = new ArrayList<>();
    private final List<Bytes> candidates = new ArrayList<>();
    private final List<Effect.LogRefused> refusals = new ArrayList<>();
    private final Map<Long, String> envelopeSenders = new LinkedHashMap<>();
    private final Map<Long, Asked> askers = new LinkedHashMap<>();
    private final List<String> opinions = new ArrayList<>();
    private final List<Effect.Produced> produced = new ArrayList<>();
    private final List<Effect.Spread> spread = new ArrayList<>();

    Member(String name, Program program) {
      this.name = name;
      this.machine = new Machine(network.genesis(), network.node(name), program);
      this.key = network.logKey(name);
      this.node =
          new Node(
              machine,
              CheckpointSigner.guarding(key, machine.origin(), log.mark()),
              LogPosition.start(machine),
              Optional.empty(),
              log,
              new Views(),
              listener());
    }

    /** The next incarnation of a node, which begins where its log was closed. */
    Member(Incarnations incarnations, Signer key, Program program, LogReader closed) {
      this.name = incarnations.present().node();
      this.machine = new Machine(network.genesis(), incarnations, program);
      this.key = key;
      log.copy(closed, incarnations.first());
      try {
        this.node =
            new Node(
                machine,
                CheckpointSigner.guarding(key, machine.origin(), log.mark()),
                Restore.close(machine, log),
                Optional.empty(),
                log,
                new Views(),
                listener(),
                Patience.standard(),
                chain);
      } catch (Restore.RestoreException e) {
        throw new AssertionError(e);
      }
    }

    private TrustListener listener() {
      return new TrustListener() {
        @Override
        public void exposed(String node, Evidence evidence) {
          opinions.add(node + " exposed");
        }

        @Override
        public void suspected(String node, String reason) {
          opinions.add(node + " suspected");
        }

        @Override
        public void trusted(String node) {
          opinions.add(node + " trusted");
        }
      };
    }

    /** What the application was told of others, in order. */
    public List<String> opinions() {
      return opinions;
    }

    /** What it has told everybody, in order. */
    public List<Effect.Spread> spread() {
      return List.copyOf(spread);
    }

    /** What wards have produced after all. */
    public List<Effect.Produced> produced() {
      return produced;
    }

    /** Signs a challenge as this member and raises it. */
    public ValidChallenge raise(Challenge challenge) {
      ValidChallenge valid = valid(signed(challenge));
      step(new Input.ChallengeRaised(valid));
      return valid;
    }

    /** As this member signs it, whether or not it is valid. */
    public Bytes signed(Challenge challenge) {
      return challenge.sign(network.genesis().networkId(), key).encoded();
    }

    public Machine machine() {
      return machine;
    }

    public MemoryLog log() {
      return log;
    }

    public Node node() {
      return node;
    }

    public Map<Long, Release> answers() {
      return answers;
    }

    public List<SignedCheckpoint> heardAsWitness() {
      return heardAsWitness;
    }

    /** What was to be examined as evidence. */
    public List<Bytes> candidates() {
      return candidates;
    }

    public List<Effect.LogRefused> refusals() {
      return refusals;
    }

    /** A new process on the same disk, which reads all of it; what was not durable is gone. */
    public void restart() {
      try {
        restart(
            Restore.replay(machine, log, log.newest().orElseThrow(), 0, machine.initialState()));
      } catch (Restore.RestoreException e) {
        throw new AssertionError(e);
      }
    }

    /** A new process on the same disk. */
    public void restart(Restore.Restored restored) {
      node =
          new Node(
              machine,
              CheckpointSigner.guarding(key, machine.origin(), log.mark()),
              restored.end(),
              Optional.of(restored.published()),
              log,
              storedViews(),
              listener(),
              Patience.standard(),
              chain);
      askers.forEach((ticket, asked) -> wire.add(() -> unanswered(asked)));
      askers.clear();
      // The connections end with the process: whoever waits for an answer is told.
      envelopeSenders.forEach(
          (ticket, sender) ->
              wire.add(
                  () ->
                      members
                          .get(sender)
                          .step(new Input.EnvelopeFailed(name, OptionalLong.empty()))));
      envelopeSenders.clear();
      step(new Input.Clock(nowMillis, nowMillis));
    }

    private Views storedViews() {
      Views views = new Views();
      try {
        for (Bytes view : log.views()) {
          views.restore(view, checkpoints);
        }
      } catch (DecodeException e) {
        throw new AssertionError(e);
      }
      return views;
    }

    /** Feeds one input and carries out what comes of it; commits are not made durable yet. */
    public Optional<Commit> step(Input input) {
      Step step = node.step(input);
      step.effects().forEach(this::carryOut);
      return step.commit();
    }

    /** Seals and makes durable. */
    public void commit() {
      step(new Input.Seal())
          .ifPresent(
              commit -> {
                try {
                  step(new Input.CommitDurable(commit, log.commit(commit)));
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              });
    }

    private void carryOut(Effect effect) {
      if (effect instanceof Effect.Transmit transmit) {
        Bytes encoded = transmit.envelope().encode();
        wire.add(() -> deliver(name, transmit.to(), encoded));
      } else if (effect instanceof Effect.Forward forward) {
        wire.add(
            () -> {
              members.get(forward.witness()).heardAsWitness.add(forward.checkpoint());
              if (doWitnessesConfirm) {
                step(new Input.CheckpointConfirmed(forward.checkpoint(), forward.witness()));
              }
            });
      } else if (effect instanceof Effect.Examine examine) {
        candidates.add(examine.candidate());
      } else if (effect instanceof Effect.Spread told) {
        spread.add(told);
      } else if (effect instanceof Effect.LogRefused refused) {
        refusals.add(refused);
      } else if (effect instanceof Effect.Raise raise) {
        Bytes signed = signed(raise.challenge());
        wire.add(() -> step(new Input.ChallengeRaised(valid(signed))));
      } else if (effect instanceof Effect.Put put) {
        wire.add(() -> put(name, put.to(), put.challenge()));
      } else if (effect instanceof Effect.Produced entries) {
        produced.add(entries);
      } else if (effect instanceof Release release) {
        Asked asked = askers.remove(release.ticket());
        if (asked != null) {
          wire.add(() -> answerChallenge(asked, release));
        }
        answers.put(release.ticket(), release);
        String sender = envelopeSenders.remove(release.ticket());
        if (sender != null) {
          wire.add(() -> answer(sender, name, release));
        }
      }
    }
  }

  /** Who has put a challenge to whom. */
  private record Asked(String asker, String asked, ValidChallenge challenge) {}

  public TestConsortium(TestNetwork network, Program program) {
    this(network, program, Map.of());
  }

  /**
   * The same with culprits among them.
   *
   * @param planted by node: what it runs while it claims to run {@code program}
   */
  public TestConsortium(TestNetwork network, Program program, Map<String, Program> planted) {
    this.network = network;
    this.chain = DecisionChain.of(network.genesis(), SignatureRule.fastest());
    this.challengeRule = new ChallengeRule(network.genesis(), program, () -> chain);
    this.answerRule = new AnswerRule(network.genesis(), program, () -> chain);
    this.confirmationRule = new ConfirmationRule(() -> chain);
    this.checkpoints = new CheckpointVerifier(() -> chain);
    this.verifier = new StatementVerifier(SignatureRule.fastest(), network.genesis().networkId());
    network
        .genesis()
        .nodes()
        .forEach(
            node -> {
              String name = node.node();
              members.put(name, new Member(name, planted.getOrDefault(name, program)));
            });
    run();
  }

  public TestNetwork network() {
    return network;
  }

  public Member member(String name) {
    return members.get(name);
  }

  public StatementVerifier verifier() {
    return verifier;
  }

  public CheckpointVerifier checkpoints() {
    return checkpoints;
  }

  public long nowMillis() {
    return nowMillis;
  }

  /** Tells of every envelope and ack that crosses from now on. */
  public void observe(Consumer<Bytes> envelopes, Consumer<Bytes> acks) {
    envelopeObserver = envelopes;
    ackObserver = acks;
  }

  /**
   * Says which messages arrive, of the one to the other; answers come the way back, and it is asked
   * for them too.
   */
  public void reach(BiPredicate<String, String> reached) {
    isReached = reached;
  }

  /** Says who takes challenges and neither answers nor hangs up. */
  public void hang(Predicate<String> hanging) {
    isHanging = hanging;
  }

  /** Challenges put by anybody to anybody so far. */
  public long puts() {
    return puts;
  }

  /** Those of them that somebody has let hang. */
  public long hung() {
    return hung;
  }

  /**
   * A node begins again under new keys, as {@link #knows} says, with a copy of what was closed.
   *
   * @return what ran before, which is not reached any more
   */
  public Member begin(String node, Signer key, LogReader closed) {
    Incarnations incarnations = Incarnations.of(chain.state(), node).orElseThrow();
    Program program = member(node).machine.program();
    Member former = member(node);
    members.put(node, new Member(incarnations, key, program, closed));
    return former;
  }

  /** Has everybody log what is decided. */
  public void tellAll() {
    chain
        .decisions()
        .forEach(
            decision ->
                members.values().forEach(member -> member.step(new Input.DecisionTaken(decision))));
  }

  public DecisionChain chain() {
    return chain;
  }

  /** What everybody knows to be decided, whether or not it is logged. */
  public void knows(DecisionChain decided) {
    chain = decided;
  }

  /** What a holder says to whoever puts a challenge to it, if it has no answer. */
  public void confirm(BiFunction<String, ValidChallenge, Optional<Confirmation>> byHolder) {
    confirming = byHolder;
  }

  /** A challenge as it reaches the core. */
  public ValidChallenge valid(Bytes statement) {
    ChallengeRule.Outcome outcome = challengeRule.check(statement);
    return outcome.valid().orElseThrow(() -> new AssertionError(outcome.refusal()));
  }

  private void put(String from, String to, ValidChallenge challenge) {
    Asked asked = new Asked(from, to, challenge);
    puts++;
    if (isHanging.test(to)) {
      hung++;
      return;
    }
    if (!isReached.test(from, to)) {
      unanswered(asked);
      return;
    }
    long ticket = tickets++;
    Member target = members.get(to);
    target.askers.put(ticket, asked);
    target.step(new Input.ChallengeArrived(valid(challenge.encoded()), ticket));
  }

  private void unanswered(Asked asked) {
    members
        .get(asked.asker())
        .step(new Input.ChallengeUnanswered(asked.challenge().id(), asked.asked()));
  }

  private void answerChallenge(Asked asked, Release release) {
    Optional<VerifiedAnswer> answer =
        release instanceof Release.ChallengeAnswered answered
                && isReached.test(asked.asked(), asked.asker())
            ? answerRule.check(asked.challenge(), answered.answer()).answer()
            : Optional.empty();
    if (answer.isPresent()) {
      members.get(asked.asker()).step(new Input.ChallengeAnswered(answer.get()));
      return;
    }
    Optional<VerifiedConfirmation> confirmation =
        release instanceof Release.ChallengeHeld && isReached.test(asked.asked(), asked.asker())
            ? confirming
                .apply(asked.asked(), asked.challenge())
                .flatMap(said -> confirmationRule.check(asked.challenge(), said).valid())
            : Optional.empty();
    if (confirmation.isPresent()) {
      members
          .get(asked.asker())
          .step(new Input.ChallengeConfirmed(confirmation.get(), asked.asked()));
    } else {
      unanswered(asked);
    }
  }

  private void deliver(String from, String to, Bytes encoded) {
    if (!isReached.test(from, to)) {
      members.get(from).step(new Input.EnvelopeFailed(to, OptionalLong.empty()));
      return;
    }
    try {
      envelopeObserver.accept(encoded);
      long ticket = tickets++;
      members.get(to).envelopeSenders.put(ticket, from);
      members.get(to).step(new Input.EnvelopeArrived(verified(from, encoded), ticket));
    } catch (DecodeException e) {
      throw new AssertionError(e);
    }
  }

  /** An envelope as it reaches the core. */
  public Input arrived(String from, Envelope envelope, long ticket) {
    return new Input.EnvelopeArrived(checkpoints.envelope(from, envelope).orElseThrow(), ticket);
  }

  /** An ack as it reaches the core. */
  public Input acked(String from, Ack ack) {
    return new Input.AckArrived(checkpoints.ack(from, ack).orElseThrow());
  }

  private VerifiedEnvelope verified(String from, Bytes encoded) throws DecodeException {
    return checkpoints.envelope(from, Envelope.decode(encoded)).orElseThrow();
  }

  private void answer(String sender, String receiver, Release release) {
    if (!isReached.test(receiver, sender)) {
      members.get(sender).step(new Input.EnvelopeFailed(receiver, OptionalLong.empty()));
      return;
    }
    try {
      if (release instanceof Release.Acknowledged acknowledged) {
        ackObserver.accept(acknowledged.ack().encode());
        Ack ack = Ack.decode(acknowledged.ack().encode());
        members
            .get(sender)
            .step(new Input.AckArrived(checkpoints.ack(receiver, ack).orElseThrow()));
      } else if (release instanceof Release.EnvelopeRefused refused) {
        members.get(sender).step(new Input.EnvelopeFailed(receiver, refused.heldSize()));
      }
    } catch (DecodeException e) {
      throw new AssertionError(e);
    }
  }

  /** Signs a transaction for {@code home}. */
  public Statement sign(Signer client, String home, long chosenId, String submitter, String body) {
    Transaction transaction =
        new Transaction(
            home,
            Transaction.clientId(nowMillis + 60_000, chosenId),
            Bytes.utf8(submitter),
            Bytes.utf8(body));
    return Statement.sign(
        network.genesis().networkId(), Transaction.TYP, transaction.encode(), client);
  }

  /** Submits and returns the ticket. */
  public long submit(String home, Statement statement) {
    TransactionRule.Outcome checked = TransactionRule.check(statement.encoded(), home, verifier);
    long ticket = tickets++;
    members.get(home).step(new Input.Submitted(checked.checked().orElseThrow(), ticket));
    return ticket;
  }

  /** From now on no witness confirms anything. */
  public void silenceWitnesses() {
    doWitnessesConfirm = false;
  }

  /** Moves every clock. */
  public void advance(long millis) {
    nowMillis += millis;
    members.values().forEach(member -> member.step(new Input.Clock(nowMillis, nowMillis)));
  }

  /** Commits, and delivers what was under way; what comes of it stays on the wire. */
  public void runRounds(int rounds) {
    for (int round = 0; round < rounds; round++) {
      members.values().forEach(Member::commit);
      for (int underWay = wire.size(); underWay > 0; underWay--) {
        wire.remove().run();
      }
    }
  }

  /** Commits and delivers until nothing moves any more. */
  public void run() {
    for (int round = 0; round < 10_000; round++) {
      members.values().forEach(Member::commit);
      if (wire.isEmpty()
          && members.values().stream().noneMatch(member -> member.node.hasUnsealed())) {
        return;
      }
      while (!wire.isEmpty()) {
        wire.remove().run();
      }
    }
    throw new AssertionError("the consortium does not come to rest");
  }
}
