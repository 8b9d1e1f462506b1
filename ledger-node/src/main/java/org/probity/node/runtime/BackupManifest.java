package org.probity.node.runtime;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.probity.detector.codec.DecodeException;
import org.probity.node.http.wire.StrictJson;

/**
 * What a backup says of itself, in its file {@value #FILE}: written last, so that a folder without
 * it is no backup but what is left of one. JSON, for operators and their tools; nobody believes it
 * before the files were hashed and the log was read.
 *
 * @param product the version of the software that made it
 * @param networkId SHA-256 of the genesis document, hex
 * @param origin of the own log
 * @param size entries of it
 * @param root of these, hex
 * @param checkpoint the newest of that log; empty if this incarnation has signed nothing yet
 * @param decisions of the members that are in it
 * @param files all others of the folder, by path
 */
public record BackupManifest(
    String product,
    Instant createdAt,
    String networkId,
    String node,
    long incarnation,
    String origin,
    long size,
    String root,
    Optional<String> checkpoint,
    long decisions,
    List<StoredFile> files) {
  public static final String FILE = "backup.json";

  private static final int FORMAT = 1;
  private static final int MAX_FILES = 100_000;

  /** What may be in a backup; nothing of it leads out of the folder. */
  private static final Pattern PATH =
      Pattern.compile(
          "(log|replicas|state)/data\\.mdb"
              + "|(evidence|challenges|governance|keys)/[A-Za-z0-9_-][A-Za-z0-9._-]{0,200}");

  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

  /** Copies. */
  public BackupManifest {
    files = List.copyOf(files);
  }

  /**
   * One file.
   *
   * @param path below the backup's folder, with slashes
   * @param sha256 hex
   */
  public record StoredFile(String path, long bytes, String sha256) {
    boolean isKey() {
      return path.startsWith("keys/");
    }
  }

  /** Whether this may be in a backup. */
  static boolean isAllowed(String path) {
    return PATH.matcher(path).matches();
  }

  /** Whether the node's keys are in it. */
  public boolean hasKeys() {
    return files.stream().anyMatch(StoredFile::isKey);
  }

  /** Of all files together. */
  public long bytes() {
    return files.stream().mapToLong(StoredFile::bytes).sum();
  }

  byte[] encode() {
    ObjectNode json =
        JsonNodeFactory.instance
            .objectNode()
            .put("format", FORMAT)
            .put("product", product)
            .put("createdAt", createdAt.toString())
            .put("networkId", networkId)
            .put("node", node)
            .put("incarnation", incarnation)
            .put("origin", origin)
            .put("size", size)
            .put("root", root)
            .put("checkpoint", checkpoint.orElse(null))
            .put("decisions", decisions);
    ArrayNode array = json.putArray("files");
    for (StoredFile file : files) {
      array
          .addObject()
          .put("path", file.path())
          .put("bytes", file.bytes())
          .put("sha256", file.sha256());
    }
    return (json.toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Reads one. Codes: {@code json_malformed}, {@code backup_format}, which names the field.
   *
   * @throws DecodeException if it is not what {@link #encode} writes
   */
  static BackupManifest decode(byte[] encoded) throws DecodeException {
    JsonNode json = StrictJson.parse(encoded);
    if (json.path("format").asInt() != FORMAT) {
      throw new DecodeException(
          "backup_format",
          "format is "
              + json.path("format")
              + ", this version reads "
              + FORMAT
              + ": restore it with the release that made it, "
              + json.path("product").asText("unknown"));
    }
    try {
      return new BackupManifest(
          text(json, "product"),
          Instant.parse(text(json, "createdAt")),
          hash(json, "networkId"),
          text(json, "node"),
          number(json, "incarnation"),
          text(json, "origin"),
          number(json, "size"),
          hash(json, "root"),
          json.path("checkpoint").isNull()
              ? Optional.empty()
              : Optional.of(text(json, "checkpoint")),
          number(json, "decisions"),
          files(json.path("files")));
    } catch (DateTimeParseException e) {
      throw wrong("createdAt", "is no time");
    }
  }

  private static List<StoredFile> files(JsonNode array) throws DecodeException {
    if (!array.isArray() || array.isEmpty() || array.size() > MAX_FILES) {
      throw wrong("files", "must name 1 to " + MAX_FILES + " files");
    }
    List<StoredFile> files = new ArrayList<>();
    Set<String> paths = new HashSet<>();
    for (JsonNode file : array) {
      String path = text(file, "path");
      if (!isAllowed(path) || !paths.add(path)) {
        throw wrong("files.path", "has " + path + ", which is in no backup, or twice");
      }
      files.add(new StoredFile(path, number(file, "bytes"), hash(file, "sha256")));
    }
    return files;
  }

  private static String text(JsonNode json, String field) throws DecodeException {
    if (!json.path(field).isTextual()) {
      throw wrong(field, "is missing or no text");
    }
    return json.path(field).asText();
  }

  private static long number(JsonNode json, String field) throws DecodeException {
    JsonNode value = json.path(field);
    if (!value.isIntegralNumber() || !value.canConvertToLong() || value.asLong() < 0) {
      throw wrong(field, "is missing or no number");
    }
    return value.asLong();
  }

  private static String hash(JsonNode json, String field) throws DecodeException {
    String value = text(json, field);
    if (!SHA256.matcher(value).matches()) {
      throw wrong(field, "must have 64 hex digits");
    }
    return value;
  }

  private static DecodeException wrong(String field, String what) {
    return new DecodeException("backup_format", field + " " + what);
  }
}
