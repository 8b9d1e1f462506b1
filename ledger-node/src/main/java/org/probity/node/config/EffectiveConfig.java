package org.probity.node.config;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.probity.node.config.ConfigException.Problem;

/**
 * The merged values of one configuration, each with its source: what {@code config show
 * --effective} prints. Every value is of the form its key asks for; what they mean together is
 * checked by {@link NodeConfig}. Immutable.
 */
public final class EffectiveConfig {
  static final String REDACTED = "(redacted)";

  private static final int MAX_SECRET_BYTES = 4096;

  /** Variables of the launcher, the command line and the tests. */
  private static final Set<String> NO_SETTINGS =
      Set.of("PROBITY_DATA", "PROBITY_JAVA_OPTS", "PROBITY_NO_BUILD", "PROBITY_TRACE");

  /**
   * One value.
   *
   * @param text as it was written; a secret's content
   * @param base what a relative path is relative to
   */
  private record Value(String text, ConfigSource source, Path base) {}

  private final Map<ConfigKey, Value> values;

  private EffectiveConfig(Map<ConfigKey, Value> values) {
    this.values = Map.copyOf(values);
  }

  /**
   * Reads and merges.
   *
   * @param file the YAML file; null for none
   * @param commandLine {@code section.key} to value
   * @param environment all of it; only {@code PROBITY_...} is looked at
   * @throws ConfigException with everything that is wrong
   */
  public static EffectiveConfig load(
      @Nullable Path file, Map<String, String> commandLine, Map<String, String> environment) {
    Reader reader = new Reader();
    reader.readDefaults(file);
    if (file != null) {
      reader.readFile(file);
    }
    reader.readEnvironment(environment);
    reader.readCommandLine(commandLine);
    reader.requireAll();
    if (!reader.problems.isEmpty()) {
      throw new ConfigException(reader.problems);
    }
    return new EffectiveConfig(reader.values);
  }

  /** Values by {@code section.key}, in reading order; secrets are not shown. */
  public Map<String, String> shown() {
    Map<String, String> shown = new LinkedHashMap<>();
    for (ConfigKey key : ConfigKeys.all()) {
      Value value = values.get(key);
      if (value != null) {
        shown.put(key.path(), key.isSecret() ? REDACTED : value.text());
      }
    }
    return shown;
  }

  /** Where the value of {@code section.key} came from; empty if it has none. */
  public Optional<ConfigSource> sourceOf(String path) {
    return ConfigKeys.find(path).map(values::get).map(Value::source);
  }

  /** Secrets are not shown. */
  @Override
  public String toString() {
    return shown().toString();
  }

  String text(ConfigKey key) {
    return require(key).text();
  }

  Optional<String> optional(ConfigKey key) {
    return Optional.ofNullable(values.get(key)).map(Value::text);
  }

  int integer(ConfigKey key) {
    return Math.toIntExact(Long.parseLong(text(key)));
  }

  boolean isTrue(ConfigKey key) {
    return text(key).equals("true");
  }

  Path path(ConfigKey key) {
    Value value = require(key);
    return value.base().resolve(value.text()).normalize();
  }

  Optional<Path> optionalPath(ConfigKey key) {
    return values.containsKey(key) ? Optional.of(path(key)) : Optional.empty();
  }

  private Value require(ConfigKey key) {
    Value value = values.get(key);
    if (value == null) {
      throw new IllegalStateException(key.path() + " has no value");
    }
    return value;
  }

  /** Collects values from the weakest source to the strongest, and everything that is wrong. */
  private static final class Reader {
    private final Map<ConfigKey, Value> values = new LinkedHashMap<>();
    private final List<Problem> problems = new ArrayList<>();
    private final Path workingDirectory = Path.of("").toAbsolutePath();

    private Path baseOf(@Nullable Path file) {
      Path parent = file == null ? null : file.toAbsolutePath().normalize().getParent();
      return parent == null ? workingDirectory : parent;
    }

    void readDefaults(@Nullable Path file) {
      for (ConfigKey key : ConfigKeys.all()) {
        String text = key.defaultValue();
        if (text != null) {
          values.put(key, new Value(text, ConfigSource.DEFAULT, baseOf(file)));
        }
      }
    }

    void readFile(Path file) {
      JsonNode root;
      try {
        root = StrictYaml.read(file);
      } catch (ConfigException e) {
        problems.addAll(e.problems());
        return;
      }
      Iterator<Map.Entry<String, JsonNode>> sections = root.fields();
      while (sections.hasNext()) {
        Map.Entry<String, JsonNode> section = sections.next();
        readSection(section.getKey(), section.getValue(), baseOf(file));
      }
    }

