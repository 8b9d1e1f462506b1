package org.probity.demo.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Ed25519Provider;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.Parameters;
import org.probity.simulation.world.KeyedSignatures;

/**
 * SPEC protocol.md §2.5: one rule for signatures, everywhere and forever. A simulation founds its
 * consortia under keyed hashes; nothing else that is shipped could, or could come to judge by them.
 */
class SignatureRuleArchitectureTest {
  private static final JavaClasses MAIN =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("org.probity");

  private static final String SIMULATION = "org.probity.simulation..";

  private static ArchRule judgesByTheOneRule(DescribedPredicate<JavaClass> exempt) {
    return noClasses()
        .that(
            DescribedPredicate.not(
                exempt
                    .or(resideInAPackage("org.probity.detector.crypto.."))
                    .or(resideInAPackage("org.probity.detector.governance.."))))
        .should()
        .callMethod(Genesis.class, "decode", Bytes.class, SignatureRule.class)
        .orShould()
        .callMethod(
            Genesis.class,
            "found",
            String.class,
            long.class,
            Parameters.class,
            Hash.class,
            Bytes.class,
            List.class,
            List.class,
            Map.class,
            SignatureRule.class)
        .orShould()
        .implement(Ed25519Provider.class)
        .orShould()
        .dependOnClassesThat()
        .areAssignableTo(KeyedSignatures.class);
  }

  @Test
  void nothingButASimulationChoosesAnotherRule() {
    judgesByTheOneRule(resideInAPackage(SIMULATION)).check(MAIN);
  }

  @Test
  void whoeverChoosesAnotherRuleIsNoticed() {
    String report =
        judgesByTheOneRule(resideInAPackage("org.probity.simulation.report.."))
            .evaluate(MAIN)
            .getFailureReport()
            .toString();

    assertTrue(report.contains("org.probity.simulation.node.Founding"), report);
    assertTrue(report.contains("org.probity.simulation.Simulation"), report);
    assertTrue(report.contains("org.probity.simulation.world.KeyedSignatures"), report);
  }
}
