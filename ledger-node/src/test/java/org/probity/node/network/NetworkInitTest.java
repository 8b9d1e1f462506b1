package org.probity.node.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.log.SigningMark;
import org.probity.ledger.program.LedgerProgram;
import org.probity.ledger.transaction.LedgerParameters;
import org.probity.node.config.AddressBook;
import org.probity.node.config.ConfigException;
import org.probity.node.config.NodeConfig;
import org.probity.node.identity.CertificateAuthority;
import org.probity.node.identity.CertificateRegister;
import org.probity.node.identity.MemberKey;
import org.probity.node.identity.NodeKeys;
import org.probity.node.identity.PemFiles;
import org.probity.node.identity.TlsIdentity;
import org.probity.node.store.NodeStore;

class NetworkInitTest {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final Instant NOW = Instant.parse("2026-11-21T00:00:00Z");
  private static final Map<String, String> SMALL =
      Map.of("storage.logMib", "16", "storage.replicaMib", "16", "storage.stateMib", "16");

  @TempDir Path temporary;

  private Genesis create(NetworkPlan plan, Path directory) {
    return NetworkInit.create(plan.withSettings(SMALL), directory, RANDOM, NOW);
  }

  @Test
  void aNodeHasAllItNeedsToStart() throws IOException, DecodeException {
    Path directory = temporary.resolve("network");
    Genesis genesis = create(NetworkPlan.local(5, 1, 2, 0, NOW), directory);
    NetworkLayout layout = new NetworkLayout(directory);

    Bytes bytes = Bytes.wrap(Files.readAllBytes(layout.genesis()));
    assertEquals(genesis.networkId(), Hash.sha256(bytes.unsafeArray()));
    assertEquals(genesis.networkId(), Genesis.decode(bytes).networkId());
    assertEquals(
        List.of("bank-a", "bank-b", "bank-c", "bank-d", "bank-e"),
        genesis.nodes().stream().map(NodeRecord::node).toList());
    assertEquals(5, genesis.members().size());
    assertEquals(2, genesis.parameters().witnesses());
    assertEquals(new LedgerProgram().id(), genesis.programId());

    for (NodeRecord node : genesis.nodes()) {
      NodeConfig config = NodeConfig.load(layout.config(node.node()), Map.of(), Map.of());
      assertEquals(node.node(), config.id());
      assertEquals(layout.genesis(), config.genesis());
      assertEquals(0, config.peer().port());
      assertEquals(16L << 20, config.storage().options().logMapBytes());
      NodeKeys keys = NodeKeys.load(config.keys());
      assertEquals(node.logKey(), keys.logSigner().publicKey());
      assertEquals(node.cosignerKey(), keys.cosignerSigner().publicKey());
      assertEquals(node.node(), TlsIdentity.load(config.keys(), keys, config.id()).node());
      AddressBook book = AddressBook.load(config.addressBook());
      assertEquals(5, book.nodes().size());
      assertEquals(Optional.empty(), book.resolve(node.node()));
      try (NodeStore store = NodeStore.open(config.storage().options())) {
        assertEquals(new NodeStore.Known(SigningMark.NOTHING_SIGNED), store.mark());
        assertEquals(List.of(), store.own().logs());
      }
    }
  }

  @Test
  void membersGovernAndOperateWithTheirOwnKeys() throws DecodeException {
    Path directory = temporary.resolve("network");
    Genesis genesis =
        create(
            NetworkPlan.local(4, 0, 1, 0, NOW).withAssets(Map.of("CZK", 2, "EUR", 2)), directory);
    NetworkLayout layout = new NetworkLayout(directory);
    LedgerParameters parameters = LedgerParameters.decode(genesis.programParameters());
    assertEquals(2, parameters.assets().size());
    genesis
        .members()
        .forEach(
            member ->
                assertEquals(
                    member.governanceKey(),
                    MemberKey.load(layout.member(member.id()), Optional.empty()).publicKey()));
    for (NodeRecord node : genesis.nodes()) {
      assertEquals(
          List.of(
              PemFiles.readSecret(layout.operatorKey(node.member()))
                  .ed25519()
                  .publicKey()
                  .toBytes()),
          parameters.operators().get(node.node()).keys());
    }
    Bytes issuer = PemFiles.readSecret(layout.issuerKey()).ed25519().publicKey().toBytes();
    parameters.assets().forEach(asset -> assertEquals(List.of(issuer), asset.issuer().keys()));
    assertEquals(
        PemFiles.readCertificates(layout.roots()),
        CertificateAuthority.load(layout.authority(), RANDOM).roots());
    assertEquals(4 * 4, CertificateRegister.open(layout.authority(), RANDOM).issued().size());
  }

