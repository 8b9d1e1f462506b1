package org.probity.demo.breaking;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.probity.detector.audit.ConformanceAudit;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.Replay;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.Incarnations;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.log.AckEntry;
import org.probity.detector.log.Entry;
import org.probity.detector.log.EntryBody;
import org.probity.detector.log.MemoryTree;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.Origin;
import org.probity.detector.log.ReceiveEntry;
import org.probity.detector.log.Rfc6962;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.SignedNote;
import org.probity.detector.log.TilePath;
import org.probity.detector.log.Tiles;
import org.probity.detector.log.TransactionEntry;
import org.probity.detector.log.TreeHead;
import org.probity.detector.state.StateView;
import org.probity.ledger.audit.Books;
import org.probity.ledger.audit.Sums;
import org.probity.ledger.program.LedgerProgram;
import org.probity.ledger.transaction.AssetId;
import org.probity.node.cli.CliException;
import org.probity.node.cli.LogSource;
import org.probity.node.cli.NodeApi;

/**
 * Every log as its witnesses hold it, taken from them piece by piece, checked against the
 * checkpoint that the log's key has signed, and replayed. A log is never asked of its own node.
 */
final class Copies {
  private final Banks banks;
  private final Shown shown;
  private final SortedMap<String, Copy> copies = new TreeMap<>();

  Copies(Banks banks, Shown shown) {
    this.banks = banks;
    this.shown = shown;
    for (NodeRecord node : banks.genesis().nodes()) {
      copies.put(node.node(), new Copy(node));
    }
  }

  Copy of(String node) {
    return copies.get(node);
  }

  /** Takes whatever is new, and every checkpoint that anybody serves. */
  void follow(DecisionChain decisions) {
    for (Copy copy : copies.values()) {
      copy.follow(decisions);
    }
  }

  /** The books of all banks by their witnesses' copies. */
  Sums sums(AssetId asset) {
    SortedMap<String, StateView> states = new TreeMap<>();
    copies.forEach((node, copy) -> states.put(node, copy.state()));
    return Books.of(states).sums(asset);
  }

  /** What contradicts what somebody has of any log; of the closed ones up to their close. */
  List<String> conflicts(DecisionChain decisions) {
    List<String> conflicts = new ArrayList<>();
    for (Copy copy : copies.values()) {
      Incarnations all = decisions.keys().log(copy.node).orElseThrow();
      for (Incarnations.Part part : all.parts()) {
        long upTo =
            all.close(part.record().incarnation()).map(TreeHead::size).orElse(Long.MAX_VALUE);
        conflicts.addAll(
            shown.conflicts(
                decisions,
                part.origin(banks.genesis().networkId()),
                size -> size <= upTo ? copy.rootAt(size) : Optional.empty()));
      }
    }
    return conflicts;
  }

  /** One log; grows, unless its members close it or somebody shows another history. */
  final class Copy {
    private final String node;
    private NodeRecord author;
    private List<Bytes> entries = new ArrayList<>();
    private MemoryTree tree = new MemoryTree();
    private ConformanceAudit audit;
    private StatementVerifier statements;
    private int generation;

    private Copy(NodeRecord founding) {
      this.node = founding.node();
      this.author = founding;
      this.statements = new StatementVerifier(SignatureRule.fastest(), banks.genesis().networkId());
      this.audit =
          new ConformanceAudit(
              new Machine(banks.genesis(), Incarnations.founding(founding), new LedgerProgram()));
    }

    long size() {
      return tree.size();
    }

    /** Changes when what was held before is held no more. */
    int generation() {
      return generation;
    }

    Origin origin() {
      return banks.genesis().origin(author);
    }

    long incarnation() {
      return author.incarnation();
    }

    Optional<Hash> rootAt(long size) {
      return size <= tree.size() ? Optional.of(MerkleProofs.rootAt(tree, size)) : Optional.empty();
    }

    /** Whether this very statement stands at an index. */
    boolean holds(long index, Bytes statement) {
      return index < entries.size()
          && decoded(entries.get((int) index)) instanceof TransactionEntry transaction
          && transaction.statement().equals(statement);
    }

