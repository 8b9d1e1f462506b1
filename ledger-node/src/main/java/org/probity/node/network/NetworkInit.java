package org.probity.node.network;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.probity.detector.codec.Bytes;
import org.probity.detector.commitment.Machine;
import org.probity.detector.crypto.Signer;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.Member;
import org.probity.detector.governance.NodeRecord;
import org.probity.ledger.program.LedgerProgram;
import org.probity.ledger.transaction.AssetDefinition;
import org.probity.ledger.transaction.KeyPolicy;
import org.probity.ledger.transaction.LedgerParameters;
import org.probity.node.config.AddressBook;
import org.probity.node.config.NodeConfig;
import org.probity.node.identity.CertificateAuthority;
import org.probity.node.identity.CertificateRegister;
import org.probity.node.identity.KeyKind;
import org.probity.node.identity.MemberKey;
import org.probity.node.identity.NodeCertificates;
import org.probity.node.identity.NodeKeys;
import org.probity.node.identity.PemFiles;
import org.probity.node.identity.Secret;
import org.probity.node.network.NetworkPlan.PlannedNode;
import org.probity.node.store.NodeStore;

/** Makes everything a new consortium needs in one folder: keys, certificates, genesis, nodes. */
public final class NetworkInit {
  private final NetworkPlan plan;
  private final NetworkLayout layout;
  private final SecureRandom random;
  private final Instant now;

  private NetworkInit(NetworkPlan plan, NetworkLayout layout, SecureRandom random, Instant now) {
    this.plan = plan;
    this.layout = layout;
    this.random = random;
    this.now = now;
  }

  /**
   * Founds the consortium.
   *
   * <p>The genesis document is written last: a folder without one is a foundation that was
   * interrupted, to be deleted and begun again.
   *
   * @param directory new or empty
   * @param now from when the certificates are valid
   * @throws NetworkInitException if the folder is not empty or cannot be written
   * @throws IllegalArgumentException naming the part of the plan that breaks a rule
   */
  public static Genesis create(NetworkPlan plan, Path directory, SecureRandom random, Instant now) {
    requireEmpty(directory);
    NetworkInit init = new NetworkInit(plan, new NetworkLayout(directory), random, now);
    try {
      return init.run();
    } catch (IOException e) {
      throw new NetworkInitException("network_io", "cannot write to " + directory, e);
    }
  }

  /**
   * Does everything that can refuse a foundation and writes nothing.
   *
   * @throws NetworkInitException as {@link #create}
   * @throws IllegalArgumentException as {@link #create}
   */
  public static void check(NetworkPlan plan, Path directory, SecureRandom random, Instant now) {
    if (Files.exists(directory)) {
      requireEmpty(directory);
    }
    new NetworkInit(plan, new NetworkLayout(directory), random, now).prepare();
  }

  private static void requireEmpty(Path directory) {
    try {
      Files.createDirectories(directory);
      try (DirectoryStream<Path> content = Files.newDirectoryStream(directory)) {
        if (content.iterator().hasNext()) {
          throw new NetworkInitException(
              "directory_not_empty",
              directory + " is not empty: founding a consortium needs a new folder");
        }
      }
    } catch (IOException e) {
      throw new NetworkInitException("network_io", "cannot create " + directory, e);
    }
  }

  private record MemberSecrets(MemberKey governance, Secret operator) {}

  private record NodeSecrets(PlannedNode node, NodeKeys keys) {}

  /** What the foundation consists of, in memory. */
  private record Prepared(
      Map<String, MemberSecrets> members,
      List<NodeSecrets> nodes,
      Secret issuer,
      Genesis genesis) {}

  private Prepared prepare() {
    Map<String, MemberSecrets> members = new LinkedHashMap<>();
    List<NodeSecrets> nodes = new ArrayList<>();
    for (PlannedNode node : plan.nodes()) {
      members.computeIfAbsent(
          node.member(),
          id ->
              new MemberSecrets(
                  MemberKey.generate(random), Secret.generate(KeyKind.ED25519, random)));
      nodes.add(new NodeSecrets(node, NodeKeys.generate(random)));
    }
    Secret issuer = Secret.generate(KeyKind.ED25519, random);
    return new Prepared(members, nodes, issuer, found(members, nodes, issuer));
  }

  private Genesis run() throws IOException {
    // First, because it checks the plan: nothing is on the disk yet if it refuses.
    Prepared prepared = prepare();
    Map<String, MemberSecrets> members = prepared.members();
    List<NodeSecrets> nodes = prepared.nodes();
    Secret issuer = prepared.issuer();
    Genesis genesis = prepared.genesis();

    CertificateAuthority.create(plan.name(), now, random).save(layout.authority());
    CertificateRegister register = CertificateRegister.open(layout.authority(), random);
    PemFiles.writeCertificates(layout.roots(), register.authority().roots());
    PemFiles.createPrivateDirectory(directoryOf(layout.issuerKey()));
    PemFiles.writeSecret(layout.issuerKey(), issuer);
    members.forEach(
        (id, secrets) -> {
          secrets.governance().save(layout.member(id));
          PemFiles.writeSecret(layout.operatorKey(id), secrets.operator());
        });
    Map<String, URI> addresses = new LinkedHashMap<>();
    for (NodeSecrets node : nodes) {
      writeNode(node.node(), node.keys(), register);
      addresses.put(node.node().node(), node.node().peerUrl());
    }
    writeNew(layout.addressBook(), AddressBook.format(addresses).getBytes(StandardCharsets.UTF_8));
    writeNew(layout.genesis(), genesis.encoded().toArray());
    return genesis;
  }

