package org.probity.node.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.probity.detector.codec.Bytes;
import org.probity.detector.governance.Assembly;
import org.probity.node.store.StoreFiles;

/**
 * Decisions for ever, and the proposals and ballots of the present epoch, one file each:
 *
 * <pre>
 * decision-0000000003
 * epoch-0000000004-0-2f51....proposal
 * epoch-0000000004-1-93ab....ballot
 * </pre>
 *
 * <p>What lies here is judged again when it is read: a file is not a decision by lying in a folder.
 */
final class GovernanceStore {
  private static final String DECISION = "decision-";
  private static final String EPOCH = "epoch-";

  private final Path directory;

  GovernanceStore(Path directory) {
    this.directory = directory;
  }

  /** Durable when it returns. */
  void keepDecision(long epoch, Bytes content) throws IOException {
    StoreFiles.replace(directory, DECISION + number(epoch), content.toArray());
  }

  /** Durable when it returns. */
  void keep(long epoch, Assembly.Item item) throws IOException {
    StoreFiles.replace(directory, fileName(epoch, item), item.statement().toArray());
  }

  private static String fileName(long epoch, Assembly.Item item) {
    return EPOCH
        + number(epoch)
        + (item.isBallot() ? "-1-" : "-0-")
        + item.key().toHex()
        + (item.isBallot() ? ".ballot" : ".proposal");
  }

  private static String number(long epoch) {
    return String.format(Locale.ROOT, "%010d", epoch);
  }

  /** In epoch order. */
  List<Bytes> decisions() throws IOException {
    return contents(names(DECISION));
  }

  /** Proposals, then ballots; of whatever epoch. */
  Items items() throws IOException {
    List<String> names = names(EPOCH);
    return new Items(
        contents(names.stream().filter(name -> name.endsWith(".proposal")).toList()),
        contents(names.stream().filter(name -> name.endsWith(".ballot")).toList()));
  }

  /** Statements that were kept. */
  record Items(List<Bytes> proposals, List<Bytes> ballots) {}

  /** What belongs to epochs before this one is of no use any more. */
  void forgetBefore(long epoch) throws IOException {
    for (String name : names(EPOCH)) {
      if (name.compareTo(EPOCH + number(epoch)) < 0) {
        Files.deleteIfExists(directory.resolve(name));
      }
    }
  }

  private List<String> names(String prefix) throws IOException {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .map(file -> String.valueOf(file.getFileName()))
          .filter(name -> name.startsWith(prefix) && !name.endsWith(".part"))
          .sorted()
          .toList();
    }
  }

  private List<Bytes> contents(List<String> names) throws IOException {
    List<Bytes> contents = new ArrayList<>();
    for (String name : names) {
      contents.add(Bytes.wrap(Files.readAllBytes(directory.resolve(name))));
    }
    return contents;
  }
}
