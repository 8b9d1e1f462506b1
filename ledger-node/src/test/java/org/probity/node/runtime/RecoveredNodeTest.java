package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.probity.node.runtime.SeatedBanks.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.probity.detector.codec.Bytes;
import org.probity.detector.commitment.ChannelId;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.SystemState;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.Signer;
import org.probity.detector.governance.Action;
import org.probity.detector.log.CheckpointSigner;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.Origin;
import org.probity.detector.log.SigningMark;
import org.probity.detector.log.TreeHead;
import org.probity.detector.node.Published;
import org.probity.detector.node.TestNetwork;
import org.probity.node.http.NodeHealth;
import org.probity.node.http.PeerStatus;
import org.probity.node.http.ProblemException;
import org.probity.node.http.PublishedLog;
import org.probity.node.http.wire.HeldLog;
import org.probity.node.store.NodeStore;
import org.probity.node.store.StoredLog;

/**
 * SPEC protocol.md §11.1, §11.2 on running nodes: nothing is signed before others have said how
 * much of the log they know, and what they know and the store does not is recovered.
 *
 * <p>{@code f = 1}, {@code w = q = r = 2}: both witnesses have to answer.
 */
@Timeout(180)
class RecoveredNodeTest {
  private static final List<String> NAMES = List.of("h", "i", "j", "k", "l");
  private static final String NODE = "h";

  @TempDir Path directory;

  /** All run, and nobody answers for who does not. */
  private SeatedBanks founded() throws Exception {
    SeatedBanks seated = new SeatedBanks(directory.resolve("banks"), NODE, NAMES);
    seated.banks.wire.await(NAMES);
    for (String name : NAMES) {
      seated.banks.reach(name);
    }
    for (String name : NAMES) {
      seated.banks.node(name).awaitOpen();
    }
    seated.openAll();
    return seated;
  }

  private static NodeFacade facade(SeatedBanks seated) {
    return seated.banks.node(NODE).facade();
  }

  /**
   * What is acknowledged is in every witness' copy, and nothing more is on its way: what somebody
   * was shown and nobody has could not be recovered.
   */
  private static TreeHead pay(SeatedBanks seated, int round) throws Exception {
    seated.pay(round);
    await(() -> isQuiet(seated), "nothing more is to be logged, and the witnesses have all");
    return facade(seated).ownLog().head();
  }

  private static boolean isQuiet(SeatedBanks seated) {
    Published now = facade(seated).published();
    SystemState state = Machine.system(now.state());
    return NAMES.stream()
            .map(name -> state.outgoing(ChannelId.to(seated.banks.network.node(name))))
            .allMatch(channel -> channel.acked() == channel.next())
        && seated.seats().stream().allMatch(witness -> seated.held(witness) == now.size());
  }

  private Path backup(String what) {
    return directory.resolve("backup-" + what);
  }

  /** The node is stopped, copied, and goes on. */
  private void backUp(SeatedBanks seated) throws Exception {
    seated.banks.stop(NODE);
    FolderCopy.copy(seated.banks.data(NODE), backup("data"));
    FolderCopy.copy(seated.banks.marks(NODE), backup("marks"));
    seated.banks.start(NODE);
  }

  private static byte[] mark(SeatedBanks seated) throws IOException {
    return Files.readAllBytes(seated.banks.marks(NODE).resolve("mark"));
  }

  private static Origin origin(SeatedBanks seated) {
    return seated.banks.network.genesis().origin(seated.banks.network.node(NODE));
  }

  /** How long the log is on the disk of the node, which does not run. */
  private static long storedSize(SeatedBanks seated) {
    try (NodeStore store = seated.banks.open(NODE)) {
      StoredLog log = store.own().log(origin(seated).format());
      return log.size();
    }
  }

