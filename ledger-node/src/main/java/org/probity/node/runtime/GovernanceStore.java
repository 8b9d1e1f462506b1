package org.probity.node.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.CarriedOut;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.Assembly;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.Genesis;
import org.probity.node.store.StoreFiles;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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
  private static final Logger LOG = LoggerFactory.getLogger(GovernanceStore.class);

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

  /** The decisions that follow on one another, judged again; linear in their ballots. */
  DecisionChain chain(Genesis genesis) throws IOException {
    DecisionChain chain = DecisionChain.of(genesis, SignatureRule.fastest());
    for (Bytes decision : decisions()) {
      try {
        DecisionChain next = chain.append(decision);
        Action action = next.decisions().get(chain.decisions().size()).decision().action();
        if (CarriedOut.refusal(action, chain.state()).isPresent()) {
          LOG.error("a kept decision is not carried out by this version: {}", action);
          break;
        }
        chain = next;
      } catch (DecodeException e) {
        // Others have it; it is asked for again.
        LOG.error("a kept decision cannot be read: {} {}", e.code(), e.getMessage());
        break;
      }
    }
    return chain;
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
