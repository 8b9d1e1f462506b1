package org.probity.node.store;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where LMDB's native library is unpacked to: below the data directory and not where everybody's
 * temporary files are, which may be mounted without execution and where each killed process would
 * leave a copy for ever.
 */
final class NativeLibraries {
  static final String LMDB_PROPERTY = "lmdbjava.extract.dir";
  static final String JFFI_PROPERTY = "jffi.extract.dir";

  private static final String LEFT_BEHIND = "{lmdbjava-native-library-,jffi}*";

  private NativeLibraries() {}

  /**
   * Prepares the folder for this process, unless the operator has named another; what an earlier
   * process has left there goes. Call it with the data directory's lock held.
   */
  static void unpackTo(Path folder) {
    try {
      Files.createDirectories(folder);
      try (DirectoryStream<Path> old = Files.newDirectoryStream(folder, LEFT_BEHIND)) {
        for (Path file : old) {
          Files.deleteIfExists(file);
        }
      }
    } catch (IOException e) {
      throw unusable(folder.toString(), e);
    }
    // Both libraries are loaded once per process: the first data directory serves all of them.
    setUnlessSet(LMDB_PROPERTY, folder);
    setUnlessSet(JFFI_PROPERTY, folder);
  }

  private static void setUnlessSet(String property, Path folder) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, folder.toAbsolutePath().toString());
    }
  }

  /** What to tell when the library cannot be loaded. */
  static StoreException unusable(LinkageError cause) {
    return unusable(System.getProperty(LMDB_PROPERTY, System.getProperty("java.io.tmpdir")), cause);
  }

  private static StoreException unusable(String folder, Throwable cause) {
    return new StoreException(
        StoreException.Code.IO,
        "LMDB's native library cannot be unpacked to "
            + folder
            + " and loaded from there: the folder must be writable and its filesystem must allow"
            + " execution; choose another with -D"
            + LMDB_PROPERTY
            + "=DIR -D"
            + JFFI_PROPERTY
            + "=DIR",
        cause);
  }
}
