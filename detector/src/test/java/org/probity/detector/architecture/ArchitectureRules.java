package org.probity.detector.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.constructors;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.CompositeArchRule;
import java.util.List;
import java.util.Set;

/**
 * The rules of architecture.md for a pure module, over any root package, so that each of them can
 * be shown to bite on planted classes that break it.
 */
public final class ArchitectureRules {

  /** From the ground up: a room imports only from rooms before it. */
  static final List<String> ROOMS =
      List.of(
          "codec",
          "crypto",
          "log",
          "state",
          "program",
          "governance",
          "commitment",
          "evidence",
          "challenge",
          "audit",
          "trust",
          "node");

  /** The outside world, by package: files, sockets, clocks, threads, processes. */
  private static final List<String> IMPURE_PACKAGES =
      List.of(
          "java.io",
          "java.net",
          "java.nio.channels",
          "java.nio.file",
          "java.time",
          "java.sql",
          "java.util.concurrent",
          "java.util.logging",
          "java.util.prefs",
          "org.slf4j",
          "sun.misc");

  /** What of those packages is only memory: buffers, atomics, and the name of a failure. */
  private static final Set<String> PURE_ALTHOUGH_THERE =
      Set.of(
          // What a store that the shell implements may throw at CommitStore.
          "java.io.IOException",
          "java.io.UncheckedIOException",
          "java.io.ByteArrayOutputStream",
          "java.io.Serializable");

  /** The outside world, by class. */
  private static final Set<String> IMPURE_CLASSES =
      Set.of(
          "java.lang.Process",
          "java.lang.ProcessBuilder",
          "java.lang.ProcessHandle",
          "java.lang.Runtime",
          "java.lang.Thread",
          "java.security.SecureRandom",
          "java.util.Calendar",
          "java.util.Date",
          "java.util.GregorianCalendar",
          "java.util.Random",
          "java.util.Scanner",
          "java.util.SplittableRandom",
          "java.util.TimeZone",
          "java.util.Timer",
          "java.util.UUID");

  private static final Set<String> IMPURE_SYSTEM_METHODS =
      Set.of(
          "currentTimeMillis",
          "nanoTime",
          "getenv",
          "console",
          "exit",
          "load",
          "loadLibrary",
          "identityHashCode");

  private ArchitectureRules() {}

  /** Each room of {@code root} depends on rooms before it only. */
  public static ArchRule roomsImportFromAboveOnly(String root) {
    CompositeArchRule all = CompositeArchRule.of(everyClassIsInARoom(root));
    for (int room = 0; room < ROOMS.size() - 1; room++) {
      String[] below =
          ROOMS.subList(room + 1, ROOMS.size()).stream()
              .map(name -> root + "." + name + "..")
              .toArray(String[]::new);
      all =
          all.and(
              noClasses()
                  .that()
                  .resideInAPackage(root + "." + ROOMS.get(room) + "..")
                  .should()
                  .dependOnClassesThat()
                  .resideInAnyPackage(below)
                  .as("room " + ROOMS.get(room) + " imports from rooms before it only")
                  .allowEmptyShould(true));
    }
    return all;
  }

  private static ArchRule everyClassIsInARoom(String root) {
    String[] rooms = ROOMS.stream().map(name -> root + "." + name + "..").toArray(String[]::new);
    return classes()
        .that()
        .resideInAPackage(root + "..")
        .should()
        .resideInAnyPackage(rooms)
        .as("every class is in a room that has a place in the order");
  }

  /** No file, socket, clock, thread, process, chance or environment; memory only. */
  public static ArchRule noOutsideWorld(String root) {
    return CompositeArchRule.of(
            noClasses()
                .that()
                .resideInAPackage(root + "..")
                .should()
                .dependOnClassesThat(
                    describe("reach outside the core", ArchitectureRules::isOutsideWorld)))
        .and(
            noClasses()
                .that()
                .resideInAPackage(root + "..")
                .should()
                .callMethodWhere(
                    describe(
                        "reads clock, environment or identity",
                        call ->
                            call.getTargetOwner().isEquivalentTo(System.class)
                                && IMPURE_SYSTEM_METHODS.contains(call.getName()))))
        .and(
            noClasses()
                .that()
                .resideInAPackage(root + "..")
                .should()
                .accessFieldWhere(
                    describe(
                        "uses a standard stream",
                        access -> access.getTargetOwner().isEquivalentTo(System.class))))
        .and(
            noClasses()
                .that()
                .resideInAPackage(root + "..")
                .should()
                .callMethodWhere(
                    describe(
                        "draws from Math.random or prints a stack trace",
                        call ->
                            (call.getTargetOwner().isEquivalentTo(Math.class)
                                    && call.getName().equals("random"))
                                || (call.getTargetOwner().isAssignableTo(Throwable.class)
                                    && call.getName().equals("printStackTrace")))))
        .as("no file, socket, clock, thread, process, chance or environment in " + root);
  }

  private static boolean isOutsideWorld(JavaClass dependency) {
    String name = dependency.getBaseComponentType().getName();
    if (IMPURE_CLASSES.contains(name)) {
      return true;
    }
    if (PURE_ALTHOUGH_THERE.contains(name) || name.startsWith("java.util.concurrent.atomic.")) {
      return false;
    }
    return IMPURE_PACKAGES.stream().anyMatch(at -> name.startsWith(at + "."));
  }

  /** {@code made} has one source: {@code maker}, which nothing outside the package can bypass. */
  public static ArchRule onlyMadeBy(Class<?> made, Class<?> maker) {
    return CompositeArchRule.of(
            noClasses()
                .that()
                .doNotHaveFullyQualifiedName(maker.getName())
                .should()
                .accessTargetWhere(
                    describe(
                        "call or refer to the constructor",
                        access ->
                            access.getTargetOwner().isAssignableTo(made)
                                && access.getName().equals("<init>"))))
        .and(
            constructors()
                .that()
                .areDeclaredIn(made)
                .should()
                .bePackagePrivate()
                .orShould()
                .bePrivate())
        .and(
            classes()
                .that()
                .haveFullyQualifiedName(made.getName())
                .should()
                .haveModifier(JavaModifier.FINAL))
        .and(
            classes()
                .that()
                .haveFullyQualifiedName(maker.getName())
                .should()
                .callConstructorWhere(target(owner(assignableTo(made)))))
        .as(made.getSimpleName() + " is only made by " + maker.getSimpleName());
  }
}
