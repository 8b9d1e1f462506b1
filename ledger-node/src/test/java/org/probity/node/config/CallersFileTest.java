package org.probity.node.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.probity.node.access.AccessToken;
import org.probity.node.access.Callers;
import org.probity.node.access.KnownCaller;
import org.probity.node.access.RequestLimits;
import org.probity.node.access.Role;

class CallersFileTest {
  private static final AccessToken TOKEN = AccessToken.generate(new SecureRandom());
  private static final String SUM = TOKEN.digest().toHex();
  private static final Instant END = Instant.parse("2030-01-01T00:00:00Z");
  private static final String USABLE =
      "callers:\n  payments:\n    roles: [submit, read]\n    tokenSha256: \""
          + SUM
          + "\"\n    expires: \"2030-01-01T00:00:00Z\"\n";

  @TempDir Path directory;

  private Path file(String text) throws IOException {
    return Files.writeString(directory.resolve("callers.yaml"), text);
  }

  private Callers load(String text) throws IOException {
    return CallersFile.load(file(text));
  }

  private List<String> problems(String text) throws IOException {
    Path file = file(text);
    return assertThrows(ConfigException.class, () -> CallersFile.load(file)).problems().stream()
        .map(problem -> problem.code() + " " + problem.field())
        .toList();
  }

  @Test
  void knowsWhoShowsTheTokenUntilItEnds() throws IOException {
    Callers callers = load(USABLE);

    KnownCaller caller = callers.byToken(TOKEN.text(), END.minusMillis(1)).orElseThrow();
    assertEquals("payments", caller.name());
    assertEquals(Set.of(Role.SUBMIT, Role.READ), caller.roles());
    assertEquals(Optional.empty(), callers.byToken(TOKEN.text(), END));
    assertEquals(
        Optional.empty(),
        callers.byToken(AccessToken.generate(new SecureRandom()).text(), END.minusMillis(1)));
  }

  /** The sum of a certificate is public: it is no token whose sum this is. */
  @Test
  void takesNoTokenForACertificate() throws IOException {
    Callers callers = load(USABLE.replace("tokenSha256", "certificateSha256"));

    assertEquals(Optional.empty(), callers.byToken(TOKEN.text(), END.minusMillis(1)));
  }

  @Test
  void saysWhatIsWrong() throws IOException {
    assertEquals(
        List.of("missing callers.payments.expires"),
        problems(USABLE.replaceAll("    expires.*\n", "")));
    assertEquals(
        List.of("invalid callers.payments.roles"), problems(USABLE.replace("submit", "root")));
    assertEquals(
        List.of("missing callers.payments.roles"),
        problems(USABLE.replace("[submit, read]", "[]")));
    assertEquals(
        List.of("invalid callers.payments"), problems(USABLE.replace(SUM, SUM.substring(1))));
    assertEquals(
        List.of("invalid callers.payments.expires"),
        problems(USABLE.replace("2030-01-01T00", "tomorrow")));
    assertEquals(
        List.of("unknown_key callers.payments.role"), problems(USABLE + "    role: read\n"));
    assertEquals(
        List.of("invalid callers.payments"),
        problems(USABLE + "    certificateSha256: \"" + SUM + "\"\n"));
    assertEquals(
        List.of("invalid callers.other"),
        problems(USABLE + USABLE.replace("callers:\n", "").replace("payments", "other")));
    assertEquals(List.of("unknown_key caller"), problems(USABLE + "caller: 1\n"));
    assertEquals(
        List.of("invalid callers.Payments"), problems(USABLE.replace("payments", "Payments")));
    assertTrue(load("callers:\n").all().isEmpty());
  }

  @Test
  void readsWhatACallerMayAskFor() throws IOException {
    RequestLimits others = new RequestLimits(7, 8);
    KnownCaller plain = load(USABLE).all().get(0);
    KnownCaller limited =
        load(USABLE + "    requestsPerSecond: 20\n    requestsInFlight: 4\n").all().get(0);

    assertEquals(others, plain.limits(others));
    assertEquals(new RequestLimits(20, 4), limited.limits(others));
    for (String wrong : List.of("0", "-1", "1000001", "many", "1.5")) {
      assertEquals(
          List.of("invalid callers.payments.requestsPerSecond"),
          problems(USABLE + "    requestsPerSecond: " + wrong + "\n"));
    }
  }

  @Test
  void hasAsManyCallersAsItMay() throws IOException {
    assertEquals(Callers.MAX_CALLERS, load(many(Callers.MAX_CALLERS)).all().size());
    assertEquals(List.of("invalid callers"), problems(many(Callers.MAX_CALLERS + 1)));
  }

  private static String many(int count) {
    StringBuilder text = new StringBuilder("callers:\n");
    for (int i = 0; i < count; i++) {
      text.append(
          String.format("  c%d:\n    roles: [read]\n    certificateSha256: \"%064x\"\n", i, i));
    }
    return text.toString();
  }

  @Test
  void takesUpWhatHasChangedAndKeepsWhatItCannotRead() throws IOException {
    LiveCallers live = LiveCallers.of(Optional.of(file(USABLE)));
    Instant now = END.minusSeconds(1);

    file(USABLE.replace("submit", "root"));
    live.refresh();
    assertTrue(live.trouble().contains("root"), live.trouble());
    assertTrue(live.get().byToken(TOKEN.text(), now).isPresent());

    file("callers:\n");
    live.refresh();
    assertEquals("", live.trouble());
    assertFalse(live.get().byToken(TOKEN.text(), now).isPresent());
  }

  @Test
  void readsWhatAnonymousCallersMayDo() {
    Map<String, String> minimal = Map.of("node.id", "bank-a");
    assertEquals(
        Set.of(Role.SUBMIT, Role.READ, Role.AUDIT, Role.GOVERN),
        NodeConfig.load(null, minimal, Map.of()).access().anonymous());
    assertEquals(Set.of(), anonymous("none"));
    assertEquals(Set.of(Role.READ), anonymous("read"));
    for (String wrong : List.of("operate", "read,operate", "reed", "read,", "none,read")) {
      assertThrows(ConfigException.class, () -> anonymous(wrong), wrong);
    }
  }

  private static Set<Role> anonymous(String text) {
    return NodeConfig.load(null, Map.of("node.id", "bank-a", "client.anonymous", text), Map.of())
        .access()
        .anonymous();
  }
}
