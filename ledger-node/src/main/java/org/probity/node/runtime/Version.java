package org.probity.node.runtime;

/** The version of this software. */
public final class Version {
  private Version() {}

  /** As the jar's manifest has it; {@code development} when there is no jar. */
  public static String current() {
    String version = Version.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }
}