    private void readSection(String section, JsonNode content, Path base) {
      if (!ConfigKeys.sectionNames().contains(section)) {
        unknown(section, ConfigKeys.sectionNames());
      } else if (content.isNull() || (content.isTextual() && content.asText().isEmpty())) {
        // "client:" with everything below it commented out.
        return;
      } else if (!content.isObject()) {
        problems.add(new Problem("invalid", section, "must be a section with keys below it"));
      } else {
        content
            .fields()
            .forEachRemaining(
                entry -> {
                  String path = section + "." + entry.getKey();
                  scalar(path, entry.getValue())
                      .ifPresent(text -> put(path, text, ConfigSource.FILE, base));
                });
      }
    }

    private Optional<String> scalar(String path, JsonNode value) {
      boolean isTruth =
          value.isBoolean()
              && ConfigKeys.find(path)
                  .filter(key -> key.type() == ConfigKey.Type.TRUTH)
                  .isPresent();
      if (!value.isTextual() && !value.isIntegralNumber() && !isTruth) {
        // YAML reads "no", "on" and "1e3" as something else than text.
        problems.add(new Problem("invalid", path, "must be text or a whole number; quote it"));
        return Optional.empty();
      }
      return Optional.of(value.asText());
    }

    void readEnvironment(Map<String, String> environment) {
      Map<String, String> pathByVariable = new LinkedHashMap<>();
      for (ConfigKey key : ConfigKeys.all()) {
        pathByVariable.put(key.environmentVariable(), key.path());
        if (key.isSecret()) {
          pathByVariable.put(
              key.environmentVariable() + "_FILE", key.path() + ConfigKey.FILE_SUFFIX);
        }
      }
      environment.forEach(
          (variable, text) -> {
            String path = pathByVariable.get(variable);
            if (path != null) {
              put(path, text, ConfigSource.ENVIRONMENT, workingDirectory);
            } else if (variable.startsWith("PROBITY_") && !NO_SETTINGS.contains(variable)) {
              unknown(variable, pathByVariable.keySet());
            }
          });
    }

    void readCommandLine(Map<String, String> commandLine) {
      commandLine.forEach(
          (path, text) -> put(path, text, ConfigSource.COMMAND_LINE, workingDirectory));
    }

    private void put(String path, String text, ConfigSource source, Path base) {
      Optional<ConfigKey> key = ConfigKeys.find(path);
      if (key.isPresent()) {
        putChecked(key.get(), text, source, base);
        return;
      }
      Optional<ConfigKey> secret =
          path.endsWith(ConfigKey.FILE_SUFFIX)
              ? ConfigKeys.find(path.substring(0, path.length() - ConfigKey.FILE_SUFFIX.length()))
                  .filter(ConfigKey::isSecret)
              : Optional.empty();
      if (secret.isPresent()) {
        readSecret(path, base.resolve(text))
            .ifPresent(content -> putChecked(secret.get(), content, source, base));
      } else {
        unknown(path, ConfigKeys.all().stream().map(ConfigKey::path).toList());
      }
    }

    private void putChecked(ConfigKey key, String text, ConfigSource source, Path base) {
      Optional<String> objection = key.objection(text);
      if (objection.isPresent()) {
        String shown = key.isSecret() ? "" : ", not '" + text + "'";
        problems.add(
            new Problem(
                "invalid",
                key.path(),
                objection.get() + shown + " (from the " + source.text() + ")"));
        return;
      }
      Value earlier = values.get(key);
      if (earlier != null && earlier.source() == source) {
        problems.add(
            new Problem(
                "duplicate_key",
                key.path(),
                "is given twice in the " + source.text() + ", once as a file: keep one"));
        return;
      }
      values.put(key, new Value(text, source, base));
    }

    private Optional<String> readSecret(String path, Path file) {
      try {
        if (Files.size(file) > MAX_SECRET_BYTES) {
          problems.add(new Problem("invalid", path, file + " is too large for a secret"));
          return Optional.empty();
        }
        // Editors end the last line; the secret does not.
        return Optional.of(Files.readString(file, StandardCharsets.UTF_8).stripTrailing());
      } catch (IOException e) {
        problems.add(new Problem("unreadable", path, "cannot read " + file + ": " + e));
        return Optional.empty();
      }
    }

    void requireAll() {
      for (ConfigKey key : ConfigKeys.all()) {
        boolean alreadyReported =
            problems.stream().anyMatch(problem -> problem.field().equals(key.path()));
        if (key.required() && !values.containsKey(key) && !alreadyReported) {
          problems.add(
              new Problem(
                  "missing",
                  key.path(),
                  "is needed: set it in the file or as " + key.environmentVariable()));
        }
      }
    }

    private void unknown(String found, Iterable<String> known) {
      String nearest = null;
      int distance = Integer.MAX_VALUE;
      for (String candidate : known) {
        int d = EditDistance.between(found, candidate);
        if (d < distance) {
          distance = d;
          nearest = candidate;
        }
      }
      String hint =
          nearest != null && distance <= found.length() / 3
              ? "is not a key; did you mean " + nearest + "?"
              : "is not a key";
      problems.add(new Problem("unknown_key", found, hint));
    }
  }
}
