package org.probity.node.runtime;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.governance.Assembly;
import org.probity.detector.governance.Ballot;
import org.probity.detector.governance.Decision;
import org.probity.detector.governance.DecisionRule;
import org.probity.detector.log.Identifier;

/**
 * How nodes come to hold the same proposals, ballots, decisions and proofs: each asks others, a few
 * per interval, for what it lacks. Who was away, was restored from a backup, or hears of an epoch
 * for the first time, catches up by the same question.
 *
 * <pre>
 * request = [version: 2, epoch: uint, held: [* key: Hash], accused: [* name: tstr]]
 * answer  = [version: 2, epoch: uint, decisions: [* bstr], items: [* [ballot: 0..1, statement: bstr]]]
 * </pre>
 *
 * <p>Decisions are those from the request's epoch on; items are there only if both are in the same
 * epoch. An answer has at most {@link #MAX_ANSWER_BYTES}; the rest comes next time. Proofs are not
 * in the answer: they go the way of all proofs, {@code POST /peer/v1/evidence}.
 */
final class GovernanceExchange {
  static final int MAX_ANSWER_BYTES = 512 * 1024;
  static final int MAX_KEYS = 7_000;
  static final int MAX_ACCUSED = 4_096;
  private static final int MAX_ITEMS = 10_000;
  private static final int VERSION = 2;

  private GovernanceExchange() {}

  /**
   * What a node has.
   *
   * @param held of its epoch
   * @param accused nodes, or members by themselves, whom something is proven against there: one
   *     proof is enough to be exposed
   */
  record Request(long epoch, Set<Hash> held, Set<String> accused) {
    Request {
      held = Set.copyOf(held);
      accused = Set.copyOf(accused);
    }

    Bytes encode() {
      List<Hash> keys = held.stream().limit(MAX_KEYS).toList();
      CborWriter out = new CborWriter(64 + 34 * keys.size()).array(4).uint(VERSION).uint(epoch);
      out.array(keys.size());
      keys.forEach(key -> out.bytes(key.toBytes()));
      List<String> names = accused.stream().sorted().limit(MAX_ACCUSED).toList();
      out.array(names.size());
      names.forEach(out::text);
      return out.toBytes();
    }

    static Request decode(Bytes encoded) throws DecodeException {
      CborReader in = new CborReader(encoded);
      in.arrayHeader(4);
      requireVersion(in);
      long epoch = in.uint();
      int count = in.arrayHeaderUpTo(MAX_KEYS);
      Set<Hash> held = new HashSet<>();
      for (int i = 0; i < count; i++) {
        held.add(Hash.read(in));
      }
      int names = in.arrayHeaderUpTo(MAX_ACCUSED);
      Set<String> accused = new HashSet<>();
      for (int i = 0; i < names; i++) {
        accused.add(Identifier.read(in));
      }
      in.end();
      return new Request(epoch, held, accused);
    }
  }

  /** A statement that the asker lacks. */
  record Item(boolean isBallot, Bytes statement) {}

  /** What another has. */
  record Answer(long epoch, List<Bytes> decisions, List<Item> items) {
    Answer {
      decisions = List.copyOf(decisions);
      items = List.copyOf(items);
    }

    /** As much as fits of what the asker lacks. */
    static Answer to(Request request, List<Bytes> decisions, Assembly assembly) {
      List<Bytes> news = new ArrayList<>();
      List<Item> items = new ArrayList<>();
      int bytes = 0;
      for (long epoch = request.epoch(); epoch < decisions.size(); epoch++) {
        Bytes decision = decisions.get((int) epoch);
        bytes += decision.size();
        if (bytes > MAX_ANSWER_BYTES) {
          break;
        }
        news.add(decision);
      }
      if (request.epoch() == assembly.epoch()) {
        for (Assembly.Item item : assembly.items()) {
          if (!request.held().contains(item.key())) {
            bytes += item.statement().size();
            if (bytes > MAX_ANSWER_BYTES) {
              break;
            }
            items.add(new Item(item.isBallot(), item.statement()));
          }
        }
      }
      return new Answer(assembly.epoch(), news, items);
    }

    Bytes encode() {
      CborWriter out = new CborWriter(1024).array(4).uint(VERSION).uint(epoch);
      out.array(decisions.size());
      decisions.forEach(out::bytes);
      out.array(items.size());
      for (Item item : items) {
        out.array(2).flag(item.isBallot()).bytes(item.statement());
      }
      return out.toBytes();
    }

    static Answer decode(Bytes encoded) throws DecodeException {
      CborReader in = new CborReader(encoded);
      in.arrayHeader(4);
      requireVersion(in);
      long epoch = in.uint();
      int decisionCount = in.arrayHeaderUpTo(MAX_ITEMS);
      List<Bytes> decisions = new ArrayList<>();
      for (int i = 0; i < decisionCount; i++) {
        decisions.add(in.bytesUpTo(Decision.MAX_BYTES));
      }
      int itemCount = in.arrayHeaderUpTo(MAX_ITEMS);
      List<Item> items = new ArrayList<>();
      for (int i = 0; i < itemCount; i++) {
        in.arrayHeader(2);
        boolean isBallot = in.flag();
        items.add(
            new Item(
                isBallot,
                in.bytesUpTo(
                    isBallot ? Ballot.MAX_STATEMENT_BYTES : DecisionRule.MAX_PROPOSAL_BYTES)));
      }
      in.end();
      return new Answer(epoch, decisions, items);
    }
  }

  private static void requireVersion(CborReader in) throws DecodeException {
    if (in.uint() != VERSION) {
      throw new DecodeException("unknown_version", "the version must be " + VERSION);
    }
  }
}
