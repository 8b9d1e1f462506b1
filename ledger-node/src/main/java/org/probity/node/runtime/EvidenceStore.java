package org.probity.node.runtime;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.probity.detector.codec.Bytes;
import org.probity.detector.evidence.Evidence;
import org.probity.node.store.StoreFiles;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Proofs on disk, one file per fault, named by the fault. They never expire, and they are verified
 * again when they are read back, because a file is not evidence by lying in a folder.
 */
final class EvidenceStore {
  private static final Logger LOG = LoggerFactory.getLogger(EvidenceStore.class);

  static final String SUFFIX = ".evidence";

  private final Path directory;

  EvidenceStore(Path directory) {
    this.directory = directory;
  }

  /**
   * Keeps a proof; the same fault again is kept once. Durable when it returns, the name of the file
   * and of the folder included.
   */
  void keep(Evidence evidence) {
    Path target = directory.resolve(fileName(evidence));
    try {
      if (isKept(target, evidence)) {
        return;
      }
      StoreFiles.replace(directory, fileName(evidence), evidence.encoded().toArray());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot keep evidence in " + directory, e);
    }
  }

  /** Whether these very bytes are there: a damaged file is written again. */
  private static boolean isKept(Path target, Evidence evidence) throws IOException {
    byte[] encoded = evidence.encoded().unsafeArray();
    return Files.isRegularFile(target)
        && Files.size(target) == encoded.length
        && Arrays.equals(Files.readAllBytes(target), encoded);
  }

  /**
   * A file as it was kept.
   *
   * @param since when it was written
   */
  record Kept(Bytes bytes, Instant since) {}

  /** Every file kept, in name order; nothing is verified. */
  List<Kept> read() throws IOException {
    List<Kept> files = new ArrayList<>();
    if (!Files.isDirectory(directory)) {
      return files;
    }
    try (Stream<Path> names = Files.list(directory)) {
      for (Path file : names.filter(name -> name.toString().endsWith(SUFFIX)).sorted().toList()) {
        try {
          Instant since = Files.getLastModifiedTime(file).toInstant();
          files.add(new Kept(Bytes.wrap(Files.readAllBytes(file)), since));
        } catch (IOException e) {
          // One file that is none must not keep the node and all other proofs away.
          LOG.error(
              "{} cannot be read as an evidence file and is passed over: {}", file, e.toString());
        }
      }
    }
    return files;
  }

  private static String fileName(Evidence evidence) {
    return evidence.accused() + "-" + evidence.fault().toHex().substring(0, 16) + SUFFIX;
  }
}