  private static HeldLog signed(SeatedBanks seated, Signer key, long size) {
    CheckpointSigner signer =
        CheckpointSigner.guarding(key, origin(seated), SigningMark.NOTHING_SIGNED);
    TreeHead other = new TreeHead(size, Hash.sha256(new byte[] {7}));
    return new HeldLog(
        true, 0, Optional.of(((CheckpointSigner.Signed) signer.sign(other)).checkpoint().bytes()));
  }

  private static String closedGate(RunningNode node) {
    return node.facade().health().checks().stream()
        .filter(check -> check.name().equals("gate") && !check.ok())
        .map(NodeHealth.Check::reason)
        .findFirst()
        .orElse("");
  }

  private static void awaitReason(RunningNode node, String part) throws InterruptedException {
    await(() -> closedGate(node).contains(part), () -> closedGate(node));
  }

  private static void assertNotReady(Executable call) {
    ProblemException refused = assertThrows(ProblemException.class, call::run);
    assertEquals("not_ready", refused.problem().code());
  }

  private interface Executable {
    void run() throws Exception;
  }

  /** Waits for the answer of the node, and throws what it fails with. */
  private static <T> T get(io.vertx.core.Future<T> answer) throws Exception {
    try {
      return answer.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw (Exception) e.getCause();
    }
  }

  /** It goes on after {@code before}, is replayed clean, and nobody holds anything against it. */
  private static void assertGoesOn(SeatedBanks seated, TreeHead before, int round)
      throws Exception {
    PublishedLog log = facade(seated).ownLog();
    assertTrue(log.size() >= before.size(), () -> log.size() + " of " + before.size());
    assertEquals(before.root(), MerkleProofs.rootAt(log.entries(), before.size()));
    assertEquals(0, facade(seated).info().incarnation());
    long size = pay(seated, round).size();
    for (String witness : seated.seats()) {
      Progress.await(seated.banks.node(witness), NODE, ward -> ward.auditedSize() >= size);
    }
    for (String name : NAMES) {
      NodeFacade node = seated.banks.node(name).facade();
      await(
          () -> node.peers().stream().map(PeerStatus::verdict).allMatch("trusted"::equals),
          () -> name + ": " + node.peers());
      assertEquals(List.of(), node.evidenceFiles());
    }
  }

  /** What an operator puts back. */
  private enum PutBack {
    /** The store is old, and the mark says so. */
    STORE,
    /** Nothing on this machine says that there was more. */
    STORE_AND_MARKS,
    /** The store is gone, and the mark says how much there was. */
    NOTHING
  }

  @ParameterizedTest
  @EnumSource(PutBack.class)
  void whoWasPutBackGoesOnWhereItEnded(PutBack putBack) throws Exception {
    try (SeatedBanks seated = founded()) {
      pay(seated, 1);
      backUp(seated);
      TreeHead older = facade(seated).ownLog().head();
      pay(seated, 2);
      TreeHead newest = pay(seated, 3);
      assertTrue(newest.size() > older.size());
      seated.banks.stop(NODE);
      FolderCopy.replace(seated.banks.data(NODE), backup("data"));
      if (putBack == PutBack.STORE_AND_MARKS) {
        FolderCopy.replace(seated.banks.marks(NODE), backup("marks"));
      } else if (putBack == PutBack.NOTHING) {
        FolderCopy.delete(seated.banks.data(NODE));
        Files.createDirectory(seated.banks.data(NODE));
      }

      seated.banks.start(NODE);

      assertGoesOn(seated, newest, 4);
      // And is whole from now on.
      seated.banks.stop(NODE);
      assertTrue(storedSize(seated) > newest.size());
      seated.banks.start(NODE);
      assertGoesOn(seated, newest, 5);
    }
  }