  @Test
  void noSecretIsReadableByOthers() throws IOException {
    Path directory = temporary.resolve("network");
    create(NetworkPlan.local(2, 0, 1, 0, NOW), directory);
    int secrets = 0;
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (Files.readString(file, StandardCharsets.ISO_8859_1).contains("PRIVATE KEY")) {
          secrets++;
          assertEquals(
              "rw-------",
              PosixFilePermissions.toString(Files.getPosixFilePermissions(file)),
              file.toString());
        }
      }
    }
    // Per node 4, per member 2, issuer, two roots.
    assertEquals(2 * 4 + 2 * 2 + 1 + 2, secrets);
  }

  @Test
  void portsFollowTheBasePort() {
    Path directory = temporary.resolve("network");
    create(NetworkPlan.local(3, 0, 1, 7400, NOW), directory);
    NetworkLayout layout = new NetworkLayout(directory);
    NodeConfig second = NodeConfig.load(layout.config("bank-b"), Map.of(), Map.of());
    assertEquals(7410, second.client().port());
    assertEquals(7411, second.peer().port());
    assertEquals(7412, second.operations().port());
    assertEquals(
        Optional.of(URI.create("https://localhost:7421")),
        AddressBook.load(layout.addressBook()).resolve("bank-c"));
  }

  @Test
  void aPlanThatBreaksARuleLeavesNothingBehind() throws IOException {
    for (int[] numbers : new int[][] {{0, 0, 0}, {3, 0, 3}, {3, 2, 2}, {3, -1, 1}}) {
      assertThrows(
          IllegalArgumentException.class,
          () -> NetworkPlan.local(numbers[0], numbers[1], numbers[2], 0, NOW));
    }
    assertThrows(IllegalArgumentException.class, () -> NetworkPlan.local(3, 0, 1, 65_530, NOW));
    Path directory = temporary.resolve("network");
    NetworkPlan bad = NetworkPlan.local(3, 0, 1, 0, NOW).withAssets(Map.of("not a code", 2));
    assertThrows(IllegalArgumentException.class, () -> create(bad, directory));
    try (Stream<Path> content = Files.list(directory)) {
      assertEquals(0, content.count());
    }
    NetworkPlan unknown =
        NetworkPlan.local(3, 0, 1, 0, NOW).withSettings(Map.of("client.prot", "1"));
    ConfigException thrown =
        assertThrows(
            ConfigException.class, () -> NetworkInit.create(unknown, directory, RANDOM, NOW));
    assertEquals("client.prot", thrown.problems().get(0).field());
    assertFalse(Files.exists(new NetworkLayout(directory).genesis()));
  }

  @Test
  void anExistingFolderIsNotTouched() throws IOException {
    Path directory = Files.createDirectories(temporary.resolve("network"));
    Files.writeString(directory.resolve("precious"), "x");
    NetworkInitException thrown =
        assertThrows(
            NetworkInitException.class,
            () -> create(NetworkPlan.local(2, 0, 1, 0, NOW), directory));
    assertEquals("directory_not_empty", thrown.code());
    assertTrue(Files.exists(directory.resolve("precious")));
  }

  @Test
  void manyNodesGetNumbers() {
    NetworkPlan plan = NetworkPlan.local(30, 3, 10, 0, NOW);
    assertEquals("bank-0001", plan.nodes().get(0).node());
    assertEquals("member-0030", plan.nodes().get(29).member());
  }
}
