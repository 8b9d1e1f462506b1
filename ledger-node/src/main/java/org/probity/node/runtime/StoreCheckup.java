package org.probity.node.runtime;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.probity.detector.audit.Finding;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.evidence.EvidenceVerifier;
import org.probity.detector.evidence.Verification;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.NodeStanding;
import org.probity.detector.log.LogReader;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.SigningMark;
import org.probity.detector.node.BootGate;
import org.probity.node.program.Programs;
import org.probity.node.store.DirectoryLock;
import org.probity.node.store.LmdbLogStore;
import org.probity.node.store.MarkFile;
import org.probity.node.store.NodeStore;
import org.probity.node.store.StoreException;
import org.probity.node.store.StoreMaintenance;
import org.probity.node.store.StoredLog;

/**
 * Looks at what a node has on its disk, as its witnesses and a start would: is it about to be
 * blamed, and for what? Reads only, also while the node runs in another process; signs nothing,
 * whatever it finds.
 *
 * <p>What others know is asked before the store is opened, and the mark is read before that: a node
 * that goes on meanwhile then never seems to be behind.
 */
public final class StoreCheckup implements AutoCloseable {
  private static final String RENEW =
      "if nobody has it, it goes on in its next incarnation: node renew";

  private final NodeSettings settings;
  private final List<CheckLine> lines = new ArrayList<>();
  private final boolean isRunning;
  private final Optional<SigningMark> outside;
  private final Optional<LmdbLogStore> own;
  private final Optional<OwnLog> log;

  private StoreCheckup(
      NodeSettings settings,
      boolean isRunning,
      Optional<SigningMark> outside,
      Optional<LmdbLogStore> own,
      Optional<OwnLog> log,
      List<CheckLine> lines) {
    this.settings = settings;
    this.isRunning = isRunning;
    this.outside = outside;
    this.own = own;
    this.log = log;
    this.lines.addAll(lines);
  }

