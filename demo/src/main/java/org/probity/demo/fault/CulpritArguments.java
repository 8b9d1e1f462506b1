package org.probity.demo.fault;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.probity.node.cli.Terminal;

/** A culprit is started with the arguments of {@code node start}; only the main class differs. */
final class CulpritArguments {
  private static final String CONFIG = "--config";

  private CulpritArguments() {}

  static Path configFile(String[] arguments) {
    List<String> list = Arrays.asList(arguments);
    int at = list.indexOf(CONFIG);
    if (at < 0 || at + 1 >= list.size()) {
      throw new IllegalArgumentException(CONFIG + " FILE is needed");
    }
    return Path.of(list.get(at + 1)).toAbsolutePath();
  }

  static Path folder(Path configFile) {
    Path folder = configFile.getParent();
    if (folder == null) {
      throw new IllegalArgumentException(configFile + " is in no folder");
    }
    return folder;
  }

  static Terminal terminal() {
    return new Terminal(
        new FileInputStream(FileDescriptor.in),
        new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8),
        new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8));
  }
}
