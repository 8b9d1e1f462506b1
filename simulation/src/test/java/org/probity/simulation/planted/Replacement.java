package org.probity.simulation.planted;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** Classes compiled from the real sources with a bug in them, by name. */
final class Replacement {
  private static final List<String> MODULES = List.of("detector", "ledger", "simulation");

  private Replacement() {}

  /**
   * @throws AssertionError if the sources are not what the bug was made for, or do not compile with
   *     it: it has to be made anew
   */
  static Map<String, byte[]> of(PlantedBug bug) {
    Map<String, List<String>> sources = new LinkedHashMap<>();
    for (PlantedBug.Edit edit : bug.edits()) {
      List<String> lines = sources.computeIfAbsent(edit.source(), Replacement::source);
      sources.put(edit.source(), edited(bug, edit, lines));
    }
    return compiled(bug.name(), sources);
  }

  private static List<String> edited(PlantedBug bug, PlantedBug.Edit edit, List<String> lines) {
    List<String> stripped = lines.stream().map(String::strip).toList();
    int at = Collections.indexOfSubList(stripped, edit.before());
    if (at < 0 || at != Collections.lastIndexOfSubList(stripped, edit.before())) {
      throw new AssertionError(
          bug.name() + ": not exactly once in " + edit.source() + ": " + edit.before());
    }
    List<String> edited = new ArrayList<>(lines.subList(0, at));
    edited.addAll(edit.after());
    edited.addAll(lines.subList(at + edit.before().size(), lines.size()));
    return edited;
  }

  private static List<String> source(String path) {
    List<Path> found =
        MODULES.stream()
            .map(module -> Path.of("..", module, "src/main/java/org/probity", path + ".java"))
            .filter(Files::exists)
            .toList();
    if (found.size() != 1) {
      throw new AssertionError("sources of " + path + ": " + found);
    }
    try {
      return Files.readAllLines(found.get(0));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Map<String, byte[]> compiled(String name, Map<String, List<String>> sources) {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter said = new StringWriter();
    List<JavaFileObject> units = new ArrayList<>();
    sources.forEach((path, lines) -> units.add(new Source(path, String.join("\n", lines))));
    try (StandardJavaFileManager standard = compiler.getStandardFileManager(null, null, null);
        Classes classes = new Classes(standard)) {
      List<String> options =
          List.of(
              "-classpath", System.getProperty("java.class.path"), "-proc:none", "-nowarn", "-g");
      if (!compiler.getTask(said, classes, null, options, null, units).call()) {
        throw new AssertionError(name + " does not compile:\n" + said);
      }
      return classes.compiled();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static final class Source extends SimpleJavaFileObject {
    private final String text;

    Source(String path, String text) {
      super(URI.create("string:///org/probity/" + path + ".java"), Kind.SOURCE);
      this.text = text;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }
  }

  private static final class Classes extends ForwardingJavaFileManager<JavaFileManager> {
    private final Map<String, ByteArrayOutputStream> written = new LinkedHashMap<>();

    Classes(JavaFileManager standard) {
      super(standard);
    }

    @Override
    public JavaFileObject getJavaFileForOutput(
        Location location, String className, JavaFileObject.Kind kind, FileObject sibling) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      written.put(className, bytes);
      return new SimpleJavaFileObject(URI.create("bytes:///" + className), kind) {
        @Override
        public OutputStream openOutputStream() {
          return bytes;
        }
      };
    }

    Map<String, byte[]> compiled() {
      Map<String, byte[]> compiled = new LinkedHashMap<>();
      written.forEach((name, bytes) -> compiled.put(name, bytes.toByteArray()));
      return compiled;
    }
  }

  /** The bytes of the real class of this name, if it is one of the product. */
  static byte[] real(ClassLoader loader, String name) throws IOException {
    try (InputStream in = loader.getResourceAsStream(name.replace('.', '/') + ".class")) {
      return in == null ? new byte[0] : in.readAllBytes();
    }
  }

  /** Whether a class is the product's, or of these tests. */
  static boolean isOurs(String name) {
    return Stream.of("detector", "ledger", "simulation")
        .anyMatch(module -> name.startsWith("org.probity." + module + "."));
  }
}
