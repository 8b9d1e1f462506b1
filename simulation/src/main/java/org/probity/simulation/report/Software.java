package org.probity.simulation.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.governance.Genesis;
import org.probity.ledger.program.LedgerProgram;
import org.probity.simulation.Simulation;

/**
 * Which software a result is of: a hash over the classes of detector, ledger and simulator as they
 * are on the class path, folders or jars. What a seed comes to depends on nothing else that
 * changes, so results with the same one belong together, and others do not.
 */
public final class Software {
  private static final List<Class<?>> MODULES =
      List.of(Genesis.class, LedgerProgram.class, Simulation.class);

  private static final List<String> PACKAGES =
      List.of("org/probity/detector/", "org/probity/ledger/", "org/probity/simulation/");

  private static final int CHARACTERS = 16;

  private Software() {}

  /** Of what runs here. */
  public static String fingerprint() {
    return OfThisProcess.FINGERPRINT;
  }

  /** Read when it is first asked for, and once. */
  private static final class OfThisProcess {
    private static final String FINGERPRINT =
        fingerprint(MODULES.stream().map(Software::place).distinct().toList());
  }

  /** Where a class was loaded from. */
  private static Path place(Class<?> one) {
    CodeSource source = one.getProtectionDomain().getCodeSource();
    if (source == null) {
      throw new IllegalStateException(one + " comes from nowhere");
    }
    try {
      return Path.of(new URI(source.getLocation().toString()));
    } catch (URISyntaxException e) {
      throw new IllegalStateException(one + " comes from " + source.getLocation(), e);
    }
  }

  /**
   * Of the classes in these folders and jars, by names and contents alone: where they are, when
   * they were built and what lies beside them does not count.
   */
  static String fingerprint(List<Path> places) {
    Map<String, Hash> classes = new TreeMap<>();
    try {
      for (Path place : places) {
        if (Files.isDirectory(place)) {
          folder(place, classes);
        } else {
          jar(place, classes);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    StringBuilder all = new StringBuilder();
    classes.forEach((name, hash) -> all.append(name).append(' ').append(hash.toHex()).append('\n'));
    return Hash.sha256(Bytes.utf8(all.toString()).unsafeArray()).toHex().substring(0, CHARACTERS);
  }

  private static void folder(Path folder, Map<String, Hash> classes) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.walk(folder)) {
      files = all.filter(Files::isRegularFile).toList();
    }
    for (Path file : files) {
      String name = folder.relativize(file).toString().replace('\\', '/');
      if (isOurs(name)) {
        classes.put(name, Hash.sha256(Files.readAllBytes(file)));
      }
    }
  }

  private static void jar(Path file, Map<String, Hash> classes) throws IOException {
    try (JarFile jar = new JarFile(file.toFile())) {
      for (JarEntry entry : jar.stream().toList()) {
        if (isOurs(entry.getName())) {
          try (InputStream in = jar.getInputStream(entry)) {
            classes.put(entry.getName(), Hash.sha256(in.readAllBytes()));
          }
        }
      }
    }
  }

  private static boolean isOurs(String name) {
    return name.endsWith(".class") && PACKAGES.stream().anyMatch(name::startsWith);
  }
}
