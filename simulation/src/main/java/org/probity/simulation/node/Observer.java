package org.probity.simulation.node;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.probity.detector.codec.Bytes;
import org.probity.detector.evidence.Verification;
import org.probity.detector.log.Origin;

/** Told of what nodes conclude and of what goes wrong in them; changes nothing. */
public interface Observer {
  /** Somebody has put bytes before the verifier. */
  void examined(String by, Bytes candidate, Verification verification);

  /** These entries are in the durable log of a node. */
  void logged(String node, List<Bytes> entries);

  /** What a log holds up to there has left its node. */
  void released(Origin log, long size);

  /**
   * A node signs from now on, behind so many entries.
   *
   * @param asked how it asked the others
   */
  void opened(String node, Origin log, long size, Asked asked);

  /**
   * How a node asked before it signed.
   *
   * @param sinceMicros when it began
   * @param firstEpoch from which on the seats had to answer: that of the end of its log then
   * @param lastEpoch the last one that it knew when it signed
   */
  record Asked(long sinceMicros, long firstEpoch, long lastEpoch) {}

  /**
   * A customer is told that an entry is recorded.
   *
   * @param durableSize of the log on the node's disk
   */
  void acknowledged(String node, long index, long durableSize);

  /**
   * A node has answered another one that it has its AUDIT.
   *
   * @param copies what the node holds of a log at that instant
   */
  void audited(
      String by, String from, Bytes statement, Function<Origin, Optional<StoredEntries>> copies);

  void exposed(String by, String node);

  void suspected(String by, String node, String reason);

  void trusted(String by, String node);

  /** The node's software has thrown what it must never throw. */
  void broken(String node, Throwable cause);

  /** A node has, or has had, this log beside the one that is on its disk in the end. */
  void history(String node, StoredEntries log);

  /** A node has lost its disk with this log, and what it had concluded. */
  void lost(String node, StoredEntries log);

  /** A node has lost what it had concluded, and nothing else. */
  void forgotten(String node);

  /** A machine's clock is so far ahead of time from now on, or behind it. */
  void clockSet(String node, long aheadMillis);

  /**
   * It is proposed that a log of a node is closed.
   *
   * @param size to be closed with, in entries
   * @param shown how far each process that runs can show that it went, by its checkpoints
   */
  void closing(Origin log, long size, Map<String, Long> shown);

  /** It goes on in this incarnation, behind so many entries. */
  void begun(String node, long incarnation, long close);

  /** A process begins to witness: it knows nothing of earlier rounds. */
  void witnessing(String by);

  /** An audit round of this process is over. */
  void round(String by, List<Progress> wards);

  /**
   * How far an audit round has come with one log, in entries.
   *
   * @param stored when the round began
   * @param before that were replayed then
   * @param after that are replayed now
   * @param isFaulty whether something is found in it: there replay ends
   */
  record Progress(Origin ward, long stored, long before, long after, boolean isFaulty) {}

  /** The node has stopped itself, as it must. */
  void stopped(String node, String why);

  /** Its operator has seen to a node that had stopped itself, and it runs again. */
  void attended(String node);
}