  @Test
  void whoIsFoundedWaitsForTheOthersAndTheyForIt() throws Exception {
    try (SeatedBanks seated = new SeatedBanks(directory, NODE, NAMES)) {
      seated.banks.wire.await(NAMES);
      RunningNode first = seated.banks.reach(NODE);
      List<String> seats = seated.seats();
      awaitReason(first, "2 more of its witnesses");
      for (String witness : seats) {
        assertTrue(closedGate(first).contains(witness), closedGate(first));
      }
      assertEquals(NodeHealth.Phase.STARTING, first.facade().health().phase());
      assertEquals(Optional.empty(), first.facade().newest());

      for (String name : NAMES) {
        if (!name.equals(NODE)) {
          seated.banks.reach(name);
        }
      }
      for (String name : NAMES) {
        seated.banks.node(name).awaitOpen();
      }
      assertTrue(first.facade().health().ready());
      assertEquals("", first.facade().health().reason());
    }
  }

  /** {@code w = r = 1}: each waits for the other. */
  @Test
  void twoThatStartAgainTogetherGoOn() throws Exception {
    try (TestBanks banks = new TestBanks(directory, 0, 1, "a", "b")) {
      banks.wire.await(List.of("a", "b"));
      for (int time = 0; time < 2; time++) {
        banks.reach("a");
        banks.reach("b");
        banks.node("a").awaitOpen();
        banks.node("b").awaitOpen();
        banks.stop("a");
        banks.stop("b");
      }
    }
  }

  @Test
  void whileAWitnessIsAwayItServesWhatItHasAndSignsNothing() throws Exception {
    try (SeatedBanks seated = founded()) {
      TreeHead newest = pay(seated, 1);
      String away = seated.seats().get(0);
      await(() -> showsCosignatures(seated), "it has cosigned what it witnesses");
      seated.banks.stop(NODE);
      seated.banks.stop(away);
      byte[] mark = mark(seated);
      RunningNode node = seated.banks.reach(NODE);
      awaitReason(node, "1 more of its witnesses");
      assertTrue(closedGate(node).endsWith(away), closedGate(node));

      NodeFacade facade = node.facade();
      assertFalse(facade.health().ready());
      assertEquals(closedGate(node), facade.health().reason());
      assertEquals(newest, facade.ownLog().head());
      assertNotReady(() -> get(facade.submit(List.of(Bytes.utf8("anything")))));
      assertNotReady(() -> get(facade.witness().add("i", Bytes.utf8("anything"))));
      assertNotReady(() -> facade.logFor("i", 0));
      assertFalse(showsCosignatures(seated), "made anew, because none is kept");
      Bytes foreign = seated.banks.sign(away, seated.plan.payments(away, 2).subList(0, 1)).get(0);
      assertNotReady(() -> get(facade.handOver(foreign)));
      assertArrayEquals(mark, mark(seated));

      seated.banks.reach(away);
      node.awaitOpen();
      seated.banks.node(away).awaitOpen();
      await(() -> showsCosignatures(seated), "it shows them again");
      assertGoesOn(seated, newest, 2);
    }
  }

  private static boolean showsCosignatures(SeatedBanks seated) {
    return NAMES.stream()
        .map(name -> seated.banks.network.genesis().origin(seated.banks.network.node(name)))
        .map(OwnLogRecovery::originHash)
        .anyMatch(log -> facade(seated).witness().cosigned(log).isPresent());
  }

  /** Who refuses at first may come up while others are waited for, and be the one who has more. */
  @Test
  void whoeverHasNotAnsweredIsAskedAsLongAsTheGateIsClosed() throws Exception {
    try (SeatedBanks seated = founded()) {
      TreeHead newest = pay(seated, 1);
      String away = seated.seats().get(0);
      String bystander = bystander(seated);
      seated.banks.stop(NODE);
      seated.banks.wire.withhold(bystander, InProcessTransport.Message.HELD);
      RunningNode node = seated.banks.reach(NODE);
      // Refused, and the window is not over: this alone keeps it closed.
      awaitReason(node, "before it has asked " + bystander);
      seated.banks.wire.relent(bystander);
      node.awaitOpen();

      seated.banks.stop(NODE);
      seated.banks.stop(away);
      seated.banks.wire.withhold(bystander, InProcessTransport.Message.HELD);
      RunningNode again = seated.banks.reach(NODE);
      awaitReason(again, "not yet: " + away);
      int told = seated.banks.wire.told(bystander);
      seated.banks.wire.relent(bystander);
      await(() -> seated.banks.wire.told(bystander) > told, "it is asked again");
      seated.banks.reach(away);
      again.awaitOpen();
      seated.banks.node(away).awaitOpen();
      assertGoesOn(seated, newest, 2);
    }
  }

