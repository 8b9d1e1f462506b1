package org.probity.node.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.governance.Genesis;
import org.probity.detector.log.NoteVerifierKey;
import org.probity.detector.log.Origin;
import org.probity.detector.log.TlogPolicy;
import org.probity.node.identity.IdentityException;
import org.probity.node.identity.PemFiles;

/**
 * The files about foreign logs and witnesses that a configuration names. What could not do what it
 * is there for is refused, with the key that names it: nobody would notice later.
 */
final class WitnessFiles {
  static final String LOGS_KEY = "witness.logsFile";
  static final String POLICY_KEY = "witness.policyFile";
  static final String ROOTS_KEY = "witness.rootsFile";

  static final String LOGS_UNUSABLE = "witness_logs_unusable";
  static final String POLICY_UNUSABLE = "witness_policy_unusable";
  static final String ROOTS_UNUSABLE = "witness_roots_unusable";

  private WitnessFiles() {}

  /** The logs to cosign. */
  static TlogPolicy logs(Path file) throws StartException {
    TlogPolicy policy = read(LOGS_UNUSABLE, LOGS_KEY, file);
    if (policy.logs().isEmpty()) {
      throw new StartException(
          LOGS_UNUSABLE, LOGS_KEY + ": " + file + " has no line 'log <verifier key>'");
    }
    return policy;
  }

  /**
   * A foreign log's name decides whose entries must be here before it is cosigned, so it must be
   * nobody's of the consortium, and stand for one key.
   */
  static void requireForeign(Genesis genesis, List<NoteVerifierKey> logs) throws StartException {
    Set<String> names = new HashSet<>();
    for (NoteVerifierKey key : logs) {
      if (isOf(genesis, key.name())) {
        throw new StartException(
            LOGS_UNUSABLE,
            LOGS_KEY
                + ": "
                + key.name()
                + " is a log of this consortium, which its witnesses cosign anyway: remove its line");
      }
      if (!names.add(key.name())) {
        throw new StartException(
            LOGS_UNUSABLE,
            LOGS_KEY + ": " + key.name() + " is there with two keys: leave the one it signs with");
      }
    }
  }

  private static boolean isOf(Genesis genesis, String name) {
    try {
      return Origin.parse(name).networkId().equals(genesis.networkId());
    } catch (DecodeException e) {
      return false;
    }
  }

  /** The witnesses to ask, and what of theirs is enough. */
  static TlogPolicy policy(Path file) throws StartException {
    TlogPolicy policy = read(POLICY_UNUSABLE, POLICY_KEY, file);
    List<TlogPolicy.Witness> asked =
        policy.witnesses().stream().filter(witness -> witness.url().isPresent()).toList();
    if (asked.isEmpty()) {
      throw unusablePolicy(file, "no witness has a URL, so nobody would be asked");
    }
    if (!policy.isReachedBy(asked)) {
      throw unusablePolicy(
          file, "its quorum cannot be reached by the witnesses that have a URL: give more of them");
    }
    return policy;
  }

  /** That a URL is none, for example. */
  static StartException unusablePolicy(Path file, String why) {
    return new StartException(POLICY_UNUSABLE, POLICY_KEY + ": " + file + ": " + why);
  }

  /** Who certified the hosts of witnesses. */
  static List<X509Certificate> roots(Optional<Path> file) throws StartException {
    if (file.isEmpty()) {
      return List.of();
    }
    try {
      return PemFiles.readCertificates(file.get());
    } catch (IdentityException e) {
      throw new StartException(ROOTS_UNUSABLE, ROOTS_KEY + ": " + e.getMessage(), e);
    }
  }

  /** Roots without hosts that they would be for. */
  static StartException rootsOfNobody() {
    return new StartException(
        ROOTS_UNUSABLE,
        ROOTS_KEY + " is about the hosts in " + POLICY_KEY + ", which is not set: set it too");
  }

  private static TlogPolicy read(String code, String key, Path file) throws StartException {
    try {
      return TlogPolicy.parse(Bytes.wrap(Files.readAllBytes(file)));
    } catch (NoSuchFileException e) {
      throw new StartException(code, key + ": " + file + " does not exist", e);
    } catch (IOException e) {
      throw new StartException(code, key + ": " + file + " cannot be read: " + e, e);
    } catch (DecodeException e) {
      throw new StartException(code, key + ": " + file + ": " + e.getMessage(), e);
    }
  }
}
