package org.probity.detector.governance;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.crypto.Hash;

/**
 * Who witnesses whom (protocol.md §6.1): {@code w} distinct members, none of them the ward's own,
 * by rendezvous hashing over (rotation number, ward, member), then one node of each by the same
 * over its nodes. Adding or removing a member moves only the seats it wins or held. Who is a
 * candidate, and by which rotation, says {@link Seating}.
 *
 * <p>Pure. Cost: one hash per member and per node of the chosen members.
 */
public final class Seats {
  private static final byte[] DOMAIN = "probity/seat".getBytes(StandardCharsets.US_ASCII);

  private Seats() {}

  private record Scored(Hash score, String name) {}

  /**
   * The witnesses of {@code ward}, best score first.
   *
   * @param rotation advanced by a {@code witness.reassign} decision only; 0 at genesis
   * @throws IllegalArgumentException if {@code ward} is not in {@code nodes}
   */
  public static List<NodeRecord> witnessesOf(
      String ward, long rotation, int witnesses, List<NodeRecord> nodes) {
    String owner =
        nodes.stream()
            .filter(node -> node.node().equals(ward))
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException("no node " + ward))
            .member();
    return drawn(ward, owner, rotation, witnesses, nodes);
  }

  /**
   * The same for a ward that need not be a candidate itself.
   *
   * @param owner the ward's member, no node of which can be its witness
   */
  static List<NodeRecord> drawn(
      String ward, String owner, long rotation, int witnesses, List<NodeRecord> candidates) {
    List<String> members =
        candidates.stream()
            .map(NodeRecord::member)
            .filter(member -> !member.equals(owner))
            .distinct()
            .map(member -> new Scored(score("member", rotation, ward, member), member))
            .sorted(Comparator.comparing(Scored::score).reversed())
            .limit(witnesses)
            .map(Scored::name)
            .toList();
    List<NodeRecord> seats = new ArrayList<>();
    for (String member : members) {
      Optional<NodeRecord> seat =
          candidates.stream()
              .filter(node -> node.member().equals(member))
              .min(Comparator.comparing(NodeRecord::node, byScore("node", rotation, ward)));
      seats.add(seat.orElseThrow());
    }
    return List.copyOf(seats);
  }

  /** The nodes whose witness {@code node} is, in the order of {@code nodes}. */
  public static List<NodeRecord> wardsOf(
      String node, long rotation, int witnesses, List<NodeRecord> nodes) {
    return nodes.stream()
        .filter(ward -> !ward.node().equals(node))
        .filter(
            ward ->
                witnessesOf(ward.node(), rotation, witnesses, nodes).stream()
                    .anyMatch(seat -> seat.node().equals(node)))
        .toList();
  }

  private static Comparator<String> byScore(String level, long rotation, String ward) {
    return Comparator.comparing((String name) -> score(level, rotation, ward, name)).reversed();
  }

  private static Hash score(String level, long rotation, String ward, String candidate) {
    return Hash.sha256(DOMAIN, claim(level, rotation, ward, candidate).unsafeArray());
  }

  /** What a score is the hash of, but for the domain: docs/format/genesis.md. */
  static Bytes claim(String level, long rotation, String ward, String candidate) {
    return new CborWriter()
        .array(4)
        .text(level)
        .uint(rotation)
        .text(ward)
        .text(candidate)
        .toBytes();
  }
}