  private static String bystander(SeatedBanks seated) {
    return NAMES.stream()
        .filter(name -> !name.equals(NODE) && !seated.seats().contains(name))
        .findFirst()
        .orElseThrow();
  }

  /** It knows no more than what it has copied since; the other witness gives it a copy. */
  @Test
  void aWitnessThatHasLostItsCopiesDoesNotCount() throws Exception {
    try (SeatedBanks seated = founded()) {
      TreeHead newest = pay(seated, 1);
      String forgetful = seated.seats().get(0);
      String other = seated.seats().get(1);
      seated.banks.stop(NODE);
      seated.banks.stop(forgetful);
      FolderCopy.delete(seated.banks.data(forgetful).resolve("replicas"));
      seated.banks.wire.withhold(other, InProcessTransport.Message.ENTRIES);
      RunningNode node = seated.banks.reach(NODE);
      seated.banks.start(forgetful);
      int told = seated.banks.wire.told(forgetful);
      // The answer before the last one has been judged.
      await(() -> seated.banks.wire.told(forgetful) > told + 1, "it is asked again and again");
      awaitReason(node, "1 more of its witnesses");
      assertTrue(closedGate(node).endsWith(forgetful), closedGate(node));
      assertEquals(0, seated.held(forgetful));

      seated.banks.wire.relent(other);
      node.awaitOpen();
      assertGoesOn(seated, newest, 2);
    }
  }

  @Test
  void anotherHistoryUnderItsOwnKeyIsTheEnd() throws Exception {
    try (SeatedBanks seated = founded()) {
      long size = pay(seated, 1).size();
      seated.banks.stop(NODE);
      byte[] mark = mark(seated);
      long stored = storedSize(seated);
      seated.banks.wire.lie("l", signed(seated, seated.banks.network.logKey(NODE), size - 1));
      StartException refusal = assertThrows(StartException.class, () -> seated.banks.start(NODE));
      assertEquals("own_log_contradicted", refusal.code());
      assertTrue(refusal.getMessage().contains("probity node renew"), refusal::getMessage);

      // Whoever has shown it is away.
      seated.banks.wire.confess("l");
      refusal = assertThrows(StartException.class, () -> seated.banks.start(NODE));
      assertEquals("latched", refusal.code());
      assertTrue(refusal.getMessage().contains("another history"), refusal::getMessage);
      assertArrayEquals(mark, mark(seated));
      assertEquals(stored, storedSize(seated));
    }
  }

  /** Its own signature is over what nobody has: no lie of others makes it sign over that. */
  @Test
  void whatWasSignedAndNobodyHasIsWaitedFor() throws Exception {
    try (SeatedBanks seated = founded()) {
      long size = pay(seated, 1).size();
      seated.banks.stop(NODE);
      byte[] mark = mark(seated);
      seated.banks.wire.lie("l", signed(seated, seated.banks.network.logKey(NODE), size + 50));
      RunningNode node = seated.banks.reach(NODE);
      awaitReason(node, "as l can show, and none of those who answer has them");
      assertTrue(closedGate(node).contains("probity node renew"), closedGate(node));
      assertFalse(node.facade().health().ready());
      seated.banks.stop(NODE);
      assertArrayEquals(mark, mark(seated));
      assertThrows(StartException.class, node::awaitOpen);
    }
  }

