package org.probity.node.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.probity.detector.crypto.Hash;

/** SHA-256 of files of any size. */
final class FileHash {
  private static final int BUFFER_BYTES = 1 << 16;

  private FileHash() {}

  static Hash of(Path file) throws IOException {
    try (DigestInputStream in = reading(file)) {
      byte[] buffer = new byte[BUFFER_BYTES];
      while (in.read(buffer) >= 0) {
        // Only the digest counts.
      }
      return Hash.of(in.getMessageDigest().digest());
    }
  }

  /** Copies a file; the hash of what was read, which is what was written. */
  static Hash copy(Path from, Path to) throws IOException {
    try (DigestInputStream in = reading(from)) {
      Files.copy(in, to);
      return Hash.of(in.getMessageDigest().digest());
    }
  }

  private static DigestInputStream reading(Path file) throws IOException {
    InputStream in = Files.newInputStream(file);
    try {
      return new DigestInputStream(in, MessageDigest.getInstance("SHA-256"));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
