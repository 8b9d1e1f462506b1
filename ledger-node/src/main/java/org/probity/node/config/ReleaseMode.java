package org.probity.node.config;

import java.util.List;
import java.util.Locale;

/** When a node lets others see what it has logged (protocol.md §11.4). */
public enum ReleaseMode {
  /** Once it is durable here. */
  RECORDED,
  /** Once {@code q} witnesses have cosigned it: it is durable there, too. */
  WITNESSED;

  static final List<String> LABELS = List.of(RECORDED.label(), WITNESSED.label());

  /** As configurations name it. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  static ReleaseMode of(String label) {
    return valueOf(label.toUpperCase(Locale.ROOT));
  }
}
