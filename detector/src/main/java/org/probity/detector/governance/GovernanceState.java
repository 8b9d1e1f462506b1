package org.probity.detector.governance;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.PublicKey;
import org.probity.detector.log.TreeHead;
import org.probity.detector.state.KeyValue;
import org.probity.detector.state.StateView;

/**
 * What decisions have made of the consortium: the part of the system state that only DECISION
 * entries change (protocol.md §2.4, §4.4).
 *
 * <pre>
 * p                      parameters                                      Parameters
 * m member               governance key                                  32 bytes
 * n node                 the node in its present incarnation             NodeRecord
 * g                      decisions taken, the last one's id, rotation    [epoch, decision, rotation]
 * e member               named by evidence recorded in that epoch        [epoch]
 * d node                 suspended or revoked                            NodeStanding
 * c node 00 peer         what a revoked node took in from a peer         [incarnation, count]
 * h node 00 incarnation  an incarnation that is closed                   [record, size, root]
 * a node 00 incarnation  how an incarnation had to begin                 [state root, min tick]
 * k public key           whose key it became after genesis               [node, role]
 * f fault                a fault on record                               [kind, member, log, position, file, epoch]
 * </pre>
 *
 * <p>All but the first three are absent at genesis. A member {@code e} has lost its vote from the
 * epoch after that on.
 *
 * <p>A view that this class did not write throws IllegalStateException, our bug, as for the rest of
 * the system state.
 */
public final class GovernanceState {
  private static final Bytes PARAMETERS = Bytes.utf8("p");
  private static final Bytes PROGRESS = Bytes.utf8("g");

  private final StateView view;
  private final Hash networkId;

  /** Over the system's part of the map, prefix already taken off. */
  public GovernanceState(StateView view, Hash networkId) {
    this.view = view;
    this.networkId = networkId;
  }

  /** What every log of the consortium starts from. */
  public void found(Genesis genesis) {
    view.put(PARAMETERS, genesis.parameters().encode());
    for (Member member : genesis.members()) {
      view.put(named('m', member.id()), member.governanceKey().toBytes());
    }
    for (NodeRecord node : genesis.nodes()) {
      view.put(named('n', node.node()), node.encode());
    }
  }

  public Hash networkId() {
    return networkId;
  }

  public Parameters parameters() {
    Bytes value = view.get(PARAMETERS);
    if (value == null) {
      throw new IllegalStateException("system state lacks parameters");
    }
    return decoded(value, Parameters::decode);
  }

  /** How many decisions were taken. */
  public long epoch() {
    return progress().epoch;
  }

  /** Id of the last decision; the network id before the first. */
  public Hash lastDecision() {
    return progress().decision;
  }

  /** The number that witness seats are drawn with (protocol.md §6.1). */
  public long rotation() {
    return progress().rotation;
  }

  public Optional<PublicKey> governanceKey(String member) {
    return read(named('m', member), PublicKey::decode);
  }

  /** The node in its present incarnation, whatever its standing. */
  public Optional<NodeRecord> node(String node) {
    return read(named('n', node), NodeRecord::decode);
  }

  public NodeStanding standing(String node) {
    return read(named('d', node), NodeStanding::decode).orElse(new NodeStanding.Active());
  }

  /** The epoch in which evidence that names the member was recorded, if that holds its vote. */
  public Optional<Long> named(String member) {
    return read(named('e', member), GovernanceState::readNumber);
  }

  /** How many SENDs of one node, whatever its incarnation, are in a revoked node's final log. */
  public long taken(String revoked, String sender) {
    return read(pair(revoked, sender), Taken::decode).map(Taken::count).orElse(0L);
  }

  /** Whether a fault is on record. */
  public boolean isRecorded(Hash fault) {
    return view.get(key('f', fault.unsafeArray())) != null;
  }

  /** In which epoch a fault was put on record, if it was. */
  public Optional<Long> recordedAt(Hash fault) {
    return read(key('f', fault.unsafeArray()), GovernanceState::readRecordEpoch);
  }

  private static long readRecordEpoch(Bytes value) throws DecodeException {
    CborReader in = new CborReader(value);
    in.arrayHeader(6);
    in.uint();
    in.text(64);
    if (in.arrayHeaderUpTo(1) == 1) {
      Action.LogName.read(in);
    }
    in.uint();
    in.byteArray(Hash.BYTES);
    long epoch = in.uint();
    in.end();
    return epoch;
  }

  /** An incarnation that a decision closed. */
  public Optional<Closed> closed(String node, long incarnation) {
    return read(incarnationKey('h', node, incarnation), Closed::decode);
  }

