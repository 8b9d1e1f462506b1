package org.probity.node.runtime;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.probity.detector.audit.Finding;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.PublicKey;
import org.probity.detector.governance.Genesis;
import org.probity.detector.log.SigningMark;
import org.probity.node.store.DirectoryLock;
import org.probity.node.store.Latch;
import org.probity.node.store.LmdbLogStore;
import org.probity.node.store.NodeStore;
import org.probity.node.store.StoreException;
import org.probity.node.store.StoreFiles;

/**
 * Puts a backup in the place of a data folder that is gone. Everything is verified where it lies
 * before anything is written: the hashes, whose it is, and that the entries chain, lead to the
 * signed root and are what a witness would find right. Then it is copied beside its place and
 * renamed, so that there is all of it or nothing.
 *
 * <p>A store that was put back must not pass for one that was never away (protocol.md §11.1):
 *
 * <ul>
 *   <li>No signing mark comes with it. The one that this machine has says how far the key has
 *       signed; if it has none, that is lost, and no backup knows it.
 *   <li>What its node has cosigned since the backup it does not know any more, so it does not count
 *       at others' boot gates by having kept its store: {@link KnownLogs#forget}.
 * </ul>
 */
public final class NodeRestore {
  private final NodeStore.Options storage;
  private final Genesis genesis;
  private final String node;

  /**
   * @param storage where the node has its store
   * @param node whose it is
   */
  public NodeRestore(NodeStore.Options storage, Genesis genesis, String node) {
    this.storage = storage;
    this.genesis = genesis;
    this.node = node;
  }

  /** What the next start will come to, as far as this machine can tell. */
  public enum NextStart {
    /** The mark says that the key has signed no more than this. */
    COMPLETE,
    /** The mark says that the key has signed more than this. */
    BEHIND_MARK,
    /** The mark is older than this: somebody has put back an old one. */
    OLD_MARK,
    /** There is no mark, or none that can be read. */
    MARK_LOST,
    /** The node had stopped itself after a fault of its disk. */
    LATCHED
  }

  /**
   * What was done.
   *
   * @param mark how far the copy of the mark outside says that the key has signed; empty if lost
   */
  public record Restored(BackupManifest manifest, Optional<Long> mark, NextStart next) {}

  /**
   * Does it.
   *
   * @param keys where the keys of the backup go; empty leaves them in the backup
   * @param logKey the one that is here, if there is one
   * @throws StartException {@code store_locked}, {@code data_not_empty}, {@code keys_exist}, {@code
   *     no_keys}; {@code backup_incomplete}, {@code backup_format}, {@code backup_damaged}, {@code
   *     log_damaged}, {@code log_faulty}; {@code wrong_network}, {@code wrong_node}, {@code
   *     wrong_key}; {@code mark_contradicts}. The data folder is as it was then
   */
  public Restored restore(Path backup, Optional<Path> keys, Optional<PublicKey> logKey)
      throws StartException, IOException {
    try {
      requireFree();
      BackupManifest manifest = manifest(backup);
      if (keys.isPresent()) {
        requireKeys(manifest, keys.get());
      }
      verifyFiles(backup, manifest);
      SigningMark newest = verifyLog(backup, manifest, logKey);
      Optional<SigningMark> mark = StoreCheckup.outsideMark(storage);
      if (mark.filter(it -> it.size() == newest.size() && !it.equals(newest)).isPresent()) {
        throw new StartException(
            "mark_contradicts",
            "this key has signed another log of "
                + newest.size()
                + " entries than the one in "
                + backup
                + ": it is a backup of another history. Find the newest one");
      }
      place(backup, manifest, keys);
      return new Restored(manifest, mark.map(SigningMark::size), next(mark, newest));
    } catch (StoreException e) {
      throw new StartException(e.code().text(), String.valueOf(e.getMessage()), e);
    }
  }

