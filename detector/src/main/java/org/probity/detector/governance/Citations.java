package org.probity.detector.governance;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;

/**
 * The ballots of the round before that a ballot builds on, by who took which stance.
 *
 * <pre>
 * citations = [* [choice: [? bstr .size 32], confirms: 0..1, members: bstr]]
 * </pre>
 *
 * <p>A stance names a ballot well enough: what a member wrote as its reason, and what that ballot
 * cited in turn, makes no difference to the rules. So a member cannot multiply its ballots by
 * signing the same stance in many words. Groups ascend by stance; {@code members} is {@link
 * Electorate#bits}, not empty, and nobody is in two groups.
 */
public record Citations(List<Group> groups) {
  /** In round 0. */
  public static final Citations NONE = new Citations(List.of());

  /** More than one per elector cannot be. */
  private static final int MAX_GROUPS = Electorate.MAX_MEMBERS;

  private static final int MAX_BITS_BYTES = (Electorate.MAX_MEMBERS + 7) / 8;

  /** Who took one stance. */
  public record Group(Stance stance, Bytes members) {}

  public Citations {
    groups = List.copyOf(groups);
  }

  /** Cites one ballot of each of these members. */
  public static Citations of(Map<String, Stance> ballots, Electorate electorate) {
    SortedMap<Stance, Collection<String>> byStance = new TreeMap<>();
    ballots.forEach(
        (member, stance) -> byStance.computeIfAbsent(stance, key -> new ArrayList<>()).add(member));
    List<Group> groups = new ArrayList<>();
    byStance.forEach((stance, members) -> groups.add(new Group(stance, electorate.bits(members))));
    return new Citations(groups);
  }

  /** Who is cited with what; fails with {@code bad_citation}. */
  public SortedMap<String, Stance> resolve(Electorate electorate) throws DecodeException {
    SortedMap<String, Stance> ballots = new TreeMap<>();
    for (Group group : groups) {
      List<String> members = electorate.members(group.members());
      if (members.isEmpty()) {
        throw new DecodeException("bad_citation", "a stance of nobody");
      }
      for (String member : members) {
        if (ballots.put(member, group.stance()) != null) {
          throw new DecodeException("bad_citation", "cites " + member + " twice");
        }
      }
    }
    return ballots;
  }

  void write(CborWriter out) {
    out.array(groups.size());
    for (Group group : groups) {
      out.array(3);
      group.stance().write(out);
      out.bytes(group.members());
    }
  }

  static Citations read(CborReader in) throws DecodeException {
    int count = in.arrayHeaderUpTo(MAX_GROUPS);
    List<Group> groups = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      in.arrayHeader(3);
      Group group = new Group(Stance.read(in), in.bytesUpTo(MAX_BITS_BYTES));
      if (i > 0 && groups.get(i - 1).stance().compareTo(group.stance()) >= 0) {
        throw new DecodeException("bad_citation", "stances must ascend");
      }
      groups.add(group);
    }
    return new Citations(groups);
  }
}
