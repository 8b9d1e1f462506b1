package org.probity.node.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The document and the code name the same routes, parameters, bodies and references. */
class OpenApiTest {
  private static final JsonNode DOCUMENT = OpenApi.load();
  private static final Set<String> METHODS = Set.of("get", "post", "put", "delete");

  @Test
  void namesExactlyTheRoutesThatExist() {
    assertEquals(String.join("\n", routesInCode()), String.join("\n", routesInDocument()));
  }

  private static Set<String> routesInCode() {
    Set<String> routes = new TreeSet<>();
    try (RunningNode node = new RunningNode()) {
      node.listeners
          .routeTables()
          .forEach(
              (listener, table) ->
                  table
                      .routes()
                      .forEach(
                          route ->
                              routes.add(
                                  String.join(
                                      " ",
                                      listener,
                                      route.method().name(),
                                      route.path().replace("*}", "}"),
                                      String.join(",", new TreeSet<>(route.mediaTypes()))))));
    }
    return routes;
  }

  private static Set<String> routesInDocument() {
    Set<String> routes = new TreeSet<>();
    DOCUMENT
        .get("paths")
        .fields()
        .forEachRemaining(
            path ->
                path.getValue()
                    .fields()
                    .forEachRemaining(
                        operation -> {
                          if (METHODS.contains(operation.getKey())) {
                            for (JsonNode listener : path.getValue().get("x-listeners")) {
                              routes.add(
                                  String.join(
                                      " ",
                                      listener.asText(),
                                      operation.getKey().toUpperCase(Locale.ROOT),
                                      path.getKey(),
                                      mediaTypes(operation.getValue())));
                            }
                          }
                        }));
    return routes;
  }

  private static String mediaTypes(JsonNode operation) {
    JsonNode body = resolve(operation.path("requestBody"));
    Set<String> types = new TreeSet<>();
    body.path("content").fieldNames().forEachRemaining(types::add);
    return String.join(",", types);
  }

  private static JsonNode resolve(JsonNode node) {
    return node.has("$ref") ? DOCUMENT.at(node.get("$ref").asText().substring(1)) : node;
  }

  /** Whoever reads the document knows which role each route needs, and what refuses. */
  @Test
  void namesTheRoleThatEachRouteNeeds() {
    List<String> wrong = new ArrayList<>();
    try (RunningNode node = new RunningNode()) {
      node.listeners
          .routeTables()
          .forEach(
              (listener, table) ->
                  table
                      .routes()
                      .forEach(
                          route -> {
                            JsonNode operation =
                                DOCUMENT
                                    .get("paths")
                                    .path(route.path().replace("*}", "}"))
                                    .path(route.method().name().toLowerCase(Locale.ROOT));
                            if (!security(route.access())
                                .equals(operation.path("security").toString())) {
                              wrong.add(route.method() + " " + route.path());
                            }
                            boolean refuses =
                                operation.path("responses").has("401")
                                    && operation.path("responses").has("403");
                            if (refuses != route.access().role().isPresent()
                                && !route.path().equals("/witness/add-checkpoint")) {
                              wrong.add("401, 403 of " + route.path());
                            }
                          }));
    }

    assertEquals(List.of(), wrong);
  }

  private static String security(Access access) {
    return access
        .role()
        .map(
            role ->
                String.format("[{\"token\":[\"%1$s\"]},{\"certificate\":[\"%1$s\"]}]", role.text()))
        .orElse(access == Access.NODES ? "[{\"node\":[]}]" : "[]");
  }

  @Test
  void resolvesEveryReference() {
    Set<String> dangling =
        DOCUMENT.findValuesAsText("$ref").stream()
            .filter(reference -> DOCUMENT.at(reference.substring(1)).isMissingNode())
            .collect(Collectors.toCollection(TreeSet::new));

    assertEquals(Set.of(), dangling);
  }

  @Test
  void declaresEveryPathParameter() {
    DOCUMENT
        .get("paths")
        .fields()
        .forEachRemaining(
            path -> {
              JsonNode get = path.getValue().path("get");
              Set<String> declared = new TreeSet<>();
              get.path("parameters")
                  .forEach(
                      parameter -> {
                        JsonNode resolved = resolve(parameter);
                        if (resolved.get("in").asText().equals("path")) {
                          declared.add(resolved.get("name").asText());
                        }
                      });
              assertEquals(inTemplate(path.getKey()), declared, path.getKey());
            });
  }

  private static Set<String> inTemplate(String path) {
    Matcher names = Pattern.compile("\\{([a-zA-Z]+)}").matcher(path);
    return names
        .results()
        .map(name -> name.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void isServed() {
    try (RunningNode node = new RunningNode()) {
      TestClient.Answer answer = node.client().get("/openapi.json");
      assertEquals("application/json", answer.header("content-type"));
      assertEquals("3.1.0", answer.json().get("openapi").asText());
      assertEquals(DOCUMENT, answer.json());
    }
  }

  @Test
  void namesAPhaseForEachThereIs() {
    Set<String> phases =
        Arrays.stream(NodeHealth.Phase.values())
            .map(phase -> phase.name().toLowerCase(Locale.ROOT))
            .collect(Collectors.toCollection(TreeSet::new));
    Set<String> documented = new TreeSet<>();
    DOCUMENT.at("/components/schemas/Phase/enum").forEach(phase -> documented.add(phase.asText()));

    assertEquals(phases, documented);
  }
}
