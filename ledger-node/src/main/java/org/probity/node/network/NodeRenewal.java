package org.probity.node.network;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.PublicKey;
import org.probity.detector.crypto.Signer;
import org.probity.detector.crypto.Statement;
import org.probity.detector.governance.Incarnations;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.log.SigningMark;
import org.probity.node.config.NodeConfig;
import org.probity.node.identity.IdentityException;
import org.probity.node.identity.KeyKind;
import org.probity.node.identity.NodeKeys;
import org.probity.node.identity.PemFiles;
import org.probity.node.identity.Secret;
import org.probity.node.store.DirectoryLock;
import org.probity.node.store.MarkFile;
import org.probity.node.store.NodeStore;
import org.probity.node.store.StoreException;
import org.probity.node.store.StoreFiles;

/**
 * What a node needs for its next incarnation (protocol.md §11.3): keys that have signed nothing, a
 * store that holds nothing, and its member's word for the keys.
 *
 * <pre>
 * nodes/bank-a/
 *   enrolment.cbor                   the member's statement for the new keys: to be approved
 *   keys/log.pem, cosigner.pem       new
 *   keys/log-incarnation-0.pem       what was there, and its certificates
 *   marks/mark                       mark 0: these keys have signed nothing
 *   marks/mark-incarnation-0         what was there, if anything was
 *   data/                            empty
 *   data-incarnation-0/              what was there, if anything was
 * </pre>
 *
 * <p>The keys and certificates for TLS stay: no decision is needed to go on using them.
 *
 * <p>Nothing is deleted. The keys go first: an empty store beside keys that have signed would be an
 * invitation to sign another history. Interrupted anywhere, it is repeated and goes on.
 */
public final class NodeRenewal {
  public static final String ENROLMENT = "enrolment.cbor";

  private static final String ASIDE = "-incarnation-";

  private final NodeConfig config;
  private final Path folder;
  private final Incarnations known;

  /**
   * @param folder the node's, where its configuration is
   * @param known its incarnations by all decisions so far
   */
  public NodeRenewal(NodeConfig config, Path folder, Incarnations known) {
    this.config = config;
    this.folder = folder;
    this.known = known;
  }

  /**
   * What was made.
   *
   * @param enrolment the file with the member's statement
   */
  public record Renewed(NodeRecord next, Path enrolment) {}

  /** The name of a file or folder of an incarnation that is closed. */
  public static Path aside(Path path, long incarnation) {
    String name = String.valueOf(path.getFileName());
    int dot = name.lastIndexOf('.');
    String renamed =
        dot < 1
            ? name + ASIDE + incarnation
            : name.substring(0, dot) + ASIDE + incarnation + name.substring(dot);
    return path.resolveSibling(renamed);
  }

  /**
   * What would be renamed, and to what. Writes nothing.
   *
   * @throws NetworkInitException {@code enrolment_waits}, {@code incarnation_waits}, {@code
   *     aside_exists}
   * @throws StoreException {@code LOCKED} if the node is running
   * @throws IdentityException if the keys for TLS are not usable
   */
  public Map<Path, Path> plan() {
    Path waiting = folder.resolve(ENROLMENT);
    if (Files.exists(waiting)) {
      throw new NetworkInitException(
          "enrolment_waits",
          waiting
              + " waits already for its approval (governance propose incarnation.approve"
              + " --enrolment) or for node begin; move it away if its keys are lost, too");
    }
    if (isApprovedAndFresh()) {
      throw new NetworkInitException(
          "incarnation_waits",
          "incarnation "
              + known.present().incarnation()
              + " has been approved for the keys in "
              + config.keys()
              + " and has not begun: node begin");
    }
    secret(NodeKeys.TLS_KEY);
    secret(NodeKeys.BROWSER_TLS_KEY);
    Map<Path, Path> moves = new LinkedHashMap<>();
    keyMoves(moves, NodeKeys.LOG_KEY, NodeKeys.LOG_CERTIFICATE);
    keyMoves(moves, NodeKeys.COSIGNER_KEY, NodeKeys.COSIGNER_CERTIFICATE);
    if (!isFresh()) {
      storeMoves(moves);
    }
    moves.forEach(
        (from, to) -> {
          if (Files.exists(to)) {
            throw new NetworkInitException(
                "aside_exists",
                from + " would be renamed to " + to + ", which exists: move one of them away");
          }
        });
    return moves;
  }

