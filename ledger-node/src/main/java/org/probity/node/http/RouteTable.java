package org.probity.node.http;

import io.vertx.core.http.HttpMethod;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * The routes of one listener, matched on the raw path: nothing is decoded, normalised or matched
 * without regard to case, so a resource has one URL. Immutable.
 */
public final class RouteTable {
  private static final int MAX_SEGMENTS = 32;

  private final List<Route> routes;
  private final List<List<String>> templates;

  /**
   * A table in order of precedence.
   *
   * @throws IllegalArgumentException if two routes have the same method and path
   */
  public RouteTable(List<Route> routes) {
    this.routes = List.copyOf(routes);
    this.templates = this.routes.stream().map(route -> segments(route.path())).toList();
    long distinct =
        this.routes.stream().map(route -> route.method() + " " + route.path()).distinct().count();
    if (distinct != this.routes.size()) {
      throw new IllegalArgumentException("two routes with the same method and path");
    }
  }

  public List<Route> routes() {
    return routes;
  }

  /** A route with the parts of the path it names. */
  record Match(Route route, Map<String, String> parameters) {}

  /**
   * Routes with more literal segments come first in the list they were given in. HEAD finds what
   * GET does; whoever answers leaves the body out.
   */
  Optional<Match> find(HttpMethod method, String path) {
    HttpMethod sought = method.equals(HttpMethod.HEAD) ? HttpMethod.GET : method;
    return matches(path).stream()
        .filter(match -> match.route().method().equals(sought))
        .findFirst();
  }

  /** The methods that exist at a path, for 405; empty when the path does not exist. */
  String methodsAt(String path) {
    TreeSet<String> methods = new TreeSet<>();
    matches(path).forEach(match -> methods.add(match.route().method().name()));
    if (methods.contains(HttpMethod.GET.name())) {
      methods.add(HttpMethod.HEAD.name());
    }
    return String.join(", ", methods);
  }

  private List<Match> matches(String path) {
    List<String> actual = segments(path);
    List<Match> found = new ArrayList<>();
    if (actual.size() > MAX_SEGMENTS) {
      return found;
    }
    for (int i = 0; i < routes.size(); i++) {
      Optional<Map<String, String>> parameters = match(templates.get(i), actual);
      if (parameters.isPresent()) {
        found.add(new Match(routes.get(i), parameters.get()));
      }
    }
    return found;
  }

  private static Optional<Map<String, String>> match(List<String> template, List<String> actual) {
    Map<String, String> parameters = new LinkedHashMap<>();
    for (int i = 0; i < template.size(); i++) {
      String expected = template.get(i);
      if (i >= actual.size()) {
        return Optional.empty();
      }
      if (expected.endsWith("*}")) {
        parameters.put(
            expected.substring(1, expected.length() - 2),
            String.join("/", actual.subList(i, actual.size())));
        return Optional.of(parameters);
      }
      if (expected.startsWith("{")) {
        if (actual.get(i).isEmpty()) {
          return Optional.empty();
        }
        parameters.put(expected.substring(1, expected.length() - 1), actual.get(i));
      } else if (!expected.equals(actual.get(i))) {
        return Optional.empty();
      }
    }
    return template.size() == actual.size() ? Optional.of(parameters) : Optional.empty();
  }

  private static List<String> segments(String path) {
    return Arrays.asList(path.split("/", MAX_SEGMENTS + 2));
  }
}
