package org.probity.simulation.node;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Ed25519Provider;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.PrivateKey;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.Signer;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.Member;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Parameters;
import org.probity.detector.program.Program;
import org.probity.ledger.transaction.AssetDefinition;
import org.probity.ledger.transaction.KeyPolicy;
import org.probity.ledger.transaction.LedgerParameters;

/**
 * The keys and the genesis document of a simulated consortium: nodes {@code n00}, {@code n01} and
 * so on, of members {@code mn00}, {@code mn01} and so on who have the next one in turn, two assets,
 * and on every node one operator who is also the issuer. The same arguments give the same bytes.
 */
public final class Founding {
  /** Where ledger time starts. */
  public static final long FOUNDED_MILLIS = 1_700_000_000_000L;

  /** By name: the same in every simulation, and each costs more than a hundred messages. */
  private static final Map<String, PrivateKey> KEYS = new ConcurrentHashMap<>();

  private final Genesis genesis;
  private final Ed25519Provider provider;
  private final List<AssetDefinition> assets;
  private final Map<String, Signer> logKeys = new LinkedHashMap<>();
  private final Map<String, Signer> memberKeys = new LinkedHashMap<>();

  private Founding(Genesis genesis, Ed25519Provider provider, List<AssetDefinition> assets) {
    this.genesis = genesis;
    this.provider = provider;
    this.assets = List.copyOf(assets);
  }

  /**
   * Founds one.
   *
   * @param members not more than nodes
   * @param provider makes and verifies every signature in it
   */
  public static Founding of(
      int nodes, int members, Parameters parameters, Program program, Ed25519Provider provider) {
    Map<String, Signer> governance = new LinkedHashMap<>();
    Map<String, Signer> logs = new LinkedHashMap<>();
    List<Member> owners = new ArrayList<>();
    List<NodeRecord> records = new ArrayList<>();
    SortedMap<String, KeyPolicy> operators = new TreeMap<>();
    Signer issuer = signer("issuer", provider);
    for (int i = 0; i < members; i++) {
      Signer memberKey = signer("governance " + name(i), provider);
      governance.put(member(i), memberKey);
      owners.add(new Member(member(i), memberKey.publicKey()));
    }
    for (int i = 0; i < nodes; i++) {
      String name = name(i);
      String member = member(i % members);
      Signer logKey = signer("log " + name, provider);
      logs.put(name, logKey);
      records.add(
          new NodeRecord(
              name,
              member,
              0,
              logKey.publicKey(),
              signer("cosigner " + name, provider).publicKey()));
      operators.put(name, KeyPolicy.single(issuer.publicKey()));
    }
    KeyPolicy policy = KeyPolicy.single(issuer.publicKey());
    List<AssetDefinition> assets =
        List.of(new AssetDefinition("EUR", 2, policy, 0), new AssetDefinition("JPY", 0, policy, 0));
    Genesis genesis =
        Genesis.found(
            "simulation",
            FOUNDED_MILLIS,
            parameters,
            program.id(),
            new LedgerParameters(assets, operators).encode(),
            owners,
            records,
            governance,
            new SignatureRule(provider));
    Founding founding = new Founding(genesis, provider, assets);
    founding.logKeys.putAll(logs);
    founding.memberKeys.putAll(governance);
    return founding;
  }

  /** Of the node with this number, from 0. */
  public static String name(int number) {
    return number < 10 ? "n0" + number : "n" + number;
  }

  private static String member(int number) {
    return "m" + name(number);
  }

  private static Signer signer(String name, Ed25519Provider provider) {
    return Signer.of(KEYS.computeIfAbsent(name, Founding::newKey), provider);
  }

  private static PrivateKey newKey(String name) {
    Hash seed = Hash.sha256(Bytes.utf8("simulation " + name).unsafeArray());
    return PrivateKey.fromSeed(seed.toArray());
  }

  /** A key that anybody can make who knows its name: for clients, issuers and next incarnations. */
  public Signer key(String name) {
    return signer(name, provider);
  }

  public Genesis genesis() {
    return genesis;
  }

  /** Of almost all payments. */
  public AssetDefinition asset() {
    return assets.get(0);
  }

  /** Of some, with another scale. */
  public AssetDefinition otherAsset() {
    return assets.get(1);
  }

  /** All that every node knows from the beginning. */
  public List<AssetDefinition> assets() {
    return assets;
  }

  public Signer issuer() {
    return signer("issuer", provider);
  }

  public Signer logKey(String node) {
    return require(logKeys, node);
  }

  /** Of a node in one of its incarnations. */
  Signer cosignerKey(NodeRecord node) {
    return key("cosigner " + incarnation(node));
  }

  /** Its name in the names of keys. */
  static String incarnation(NodeRecord node) {
    return node.incarnation() == 0 ? node.node() : node.node() + "/" + node.incarnation();
  }

  public Signer memberKey(String member) {
    return require(memberKeys, member);
  }

  private static Signer require(Map<String, Signer> keys, String name) {
    Signer key = keys.get(name);
    if (key == null) {
      throw new IllegalArgumentException("nobody is called " + name);
    }
    return key;
  }
}
