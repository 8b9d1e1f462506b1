package org.probity.detector.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.CompositeArchRule;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.probity.detector.architecture.planted.audit.Hint;
import org.probity.detector.architecture.planted.audit.Prejudice;
import org.probity.detector.architecture.planted.audit.SlyPrejudice;
import org.probity.detector.architecture.planted.audit.Timetable;
import org.probity.detector.architecture.planted.evidence.Proof;
import org.probity.detector.audit.AuditSchedule;
import org.probity.detector.audit.Priority;

/**
 * A score is never evidence (protocol.md §1, §9): of all classes only the audit schedule can read a
 * priority, and no verdict, proof, log or state has anything to do with one.
 */
class PriorityArchitectureTest {
  private static final JavaClasses MAIN =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("org.probity.detector");

  @Test
  void shouldLetTheScheduleAloneReadPriorities() {
    onlyReadBy(Priority.class, AuditSchedule.class).check(MAIN);
  }

  @Test
  void shouldKeepPrioritiesAwayFromEverythingThatIsRecordedOrProven() {
    ArchRuleDefinition.noClasses()
        .that()
        .resideOutsideOfPackages("org.probity.detector.audit..", "org.probity.detector.node..")
        .should()
        .dependOnClassesThat()
        .areAssignableTo(Priority.class)
        .check(MAIN);
  }

  @ParameterizedTest
  @ValueSource(classes = {Prejudice.class, SlyPrejudice.class})
  void shouldNoticeASecondReader(Class<?> reader) {
    ArchRule rule = onlyReadBy(Hint.class, Timetable.class);

    rule.check(new ClassFileImporter().importClasses(Hint.class, Timetable.class, Proof.class));
    assertTrue(
        rule.evaluate(new ClassFileImporter().importClasses(Hint.class, Timetable.class, reader))
            .hasViolation(),
        "does not bite: " + reader);
  }

  private static ArchRule onlyReadBy(Class<?> hint, Class<?> reader) {
    return CompositeArchRule.of(
            ArchRuleDefinition.noClasses()
                .that()
                .doNotHaveFullyQualifiedName(hint.getName())
                .and()
                .doNotHaveFullyQualifiedName(reader.getName())
                .should()
                .accessTargetWhere(
                    describe(
                        "read the value",
                        access ->
                            access.getTargetOwner().isEquivalentTo(hint)
                                && access.getName().equals("value"))))
        .and(
            ArchRuleDefinition.methods()
                .that()
                .areDeclaredIn(hint)
                .and()
                .haveName("value")
                .should()
                .bePackagePrivate())
        .as("only " + reader.getSimpleName() + " reads a " + hint.getSimpleName());
  }
}
