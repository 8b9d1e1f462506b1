package org.probity.node.runtime;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.log.Checkpoint;
import org.probity.detector.log.SignedNote;
import org.probity.detector.log.TreeHead;
import org.probity.node.store.StoreFiles;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checkpoints of foreign logs that this node would not cosign although the log had signed them, one
 * file each: the note that was held then, and the rejected one.
 *
 * <p>Of one size and two roots they prove a fork to anybody. Of each log the first such pair is
 * kept, for ever, and nothing that others send takes its place. Of two sizes the log still owes a
 * proof that links them, or the proof sent with it was somebody's junk: of those the newest {@value
 * #MAX_UNLINKED} are kept. Names are {@code <hex of the origin's hash>-<kind>-<hex of both>.notes}.
 *
 * <p>Single owner, but for the counts.
 */
final class RejectedNotes {
  private static final Logger LOG = LoggerFactory.getLogger(RejectedNotes.class);

  /** Of one log. */
  static final int MAX_UNLINKED = 8;

  static final String SUFFIX = ".notes";

  private static final int NAME_DIGITS = 16;

  /** What two notes of one log are to each other. */
  enum Kind {
    /** One size, two roots. */
    FORK,
    /** Two sizes, and no proof between them. */
    UNLINKED;

    String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final Path directory;
  private final Map<String, Log> logs = new TreeMap<>();

  /** What is there of one log. */
  private static final class Log {
    private final Pile forks = new Pile();
    private final Pile unlinked = new Pile();
    private volatile boolean isForked;
    private boolean isTold;

    Pile pile(Kind kind) {
      return switch (kind) {
        case FORK -> forks;
        case UNLINKED -> unlinked;
      };
    }
  }

  /** Pairs of one kind. */
  private static final class Pile {
    private final LongAdder rejected = new LongAdder();

    /** The oldest first. */
    private final Set<String> files = new LinkedHashSet<>();
  }

  /**
   * Reads what is there already.
   *
   * @param origins of the logs that are cosigned here
   */
  RejectedNotes(Path directory, Collection<String> origins) {
    this.directory = directory;
    for (String origin : origins) {
      Log log = new Log();
      for (Kind kind : Kind.values()) {
        log.pile(kind).files.addAll(existing(prefix(origin, kind)));
      }
      log.isForked = !log.forks.files.isEmpty();
      logs.put(origin, log);
    }
  }

  private static String prefix(String origin, Kind kind) {
    return digits(Hash.sha256(Bytes.utf8(origin).unsafeArray())) + "-" + kind.label() + "-";
  }

  private static String digits(Hash hash) {
    return hash.toHex().substring(0, NAME_DIGITS);
  }

  /** The oldest first. */
  private List<String> existing(String prefix) {
    if (Files.notExists(directory)) {
      return List.of();
    }
    Map<String, FileTime> found = new TreeMap<>();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        String name = String.valueOf(file.getFileName());
        if (name.startsWith(prefix) && name.endsWith(SUFFIX)) {
          found.put(name, Files.getLastModifiedTime(file));
        }
      }
    } catch (IOException e) {
      LOG.error("cannot read {}: {}", directory, e.toString());
    }
    List<String> names = new ArrayList<>(found.keySet());
    names.sort(Comparator.comparing(found::get));
    return names;
  }

  /** Keeps the two; the same again once. What cannot be written is logged whole. */
  void keep(String origin, SignedNote rejected, SignedNote held) {
    Log log = logs.get(origin);
    if (log == null) {
      throw new IllegalArgumentException("not cosigned here: " + origin);
    }
    if (rejected.textBytes().equals(held.textBytes())) {
      // The head that is held, with a junk proof.
      return;
    }
    Kind kind = kind(rejected, held);
    Pile pile = log.pile(kind);
    pile.rejected.increment();
    // By text: an Ed25519 signature is no identity.
    String name =
        prefix(origin, kind)
            + digits(
                Hash.sha256(held.textBytes().unsafeArray(), rejected.textBytes().unsafeArray()))
            + SUFFIX;
    boolean isThere = pile.files.contains(name);
    if (kind == Kind.FORK) {
      log.isForked = true;
      LOG.error("the foreign log {} has forked: {} has both halves", origin, name);
      isThere |= !pile.files.isEmpty();
    } else if (!log.isTold) {
      log.isTold = true;
      LOG.warn("a checkpoint of the foreign log {} is not linked to the one held", origin);
    }
    if (!isThere) {
      write(pile.files, name, held, rejected);
    }
  }

  private static Kind kind(SignedNote rejected, SignedNote held) {
    try {
      TreeHead one = Checkpoint.parse(held.text()).head();
      TreeHead other = Checkpoint.parse(rejected.text()).head();
      return one.size() == other.size() && !one.root().equals(other.root())
          ? Kind.FORK
          : Kind.UNLINKED;
    } catch (DecodeException e) {
      throw new IllegalStateException("both were checkpoints before", e);
    }
  }

  private void write(Set<String> files, String name, SignedNote held, SignedNote rejected) {
    try {
      String both = held + "\n\n" + rejected + "\n";
      StoreFiles.replace(directory, name, both.getBytes(StandardCharsets.UTF_8));
      files.add(name);
      if (files.size() > MAX_UNLINKED) {
        String oldest = files.iterator().next();
        files.remove(oldest);
        Files.deleteIfExists(directory.resolve(oldest));
      }
    } catch (IOException e) {
      LOG.error("cannot keep two checkpoints that do not fit:\n{}\n\n{}", held, rejected, e);
    }
  }

  /** Rejected since the start, the same again counted again. Any thread. */
  long count(String origin, Kind kind) {
    Log log = logs.get(origin);
    return log == null ? 0 : log.pile(kind).rejected.sum();
  }

  /** The origins of logs of which both halves of a fork are here. Any thread. */
  List<String> forked() {
    return logs.entrySet().stream()
        .filter(log -> log.getValue().isForked)
        .map(Map.Entry::getKey)
        .toList();
  }
}
