package org.probity.node.runtime;

import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.probity.detector.crypto.Signer;
import org.probity.detector.governance.Genesis;
import org.probity.detector.log.NoteVerifierKey;
import org.probity.detector.log.TlogPolicy;
import org.probity.node.config.NodeConfig;
import org.probity.node.http.api.WitnessClient;

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
   * @throws IllegalArgumentException if a URL is none
   */
  public WitnessSettings witnessedBy(TlogPolicy policy, List<X509Certificate> roots) {
    return new WitnessSettings(
        cosignerKey, interval, foreignLogs, Optional.of(policy), reached(policy, roots));
  }

  private static List<Foreign> reached(TlogPolicy policy, List<X509Certificate> roots) {
    List<TlogPolicy.Witness> asked =
        policy.witnesses().stream().filter(witness -> witness.url().isPresent()).toList();
    List<WitnessClient> clients =
        WitnessClient.at(asked.stream().map(it -> it.url().orElseThrow()).toList(), roots);
    List<Foreign> foreign = new ArrayList<>();
    for (int i = 0; i < asked.size(); i++) {
      foreign.add(new Foreign(asked.get(i), clients.get(i)));
    }
    return foreign;
  }

  /** As the configuration says. */
  static WitnessSettings of(Signer cosignerKey, NodeConfig.Witness config) throws StartException {
    Outside outside = Outside.read(config);
    return new WitnessSettings(
        cosignerKey,
        Duration.ofMillis(config.cosignMillis()),
        outside.logs(),
        outside.policy(),
        outside.witnesses());
  }

  /**
   * Reads the files that a configuration names, as a start does.
   *
   * @throws StartException {@code witness_logs_unusable}, {@code witness_policy_unusable}, {@code
   *     witness_roots_unusable}
   */
  public static void check(NodeConfig.Witness config, Genesis genesis) throws StartException {
    WitnessFiles.requireForeign(genesis, Outside.read(config).logs());
  }

  /** What is in the files. */
  private record Outside(
      List<NoteVerifierKey> logs, Optional<TlogPolicy> policy, List<Foreign> witnesses) {

    static Outside read(NodeConfig.Witness config) throws StartException {
      List<NoteVerifierKey> logs = List.of();
      if (config.logsFile().isPresent()) {
        logs =
            WitnessFiles.logs(config.logsFile().get()).logs().stream()
                .map(TlogPolicy.Log::key)
                .toList();
      }
      List<X509Certificate> roots = WitnessFiles.roots(config.rootsFile());
      if (config.policyFile().isEmpty()) {
        if (config.rootsFile().isPresent()) {
          throw WitnessFiles.rootsOfNobody();
        }
        return new Outside(logs, Optional.empty(), List.of());
      }
      Path file = config.policyFile().get();
      TlogPolicy policy = WitnessFiles.policy(file);
      try {
        return new Outside(logs, Optional.of(policy), reached(policy, roots));
      } catch (IllegalArgumentException e) {
        throw WitnessFiles.unusablePolicy(file, String.valueOf(e.getMessage()));
      }
    }
  }
}