    /** What a witness would object to, if anything. */
    Optional<String> fault() {
      return audit
          .finding()
          .map(finding -> node + " " + finding.index() + ": " + finding.violation().code());
    }

    private StateView state() {
      return Machine.application(audit.auditedState());
    }

    private void follow(DecisionChain decisions) {
      NodeRecord present = decisions.keys().present(node).orElseThrow();
      if (present.incarnation() != author.incarnation()) {
        author = present;
        begin(decisions, entries.subList(0, (int) Math.min(size(), first(decisions))));
      }
      for (String witness : banks.others(node)) {
        if (banks.isAlive(witness)) {
          followAt(banks.api(witness), decisions);
        }
      }
    }

    private long first(DecisionChain decisions) {
      return decisions.keys().log(node).orElseThrow().first();
    }

    /** Holds these entries and no others. */
    private void begin(DecisionChain decisions, List<Bytes> held) {
      List<Bytes> kept = List.copyOf(held);
      Incarnations writers = decisions.keys().log(node).orElseThrow();
      entries = new ArrayList<>();
      tree = new MemoryTree();
      audit = new ConformanceAudit(new Machine(banks.genesis(), writers, new LedgerProgram()));
      generation++;
      kept.forEach(this::append);
    }

    private void append(Bytes entry) {
      entries.add(entry);
      tree.append(Rfc6962.leaf(entry));
      if (audit.goesOn()) {
        audit.feed(Replay.prepare(entry, node, statements));
      }
      EntryBody body = decoded(entry);
      if (body instanceof ReceiveEntry receive) {
        shown.note(receive.checkpoint());
      } else if (body instanceof AckEntry ack) {
        shown.note(ack.checkpoint());
      }
    }

    private void followAt(NodeApi witness, DecisionChain decisions) {
      String prefix = LogSource.replicaPrefix(origin());
      try {
        Optional<Bytes> note = witness.find(prefix + "/checkpoint").map(Bytes::wrap);
        if (note.isEmpty()) {
          return;
        }
        shown.note(note.get());
        SignedCheckpoint checkpoint =
            SignedCheckpoint.extract(SignedNote.parse(note.get()), author.logKey());
        if (!checkpoint.isSignedBy(SignatureRule.fastest(), author.logKey())) {
          throw new AssertionError("a witness holds a log that its key has not signed");
        }
        if (checkpoint.size() <= size()) {
          return;
        }
        List<Bytes> more = fetch(witness, prefix, size(), checkpoint.size());
        if (rootWith(more).equals(checkpoint.head().root())) {
          more.forEach(this::append);
        } else {
          // Another history than the one held: it is taken whole, and conflicts() tells.
          begin(decisions, fetch(witness, prefix, 0, checkpoint.size()));
          if (!tree.head().equals(checkpoint.head())) {
            throw new AssertionError("a witness's entries do not lead to the signed root");
          }
        }
      } catch (CliException e) {
        // Whoever is down, or has just grown past that bundle, is asked again.
        return;
      } catch (DecodeException e) {
        throw new AssertionError("a witness serves what is no log: " + e.getMessage(), e);
      }
    }

    private Hash rootWith(List<Bytes> more) {
      return tree.frontier().append(more.stream().map(Rfc6962::leaf).toList()).frontier().root();
    }

    private List<Bytes> fetch(NodeApi witness, String prefix, long from, long to)
        throws DecodeException {
      List<Bytes> fetched = new ArrayList<>();
      long index = from;
      while (index < to) {
        long bundle = index / TilePath.FULL_WIDTH;
        long first = bundle * TilePath.FULL_WIDTH;
        int width = (int) Math.min(TilePath.FULL_WIDTH, to - first);
        String path = new TilePath(TilePath.ENTRIES, bundle, width).format();
        List<Bytes> some = Tiles.entries(Bytes.wrap(witness.get(prefix + "/" + path)), width);
        fetched.addAll(some.subList((int) (index - first), width));
        index = first + width;
      }
      return fetched;
    }
  }

  private static EntryBody decoded(Bytes entry) {
    try {
      return Entry.decode(entry).body();
    } catch (DecodeException e) {
      throw new AssertionError("a witness holds what is no entry: " + e.getMessage(), e);
    }
  }
}
