package org.probity.node.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Signer;
import org.probity.detector.log.NoteVerifierKey;
import org.probity.detector.log.TlogPolicy;
import org.probity.node.config.NodeConfig;
import org.probity.node.http.api.WitnessClient;
import org.probity.node.identity.PemFiles;

/**
 * What a node needs to cosign and to be cosigned, read and checked already.
 *
 * @param cosignerKey signs cosignatures and nothing else
 * @param interval between two of its checkpoints that it asks cosignatures for
 * @param foreignLogs cosigned here besides the wards, without their entries
 * @param foreignPolicy which foreign cosignatures are waited for
 * @param foreignWitnesses those of the policy that have a URL
 */
public record WitnessSettings(
    Signer cosignerKey,
    Duration interval,
    List<NoteVerifierKey> foreignLogs,
    Optional<TlogPolicy> foreignPolicy,
    List<Foreign> foreignWitnesses) {
  public static final Duration DEFAULT_INTERVAL = Duration.ofSeconds(1);

  public WitnessSettings {
    foreignLogs = List.copyOf(foreignLogs);
    foreignWitnesses = List.copyOf(foreignWitnesses);
  }

  /** A witness outside of the consortium and how to reach it. */
  public record Foreign(TlogPolicy.Witness witness, WitnessClient client) {}

  /** The consortium's logs and witnesses only. */
  public static WitnessSettings of(Signer cosignerKey) {
    return new WitnessSettings(
        cosignerKey, DEFAULT_INTERVAL, List.of(), Optional.empty(), List.of());
  }

  /** The same, asking for cosignatures at other intervals. */
  public WitnessSettings every(Duration other) {
    return new WitnessSettings(cosignerKey, other, foreignLogs, foreignPolicy, foreignWitnesses);
  }

  /** The same, and the logs of this policy are cosigned. */
  public WitnessSettings witnessing(TlogPolicy logs) {
    return new WitnessSettings(
        cosignerKey,
        interval,
        logs.logs().stream().map(TlogPolicy.Log::key).toList(),
        foreignPolicy,
        foreignWitnesses);
  }

  /**
   * The same, and asks the witnesses of a policy too.
   *
   * @param roots whom to believe about their hosts; empty for the JDK's own
   * @throws IllegalArgumentException if a URL is none, or a quorum is asked of witnesses that have
   *     none
   */
  public WitnessSettings witnessedBy(TlogPolicy policy, List<X509Certificate> roots) {
    List<Foreign> foreign = new ArrayList<>();
    for (TlogPolicy.Witness witness : policy.witnesses()) {
      witness
          .url()
          .ifPresent(url -> foreign.add(new Foreign(witness, WitnessClient.at(url, roots))));
    }
    return new WitnessSettings(cosignerKey, interval, foreignLogs, Optional.of(policy), foreign);
  }

  /** As the configuration says; throws StartException {@code witness_policy_unusable}. */
  static WitnessSettings of(Signer cosignerKey, NodeConfig.Witness config) throws StartException {
    WitnessSettings settings = of(cosignerKey).every(Duration.ofMillis(config.cosignMillis()));
    if (config.logsFile().isPresent()) {
      settings = settings.witnessing(policy(config.logsFile().get()));
    }
    if (config.policyFile().isPresent()) {
      Path file = config.policyFile().get();
      List<X509Certificate> roots =
          config.rootsFile().map(PemFiles::readCertificates).orElse(List.of());
      try {
        settings = settings.witnessedBy(policy(file), roots);
      } catch (IllegalArgumentException e) {
        throw unusable(file, e);
      }
    }
    return settings;
  }

  private static TlogPolicy policy(Path file) throws StartException {
    try {
      return TlogPolicy.parse(Bytes.wrap(Files.readAllBytes(file)));
    } catch (IOException | DecodeException e) {
      throw unusable(file, e);
    }
  }

  private static StartException unusable(Path file, Exception cause) {
    return new StartException("witness_policy_unusable", file + ": " + cause.getMessage(), cause);
  }
}
