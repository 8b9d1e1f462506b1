package org.probity.demo.objects;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.probity.demo.objects.ObjectResult.Code;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.Machine;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.Signer;
import org.probity.detector.evidence.ByzantineLog;
import org.probity.detector.evidence.EvidenceBuilder;
import org.probity.detector.evidence.Transcript;
import org.probity.detector.governance.Parameters;
import org.probity.detector.log.SendEntry;
import org.probity.detector.node.Release;
import org.probity.detector.node.TestNetwork;
import org.probity.detector.program.SystemRules;
import org.probity.detector.program.Transaction;
import org.probity.detector.program.TransactionOutcome;

/** The rules and formats of the store, on correct nodes. */
class ObjectStoreProgramTest {
  private final StoreConsortium stores = new StoreConsortium();

  @Test
  void whatWasPutIsFound() {
    assertEquals(Code.NO_SUCH_OBJECT, stores.get("alpha", "greeting").code());
    assertEquals(Code.STORED, stores.put("alpha", "greeting", "hello").code());
    assertEquals(ObjectResult.found(Bytes.utf8("hello")), stores.get("alpha", "greeting"));
    assertEquals(Code.STORED, stores.put("alpha", "greeting", "").code());
    assertEquals(ObjectResult.found(Bytes.EMPTY), stores.get("alpha", "greeting"));
    assertEquals(Code.NO_SUCH_OBJECT, stores.get("beta", "greeting").code());
    assertEquals(Code.NO_SUCH_OBJECT, stores.get("beta", "alpha", "greeting").code());
  }

  @Test
  void copiesAnswerForTheirHome() {
    assertEquals(Code.STORED, stores.put("alpha", "greeting", "hello", "beta", "gamma").code());
    for (String node : List.of("alpha", "beta", "gamma")) {
      assertEquals(
          ObjectResult.found(Bytes.utf8("hello")), stores.get(node, "alpha", "greeting"), node);
    }
    assertEquals(Code.NO_SUCH_OBJECT, stores.get("delta", "alpha", "greeting").code());
    stores.put("alpha", "greeting", "bonjour", "beta");
    assertEquals(
        ObjectResult.found(Bytes.utf8("bonjour")), stores.get("beta", "alpha", "greeting"));
    assertEquals(ObjectResult.found(Bytes.utf8("hello")), stores.get("gamma", "alpha", "greeting"));
    for (String node : StoreConsortium.NODES) {
      assertEquals(Optional.empty(), stores.audit(node), node);
    }
  }

  @Test
  void anObjectIsItsOwners() {
    stores.put("alpha", "greeting", "hello");
    Bytes put = StoreConsortium.putOf("greeting", "mine", "beta").encode();
    assertEquals(Code.NOT_THE_OWNER, stores.ask("alpha", StoreConsortium.OTHER_CLIENT, put).code());
    assertEquals(ObjectResult.found(Bytes.utf8("hello")), stores.get("alpha", "greeting"));
    assertEquals(Code.NO_SUCH_OBJECT, stores.get("beta", "alpha", "greeting").code());
  }

  @Test
  void copiesGoToOtherNodesOnly() {
    for (String node : List.of("alpha", "nobody", "")) {
      assertEquals(Code.NO_SUCH_NODE, stores.put("alpha", "greeting", "hello", node).code(), node);
      assertEquals(Code.NO_SUCH_OBJECT, stores.get("alpha", "greeting").code());
    }
  }

  @Test
  void onlyClientsOfTheConsortiumSubmit() {
    Signer stranger = TestNetwork.signer("stranger");
    Bytes get = new ObjectOperation.Get("alpha", "greeting").encode();
    long ticket = stores.nodes.submit("alpha", stores.sign("alpha", stranger, get));
    stores.nodes.run();
    Release answer = stores.nodes.member("alpha").answers().get(ticket);
    assertEquals(
        TransactionOutcome.Status.UNAUTHORISED.label(),
        assertInstanceOf(Release.Refused.class, answer).violation().code());
  }

