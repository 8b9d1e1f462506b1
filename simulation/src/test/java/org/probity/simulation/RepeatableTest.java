package org.probity.simulation;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitAccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.probity.detector.audit.DecisionsBehind;
import org.probity.detector.governance.SeatHistory;
import org.probity.detector.log.TlogPolicy;
import org.probity.detector.node.BootGate;

/** A plan is the same simulation in every process, not only twice in the same one. */
class RepeatableTest {
  private static final JavaClasses SHIPPED =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("org.probity.simulation", "org.probity.detector", "org.probity.ledger");

  /**
   * Of the product, those that make one and ask it only whether something is in it, or add it to a
   * set that has an order.
   */
  private static final List<String> ASKED_ONLY =
      List.of(
          BootGate.Seats.class.getName(),
          DecisionsBehind.class.getName(),
          TlogPolicy.class.getName(),
          SeatHistory.class.getName());

  /** What is drawn, and nodes that lose several seats at once. */
  private static List<Plan> plans() {
    List<Incident> seatsMove =
        List.of(
            new Incident(Simulation.MEMBERS_VOTE, 0, 0, List.of(), 1),
            new Incident("seats-reassigned", 2_000, 1_000, List.of("n00"), 2),
            new Incident("seats-reassigned", 5_000, 1_000, List.of("n01"), 3));
    return List.of(
        PlanMaker.of(1),
        PlanMaker.of(2),
        new Plan(3, new Settings(7, 3, 1, 6, 12, false), seatsMove));
  }

  private static List<String> traces() {
    return plans().stream().map(plan -> new Simulation(plan, false).run().trace()).toList();
  }

  /** In a process of its own. */
  public static void main(String[] args) {
    traces().forEach(System.out::println);
  }

  @Test
  void anotherProcessComesToTheSameTraces() throws IOException, InterruptedException {
    Process other =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                RepeatableTest.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    List<String> here = traces();
    List<String> there =
        new String(other.getInputStream().readAllBytes(), StandardCharsets.UTF_8).lines().toList();

    assertEquals(0, other.waitFor());
    assertEquals(here, there);
  }

  /**
   * The order of an immutable set or map of more than one element is another one in every process.
   */
  @Test
  void nothingHasAnOrderOfItsProcess() {
    assertFalse(SHIPPED.isEmpty());
    noClasses()
        .that(DescribedPredicate.not(NAMED))
        .should()
        .accessTargetWhere(MAKES_SALTED)
        .check(SHIPPED);
  }

  private static final DescribedPredicate<JavaClass> NAMED =
      DescribedPredicate.describe("are named here", it -> ASKED_ONLY.contains(it.getName()));

  private static final DescribedPredicate<JavaAccess<?>> MAKES_SALTED =
      DescribedPredicate.describe(
          "an immutable set or map is made",
          access -> access.getTarget() instanceof CodeUnitAccessTarget target && isSalted(target));

  private static boolean isSalted(CodeUnitAccessTarget target) {
    return switch (target.getName()) {
      case "toUnmodifiableSet", "toUnmodifiableMap" -> isOf(target, Collectors.class);
      case "copyOf", "ofEntries" -> isOf(target, Set.class) || isOf(target, Map.class);
      case "of" -> isOfSeveral(target);
      default -> false;
    };
  }

  private static boolean isOfSeveral(CodeUnitAccessTarget target) {
    int parameters = target.getRawParameterTypes().size();
    boolean isArray =
        parameters == 1 && target.getRawParameterTypes().get(0).getName().startsWith("[");
    return (isOf(target, Set.class) && (parameters > 1 || isArray))
        || (isOf(target, Map.class) && parameters > 2);
  }

  private static boolean isOf(CodeUnitAccessTarget target, Class<?> owner) {
    return target.getOwner().isEquivalentTo(owner);
  }
}