  private static Path directoryOf(Path file) {
    Path parent = file.getParent();
    if (parent == null) {
      throw new IllegalArgumentException(file + " has no folder");
    }
    return parent;
  }

  private Genesis found(
      Map<String, MemberSecrets> members, List<NodeSecrets> nodes, Secret issuer) {
    List<Member> memberRecords = new ArrayList<>();
    Map<String, Signer> signers = new LinkedHashMap<>();
    Map<String, KeyPolicy> operatorOf = new LinkedHashMap<>();
    members.forEach(
        (id, secrets) -> {
          memberRecords.add(new Member(id, secrets.governance().publicKey()));
          signers.put(id, secrets.governance().signer());
          operatorOf.put(id, KeyPolicy.single(publicKey(secrets.operator())));
        });
    List<NodeRecord> nodeRecords = new ArrayList<>();
    SortedMap<String, KeyPolicy> accountOpeners = new TreeMap<>();
    for (NodeSecrets secrets : nodes) {
      PlannedNode node = secrets.node();
      nodeRecords.add(
          new NodeRecord(
              node.node(),
              node.member(),
              0,
              secrets.keys().log().ed25519().publicKey(),
              secrets.keys().cosigner().ed25519().publicKey()));
      KeyPolicy operator = operatorOf.get(node.member());
      if (operator != null) {
        accountOpeners.put(node.node(), operator);
      }
    }
    List<AssetDefinition> assets = new ArrayList<>();
    plan.assets()
        .forEach(
            (code, scale) ->
                assets.add(
                    new AssetDefinition(code, scale, KeyPolicy.single(publicKey(issuer)), 0)));
    NetworkPlan.Service service =
        plan.service()
            .orElseGet(
                () ->
                    new NetworkPlan.Service(
                        new LedgerProgram(),
                        new LedgerParameters(assets, accountOpeners).encode()));
    Genesis genesis =
        Genesis.found(
            plan.name(),
            plan.founded().toEpochMilli(),
            plan.parameters(),
            service.program().id(),
            service.parameters(),
            memberRecords,
            nodeRecords,
            signers);
    // Parameters that the program refuses are found here, not at the first start of every node.
    new Machine(genesis, genesis.nodes().get(0), service.program()).initialState();
    return genesis;
  }

  private static Bytes publicKey(Secret secret) {
    return secret.ed25519().publicKey().toBytes();
  }

  private void writeNode(PlannedNode node, NodeKeys keys, CertificateRegister register)
      throws IOException {
    keys.save(layout.keys(node.node()));
    NodeCertificates certificates =
        NodeCertificates.issue(
            register.authority(), keys, node.node(), node.member(), List.of(node.host()), now);
    certificates.all().forEach(register::enter);
    certificates.save(layout.keys(node.node()));
    Path config = layout.config(node.node());
    writeNew(config, config(node).getBytes(StandardCharsets.UTF_8));
    // Read back as the node will: an unusable setting is found here and names its key.
    NodeConfig read = NodeConfig.load(config, Map.of(), Map.of());
    NodeStore.initialise(read.storage().options());
  }

  private String config(PlannedNode node) {
    Map<String, Map<String, String>> sections = new LinkedHashMap<>();
    put(sections, "node.id", node.node());
    put(sections, "node.genesis", "../../genesis.cbor");
    put(sections, "node.addressBook", "../../address-book.yaml");
    put(sections, "client.port", Integer.toString(node.clientPort()));
    put(sections, "client.advertisedHost", node.host());
    put(sections, "peer.port", Integer.toString(node.peerPort()));
    put(sections, "peer.advertisedHost", node.host());
    put(sections, "operations.port", Integer.toString(node.operationsPort()));
    put(sections, "operations.advertisedHost", node.host());
    new TreeMap<>(plan.settings()).forEach((path, value) -> put(sections, path, value));
    StringBuilder text = new StringBuilder();
    text.append("# Node ").append(node.node()).append(" of ").append(node.member());
    text.append(". All keys: config/node.sample.yaml.\n");
    sections.forEach(
        (section, values) -> {
          text.append(section).append(":\n");
          values.forEach(
              (key, value) ->
                  text.append("  ").append(key).append(": ").append(quoted(value)).append('\n'));
        });
    return text.toString();
  }

  private static void put(Map<String, Map<String, String>> sections, String path, String value) {
    int dot = path.indexOf('.');
    if (dot < 1) {
      throw new IllegalArgumentException("a setting is section.key, not " + path);
    }
    sections
        .computeIfAbsent(path.substring(0, dot), name -> new LinkedHashMap<>())
        .put(path.substring(dot + 1), value);
  }

  private static String quoted(String value) {
    return '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  private static void writeNew(Path file, byte[] content) throws IOException {
    Files.write(file, content, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
  }
}
