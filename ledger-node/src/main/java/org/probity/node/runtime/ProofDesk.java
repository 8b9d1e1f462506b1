package org.probity.node.runtime;

import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.evidence.Evidence;
import org.probity.detector.evidence.EvidenceVerifier;
import org.probity.detector.evidence.FaultId;
import org.probity.detector.evidence.FaultKind;
import org.probity.detector.evidence.Verification;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.trust.Trust;
import org.probity.detector.trust.TrustListener;
import org.probity.detector.trust.Verdict;
import org.probity.node.http.EvidenceFile;
import org.probity.node.http.PeerStatus;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where candidate evidence, our own and others', goes through the verifier, is kept, and becomes a
 * verdict of the core. Thread-safe.
 */
final class ProofDesk implements TrustListener {
  private static final Logger LOG = LoggerFactory.getLogger(ProofDesk.class);

  private final EvidenceVerifier verifier;
  private final EvidenceStore store;
  private final Clock clock;
  private final Consumer<Evidence> core;
  private final Set<FaultId> kept = new HashSet<>();
  private final List<EvidenceFile> files = new CopyOnWriteArrayList<>();
  private final Map<FaultId, Evidence> evidence = new ConcurrentHashMap<>();
  private final Map<String, Opinion> exposures = new ConcurrentHashMap<>();

  private final Map<String, Instant> proven = new ConcurrentHashMap<>();

  private final Map<String, Opinion> suspicions = new ConcurrentHashMap<>();

  private record Opinion(Instant since, String reason) {}

  /**
   * @param core takes what is proven
   */
  ProofDesk(EvidenceVerifier verifier, EvidenceStore store, Clock clock, Consumer<Evidence> core) {
    this.verifier = verifier;
    this.store = store;
    this.clock = clock;
    this.core = core;
  }

  /**
   * Judges candidate bytes. What is proven is kept on disk before anybody is told; if the disk has
   * no room for it, everybody is told all the same.
   *
   * @return the reason why they prove nothing, empty if they prove a fault
   */
  Optional<String> examine(Bytes candidate) {
    return examine(candidate, clock.instant());
  }

  /** The same of a file that has been on this disk since then. */
  Optional<String> examine(Bytes candidate, Instant since) {
    Verification verification = verifier.verify(candidate);
    if (verification instanceof Verification.Rejected rejected) {
      return Optional.of(rejected.code());
    }
    Evidence evidence = ((Verification.Proven) verification).evidence();
    synchronized (files) {
      if (!Trust.hasRoom(kept, evidence.faultId())) {
        return Optional.empty();
      }
      kept.add(evidence.faultId());
      try {
        store.keep(evidence);
      } catch (UncheckedIOException e) {
        LOG.error("evidence against {} is known but not kept", evidence.accused(), e);
      }
      list(evidence);
      this.evidence.putIfAbsent(evidence.faultId(), evidence);
      evidence.node().ifPresent(node -> proven.merge(node, since, (a, b) -> a.isBefore(b) ? a : b));
    }
    core.accept(evidence);
    return Optional.empty();
  }

  /** Our own finding; a rejection here is our bug and is reported, never acted upon. */
  void examineOwn(Bytes candidate) {
    examine(candidate)
        .ifPresent(reason -> LOG.error("own candidate evidence rejected: {}", reason));
  }

  private void list(Evidence evidence) {
    EvidenceFile file =
        new EvidenceFile(
            evidence.fault(),
            evidence.faultId().kind().name(),
            evidence.member(),
            evidence.node().orElse(""),
            evidence.faultId().position(),
            evidence.encoded());
    if (files.stream().noneMatch(known -> known.faultId().equals(file.faultId()))) {
      files.add(file);
    }
  }

  @Override
  public void exposed(String node, Evidence evidence) {
    FaultId fault = evidence.faultId();
    // The position of a FALSE_AUDIT is a number for machines.
    String reason =
        fault.kind() == FaultKind.FALSE_AUDIT
            ? fault.kind().name()
            : fault.kind() + " at " + fault.position();
    suspicions.remove(node);
    exposures.put(node, new Opinion(proven.getOrDefault(node, clock.instant()), reason));
    LOG.warn("{} is exposed: {}", node, reason);
  }

  @Override
  public void suspected(String node, String reason) {
    suspicions.put(node, new Opinion(clock.instant(), reason));
    LOG.warn("{} is suspected: {}", node, reason);
  }

  @Override
  public void trusted(String node) {
    suspicions.remove(node);
    LOG.info("{} has answered and is trusted again", node);
  }

  /** Every proof that is kept, one per fault. */
  List<Evidence> proofs() {
    return List.copyOf(evidence.values());
  }

  List<EvidenceFile> files() {
    return List.copyOf(files);
  }

  PeerStatus status(NodeRecord node, long auditedSize, long lag) {
    @Nullable Opinion exposure = exposures.get(node.node());
    @Nullable Opinion suspicion = suspicions.get(node.node());
    Verdict verdict =
        exposure != null
            ? Verdict.EXPOSED
            : suspicion != null ? Verdict.SUSPECTED : Verdict.TRUSTED;
    @Nullable Opinion opinion = exposure != null ? exposure : suspicion;
    return new PeerStatus(
        node.node(),
        node.member(),
        verdict.name().toLowerCase(Locale.ROOT),
        Optional.ofNullable(opinion).map(Opinion::since),
        opinion == null ? "" : opinion.reason(),
        auditedSize,
        lag,
        OptionalDouble.empty(),
        "");
  }
}
