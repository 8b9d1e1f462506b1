package org.probity.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * JSON for people: an array of objects as columns, an object as lines of name and value.
 *
 * <pre>
 * NODE    STATE    SIZE
 * bank-1  running  1204
 * </pre>
 */
final class Table {
  private static final String GAP = "  ";

  private Table() {}

  static String render(JsonNode json) {
    if (json.isArray()) {
      return json.isEmpty() ? "(none)\n" : columns(json);
    }
    return json.isObject() ? lines(json) : text(json) + "\n";
  }

  private static String columns(JsonNode rows) {
    Set<String> names = new LinkedHashSet<>();
    for (JsonNode row : rows) {
      row.fieldNames().forEachRemaining(names::add);
    }
    if (names.isEmpty()) {
      StringBuilder plain = new StringBuilder();
      rows.forEach(row -> plain.append(text(row)).append('\n'));
      return plain.toString();
    }
    List<List<String>> cells = new ArrayList<>();
    cells.add(names.stream().map(Table::heading).toList());
    for (JsonNode row : rows) {
      cells.add(names.stream().map(name -> text(row.path(name))).toList());
    }
    return align(cells);
  }

  private static String lines(JsonNode object) {
    List<List<String>> cells = new ArrayList<>();
    Iterator<Map.Entry<String, JsonNode>> fields = object.fields();
    while (fields.hasNext()) {
      Map.Entry<String, JsonNode> field = fields.next();
      cells.add(List.of(heading(field.getKey()), text(field.getValue())));
    }
    return align(cells);
  }

  private static String align(List<List<String>> cells) {
    int[] widths = new int[cells.isEmpty() ? 0 : cells.get(0).size()];
    for (List<String> row : cells) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    StringBuilder text = new StringBuilder();
    for (List<String> row : cells) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        line.append(row.get(i)).append(" ".repeat(widths[i] - row.get(i).length())).append(GAP);
      }
      text.append(line.toString().stripTrailing()).append('\n');
    }
    return text.toString();
  }

  /** {@code auditedSize} becomes {@code AUDITED SIZE}. */
  private static String heading(String name) {
    StringBuilder heading = new StringBuilder();
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (Character.isUpperCase(c)) {
        heading.append(' ');
      }
      heading.append(c);
    }
    return heading.toString().toUpperCase(Locale.ROOT);
  }

  private static String text(JsonNode value) {
    if (value.isMissingNode() || value.isNull()) {
      return "-";
    }
    if (value.isArray() && !value.isEmpty() && value.get(0).isValueNode()) {
      List<String> items = new ArrayList<>();
      value.forEach(item -> items.add(item.asText()));
      return String.join(", ", items);
    }
    return value.isValueNode() ? value.asText() : value.toString();
  }
}
