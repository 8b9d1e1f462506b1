package org.probity.node.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.log.Origin;

/** Where a log's static files (C2SP tlog-tiles) come from: paths below its URL or its folder. */
@FunctionalInterface
public interface LogSource {

  /**
   * The bytes at {@code checkpoint}, {@code tile/0/000} and so on; throws {@link CliException} if
   * there is no answer.
   */
  byte[] get(String path);

  /** A log served by a node. */
  static LogSource of(NodeApi api, String prefix) {
    return path -> api.get(prefix + "/" + path);
  }

  /** A witness's copy of the log of {@code origin}. */
  static LogSource ofReplica(NodeApi witness, Origin origin) {
    return of(witness, replicaPrefix(origin));
  }

  /** The path under which witnesses serve their copies of a log. */
  static String replicaPrefix(Origin origin) {
    return "/replica/" + Hash.sha256(Bytes.utf8(origin.format()).unsafeArray()).toHex();
  }

  /** A log copied into a folder. */
  static LogSource of(Path folder) {
    return path -> {
      try {
        return Files.readAllBytes(folder.resolve(path));
      } catch (NoSuchFileException e) {
        throw new CliException(
            ExitStatus.UNREACHABLE, "file_missing", folder.resolve(path) + " is missing", e);
      } catch (IOException e) {
        throw new CliException(
            ExitStatus.UNREACHABLE, "io", folder.resolve(path) + ": " + e.getMessage(), e);
      }
    };
  }
}
