package org.probity.detector.commitment;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.GovernanceState;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.NodeStanding;
import org.probity.detector.governance.Parameters;
import org.probity.detector.state.KeyValue;
import org.probity.detector.state.StateView;

/**
 * The protocol's own part of the authenticated state, typed (keys: see the package doc).
 *
 * <p>Reading what this class did not write is impossible for a state reached by replay; it throws
 * IllegalStateException, our bug. A witness that discloses a forged value under a genuine root
 * cannot exist, because the root covers it.
 */
public final class SystemState {
  private static final Bytes TICK = Bytes.utf8("t");
  private static final Bytes PARAMETERS = Bytes.utf8("p");
  private static final NodeStanding ACTIVE = new NodeStanding.Active();
  private static final int TRANSACTION_HASH_BYTES = 16;

  private final StateView view;

  /** Over the system's part of the map, prefix already taken off. */
  public SystemState(StateView view) {
    this.view = view;
  }

  /** What every log of the consortium starts from. */
  public void found(Genesis genesis) {
    putTick(genesis.foundedMillis());
    governance(genesis.networkId()).found(genesis);
  }

  /** What governance decided, on the same state. */
  public GovernanceState governance(Hash networkId) {
    return new GovernanceState(view, networkId);
  }

  public long tickMillis() {
    return number(required(TICK));
  }

  public void putTick(long millis) {
    view.put(TICK, number(millis));
  }

  public Parameters parameters() {
    return decoded(required(PARAMETERS), Parameters::decode);
  }

  public Optional<NodeRecord> node(String node) {
    return Optional.ofNullable(view.get(nodeKey(node)))
        .map(value -> decoded(value, NodeRecord::decode));
  }

  /** What decisions have made of a node. */
  public NodeStanding standing(String node) {
    return Optional.ofNullable(view.get(Bytes.utf8("d" + node)))
        .map(value -> decoded(value, NodeStanding::decode))
        .orElse(ACTIVE);
  }

  /** Whether nothing has stopped a node. */
  public boolean isActive(String node) {
    return standing(node).equals(ACTIVE);
  }

  /** The outgoing half of a channel. */
  public Outgoing outgoing(ChannelId peer) {
    Bytes value = view.get(peer.key('o'));
    return value == null ? Outgoing.NONE : decoded(value, Outgoing::decode);
  }

  /** Takes the next sequence number of the channel for the SEND at {@code index}. */
  public long openSend(ChannelId peer, long index, Bytes payload) {
    Outgoing before = outgoing(peer);
    view.put(peer.key('o'), new Outgoing(before.next() + 1, before.acked()).encode());
    view.put(
        peer.key('s', before.next()),
        new OpenSend(index, Hash.sha256(payload.unsafeArray())).encode());
    return before.next();
  }

  /** Everything below {@code received} has arrived at the peer. */
  public void acknowledge(ChannelId peer, long received) {
    Outgoing before = outgoing(peer);
    for (long sequence = before.acked(); sequence < received; sequence++) {
      view.remove(peer.key('s', sequence));
    }
    view.put(peer.key('o'), new Outgoing(before.next(), received).encode());
  }

  /**
   * Indices of SENDs the peer has not acknowledged, in sequence order.
   *
   * @param from the first sequence number looked at
   * @param limit at most so many
   */
  public List<Long> openSends(ChannelId peer, long from, int limit) {
    return open(peer, from, limit).stream().map(OpenSend::index).toList();
  }

  /** The same, with what they carry. */
  List<OpenSend> open(ChannelId peer, long from, int limit) {
    List<OpenSend> sends = new ArrayList<>();
    for (KeyValue open : view.scan(peer.key('s', from), peer.key('s', Long.MAX_VALUE), limit)) {
      sends.add(decoded(open.value(), OpenSend::decode));
    }
    return sends;
  }

  /** How many SENDs of the peer this log has received: the next sequence expected. */
  public long received(ChannelId peer) {
    Bytes value = view.get(receivedKey(peer));
    return value == null ? 0 : number(value);
  }

  public void putReceived(ChannelId peer, long count) {
    view.put(receivedKey(peer), number(count));
  }

  /** The key an acknowledgement proves; relative to the system's part of the map. */
  public static Bytes receivedKey(ChannelId peer) {
    return peer.key('i');
  }

