package org.probity.detector.state;

import java.util.List;
import java.util.NavigableMap;
import org.probity.detector.codec.Bytes;

/** What a scan of a plain TreeMap gives. */
final class Model {
  private Model() {}

  static void removeRange(NavigableMap<Bytes, Bytes> model, Bytes from, Bytes to) {
    model
        .keySet()
        .removeIf(key -> key.compareTo(from) >= 0 && (to == null || key.compareTo(to) < 0));
  }

  static List<KeyValue> scan(NavigableMap<Bytes, Bytes> model, Bytes from, Bytes to, int limit) {
    return model.tailMap(from, true).entrySet().stream()
        .takeWhile(entry -> to == null || entry.getKey().compareTo(to) < 0)
        .limit(limit)
        .map(entry -> new KeyValue(entry.getKey(), entry.getValue()))
        .toList();
  }
}
