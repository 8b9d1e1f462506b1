package org.probity.node.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.PublicKey;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.Signer;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.crypto.VerifiedStatement;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.Incarnations;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.log.SigningMark;
import org.probity.node.config.NodeConfig;
import org.probity.node.identity.IdentityException;
import org.probity.node.identity.MemberKey;
import org.probity.node.identity.NodeKeys;
import org.probity.node.store.LogWrites;
import org.probity.node.store.NodeStore;
import org.probity.node.store.StoreException;

/** What is lost is replaced, what is there is kept, and a half-done renewal is done. */
class NodeRenewalTest {
  private static final String NODE = "bank-a";
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final Instant NOW = Instant.parse("2026-11-21T00:00:00Z");
  private static final Map<String, String> SMALL =
      Map.of("storage.logMib", "16", "storage.replicaMib", "16", "storage.stateMib", "16");

  @TempDir Path temporary;
  private NetworkLayout layout;
  private Genesis genesis;
  private NodeConfig config;
  private Signer member;

  @BeforeEach
  void found() {
    found("network");
  }

  /** A node that has run: there is something in its store, and its mark is not 0. */
  private void found(String name) {
    layout = new NetworkLayout(temporary.resolve(name));
    genesis =
        NetworkInit.create(
            NetworkPlan.local(3, 0, 1, 0, NOW).withSettings(SMALL),
            layout.directory(),
            RANDOM,
            NOW);
    config = NodeConfig.load(layout.config(NODE), Map.of(), Map.of());
    member = MemberKey.load(layout.member("member-a"), Optional.empty()).signer();
    try (NodeStore store = NodeStore.open(config.storage().options())) {
      store.commit(
          new LogWrites().put(Bytes.utf8("some"), Bytes.utf8("thing")),
          new SigningMark(7, genesis.networkId()));
    }
  }

  private NodeRenewal renewal() {
    return new NodeRenewal(
        config, layout.node(NODE), Incarnations.founding(genesis.node(NODE).orElseThrow()));
  }

  private NodeRenewal.Renewed renew() {
    return renewal().renew(genesis.networkId(), member, RANDOM);
  }

  private NodeKeys keys() {
    return NodeKeys.load(config.keys());
  }

  private Path aside(Path path) {
    return NodeRenewal.aside(path, 0);
  }

  /** Everything that a renewed node has, however it came to that. */
  private void assertRenewed(NodeRenewal.Renewed renewed) throws Exception {
    NodeRecord founding = genesis.node(NODE).orElseThrow();
    NodeKeys keys = keys();
    NodeRecord next =
        new NodeRecord(
            NODE,
            "member-a",
            1,
            keys.log().ed25519().publicKey(),
            keys.cosigner().ed25519().publicKey());
    assertEquals(next, renewed.next());
    assertNotEquals(founding.logKey(), next.logKey());
    assertNotEquals(founding.cosignerKey(), next.cosignerKey());
    VerifiedStatement enrolment =
        new StatementVerifier(SignatureRule.fastest(), genesis.networkId())
            .verify(Bytes.wrap(Files.readAllBytes(renewed.enrolment())), NodeRecord.ENROLMENT_TYP);
    assertEquals(next, NodeRecord.decode(enrolment.payload()));
    assertEquals(List.<PublicKey>of(member.publicKey()), enrolment.signers());
    try (NodeStore store = NodeStore.open(config.storage().options())) {
      assertEquals(new NodeStore.Known(SigningMark.NOTHING_SIGNED), store.mark());
      assertEquals(Optional.empty(), store.own().get(Bytes.utf8("some")));
    }
  }

  @Test
  void whatWasThereIsRenamed() throws Exception {
    NodeKeys before = keys();
    assertRenewed(renew());
    assertEquals(before.tls().jcaPublic(), keys().tls().jcaPublic());
    for (String name :
        List.of(
            NodeKeys.LOG_KEY,
            NodeKeys.LOG_CERTIFICATE,
            NodeKeys.COSIGNER_KEY,
            NodeKeys.COSIGNER_CERTIFICATE)) {
      assertTrue(Files.exists(aside(config.keys().resolve(name))), name);
    }
    assertTrue(Files.isDirectory(aside(config.storage().data()).resolve("log")));
    assertTrue(Files.exists(aside(config.storage().options().markFile())));
  }

  /** A crash after any of the renames, and after the new keys and the new store. */
  @Test
  void interruptedAnywhereItGoesOn() throws Exception {
    int moves = renewal().plan().size();
    assertEquals(6, moves);
    for (int done = 1; done <= moves; done++) {
      found("network-" + done);
      List<Map.Entry<Path, Path>> plan = new ArrayList<>(renewal().plan().entrySet());
      for (Map.Entry<Path, Path> move : plan.subList(0, done)) {
        Files.move(move.getKey(), move.getValue());
      }
      assertRenewed(renew());
      for (Map.Entry<Path, Path> move : plan) {
        assertTrue(Files.exists(move.getValue()), done + ": " + move);
      }
    }
  }

  @Test
  void keysThatWereMadeAndNotToldOfAreUsed() throws Exception {
    NodeRenewal.Renewed first = renew();
    Files.delete(first.enrolment());
    NodeRenewal.Renewed second = renew();
    assertEquals(first.next(), second.next());
    assertRenewed(second);
  }

  @Test
  void anEnrolmentThatWaitsIsNotReplaced() {
    renew();
    assertEquals("enrolment_waits", assertThrows(NetworkInitException.class, this::renew).code());
  }

  @Test
  void withNothingLeftButTheKeysForTls() throws Exception {
    Files.delete(config.keys().resolve(NodeKeys.LOG_KEY));
    Files.delete(config.keys().resolve(NodeKeys.COSIGNER_KEY));
    Files.delete(config.storage().options().markFile());
    Files.move(config.storage().data(), temporary.resolve("elsewhere"));
    assertRenewed(renew());
    assertFalse(Files.exists(aside(config.storage().data())));
  }

  @Test
  void aDamagedKeyIsKeptAside() throws Exception {
    Path key = config.keys().resolve(NodeKeys.LOG_KEY);
    byte[] damaged = "no key".getBytes(StandardCharsets.US_ASCII);
    Files.write(key, damaged);
    assertRenewed(renew());
    assertEquals(Bytes.wrap(damaged), Bytes.wrap(Files.readAllBytes(aside(key))));
  }

  @Test
  void nothingIsOverwritten() throws IOException {
    Path taken = aside(config.storage().data());
    Files.createDirectory(taken);
    NetworkInitException refusal = assertThrows(NetworkInitException.class, this::renew);
    assertEquals("aside_exists", refusal.code());
    assertTrue(Files.exists(config.keys().resolve(NodeKeys.LOG_KEY)), "before anything is renamed");
  }

  @Test
  void withoutKeysForTlsNothingIsDone() throws IOException {
    Files.delete(config.keys().resolve(NodeKeys.TLS_KEY));
    assertEquals("key_file_missing", assertThrows(IdentityException.class, this::renew).code());
    assertTrue(Files.exists(config.keys().resolve(NodeKeys.LOG_KEY)));
  }

  @Test
  void aNodeThatRunsIsLeftAlone() {
    try (NodeStore store = NodeStore.open(config.storage().options())) {
      StoreException refusal = assertThrows(StoreException.class, this::renew);
      assertEquals(StoreException.Code.LOCKED, refusal.code());
      assertEquals(Optional.empty(), store.latch().reason());
    }
    assertTrue(Files.exists(config.keys().resolve(NodeKeys.LOG_KEY)));
  }
}
