package org.probity.node.access;

import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What a caller may be let do. What auditing depends on needs none of them. */
public enum Role {
  /** Hands in transactions. */
  SUBMIT,
  /** Reads accounts, assets, receipts and events as the node shows them. */
  READ,
  /** Reads what the node thinks of others: verdicts, scores, schedule, open challenges. */
  AUDIT,
  /** Hands in proposals and ballots. */
  GOVERN,
  /** Has the node do something for its operator. */
  OPERATE;

  /** How nobody is written in a list of roles. */
  public static final String NONE = "none";

  /** As it is written in configurations: lower case. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static Optional<Role> of(String text) {
    return Arrays.stream(values()).filter(role -> role.text().equals(text)).findFirst();
  }

  /** All of them, as they are written. */
  public static List<String> texts() {
    return Arrays.stream(values()).map(Role::text).toList();
  }

  /**
   * Roles with commas between them, or {@link #NONE}.
   *
   * @throws IllegalArgumentException naming what is no role
   */
  public static Set<Role> parseList(String text) {
    return text.equals(NONE) ? EnumSet.noneOf(Role.class) : parse(List.of(text.split(",", -1)));
  }

  /**
   * The roles of these names.
   *
   * @throws IllegalArgumentException naming what is no role
   */
  public static Set<Role> parse(Collection<String> names) {
    return names.stream()
        .map(
            name ->
                of(name.strip())
                    .orElseThrow(
                        () ->
                            new IllegalArgumentException(
                                "'" + name.strip() + "' is none of " + String.join(", ", texts()))))
        .collect(Collectors.toCollection(() -> EnumSet.noneOf(Role.class)));
  }
}