  /** A witness keeps it waiting by lies no more than by silence; nobody else even that. */
  @Test
  void liesNeitherCountNorFrighten() throws Exception {
    try (SeatedBanks seated = founded()) {
      TreeHead newest = pay(seated, 1);
      Signer stranger = TestNetwork.signer("a stranger");
      List<HeldLog> lies = new ArrayList<>();
      lies.add(signed(seated, stranger, newest.size() + 1_000));
      lies.add(signed(seated, stranger, newest.size() - 1));
      lies.add(new HeldLog(true, 0, Optional.of(Bytes.utf8("garbage"))));
      String liar = seated.seats().get(0);
      String bystander = bystander(seated);
      for (HeldLog lie : lies) {
        seated.banks.stop(NODE);
        seated.banks.wire.lie(bystander, lie);
        seated.banks.start(NODE);
        seated.banks.stop(NODE);

        byte[] mark = mark(seated);
        seated.banks.wire.lie(liar, lie);
        RunningNode node = seated.banks.reach(NODE);
        awaitReason(node, "1 more of its witnesses");
        assertTrue(closedGate(node).endsWith(liar), closedGate(node));
        assertArrayEquals(mark, mark(seated));
        seated.banks.wire.confess(liar);
        seated.banks.wire.confess(bystander);
        node.awaitOpen();
      }
      assertGoesOn(seated, newest, 2);
    }
  }

  /** A crash behind the commit of what is recovered must not leave a store that seems whole. */
  @Test
  void whoIsBehindDoesNotSpeakForOthersLogsBeforeItIsRecovered() throws Exception {
    try (SeatedBanks seated = founded()) {
      backUp(seated);
      TreeHead newest = pay(seated, 1);
      seated.banks.stop(NODE);
      FolderCopy.replace(seated.banks.data(NODE), backup("data"));
      FolderCopy.replace(seated.banks.marks(NODE), backup("marks"));
      NAMES.forEach(name -> seated.banks.wire.withhold(name, InProcessTransport.Message.ENTRIES));
      RunningNode node = seated.banks.reach(NODE);
      awaitReason(node, "none of those who answer has them");
      seated.banks.stop(NODE);
      try (NodeStore store = seated.banks.open(NODE)) {
        assertEquals(Optional.empty(), store.replicas().get(Bytes.utf8("known-since")));
      }
      NAMES.forEach(seated.banks.wire::relent);
      seated.banks.start(NODE);
      assertGoesOn(seated, newest, 2);
    }
  }

  /** It cannot log the readmission before its gate is open, and is told of it all the same. */
  @Test
  void aWitnessThatWasReadmittedWhileItWasDownIsAskedAgain() throws Exception {
    try (SeatedBanks seated = founded()) {
      String witness = seated.seats().get(0);
      pay(seated, 1);
      seated.decide(new Action.SuspendNode(witness));
      seated.awaitDecisions(NAMES.toArray(String[]::new));
      TreeHead newest = facade(seated).ownLog().head();
      seated.banks.stop(NODE);
      String other = bystander(seated);
      seated.decide(new Action.ReadmitNode(witness, false), other);
      assertTrue(seated.seats().contains(witness));
      seated.awaitDecisions(NAMES.stream().filter(it -> !it.equals(NODE)).toArray(String[]::new));

      RunningNode node = seated.banks.reach(NODE);
      await(() -> node.facade().health().ready(), () -> closedGate(node));
      assertGoesOn(seated, newest, 2);
    }
  }

