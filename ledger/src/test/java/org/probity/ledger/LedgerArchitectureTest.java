package org.probity.ledger;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** architecture.md: who may import whom, and what a state machine must not see. */
class LedgerArchitectureTest {
  private static final String[] PURE = {
    "org.probity.ledger.transaction..", "org.probity.ledger.program..", "org.probity.ledger.audit.."
  };

  private static final JavaClasses MAIN =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("org.probity.ledger");

  /** No java.io, java.net, java.time, java.util.concurrent or java.security by not being listed. */
  @Test
  void rulesKnowTheProgramInterfaceAndWhatIsBelowItOnly() {
    classes()
        .that()
        .resideInAnyPackage(PURE)
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "org.probity.detector.codec..",
            "org.probity.detector.crypto..",
            "org.probity.detector.state..",
            "org.probity.detector.program..",
            "org.probity.ledger.transaction..",
            "org.probity.ledger.program..",
            "org.probity.ledger.audit..",
            "org.jspecify.annotations..",
            "java.lang..",
            "java.math",
            "java.nio",
            "java.nio.charset",
            "java.util",
            "java.util.function",
            "java.util.stream")
        .check(MAIN);
  }

  @Test
  void rulesHaveNoChanceAndNoUnorderedMaps() {
    for (Class<?> banned :
        List.of(
            HashMap.class,
            HashSet.class,
            IdentityHashMap.class,
            Random.class,
            SplittableRandom.class,
            UUID.class)) {
      noClasses()
          .that()
          .resideInAnyPackage(PURE)
          .should()
          .dependOnClassesThat()
          .areAssignableTo(banned)
          .check(MAIN);
    }
  }

  @Test
  void rulesHaveNoClockAndNoIdentity() {
    noClasses()
        .that()
        .resideInAnyPackage(PURE)
        .should()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(System.class, "identityHashCode", Object.class)
        .check(MAIN);
  }

  @Test
  void rulesUseNoFloatingPoint() {
    noFields()
        .that()
        .areDeclaredInClassesThat()
        .resideInAnyPackage(PURE)
        .should()
        .haveRawType(double.class)
        .orShould()
        .haveRawType(float.class)
        .check(MAIN);
    noMethods()
        .that()
        .areDeclaredInClassesThat()
        .resideInAnyPackage(PURE)
        .should()
        .haveRawReturnType(double.class)
        .orShould()
        .haveRawReturnType(float.class)
        .check(MAIN);
  }

  @Test
  void packagesHaveNoCycles() {
    slices().matching("org.probity.ledger.(*)..").should().beFreeOfCycles().check(MAIN);
  }
}
