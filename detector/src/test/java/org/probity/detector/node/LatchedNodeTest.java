package org.probity.detector.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Signer;
import org.probity.detector.governance.Parameters;

/** SPEC protocol.md §4.6: what was executed by half is never signed over. */
class LatchedNodeTest {
  private static final Signer CLIENT = TestNetwork.signer("client");

  private final FailingProgram program = new FailingProgram();
  private final TestConsortium consortium =
      new TestConsortium(
          TestNetwork.of(Parameters.of(1, 2), program.id(), Bytes.EMPTY, "a", "b", "c"), program);

  @Test
  void afterAnExceptionNothingIsSignedAndEverythingIsRefused() {
    TestConsortium.Member a = consortium.member("a");
    consortium.submit("a", consortium.sign(CLIENT, "a", 1, "c", "before=1"));
    assertTrue(a.node().hasUnsealed());
    assertThrows(
        FailingProgram.Planted.class,
        () -> consortium.submit("a", consortium.sign(CLIENT, "a", 2, "c", FailingProgram.POISON)));
    long size = a.log().size();
    assertFalse(a.node().hasUnsealed());
    assertEquals(Optional.empty(), a.step(new Input.Seal()));
    long ticket = consortium.submit("a", consortium.sign(CLIENT, "a", 3, "c", "after=1"));
    Release.Refused refused = assertInstanceOf(Release.Refused.class, a.answers().get(ticket));
    assertEquals("node_latched", refused.violation().code());
    // Others get an answer as well, and go on.
    long fine = consortium.submit("b", consortium.sign(CLIENT, "b", 4, "c", "a/x=1"));
    consortium.run();
    assertInstanceOf(Release.Recorded.class, consortium.member("b").answers().get(fine));
    assertEquals(size, a.log().size());
  }

  @Test
  void whatALatchedNodeHasSignedBeforeIsTheWholeTruth() throws Exception {
    TestConsortium.Member a = consortium.member("a");
    consortium.submit("a", consortium.sign(CLIENT, "a", 1, "c", "before=1"));
    consortium.run();
    assertThrows(
        FailingProgram.Planted.class,
        () -> consortium.submit("a", consortium.sign(CLIENT, "a", 2, "c", FailingProgram.POISON)));
    Restore.Restored restored =
        Restore.replay(
            a.machine(), a.log(), a.log().newest().orElseThrow(), 0, a.machine().initialState());
    a.restart(restored);
    long ticket = consortium.submit("a", consortium.sign(CLIENT, "a", 3, "c", "after=1"));
    consortium.run();
    assertInstanceOf(Release.Recorded.class, a.answers().get(ticket));
  }

  @Test
  void aRefusalThatRestsOnAnEntryWaitsUntilThatIsDurable() {
    TestConsortium.Member a = consortium.member("a");
    consortium.submit("a", consortium.sign(CLIENT, "a", 1, "c", "x=1"));
    long conflicting = consortium.submit("a", consortium.sign(CLIENT, "a", 1, "c", "x=2"));
    assertEquals(null, a.answers().get(conflicting), "a crash may still take the first one back");
    Commit commit = a.step(new Input.Seal()).orElseThrow();
    long again = consortium.submit("a", consortium.sign(CLIENT, "a", 1, "c", "x=3"));
    assertEquals(null, a.answers().get(again), "sealed is not durable");
    try {
      a.step(new Input.CommitDurable(commit, a.log().commit(commit)));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    for (long ticket : List.of(conflicting, again)) {
      Release.Refused refused = assertInstanceOf(Release.Refused.class, a.answers().get(ticket));
      assertEquals("id_exists_with_different_content", refused.violation().code());
    }
    long late = consortium.submit("a", consortium.sign(CLIENT, "a", 1, "c", "x=4"));
    assertInstanceOf(Release.Refused.class, a.answers().get(late));
  }
}
