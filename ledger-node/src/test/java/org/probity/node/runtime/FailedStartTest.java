package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.probity.node.http.ListenAddress;
import org.probity.node.store.StoreException;

/** A start that fails leaves nothing behind: no thread, no port, no lock. */
@Timeout(120)
class FailedStartTest {
  private static final String NODE = "a";
  private static final long END_MILLIS = 10_000;

  /** The others are the platform's, one of each per process. */
  private static final Pattern OF_A_NODE =
      Pattern.compile("commit|verify|ward|vert\\.x|state-flush|audit-flush");

  @TempDir Path directory;
  private final Set<Thread> before = new HashSet<>();
  private final Set<String> portsBefore = new TreeSet<>();

  @BeforeEach
  void whatIsThere() throws IOException {
    before.addAll(Thread.getAllStackTraces().keySet());
    portsBefore.addAll(listening());
  }

  private void assertNothingIsLeft() throws Exception {
    List<String> left = new ArrayList<>();
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (!before.contains(thread) && OF_A_NODE.matcher(thread.getName()).lookingAt()) {
        thread.join(END_MILLIS);
        if (thread.isAlive()) {
          left.add(thread.getName());
        }
      }
    }
    assertEquals(List.of(), left);
    Set<String> ports = listening();
    ports.removeAll(portsBefore);
    assertEquals(Set.of(), ports);
  }

  /** Inodes of this process's listening sockets, as Linux tells them. */
  private static Set<String> listening() throws IOException {
    assumeTrue(Files.isDirectory(Path.of("/proc/self/fd")), "needs Linux");
    Set<String> sockets = new TreeSet<>();
    for (String table : List.of("/proc/self/net/tcp", "/proc/self/net/tcp6")) {
      for (String line : Files.readAllLines(Path.of(table))) {
        String[] fields = line.strip().split("\\s+", -1);
        if (fields[3].equals("0A")) {
          sockets.add("socket:[" + fields[9] + "]");
        }
      }
    }
    Set<String> own = new TreeSet<>();
    try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
      for (Path descriptor : descriptors.toList()) {
        try {
          own.add(Files.readSymbolicLink(descriptor).toString());
        } catch (IOException e) {
          // Closed meanwhile: the listing itself.
        }
      }
    }
    sockets.retainAll(own);
    return sockets;
  }

  @Test
  void aTakenPortLeavesNothingBehind() throws Exception {
    try (TestBanks banks = new TestBanks(directory, 0, 1, NODE, "b")) {
      try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        portsBefore.clear();
        portsBefore.addAll(listening());
        banks.clients = ListenAddress.loopback(taken.getLocalPort());
        StartException refused = assertThrows(StartException.class, () -> banks.start(NODE));
        assertEquals("start_failed", refused.code(), refused::getMessage);
        assertNothingIsLeft();
      }
      banks.clients = ListenAddress.loopback();
      banks.start(NODE);
      assertTrue(banks.node(NODE).facade().health().ready());
    }
  }

  /** Found out after threads have been started already. */
  @Test
  void aStoreThatTakesNoWardLeavesNothingBehind() throws Exception {
    try (TestBanks banks = new TestBanks(directory, 0, 1, NODE, "b")) {
      banks.maxReplicas = 0;
      StartException refused = assertThrows(StartException.class, () -> banks.start(NODE));
      assertEquals(StoreException.Code.FULL.text(), refused.code(), refused::getMessage);
      assertNothingIsLeft();
      banks.maxReplicas = 16;
      banks.start(NODE);
      assertTrue(banks.node(NODE).facade().health().ready());
    }
  }
}
