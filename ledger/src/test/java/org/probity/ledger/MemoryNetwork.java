package org.probity.ledger;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assertions;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.PublicKey;
import org.probity.detector.crypto.TestKeys;
import org.probity.detector.program.Context;
import org.probity.detector.program.Program;
import org.probity.detector.program.Submission;
import org.probity.detector.program.Transaction;
import org.probity.detector.state.AccessLog;
import org.probity.detector.state.Execution;
import org.probity.detector.state.PrefixedView;
import org.probity.detector.state.StateTree;
import org.probity.detector.state.StateView;
import org.probity.detector.state.StateWitness;
import org.probity.detector.state.WorkingState;
import org.probity.ledger.audit.Books;
import org.probity.ledger.program.LedgerProgram;
import org.probity.ledger.program.LedgerReader;
import org.probity.ledger.transaction.LedgerParameters;
import org.probity.ledger.transaction.Operation;
import org.probity.ledger.transaction.Outcome;
import org.probity.ledger.transaction.TransactionBody;

/**
 * Several nodes that run the ledger and nothing else: no log, no signatures. Messages wait in
 * first-in-first-out channels until the test delivers them, in any interleaving of channels.
 */
public final class MemoryNetwork {
  private static final Map<String, PublicKey> KEYS = new ConcurrentHashMap<>();

  private final Program program = new LedgerProgram();
  private final SortedMap<String, MemoryNode> nodes = new TreeMap<>();
  private final SortedMap<String, Deque<Message>> channels = new TreeMap<>();

  private boolean proving;
  private @Nullable StateWitness lastWitness;

  /** A payload on its way. */
  public record Message(String from, String to, Bytes payload) {}

  public MemoryNetwork(LedgerParameters parameters, Collection<String> names) {
    for (String name : names) {
      nodes.put(name, new MemoryNode(name));
    }
    nodes.values().forEach(node -> node.initialise(parameters));
  }

  /** From now on every step is executed a second time, on a witness of the first, and compared. */
  public void proveEveryStep() {
    proving = true;
  }

  /** What the last step looked at. */
  public StateWitness lastWitness() {
    return Objects.requireNonNull(lastWitness);
  }

  public static PublicKey key(String name) {
    return KEYS.computeIfAbsent(name, absent -> TestKeys.named(absent).publicKey());
  }

  public LedgerReader reader(String node) {
    return new LedgerReader(state(node));
  }

  public StateView state(String node) {
    return node(node).view();
  }

  /** The whole state of a node; immutable. */
  public StateTree tree(String node) {
    return node(node).state.tree();
  }

  /** Puts a node back to an earlier state; what it sent since is not unsent. */
  public void reset(String node, StateTree tree) {
    node(node).state.rollbackTo(tree);
  }

  /** Executes operations in one transaction under the keys with these names. */
  public Outcome submit(String node, List<String> signers, Operation... operations) {
    return submit(node, signers, Arrays.asList(operations));
  }

  public Outcome submit(String node, List<String> signers, List<Operation> operations) {
    return submit(node, signers, new TransactionBody(operations).encode());
  }

  /** Executes any bytes as a transaction's body. */
  public Outcome submit(String node, List<String> signers, Bytes body) {
    List<PublicKey> keys = signers.stream().map(MemoryNetwork::key).sorted().toList();
    Bytes submitter = keys.isEmpty() ? Bytes.of(new byte[32]) : keys.get(0).toBytes();
    Submission submission =
        new Submission(keys, new Transaction(node, Transaction.clientId(1, 1), submitter, body), 7);
    try {
      return Outcome.decode(node(node).execute(submission));
    } catch (DecodeException e) {
      throw new AssertionError(e);
    }
  }

  /** Whether the submitter may submit the operations, signed with the keys with these names. */
  public boolean authorises(
      String node, List<String> signers, Bytes submitter, Operation... operations) {
    List<PublicKey> keys = signers.stream().map(MemoryNetwork::key).sorted().toList();
    Bytes body =
        operations.length == 0
            ? Bytes.EMPTY
            : new TransactionBody(Arrays.asList(operations)).encode();
    Submission submission =
        new Submission(keys, new Transaction(node, Transaction.clientId(1, 1), submitter, body), 7);
    MemoryNode at = node(node);
    StateTree before = at.state.tree();
    boolean authorised = program.authorises(submission, new Call(node, at.state));
    Assertions.assertSame(before, at.state.tree(), "authorises must not write");
    return authorised;
  }

  /** Executes a payload at a node as if {@code from} had sent it. */
  public void inject(String from, String to, Bytes payload) {
    node(to).receive(from, payload);
  }