  /**
   * Does it.
   *
   * @param member the governance key of the member that owns the node
   */
  public Renewed renew(Hash networkId, Signer member, SecureRandom random) {
    NodeStore.Options storage = config.storage().options();
    Optional<DirectoryLock> running = exclude(storage.data());
    try {
      for (Map.Entry<Path, Path> move : plan().entrySet()) {
        rename(move.getKey(), move.getValue());
      }
      PublicKey log = present(NodeKeys.LOG_KEY, random);
      PublicKey cosigner = present(NodeKeys.COSIGNER_KEY, random);
      if (!isFresh()) {
        NodeStore.initialise(storage);
      }
      NodeRecord last = known.present();
      NodeRecord next =
          new NodeRecord(last.node(), last.member(), last.incarnation() + 1, log, cosigner);
      Statement enrolment =
          Statement.sign(networkId, NodeRecord.ENROLMENT_TYP, next.encode(), member);
      // Last: whoever finds it finds all the rest.
      StoreFiles.replace(folder, ENROLMENT, enrolment.encoded().toArray());
      return new Renewed(next, folder.resolve(ENROLMENT));
    } catch (IOException e) {
      throw new NetworkInitException("renewal_io", "cannot renew: " + e.getMessage(), e);
    } finally {
      running.ifPresent(DirectoryLock::close);
    }
  }

  /** Puts the enrolment out of the way once its incarnation can begin. */
  public static void settle(Path folder, long incarnation) throws IOException {
    Path enrolment = folder.resolve(ENROLMENT);
    if (Files.exists(enrolment)) {
      rename(enrolment, aside(enrolment, incarnation));
    }
  }

  /** Finds a node that is in its folder, and keeps it out. */
  private static Optional<DirectoryLock> exclude(Path data) {
    // A folder that was never opened stays as it is: taking the lock leaves a file.
    return Files.exists(data.resolve(DirectoryLock.FILE))
        ? Optional.of(DirectoryLock.acquire(data))
        : Optional.empty();
  }

  private void keyMoves(Map<Path, Path> moves, String key, String certificate) {
    if (!isNew(key)) {
      // In this order: a key that is renamed is replaced, and then its certificate would stay.
      put(moves, config.keys().resolve(certificate));
      put(moves, config.keys().resolve(key));
    }
  }

  private void storeMoves(Map<Path, Path> moves) {
    NodeStore.Options storage = config.storage().options();
    if (!isEmpty(storage.data())) {
      put(moves, storage.data());
    }
    put(moves, storage.markFile());
    put(moves, storage.latchFile());
  }

  private void put(Map<Path, Path> moves, Path file) {
    if (Files.exists(file)) {
      moves.put(file, aside(file, known.present().incarnation()));
    }
  }

  /** A key that nobody has been told of: made by a renewal that was interrupted. */
  private boolean isNew(String key) {
    return find(key)
        .filter(
            candidate ->
                known.parts().stream()
                    .map(Incarnations.Part::record)
                    .noneMatch(
                        record ->
                            record.logKey().equals(candidate)
                                || record.cosignerKey().equals(candidate)))
        .isPresent();
  }

  private Optional<PublicKey> find(String key) {
    try {
      Secret secret = secret(key);
      return secret.kind() == KeyKind.ED25519
          ? Optional.of(secret.ed25519().publicKey())
          : Optional.empty();
    } catch (IdentityException e) {
      // Missing or damaged: that is why it is renewed.
      return Optional.empty();
    }
  }

  private Secret secret(String key) {
    return PemFiles.readSecret(config.keys().resolve(key), config.passphrase());
  }

  private PublicKey present(String key, SecureRandom random) {
    return find(key)
        .orElseGet(
            () -> {
              Secret made = Secret.generate(KeyKind.ED25519, random);
              PemFiles.writeSecret(config.keys().resolve(key), made);
              return made.ed25519().publicKey();
            });
  }

  private boolean isApprovedAndFresh() {
    return known.present().incarnation() > 0
        && find(NodeKeys.LOG_KEY).filter(known.present().logKey()::equals).isPresent()
        && hasSignedNothing();
  }

  /** An empty store whose mark says so. */
  private boolean isFresh() {
    return isEmpty(config.storage().options().data()) && hasSignedNothing();
  }

  private boolean hasSignedNothing() {
    try (MarkFile mark = MarkFile.open(config.storage().options().markFile())) {
      return SigningMark.decode(mark.content()).equals(SigningMark.NOTHING_SIGNED);
    } catch (StoreException | DecodeException e) {
      return false;
    }
  }

  private static boolean isEmpty(Path directory) {
    if (!Files.isDirectory(directory)) {
      return !Files.exists(directory);
    }
    try (DirectoryStream<Path> content = Files.newDirectoryStream(directory)) {
      return !content.iterator().hasNext();
    } catch (IOException e) {
      throw new NetworkInitException("renewal_io", "cannot read " + directory, e);
    }
  }

  private static void rename(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new IOException("cannot rename " + from + " to " + to + ": " + e.getMessage(), e);
    }
    StoreFiles.syncDirectory(from.toAbsolutePath().getParent());
  }
}
