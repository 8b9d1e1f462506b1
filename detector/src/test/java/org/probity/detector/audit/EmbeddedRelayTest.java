package org.probity.detector.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.CheckpointVerifier;
import org.probity.detector.commitment.VerifiedCheckpoint;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.Signer;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Parameters;
import org.probity.detector.governance.Polity;
import org.probity.detector.governance.Seating;
import org.probity.detector.log.CheckpointSigner;
import org.probity.detector.log.Entry;
import org.probity.detector.log.Origin;
import org.probity.detector.log.ReceiveEntry;
import org.probity.detector.log.Rfc6962;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.SigningMark;
import org.probity.detector.log.TreeHead;
import org.probity.detector.node.MemoryLog;
import org.probity.detector.node.ObjectStore;
import org.probity.detector.node.TestConsortium;
import org.probity.detector.node.TestNetwork;

/** SPEC protocol.md §6.1, §6.2: what a log says of others reaches whoever witnesses them then. */
class EmbeddedRelayTest {
  private static final String WARD = "a";
  private static final String AUTHOR = "b";
  private static final int PART_BYTES = 1 << 20;

  private final TestConsortium consortium =
      new TestConsortium(
          TestNetwork.of(
              Parameters.of(1, 2),
              new ObjectStore().id(),
              Bytes.EMPTY,
              "a",
              "b",
              "c",
              "d",
              "e",
              "f"),
          new ObjectStore());
  private final TestNetwork network = consortium.network();
  private final Polity polity = new Polity(network);
  private final Seating founding = Seating.founding(network.genesis());
  private final MemoryLog log = consortium.member(WARD).log();

  /** What each witness was shown of {@link #AUTHOR}, and what it is to answer. */
  private final Map<String, List<Long>> shown = new TreeMap<>();

  private final List<EmbeddedRelay.Part> unanswered = new ArrayList<>();
  private boolean isConfirming;

  @BeforeEach
  void say() {
    for (int i = 0; i < 5; i++) {
      consortium.submit(
          AUTHOR,
          consortium.sign(TestNetwork.signer("client"), AUTHOR, i, "c", WARD + "/x" + i + "=1"));
      consortium.run();
    }
  }

  private EmbeddedRelay relay() {
    return new EmbeddedRelay(network.genesis(), network.node(WARD), consortium.checkpoints());
  }

  private EmbeddedRelay relay(Bytes positions) throws DecodeException {
    return EmbeddedRelay.resume(
        network.genesis(), network.node(WARD), consortium.checkpoints(), positions);
  }

  private EmbeddedRelay.Held held() {
    return EmbeddedRelay.Held.of(log);
  }

  private void pump(EmbeddedRelay relay, Seating seating) {
    relay.seated(seating);
    pump(relay, held());
  }

  private void pump(EmbeddedRelay relay, EmbeddedRelay.Held held) {
    boolean isMore = true;
    while (isMore) {
      List<EmbeddedRelay.Part> parts = new ArrayList<>();
      isMore = relay.advance(held, parts::add);
      for (EmbeddedRelay.Part part : parts) {
        note(part);
        if (isConfirming) {
          relay.answered(part, true);
          isMore = true;
        } else {
          unanswered.add(part);
        }
      }
    }
  }

  private void note(EmbeddedRelay.Part part) {
    assertFalse(part.checkpoints().isEmpty());
    assertTrue(part.checkpoints().size() <= EmbeddedRelay.MAX_PART_CHECKPOINTS);
    for (VerifiedCheckpoint checkpoint : part.checkpoints()) {
      if (checkpoint.author().node().equals(AUTHOR)) {
        shown.computeIfAbsent(part.witness(), none -> new ArrayList<>()).add(checkpoint.size());
      }
    }
  }

  private List<String> seats(Seating seating) {
    return seating.witnessesOf(AUTHOR).stream()
        .map(NodeRecord::node)
        .filter(node -> !node.equals(WARD))
        .toList();
  }

  private Seating without(List<String> stopped) {
    DecisionChain chain = polity.chain();
    for (String node : stopped) {
      chain = polity.decide(chain, new Action.SuspendNode(node));
    }
    return Seating.of(chain.state());
  }