  /** A transaction id that is still remembered. */
  public Optional<Remembered> transaction(Bytes clientId, Bytes submitter) {
    return Optional.ofNullable(view.get(transactionKey(clientId, submitter)))
        .map(value -> decoded(value, Remembered::decode));
  }

  public void remember(Bytes clientId, Bytes submitter, Remembered transaction) {
    view.put(transactionKey(clientId, submitter), transaction.encode());
  }

  /** Forgets all transactions whose deadline is before {@code millis}, at the cost of one. */
  public void forgetBefore(long millis) {
    // Keys start with the deadline, so the expired ones are a range.
    view.removeRange(
        Bytes.utf8("x"),
        Bytes.wrap(ByteBuffer.allocate(1 + Long.BYTES).put((byte) 'x').putLong(millis).array()));
  }

  /**
   * A transaction the log holds.
   *
   * @param statementId identity of what was signed
   * @param index of its TRANSACTION entry
   */
  public record Remembered(Hash statementId, long index) {
    Bytes encode() {
      return new CborWriter().array(2).bytes(statementId.toBytes()).uint(index).toBytes();
    }

    static Remembered decode(Bytes value) throws DecodeException {
      CborReader in = new CborReader(value);
      in.arrayHeader(2);
      Remembered decoded = new Remembered(Hash.read(in), in.uint());
      in.end();
      return decoded;
    }
  }

  /**
   * A SEND that the peer has not acknowledged.
   *
   * @param index of its entry
   * @param payload SHA-256 of what it carries
   */
  record OpenSend(long index, Hash payload) {
    Bytes encode() {
      return new CborWriter().array(2).uint(index).bytes(payload.toBytes()).toBytes();
    }

    static OpenSend decode(Bytes value) throws DecodeException {
      CborReader in = new CborReader(value);
      in.arrayHeader(2);
      OpenSend decoded = new OpenSend(in.uint(), Hash.read(in));
      in.end();
      return decoded;
    }
  }

  /**
   * The outgoing half of a channel.
   *
   * @param next sequence number of the next SEND
   * @param acked how many SENDs the peer is known to have received
   */
  public record Outgoing(long next, long acked) {
    static final Outgoing NONE = new Outgoing(0, 0);

    Bytes encode() {
      return new CborWriter().array(2).uint(next).uint(acked).toBytes();
    }

    static Outgoing decode(Bytes value) throws DecodeException {
      CborReader in = new CborReader(value);
      in.arrayHeader(2);
      Outgoing decoded = new Outgoing(in.uint(), in.uint());
      in.end();
      return decoded;
    }
  }

  private static Bytes nodeKey(String node) {
    return Bytes.utf8("n" + node);
  }

  private static Bytes transactionKey(Bytes clientId, Bytes submitter) {
    // What clients choose freely goes under a hash: ids chosen to make paths in the state's tree
    // long would make proofs about their neighbours big.
    byte[] id = clientId.unsafeArray();
    byte[] hash = Hash.sha256(id, submitter.unsafeArray()).unsafeArray();
    return Bytes.wrap(
        ByteBuffer.allocate(1 + Long.BYTES + TRANSACTION_HASH_BYTES)
            .put((byte) 'x')
            .put(id, 0, Long.BYTES)
            .put(hash, 0, TRANSACTION_HASH_BYTES)
            .array());
  }

  private Bytes required(Bytes key) {
    @Nullable Bytes value = view.get(key);
    if (value == null) {
      throw new IllegalStateException("system state lacks " + text(key));
    }
    return value;
  }

  private static Bytes number(long value) {
    return new CborWriter().uint(value).toBytes();
  }

  private static long number(Bytes value) {
    return decoded(
        value,
        bytes -> {
          CborReader in = new CborReader(bytes);
          long number = in.uint();
          in.end();
          return number;
        });
  }

  private static String text(Bytes key) {
    return new String(key.unsafeArray(), StandardCharsets.US_ASCII);
  }

  private static <T> T decoded(Bytes value, Decoder<T> decoder) {
    try {
      return decoder.decode(value);
    } catch (DecodeException e) {
      throw new IllegalStateException("system state is damaged: " + e.getMessage(), e);
    }
  }

  private interface Decoder<T> {
    T decode(Bytes value) throws DecodeException;
  }
}
