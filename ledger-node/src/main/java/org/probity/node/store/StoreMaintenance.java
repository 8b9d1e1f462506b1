package org.probity.node.store;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import org.lmdbjava.CopyFlags;
import org.lmdbjava.Env;
import org.lmdbjava.EnvFlags;
import org.lmdbjava.LmdbException;

/**
 * Backup and check of a node's store.
 *
 * <p>A backup has the logs and the flushed state, and on purpose not the signing mark: a node that
 * starts from it meets the newer mark, knows that it has signed more than it holds, and asks its
 * witnesses before it signs (protocol.md §11.2). Putting an old mark back as well would make an
 * honest node equivocate.
 */
public final class StoreMaintenance {
  /** What a backup contains, each in a folder of that name, in the order of copying. */
  private static final List<String> PARTS = List.of("state", "replicas", "log");

  private StoreMaintenance() {}

  /**
   * One thing found wrong.
   *
   * @param origin the log, or {@code state}
   * @param fromIndex start of the chunk it is in
   */
  public record Damage(String origin, long fromIndex, String message) {}

  /**
   * Copies the store of a node that runs in another process, or does not run. Each part is one
   * consistent snapshot; the state is copied first, so that it is never ahead of the log.
   *
   * @param target new or empty
   * @throws StoreException {@code FORMAT} if the target is not empty, {@code LOCKED} if the store
   *     is open in this very process, which then uses {@link #backup(NodeStore, Path)}
   */
  public static void backup(NodeStore.Options store, Path target) {
    requireElsewhere(store.data());
    prepare(target);
    Map<String, Long> mapBytes =
        Map.of(
            "state", store.stateMapBytes(),
            "replicas", store.replicaMapBytes(),
            "log", store.logMapBytes());
    for (String part : PARTS) {
      if (Files.exists(store.data().resolve(part).resolve(LmdbEnvironment.DATA_FILE))) {
        copy(store.data().resolve(part), target.resolve(part), mapBytes.getOrDefault(part, 0L));
      }
    }
  }

  /**
   * LMDB cannot open one environment twice in one process.
   *
   * @throws StoreException {@code LOCKED} if the store is open in this very process
   */
  public static void requireElsewhere(Path data) {
    if (DirectoryLock.isHeldByThisProcess(data)) {
      throw new StoreException(
          StoreException.Code.LOCKED, "the store in " + data + " is open in this process");
    }
  }

  /** The same for a store that is open here. */
  public static void backup(NodeStore store, Path target) {
    prepare(target);
    store.state().backup(target.resolve("state"));
    store.replicas().backup(target.resolve("replicas"));
    store.own().backup(target.resolve("log"));
  }

  private static void prepare(Path target) {
    try {
      Files.createDirectories(target);
      try (DirectoryStream<Path> content = Files.newDirectoryStream(target)) {
        if (content.iterator().hasNext()) {
          throw new StoreException(
              StoreException.Code.FORMAT, "the backup folder " + target + " is not empty");
        }
      }
    } catch (IOException e) {
      throw new StoreException(
          StoreException.Code.IO, "cannot create the backup folder " + target, e);
    }
  }

  /**
   * @param mapBytes what its node maps: with less, pages that it adds meanwhile could not be read
   */
  private static void copy(Path source, Path target, long mapBytes) {
    try {
      LmdbEnvironment.requireWhole(source);
      Files.createDirectories(target);
      try (Env<?> env =
          Env.create()
              .setMapSize(mapBytes)
              .open(source.toFile(), EnvFlags.MDB_RDONLY_ENV, EnvFlags.MDB_NOTLS)) {
        env.copy(target.toFile(), CopyFlags.MDB_CP_COMPACT);
      }
      StoreFiles.syncDirectory(target);
    } catch (LinkageError e) {
      throw NativeLibraries.unusable(e);
    } catch (LmdbException | IOException e) {
      throw new StoreException(
          StoreException.Code.IO, "cannot copy " + source + " to " + target, e);
    }
  }

  /**
   * Reads everything there is and compares it with its hashes and checksums. Goes on after damage,
   * so that all of it is known. Under ten seconds per million small entries, measured on two busy
   * cores.
   *
   * @param progress told the number of entries checked so far, now and then
   */
  public static List<Damage> check(NodeStore store, LongConsumer progress) {
    List<StoredLog> logs = new ArrayList<>(store.own().logs());
    logs.addAll(store.replicas().logs());
    List<Damage> found = new ArrayList<>(check(logs, progress));
    try {
      store.state().load((key, value) -> {});
    } catch (StoreException e) {
      found.add(damage("state", 0, e));
    }
    return List.copyOf(found);
  }

  /** The same of some logs. */
  public static List<Damage> check(List<StoredLog> logs, LongConsumer progress) {
    List<Damage> found = new ArrayList<>();
    long checked = 0;
    for (StoredLog log : logs) {
      for (long from = 0; from < log.size(); from += StoredLog.VERIFY_CHUNK_ENTRIES) {
        try {
          checked += log.verifyChunk(from) - from;
        } catch (StoreException e) {
          found.add(damage(log.origin(), from, e));
        }
        progress.accept(checked);
      }
      try {
        log.checkpoint();
      } catch (StoreException e) {
        found.add(damage(log.origin(), log.size(), e));
      }
    }
    return List.copyOf(found);
  }

  private static Damage damage(String origin, long from, StoreException e) {
    if (e.code() != StoreException.Code.CORRUPT) {
      throw e;
    }
    return new Damage(origin, from, String.valueOf(e.getMessage()));
  }
}
