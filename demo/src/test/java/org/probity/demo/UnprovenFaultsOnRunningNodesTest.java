package org.probity.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.probity.demo.fault.Door;
import org.probity.demo.fault.Secretive;
import org.probity.detector.challenge.Challenge;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.Envelope;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.Statement;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.log.CheckpointSigner;
import org.probity.detector.log.Entry;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.Multiproof;
import org.probity.detector.log.Origin;
import org.probity.detector.log.ReceiveEntry;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.SigningMark;
import org.probity.ledger.client.ClientIds;
import org.probity.ledger.client.Submitter;
import org.probity.ledger.client.TransactionDraft;
import org.probity.ledger.transaction.Amount;
import org.probity.ledger.transaction.Operation;
import org.probity.ledger.transaction.References;
import org.probity.node.cli.CliException;
import org.probity.node.cli.NodeApi;
import org.probity.node.http.PublishedLog;
import org.probity.node.http.api.Polling;
import org.probity.node.http.peer.PeerTransport;

/**
 * What a node or a client can do wrong without leaving a proof, on real nodes: it is refused before
 * it is logged, or changes nothing, and nobody is exposed or stays suspected for it.
 */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class UnprovenFaultsOnRunningNodesTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final long VALID_MILLIS = 60 * 60 * 1000L;
  private static final long AMOUNT_MINOR = 2;
  private static final int NODES = 5;
  private static final int CHALLENGES = 200;
  private static final Hash ELSEWHERE = Hash.sha256(new byte[] {1});

  private final SortedMap<String, Door> doors = new TreeMap<>();
  private RunningBanks banks;
  private Customers customers;
  private Detection detection;

  /** Signs what it should not; a witness of the victim. */
  private String meddler;

  private String victim;

  /** Keeps back what it knows; another witness of the victim. */
  private String secretive;

  @BeforeAll
  void start(@TempDir Path folder) throws Exception {
    banks = new RunningBanks(folder, NODES, this::cheating);
    customers = new Customers(banks.consortium, banks.orders);
    detection = new Detection(banks.allBut(Set.of()));
  }

  private Map<String, RunningBanks.Cheating> cheating(Consortium consortium) {
    victim = consortium.nodes().get(0);
    meddler = consortium.witnessesOf(victim).get(0);
    secretive = consortium.witnessesOf(victim).get(1);
    Map<String, RunningBanks.Cheating> cheating = new TreeMap<>();
    for (String node : consortium.nodes()) {
      Door door = new Door();
      doors.put(node, door);
      cheating.put(node, door::parts);
    }
    doors.remove(secretive);
    cheating.put(secretive, Secretive::parts);
    return cheating;
  }

  /** When all audits are through. */
  @AfterAll
  void nobodyIsAccusedInTheEnd() throws Exception {
    try (RunningBanks ended = banks) {
      SortedMap<String, NodeApi> all = ended.allBut(Set.of());
      SortedMap<String, List<String>> witnesses = new TreeMap<>();
      all.keySet().forEach(node -> witnesses.put(node, ended.consortium.witnessesOf(node)));
      assertEquals(new TreeMap<>(), new Audits(all, witnesses).await(PATIENCE, Replicas::ownSize));
      detection.poll();
      assertEquals(new TreeSet<>(), detection.falselyAccused(Set.of()));
      all.values().forEach(api -> assertTrue(api.getJson("/v1/evidence").isEmpty()));
    }
  }

  private Door door(String node) {
    return doors.get(node);
  }

  private Bank bank(String node) {
    return banks.consortium.bank(node);
  }

  private long size(String node) {
    return door(node).node().ownLog().size();
  }

  private void pay(String payer, String payee) {
    customers.submit(
        bank(payer),
        Customers.remit(
            customers.richestAt(payer).account(),
            payee,
            customers.payeeAt(payee),
            AMOUNT_MINOR,
            "A PAYMENT"));
  }

  /** Until nobody has anything more to say: no log has grown for two looks. */
  private void awaitQuiet() throws InterruptedException {
    List<List<Long>> looks = new ArrayList<>();
    assertTrue(
        Polling.LOCAL.await(
            PATIENCE,
            () -> {
              looks.add(doors.keySet().stream().map(this::size).toList());
              int last = looks.size() - 1;
              return last >= 3 && new HashSet<>(looks.subList(last - 3, last + 1)).size() == 1;
            }));
  }

  private void assertNothingIsOpenAndAllAreTrusted(Set<String> asked) throws InterruptedException {
    assertTrue(
        Polling.LOCAL.await(
            PATIENCE,
            () ->
                asked.stream()
                    .allMatch(node -> bank(node).api().getJson("/v1/challenges").isEmpty())),
        "a challenge stays open");
    for (String node : banks.consortium.nodes()) {
      assertTrue(Polling.LOCAL.await(PATIENCE, () -> detection.isTrustedNow(node)), node);
    }
  }

  @Test
  void aMessageASecondTimeIsAcknowledgedAgainAndNotLogged() throws Exception {
    pay(meddler, victim);
    awaitQuiet();
    long before = size(victim);
    Bytes envelope = door(meddler).lastEnvelope(victim);
    PeerTransport way = door(meddler).transport();

    // To the byte: the victim has seen more of the log by now, and wants a proof from there.
    String held = Door.answer(way.envelope(victim, envelope));
    assertEquals(
        "accepted", Door.answer(way.envelope(victim, rebuilt(envelope, Long.parseLong(held)))));

    awaitQuiet();
    assertEquals(before, size(victim));
  }

  /** The same messages under the newest checkpoint, as who gets no answer sends them again. */
  private Bytes rebuilt(Bytes envelope, long held) throws DecodeException {
    Envelope sent = Envelope.decode(envelope);
    PublishedLog log = door(meddler).node().ownLog();
    List<Long> indices = new ArrayList<>();
    for (Bytes send : sent.receive().sends()) {
      indices.add(Entry.decode(send).index());
    }
    return new Envelope(
            new ReceiveEntry(
                log.checkpoint(),
                sent.receive().sends(),
                Multiproof.build(log.entries(), log.size(), indices)),
            sent.epoch(),
            sent.decision(),
            held,
            MerkleProofs.consistency(log.entries(), held, log.size()),
            sent.held())
        .encode();
  }

  @Test
  void aMessageOfAnotherIncarnationOrConsortiumIsRefusedBeforeItIsLogged() throws Exception {
    pay(meddler, victim);
    awaitQuiet();
    long before = size(victim);
    Origin own = Origin.parse(door(meddler).node().info().origin());

    assertEquals(
        "checkpoint_invalid",
        Door.answer(
            door(meddler)
                .transport()
                .envelope(
                    victim,
                    under(new Origin(own.networkId(), own.node(), own.incarnation() + 1)))));
    assertEquals(
        "checkpoint_invalid",
        Door.answer(
            door(meddler)
                .transport()
                .envelope(victim, under(new Origin(ELSEWHERE, own.node(), own.incarnation())))));
    awaitQuiet();
    assertEquals(before, size(victim));
  }

  /** The last envelope as the same node would have sent it in another place. */
  private Bytes under(Origin origin) throws DecodeException {
    Envelope sent = Envelope.decode(door(meddler).lastEnvelope(victim));
    ReceiveEntry receive = sent.receive();
    SignedCheckpoint genuine = SignedCheckpoint.parse(receive.checkpoint());
    CheckpointSigner signer =
        CheckpointSigner.guarding(
            door(meddler).settings().logKey(), origin, SigningMark.NOTHING_SIGNED);
    SignedCheckpoint other = ((CheckpointSigner.Signed) signer.sign(genuine.head())).checkpoint();
    return new Envelope(
            new ReceiveEntry(other.bytes(), receive.sends(), receive.multiproof()),
            sent.epoch(),
            sent.decision(),
            sent.base(),
            sent.consistency(),
            sent.held())
        .encode();
  }

  @Test
  void aStatementOfAnotherConsortiumIsRefusedBeforeItIsLogged() throws Exception {
    awaitQuiet();
    long before = size(victim);
    Statement elsewhere = payment(ELSEWHERE, clientId(), Amount.ONE);
    CliException refused =
        assertThrows(CliException.class, () -> bank(victim).api().submit(elsewhere.encoded()));
    assertEquals("statement_wrong_network", refused.code());
    assertEquals(
        "statement_wrong_network",
        Door.answer(
            door(meddler).transport().challenge(victim, challenge(0, 1, ELSEWHERE).encoded())));
    awaitQuiet();
    assertEquals(before, size(victim));
  }

  private Statement payment(Hash networkId, Bytes clientId, Amount amount) {
    Customers.Money money = customers.richestAt(victim);
    return new TransactionDraft(networkId, victim, Submitter.account(money.account()))
        .add(
            new Operation.Transfer(
                money.account(), customers.poorAt(victim), amount, References.endToEnd("ONE")))
        .sign(clientId, List.of(bank(victim).operator()));
  }

  private static Bytes clientId() {
    return ClientIds.random().next(System.currentTimeMillis() + VALID_MILLIS);
  }

  /** Asks the victim for entries, which it has. */
  private Statement challenge(long from, int count, Hash networkId) {
    NodeRecord record = banks.consortium.genesis().node(victim).orElseThrow();
    return new Challenge(
            Challenge.Target.of(record),
            meddler,
            new Challenge.Audit(door(victim).node().ownLog().checkpoint(), from, count))
        .sign(networkId, door(meddler).settings().logKey());
  }

  @Test
  void aFloodOfChallengesIsAnsweredOrRefusedAndNobodyStaysSuspected() throws Exception {
    awaitQuiet();
    long size = size(victim);
    Set<String> answers = new TreeSet<>();
    for (int i = 0; i < CHALLENGES; i++) {
      int count = (int) Math.min(size, 1 + i % Challenge.MAX_ENTRIES);
      long from = i % (size - count + 1);
      Bytes flood = challenge(from, count, banks.consortium.genesis().networkId()).encoded();
      for (String to : banks.consortium.nodes()) {
        if (!to.equals(meddler)) {
          answers.add(Door.answer(door(meddler).transport().challenge(to, flood)));
        }
      }
    }
    pay(victim, meddler);

    assertNothingIsOpenAndAllAreTrusted(new TreeSet<>(banks.consortium.nodes()));
    assertTrue(answers.contains("accepted"), answers.toString());
  }

  /** Another node's challenge is answered, and a payment settled, without it. */
  @Test
  void aWitnessThatKeepsEverythingToItselfMakesNobodySuspected() throws Exception {
    bank(secretive).trigger().give("");
    String helper =
        banks.consortium.nodes().stream()
            .filter(node -> !Set.of(victim, meddler, secretive).contains(node))
            .findFirst()
            .orElseThrow();
    Bytes id = clientId();
    Statement payment = payment(banks.consortium.genesis().networkId(), id, Amount.ONE);
    bank(helper).api().handOver(payment.encoded());
    pay(victim, helper);

    assertNothingIsOpenAndAllAreTrusted(doors.keySet());
    Bytes submitter = customers.richestAt(victim).account().value();
    assertTrue(
        Polling.LOCAL.await(
            PATIENCE, () -> door(victim).node().transaction(submitter, id).isPresent()));
    bank(secretive).trigger().end();
  }

  @Test
  void ofAClientsTwoConflictingTransactionsTheFirstStandsAndTheNodeIsInnocent() throws Exception {
    Bytes id = clientId();
    Hash network = banks.consortium.genesis().networkId();
    Statement first = payment(network, id, Amount.ONE);
    Statement second = payment(network, id, Amount.of(AMOUNT_MINOR));

    assertTrue(bank(victim).api().submit(first.encoded()).accepted());
    CliException refused =
        assertThrows(CliException.class, () -> bank(victim).api().submit(second.encoded()));
    assertEquals("id_exists_with_different_content", refused.code());
    bank(meddler).api().handOver(second.encoded());

    assertNothingIsOpenAndAllAreTrusted(new TreeSet<>(banks.consortium.nodes()));
    assertTrue(bank(victim).api().submit(first.encoded()).accepted(), "asked again");
  }
}
