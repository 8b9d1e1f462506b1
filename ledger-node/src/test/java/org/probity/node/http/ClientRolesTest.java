package org.probity.node.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.probity.detector.crypto.Hash;
import org.probity.node.access.AccessToken;
import org.probity.node.access.Callers;
import org.probity.node.access.KnownCaller;
import org.probity.node.access.RequestLimits;
import org.probity.node.access.Role;
import org.probity.node.http.tls.PeerTrust;

/** Who may use which route at the listeners for clients and operations: of every route there is. */
class ClientRolesTest {
  private static final Map<Role, AccessToken> TOKENS = new EnumMap<>(Role.class);
  private static final AtomicReference<Callers> CALLERS = new AtomicReference<>(Callers.NOBODY);
  private static final AccessToken OVER = token();
  private static final TestPki OTHER_AUTHORITY = new TestPki("another");

  private static final RequestLimits AMPLE = new RequestLimits(1_000_000, 1000);

  private static RunningNode node;
  private static TestClient client;

  private static AccessToken token() {
    return AccessToken.generate(new SecureRandom());
  }

  @BeforeAll
  static void start() {
    for (Role role : Role.values()) {
      TOKENS.put(role, token());
    }
    node =
        new RunningNode(
            pki ->
                new AccessRules(
                    CALLERS::get,
                    Set.of(),
                    Optional.of(PeerTrust.of(List.of(pki.ca(), OTHER_AUTHORITY.ca()))),
                    false,
                    AMPLE),
            ListenAddress.loopback());
    client = node.client();
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  @BeforeEach
  void known() {
    CALLERS.set(new Callers(everyRole()));
  }

  /** For each role somebody who has it and no other. */
  private static List<KnownCaller> everyRole() {
    List<KnownCaller> all = new ArrayList<>();
    TOKENS.forEach((role, token) -> all.add(byToken(role.text(), token, Instant.MAX, role)));
    all.add(byToken("over", OVER, Instant.now().minusSeconds(1), Role.values()));
    return all;
  }

  private static KnownCaller byToken(
      String name, AccessToken token, Instant expires, Role... roles) {
    return new KnownCaller(
        name,
        KnownCaller.Proof.TOKEN,
        token.digest(),
        Set.of(roles),
        Optional.of(expires),
        OptionalInt.empty(),
        OptionalInt.empty());
  }

  private static TestClient.Answer ask(
      TestClient asked, HttpMethod method, String path, Set<String> media, String... headers) {
    RequestOptions options = asked.options(method, path);
    for (String header : headers) {
      options.addHeader("authorization", header);
    }
    media.stream().sorted().findFirst().ifPresent(type -> options.putHeader("content-type", type));
    boolean hasBody = !media.isEmpty();
    return RunningNode.get(
        asked.send(
            options, request -> hasBody ? request.send(Buffer.buffer("x")) : request.send()));
  }

  /** HEAD instead of GET: a stream has no end. */
  private static TestClient.Answer ask(TestClient asked, Route route, String... headers) {
    HttpMethod method = route.method().equals(HttpMethod.GET) ? HttpMethod.HEAD : route.method();
    return ask(
        asked, method, route.path().replaceAll("\\{[^}]*}", "0"), route.mediaTypes(), headers);
  }

  private static String bearer(AccessToken token) {
    return "Bearer " + token.text();
  }

  /** Whether the door was opened, whatever was behind it. */
  private static String door(TestClient.Answer answer) {
    boolean isOurs = "application/problem+json".equals(answer.header("content-type"));
    if (isOurs && answer.status() == 401) {
      return "Bearer".equals(answer.header("www-authenticate")) ? "who?" : "who? (without how)";
    }
    return isOurs && answer.status() == 403 ? "no" : "in";
  }

  private static List<Route> clientRoutes() {
    return node.listeners.routeTables().get("clients").routes();
  }

  @Test
  void opensEachRouteForTheRoleThatItNamesAndNoOther() {
    Map<String, String> wrong = new TreeMap<>();
    for (Route route : clientRoutes()) {
      for (Role role : Role.values()) {
        boolean isOpen = route.access().role().map(needed -> needed == role).orElse(true);
        String door = door(ask(client, route, bearer(TOKENS.get(role))));
        if (!door.equals(isOpen ? "in" : "no")) {
          wrong.put(role + " at " + route.method() + " " + route.path(), door);
        }
      }
    }

    assertEquals(Map.of(), wrong);
  }

  @Test
  void opensWhatNeedsARoleToNobodyWithoutAName() {
    List<String[]> nobody =
        List.of(
            new String[] {},
            new String[] {bearer(token())},
            new String[] {bearer(OVER)},
            new String[] {"Basic " + TOKENS.get(Role.READ).text()},
            new String[] {bearer(TOKENS.get(Role.READ)) + "x"},
            new String[] {bearer(TOKENS.get(Role.READ)), bearer(TOKENS.get(Role.READ))},
            new String[] {"Bearer " + "x".repeat(2000)});
    Map<String, String> wrong = new TreeMap<>();
    for (Route route : clientRoutes()) {
      for (int i = 0; i < nobody.size(); i++) {
        String door = door(ask(client, route, nobody.get(i)));
        if (!door.equals(route.access().role().isPresent() ? "who?" : "in")) {
          wrong.put(i + " at " + route.method() + " " + route.path(), door);
        }
      }
    }

    assertEquals(Map.of(), wrong);
  }

  /** SPEC protocol.md §1: nobody's verdict may depend on what the audited node grants. */
  @Test
  void hidesNothingThatAuditingDependsOn() {
    Set<String> open =
        clientRoutes().stream()
            .filter(route -> route.access() == Access.EVERYBODY)
            .map(route -> route.method() + " " + route.path())
            .collect(Collectors.toSet());

    Set<String> needed =
        Set.of(
            "GET /log/checkpoint",
            "GET /log/tile/entries/{tile*}",
            "GET /log/tile/{level}/{tile*}",
            "GET /replica/{origin}/checkpoint",
            "GET /replica/{origin}/tile/entries/{tile*}",
            "GET /replica/{origin}/tile/{level}/{tile*}",
            "GET /witness/{origin}/checkpoint",
            "GET /witness/{origin}/tile/entries/{tile*}",
            "GET /witness/{origin}/tile/{level}/{tile*}",
            "GET /witness/{origin}/audit",
            "POST /witness/add-checkpoint",
            "GET /v1/genesis",
            "GET /v1/governance/decisions",
            "GET /v1/evidence",
            "GET /v1/evidence/{faultId}",
            "POST /v1/evidence",
            "POST /v1/checkpoints",
            "POST /v1/audits",
            "POST /v1/challenges",
            "GET /v1/status");
    List<String> hidden = needed.stream().filter(route -> !open.contains(route)).sorted().toList();
    assertEquals(List.of(), hidden);
  }

  @Test
  void answersNodesByTheirCertificatesWhateverTheRolesAre() {
    CALLERS.set(Callers.NOBODY);
    TestClient peer = node.peer(node.pki.node(RunningNode.PEER, "Ed25519"));

    assertEquals(200, peer.get("/log/checkpoint").status());
    List<Route> routes = node.listeners.routeTables().get("peers").routes();
    assertEquals(
        List.of(), routes.stream().filter(route -> route.access().role().isPresent()).toList());
  }

  @Test
  void hasNoRouteForNodesWhereClientsAre() {
    assertEquals(
        List.of(),
        clientRoutes().stream().filter(route -> route.access() == Access.NODES).toList());
  }

  @Test
  void needsARoleOrANameOfAllWhoMayUseARoute() {
    assertThrows(NullPointerException.class, () -> Route.get(null, "/x", exchange -> null));
  }

  @Test
  void letsEverybodyDoWhatTheOperatorLetsEverybodyDo() {
    try (RunningNode open = new RunningNode()) {
      TestClient stranger = open.client();
      assertEquals(200, stranger.get("/v1/assets").status());
      assertEquals(200, stranger.get("/v1/peers").status());
      // Who says a name and cannot prove it is told so, and is not somebody else instead.
      assertEquals(
          "unauthenticated",
          ask(stranger, HttpMethod.GET, "/v1/assets", Set.of(), bearer(token())).problem());
    }
  }

  @Test
  void letsWhoHasANameDoWhatEverybodyMay() {
    try (RunningNode open =
        new RunningNode(
            pki -> new AccessRules(CALLERS::get, Set.of(Role.READ), Optional.empty(), false, AMPLE),
            ListenAddress.loopback())) {
      TestClient stranger = open.client();
      String submitter = bearer(TOKENS.get(Role.SUBMIT));
      assertEquals(200, ask(stranger, HttpMethod.GET, "/v1/assets", Set.of(), submitter).status());
      assertEquals(401, stranger.get("/v1/peers").status());
    }
  }

  @Test
  void takesATokenBackWithoutARestart() {
    String reader = bearer(TOKENS.get(Role.READ));
    assertEquals(200, ask(client, HttpMethod.GET, "/v1/assets", Set.of(), reader).status());

    CALLERS.set(Callers.NOBODY);

    assertEquals(
        "unauthenticated", ask(client, HttpMethod.GET, "/v1/assets", Set.of(), reader).problem());
  }

  // Certificates.

  private static KnownCaller byCertificate(TestIdentity.Entry entry, Role... roles) {
    X509Certificate certificate = entry.chain().get(0);
    try {
      return new KnownCaller(
          "by-certificate",
          KnownCaller.Proof.CERTIFICATE,
          Hash.sha256(certificate.getEncoded()),
          Set.of(roles),
          Optional.empty(),
          OptionalInt.empty(),
          OptionalInt.empty());
    } catch (java.security.cert.CertificateEncodingException e) {
      throw new AssertionError(e);
    }
  }

  private static TestClient showing(TestIdentity.Entry entry) {
    return node.clientShowing(TestIdentity.of(List.of(entry), List.of(node.pki.ca())));
  }

  @Test
  void knowsCallersByTheirCertificates() {
    TestIdentity.Entry ours = node.pki.entry("bank-b");
    TestIdentity.Entry theirs = OTHER_AUTHORITY.entry("auditor");
    for (TestIdentity.Entry entry : List.of(ours, theirs)) {
      CALLERS.set(new Callers(List.of(byCertificate(entry, Role.AUDIT))));
      TestClient auditor = showing(entry);

      assertEquals(200, auditor.get("/v1/peers").status());
      assertEquals("forbidden", auditor.get("/v1/assets").problem());
      // Taken back on the connection that it has.
      CALLERS.set(Callers.NOBODY);
      assertEquals("unauthenticated", auditor.get("/v1/peers").problem());
    }
  }

  /** An authority says whose a certificate is. What it may do says the node's operator. */
  @Test
  void givesNoRoleToACertificateThatIsNotListed() {
    CALLERS.set(new Callers(List.of(byCertificate(node.pki.entry("bank-b"), Role.values()))));

    assertEquals("unauthenticated", showing(node.pki.entry("bank-b")).get("/v1/peers").problem());
  }

  @Test
  void shakesNoHandWithForeignOrExpiredCertificates() {
    TestIdentity.Entry foreign = new TestPki("consortium").entry("bank-b");
    CALLERS.set(new Callers(List.of(byCertificate(foreign, Role.values()))));
    TestClient stranger = showing(foreign);
    assertThrows(RunningNode.FailedFuture.class, () -> stranger.get("/v1/peers"));

    TestClient late = node.clientShowing(node.pki.expired("bank-b"));
    assertThrows(RunningNode.FailedFuture.class, () -> late.get("/v1/peers"));
  }

  // Connections.

  private static Promise<Void> closing(TestClient asked, String path, Promise<Integer> status) {
    Promise<Void> closed = Promise.promise();
    node.vertx.runOnContext(
        turn ->
            asked
                .agent()
                .request(asked.options(HttpMethod.GET, path))
                .compose(
                    request -> {
                      request.connection().closeHandler(over -> closed.tryComplete());
                      return request.send();
                    })
                .compose(response -> response.body().map(body -> response.statusCode()))
                .onComplete(status));
    return closed;
  }

  @Test
  void endsTheConnectionOfWhoIsShutOutAndOfNobodyElse() {
    // A suspended node may stay, to hear of its case: only the answer can end its connection.
    node.service.standings.put("bank-s", PeerStanding.SUSPENDED);
    Promise<Integer> shutOut = Promise.promise();
    Promise<Void> closed =
        closing(node.peer(node.pki.node("bank-s", "Ed25519")), "/log/checkpoint", shutOut);
    assertEquals(403, RunningNode.get(shutOut.future()));
    RunningNode.get(closed.future());

    TestClient anybody = node.clientHttp1();
    Promise<Integer> refused = Promise.promise();
    Promise<Void> stays = closing(anybody, "/v1/peers", refused);
    assertEquals(401, RunningNode.get(refused.future()));
    // The next request of this client takes the connection it has.
    Promise<Integer> next = Promise.promise();
    Promise<Void> same = closing(anybody, "/v1/status", next);
    assertEquals(200, RunningNode.get(next.future()));
    assertFalse(stays.future().isComplete() || same.future().isComplete());
  }

  // The operations listener.

  private static TestClient operations(OperationsGate gate) {
    HttpLimits limits = HttpLimits.operations();
    ListenAddress address = ListenAddress.loopback();
    Listener listener =
        RunningNode.get(
            Listener.start(
                node.vertx,
                "test",
                address,
                ServerOptions.plain(address, limits),
                limits,
                node.listeners.routeTables().get("operations"),
                gate,
                new io.micrometer.core.instrument.simple.SimpleMeterRegistry(),
                List.of()));
    return new TestClient(node.vertx, listener.url(), null, false);
  }

  private static AccessRules rules(boolean tls) {
    return new AccessRules(CALLERS::get, Set.of(), Optional.empty(), tls, AMPLE);
  }

  @Test
  void letsWhoeverIsOnItsMachineOperateIt() {
    TestClient local = operations(new OperationsGate("127.0.0.1", rules(false), ActionRecord.NONE));

    for (Route route : node.listeners.routeTables().get("operations").routes()) {
      assertEquals("in", door(ask(local, route)), route.path());
    }
  }

  @Test
  void letsNobodyOperateItFromElsewhereInTheClear() {
    TestClient remote = operations(new OperationsGate("0.0.0.0", rules(false), ActionRecord.NONE));

    for (Route route : node.listeners.routeTables().get("operations").routes()) {
      String door = door(ask(remote, route, bearer(TOKENS.get(Role.OPERATE))));
      assertEquals(route.access() == Access.EVERYBODY ? "in" : "no", door, route.path());
    }
  }

  @Test
  void letsOperatorsOperateItFromElsewhereOverTls() {
    TestClient remote = operations(new OperationsGate("0.0.0.0", rules(true), ActionRecord.NONE));

    for (Route route : node.listeners.routeTables().get("operations").routes()) {
      boolean isOpen = route.access() == Access.EVERYBODY;
      assertEquals("in", door(ask(remote, route, bearer(TOKENS.get(Role.OPERATE)))), route.path());
      assertEquals(isOpen ? "in" : "who?", door(ask(remote, route)), route.path());
      assertEquals(
          isOpen ? "in" : "no",
          door(ask(remote, route, bearer(TOKENS.get(Role.READ)))),
          route.path());
    }
  }

  @Test
  void speaksTlsToOperatorsWhereTheConfigurationSaysSo() {
    try (RunningNode tls = new RunningNode(pki -> rules(true), ListenAddress.loopback())) {
      assertEquals("https", tls.urls().ops().getScheme());
      TestClient operator = new TestClient(tls.vertx, tls.urls().ops(), tls.pki.anonymous(), false);
      assertEquals(200, operator.get("/livez").status());
      assertEquals(200, operator.post("/audits?node=bank-b", null, null).status());
    }
  }

  @Test
  void putsOnRecordWhoOperatesItAndWhoWouldHave() {
    List<String> recorded = new CopyOnWriteArrayList<>();
    ActionRecord record =
        (who, what, about, outcome) -> recorded.add(String.join(" | ", who, what, about, outcome));
    try (RunningNode tls = new RunningNode(pki -> rules(true), ListenAddress.loopback())) {
      TestClient operator = new TestClient(tls.vertx, tls.urls().ops(), tls.pki.anonymous(), false);
      operator.post("/audits?node=bank-b", null, null);
      ask(
          operator,
          HttpMethod.POST,
          "/audits?node=bank-c&upTo=7",
          Set.of(),
          bearer(TOKENS.get(Role.OPERATE)));
      operator.get("/livez");

      assertEquals(
          List.of(
              "local | audit.run | bank-b | done",
              "operate | audit.run | bank-c up to 7 | not_found"),
          tls.recorded);
    }
    TestClient remote = operations(new OperationsGate("0.0.0.0", rules(true), record));
    ask(remote, HttpMethod.POST, "/audits?node=bank-b", Set.of());
    ask(remote, HttpMethod.POST, "/audits?node=b", Set.of(), bearer(TOKENS.get(Role.READ)));
    ask(remote, HttpMethod.GET, "/livez", Set.of());

    assertEquals(2, recorded.size(), recorded.toString());
    assertTrue(recorded.get(0).startsWith("anonymous | refused | POST /audits: "));
    assertTrue(recorded.get(0).endsWith(" | unauthenticated"));
    assertEquals(
        "read | refused | POST /audits: read has not the role operate | forbidden",
        recorded.get(1));
  }

  @Test
  void forgetsACertificateWhenItEnds() throws Exception {
    TestIdentity.Entry entry = node.pki.entry("bank-b");
    X509Certificate certificate = entry.chain().get(0);
    Callers callers = new Callers(List.of(byCertificate(entry, Role.READ)));
    Instant end = certificate.getNotAfter().toInstant();

    assertTrue(callers.byCertificate(certificate, end).isPresent());
    assertFalse(callers.byCertificate(certificate, end.plusSeconds(1)).isPresent());
  }

  @Test
  void knowsWhichAddressesAreItsMachineAlone() {
    assertTrue(ListenAddress.isLoopback("127.0.0.1"));
    assertTrue(ListenAddress.isLoopback("::1"));
    assertFalse(ListenAddress.isLoopback("0.0.0.0"));
    assertFalse(ListenAddress.isLoopback("192.0.2.1"));
  }
}
