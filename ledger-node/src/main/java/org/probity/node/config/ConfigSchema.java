package org.probity.node.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** The description of the configuration file for other tools: JSON Schema 2020-12, and a sample. */
public final class ConfigSchema {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private ConfigSchema() {}

  /** What {@code config/node.schema.json} contains. */
  public static String schema() {
    ObjectNode root = JSON.createObjectNode();
    root.put("$schema", "https://json-schema.org/draft/2020-12/schema");
    root.put("title", "Configuration of a Probity node");
    root.put("type", "object");
    root.put("additionalProperties", false);
    ObjectNode sections = root.putObject("properties");
    for (String section : ConfigKeys.sectionNames()) {
      ObjectNode object = sections.putObject(section);
      object.put("description", ConfigKeys.sectionDescription(section));
      object.put("type", "object");
      object.put("additionalProperties", false);
      ObjectNode properties = object.putObject("properties");
      for (ConfigKey key : ConfigKeys.ofSection(section)) {
        describe(key, properties.putObject(key.name()));
        if (key.isSecret()) {
          ObjectNode file = properties.putObject(key.name() + ConfigKey.FILE_SUFFIX);
          file.put("description", "A file that holds " + key.name() + ".");
          file.put("type", "string");
        }
      }
      ConfigKeys.ofSection(section).stream()
          .filter(ConfigKey::required)
          .forEach(key -> object.withArray("required").add(key.name()));
    }
    try {
      return JSON.writeValueAsString(root).replace("\r\n", "\n") + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of strings always serialises", e);
    }
  }

  private static void describe(ConfigKey key, ObjectNode property) {
    property.put("description", key.description());
    if (key.type() == ConfigKey.Type.INTEGER) {
      property.put("type", "integer");
      property.put("minimum", key.minimum());
      property.put("maximum", key.maximum());
      property.put("default", Long.parseLong(String.valueOf(key.defaultValue())));
      return;
    }
    if (key.type() == ConfigKey.Type.TRUTH) {
      property.put("type", "boolean");
      property.put("default", Boolean.parseBoolean(key.defaultValue()));
      return;
    }
    property.put("type", "string");
    key.choices().forEach(choice -> property.withArray("enum").add(choice));
    if (key.defaultValue() != null) {
      property.put("default", key.defaultValue());
    }
  }

  /** What {@code config/node.sample.yaml} contains: every key, at its default, commented out. */
  public static String sample() {
    StringBuilder text = new StringBuilder();
    text.append(
        "# Configuration of a Probity node. Every key may also be given on the command line\n");
    text.append(
        "# (--set client.port=7401) or in the environment (PROBITY_CLIENT_PORT=7401), in this\n");
    text.append(
        "# order of precedence. Paths are relative to this file. Keys that are commented out\n");
    text.append("# show their defaults.\n");
    for (String section : ConfigKeys.sectionNames()) {
      text.append("\n# ").append(ConfigKeys.sectionDescription(section)).append('\n');
      text.append(section).append(":\n");
      for (ConfigKey key : ConfigKeys.ofSection(section)) {
        text.append("  # ").append(key.description()).append('\n');
        String value = key.defaultValue();
        if (key.required()) {
          text.append("  ").append(key.name()).append(": bank-a\n");
        } else if (value != null) {
          text.append("  # ").append(key.name()).append(": ").append(value).append('\n');
        } else if (!key.isSecret()) {
          text.append("  # ").append(key.name()).append(": (a file; none by default)\n");
        } else {
          text.append("  # ").append(key.name()).append("File: /run/secrets/");
          text.append(key.section()).append('-').append(key.name()).append('\n');
        }
      }
    }
    return text.toString();
  }
}