  /**
   * It has confirmed nothing when it loses its seat, and nobody takes that for a confirmation: the
   * next one is shown everything, also if it comes after a restart.
   */
  @Test
  void whoTakesASeatIsShownWhatItsFormerHolderHasNotConfirmed() throws Exception {
    EmbeddedRelay relay = relay();
    pump(relay, founding);
    String former = seats(founding).get(0);
    List<Long> all = List.copyOf(shown.get(former));
    assertTrue(all.size() > 1, "something to lose: " + all);

    isConfirming = true;
    unanswered.forEach(part -> relay.answered(part, false));
    // All nodes that could take it are stopped with it, and the others confirm.
    List<String> left = new ArrayList<>(List.of("b", "c", "d", "e", "f"));
    left.removeAll(seats(founding).subList(1, seats(founding).size()));
    left.remove(AUTHOR);
    pump(relay, without(left));
    Bytes positions = relay.positions();

    shown.clear();
    pump(relay(positions), without(List.of(former)));
    List<String> successors = new ArrayList<>(seats(without(List.of(former))));
    successors.removeAll(seats(founding));
    for (String successor : successors) {
      assertEquals(all, shown.get(successor), successor);
    }
  }

  /** It has lost what it confirmed, and is shown all of it; also by a relay that was restarted. */
  @Test
  void aWitnessThatHasBegunAgainIsShownEverythingOnceMore() throws Exception {
    isConfirming = true;
    EmbeddedRelay relay = relay();
    pump(relay, founding);
    String witness = seats(founding).get(0);
    List<Long> all = List.copyOf(shown.get(witness));
    Bytes positions = relay.positions();
    NodeRecord next = Polity.next(network.node(witness));
    Seating renewed =
        Seating.of(
            polity
                .decide(
                    polity.chain(),
                    new Action.ApproveIncarnation(
                        polity.enrolment(next, Polity.signer(next.member())),
                        Polity.HEAD,
                        Polity.ROOT,
                        TestNetwork.FOUNDED_MILLIS,
                        List.of()))
                .state());
    shown.clear();
    pump(relay, renewed);
    assertEquals(all, shown.get(witness));
    assertEquals(Map.of(witness, all), shown, "the others have confirmed it");
    shown.clear();
    pump(relay(positions), renewed);
    assertEquals(Map.of(witness, all), shown);
    shown.clear();
    pump(relay(relay.positions()), renewed);
    assertEquals(Map.of(), shown);
  }

  /** One that is silent holds up nobody but itself, and is not shown the same part twice. */
  @Test
  void aWitnessIsShownTheNextPartOnceItHasConfirmedTheOneBefore() {
    EmbeddedRelay relay = relay();
    pump(relay, founding);
    Map<String, List<Long>> first = new TreeMap<>(shown);
    List<EmbeddedRelay.Part> parts = List.copyOf(unanswered);
    shown.clear();
    unanswered.clear();
    pump(relay, held());
    assertEquals(Map.of(), shown, "it is asked already");
    assertEquals(log.size(), relay.behind(log.size()));

    EmbeddedRelay.Part silent = parts.get(0);
    parts.stream().filter(part -> part != silent).forEach(part -> relay.answered(part, true));
    pump(relay, held());
    assertEquals(log.size(), relay.behind(log.size()), "the slowest counts");
    assertEquals(Map.of(), shown, "the others have everything");

    relay.answered(silent, false);
    pump(relay, held());
    assertEquals(Map.of(silent.witness(), first.get(silent.witness())), shown, "once more");
    relay.answered(unanswered.get(0), true);
    pump(relay, held());
    assertEquals(0, relay.behind(log.size()));
  }

