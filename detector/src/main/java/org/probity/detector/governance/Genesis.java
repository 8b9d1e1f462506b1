package org.probity.detector.governance;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.PublicKey;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.Signer;
import org.probity.detector.crypto.Statement;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.crypto.VerifiedStatement;
import org.probity.detector.log.Identifier;
import org.probity.detector.log.Origin;

/**
 * The founding document of a consortium, valid by construction: every enrolment is signed by the
 * owning member, every key is unique, every inequality of protocol.md §2.3 holds.
 *
 * <p>Immutable and thread-safe. Decoding verifies one signature per node.
 */
public final class Genesis {
  public static final int MAX_BYTES = 1 << 20;
  public static final int MAX_MEMBERS = Electorate.MAX_MEMBERS;
  public static final int MAX_NODES = 10_000;

  private static final int VERSION = 1;
  private static final int MAX_NAME_BYTES = 100;
  private static final int MAX_PROGRAM_PARAMETER_BYTES = 1 << 18;

  private final Bytes encoded;
  private final Hash networkId;
  private final Core core;
  private final SignatureRule signatures;
  private final Map<String, Member> members = new TreeMap<>();
  private final Map<String, NodeRecord> nodes = new TreeMap<>();

  private Genesis(Bytes encoded, Core core, SignatureRule signatures) {
    this.encoded = encoded;
    this.signatures = signatures;
    this.networkId = Hash.sha256(encoded.unsafeArray());
    this.core = core;
    core.members.forEach(member -> members.put(member.id(), member));
    core.nodes.forEach(node -> nodes.put(node.node(), node));
  }

  /**
   * Founds a consortium: encodes the facts and has every member's governance key enrol its nodes.
   *
   * @param foundedMillis where ledger time starts, milliseconds since 1970-01-01 UTC
   * @param governanceSigners by member id
   * @throws IllegalArgumentException naming the fact that breaks a rule
   */
  public static Genesis found(
      String name,
      long foundedMillis,
      Parameters parameters,
      Hash programId,
      Bytes programParameters,
      List<Member> members,
      List<NodeRecord> nodes,
      Map<String, Signer> governanceSigners) {
    return found(
        name,
        foundedMillis,
        parameters,
        programId,
        programParameters,
        members,
        nodes,
        governanceSigners,
        SignatureRule.fastest());
  }

