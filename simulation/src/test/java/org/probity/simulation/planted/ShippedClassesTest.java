package org.probity.simulation.planted;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * What is shipped knows of no planted bug; that it has no switch that could bring one in is looked
 * at in the jars ({@code ShippedJarsIT}).
 */
class ShippedClassesTest {
  private static final JavaClasses SHIPPED =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("org.probity.detector", "org.probity.ledger", "org.probity.simulation");

  @Test
  void nothingThatIsShippedKnowsOfPlantedBugs() {
    assertFalse(SHIPPED.isEmpty());
    noClasses().should().resideInAPackage("..planted..").check(SHIPPED);
    noClasses().should().dependOnClassesThat().resideInAPackage("..planted..").check(SHIPPED);
  }

  /** A patched class is one of its own loader; whoever runs beside it has the real one. */
  @Test
  void aPlantedBugStaysWhereItIsPlanted() throws ClassNotFoundException {
    PlantedBug bug = PlantedBugs.all().get(0);
    Map<String, byte[]> patched = Replacement.of(bug);
    String name = "org.probity." + bug.edits().get(0).source().replace('/', '.');
    Class<?> planted = new PlantedClasses(patched).loadClass(name);
    Class<?> real = Class.forName(name);
    assertNotEquals(real, planted);
    assertEquals(name, planted.getName());
    assertEquals(ShippedClassesTest.class.getClassLoader(), real.getClassLoader());
  }
}