  /** How far the mark outside the store says that the key has signed; empty if it is lost. */
  public static Optional<SigningMark> outsideMark(NodeStore.Options storage) {
    try {
      return Optional.of(SigningMark.decode(MarkFile.read(storage.markFile())));
    } catch (DecodeException e) {
      return Optional.empty();
    } catch (StoreException e) {
      if (e.code() == StoreException.Code.MARK_LOST) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /**
   * Opens the own log to read it.
   *
   * @param outside read before
   * @param decisions that are kept in the data folder
   * @throws StoreException {@code LOCKED} if the store is open in this very process
   */
  public static StoreCheckup open(
      NodeSettings settings, Optional<SigningMark> outside, DecisionChain decisions) {
    NodeStore.Options storage = settings.storage();
    StoreMaintenance.requireElsewhere(storage.data());
    boolean isRunning = DirectoryLock.isHeld(storage.data());
    List<CheckLine> lines = new ArrayList<>();
    lines.add(CheckLine.ok("process", "", isRunning ? "runs on " + storage.data() : "is stopped"));
    Optional<LmdbLogStore> own = Optional.empty();
    Optional<OwnLog> log = Optional.empty();
    try {
      LmdbLogStore opened = LmdbLogStore.openReadOnly(storage.ownLogs());
      own = Optional.of(opened);
      log = OwnLog.find(opened, decisions, settings.node());
    } catch (StoreException e) {
      lines.add(unreadable(e.code().text(), String.valueOf(e.getMessage())));
    } catch (StartException e) {
      lines.add(unreadable(e.code(), String.valueOf(e.getMessage())));
    }
    if (log.isEmpty() && lines.size() == 1) {
      lines.add(unreadable("store_absent", "there is no log in " + storage.data()));
    }
    return new StoreCheckup(settings, isRunning, outside, own, log, lines);
  }

  private static CheckLine unreadable(String code, String message) {
    return CheckLine.danger(
        "log",
        "",
        code + ": " + message,
        "do not start it with an empty folder in a hurry: node restore puts the newest backup back;"
            + " "
            + RENEW);
  }

  public Optional<OwnLog> log() {
    return log;
  }

  public List<CheckLine> lines() {
    return List.copyOf(lines);
  }

  /** What a start would look at before it asks anybody. */
  public void own() throws IOException {
    latch();
    mark();
    if (log.isPresent()) {
      boolean isSound = signed(log.get());
      if (isSound) {
        replayed(log.get());
      }
    }
    standing();
    copies();
    evidence();
  }

  private void latch() {
    Optional<String> reason = settings.storage().latch().reason();
    lines.add(
        reason
            .map(
                why ->
                    CheckLine.danger(
                        "latch",
                        "",
                        "set: " + why,
                        "its disk may lack what it has signed: it goes on in its next incarnation,"
                            + " on another disk: node renew"))
            .orElseGet(() -> CheckLine.ok("latch", "", "not set")));
  }

  private void mark() {
    if (outside.isEmpty()) {
      lines.add(
          CheckLine.danger(
              "mark",
              "",
              "the signing mark " + settings.storage().markFile() + " is missing or unreadable",
              "put it back as it last was, never an older one; " + RENEW));
      return;
    }
    if (log.isEmpty()) {
      lines.add(CheckLine.ok("mark", "", "this key has signed " + outside.get().size()));
      return;
    }
    SigningMark there = outside.get();
    SigningMark newest = log.get().mark();
    Optional<SigningMark> both = inside();
    if (SigningMark.reconcile(there, newest).isEmpty()
        || both.filter(it -> SigningMark.reconcile(it, there).isEmpty()).isPresent()) {
      lines.add(
          CheckLine.danger(
              "mark",
              "",
              "this key has signed another log of "
                  + there.size()
                  + " entries than the one in the store",
              "it is not the newest store: put that in its place, and find out who has signed here;"
                  + " "
                  + RENEW));
    } else if (there.size() > newest.size()) {
      lines.add(
          CheckLine.warning(
              "mark",
              "",
              "this key has signed "
                  + there.size()
                  + " entries, the store has "
                  + newest.size()
                  + ": it was put back",
              "start it: it gets what is missing from its witnesses, as far as they have it"));
    } else if (there.size() < newest.size() && !isRunning) {
      lines.add(
          CheckLine.warning(
              "mark",
              "",
              "the copy outside the store is at "
                  + there.size()
                  + ", the store at "
                  + newest.size()
                  + ": one commit behind after a crash, or an old copy that was put back",
              "the higher one counts; if somebody has put "
                  + settings.storage().markFile()
                  + " back, put back the newest"));
    } else {
      lines.add(CheckLine.ok("mark", "", "both copies are with the log"));
    }
  }

  /** The copy in the store, if there is one that can be read. */
  private Optional<SigningMark> inside() {
    try {
      Optional<Bytes> kept = own.flatMap(LmdbLogStore::mark);
      return kept.isPresent() ? Optional.of(SigningMark.decode(kept.get())) : Optional.empty();
    } catch (DecodeException | StoreException e) {
      return Optional.empty();
    }
  }

  private boolean signed(OwnLog found) {
    try {
      found.requireSigned();
      lines.add(
          CheckLine.ok(
              "log",
              "",
              found.head().size() + " entries lead to the root that its key has signed"));
      return true;
    } catch (StartException e) {
      lines.add(
          CheckLine.danger(
              "log",
              "",
              e.code() + ": " + e.getMessage(),
              "nothing is signed over it: replace the disk and put the newest copy in its place,"
                  + " node restore; "
                  + RENEW));
      return false;
    }
  }

  private void replayed(OwnLog found) {
    try {
      Optional<Finding> finding = found.replay();
      lines.add(
          finding
              .map(
                  it ->
                      CheckLine.danger(
                          "replay",
                          "",
                          "entry "
                              + it.index()
                              + " breaks a rule: "
                              + it.violation().code()
                              + ", "
                              + it.violation().message(),
                          "stop it and start nothing in its place: every witness that replays it"
                              + " finds the same and can prove it, and what was signed stays"
                              + " signed. Look who has had its keys and which program it ran"))
              .orElseGet(
                  () ->
                      CheckLine.ok(
                          "replay", "", "every entry is what a witness would find right")));
    } catch (StartException e) {
      lines.add(
          CheckLine.warning(
              "replay", "", e.code() + ": " + e.getMessage(), "check it with the right release"));
    } catch (IllegalStateException e) {
      lines.add(
          CheckLine.warning(
              "replay", "", String.valueOf(e.getMessage()), "report it: it blames nobody"));
    }
  }

  private void standing() {
    Optional<NodeStanding> standing =
        log.map(found -> found.decisions().state().standing(settings.node()));
    if (standing.filter(it -> !(it instanceof NodeStanding.Active)).isPresent()) {
      lines.add(
          CheckLine.danger(
              "decisions",
              "",
              "the members have stopped this node",
              "governance decisions says when and why; suspended, it goes on once they readmit"
                  + " it"));
    } else if (log.isPresent()) {
      try {
        StartChecks.self(settings, log.get().decisions());
        lines.add(CheckLine.ok("decisions", "", "the keys here are the ones the members know"));
      } catch (StartException e) {
        lines.add(
            CheckLine.danger(
                "decisions",
                "",
                e.code() + ": " + e.getMessage(),
                "it will not start with these keys: put its own back"));
      }
    }
  }

  private void copies() {
    NodeStore.Options storage = settings.storage();
    try (LmdbLogStore copies = LmdbLogStore.openReadOnly(storage.wardLogs())) {
      List<StoredLog> logs = copies.logs();
      List<StoreMaintenance.Damage> damage = StoreMaintenance.check(logs, checked -> {});
      lines.add(
          damage.isEmpty()
              ? CheckLine.ok("copies", "", logs.size() + " logs of others are what they were")
              : CheckLine.warning(
                  "copies",
                  "",
                  damage.get(0).message(),
                  "replace the disk: this node cannot show what it has witnessed there"));
    } catch (StoreException e) {
      lines.add(
          CheckLine.warning(
              "copies",
              "",
              e.code().text() + ": " + e.getMessage(),
              "its wards wait for its cosignatures until it has copies again, which it gets from"
                  + " other witnesses"));
    }
  }

  private void evidence() throws IOException {
    EvidenceVerifier verifier = new EvidenceVerifier(settings.genesis(), Programs.known());
    int others = 0;
    int useless = 0;
    for (EvidenceStore.Kept file :
        new EvidenceStore(settings.storage().data().resolve("evidence")).read()) {
      Optional<CheckLine> accusing = accusing(verifier, file.bytes(), "");
      accusing.ifPresent(lines::add);
      if (accusing.isEmpty()) {
        boolean isProof = verifier.verify(file.bytes()) instanceof Verification.Proven;
        others += isProof ? 1 : 0;
        useless += isProof ? 0 : 1;
      }
    }
    lines.add(
        useless == 0
            ? CheckLine.ok("evidence", "", others + " proofs are kept here, of others' faults")
            : CheckLine.warning(
                "evidence",
                "",
                useless + " files in the folder evidence prove nothing",
                "their disk has damaged them: other nodes have the proofs and give them again"));
  }

  /**
   * What a file is to this node: a proof against it, or nothing.
   *
   * @param holder who has it; empty for this node
   */
  private Optional<CheckLine> accusing(EvidenceVerifier verifier, Bytes file, String holder) {
    if (verifier.verify(file) instanceof Verification.Proven proven
        && proven.evidence().accused().equals(settings.node())) {
      return Optional.of(
          CheckLine.danger(
              "evidence",
              holder,
              "it is proven: "
                  + proven.evidence().faultId().kind()
                  + " at "
                  + proven.evidence().faultId().position()
                  + ", fault "
                  + proven.evidence().faultId().hash().toHex().substring(0, 16),
              "evidence explain says what it did and what it signed; it stands for ever, and the"
                  + " members decide"));
    }
    return Optional.empty();
  }

  /**
   * A proof that another node shows. It is not believed: who shows what does not verify proves
   * nothing.
   */
  public void shown(String holder, Bytes file) {
    lines.add(
        accusing(new EvidenceVerifier(settings.genesis(), Programs.known()), file, holder)
            .orElseGet(
                () ->
                    CheckLine.warning(
                        "evidence",
                        holder,
                        "it shows a file against this node that proves nothing",
                        "nobody who verifies it believes it; ask its operator")));
  }

  /** What others know of the log, and what a start would make of it. */
  public void rehearse(BootRehearsal heard) {
    if (log.isEmpty()) {
      return;
    }
    OwnLog found = log.get();
    heard.answers().forEach((node, answer) -> lines.add(held(found, node, answer)));
    heard
        .silent()
        .forEach(
            node ->
                lines.add(
                    CheckLine.warning(
                        "held",
                        node,
                        "it does not answer",
                        "start it, or look at the network to it and at the address book")));
    try {
      SigningMark mark =
          outside.flatMap(it -> SigningMark.reconcile(it, found.mark())).orElse(found.mark());
      lines.add(start(found, heard.judge(found, mark)));
    } catch (StartException | StoreException e) {
      lines.add(
          CheckLine.danger(
              "start", "", String.valueOf(e.getMessage()), "see what the line about the log says"));
    }
  }

  private static CheckLine held(OwnLog found, String node, BootGate.Answer answer) {
    Optional<SignedCheckpoint> held = answer.held();
    if (held.isEmpty()) {
      return CheckLine.ok("held", node, "it was shown nothing of the log");
    }
    SignedCheckpoint checkpoint = held.get();
    if (!checkpoint.origin().equals(found.decisions().genesis().origin(found.author()))
        || !checkpoint.isSignedBy(
            found.decisions().genesis().signatures(), found.author().logKey())) {
      return CheckLine.warning(
          "held",
          node,
          "it shows a checkpoint that this key has not signed",
          "nobody believes it; ask its operator");
    }
    if (checkpoint.size() > found.head().size()) {
      return CheckLine.warning(
          "held",
          node,
          "it has a checkpoint of "
              + checkpoint.size()
              + " entries, "
              + (checkpoint.size() - found.head().size())
              + " more than are here",
          "a start gets them from whoever has them; until then sign nothing by other means");
    }
    return isOf(found.log(), checkpoint)
        ? CheckLine.ok(
            "held", node, checkpoint.size() + " of the " + found.head().size() + " entries here")
        : CheckLine.danger(
            "held",
            node,
            "it has a checkpoint of "
                + checkpoint.size()
                + " entries that this key has signed and that is of another history: a fork",
            "stop it: two processes have run with this key, or an old copy was written on. Put the"
                + " newest store back; what was signed twice stays signed");
  }

  private static boolean isOf(LogReader log, SignedCheckpoint checkpoint) {
    return MerkleProofs.rootAt(log, checkpoint.size()).equals(checkpoint.head().root());
  }

  private static CheckLine start(OwnLog found, BootGate.Verdict verdict) {
    if (verdict instanceof BootGate.Open) {
      return CheckLine.ok("start", "", "a start now would go on at once");
    }
    if (verdict instanceof BootGate.Closed closed) {
      return CheckLine.warning(
          "start",
          "",
          "a start now would wait for " + String.join(", ", closed.waitingFor()),
          "do not stop it without need; start those that it would wait for");
    }
    if (verdict instanceof BootGate.Behind behind) {
      return CheckLine.warning(
          "start",
          "",
          "a start now would recover entries "
              + found.head().size()
              + " to "
              + (behind.upTo().size() - 1)
              + " from the others",
          "start it while they are there");
    }
    if (verdict instanceof BootGate.Lost lost) {
      return CheckLine.danger(
          "start",
          "",
          "this key has signed "
              + lost.signed()
              + " entries and nobody who answers has more than the "
              + found.head().size()
              + " here: a start ends as mark_ahead",
          "find the newest copy of the store, or whoever has copied its log; " + RENEW);
    }
    return CheckLine.danger(
        "start",
        "",
        "somebody holds what this key has signed of another history: a start ends as "
            + Boot.CONTRADICTED,
        "put the newest store back; " + RENEW);
  }

  @Override
  public void close() {
    own.ifPresent(LmdbLogStore::close);
  }
}