  /** A message of a node comes back to it, because the members have ended the one it was for. */
  public void bringBack(Message message, boolean isTaken) {
    node(message.from).takeBack(message.to, message.payload, isTaken);
  }

  public boolean quiet() {
    return channels.isEmpty();
  }

  /** Messages on their way, per channel in order. */
  public List<Message> inTransit() {
    List<Message> all = new ArrayList<>();
    channels.values().forEach(all::addAll);
    return all;
  }

  /** Delivers the oldest message of a channel picked at random. */
  public Message deliverOne(SplittableRandom random) {
    List<String> waiting = List.copyOf(channels.keySet());
    return deliver(waiting.get(random.nextInt(waiting.size())));
  }

  public void deliverAll() {
    while (!quiet()) {
      deliver(channels.firstKey());
    }
  }

  /** Takes the oldest message of the first channel out of the network. */
  public Message intercept() {
    return take(channels.firstKey());
  }

  private Message deliver(String channel) {
    Message message = take(channel);
    node(message.to).receive(message.from, message.payload);
    return message;
  }

  private Message take(String channel) {
    Deque<Message> queue = channels.get(channel);
    Message message = queue.removeFirst();
    if (queue.isEmpty()) {
      channels.remove(channel);
    }
    return message;
  }

  /** The sums over the nodes as they are now. */
  public Books books() {
    SortedMap<String, StateView> states = new TreeMap<>();
    nodes.forEach((name, node) -> states.put(name, node.view()));
    return Books.of(states);
  }

  private MemoryNode node(String name) {
    return nodes.get(name);
  }

  private final class MemoryNode {
    private final String name;
    private final WorkingState state = new WorkingState(StateTree.EMPTY);

    MemoryNode(String name) {
      this.name = name;
    }

    void initialise(LedgerParameters parameters) {
      program.initialise(parameters.encode(), new Call(name, state));
    }

    Bytes execute(Submission submission) {
      return step(call -> program.execute(submission, call));
    }

    void receive(String from, Bytes payload) {
      step(
          call -> {
            program.receive(from, payload, call);
            return Bytes.EMPTY;
          });
    }

    void takeBack(String to, Bytes payload, boolean isTaken) {
      step(
          call -> {
            program.returned(to, payload, isTaken, call);
            return Bytes.EMPTY;
          });
    }

    StateView view() {
      return PrefixedView.application(state);
    }

    /** Runs one input as a node does, then once more as a judge does who has only a witness. */
    private Bytes step(Function<Call, Bytes> input) {
      AccessLog log = new AccessLog(state.tree());
      Step step = Step.run(name, log.state(), input, MemoryNetwork.this);
      if (proving) {
        StateWitness witness = decoded(log.witness());
        Execution<Step> judged =
            witness.execute(given -> Step.run(name, given, input, MemoryNetwork.this));
        Assertions.assertEquals(new Execution.Complete<>(step, true), judged);
      }
      lastWitness = log.witness();
      state.rollbackTo(log.tree());
      for (Message output : step.outputs) {
        channels
            .computeIfAbsent(output.from + ">" + output.to, absent -> new ArrayDeque<>())
            .add(output);
      }
      return step.result;
    }

    private static StateWitness decoded(StateWitness witness) {
      try {
        return StateWitness.decode(witness.encoded());
      } catch (DecodeException e) {
        throw new AssertionError(e);
      }
    }
  }

  /** What one input led to. */
  private record Step(Bytes result, List<Message> outputs, Hash root) {
    static Step run(
        String node, WorkingState state, Function<Call, Bytes> input, MemoryNetwork network) {
      Call call = network.new Call(node, state);
      Bytes result = input.apply(call);
      return new Step(result, call.outputs, state.root());
    }
  }

  private final class Call implements Context {
    private final String name;
    private final WorkingState state;
    private final StateTree savepoint;
    private final List<Message> outputs = new ArrayList<>();

    Call(String name, WorkingState state) {
      this.name = name;
      this.state = state;
      this.savepoint = state.tree();
    }

    @Override
    public String self() {
      return name;
    }

    @Override
    public long nowMillis() {
      return 0;
    }

    @Override
    public boolean isPeer(String node) {
      return !node.equals(name) && nodes.containsKey(node);
    }

    @Override
    public StateView state() {
      return PrefixedView.application(state);
    }

    @Override
    public void send(String to, Bytes payload) {
      Assertions.assertTrue(isPeer(to), to);
      Assertions.assertTrue(payload.size() <= MAX_PAYLOAD_BYTES, "payload of " + payload.size());
      outputs.add(new Message(name, to, payload));
    }

    @Override
    public void rollback() {
      state.rollbackTo(savepoint);
      outputs.clear();
    }
  }
}