  /** How an incarnation had to begin; nothing for a founding one. */
  public Optional<Beginning> beginning(String node, long incarnation) {
    return read(incarnationKey('a', node, incarnation), Beginning::decode);
  }

  /** Whose a key became after genesis. */
  public Optional<KeyUse> keyUse(PublicKey key) {
    return read(key('k', key.toBytes().unsafeArray()), KeyUse::decode);
  }

  /** Every member and its governance key, whether it has a vote or not. One scan. */
  public NavigableMap<String, PublicKey> members() {
    TreeMap<String, PublicKey> members = new TreeMap<>();
    for (KeyValue binding :
        view.scan(Bytes.utf8("m"), Bytes.utf8("n"), Electorate.MAX_MEMBERS + 1)) {
      members.put(nameOf(binding.key()), decoded(binding.value(), PublicKey::decode));
    }
    return members;
  }

  /** Every node in its present incarnation, whatever its standing, by id. */
  public List<NodeRecord> nodes() {
    List<NodeRecord> nodes = new ArrayList<>();
    Bytes from = Bytes.utf8("n");
    List<KeyValue> page;
    do {
      page = view.scan(from, Bytes.utf8("o"), StateView.MAX_SCAN_LIMIT);
      for (KeyValue binding : page) {
        nodes.add(decoded(binding.value(), NodeRecord::decode));
        from = Bytes.utf8("n" + nameOf(binding.key()) + '\0');
      }
    } while (page.size() == StateView.MAX_SCAN_LIMIT);
    return nodes;
  }

  /** The nodes that decisions have stopped, by id. One scan. */
  public NavigableMap<String, NodeStanding> stopped() {
    NavigableMap<String, NodeStanding> stopped = new TreeMap<>();
    Bytes from = Bytes.utf8("d");
    List<KeyValue> page;
    do {
      page = view.scan(from, Bytes.utf8("e"), StateView.MAX_SCAN_LIMIT);
      for (KeyValue binding : page) {
        stopped.put(nameOf(binding.key()), decoded(binding.value(), NodeStanding::decode));
        from = Bytes.utf8("d" + nameOf(binding.key()) + '\0');
      }
    } while (page.size() == StateView.MAX_SCAN_LIMIT);
    return stopped;
  }

  /**
   * SPEC protocol.md §13.1: who votes in this epoch, on whatever is proposed: all members but those
   * that evidence recorded in an earlier epoch names. Two scans.
   */
  public Electorate electorate() {
    NavigableMap<String, PublicKey> electors = members();
    for (KeyValue binding :
        view.scan(Bytes.utf8("e"), Bytes.utf8("f"), Electorate.MAX_MEMBERS + 1)) {
      electors.remove(nameOf(binding.key()));
    }
    return new Electorate(electors);
  }

  // Changes: one method per effect, called for valid decisions only.

  void advance(Hash decision) {
    Progress before = progress();
    putProgress(new Progress(before.epoch + 1, decision, before.rotation));
  }

  void advanceRotation() {
    Progress before = progress();
    putProgress(new Progress(before.epoch, before.decision, before.rotation + 1));
  }

  void putParameters(Parameters parameters) {
    view.put(PARAMETERS, parameters.encode());
  }

  void record(Action.SubmitEvidence evidence) {
    CborWriter out = new CborWriter().array(6).uint(evidence.kind()).text(evidence.member());
    out.array(evidence.log().isPresent() ? 1 : 0);
    evidence.log().ifPresent(log -> log.write(out));
    out.uint(evidence.position()).bytes(evidence.file().unsafeArray()).uint(epoch());
    view.put(key('f', evidence.fault().unsafeArray()), out.toBytes());
    view.put(named('e', evidence.member()), new CborWriter().array(1).uint(epoch()).toBytes());
  }

  void restoreVote(String member) {
    view.remove(named('e', member));
  }

  void putStanding(String node, NodeStanding standing) {
    if (standing.equals(new NodeStanding.Active())) {
      view.remove(named('d', node));
    } else {
      view.put(named('d', node), standing.encode());
    }
  }

  void putTaken(String revoked, Action.Taken taken) {
    view.put(
        pair(revoked, taken.peer().node()),
        new Taken(taken.peer().incarnation(), taken.received()).encode());
  }

