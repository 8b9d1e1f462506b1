package org.probity.detector.governance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.probity.detector.GoldenFile;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.node.TestNetwork;

/** protocol.md §6.1: seats; the format is in docs/format/genesis.md. */
class SeatsTest {
  private static final GoldenFile DOCUMENT = GoldenFile.read("docs/format/genesis.md");
  private static final int WITNESSES = 3;

  /** So many members with two nodes each. */
  private static List<NodeRecord> nodes(int members) {
    List<NodeRecord> nodes = new ArrayList<>();
    for (int member = 0; member < members; member++) {
      for (String name : List.of("a" + member, "b" + member)) {
        nodes.add(
            new NodeRecord(
                name,
                "m" + member,
                0,
                TestNetwork.signer("log " + name).publicKey(),
                TestNetwork.signer("cosigner " + name).publicKey()));
      }
    }
    return nodes;
  }

  private static Set<String> membersOf(List<NodeRecord> nodes) {
    return nodes.stream().map(NodeRecord::member).collect(Collectors.toSet());
  }

  private static Hash documentedScore(String level, String ward, String candidate) {
    return Hash.sha256(
        Bytes.utf8("probity/seat").unsafeArray(),
        Seats.claim(level, 0, ward, candidate).unsafeArray());
  }

  @Test
  void claimsAreWhatTheDocumentSays() {
    DOCUMENT.assertExample("Example: a claim", Seats.claim("member", 0, "a", "m-b"));
    assertTrue(DOCUMENT.content().contains(documentedScore("member", "a", "m-b").toHex()));
  }

  @Test
  void theLargestScoresWin() {
    List<NodeRecord> nodes = nodes(9);
    List<NodeRecord> seats = Seats.witnessesOf("a4", 0, WITNESSES, nodes);
    List<String> members =
        membersOf(nodes).stream()
            .filter(member -> !member.equals("m4"))
            .sorted(
                Comparator.comparing((String member) -> documentedScore("member", "a4", member))
                    .reversed())
            .limit(WITNESSES)
            .toList();
    assertEquals(members, seats.stream().map(NodeRecord::member).toList());
    for (NodeRecord seat : seats) {
      String other = (seat.node().startsWith("a") ? "b" : "a") + seat.node().substring(1);
      assertTrue(
          documentedScore("node", "a4", seat.node()).compareTo(documentedScore("node", "a4", other))
              > 0);
    }
  }

  @Test
  void witnessesAreOfDifferentMembersAndNeverOfTheWards() {
    List<NodeRecord> nodes = nodes(7);
    for (NodeRecord ward : nodes) {
      List<NodeRecord> seats = Seats.witnessesOf(ward.node(), 0, WITNESSES, nodes);
      assertEquals(WITNESSES, membersOf(seats).size());
      assertTrue(!membersOf(seats).contains(ward.member()));
      for (NodeRecord seat : seats) {
        assertTrue(Seats.wardsOf(seat.node(), 0, WITNESSES, nodes).contains(ward));
      }
    }
  }

  @Test
  void aNewMemberMovesNothingButTheSeatsItWins() {
    List<NodeRecord> before = nodes(7);
    List<NodeRecord> after = nodes(8);
    for (NodeRecord ward : before) {
      List<NodeRecord> seats = Seats.witnessesOf(ward.node(), 0, WITNESSES, after);
      List<NodeRecord> kept = seats.stream().filter(seat -> !seat.member().equals("m7")).toList();
      assertTrue(Seats.witnessesOf(ward.node(), 0, WITNESSES, before).containsAll(kept));
    }
  }

  @Test
  void anotherRotationIsAnotherSeating() {
    List<NodeRecord> nodes = nodes(9);
    assertNotEquals(
        Seats.witnessesOf("a0", 0, WITNESSES, nodes), Seats.witnessesOf("a0", 1, WITNESSES, nodes));
    assertThrows(
        IllegalArgumentException.class, () -> Seats.witnessesOf("nobody", 0, WITNESSES, nodes));
  }
}