  /**
   * Whoever withholds its log from its witnesses keeps them from confirming what it has signed, and
   * from nothing else: what another one has signed behind it comes to the same witness.
   */
  @Test
  void anAuthorThatNobodyCanConfirmHidesNobodyElses() {
    NodeRecord other =
        founding.nodes().stream()
            .filter(author -> !List.of(WARD, AUTHOR).contains(author.node()))
            .filter(
                author ->
                    founding.witnessesOf(author.node()).stream()
                        .anyMatch(seat -> seats(founding).contains(seat.node())))
            .findFirst()
            .orElseThrow();
    String witness =
        founding.witnessesOf(other.node()).stream()
            .map(NodeRecord::node)
            .filter(seats(founding)::contains)
            .findFirst()
            .orElseThrow();
    List<Bytes> entries = new ArrayList<>(held().entries(0, log.size(), PART_BYTES));
    Origin log = network.genesis().origin(other);
    List<Bytes> longer = with(entries, network.logKey(other.node()), log, 60);
    EmbeddedRelay relay = relay();
    relay.seated(founding);
    // All that is of AUTHOR stays open.
    pump(relay, held(entries));
    unanswered.clear();
    pump(relay, held(longer));
    assertEquals(
        List.of(witness),
        unanswered.stream()
            .filter(part -> part.checkpoints().get(0).author().equals(other))
            .map(EmbeddedRelay.Part::witness)
            .filter(witness::equals)
            .toList());
  }

  /** What it says counts for the seats it was shown the part for, and for nothing after them. */
  @Test
  void anAnswerFromBeforeASeatMovedIsNobodysElse() {
    EmbeddedRelay relay = relay();
    pump(relay, founding);
    String former = seats(founding).get(0);
    List<Long> all = List.copyOf(shown.get(former));
    List<EmbeddedRelay.Part> late = List.copyOf(unanswered);
    relay.seated(without(List.of(former)));
    relay.positions();
    late.forEach(part -> relay.answered(part, part.witness().equals(former)));
    relay.seated(founding);
    shown.clear();
    pump(relay, held());
    assertEquals(all, shown.get(former));
  }

  /** The log with one more entry that has this checkpoint in it. */
  private static List<Bytes> with(List<Bytes> entries, Signer key, Origin author, long size) {
    SignedCheckpoint checkpoint =
        ((CheckpointSigner.Signed)
                CheckpointSigner.guarding(key, author, SigningMark.NOTHING_SIGNED)
                    .sign(new TreeHead(size, Hash.sha256(new byte[] {3}))))
            .checkpoint();
    List<Bytes> more = new ArrayList<>(entries);
    more.add(
        Entry.of(
                entries.size(),
                Rfc6962.leaf(entries.get(entries.size() - 1)),
                new ReceiveEntry(checkpoint.bytes(), List.of(entries.get(0)), List.of()))
            .bytes());
    return more;
  }

  private static EmbeddedRelay.Held held(List<Bytes> entries) {
    return new EmbeddedRelay.Held() {
      @Override
      public long firstEntry() {
        return 0;
      }

      @Override
      public long size() {
        return entries.size();
      }

      @Override
      public List<Bytes> entries(long from, long to, int maxBytes) {
        return entries.subList((int) from, (int) to);
      }
    };
  }

  /**
   * A ward may have logged what another node has signed in an incarnation whose approval has not
   * come here yet, and a liar may make up as many as it likes before that. It is passed on when the
   * decision is here, also after a restart, and holds up nothing until then.
   */
  @Test
  void whatALaterIncarnationHasSignedIsPassedOnOnceItsApprovalIsKnown() throws Exception {
    NodeRecord next = Polity.next(network.node(AUTHOR));
    Origin begun = new Origin(network.genesis().networkId(), AUTHOR, 1);
    Origin madeUp = new Origin(network.genesis().networkId(), AUTHOR, 9);
    Signer key = TestNetwork.signer("log " + AUTHOR + "/1");
    List<Bytes> entries = new ArrayList<>(held().entries(0, log.size(), PART_BYTES));
    entries = with(entries, key, madeUp, 50);
    entries = with(entries, key, begun, 60);
    entries =
        with(entries, network.logKey(AUTHOR), network.genesis().origin(network.node(AUTHOR)), 70);
    EmbeddedRelay.Held held = held(entries);
    DecisionChain[] known = {polity.chain()};
    CheckpointVerifier growing = new CheckpointVerifier(() -> known[0]);
    isConfirming = true;
    EmbeddedRelay relay = new EmbeddedRelay(network.genesis(), network.node(WARD), growing);
    relay.seated(founding);
    pump(relay, held);
    String witness = seats(founding).get(0);
    List<Long> before = List.copyOf(shown.get(witness));
    assertFalse(before.contains(60L), "nobody can tell yet whose it is");
    assertEquals(70L, before.get(before.size() - 1), "what comes behind it does not wait");
    assertEquals(3, relay.behind(entries.size()), "and it is not done");
    shown.clear();
    pump(relay, held);
    assertEquals(Map.of(), shown, "nothing is known that was not");
    Bytes positions = relay.positions();

    known[0] =
        polity.decide(
            polity.chain(),
            new Action.ApproveIncarnation(
                polity.enrolment(next, Polity.signer(next.member())),
                Polity.HEAD,
                Polity.ROOT,
                TestNetwork.FOUNDED_MILLIS,
                List.of()));
    pump(relay, held);
    for (String seat : seats(founding)) {
      assertEquals(List.of(60L, 70L), shown.get(seat), seat);
    }
    shown.clear();
    pump(relay, held);
    assertEquals(Map.of(), shown, "once");

    EmbeddedRelay restarted =
        EmbeddedRelay.resume(network.genesis(), network.node(WARD), growing, positions);
    restarted.seated(founding);
    pump(restarted, held);
    for (String seat : seats(founding)) {
      assertEquals(List.of(60L, 70L), shown.get(seat), seat);
    }
  }

