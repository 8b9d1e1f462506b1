package org.probity.detector.governance;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.log.Identifier;
import org.probity.detector.log.TreeHead;

/**
 * What a consortium can decide. A value says what, {@link ActionRule} whether it can be done,
 * {@link GovernanceState} what it changes.
 *
 * <pre>
 * action = [type: uint, body: array]
 * </pre>
 *
 * <p>Types 7 to 11 are taken by actions that this version does not have: member.add, member.remove,
 * key.rotate, program.upgrade and asset.recover.
 */
public sealed interface Action {
  /** With this, a decision of the largest electorate still fits an entry. */
  int MAX_BYTES = 14_000;

  /** Stable: the wire format. */
  int type();

  /** Stable, for people and URLs: {@code node.suspend}. */
  String name();

  void writeBody(CborWriter out);

  <R> R handle(Handler<R> handler);

  /** Names every kind of action, so that a new one cannot be forgotten. */
  interface Handler<R> {
    R submitEvidence(SubmitEvidence action);

    R suspendNode(SuspendNode action);

    R revokeNode(RevokeNode action);

    R readmitNode(ReadmitNode action);

    R approveIncarnation(ApproveIncarnation action);

    R setParameters(SetParameters action);

    R reassignWitnesses(ReassignWitnesses action);
  }

  default Bytes encode() {
    CborWriter out = new CborWriter().array(2).uint(type());
    writeBody(out);
    return out.toBytes();
  }

  /** Codes: {@code action_too_large}, {@code unknown_action}, and those of the parts. */
  static Action decode(Bytes encoded) throws DecodeException {
    if (encoded.size() > MAX_BYTES) {
      throw new DecodeException(
          "action_too_large", encoded.size() + " bytes, at most " + MAX_BYTES);
    }
    CborReader in = new CborReader(encoded);
    in.arrayHeader(2);
    long type = in.uint();
    Action action = readBody(type, in);
    in.end();
    return action;
  }

  private static Action readBody(long type, CborReader in) throws DecodeException {
    if (type == SubmitEvidence.TYPE) {
      return SubmitEvidence.read(in);
    }
    if (type == SuspendNode.TYPE) {
      in.arrayHeader(1);
      return new SuspendNode(Identifier.read(in));
    }
    if (type == RevokeNode.TYPE) {
      return RevokeNode.read(in);
    }
    if (type == ReadmitNode.TYPE) {
      in.arrayHeader(2);
      return new ReadmitNode(Identifier.read(in), in.flag());
    }
    if (type == ApproveIncarnation.TYPE) {
      return ApproveIncarnation.read(in);
    }
    if (type == SetParameters.TYPE) {
      in.arrayHeader(1);
      return new SetParameters(Parameters.read(in));
    }
    if (type == ReassignWitnesses.TYPE) {
      in.arrayHeader(0);
      return new ReassignWitnesses();
    }
    throw new DecodeException("unknown_action", "no action has type " + type);
  }

  private static TreeHead readHead(CborReader in) throws DecodeException {
    return new TreeHead(in.uint(), Hash.read(in));
  }

  private static void writeHead(CborWriter out, TreeHead head) {
    out.uint(head.size()).bytes(head.root().unsafeArray());
  }

  /** Reads one part of an action. */
  interface PartReader<T> {
    T read(CborReader in) throws DecodeException;
  }

