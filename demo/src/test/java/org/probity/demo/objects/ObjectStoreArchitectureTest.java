package org.probity.demo.objects;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * What a service sees that is to be accountable: the detector's program interface, nothing else.
 */
class ObjectStoreArchitectureTest {
  private static final String PACKAGE = "org.probity.demo.objects";

  private static final JavaClasses MAIN =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages(PACKAGE);

  /** No clock, file, socket, thread or chance by not being listed. */
  private static final ArchRule DETECTOR_ONLY =
      classes()
          .that()
          .resideInAPackage(PACKAGE)
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              PACKAGE,
              "org.probity.detector.codec",
              "org.probity.detector.crypto",
              "org.probity.detector.program",
              "org.probity.detector.state",
              "org.jspecify.annotations",
              "java.lang",
              "java.lang.runtime",
              "java.lang.invoke",
              "java.util",
              "java.util.function",
              "java.util.stream");

  @Test
  void theProgramKnowsTheDetectorOnly() {
    DETECTOR_ONLY.check(MAIN);
    // The rule bites: a test of this package uses more.
    JavaClasses tests = new ClassFileImporter().importClasses(ObjectStoreArchitectureTest.class);
    assertThrows(AssertionError.class, () -> DETECTOR_ONLY.check(tests));
  }

  @Test
  void nothingDependsOnChanceTimeOrTheOrderOfHashes() {
    for (Class<?> banned : List.of(HashMap.class, HashSet.class, Random.class)) {
      noClasses()
          .that()
          .resideInAPackage(PACKAGE)
          .should()
          .dependOnClassesThat()
          .areAssignableTo(banned)
          .check(MAIN);
    }
    noClasses()
        .that()
        .resideInAPackage(PACKAGE)
        .should()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(System.class, "identityHashCode", Object.class)
        .check(MAIN);
  }

  @Test
  void noFieldChangesAndNoneHasAFraction() {
    noFields()
        .that()
        .areDeclaredInClassesThat()
        .resideInAPackage(PACKAGE)
        .should()
        .notBeFinal()
        .orShould()
        .haveRawType(double.class)
        .orShould()
        .haveRawType(float.class)
        .check(MAIN);
  }
}
