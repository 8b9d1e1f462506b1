package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.crypto.Hash;
import org.probity.detector.evidence.ByzantineLog;
import org.probity.detector.evidence.Court;
import org.probity.detector.evidence.Evidence;
import org.probity.detector.evidence.Verification;
import org.probity.detector.log.TreeHead;
import org.probity.node.testing.ChildJvm;
import org.probity.node.testing.RequiredTool;
import org.probity.node.testing.SystemCalls;

/** A proof that was kept outlives a power cut: its content, its name and its folder. */
class EvidenceStoreTest {
  @TempDir Path directory;

  /** Keeps one proof in the folder it is told. */
  static final class Keeper {
    private Keeper() {}

    public static void main(String[] arguments) {
      Path folder = Path.of(arguments[0]);
      new EvidenceStore(folder).keep(proof());
    }
  }

  private static Evidence proof() {
    Court court = new Court();
    ByzantineLog log = court.log("alpha", 2);
    TreeHead other = new TreeHead(1, Hash.sha256(new byte[] {1}));
    return ((Verification.Proven)
            court.verifier().verify(court.builder().fork(log.sign(other), log.checkpoint(), log)))
        .evidence();
  }

  @Test
  @Timeout(60)
  void syncsTheFileThenTheNameThenTheFolder() throws Exception {
    Path trace = directory.resolve("trace");
    Path folder = directory.toRealPath().resolve("evidence");
    List<String> strace =
        List.of(
            RequiredTool.find("strace").toString(),
            "-f",
            "-qq",
            "-tt",
            "-yy",
            "-s",
            "300",
            "-e",
            "trace=fsync,fdatasync,rename,renameat,renameat2,mkdir",
            "-e",
            "signal=none",
            "-o",
            trace.toString());
    try (ChildJvm child = ChildJvm.start(strace, Keeper.class, folder.toString())) {
      assertEquals(0, child.await());
    }
    List<SystemCalls.Call> calls =
        SystemCalls.parse(Files.readAllLines(trace, StandardCharsets.ISO_8859_1));
    int made = first(calls, -1, call -> call.name().equals("mkdir") && names(call, folder));
    int parent = first(calls, made, call -> isSync(call, folder.getParent().toString()));
    int content = first(calls, parent, call -> isSync(call, folder + "/") && names(call, ".part"));
    int renamed = first(calls, content, call -> call.name().startsWith("rename"));
    first(calls, renamed, call -> isSync(call, folder.toString()));
  }

  private static boolean names(SystemCalls.Call call, Object text) {
    return call.arguments().contains(text.toString());
  }

  private static boolean isSync(SystemCalls.Call call, String prefix) {
    return call.name().endsWith("sync") && call.succeeded() && call.target().startsWith(prefix);
  }

  /** Number of the first such call after {@code after}. */
  private static int first(
      List<SystemCalls.Call> calls, int after, Predicate<SystemCalls.Call> wanted) {
    for (int number = after + 1; number < calls.size(); number++) {
      if (wanted.test(calls.get(number))) {
        return number;
      }
    }
    throw new AssertionError("nothing of the kind after call " + after + " of " + calls);
  }

  @Test
  void keepsAFaultOnce() throws Exception {
    EvidenceStore store = new EvidenceStore(directory.resolve("evidence"));
    store.keep(proof());
    store.keep(proof());
    assertEquals(1, store.read().size());
    assertEquals(proof().encoded(), store.read().get(0).bytes());
    try (Stream<Path> files = Files.list(directory.resolve("evidence"))) {
      assertEquals(1, files.count(), "a temporary file is left");
    }
  }
}
