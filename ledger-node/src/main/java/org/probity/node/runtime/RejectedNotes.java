package org.probity.node.runtime;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.probity.detector.crypto.Hash;
import org.probity.detector.log.SignedNote;
import org.probity.node.store.StoreFiles;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checkpoints of foreign logs that this node would not cosign although the log had signed them, one
 * file each: the note that was held then, and the rejected one. Of one size they prove a fork to
 * anybody; of two, the log still owes a proof that links them, or the proof sent with it was junk.
 */
final class RejectedNotes {
  private static final Logger LOG = LoggerFactory.getLogger(RejectedNotes.class);

  /** Files; whoever has more to tell than this has told enough. */
  static final int MAX_FILES = 256;

  static final String SUFFIX = ".notes";

  private static final int NAME_DIGITS = 16;

  private final Path directory;

  RejectedNotes(Path directory) {
    this.directory = directory;
  }

  /** Keeps the two; the same again once. What cannot be written is logged whole. */
  void keep(SignedNote rejected, SignedNote held) {
    // By text: an Ed25519 signature is no identity.
    Hash id = Hash.sha256(held.textBytes().unsafeArray(), rejected.textBytes().unsafeArray());
    String name = id.toHex().substring(0, NAME_DIGITS) + SUFFIX;
    try {
      if (Files.exists(directory.resolve(name)) || isFull()) {
        return;
      }
      String both = held + "\n\n" + rejected + "\n";
      StoreFiles.replace(directory, name, both.getBytes(StandardCharsets.UTF_8));
      LOG.error("a foreign log's checkpoint does not follow the one held: {} has both", name);
    } catch (IOException e) {
      LOG.error("cannot keep two checkpoints that do not fit:\n{}\n\n{}", held, rejected, e);
    }
  }

  private boolean isFull() throws IOException {
    if (Files.notExists(directory)) {
      return false;
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files.count() >= MAX_FILES;
    }
  }
}
