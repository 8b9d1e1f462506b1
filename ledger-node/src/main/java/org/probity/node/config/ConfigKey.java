package org.probity.node.config;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One key of the configuration: where it stands, what it may be, what it is for.
 *
 * @param section first part of the name
 * @param name second part, camel case
 * @param type what values look like
 * @param minimum of an integer
 * @param maximum of an integer
 * @param choices of a choice
 * @param defaultValue as it would be written; null if there is none
 * @param required whether there must be a value
 * @param description one sentence, for the schema and the sample file
 */
public record ConfigKey(
    String section,
    String name,
    Type type,
    long minimum,
    long maximum,
    List<String> choices,
    @Nullable String defaultValue,
    boolean required,
    String description) {

  /** What a value looks like. */
  public enum Type {
    TEXT,
    PATH,
    INTEGER,
    CHOICE,
    TRUTH,
    SECRET
  }

  static final String FILE_SUFFIX = "File";

  static ConfigKey requiredText(String section, String name, String description) {
    return new ConfigKey(section, name, Type.TEXT, 0, 0, List.of(), null, true, description);
  }

  static ConfigKey text(String section, String name, String defaultValue, String description) {
    return new ConfigKey(
        section, name, Type.TEXT, 0, 0, List.of(), defaultValue, false, description);
  }

  static ConfigKey path(String section, String name, String defaultValue, String description) {
    return new ConfigKey(
        section, name, Type.PATH, 0, 0, List.of(), defaultValue, false, description);
  }

  /** A file that there need not be. */
  static ConfigKey optionalPath(String section, String name, String description) {
    return new ConfigKey(section, name, Type.PATH, 0, 0, List.of(), null, false, description);
  }

  static ConfigKey integer(
      String section,
      String name,
      long minimum,
      long maximum,
      long defaultValue,
      String description) {
    return new ConfigKey(
        section,
        name,
        Type.INTEGER,
        minimum,
        maximum,
        List.of(),
        Long.toString(defaultValue),
        false,
        description);
  }

  static ConfigKey choice(
      String section, String name, String defaultValue, List<String> choices, String description) {
    return new ConfigKey(
        section, name, Type.CHOICE, 0, 0, List.copyOf(choices), defaultValue, false, description);
  }

  static ConfigKey truth(String section, String name, boolean defaultValue, String description) {
    return new ConfigKey(
        section,
        name,
        Type.TRUTH,
        0,
        0,
        List.of(),
        Boolean.toString(defaultValue),
        false,
        description);
  }

  static ConfigKey secret(String section, String name, String description) {
    return new ConfigKey(section, name, Type.SECRET, 0, 0, List.of(), null, false, description);
  }

  /** {@code section.name}: in messages, on the command line. */
  public String path() {
    return section + "." + name;
  }

  /** {@code PROBITY_SECTION_NAME}. */
  public String environmentVariable() {
    String snake = name.replaceAll("([A-Z])", "_$1");
    return ("PROBITY_" + section + "_" + snake).toUpperCase(Locale.ROOT);
  }

  public boolean isSecret() {
    return type == Type.SECRET;
  }

  /** What is wrong with {@code value} and what to write instead; empty if nothing is. */
  Optional<String> objection(String value) {
    return switch (type) {
      case INTEGER ->
          isIntegerInRange(value)
              ? Optional.empty()
              : Optional.of("must be a whole number from " + minimum + " to " + maximum);
      case CHOICE ->
          choices.contains(value)
              ? Optional.empty()
              : Optional.of("must be one of " + String.join(", ", choices));
      case TRUTH ->
          value.equals("true") || value.equals("false")
              ? Optional.empty()
              : Optional.of("must be true or false");
      case TEXT, PATH, SECRET ->
          value.isBlank() ? Optional.of("must not be empty") : Optional.empty();
    };
  }

  private boolean isIntegerInRange(String value) {
    try {
      long number = Long.parseLong(value);
      return number >= minimum && number <= maximum && Long.toString(number).equals(value);
    } catch (NumberFormatException e) {
      return false;
    }
  }
}
