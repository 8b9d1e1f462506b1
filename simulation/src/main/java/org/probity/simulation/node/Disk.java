package org.probity.simulation.node;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.evidence.Evidence;
import org.probity.detector.evidence.FaultId;
import org.probity.detector.governance.Assembly;
import org.probity.detector.log.Origin;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.SigningMark;
import org.probity.detector.node.CommitStore;
import org.probity.detector.node.Published;
import org.probity.simulation.world.Reply;
import org.probity.simulation.world.Request;

/**
 * The disk of one node: its own log, what it holds of others, its wards' logs, and the second copy
 * of its signing mark, which is elsewhere and survives a restore. What {@link #persist} has written
 * survives a crash; everything else of a process does not.
 */
public final class Disk extends CommitStore {
  private final StoredEntries log;
  private final Map<Origin, Bytes> views = new LinkedHashMap<>();
  private final Map<Origin, WardFile> wards =
      new TreeMap<>((a, b) -> a.format().compareTo(b.format()));
  private SigningMark mark = SigningMark.NOTHING_SIGNED;
  private SigningMark markElsewhere = SigningMark.NOTHING_SIGNED;
  private final Map<FaultId, Evidence> evidence = new LinkedHashMap<>();
  private List<Bytes> challenges = List.of();
  private final List<Bytes> decisions = new ArrayList<>();
  private List<Assembly.Item> statements = List.of();
  private @Nullable Published flushed;
  private OptionalLong knownSince = OptionalLong.empty();
  private @Nullable SimulatedNode holder;
  private @Nullable Death death;
  private boolean isMarkLost;
  private boolean isFailing;
  private boolean isWrittenAllTheSame;
  private boolean isFull;
  private boolean isLatched;
  private boolean isInDoubt;
  private long commitsOnDoubt;

  /** Where in a commit a machine may fail. */
  public enum Death {
    BEFORE_STORE,
    /** The store has it, the second copy of the signing mark is that of the commit before. */
    BEFORE_SECOND_MARK,
    /** All is written, and nobody has been told. */
    BEFORE_NEWS
  }

  /** The machine has failed in the middle of a commit: there is no process to hear of it. */
  static final class MachineDied extends IOException {
    private static final long serialVersionUID = 1;

    MachineDied(Death death) {
      super("the machine fails in a commit, " + death);
    }
  }

  public Disk() {
    this(new StoredEntries());
  }

  private Disk(StoredEntries log) {
    this.log = log;
  }

  @Override
  protected void persist(Optional<Growth> growth, Map<Origin, Bytes> newViews) throws IOException {
    beginCommit();
    commitsOnDoubt += isInDoubt ? 1 : 0;
    boolean isToFail = isFailing;
    isFailing = false;
    if (isToFail && !isWrittenAllTheSame) {
      isInDoubt = true;
      throw new IOException("the disk does not take it");
    }
    if (growth.isPresent()) {
      if (growth.get().append().firstIndex() != log.size()) {
        throw new IllegalStateException("a gap in the own log");
      }
      log.append(growth.get().append());
      mark = growth.get().mark();
    }
    views.putAll(newViews);
    diesIf(Death.BEFORE_SECOND_MARK);
    markElsewhere = mark;
    diesIf(Death.BEFORE_NEWS);
    // A machine that has died before this was never told: what is on its disk is what there is.
    if (isToFail) {
      isInDoubt = true;
      throw new IOException("the disk does not say that it has taken it");
    }
  }

  /**
   * Entries that were signed, and are not here, with the checkpoint over them.
   *
   * @throws IOException as any commit
   */
  void recover(List<Bytes> missing, SignedCheckpoint upTo) throws IOException {
    beginCommit();
    log.append(missing);
    log.checkpoint(upTo);
    mark = SigningMark.of(upTo);
    diesIf(Death.BEFORE_SECOND_MARK);
    markElsewhere = markElsewhere.size() > mark.size() ? markElsewhere : mark;
    diesIf(Death.BEFORE_NEWS);
  }

  private void beginCommit() throws IOException {
    if (isFull) {
      throw new IOException("there is no room");
    }
    diesIf(Death.BEFORE_STORE);
  }

  private void diesIf(Death now) throws MachineDied {
    if (death == now) {
      death = null;
      throw new MachineDied(now);
    }
  }

  /** The machine fails in the next commit. */
  public void dieInNext(Death when) {
    death = when;
  }

  /**
   * The next commit fails.
   *
   * @param isWritten whether it is on the disk all the same
   */
  public void failNext(boolean isWritten) {
    isFailing = true;
    isWrittenAllTheSame = isWritten;
  }

  /** It works again, and what was damaged is put back. */
  void repair() {
    death = null;
    isFailing = false;
    isFull = false;
    log.restoreAll();
  }

  /** Whether it takes anything. */
  public void full(boolean isToBeFull) {
    isFull = isToBeFull;
  }

  boolean isFull() {
    return isFull;
  }

  /**
   * SPEC protocol.md §4.6: a commit has failed, or nobody knows whether it has; it is remembered
   * beside the store and beside the mark.
   */
  void latch() {
    isLatched = true;
  }

  boolean isLatched() {
    return isLatched;
  }

  /** Commits it has taken since one of which nobody knows whether it is there. */
  public long commitsOnDoubt() {
    return commitsOnDoubt;
  }

  public StoredEntries log() {
    return log;
  }