  private void requireFree() throws StartException, IOException {
    Path data = storage.data();
    if (DirectoryLock.isHeld(data)) {
      throw new StartException(
          "store_locked",
          node + " runs on " + data + ": a store is only put back where none is in use");
    }
    if (!isEmpty(data)) {
      throw new StartException(
          "data_not_empty",
          "storage.data is "
              + data
              + ", which is not empty, and nothing is deleted here: move it away, for example to "
              + data
              + ".lost, and keep it until the node is trusted again");
    }
  }

  private static boolean isEmpty(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return Files.notExists(folder);
    }
    try (DirectoryStream<Path> content = Files.newDirectoryStream(folder)) {
      return !content.iterator().hasNext();
    }
  }

  private BackupManifest manifest(Path backup) throws StartException, IOException {
    Path file = backup.resolve(BackupManifest.FILE);
    if (!Files.isRegularFile(file)) {
      throw new StartException(
          "backup_incomplete",
          "--from names "
              + backup
              + ", which has no "
              + BackupManifest.FILE
              + ": it is no backup, or one that was never finished. Take another one");
    }
    BackupManifest manifest;
    try {
      manifest = BackupManifest.decode(Files.readAllBytes(file));
    } catch (DecodeException e) {
      throw new StartException(e.code(), file + ": " + e.getMessage(), e);
    }
    if (!manifest.networkId().equals(genesis.networkId().toHex())) {
      throw new StartException(
          "wrong_network",
          file
              + ": networkId is "
              + manifest.networkId()
              + ", the genesis document of this configuration has "
              + genesis.networkId().toHex());
    }
    if (!manifest.node().equals(node)) {
      throw new StartException(
          "wrong_node",
          file + ": node is " + manifest.node() + ", this configuration is that of " + node);
    }
    return manifest;
  }

  private static void requireKeys(BackupManifest manifest, Path keys)
      throws StartException, IOException {
    if (!manifest.hasKeys()) {
      throw new StartException(
          "no_keys", "there are no keys in this backup: it was made without --with-keys");
    }
    if (!isEmpty(keys)) {
      throw new StartException(
          "keys_exist", keys + " is not empty, and no key is overwritten: move it away");
    }
  }

  private static void verifyFiles(Path backup, BackupManifest manifest)
      throws StartException, IOException {
    for (BackupManifest.StoredFile file : manifest.files()) {
      Path path = backup.resolve(file.path());
      if (!Files.isRegularFile(path)
          || Files.size(path) != file.bytes()
          || !FileHash.of(path).toHex().equals(file.sha256())) {
        throw damaged(path);
      }
    }
  }

  private static StartException damaged(Path file) {
    return new StartException(
        "backup_damaged",
        file + " is missing or not what " + BackupManifest.FILE + " says. Take another backup");
  }

  /** The mark that belongs to its newest checkpoint. */
  private SigningMark verifyLog(Path backup, BackupManifest manifest, Optional<PublicKey> logKey)
      throws StartException, IOException {
    try (LmdbLogStore own = LmdbLogStore.openSealed(storage.at(backup).ownLogs())) {
      OwnLog log =
          OwnLog.find(own, OwnLog.decisions(backup, genesis), node)
              .orElseThrow(
                  () -> new StartException("log_damaged", "there is no log of " + node + " in it"));
      if (logKey.filter(key -> !key.equals(log.author().logKey())).isPresent()) {
        throw new StartException(
            "wrong_key",
            "the log in it is that of incarnation "
                + log.author().incarnation()
                + " of "
                + node
                + ", and the log key of this configuration is another one: it goes on with what"
                + " `probity node begin` fetches, not with this");
      }
      log.requireWhole();
      boolean isAsTold =
          log.head().size() == manifest.size()
              && log.head().root().toHex().equals(manifest.root())
              && log.log().origin().equals(manifest.origin());
      if (!isAsTold) {
        throw new StartException(
            "backup_damaged",
            BackupManifest.FILE
                + " names "
                + manifest.origin()
                + ", size "
                + manifest.size()
                + ", root "
                + manifest.root()
                + ", and the log in it is "
                + log.head());
      }
      Optional<Finding> finding = log.replay();
      if (finding.isPresent()) {
        throw new StartException(
            "log_faulty",
            "entry "
                + finding.get().index()
                + " breaks a rule, as any witness would find: "
                + finding.get().violation().code()
                + ", "
                + finding.get().violation().message());
      }
      return log.mark();
    }
  }

  private NextStart next(Optional<SigningMark> mark, SigningMark newest) {
    if (storage.latch().reason().isPresent()) {
      return NextStart.LATCHED;
    }
    return mark.map(it -> Long.compare(it.size(), newest.size()))
        .map(
            order ->
                order == 0
                    ? NextStart.COMPLETE
                    : order > 0 ? NextStart.BEHIND_MARK : NextStart.OLD_MARK)
        .orElse(NextStart.MARK_LOST);
  }

  private void place(Path backup, BackupManifest manifest, Optional<Path> keys)
      throws StartException, IOException {
    Path data = storage.data().toAbsolutePath();
    Path draft = draft(data);
    try {
      copy(backup, manifest, false, draft);
      try (LmdbLogStore replicas =
          LmdbLogStore.open(storage.at(draft).wardLogs(), Latch.open(List.of()))) {
        KnownLogs.forget(replicas);
      }
      if (keys.isPresent()) {
        Path keysDraft = draft(keys.get().toAbsolutePath());
        try {
          copy(backup, manifest, true, keysDraft);
          move(keysDraft.resolve("keys"), keys.get().toAbsolutePath());
        } finally {
          deleteTree(keysDraft);
        }
      }
      move(draft, data);
    } finally {
      deleteTree(draft);
    }
  }

  private static Path draft(Path place) throws IOException {
    Files.createDirectories(place.getParent());
    return Files.createTempDirectory(
        place.getParent(),
        place.getFileName() + ".restoring-",
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
  }

  private static void copy(Path backup, BackupManifest manifest, boolean isOfKeys, Path to)
      throws StartException, IOException {
    for (BackupManifest.StoredFile file : manifest.files()) {
      if (file.isKey() != isOfKeys) {
        continue;
      }
      Path from = backup.resolve(file.path());
      Path target = to.resolve(file.path());
      Files.createDirectories(target.getParent());
      // Once more: what was verified may have changed since.
      if (!FileHash.copy(from, target).toHex().equals(file.sha256())) {
        throw damaged(from);
      }
      if (isOfKeys) {
        Files.setPosixFilePermissions(target, Files.getPosixFilePermissions(from));
      }
      // Evidence tells by it since when it is known.
      Files.setLastModifiedTime(target, Files.getLastModifiedTime(from));
      try (FileChannel channel = FileChannel.open(target, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
    try (Stream<Path> folders = Files.walk(to).filter(Files::isDirectory)) {
      for (Path folder : folders.toList()) {
        StoreFiles.syncDirectory(folder);
      }
    }
  }

  private static void move(Path draft, Path place) throws StartException, IOException {
    try {
      // Onto an empty folder or onto nothing; a node that began there meanwhile is left alone.
      Files.move(draft, place, StandardCopyOption.ATOMIC_MOVE);
    } catch (FileSystemException e) {
      throw new StartException(
          isEmpty(place) ? "cannot_place" : "data_not_empty",
          "cannot rename "
              + draft
              + " to "
              + place
              + ": "
              + e.getMessage()
              + ". It must be on the filesystem of the folder it is in, and empty or not there",
          e);
    }
    StoreFiles.syncDirectory(place.getParent());
  }

  /** Our own draft, if it was not moved. */
  private static void deleteTree(Path draft) throws IOException {
    if (Files.notExists(draft)) {
      return;
    }
    try (Stream<Path> files = Files.walk(draft)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