  @Test
  void limitsHoldAndOneMoreIsMalformed() {
    String name = "n".repeat(ObjectOperation.MAX_NAME_BYTES);
    String content = "c".repeat(ObjectOperation.MAX_CONTENT_BYTES);
    assertEquals(Code.STORED, stores.put("alpha", name, content, "beta", "delta", "gamma").code());
    assertEquals(ObjectResult.found(Bytes.utf8(content)), stores.get("delta", "alpha", name));
    for (ObjectOperation tooMuch :
        List.of(
            StoreConsortium.putOf(name + "n", content),
            StoreConsortium.putOf("", content),
            StoreConsortium.putOf(name, content + "c"),
            StoreConsortium.putOf(name, content, "a", "b", "c", "d"),
            StoreConsortium.putOf(name, content, "beta", "beta"),
            StoreConsortium.putOf(name, content, "gamma", "beta"),
            new ObjectOperation.Get("alpha", name + "n"),
            new ObjectOperation.Get("a".repeat(32), name))) {
      assertEquals(Code.MALFORMED, stores.ask("alpha", tooMuch).code(), tooMuch::toString);
    }
    assertEquals(Optional.empty(), stores.audit("alpha"));
  }

  @Test
  void oneOperationHasOneEncoding() throws DecodeException {
    Bytes put = StoreConsortium.putOf("a", "\u0001").encode();
    assertEquals(Bytes.fromHex("84006161410180"), put);
    assertEquals(put, ObjectOperation.decode(put).encode());
    assertEquals(
        Bytes.fromHex("830165616c7068616161"), new ObjectOperation.Get("alpha", "a").encode());
    assertEquals(Bytes.fromHex("820040"), ObjectResult.of(Code.STORED).encode());
    for (String malformed :
        List.of(
            "", // nothing
            "8400616141018000", // a byte too many
            "9f006161410180ff", // indefinite length
            "8418006161410180", // a number that is not the shortest
            "84006161410181", // cut
            "830161616161ff", // a byte too many
            "84016161410180", // a get with the items of a put
            "8302616161", // no such kind
            "84004161410180", // a name of bytes
            "84006161616180", // content of text
            "a0",
            "f6")) {
      Bytes body = Bytes.fromHex(malformed);
      assertThrows(DecodeException.class, () -> ObjectOperation.decode(body), malformed);
      assertEquals(
          Code.MALFORMED, stores.ask("alpha", StoreConsortium.CLIENT, body).code(), malformed);
    }
    for (String malformed : List.of("82004101", "820640", "8200", "830040", "82004000")) {
      assertThrows(
          DecodeException.class, () -> ObjectResult.decode(Bytes.fromHex(malformed)), malformed);
    }
  }

  @Test
  void parametersAreStrict() throws DecodeException {
    Bytes parameters = stores.network.genesis().programParameters();
    assertEquals(parameters, ObjectStoreParameters.decode(parameters).encode());
    Bytes key = StoreConsortium.CLIENT.publicKey().toBytes();
    for (Bytes malformed :
        List.of(
            Bytes.EMPTY,
            new CborWriter().array(0).toBytes(),
            new CborWriter().array(1).bytes(Bytes.of(new byte[32])).toBytes(),
            new CborWriter().array(2).bytes(key).bytes(key).toBytes())) {
      assertThrows(DecodeException.class, () -> ObjectStoreParameters.decode(malformed));
      TestNetwork network =
          TestNetwork.of(
              Parameters.of(1, 2),
              stores.program.id(),
              malformed,
              StoreConsortium.NODES.toArray(String[]::new));
      assertThrows(
          IllegalArgumentException.class,
          () ->
              new Machine(network.genesis(), network.node("alpha"), stores.program).initialState());
    }
  }