  /** Closes the present incarnation of the node and begins the next. */
  void enrol(NodeRecord next, TreeHead close, Beginning beginning) {
    NodeRecord before = node(next.node()).orElseThrow();
    view.put(
        incarnationKey('h', before.node(), before.incarnation()),
        new Closed(before, close).encode());
    view.put(named('n', next.node()), next.encode());
    view.put(incarnationKey('a', next.node(), next.incarnation()), beginning.encode());
    view.put(
        key('k', next.logKey().toBytes().unsafeArray()),
        new KeyUse(next.node(), KeyUse.LOG).encode());
    view.put(
        key('k', next.cosignerKey().toBytes().unsafeArray()),
        new KeyUse(next.node(), KeyUse.COSIGNER).encode());
  }

  private record Progress(long epoch, Hash decision, long rotation) {}

  private Progress progress() {
    return read(
            PROGRESS,
            value -> {
              CborReader in = new CborReader(value);
              in.arrayHeader(3);
              Progress read = new Progress(in.uint(), Hash.read(in), in.uint());
              in.end();
              return read;
            })
        .orElseGet(() -> new Progress(0, networkId, 0));
  }

  private void putProgress(Progress progress) {
    view.put(
        PROGRESS,
        new CborWriter()
            .array(3)
            .uint(progress.epoch)
            .bytes(progress.decision.unsafeArray())
            .uint(progress.rotation)
            .toBytes());
  }

  /** A closed incarnation and the last head of its log that counts. */
  public record Closed(NodeRecord record, TreeHead last) {
    Bytes encode() {
      return new CborWriter()
          .array(3)
          .bytes(record.encode())
          .uint(last.size())
          .bytes(last.root().unsafeArray())
          .toBytes();
    }

    static Closed decode(Bytes value) throws DecodeException {
      CborReader in = new CborReader(value);
      in.arrayHeader(3);
      Closed closed =
          new Closed(NodeRecord.decode(in.bytes()), new TreeHead(in.uint(), Hash.read(in)));
      in.end();
      return closed;
    }
  }

  /** How a log has to begin that succeeds a closed one. */
  public record Beginning(Hash stateRoot, long minTickMillis) {
    Bytes encode() {
      return new CborWriter().array(2).bytes(stateRoot.unsafeArray()).uint(minTickMillis).toBytes();
    }

    static Beginning decode(Bytes value) throws DecodeException {
      CborReader in = new CborReader(value);
      in.arrayHeader(2);
      Beginning beginning = new Beginning(Hash.read(in), in.uint());
      in.end();
      return beginning;
    }
  }

  private record Taken(long incarnation, long count) {
    Bytes encode() {
      return new CborWriter().array(2).uint(incarnation).uint(count).toBytes();
    }

    static Taken decode(Bytes value) throws DecodeException {
      CborReader in = new CborReader(value);
      in.arrayHeader(2);
      Taken taken = new Taken(in.uint(), in.uint());
      in.end();
      return taken;
    }
  }

  /** What a key does, and for which node. */
  public record KeyUse(String node, int role) {
    public static final int LOG = 1;
    public static final int COSIGNER = 2;

    Bytes encode() {
      return new CborWriter().array(2).text(node).uint(role).toBytes();
    }

    static KeyUse decode(Bytes value) throws DecodeException {
      CborReader in = new CborReader(value);
      in.arrayHeader(2);
      KeyUse use = new KeyUse(in.text(64), in.uintMaxInt(COSIGNER));
      in.end();
      return use;
    }
  }

  private static long readNumber(Bytes value) throws DecodeException {
    CborReader in = new CborReader(value);
    in.arrayHeader(1);
    long number = in.uint();
    in.end();
    return number;
  }

  private static Bytes incarnationKey(char prefix, String node, long incarnation) {
    byte[] name = node.getBytes(StandardCharsets.US_ASCII);
    return Bytes.wrap(
        ByteBuffer.allocate(name.length + 2 + Long.BYTES)
            .put((byte) prefix)
            .put(name)
            .put((byte) 0)
            .putLong(incarnation)
            .array());
  }

  private static Bytes pair(String node, String peer) {
    return Bytes.utf8("c" + node + '\0' + peer);
  }

  private static Bytes named(char prefix, String name) {
    return Bytes.utf8(prefix + name);
  }

  private static Bytes key(char prefix, byte[] rest) {
    byte[] key = new byte[1 + rest.length];
    key[0] = (byte) prefix;
    System.arraycopy(rest, 0, key, 1, rest.length);
    return Bytes.wrap(key);
  }

  private static String nameOf(Bytes key) {
    return new String(key.unsafeArray(), 1, key.size() - 1, StandardCharsets.US_ASCII);
  }

  private <T> Optional<T> read(Bytes key, Decoder<T> decoder) {
    @Nullable Bytes value = view.get(key);
    return value == null ? Optional.empty() : Optional.of(decoded(value, decoder));
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
