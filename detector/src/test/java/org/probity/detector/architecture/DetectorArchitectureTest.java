package org.probity.detector.architecture;

import static org.probity.detector.architecture.ArchitectureRules.noOutsideWorld;
import static org.probity.detector.architecture.ArchitectureRules.onlyMadeBy;
import static org.probity.detector.architecture.ArchitectureRules.roomsImportFromAboveOnly;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.probity.detector.architecture.planted.evidence.Forger;
import org.probity.detector.architecture.planted.evidence.Judge;
import org.probity.detector.architecture.planted.evidence.Proof;
import org.probity.detector.architecture.planted.evidence.SlyForger;
import org.probity.detector.commitment.CheckpointVerifier;
import org.probity.detector.commitment.VerifiedAck;
import org.probity.detector.commitment.VerifiedCheckpoint;
import org.probity.detector.commitment.VerifiedEnvelope;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.crypto.VerifiedStatement;
import org.probity.detector.evidence.Evidence;
import org.probity.detector.evidence.EvidenceVerifier;
import org.probity.detector.node.CommitStore;
import org.probity.detector.node.Durable;

/** architecture.md: the order of the rooms, the purity of the core, and powers with one source. */
class DetectorArchitectureTest {
  private static final String ROOT = "org.probity.detector";
  private static final String PLANTED = "org.probity.detector.architecture.planted";

  private static final JavaClasses MAIN =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages(ROOT);
  private static final JavaClasses PLANTED_CLASSES =
      new ClassFileImporter().importPackages(PLANTED);

  @Test
  void shouldKeepTheOrderOfTheRooms() {
    roomsImportFromAboveOnly(ROOT).check(MAIN);
  }

  @ParameterizedTest
  @ValueSource(strings = {"codec.ImportsALaterRoom", "stray.HasNoRoom"})
  void shouldNoticeABrokenOrder(String planted) {
    assertBites(roomsImportFromAboveOnly(PLANTED), planted(planted));
  }

  @Test
  void shouldReachOutsideNowhere() {
    noOutsideWorld(ROOT).check(MAIN);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "file",
        "socket",
        "clock",
        "millis",
        "thread",
        "lock",
        "chance",
        "dice",
        "environment",
        "output"
      })
  void shouldNoticeEachWayOut(String method) {
    String report =
        noOutsideWorld(PLANTED)
            .evaluate(planted("log.ReachesOutside"))
            .getFailureReport()
            .toString();

    Assertions.assertTrue(report.contains("ReachesOutside." + method + "("), report);
  }

  @Test
  void shouldKnowNoLedgerNoShellAndNoModel() {
    knowsOnlyItself(ROOT).check(MAIN);
  }

  @Test
  void shouldMakeDurableInTheStoreOnly() {
    onlyMadeBy(Durable.class, CommitStore.class).check(MAIN);
  }

  @Test
  void shouldMakeEvidenceInTheVerifierOnly() {
    onlyMadeBy(Evidence.class, EvidenceVerifier.class).check(MAIN);
  }

  @Test
  void shouldMakeVerifiedStatementsInTheVerifierOnly() {
    onlyMadeBy(VerifiedStatement.class, StatementVerifier.class).check(MAIN);
  }

  @ParameterizedTest
  @ValueSource(classes = {VerifiedCheckpoint.class, VerifiedEnvelope.class, VerifiedAck.class})
  void shouldMakeVerifiedMessagesInTheVerifierOnly(Class<?> message) {
    onlyMadeBy(message, CheckpointVerifier.class).check(MAIN);
  }

  @Test
  void shouldNoticeASecondSource() {
    onlyMadeBy(Proof.class, Judge.class)
        .check(PLANTED_CLASSES.that(DescribedPredicate.not(nameEndsWith("Forger"))));
    for (Class<?> forger : new Class<?>[] {Forger.class, SlyForger.class}) {
      assertBites(
          onlyMadeBy(Proof.class, Judge.class),
          new ClassFileImporter().importClasses(Proof.class, Judge.class, forger));
    }
  }

  private static ArchRule knowsOnlyItself(String root) {
    return ArchRuleDefinition.classes()
        .that()
        .resideInAPackage(root + "..")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            root + "..",
            "java..",
            "org.jspecify.annotations..",
            "org.bouncycastle..",
            "com.amazon.corretto.crypto.provider..");
  }

  private static JavaClasses planted(String name) {
    return PLANTED_CLASSES.that(nameEndsWith(name).or(nameEndsWith("node.Top")));
  }

  private static DescribedPredicate<JavaClass> nameEndsWith(String suffix) {
    return DescribedPredicate.describe(
        "named " + suffix, javaClass -> javaClass.getName().endsWith(suffix));
  }

  private static void assertBites(ArchRule rule, JavaClasses classes) {
    Assertions.assertTrue(
        rule.evaluate(classes).hasViolation(), () -> "does not bite: " + rule.getDescription());
  }
}
