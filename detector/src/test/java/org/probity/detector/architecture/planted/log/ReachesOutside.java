package org.probity.detector.architecture.planted.log;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Random;

/** One method per way out of a pure core. */
@SuppressWarnings("SystemOut")
public final class ReachesOutside {
  public boolean file() throws IOException {
    return Files.exists(Path.of("x"));
  }

  public Object socket() throws IOException {
    return new java.net.Socket();
  }

  public Object clock() {
    return Instant.EPOCH;
  }

  public long millis() {
    return System.currentTimeMillis();
  }

  public Object thread() {
    return Thread.currentThread();
  }

  public Object lock() {
    return new java.util.concurrent.locks.ReentrantLock();
  }

  public int chance() {
    return new Random(1).nextInt();
  }

  public double dice() {
    return Math.random();
  }

  public String environment() {
    return System.getenv("HOME");
  }

  public void output() {
    System.out.println();
  }
}
