package org.probity.node.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.node.store.StoreFiles;

/**
 * Challenges that are open here, one file each under its id: what a restart must not forget. Most
 * are answered at once; only what is open at two looks in a row is written, so that a flood of
 * those costs the disk nothing.
 *
 * <p>What lies here is judged again when it is read: a file is not a challenge by lying in a
 * folder. Not thread-safe.
 */
final class ChallengeStore {
  /** Files there are at most; what is beyond is not kept. */
  static final int MAX_FILES = 2_048;

  /** Files written in one look at most, each with two syncs; the next look goes on. */
  static final int MAX_WRITES = 64;

  private static final String SUFFIX = ".challenge";

  private final Path directory;
  private Set<String> seen = Set.of();
  private final Set<String> kept = new HashSet<>();

  ChallengeStore(Path directory) {
    this.directory = directory;
  }

  /** What was open when this node stopped. */
  List<Bytes> read() throws IOException {
    List<Bytes> statements = new ArrayList<>();
    if (!Files.isDirectory(directory)) {
      return statements;
    }
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.sorted().toList()) {
        String name = String.valueOf(file.getFileName());
        if (name.endsWith(SUFFIX)) {
          kept.add(name);
          statements.add(Bytes.wrap(Files.readAllBytes(file)));
        }
      }
    }
    return statements;
  }

  /**
   * Keeps what is open still and forgets what is not any more; what is kept then is durable when it
   * returns.
   */
  void look(Map<Hash, Bytes> open) throws IOException {
    Set<String> names = new HashSet<>();
    int writes = 0;
    for (Map.Entry<Hash, Bytes> one : open.entrySet()) {
      String name = one.getKey().toHex() + SUFFIX;
      names.add(name);
      boolean isRoom = kept.size() < MAX_FILES && writes < MAX_WRITES;
      if (seen.contains(name) && !kept.contains(name) && isRoom) {
        writes++;
        StoreFiles.replace(directory, name, one.getValue().toArray());
        kept.add(name);
      }
    }
    seen = names;
    for (String name : List.copyOf(kept)) {
      if (!names.contains(name)) {
        // Should a crash bring it back, it is answered once more.
        Files.deleteIfExists(directory.resolve(name));
        kept.remove(name);
      }
    }
  }
}
