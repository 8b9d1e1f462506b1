package org.probity.node.runtime;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.node.RunSign;

/**
 * Which runs of this node are certainly over (protocol.md §11.5), in the file {@code run} of its
 * data folder: the place where it was written, and the last {@value #MAX_RUNS} runs, one per line.
 *
 * <p>The folder is locked by one process at a time, so whoever holds it and finds the runs before
 * its own knows that they have ended: as long as the file is the one that they wrote, and no copy
 * of it. A copy is another file, and another machine, or the same one after it was started again,
 * has another boot id. Then nothing is known, and a run that witnesses have heard of is waited for.
 *
 * @param run drawn for this process
 * @param over runs before it that have certainly ended
 */
record RunFile(Bytes run, Set<Bytes> over) {
  private static final String NAME = "run";

  /**
   * More than one witness tells of: a process that dies before all have heard of it leaves one that
   * some have, so they tell of different ones.
   */
  private static final int MAX_RUNS = 2 * RunSign.MAX_SEEN;

  private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");
  private static final SecureRandom RANDOM = new SecureRandom();

  /** A new run, written down before anybody hears of it. */
  static RunFile begin(Path data) throws StartException {
    byte[] drawn = new byte[RunSign.RUN_BYTES];
    RANDOM.nextBytes(drawn);
    Bytes run = Bytes.wrap(drawn);
    try {
      Path file = data.resolve(NAME);
      if (!Files.exists(file)) {
        Files.createFile(file);
      }
      String place = place(file);
      // Whatever bytes a machine leaves that died in the middle: each is a character here.
      List<String> lines = Files.readAllLines(file, StandardCharsets.ISO_8859_1);
      List<String> runs = new ArrayList<>();
      if (!lines.isEmpty() && lines.get(0).equals(place)) {
        runs.addAll(lines.subList(1, lines.size()));
      }
      Set<Bytes> over = parse(runs);
      runs.add(run.toHex());
      List<String> kept = runs.subList(Math.max(0, runs.size() - MAX_RUNS), runs.size());
      write(file, place + "\n" + String.join("\n", kept) + "\n");
      return new RunFile(run, over);
    } catch (IOException e) {
      throw new StartException("store_unusable", "cannot write the file of runs", e);
    }
  }

  /** What is no run, because the machine died while it was written, is none. */
  private static Set<Bytes> parse(List<String> runs) {
    Set<Bytes> parsed = new LinkedHashSet<>();
    for (String line : runs) {
      try {
        parsed.add(Bytes.fromHex(line));
      } catch (IllegalArgumentException e) {
        return parsed;
      }
    }
    return parsed;
  }

  private static String place(Path file) throws IOException {
    Object key = Files.readAttributes(file, BasicFileAttributes.class).fileKey();
    String boot = Files.isReadable(BOOT_ID) ? Files.readString(BOOT_ID).strip() : "";
    if (key == null || boot.isEmpty()) {
      // Nowhere that could be known again.
      return Hash.sha256(RANDOM.generateSeed(32)).toHex();
    }
    return Hash.sha256((boot + " " + key).getBytes(StandardCharsets.UTF_8)).toHex();
  }

  /** In place: a file that replaced it would be another one. */
  private static void write(Path file, String text) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
      ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
  }
}
