package org.probity.node.cli;

import java.util.List;

/**
 * Adds commands to {@code probity} from another module; found with {@link java.util.ServiceLoader}.
 */
public interface CommandProvider {

  /**
   * Picocli command objects to put below the root, each annotated with {@code @Command}.
   *
   * @param terminal where they print and what the user asked for in common options
   */
  List<Object> commands(Terminal terminal);
}
