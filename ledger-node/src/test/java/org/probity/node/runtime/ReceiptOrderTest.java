package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.probity.node.testing.SystemCalls;

/** That the check of a trace finds what it is there to find. */
class ReceiptOrderTest {
  private static final ReceiptOrder ORDER =
      new ReceiptOrder(Path.of("/d/log/data.mdb"), Path.of("/m/mark"));
  private static final String PEER = "TCPv6:[[::ffff:127.0.0.1]:7401->[::ffff:127.0.0.1]:5000]";

  /** One request, answered in order, with other threads in between. */
  private static final List<String> GOOD =
      List.of(
          "70 10:00:00.000001 openat(AT_FDCWD</w>, \"/m/mark\", O_RDWR|O_CREAT|O_DSYNC, 0666)"
              + " = 7</m/mark>",
          "70 10:00:00.000002 openat(AT_FDCWD</w>, \"/d/log/data.mdb\", O_RDWR) = 5</d/log/data.mdb>",
          "70 10:00:00.000003 openat(AT_FDCWD</w>, \"/d/log/data.mdb\", O_WRONLY|O_DSYNC|O_CLOEXEC)"
              + " = 6</d/log/data.mdb>",
          "72 10:00:00.000004 read(9<" + PEER + ">,  <unfinished ...>",
          "70 10:00:00.000005 --- SIGSEGV {si_signo=SIGSEGV, si_code=SEGV_MAPERR, si_addr=0} ---",
          "72 10:00:00.000006 <... read resumed>\"\"..., 16384) = 400",
          "72 10:00:00.000007 read(9<"
              + PEER
              + ">, 0x7f, 16384) = -1 EAGAIN (Resource temporarily"
              + " unavailable)",
          "71 10:00:00.000008 pwrite64(5</d/log/data.mdb>, \"\"..., 4096, 8192) = 4096",
          "71 10:00:00.000009 fdatasync(5</d/log/data.mdb> <unfinished ...>",
          "73 10:00:00.000010 write(1<pipe:[7]>, \"\"..., 3) = 3",
          "71 10:00:00.000011 <... fdatasync resumed>) = 0",
          "71 10:00:00.000012 pwrite64(6</d/log/data.mdb>, \"\"..., 64, 16) = 64",
          "71 10:00:00.000013 write(7</m/mark>, \"\"..., 4096 <unfinished ...>",
          "73 10:00:00.000014 write(1<pipe:[7]>, \"\"..., 3) = 3",
          "71 10:00:00.000015 <... write resumed>) = 4096",
          "72 10:00:00.000016 write(9<" + PEER + ">, \"\"..., 300) = 300",
          "72 10:00:00.000017 write(9<" + PEER + ">, \"\"..., 20) = 20",
          "72 10:00:00.000018 read(9<" + PEER + ">,  <unfinished ...>) = ?",
          "72 10:00:00.000019 +++ exited with 0 +++");

  private static List<String> violations(List<String> lines) {
    return ORDER.violations(lines, 7401, 5000, 1);
  }

  private static List<String> moved(int from, int to) {
    List<String> lines = new ArrayList<>(GOOD);
    lines.add(to, lines.remove(from));
    return lines;
  }

  private static List<String> replaced(int line, String text) {
    List<String> lines = new ArrayList<>(GOOD);
    lines.set(line, text);
    return lines;
  }

  private static void assertFound(String what, List<String> lines) {
    List<String> found = violations(lines);
    assertEquals(1, found.size());
    assertTrue(found.get(0).startsWith(what), found.get(0));
  }

  @Test
  void acceptsAnAnswerAfterBothCopies() {
    assertEquals(List.of(), violations(GOOD));
  }

  @Test
  void findsAnAnswerThatLeavesBeforeTheMarkIsDurable() {
    // Written, but the write has not returned.
    assertFound("no durable mark", moved(15, 14));
    assertFound("no durable mark", moved(15, 12));
  }

  @Test
  void findsAnAnswerThatLeavesBeforeTheLogIsDurable() {
    assertFound("no durable meta page", moved(15, 11));
    // The fdatasync is under way.
    assertFound("no fdatasync of the log", moved(15, 10));
    assertFound("no fdatasync of the log", moved(15, 7));
  }

  @Test
  void findsASyncThatFailed() {
    assertFound(
        "no fdatasync of the log",
        replaced(10, "71 10:00:00.000011 <... fdatasync resumed>) = -1 EIO (Input/output error)"));
  }

  @Test
  void findsAMarkThatIsOnlyInTheCache() {
    assertFound(
        "no durable mark",
        replaced(
            0, "70 10:00:00.000001 openat(AT_FDCWD</w>, \"/m/mark\", O_RDWR|O_CREAT, 0666) = 7"));
  }

  @Test
  void takesAnFdatasyncInPlaceOfASynchronousDescriptor() {
    List<String> lines =
        replaced(
            0, "70 10:00:00.000001 openat(AT_FDCWD</w>, \"/m/mark\", O_RDWR|O_CREAT, 0666) = 7");
    lines.add(15, "71 10:00:00.000015 fdatasync(7</m/mark>) = 0");
    assertEquals(List.of(), violations(lines));
  }

  @Test
  void findsASyncOfTheCommitBefore() {
    List<String> lines = new ArrayList<>(GOOD);
    // The request comes in after everything was made durable: for something else.
    for (int moved = 0; moved < 4; moved++) {
      lines.add(14, lines.remove(3));
    }
    assertFound("no fdatasync of the log", lines);
  }

  @Test
  void findsThatTheTraceIsNotOfThisConnection() {
    assertEquals(List.of("only 0 answers in the trace"), ORDER.violations(GOOD, 7401, 5001, 1));
  }

  @Test
  void refusesATraceThatDoesNotAddUp() {
    List<String> lines = replaced(8, GOOD.get(9));
    assertThrows(IllegalArgumentException.class, () -> SystemCalls.parse(lines));
  }
}