  private static <T> List<T> readAscending(
      CborReader in, int max, PartReader<T> reader, Comparator<T> order) throws DecodeException {
    int count = in.arrayHeaderUpTo(max);
    List<T> channels = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      T next = reader.read(in);
      if (i > 0 && order.compare(channels.get(i - 1), next) >= 0) {
        throw new DecodeException("channels_not_ascending", "channels must ascend by peer");
      }
      channels.add(next);
    }
    return channels;
  }

  /**
   * Puts a proven fault on record; from the next epoch on its member has no vote.
   *
   * @param fault {@link Subject#fault}
   * @param log node and incarnation, if it is a node's fault
   * @param file SHA-256 of an evidence file that proves it
   */
  record SubmitEvidence(
      Hash fault, int kind, String member, Optional<LogName> log, long position, Hash file)
      implements Action {
    static final int TYPE = 1;
    private static final int MAX_KIND = 255;

    static SubmitEvidence read(CborReader in) throws DecodeException {
      in.arrayHeader(6);
      Hash fault = Hash.read(in);
      int kind = in.uintMaxInt(MAX_KIND);
      String member = Identifier.read(in);
      Optional<LogName> log =
          in.arrayHeaderUpTo(1) == 0 ? Optional.empty() : Optional.of(LogName.read(in));
      return new SubmitEvidence(fault, kind, member, log, in.uint(), Hash.read(in));
    }

    @Override
    public int type() {
      return TYPE;
    }

    @Override
    public String name() {
      return "evidence.submit";
    }

    @Override
    public void writeBody(CborWriter out) {
      out.array(6).bytes(fault.unsafeArray()).uint(kind).text(member);
      out.array(log.isPresent() ? 1 : 0);
      log.ifPresent(name -> name.write(out));
      out.uint(position).bytes(file.unsafeArray());
    }

    @Override
    public <R> R handle(Handler<R> handler) {
      return handler.submitEvidence(this);
    }
  }

  /** Stops a node for as long as its case is open; opens the submission period. */
  record SuspendNode(String node) implements Action {
    static final int TYPE = 2;

    @Override
    public int type() {
      return TYPE;
    }

    @Override
    public String name() {
      return "node.suspend";
    }

    @Override
    public void writeBody(CborWriter out) {
      out.array(1).text(node);
    }

    @Override
    public <R> R handle(Handler<R> handler) {
      return handler.suspendNode(this);
    }
  }

  /**
   * Ends a suspended node.
   *
   * @param last its final checkpoint: the highest that anyone substantiated in the submission
   *     period
   * @param taken what its log took in of its peers' messages up to there, ascending by peer; peers
   *     it took nothing from are left out
   */
  record RevokeNode(String node, TreeHead last, List<Taken> taken) implements Action {
    static final int TYPE = 3;

    /** The most peers a final log can have received from. */
    public static final int MAX_TAKEN = 200;

    private static final Comparator<Taken> ORDER = Comparator.comparing(Taken::peer);

    public RevokeNode {
      taken = List.copyOf(taken);
    }

    static RevokeNode read(CborReader in) throws DecodeException {
      in.arrayHeader(4);
      return new RevokeNode(
          Identifier.read(in), readHead(in), readAscending(in, MAX_TAKEN, Taken::read, ORDER));
    }

    @Override
    public int type() {
      return TYPE;
    }

    @Override
    public String name() {
      return "node.revoke";
    }

    @Override
    public void writeBody(CborWriter out) {
      out.array(4).text(node);
      writeHead(out, last);
      out.array(taken.size());
      taken.forEach(channel -> channel.write(out));
    }

    @Override
    public <R> R handle(Handler<R> handler) {
      return handler.revokeNode(this);
    }
  }

  /**
   * Ends a suspension.
   *
   * @param vote whether the node's member votes again, from the next epoch on
   */
  record ReadmitNode(String node, boolean vote) implements Action {
    static final int TYPE = 4;

    @Override
    public int type() {
      return TYPE;
    }

    @Override
    public String name() {
      return "node.readmit";
    }

    @Override
    public void writeBody(CborWriter out) {
      out.array(2).text(node).flag(vote);
    }

    @Override
    public <R> R handle(Handler<R> handler) {
      return handler.readmitNode(this);
    }
  }

  /**
   * Closes a node's log and lets it begin another (protocol.md §11.3).
   *
   * @param enrolment the member's statement of typ {@link NodeRecord#ENROLMENT_TYP} for the new
   *     record
   * @param close the highest position of the old log that anyone substantiated
   * @param initialRoot state root of the new log's GENESIS
   * @param minTickMillis no TICK of the new log may be below
   * @param beyond what its peers have that the closed log does not show, ascending by peer
   */
  record ApproveIncarnation(
      Bytes enrolment, TreeHead close, Hash initialRoot, long minTickMillis, List<Beyond> beyond)
      implements Action {
    static final int TYPE = 5;

    /** The most channels that can differ from the closed log. */
    public static final int MAX_BEYOND = 200;

    private static final int MAX_ENROLMENT_BYTES = 512;
    private static final Comparator<Beyond> ORDER = Comparator.comparing(Beyond::peer);

    public ApproveIncarnation {
      beyond = List.copyOf(beyond);
    }

    static ApproveIncarnation read(CborReader in) throws DecodeException {
      in.arrayHeader(6);
      Bytes enrolment = in.bytesUpTo(MAX_ENROLMENT_BYTES);
      TreeHead close = readHead(in);
      Hash initialRoot = Hash.read(in);
      long minTickMillis = in.uint();
      return new ApproveIncarnation(
          enrolment,
          close,
          initialRoot,
          minTickMillis,
          readAscending(in, MAX_BEYOND, Beyond::read, ORDER));
    }

    @Override
    public int type() {
      return TYPE;
    }

    @Override
    public String name() {
      return "incarnation.approve";
    }

    @Override
    public void writeBody(CborWriter out) {
      out.array(6).bytes(enrolment);
      writeHead(out, close);
      out.bytes(initialRoot.unsafeArray()).uint(minTickMillis).array(beyond.size());
      beyond.forEach(channel -> channel.write(out));
    }

    @Override
    public <R> R handle(Handler<R> handler) {
      return handler.approveIncarnation(this);
    }
  }

  /** Replaces the parameters. */
  record SetParameters(Parameters parameters) implements Action {
    static final int TYPE = 6;

    @Override
    public int type() {
      return TYPE;
    }

    @Override
    public String name() {
      return "param.set";
    }

    @Override
    public void writeBody(CborWriter out) {
      out.array(1);
      parameters.write(out);
    }

    @Override
    public <R> R handle(Handler<R> handler) {
      return handler.setParameters(this);
    }
  }

  /** Advances the rotation number, so that all witness seats are drawn anew. */
  record ReassignWitnesses() implements Action {
    static final int TYPE = 12;

    @Override
    public int type() {
      return TYPE;
    }

    @Override
    public String name() {
      return "witness.reassign";
    }

    @Override
    public void writeBody(CborWriter out) {
      out.array(0);
    }

    @Override
    public <R> R handle(Handler<R> handler) {
      return handler.reassignWitnesses(this);
    }
  }

  /** One incarnation of a node. */
  record LogName(String node, long incarnation) implements Comparable<LogName> {
    private static final Comparator<LogName> ORDER =
        Comparator.comparing(LogName::node).thenComparingLong(LogName::incarnation);

    static LogName read(CborReader in) throws DecodeException {
      in.arrayHeader(2);
      return new LogName(Identifier.read(in), in.uint());
    }

    void write(CborWriter out) {
      out.array(2).text(node).uint(incarnation);
    }

    @Override
    public int compareTo(LogName other) {
      return ORDER.compare(this, other);
    }
  }

  /**
   * What the log of a revoked node took in from one peer.
   *
   * @param received how many of the peer's SENDs are in its RECEIVE entries; at least 1
   */
  record Taken(LogName peer, long received) {
    static Taken read(CborReader in) throws DecodeException {
      in.arrayHeader(2);
      Taken taken = new Taken(LogName.read(in), in.uint());
      if (taken.received == 0) {
        throw new DecodeException("taken_nothing", "peers it took nothing from are left out");
      }
      return taken;
    }

    void write(CborWriter out) {
      out.array(2);
      peer.write(out);
      out.uint(received);
    }
  }

  /**
   * One channel of a closed log, as far as the peer proves more than that log shows.
   *
   * @param received how many SENDs of the closed log the peer has received
   * @param acknowledged how many of the peer's SENDs the closed log has acknowledged to it
   */
  record Beyond(LogName peer, long received, long acknowledged) {
    static Beyond read(CborReader in) throws DecodeException {
      in.arrayHeader(3);
      return new Beyond(LogName.read(in), in.uint(), in.uint());
    }

    void write(CborWriter out) {
      out.array(3);
      peer.write(out);
      out.uint(received).uint(acknowledged);
    }
  }
}