  @Test
  void aMessageThatIsNoCopyChangesNothing() {
    ByzantineLog alpha = log("alpha");
    ByzantineLog beta = log("beta");
    alpha.body(new SendEntry("beta", 0, 0, Bytes.utf8("no copy"))).endState();
    beta.receive(alpha.envelope(alpha.sends().get(0))).endState();
    assertEquals(
        List.of(),
        Machine.application(beta.stateAfter(beta.size() - 1))
            .scan(Bytes.utf8("o"), Bytes.utf8("p"), 10));
  }

  private ByzantineLog log(String node) {
    return new ByzantineLog(stores.network, stores.machine(node))
        .genesis()
        .tick(TestNetwork.FOUNDED_MILLIS + 1)
        .endState();
  }

  /**
   * SPEC Program#transactionFootprint: a bound of what a proof discloses, so that it stays small.
   */
  @Test
  void theDearestPutHasASmallProof() {
    ByzantineLog log = log("alpha");
    for (int i = 0; i < 200; i++) {
      put(log, "object " + i, "x", "beta");
      log.endState();
    }
    String name = "n".repeat(ObjectOperation.MAX_NAME_BYTES);
    String content = "c".repeat(ObjectOperation.MAX_CONTENT_BYTES);
    put(log, name, content, "beta", "delta", "gamma");
    log.endState();
    long first = log.size() - 1;
    long footprint = put(log, name, content, "beta", "delta", "gamma");
    log.endState(Hash.sha256());
    Bytes file =
        new EvidenceBuilder(stores.network.genesis().networkId())
            .invalidTransition(
                log.checkpoint(), first, log.size() - 1, log, log.witness(first, log.size() - 1));
    assertEquals("state_root_differs", stores.proven(file).code());
    long system = 2L * 1024 + ObjectOperation.MAX_CONTENT_BYTES;
    assertTrue(
        file.size() <= footprint + system, () -> file.size() + " bytes, footprint " + footprint);
    assertTrue(footprint <= SystemRules.MAX_FOOTPRINT_BYTES);
  }

  /** Logs a put; what it costs. */
  private long put(ByzantineLog log, String name, String content, String... copies) {
    var statement =
        stores.sign(
            "alpha", StoreConsortium.CLIENT, StoreConsortium.putOf(name, content, copies).encode());
    log.transaction(statement);
    return stores.program.transactionFootprint(
        new Transaction(
            "alpha",
            Bytes.EMPTY,
            Bytes.EMPTY,
            StoreConsortium.putOf(name, content, copies).encode()));
  }

  @Test
  void theSameInputsGiveTheSameLogsUnderTheSameId() throws Exception {
    ByzantineLog alpha = log("alpha");
    ByzantineLog beta = log("beta");
    List<Bytes> bodies =
        List.of(
            StoreConsortium.putOf("a", "1", "beta").encode(),
            new ObjectOperation.Get("alpha", "a").encode(),
            new ObjectOperation.Get("alpha", "b").encode(),
            StoreConsortium.putOf("a", "2", "nobody").encode(),
            Bytes.utf8("malformed"));
    for (Bytes body : bodies) {
      alpha.transaction(stores.sign("alpha", StoreConsortium.CLIENT, body));
      alpha.endState();
    }
    alpha
        .transaction(
            stores.sign(
                "alpha", StoreConsortium.OTHER_CLIENT, StoreConsortium.putOf("a", "3").encode()))
        .endState();
    beta.receive(alpha.envelope(alpha.sends().get(0))).endState();
    new Transcript()
        .line("name " + ObjectOperation.MAX_NAME_BYTES)
        .line("content " + ObjectOperation.MAX_CONTENT_BYTES)
        .line("copies " + ObjectOperation.MAX_COPIES)
        .line("footprint " + put(log("alpha"), "a", "1", "beta"))
        .line("message footprint " + stores.program.messageFootprint(Bytes.EMPTY))
        .log("alpha", alpha)
        .log("beta", beta)
        .assertUnchanged(stores.program);
  }
}
