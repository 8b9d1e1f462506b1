package org.probity.detector.node;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.PrivateKey;
import org.probity.detector.crypto.Signer;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.Member;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Parameters;

/** A consortium's keys and genesis, the same for the same arguments. Keys are not secret. */
public final class TestNetwork {
  public static final long FOUNDED_MILLIS = 1_700_000_000_000L;

  private final Genesis genesis;
  private final Map<String, Signer> logKeys = new LinkedHashMap<>();

  private TestNetwork(Genesis genesis) {
    this.genesis = genesis;
  }

  /** One node for each of {@code names}, owned by member {@code m-name}. */
  public static TestNetwork of(
      Parameters parameters, Hash programId, Bytes programParameters, String... names) {
    List<Member> members = new ArrayList<>();
    List<NodeRecord> nodes = new ArrayList<>();
    Map<String, Signer> governance = new LinkedHashMap<>();
    Map<String, Signer> logKeys = new LinkedHashMap<>();
    for (String name : names) {
      Signer governanceKey = signer("governance " + name);
      Signer logKey = signer("log " + name);
      members.add(new Member("m-" + name, governanceKey.publicKey()));
      governance.put("m-" + name, governanceKey);
      logKeys.put(name, logKey);
      nodes.add(
          new NodeRecord(
              name, "m-" + name, 0, logKey.publicKey(), signer("cosigner " + name).publicKey()));
    }
    TestNetwork network =
        new TestNetwork(
            Genesis.found(
                "test",
                FOUNDED_MILLIS,
                parameters,
                programId,
                programParameters,
                members,
                nodes,
                governance));
    network.logKeys.putAll(logKeys);
    return network;
  }

  /** A key that everybody can compute from its name. */
  public static Signer signer(String name) {
    return Signer.of(PrivateKey.fromSeed(Hash.sha256(Bytes.utf8(name).unsafeArray()).toArray()));
  }

  public Genesis genesis() {
    return genesis;
  }

  public NodeRecord node(String name) {
    return genesis.node(name).orElseThrow();
  }

  public Signer logKey(String name) {
    return logKeys.get(name);
  }
}
