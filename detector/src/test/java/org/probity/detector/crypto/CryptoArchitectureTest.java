package org.probity.detector.crypto;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** What must have one source has one source. */
class CryptoArchitectureTest {
  private static final JavaClasses MAIN =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("org.probity.detector");

  /** The rule, and the known-answer test that a provider must pass before it is used. */
  @Test
  void shouldCallAProvidersVerificationThroughTheRuleOnly() {
    noClasses()
        .that()
        .doNotHaveFullyQualifiedName(SignatureRule.class.getName())
        .and()
        .doNotHaveFullyQualifiedName(Ed25519Providers.class.getName() + "$KnownAnswer")
        .should()
        .callMethodWhere(target(name("rawVerify")))
        .check(MAIN);
  }

  @Test
  void shouldUseCryptographicLibrariesHereOnly() {
    noClasses()
        .that()
        .resideOutsideOfPackage("org.probity.detector.crypto..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "org.bouncycastle..", "com.amazon.corretto..", "java.security..", "javax.crypto..")
        .check(MAIN);
  }

  /** Randomness belongs to the shell. */
  @Test
  void shouldHaveNoRandomnessAndNoClock() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .haveNameMatching(
            "java\\.security\\.SecureRandom|java\\.util\\.(Random|SplittableRandom)"
                + "|java\\.util\\.concurrent\\.ThreadLocalRandom|java\\.time\\..*")
        .check(MAIN);
  }
}
