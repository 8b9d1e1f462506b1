package org.probity.node.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.EvaluationResult;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.probity.detector.crypto.Signer;
import org.probity.node.access.Callers;
import org.probity.node.actions.ActionLog;
import org.probity.node.identity.NodeKeys;
import org.probity.node.runtime.NodeSettings;
import org.probity.node.runtime.WitnessSettings;
import org.probity.node.store.StoreFiles;

/** architecture.md: who may import whom, in the shell. */
class NodeArchitectureTest {
  private static final String PLANTED = "org.probity.node.architecture.planted";

  private static final JavaClasses MAIN =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("org.probity.node", "org.probity.ledger", "org.probity.detector");

  /** The adapter hands the detector a clamped priority; nothing else sees a score. */
  @Test
  void shouldKnowScoresInTheAdapterOnly() {
    knowsOnlyIn("org.probity.scoring..", "org.probity.node.scoring..").check(MAIN);
  }

  @Test
  void shouldNoticeScoresElsewhere() {
    JavaClasses planted = new ClassFileImporter().importPackages(PLANTED);
    EvaluationResult result =
        knowsOnlyIn(PLANTED + ".scores..", PLANTED + ".adapter..").evaluate(planted);

    assertTrue(result.hasViolation());
    assertEquals(
        0,
        result.getFailureReport().getDetails().stream()
            .filter(line -> line.contains("Adapter"))
            .count());
  }

  /** One owner of the durable order, and one place where a native library can crash us. */
  @Test
  void shouldKnowLmdbInTheStoreOnly() {
    knowsOnlyIn("org.lmdbjava..", "org.probity.node.store..").check(MAIN);
  }

  /**
   * SPEC protocol.md §11.1: whatever else signs with a key of the node takes it from behind the
   * gate.
   */
  @Test
  void shouldTakeTheKeysFromBehindTheBootGate() {
    noClasses()
        .that()
        .resideInAPackage("org.probity.node..")
        .and()
        .doNotHaveSimpleName("RunningNode")
        .and()
        .doNotHaveSimpleName("StartChecks")
        .should()
        .callMethod(NodeSettings.class, "logKey")
        .orShould()
        .callMethod(WitnessSettings.class, "cosignerKey")
        .check(MAIN);
    noClasses()
        .that()
        .doNotHaveSimpleName("NodeSettings")
        .should()
        .callMethod(NodeKeys.class, "logSigner")
        .orShould()
        .callMethod(NodeKeys.class, "cosignerSigner")
        .check(MAIN);
    noFields()
        .that()
        .areDeclaredInClassesThat()
        .resideInAPackage("org.probity.node.runtime..")
        .and()
        .areDeclaredInClassesThat(
            describe(
                "are not where keys come from",
                owner ->
                    !Set.of("GatedSigner", "NodeSettings", "WitnessSettings")
                        .contains(owner.getSimpleName())))
        .should()
        .haveRawType(Signer.class)
        .check(MAIN);
  }

  /**
   * What operators did is on the disk when it is said to be recorded, with the names of its files:
   * no test can take the power away.
   */
  @Test
  void shouldHaveWhatOperatorsDidOnTheDisk() {
    noClasses()
        .that()
        .resideInAPackage("org.probity.node.actions..")
        .should()
        .callMethodWhere(
            describe(
                "a write that is not forced",
                call ->
                    call.getTargetOwner().isEquivalentTo(Files.class)
                        && Set.of("write", "writeString", "newBufferedWriter", "newOutputStream")
                            .contains(call.getName())))
        .check(MAIN);
    Set<String> forcesNames =
        MAIN.get(ActionLog.class.getName() + "$Turn").getMethodCallsFromSelf().stream()
            .filter(call -> call.getTargetOwner().isEquivalentTo(StoreFiles.class))
            .map(call -> call.getOrigin().getName())
            .collect(Collectors.toSet());
    assertEquals(Set.of("write"), forcesNames);
    assertTrue(
        MAIN.get(ActionLog.class).getMethodCallsFromSelf().stream()
            .filter(call -> call.getTargetOwner().isEquivalentTo(StoreFiles.class))
            .anyMatch(call -> call.getOrigin().getName().equals("rotateIfFull")));
  }

  /** How long it takes to refuse a token says nothing about how much of its sum was right. */
  @Test
  void shouldCompareWhatCallersShowInConstantTime() {
    noClasses()
        .that()
        .areAssignableTo(Callers.class)
        .should()
        .callMethodWhere(
            describe(
                "equality that ends at the first difference",
                call ->
                    Set.of("equals", "compareTo", "mismatch", "startsWith", "contains")
                            .contains(call.getName())
                        && !call.getTargetOwner().isAssignableTo(Callers.class)))
        .check(MAIN);
    assertTrue(
        MAIN.get(Callers.class).getMethodCallsFromSelf().stream()
            .anyMatch(call -> call.getTargetOwner().isEquivalentTo(MessageDigest.class)));
  }

  private static ArchRule knowsOnlyIn(String known, String adapter) {
    return noClasses()
        .that()
        .resideOutsideOfPackages(adapter, known)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(known);
  }
}