  /** The same under another implementation of the rule for signatures, see {@link #signatures}. */
  public static Genesis found(
      String name,
      long foundedMillis,
      Parameters parameters,
      Hash programId,
      Bytes programParameters,
      List<Member> members,
      List<NodeRecord> nodes,
      Map<String, Signer> governanceSigners,
      SignatureRule signatures) {
    Core core =
        new Core(name, foundedMillis, parameters, programId, programParameters, members, nodes);
    Bytes coreBytes = core.encode();
    Hash foundingId = Hash.sha256(coreBytes.unsafeArray());
    CborWriter out = new CborWriter().array(2).bytes(coreBytes).array(nodes.size());
    for (NodeRecord node : nodes) {
      Signer signer = governanceSigners.get(node.member());
      if (signer == null) {
        throw new IllegalArgumentException("no governance signer for member " + node.member());
      }
      out.bytes(
          Statement.sign(foundingId, NodeRecord.ENROLMENT_TYP, node.encode(), signer).encoded());
    }
    try {
      return decode(out.toBytes(), signatures);
    } catch (DecodeException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  /** Parses and checks the exact bytes of a genesis file. */
  public static Genesis decode(Bytes encoded) throws DecodeException {
    return decode(encoded, SignatureRule.fastest());
  }

  /** The same under another implementation of the rule for signatures, see {@link #signatures}. */
  public static Genesis decode(Bytes encoded, SignatureRule signatures) throws DecodeException {
    if (encoded.size() > MAX_BYTES) {
      throw new DecodeException("genesis_too_large", "genesis exceeds " + MAX_BYTES + " bytes");
    }
    CborReader in = new CborReader(encoded);
    in.arrayHeader(2);
    Bytes coreBytes = in.bytesUpTo(MAX_BYTES);
    Core core = Core.decode(coreBytes);
    in.arrayHeader(core.nodes.size());
    StatementVerifier enrolments =
        new StatementVerifier(signatures, Hash.sha256(coreBytes.unsafeArray()));
    for (NodeRecord node : core.nodes) {
      // SPEC protocol.md §2.4: a key attributes only if the owning member countersigned it.
      checkEnrolment(
          enrolments.verify(in.bytesUpTo(MAX_BYTES), NodeRecord.ENROLMENT_TYP), node, core);
    }
    in.end();
    return new Genesis(encoded, core, signatures);
  }

  private static void checkEnrolment(VerifiedStatement enrolment, NodeRecord node, Core core)
      throws DecodeException {
    PublicKey owner =
        core.members.stream()
            .filter(member -> member.id().equals(node.member()))
            .findFirst()
            .orElseThrow()
            .governanceKey();
    if (!enrolment.payload().equals(node.encode()) || !enrolment.signers().equals(List.of(owner))) {
      throw new DecodeException(
          "enrolment_invalid",
          "the enrolment of node " + node.node() + " is not signed by member " + node.member());
    }
  }

  /** The exact bytes the network id is the hash of. */
  public Bytes encoded() {
    return encoded;
  }

  /**
   * By which the detector judges every signature of this consortium. It is the one rule of
   * protocol.md §2.5 wherever nodes run or evidence is verified, and a test keeps it so; a
   * simulation founds its consortia under keyed hashes instead.
   */
  public SignatureRule signatures() {
    return signatures;
  }

  public Hash networkId() {
    return networkId;
  }

  public String name() {
    return core.name;
  }

  public long foundedMillis() {
    return core.foundedMillis;
  }

  public Parameters parameters() {
    return core.parameters;
  }

  public Hash programId() {
    return core.programId;
  }

  public Bytes programParameters() {
    return core.programParameters;
  }

  /** In the order of the document. */
  public List<Member> members() {
    return core.members;
  }

  /** In the order of the document. */
  public List<NodeRecord> nodes() {
    return core.nodes;
  }

  public Optional<Member> member(String id) {
    return Optional.ofNullable(members.get(id));
  }

  public Optional<NodeRecord> node(String id) {
    return Optional.ofNullable(nodes.get(id));
  }

  /** The origin line of a node's log in its first incarnation. */
  public Origin origin(NodeRecord node) {
    return new Origin(networkId, node.node(), node.incarnation());
  }

  /** The signed facts without the signatures. */
  private record Core(
      String name,
      long foundedMillis,
      Parameters parameters,
      Hash programId,
      Bytes programParameters,
      List<Member> members,
      List<NodeRecord> nodes) {
    Core {
      members = List.copyOf(members);
      nodes = List.copyOf(nodes);
    }

    Bytes encode() {
      CborWriter out = new CborWriter().array(8).uint(VERSION).text(name).uint(foundedMillis);
      parameters.write(out);
      out.bytes(programId.toBytes()).bytes(programParameters).array(members.size());
      for (Member member : members) {
        out.array(2).text(member.id()).bytes(member.governanceKey().toBytes());
      }
      out.array(nodes.size());
      for (NodeRecord node : nodes) {
        out.bytes(node.encode());
      }
      return out.toBytes();
    }

    static Core decode(Bytes bytes) throws DecodeException {
      CborReader in = new CborReader(bytes);
      in.arrayHeader(8);
      if (in.uint() != VERSION) {
        throw new DecodeException("unknown_version", "genesis version must be " + VERSION);
      }
      String name = in.text(MAX_NAME_BYTES);
      long foundedMillis = in.uint();
      Parameters parameters = Parameters.read(in);
      Hash programId = Hash.read(in);
      Bytes programParameters = in.bytesUpTo(MAX_PROGRAM_PARAMETER_BYTES);
      List<Member> members = new ArrayList<>();
      int memberCount = in.arrayHeader();
      for (int i = 0; i < memberCount; i++) {
        in.arrayHeader(2);
        members.add(new Member(Identifier.read(in), PublicKey.decode(in.bytes(PublicKey.BYTES))));
      }
      List<NodeRecord> nodes = new ArrayList<>();
      int nodeCount = in.arrayHeader();
      for (int i = 0; i < nodeCount; i++) {
        nodes.add(NodeRecord.decode(in.bytesUpTo(MAX_BYTES)));
      }
      in.end();
      Core core =
          new Core(name, foundedMillis, parameters, programId, programParameters, members, nodes);
      core.check();
      return core;
    }

    private void check() throws DecodeException {
      require(members.size() <= MAX_MEMBERS, "too_many_members", "at most " + MAX_MEMBERS);
      require(nodes.size() <= MAX_NODES, "too_many_nodes", "at most " + MAX_NODES);
      require(
          members.size() > parameters.witnesses(),
          "too_few_members",
          "witnesses come from other members: with "
              + parameters.witnesses()
              + " witnesses there must be more members than that");
      Set<String> memberIds = new HashSet<>();
      Set<PublicKey> keys = new HashSet<>();
      for (Member member : members) {
        require(memberIds.add(member.id()), "duplicate_member", member.id());
        require(keys.add(member.governanceKey()), "duplicate_key", "of member " + member.id());
      }
      Set<String> nodeIds = new HashSet<>();
      Set<String> owners = new HashSet<>();
      for (NodeRecord node : nodes) {
        require(nodeIds.add(node.node()), "duplicate_node", node.node());
        require(memberIds.contains(node.member()), "unknown_member", node.member());
        require(node.incarnation() == 0, "invalid_incarnation", "a founding node starts at 0");
        // SPEC protocol.md §2.2: no key does another's work.
        require(keys.add(node.logKey()), "duplicate_key", "log key of node " + node.node());
        require(
            keys.add(node.cosignerKey()), "duplicate_key", "cosigner key of node " + node.node());
        owners.add(node.member());
      }
      require(
          owners.size() == members.size(),
          "member_without_node",
          "every founding member runs at least one node");
    }

    private static void require(boolean holds, String code, String message) throws DecodeException {
      if (!holds) {
        throw new DecodeException(code, "genesis: " + message);
      }
    }
  }
}
