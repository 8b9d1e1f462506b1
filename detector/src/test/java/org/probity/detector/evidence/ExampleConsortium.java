package org.probity.detector.evidence;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Signer;
import org.probity.detector.crypto.TestKeys;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.Member;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Parameters;
import org.probity.detector.node.ObjectStore;
import org.probity.detector.node.TestNetwork;
import org.probity.detector.program.Program;

/** Whom the proofs in docs/format/evidence.md are about. */
public final class ExampleConsortium {
  private ExampleConsortium() {}

  /** What its nodes run. */
  public static Program program() {
    return new ObjectStore();
  }

  /** Two members with a node each; the log key of bank-1 is that of RFC 8032 §7.1, test 1. */
  public static Genesis genesis() {
    List<Member> members = new ArrayList<>();
    List<NodeRecord> nodes = new ArrayList<>();
    Map<String, Signer> governance = new LinkedHashMap<>();
    for (String name : List.of("bank-1", "bank-2")) {
      Signer key = TestNetwork.signer("governance " + name);
      governance.put("m-" + name, key);
      members.add(new Member("m-" + name, key.publicKey()));
      nodes.add(
          new NodeRecord(
              name,
              "m-" + name,
              0,
              name.equals("bank-1")
                  ? TestKeys.RFC_1.publicKey()
                  : TestNetwork.signer("log " + name).publicKey(),
              TestNetwork.signer("cosigner " + name).publicKey()));
    }
    return Genesis.found(
        "example",
        TestNetwork.FOUNDED_MILLIS,
        Parameters.of(0, 1),
        program().id(),
        Bytes.EMPTY,
        members,
        nodes,
        governance);
  }
}
