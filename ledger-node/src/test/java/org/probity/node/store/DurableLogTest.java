package org.probity.node.store;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.log.LogReader;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.SigningMark;
import org.probity.detector.node.CommitStore;
import org.probity.detector.node.CommitStoreContract;

/** The same contract as in memory, on LMDB and the mark file. */
class DurableLogTest extends CommitStoreContract {
  @TempDir Path directory;

  @Override
  protected Disk open() {
    NodeStore.Options options =
        new NodeStore.Options(
            directory.resolve("data"),
            directory.resolve("marks"),
            StoreFixtures.MAP_BYTES,
            StoreFixtures.MAP_BYTES,
            StoreFixtures.MAP_BYTES,
            4);
    if (!Files.exists(options.data())) {
      NodeStore.initialise(options);
    }
    NodeStore node = NodeStore.open(options);
    StoredLog log = node.own().log(ORIGIN.format());
    return new Disk() {
      @Override
      public CommitStore store() {
        return node.durable(log);
      }

      @Override
      public LogReader log() {
        return log;
      }

      @Override
      public Optional<SignedCheckpoint> newest() {
        return log.checkpoint()
            .map(
                bytes -> {
                  try {
                    return SignedCheckpoint.parse(bytes);
                  } catch (DecodeException e) {
                    throw new AssertionError(e);
                  }
                });
      }

      @Override
      public SigningMark mark() {
        return assertInstanceOf(NodeStore.Known.class, node.mark()).mark();
      }

      @Override
      public List<Bytes> views() {
        return node.views();
      }

      @Override
      public void close() {
        node.close();
      }
    };
  }
}
