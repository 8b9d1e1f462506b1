package org.probity.detector.evidence;

import java.util.List;
import java.util.Optional;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.log.ForkPath;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.TreeHead;

/** Judges FORK: two checkpoints of one log that cannot both be its history (protocol.md §8.1). */
final class ForkJudge {
  static final String CODE = "fork";

  private final Attribution attribution;

  ForkJudge(Attribution attribution) {
    this.attribution = attribution;
  }

  /** Two signature verifications and at most 128 hashes. */
  Judgement judge(EvidenceFile.Fork file) throws DecodeException {
    Attribution.Attributed first = attribution.attribute(file.smaller());
    SignedCheckpoint smaller = first.checkpoint();
    SignedCheckpoint larger = attribution.attribute(file.larger()).checkpoint();
    if (!smaller.origin().equals(larger.origin())) {
      throw new DecodeException("different_logs", "checkpoints of two different logs");
    }
    if (compare(smaller.head(), larger.head()) > 0) {
      throw new DecodeException("fork_not_ordered", "the larger checkpoint comes second");
    }
    switch (ForkPath.judge(smaller.head(), larger.head(), file.path())) {
      case CONSISTENT ->
          throw new DecodeException("no_fault", "the two checkpoints are consistent");
      case MALFORMED -> throw new DecodeException("path_malformed", "not a path for these sizes");
      case WRONG_PATH ->
          throw new DecodeException("path_wrong", "the path does not give the larger root");
      case FORK -> {}
    }
    return new Judgement(
        first.culprit(),
        List.of(smaller, larger),
        Optional.empty(),
        smaller.size(),
        CODE,
        List.of(),
        "signed " + smaller.head() + " and " + larger.head(),
        "one log: what is signed for " + larger.size() + " entries extends what is signed before",
        Optional.empty());
  }

  /** By size, then by root, so that every pair of checkpoints has one order. */
  static int compare(TreeHead one, TreeHead other) {
    int bySize = Long.compare(one.size(), other.size());
    return bySize != 0 ? bySize : one.root().compareTo(other.root());
  }
}
