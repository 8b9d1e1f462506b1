package org.probity.node.actions;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.Signer;
import org.probity.detector.crypto.Statement;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.crypto.VerifiedStatement;
import org.probity.node.store.StoreFiles;

/**
 * Appends to the log of operators' actions. The running node and commands beside it may both: a
 * lock file has them take turns. Blocking, one sync of the disk per entry; thread-safe.
 *
 * <p>Every append looks at how the file ends first. A last line without its end is what a crash
 * leaves: it goes, and an entry says so. A file that ends before the newest entry that the head
 * remembers was cut: the next entry goes on behind the one that is missing, so that the gap stays
 * for ever, and says so. A head that is damaged or missing says nothing about how the file should
 * end: an entry tells that, too.
 */
public final class ActionLog {
  static final long MAX_FILE_BYTES = 4L << 20;

  /** Full files that are kept; the oldest goes when there is one more. */
  static final int MAX_FORMER_FILES = 16;

  /** What an entry is called that says that the head was damaged or missing. */
  static final String HEAD_DAMAGED = "log.head";

  /** Locks of the operating system are between processes, not between threads of one. */
  private static final Object TURN = new Object();

  private static final int MAX_LINE_BYTES = 4 * (ActionEntry.MAX_STATEMENT_BYTES / 3 + 1) + 1;

  private final ActionFiles files;
  private final Hash network;
  private final String node;
  private final Supplier<Signer> key;
  private final Clock clock;
  private final long maxFileBytes;

  /** It was told that the head is none, and it could not be written since: nothing new. */
  private boolean isTold;

  /**
   * @param key signs nothing else; asked for when there is something to sign
   */
  public ActionLog(
      ActionFiles files, Hash network, String node, Supplier<Signer> key, Clock clock) {
    this(files, network, node, key, clock, MAX_FILE_BYTES);
  }

  ActionLog(
      ActionFiles files,
      Hash network,
      String node,
      Supplier<Signer> key,
      Clock clock,
      long maxFileBytes) {
    this.files = files;
    this.network = network;
    this.node = node;
    this.key = key;
    this.clock = clock;
    this.maxFileBytes = maxFileBytes;
  }

  /**
   * What an append has done.
   *
   * @param newest the newest entry now
   * @param trouble why the head does not remember it; empty if it does
   */
  public record Appended(ActionHead newest, Optional<String> trouble) {}

