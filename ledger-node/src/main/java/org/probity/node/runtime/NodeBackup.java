package org.probity.node.runtime;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.probity.detector.codec.Bytes;
import org.probity.detector.governance.Genesis;
import org.probity.node.store.LmdbLogStore;
import org.probity.node.store.NodeStore;
import org.probity.node.store.StoreException;
import org.probity.node.store.StoreFiles;
import org.probity.node.store.StoreMaintenance;

/**
 * A backup of a node, taken while it runs in another process or while it is stopped:
 *
 * <pre>
 * backup-2026-11-22/
 *   log/data.mdb  replicas/data.mdb  state/data.mdb   each one consistent snapshot
 *   evidence/  challenges/  governance/               files as they are
 *   keys/                                             only if asked for
 *   backup.json                                       last: {@link BackupManifest}
 * </pre>
 *
 * <p>The signing mark is not in it, and what is derived is not either: see {@link
 * StoreMaintenance}. What was copied is read again before it counts: the entries lead to the signed
 * root, or there is no backup.
 */
public final class NodeBackup {
  private static final List<String> FOLDERS = List.of("evidence", "challenges", "governance");
  private static final String UNFINISHED = ".part";

  private final NodeStore.Options storage;
  private final Genesis genesis;
  private final String node;

  /**
   * @param storage of the node
   * @param node whose it is
   */
  public NodeBackup(NodeStore.Options storage, Genesis genesis, String node) {
    this.storage = storage;
    this.genesis = genesis;
    this.node = node;
  }

  /**
   * Makes one.
   *
   * @param target must not exist: a backup is never overwritten
   * @param keys the folder of the node's keys, if they are to be in it
   * @throws StartException {@code backup_exists}, {@code nothing_to_back_up}, {@code log_damaged},
   *     and the codes of the store
   */
  public BackupManifest write(Path target, Optional<Path> keys, String product, Instant now)
      throws StartException, IOException {
    requireStore();
    createFolder(target);
    try {
      StoreMaintenance.backup(storage, target);
      // After the log: a decision that is in it must not be missing beside it.
      for (String folder : FOLDERS) {
        copyFiles(storage.data().resolve(folder), target.resolve(folder));
      }
      if (keys.isPresent()) {
        copyFiles(keys.get(), target.resolve("keys"));
      }
      BackupManifest manifest = describe(target, product, now);
      StoreFiles.replace(target, BackupManifest.FILE, manifest.encode());
      StoreFiles.syncDirectory(target.toAbsolutePath().getParent());
      return manifest;
    } catch (StoreException e) {
      throw new StartException(e.code().text(), String.valueOf(e.getMessage()), e);
    }
  }

  private void requireStore() throws StartException {
    if (!Files.isRegularFile(storage.ownLogs().directory().resolve("data.mdb"))) {
      throw new StartException(
          "nothing_to_back_up",
          "storage.data of " + node + " is " + storage.data() + ", and there is no log in it");
    }
  }

  private static void createFolder(Path target) throws StartException, IOException {
    Path parent = target.toAbsolutePath().getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    try {
      // Payments, and perhaps keys: for whoever runs the node only.
      Files.createDirectory(
          target,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } catch (FileAlreadyExistsException e) {
      throw new StartException(
          "backup_exists",
          "--out names "
              + target
              + ", which exists, and a backup is never overwritten: name another folder"
              + (Files.exists(target.resolve(BackupManifest.FILE))
                  ? ""
                  : "; this one has no " + BackupManifest.FILE + ", so it is no complete backup"),
          e);
    }
  }

  private static void copyFiles(Path from, Path to) throws IOException {
    if (!Files.isDirectory(from)) {
      return;
    }
    Files.createDirectory(to);
    try (DirectoryStream<Path> files = Files.newDirectoryStream(from)) {
      for (Path file : files) {
        String name = String.valueOf(file.getFileName());
        boolean isWhole = Files.isRegularFile(file) && !name.endsWith(UNFINISHED);
        if (isWhole && BackupManifest.isAllowed(to.getFileName() + "/" + name)) {
          copyFile(file, to.resolve(name));
        }
      }
    }
    StoreFiles.syncDirectory(to);
  }

  private static void copyFile(Path file, Path to) throws IOException {
    try {
      Files.copy(file, to, StandardCopyOption.COPY_ATTRIBUTES);
    } catch (NoSuchFileException e) {
      // Answered, or of an epoch that is over: the node has just deleted it.
      Files.deleteIfExists(to);
    }
  }

  private BackupManifest describe(Path target, String product, Instant now)
      throws StartException, IOException {
    List<BackupManifest.StoredFile> files = new ArrayList<>();
    try (Stream<Path> all = Files.walk(target)) {
      for (Path file :
          all.filter(Files::isRegularFile).sorted(Comparator.comparing(Path::toString)).toList()) {
        sync(file);
        files.add(
            new BackupManifest.StoredFile(
                target.relativize(file).toString(), Files.size(file), FileHash.of(file).toHex()));
      }
    }
    try (LmdbLogStore own = LmdbLogStore.openSealed(storage.at(target).ownLogs())) {
      OwnLog log =
          OwnLog.find(own, OwnLog.decisions(target, genesis), node)
              .filter(found -> found.log().size() > 0)
              .orElseThrow(
                  () ->
                      new StartException(
                          "nothing_to_back_up",
                          storage.data() + " has no entry of " + node + ": it never signed"));
      log.requireWhole();
      return new BackupManifest(
          product,
          now,
          genesis.networkId().toHex(),
          node,
          log.author().incarnation(),
          log.log().origin(),
          log.head().size(),
          log.head().root().toHex(),
          log.checkpoint().map(it -> utf8(it.bytes())),
          log.decisions().decisions().size(),
          files);
    }
  }

  private static String utf8(Bytes bytes) {
    return new String(bytes.toArray(), StandardCharsets.UTF_8);
  }

  private static void sync(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