  public List<Bytes> views() {
    return List.copyOf(views.values());
  }

  /** The higher of the two copies, as a starting node reads it. */
  public SigningMark mark() {
    return mark.size() >= markElsewhere.size() ? mark : markElsewhere;
  }

  /** A process takes it for itself; false if another has it. */
  boolean lock(SimulatedNode process) {
    if (holder != null && holder != process) {
      return false;
    }
    holder = process;
    return true;
  }

  /** Whoever has it is gone. */
  void unlock(SimulatedNode process) {
    if (holder == process) {
      holder = null;
    }
  }

  /** Both copies of the mark are gone, with whatever else. */
  public void loseMark() {
    isMarkLost = true;
  }

  public boolean isMarkLost() {
    return isMarkLost;
  }

  /** The disk of a node whose machine is gone. */
  public static Disk lost() {
    Disk empty = new Disk();
    empty.loseMark();
    return empty;
  }

  /**
   * What a next incarnation begins with: the closed log under no checkpoint, every decision, and
   * the mark of keys that have signed nothing.
   */
  static Disk ofNext(List<Bytes> closed, List<Bytes> decided) {
    Disk next = new Disk();
    next.log.append(closed);
    next.decisions.addAll(decided);
    return next;
  }

  /** The state that was written in the background last. */
  public Optional<Published> flushed() {
    return Optional.ofNullable(flushed);
  }

  void flush(Published published) {
    flushed = published;
  }

  /** Keeps a proof, for ever; whether nothing was proven of this fault before. */
  boolean keep(Evidence proof) {
    return evidence.putIfAbsent(proof.faultId(), proof) == null;
  }

  List<Evidence> evidence() {
    return List.copyOf(evidence.values());
  }

  /** The challenges that are open, as they were signed. */
  void keep(List<Bytes> open) {
    challenges = List.copyOf(open);
  }

  List<Bytes> challenges() {
    return challenges;
  }

  /** Decisions in epoch order. */
  List<Bytes> decisions() {
    return List.copyOf(decisions);
  }

  void keepDecision(Bytes content) {
    decisions.add(content);
  }

  /** What members have said in the epoch that is open. */
  List<Assembly.Item> statements() {
    return statements;
  }

  void keepStatements(List<Assembly.Item> items) {
    statements = List.copyOf(items);
  }

  /** Logs of which something was ever kept. */
  List<Origin> wardLogs() {
    return List.copyOf(wards.keySet());
  }

  /** What there is of another log. */
  Optional<StoredEntries> kept(Origin log) {
    return Optional.ofNullable(wards.get(log)).map(WardFile::entries);
  }

  /** Up to where there is a copy of a log, with a checkpoint of its node. */
  public long copied(Origin log) {
    return kept(log).flatMap(StoredEntries::newest).map(SignedCheckpoint::size).orElse(0L);
  }

  /** What there is of another log from an entry on; nothing if it is none of what is kept here. */
  Optional<Reply> copy(Request.Copy asked) {
    return Optional.ofNullable(wards.get(asked.log()))
        .map(WardFile::entries)
        .flatMap(kept -> kept.newest().map(newest -> ServedLog.part(kept, newest, asked.from())));
  }

  /** The newest checkpoint over what there is of another log. */
  Optional<SignedCheckpoint> copyOf(Origin other) {
    return kept(other).flatMap(StoredEntries::newest);
  }

  // Since when what is kept of others is all that was known of them (protocol.md §11.1).

  /** The epoch; nothing if what is kept is not what there was. */
  OptionalLong knownSince() {
    return knownSince;
  }

  /** The node has never signed: what is kept of others is as old as it is itself. */
  void begins() {
    opened(-1);
  }

  /** More was signed than is here: of others, too, something may be missing. */
  void wasPutBack() {
    knownSince = OptionalLong.empty();
  }

  /** The gate is open: whatever begins after this epoch is known from its beginning. */
  void opened(long epoch) {
    if (knownSince.isEmpty()) {
      knownSince = OptionalLong.of(epoch + 1);
    }
  }

  /** What was kept of wards is gone. */
  public void forgetWards() {
    wards.clear();
    wasPutBack();
  }

  WardFile ward(Origin origin) {
    return wards.computeIfAbsent(origin, none -> new WardFile());
  }

  /** The files beside the store are gone: what is proven and what members have said. */
  public void forgetWhatWasTold() {
    evidence.clear();
    statements = List.of();
  }

  /** A backup of the store as it is now. */
  public Disk backup() {
    Disk copy = new Disk(log.copy());
    copy.views.putAll(views);
    wards.forEach((origin, file) -> copy.wards.put(origin, file.copy()));
    copy.mark = mark;
    copy.markElsewhere = mark;
    copy.flushed = flushed;
    copy.evidence.putAll(evidence);
    copy.challenges = challenges;
    copy.decisions.addAll(decisions);
    copy.statements = statements;
    copy.isLatched = isLatched;
    copy.knownSince = knownSince;
    return copy;
  }

  /**
   * What a restore of {@code backup} makes of a disk: what is elsewhere, mark and latch, is not
   * restored, and a mark that is lost is not found again.
   */
  public static Disk restored(Disk backup, Disk lost) {
    Disk restored = backup.backup();
    restored.markElsewhere = lost.mark();
    restored.isLatched |= lost.isLatched;
    restored.isMarkLost = lost.isMarkLost;
    return restored;
  }
}