  /** Writes an entry; it is on the disk when this returns, whatever becomes of the head. */
  public Appended append(String who, String what, String about, String outcome) throws IOException {
    synchronized (TURN) {
      Path folder = files.log().toAbsolutePath().getParent();
      if (folder != null && Files.notExists(folder)) {
        Files.createDirectories(folder);
        StoreFiles.syncDirectory(folder.getParent());
      }
      try (FileChannel turn =
          FileChannel.open(files.lock(), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
        FileLock held = turn.lock();
        try {
          return new Turn().append(who, what, about, outcome);
        } finally {
          held.release();
        }
      }
    }
  }

  /**
   * The newest entry that was written, as far as the file or its head knows: the next one follows
   * it. Empty before the first.
   */
  public Optional<ActionHead> newest() throws IOException {
    return newer(last().map(Last::head), ActionHead.read(files.head()).head());
  }

  /** Where they differ about an entry, the head knows better. */
  private static Optional<ActionHead> newer(
      Optional<ActionHead> inFile, Optional<ActionHead> remembered) {
    boolean isFileAhead =
        inFile.isPresent()
            && remembered.filter(head -> head.sequence() >= inFile.get().sequence()).isEmpty();
    return isFileAhead ? inFile : remembered;
  }

  /** One append, while nobody else appends. */
  private final class Turn {
    private final Signer signer = key.get();
    private @Nullable ActionHead head;

    Appended append(String who, String what, String about, String outcome) throws IOException {
      ActionHead.Copy copy = ActionHead.read(files.head());
      Optional<ActionHead> remembered = copy.head();
      long torn = cutTornLine();
      Optional<Last> last = last();
      head = newer(last.map(Last::head), remembered).orElse(null);
      boolean isMissing = !Optional.ofNullable(head).equals(last.map(Last::head));
      rotateIfFull(last);
      if (isMissing) {
        write(
            "node",
            "log.truncated",
            "the file ended "
                + last.map(end -> "with " + end.head().sequence()).orElse("before its first entry")
                + ", the newest entry was "
                + remembered.map(known -> Long.toString(known.sequence())).orElse("none"),
            "broken");
      }
      Optional<String> trouble = copy.trouble(last.map(Last::head));
      if (trouble.isPresent() && !isTold) {
        write("node", HEAD_DAMAGED, trouble.get(), "broken");
        isTold = true;
      }
      if (torn > 0) {
        ActionHead repaired =
            write("node", "log.repaired", torn + " bytes of a line without its end", "done");
        if (last.isEmpty()) {
          // Else a crash before the head leaves a log of two entries that seems to have lost it.
          remember(repaired);
        }
      }
      Optional<Bytes> former = last.map(Last::signer);
      if (former.isPresent() && !former.get().equals(signer.publicKey().toBytes())) {
        write("node", "log.key", "the entries before are by " + former.get().toHex(), "done");
      }
      ActionHead now = write(who, what, about, outcome);
      // A crash exactly here leaves a head that is behind: then nothing is missing.
      return remember(now);
    }

    private Appended remember(ActionHead now) {
      try {
        now.write(files.head());
        isTold = false;
        return new Appended(now, Optional.empty());
      } catch (IOException e) {
        return new Appended(now, Optional.of(files.head() + " cannot be written: " + e));
      }
    }

    private ActionHead write(String who, String what, String about, String outcome)
        throws IOException {
      ActionHead before = head;
      ActionEntry entry =
          new ActionEntry(
              node,
              before == null ? 0 : before.sequence() + 1,
              before == null ? ActionEntry.NO_PREVIOUS : before.hash(),
              Math.max(0, clock.millis()),
              who,
              what,
              about,
              outcome);
      Bytes statement = Statement.sign(network, ActionEntry.TYP, entry.encode(), signer).encoded();
      byte[] line =
          (Base64.getEncoder().encodeToString(statement.toArray()) + "\n")
              .getBytes(StandardCharsets.US_ASCII);
      boolean isNew = Files.notExists(files.log());
      try (FileChannel file =
          FileChannel.open(
              files.log(),
              StandardOpenOption.CREATE,
              StandardOpenOption.WRITE,
              StandardOpenOption.APPEND)) {
        ByteBuffer bytes = ByteBuffer.wrap(line);
        while (bytes.hasRemaining()) {
          file.write(bytes);
        }
        file.force(true);
      }
      if (isNew) {
        StoreFiles.syncDirectory(files.log().toAbsolutePath().getParent());
      }
      ActionHead now = new ActionHead(entry.sequence(), Hash.sha256(statement.toArray()));
      head = now;
      return now;
    }
  }

  /** The last entry of the file. */
  private record Last(ActionHead head, Bytes signer) {}

  /** Removes what stands behind the last end of a line. */
  private long cutTornLine() throws IOException {
    if (!Files.exists(files.log())) {
      return 0;
    }
    try (FileChannel file =
        FileChannel.open(files.log(), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      byte[] tail = tail(file);
      int end = tail.length;
      while (end > 0 && tail[end - 1] != '\n') {
        end--;
      }
      int torn = tail.length - end;
      if (torn > 0) {
        file.truncate(file.size() - torn);
        file.force(true);
      }
      return torn;
    }
  }

  private static byte[] tail(FileChannel file) throws IOException {
    long from = Math.max(0, file.size() - 2L * MAX_LINE_BYTES);
    ByteBuffer tail = ByteBuffer.allocate(Math.toIntExact(file.size() - from));
    while (tail.hasRemaining() && file.read(tail, from + tail.position()) >= 0) {
      // Until all of it is there.
    }
    return tail.array();
  }

  /** Empty if there is none, or the last line is no entry: then the head knows better. */
  private Optional<Last> last() throws IOException {
    Path file = files.log();
    if (!Files.exists(file) || Files.size(file) == 0) {
      // Its first entry stands behind the last of the file before.
      List<Path> formers = files.formers();
      if (formers.isEmpty()) {
        return Optional.empty();
      }
      file = formers.get(formers.size() - 1);
    }
    byte[] tail;
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      tail = tail(channel);
    }
    int begin = tail.length - 1;
    while (begin > 0 && tail[begin - 1] != '\n') {
      begin--;
    }
    byte[] line = Arrays.copyOfRange(tail, Math.max(0, begin), Math.max(0, tail.length - 1));
    try {
      VerifiedStatement verified =
          new StatementVerifier(SignatureRule.fastest(), network)
              .verify(ActionHistory.statement(line), ActionEntry.TYP);
      return Optional.of(
          new Last(
              new ActionHead(
                  ActionEntry.decode(verified.payload()).sequence(),
                  Hash.sha256(verified.encoded().toArray())),
              verified.signers().get(0).toBytes()));
    } catch (DecodeException e) {
      return Optional.empty();
    }
  }

  private void rotateIfFull(Optional<Last> last) throws IOException {
    boolean isFull =
        last.isPresent() && Files.exists(files.log()) && Files.size(files.log()) >= maxFileBytes;
    if (!isFull) {
      return;
    }
    Files.move(
        files.log(), files.former(last.get().head().sequence()), StandardCopyOption.ATOMIC_MOVE);
    StoreFiles.syncDirectory(files.log().toAbsolutePath().getParent());
    List<Path> formers = files.formers();
    for (int i = 0; i < formers.size() - MAX_FORMER_FILES; i++) {
      Files.delete(formers.get(i));
    }
  }
}