  /**
   * Its seats have moved while it knew nothing of that, and the former witnesses rest where they
   * have handed its log over. What it has forgotten was cosigned by the next ones, and not by them.
   */
  @Test
  void theSeatsThatItHasForgottenAreWaitedForAndNotTheFormerOnesAlone() throws Exception {
    try (SeatedBanks seated = founded()) {
      List<String> former = seated.seats();
      pay(seated, 1);
      backUp(seated);
      for (String name : NAMES) {
        seated.banks.wire.withhold(name, InProcessTransport.Message.CHALLENGE);
      }
      seated.banks.wire.withhold(NODE, InProcessTransport.Message.GOVERNANCE);
      while (seated.seats().stream().anyMatch(former::contains)) {
        seated.decide(new Action.ReassignWitnesses(), former.get(0));
      }
      List<String> next = seated.seats().stream().sorted().toList();
      seated.awaitDecisions(NAMES.stream().filter(it -> !it.equals(NODE)).toArray(String[]::new));
      await(() -> former.stream().noneMatch(seated::follows), "they have handed it over");
      long lagging = seated.grow();
      NAMES.forEach(seated.banks.wire::relent);
      seated.awaitDecisions(NODE);
      long size = seated.size();
      await(
          () -> facade(seated).witnessedLog().filter(log -> log.size() >= size).isPresent(),
          "it is witnessed by the next ones");
      TreeHead newest = facade(seated).ownLog().head();
      former.forEach(one -> assertTrue(seated.held(one) < lagging, one));

      seated.banks.stop(NODE);
      FolderCopy.replace(seated.banks.data(NODE), backup("data"));
      FolderCopy.replace(seated.banks.marks(NODE), backup("marks"));
      for (String one : next) {
        seated.banks.wire.withhold(
            one, InProcessTransport.Message.HELD, InProcessTransport.Message.ENTRIES);
      }
      RunningNode node = seated.banks.reach(NODE);
      awaitReason(
          node,
          "2 more of its witnesses have said how much of its log they know; not yet: "
              + String.join(", ", next));
      next.forEach(seated.banks.wire::relent);
      node.awaitOpen();
      assertGoesOn(seated, newest, 2);
    }
  }

  @Test
  void entriesThatDoNotLeadToTheSignedRootAreDropped() throws Exception {
    try (SeatedBanks seated = founded()) {
      pay(seated, 1);
      backUp(seated);
      TreeHead newest = pay(seated, 2);
      seated.banks.stop(NODE);
      FolderCopy.replace(seated.banks.data(NODE), backup("data"));
      FolderCopy.replace(seated.banks.marks(NODE), backup("marks"));
      seated.seats().forEach(seated.banks.wire::garble);
      RunningNode node = seated.banks.reach(NODE);
      awaitReason(node, "none of those who answer has them");
      seated.banks.wire.straighten(seated.seats().get(1));
      node.awaitOpen();
      assertGoesOn(seated, newest, 3);
    }
  }

  /** Who shows a part of what is missing does not make the node forget that there is more. */
  @Test
  void whatIsRecoveredInPartLowersNoMark() throws Exception {
    try (SeatedBanks seated = founded()) {
      backUp(seated);
      TreeHead middle = pay(seated, 1);
      Bytes shown = facade(seated).ownLog().checkpoint();
      long size = facade(seated).ownLog().size();
      TreeHead newest = pay(seated, 2);
      seated.banks.stop(NODE);
      FolderCopy.replace(seated.banks.data(NODE), backup("data"));
      byte[] mark = mark(seated);
      NAMES.forEach(name -> seated.banks.wire.lie(name, new HeldLog(true, 0, Optional.of(shown))));
      StartException refusal = assertThrows(StartException.class, () -> seated.banks.start(NODE));
      assertEquals("mark_ahead", refusal.code());
      assertTrue(size >= middle.size() && size < newest.size());
      assertEquals(size, storedSize(seated));
      try (NodeStore store = seated.banks.open(NODE)) {
        assertTrue(((NodeStore.Known) store.mark()).mark().size() >= newest.size());
      }
      assertTrue(mark.length > 0);

      NAMES.forEach(seated.banks.wire::confess);
      seated.banks.start(NODE);
      assertGoesOn(seated, newest, 3);
    }
  }
}
