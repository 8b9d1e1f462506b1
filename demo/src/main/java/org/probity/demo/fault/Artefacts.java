package org.probity.demo.fault;

import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.probity.detector.challenge.Challenge;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.Statement;
import org.probity.detector.evidence.EntryCheck;
import org.probity.detector.evidence.EvidenceBuilder;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.log.CheckpointSigner;
import org.probity.detector.log.Entry;
import org.probity.detector.log.EntryType;
import org.probity.detector.log.LogReader;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.SigningMark;
import org.probity.detector.log.TreeHead;
import org.probity.detector.program.Transaction;
import org.probity.node.http.PeerReply;
import org.probity.node.http.PublishedLog;
import org.probity.node.http.peer.PeerTransport;
import org.probity.node.runtime.NodeSettings;

/**
 * What a node can make up about another whose log it holds: real bytes of it, put together, cut or
 * signed so that they seem to say what they do not.
 */
final class Artefacts {
  private final NodeSettings settings;
  private final NodeRecord victim;
  private final LogReader log;
  private final LogReader own;
  private final SignedCheckpoint genuine;
  private final SignedCheckpoint forged;
  private final EvidenceBuilder evidence;
  private final List<Artefact> all = new ArrayList<>();

  /** By which door something comes in. */
  private interface Door {
    Future<PeerReply> send(PeerTransport way, String to, Bytes bytes);
  }

  /** One attempt. */
  record Artefact(String name, Door door, Bytes bytes) {
    Future<PeerReply> send(PeerTransport way, String to) {
      return door.send(way, to, bytes);
    }
  }

  /**
   * @param held the victim's log
   * @param ownLog that of the one who accuses
   */
  Artefacts(NodeSettings settings, NodeRecord victim, PublishedLog held, PublishedLog ownLog) {
    this.settings = settings;
    this.victim = victim;
    this.log = held.entries();
    this.own = ownLog.entries();
    this.evidence = new EvidenceBuilder(settings.genesis().networkId());
    try {
      this.genuine = SignedCheckpoint.extract(held.note(), victim.logKey());
    } catch (DecodeException e) {
      throw new IllegalStateException("the ward's checkpoint is damaged", e);
    }
    this.forged = inItsName(new TreeHead(genuine.size(), Hash.sha256(new byte[] {1})));
    proofs();
    challenges();
  }

  List<Artefact> all() {
    return all;
  }

  /** Its origin, our signature. */
  private SignedCheckpoint inItsName(TreeHead head) {
    CheckpointSigner signer =
        CheckpointSigner.guarding(settings.logKey(), genuine.origin(), SigningMark.NOTHING_SIGNED);
    if (signer.sign(head) instanceof CheckpointSigner.Signed signed) {
      return signed.checkpoint();
    }
    throw new IllegalStateException("not signed: " + head);
  }

  private void proofs() {
    long index = transaction();
    List<Long> exhibit = List.of(index);
    Bytes correct = evidence.invalidEntry(genuine, EntryCheck.TRANSACTION_INVALID, exhibit, log);
    proof("one checkpoint twice called a fork", evidence.fork(genuine, genuine));
    proof("another root in its name called a fork", evidence.fork(genuine, forged));
    proof("a correct transaction called forged", correct);
    proof(
        "a correct transaction called what no rule forbids",
        evidence.invalidEntry(genuine, "embezzlement", exhibit, log));
    proof(
        "an entry of our own log in place of its own",
        evidence.invalidEntry(
            genuine, EntryCheck.TRANSACTION_INVALID, exhibit, new Spliced(log, own, index)));
    proof(
        "its entries under a checkpoint that it has not signed",
        evidence.invalidEntry(forged, EntryCheck.TRANSACTION_INVALID, exhibit, log));
    proof("half of a file", correct.slice(0, correct.size() / 2));
    proof("junk", Bytes.utf8("guilty"));
  }

  private void challenges() {
    Challenge.Target target = Challenge.Target.of(victim);
    Challenge.Audit beyond = new Challenge.Audit(genuine.bytes(), genuine.size(), 5);
    asked("for entries behind its last", target, settings.node(), beyond);
    asked(
        "for entries under a checkpoint that it has not signed",
        target,
        settings.node(),
        new Challenge.Audit(forged.bytes(), 0, 5));
    asked(
        "to link a checkpoint with itself",
        target,
        settings.node(),
        new Challenge.Consistency(genuine.bytes(), genuine.bytes()));
    asked(
        "to log what nobody has signed",
        target,
        settings.node(),
        new Challenge.Client(Bytes.utf8("pay me"), Optional.empty()));
    asked(
        "in an incarnation that it does not have",
        new Challenge.Target(victim.node(), victim.incarnation() + 1),
        settings.node(),
        new Challenge.Audit(genuine.bytes(), 0, 5));
    asked("in its own name", target, victim.node(), new Challenge.Audit(genuine.bytes(), 0, 5));
    challenge(
        "a statement about something else",
        Statement.sign(
                settings.genesis().networkId(),
                Transaction.TYP,
                new Challenge(target, settings.node(), beyond).encode(),
                settings.logKey())
            .encoded());
    challenge("a challenge that is none", Bytes.utf8("answer me"));
  }

  /** The last transaction in its log. */
  private long transaction() {
    for (long index = genuine.size() - 1; index > 0; index--) {
      try {
        if (Entry.decode(log.entry(index)).type() == EntryType.TRANSACTION) {
          return index;
        }
      } catch (DecodeException e) {
        throw new IllegalStateException("the ward's log is damaged", e);
      }
    }
    throw new IllegalStateException(victim.node() + " has logged no transaction");
  }

  private void proof(String name, Bytes bytes) {
    all.add(new Artefact(name, PeerTransport::evidence, bytes));
  }

  private void asked(String name, Challenge.Target target, String challenger, Challenge.Body body) {
    challenge(
        "asked " + name,
        new Challenge(target, challenger, body)
            .sign(settings.genesis().networkId(), settings.logKey())
            .encoded());
  }

  private void challenge(String name, Bytes bytes) {
    all.add(new Artefact(name, PeerTransport::challenge, bytes));
  }

  /** A log with one entry of another. */
  private record Spliced(LogReader log, LogReader other, long at) implements LogReader {
    @Override
    public long size() {
      return log.size();
    }

    @Override
    public Bytes entry(long index) {
      return index == at ? other.entry(other.size() - 1) : log.entry(index);
    }

    @Override
    public Hash node(int level, long index) {
      return log.node(level, index);
    }
  }
}
