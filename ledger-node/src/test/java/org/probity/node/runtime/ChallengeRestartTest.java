package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.codec.Bytes;
import org.probity.detector.node.Patience;
import org.probity.ledger.transaction.AccountFlags;
import org.probity.ledger.transaction.AccountId;
import org.probity.ledger.transaction.KeyPolicy;
import org.probity.ledger.transaction.Operation;
import org.probity.node.http.HandedOver;
import org.probity.node.http.api.Polling;

/**
 * A holder of a challenge and the one who raised it restart, while its target is away: it is still
 * open, and whoever leaves it open is suspected again.
 */
@Timeout(240)
class ChallengeRestartTest {
  private static final String TARGET = "b";

  @TempDir Path directory;

  private static void await(String what, BooleanSupplier condition) throws Exception {
    assertTrue(Polling.LOCAL.await(Duration.ofMinutes(1), condition), what);
  }

  private boolean isKept(TestBanks banks, String node) {
    Path folder = banks.data(node).resolve("challenges");
    if (!Files.isDirectory(folder)) {
      return false;
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.anyMatch(file -> file.toString().endsWith(".challenge"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isOpen(TestBanks banks, String node, HandedOver handed) {
    return banks.node(node).facade().challenges().stream()
        .anyMatch(one -> one.id().equals(handed.challenge()));
  }

  @Test
  void whatIsOpenOutlivesItsHolders() throws Exception {
    try (TestBanks banks = new TestBanks(directory, 1, 2, "a", "b", "c", "d")) {
      banks.patience = new Patience(60_000, 60_000, 2_000);
      for (String name : List.of("a", "b", "c", "d")) {
        banks.start(name);
      }
      Bytes statement =
          banks
              .sign(
                  TARGET,
                  List.of(
                      new Operation.OpenAccount(
                          AccountId.named("late"),
                          banks.crowns.id(),
                          KeyPolicy.single(banks.bankKey.publicKey().toBytes()),
                          AccountFlags.NONE)))
              .get(0);
      banks.stop(TARGET);
      HandedOver handed =
          banks
              .node("c")
              .facade()
              .handOver(statement)
              .toCompletionStage()
              .toCompletableFuture()
              .get(20, TimeUnit.SECONDS);
      for (String name : List.of("c", "d")) {
        await(name + " does not hold it", () -> isOpen(banks, name, handed));
        await(name + " does not keep it", () -> isKept(banks, name));
      }
      banks.stop("a");
      banks.stop("c");
      banks.stop("d");
      // A file is not a challenge by lying in a folder.
      Files.writeString(
          banks.data("c").resolve("challenges").resolve("00.challenge"), "no statement");
      for (String name : List.of("c", "d")) {
        banks.start(name);
        await(name + " has forgotten it", () -> isOpen(banks, name, handed));
        await(
            name + " does not suspect",
            () ->
                banks.node(name).facade().challenges().stream()
                    .anyMatch(one -> one.id().equals(handed.challenge()) && one.isOverdue()));
      }
      banks.start(TARGET);
      for (String name : List.of("c", "d")) {
        await(name + " has it open still", () -> !isOpen(banks, name, handed));
        await(name + " keeps it still", () -> !isKept(banks, name));
        assertEquals(List.of(), banks.node(name).facade().evidenceFiles());
      }
    }
  }
}
