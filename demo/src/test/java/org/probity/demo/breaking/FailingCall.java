package org.probity.demo.breaking;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.probity.demo.RequiredTool;

/**
 * The kernel says that one call failed with which a node makes its log or its mark durable, or the
 * process is killed at that call, before it is made. strace counts the calls by name and thread;
 * one thread makes all of these, so that the k-th of a name is one moment:
 *
 * <pre>
 * writev|pwrite64 pages of the log, fdatasync, pwrite64 its meta page, write the mark
 * </pre>
 */
class FailingCall implements Way {
  /** What comes of the call. */
  enum Fault {
    /** The disk fails once: what is on it is unknown, so the node signs nothing any more. */
    ERROR("error=EIO", "", "latched"),
    /** The disk is full from that call on, until the node is stopped. */
    FULL("error=ENOSPC", "+", "(latched)?"),
    /** A crash at that call. */
    KILLED("signal=SIGKILL", "", "");

    private final String injection;
    private final String repeated;

    /** Code of the next start, a pattern: empty if it has to be possible. */
    private final String next;

    Fault(String injection, String repeated, String next) {
      this.injection = injection;
      this.repeated = repeated;
      this.next = next;
    }
  }

  /** Number of the last call of a name that is made to fail, from the start of the process. */
  static final int DEEPEST = 200;

  private static final List<String> CALLS = List.of("writev", "pwrite64", "fdatasync", "write");

  /** Payments end when one gets no answer in time, and begin again with the next round. */
  private static final Duration ROUND = Duration.ofSeconds(20);

  private static final int ROUNDS = 12;

  private final Path strace;
  private final List<Fault> faults;
  private final int deepest;

  /**
   * @param faults that are drawn from
   * @param deepest no call after this one of its name
   */
  FailingCall(List<Fault> faults, int deepest) throws IOException, InterruptedException {
    this.strace = RequiredTool.strace();
    this.faults = faults;
    this.deepest = deepest;
  }

  @Override
  public String name() {
    return "failing-call";
  }

  @Override
  public boolean mayBeUnmendable() {
    return true;
  }

  @Override
  public Broken once(Scene scene) throws Exception {
    Banks banks = scene.banks();
    String victim = scene.victim();
    Fault fault = faults.get(scene.random().nextInt(faults.size()));
    String call = CALLS.get(scene.random().nextInt(CALLS.size()));
    int number = 1 + scene.random().nextInt(deepest);
    Path trace = banks.log(victim).resolveSibling("strace");
    Files.deleteIfExists(trace);
    banks.kill(victim);
    boolean isKept = false;
    Banks.Start start = banks.start(victim, wrapper(scene, victim, trace, call, fault, number));
    if (start.isReady()) {
      for (int round = 0; round < ROUNDS && !hasFired(banks, victim, trace); round++) {
        Scene.Pressure pressure = scene.pressure(victim);
        Banks.await(ROUND, () -> hasFired(banks, victim, trace));
        pressure.end();
      }
      isKept = banks.isAlive(victim);
      if (isKept) {
        // It signs nothing more, but it answers: what it has acknowledged is to be had from it.
        scene.awaitWitnessed(victim);
      }
    }
    if (!hasFired(banks, victim, trace)) {
      throw new AssertionError(call + " " + number + " of " + victim + " was never made");
    }
    banks.kill(victim);
    lieStill(scene, victim);
    String how = fault.injection + " at " + call + " " + number;
    Scene.Mended mended = scene.mend(victim);
    if (!mended.code().matches(fault.next)) {
      throw new AssertionError(victim + " after " + how + " starts with \"" + mended.code() + "\"");
    }
    return new Broken(victim, how, mended.isNextIncarnation() && !isKept, false, mended);
  }

  /** The node is down: a test that plants something does it here. */
  void lieStill(Scene scene, String victim) throws IOException {}

  private List<String> wrapper(
      Scene scene, String victim, Path trace, String call, Fault fault, int number)
      throws IOException {
    List<String> command = new ArrayList<>(List.of(strace.toString(), "-f", "-qq"));
    if (fault != Fault.KILLED) {
      // Far faster, but strace 6.1 loses injected signals with it.
      command.add("--seccomp-bpf");
    }
    command.addAll(List.of("-o", trace.toString()));
    for (Path file : files(scene, victim, fault)) {
      command.addAll(List.of("-P", file.toRealPath().toString()));
    }
    String injection = call + ":" + fault.injection + ":when=" + number + fault.repeated;
    command.addAll(List.of("-e", "trace=" + call, "-e", "inject=" + injection));
    return command;
  }

  /** A disk that is full is full for all that is on it. */
  private static List<Path> files(Scene scene, String victim, Fault fault) throws IOException {
    Path data = scene.folders(victim).get("data");
    List<Path> files = new ArrayList<>();
    files.add(scene.folders(victim).get("marks").resolve("mark"));
    try (Stream<Path> all = Files.walk(data)) {
      all.filter(file -> file.getFileName().toString().equals("data.mdb"))
          .filter(file -> fault == Fault.FULL || file.getParent().equals(data.resolve("log")))
          .forEach(files::add);
    }
    return files;
  }

  private static boolean hasFired(Banks banks, String victim, Path trace) throws IOException {
    return !banks.isAlive(victim)
        || (Files.exists(trace) && Files.readString(trace).contains("(INJECTED)"));
  }
}
