package org.probity.node.runtime;

/**
 * One thing that was looked at, for the operator of a node.
 *
 * @param check what, stable
 * @param node at which other node; empty for what is on this machine
 * @param text what was found
 * @param remedy what to do about it; empty if all is well
 */
public record CheckLine(String check, String node, Level level, String text, String remedy) {

  /** How bad it is. */
  public enum Level {
    OK,
    /** Somebody may suspect the node, or a start may fail; nothing is proven by it. */
    WARNING,
    /** It is proven to have broken the protocol, or will be, or must not go on as it is. */
    DANGER
  }

  public static CheckLine ok(String check, String node, String text) {
    return new CheckLine(check, node, Level.OK, text, "");
  }

  public static CheckLine warning(String check, String node, String text, String remedy) {
    return new CheckLine(check, node, Level.WARNING, text, remedy);
  }

  public static CheckLine danger(String check, String node, String text, String remedy) {
    return new CheckLine(check, node, Level.DANGER, text, remedy);
  }
}
