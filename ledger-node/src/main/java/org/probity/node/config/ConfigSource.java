package org.probity.node.config;

/** Where a value came from, the strongest first. */
public enum ConfigSource {
  COMMAND_LINE("command line"),
  ENVIRONMENT("environment"),
  FILE("file"),
  DEFAULT("default");

  private final String text;

  ConfigSource(String text) {
    this.text = text;
  }

  public String text() {
    return text;
  }
}