  /** Of another network, or of a node that there is not: nobody will ever know whose it is. */
  @Test
  void whatNobodyCanHaveSignedIsPassedBy() {
    isConfirming = true;
    List<Bytes> entries = new ArrayList<>(held().entries(0, log.size(), PART_BYTES));
    Signer key = TestNetwork.signer("log " + AUTHOR + "/1");
    entries = with(entries, key, new Origin(Hash.sha256(new byte[] {1}), AUTHOR, 1), 50);
    entries = with(entries, key, new Origin(network.genesis().networkId(), "nobody", 1), 60);
    entries = with(entries, key, network.genesis().origin(network.node(AUTHOR)), 70);
    EmbeddedRelay relay = relay();
    relay.seated(founding);
    pump(relay, held(entries));
    assertEquals(0, relay.behind(entries.size()));
  }

  /** Entries past their retention have been confirmed, or nobody can be shown them any more. */
  @Test
  void itBeginsWhereTheLogStillIs() {
    isConfirming = true;
    EmbeddedRelay relay = relay();
    relay.seated(founding);
    EmbeddedRelay.Held all = held();
    pump(
        relay,
        new EmbeddedRelay.Held() {
          @Override
          public long firstEntry() {
            return all.size() - 1;
          }

          @Override
          public long size() {
            return all.size();
          }

          @Override
          public List<Bytes> entries(long from, long to, int maxBytes) {
            assertTrue(from >= firstEntry(), "pruned: " + from);
            return all.entries(from, to, maxBytes);
          }
        });
    assertEquals(0, relay.behind(log.size()));
  }

  @Test
  void aReadIsAsLongAsAskedForAndNotEmpty() {
    int first = log.entry(0).size();
    int second = log.entry(1).size();
    assertEquals(List.of(log.entry(0)), held().entries(0, 2, 0));
    assertEquals(List.of(log.entry(0)), held().entries(0, 2, first + second - 1));
    assertEquals(
        List.of(log.entry(0), log.entry(1)), held().entries(0, log.size(), first + second));
    assertEquals(List.of(log.entry(1)), held().entries(1, 2, PART_BYTES));
  }

  @Test
  void positionsAreWrittenAsTheyWereRead() throws Exception {
    isConfirming = true;
    EmbeddedRelay relay = relay();
    pump(relay, founding);
    relay.seated(without(seats(founding)));
    Bytes positions = relay.positions();
    EmbeddedRelay again = relay(positions);
    again.seated(without(seats(founding)));
    assertEquals(positions, again.positions());
  }

  @Test
  void positionsOfAnotherVersionAreNotRead() {
    assertThrows(DecodeException.class, () -> relay(new CborWriter().array(1).uint(7).toBytes()));
    assertThrows(DecodeException.class, () -> relay(Bytes.EMPTY));
  }
}
