package org.probity.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What is shipped, as it is shipped: no jar has a planted bug in it, or a switch that could bring
 * one in. Neither a property, nor the environment, nor a plugin changes what the core does.
 */
class ShippedJarsIT {
  private static final Path LIB = Path.of("target", "lib");
  private static final Path VERIFIER = Path.of("..", "ledger", "target");
  private static final String OURS = "org/probity/";

  /** By class, the methods that look around in the process; empty if all of them do. */
  private static final Map<String, Set<String>> LOOKING_AROUND =
      Map.of(
          "java.lang.System", Set.of("getProperty", "getProperties", "getenv"),
          "java.lang.Boolean", Set.of("getBoolean"),
          "java.lang.Integer", Set.of("getInteger"),
          "java.lang.Long", Set.of("getLong"),
          "java.util.ServiceLoader", Set.of());

  /**
   * Who does that, and what for. None of them is of the core, none decides anything of a log or a
   * proof; whoever is to be added has to say why.
   */
  private static final Map<String, String> ALLOWED =
      Map.ofEntries(
          Map.entry("org.probity.node.cli.ConfiguredNode", "settings by environment, listed ones"),
          Map.entry("org.probity.node.cli.NodeRunner", "who runs it, for the operators' log"),
          Map.entry("org.probity.node.cli.Probity", "commands of other modules"),
          Map.entry("org.probity.node.cli.Terminal", "stack traces, and whether to ask"),
          Map.entry("org.probity.node.cli.VersionText", "the version of Java, to print it"),
          Map.entry("org.probity.node.program.Programs", "programs; the genesis names the one"),
          Map.entry("org.probity.node.runtime.RunningNode", "who runs it, for the operators' log"),
          Map.entry("org.probity.node.store.NativeLibraries", "where LMDB is unpacked"),
          Map.entry("org.probity.benchmarks.local.NodeProcess", "how to start another Java"),
          Map.entry("org.probity.demo.ChildJvm", "how to start another Java"),
          Map.entry("org.probity.demo.EvidenceCheck", "how to start another Java"),
          Map.entry("org.probity.demo.Progress", "whether colours are wanted"));

  private static List<Path> jars() throws IOException {
    List<Path> jars = new ArrayList<>();
    for (Path folder : List.of(LIB, VERIFIER)) {
      try (Stream<Path> files = Files.list(folder)) {
        files.filter(ShippedJarsIT::isOurs).sorted().forEach(jars::add);
      }
    }
    return jars;
  }

  private static boolean isOurs(Path file) {
    String name = file.getFileName().toString();
    if (!name.endsWith(".jar") || name.endsWith("-tests.jar") || name.startsWith("original-")) {
      return false;
    }
    try (JarFile jar = new JarFile(file.toFile())) {
      return jar.stream().anyMatch(entry -> entry.getName().startsWith(OURS));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static JavaClasses classesOf(Path file) throws IOException {
    try (JarFile jar = new JarFile(file.toFile())) {
      return new ClassFileImporter()
          .withImportOption(location -> location.contains(OURS))
          .importJar(jar);
    }
  }

  private static boolean looksAround(JavaAccess<?> access) {
    Set<String> methods = LOOKING_AROUND.get(access.getTargetOwner().getName());
    return methods != null && (methods.isEmpty() || methods.contains(access.getName()));
  }

  private static String outermost(JavaClass type) {
    return type.getName().replaceFirst("\\$.*", "");
  }

  @Test
  void everyJarOfOursIsLookedAt() throws IOException {
    Set<String> modules =
        jars().stream()
            .map(jar -> jar.getFileName().toString().replaceFirst("-[0-9].*", ""))
            .collect(Collectors.toCollection(TreeSet::new));

    assertTrue(
        modules.containsAll(
            List.of(
                "detector",
                "ledger",
                "ml-scoring",
                "ledger-node",
                "simulation",
                "benchmarks",
                "demo",
                "probity-verifier")),
        modules.toString());
  }

  @Test
  void noneHasAPlantedBugInIt() throws IOException {
    for (Path file : jars()) {
      try (JarFile jar = new JarFile(file.toFile())) {
        assertEquals(
            List.of(),
            jar.stream()
                .map(entry -> entry.getName())
                .filter(name -> name.toLowerCase(Locale.ROOT).contains("planted"))
                .toList(),
            file.toString());
      }
    }
  }

  @Test
  void whatTheyDoIsTurnedByNothingAroundThem() throws IOException {
    Set<String> looking = new TreeSet<>();
    for (Path file : jars()) {
      JavaClasses classes = classesOf(file);
      assertFalse(classes.isEmpty(), file.toString());
      classes.stream()
          .filter(type -> type.getAccessesFromSelf().stream().anyMatch(ShippedJarsIT::looksAround))
          .forEach(type -> looking.add(outermost(type)));
    }

    assertEquals(new TreeSet<>(ALLOWED.keySet()), looking);
  }

  /** Every way to ask that there is. */
  static final class Switches {
    static String property() {
      return System.getProperty("a");
    }

    static String propertyOr() {
      return System.getProperty("a", "b");
    }

    static Object properties() {
      return System.getProperties();
    }

    static String variable() {
      return System.getenv("a");
    }

    static Object variables() {
      return System.getenv();
    }

    static boolean flag() {
      return Boolean.getBoolean("a");
    }

    static Object number() {
      return Integer.getInteger("a");
    }

    static Object numberOrOf() {
      return Integer.getInteger("a", 1);
    }

    static Object numberOr() {
      return Integer.getInteger("a", Integer.valueOf(1));
    }

    static Object longNumber() {
      return Long.getLong("a");
    }

    static Object longNumberOrOf() {
      return Long.getLong("a", 1L);
    }

    static Object longNumberOr() {
      return Long.getLong("a", Long.valueOf(1));
    }

    static Object plugins() {
      return java.util.ServiceLoader.load(Runnable.class);
    }

    static Supplier<?> byReference() {
      return System::getenv;
    }
  }

  @Test
  void whoeverAsksIsNoticedHoweverItAsks() {
    JavaClass switches = new ClassFileImporter().importClasses(Switches.class).get(Switches.class);
    Set<String> noticed =
        switches.getAccessesFromSelf().stream()
            .filter(ShippedJarsIT::looksAround)
            .map(access -> access.getOrigin().getName())
            .collect(Collectors.toCollection(TreeSet::new));

    Set<String> all =
        switches.getMethods().stream()
            .map(method -> method.getName())
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(all, noticed);
  }
}
