package org.probity.detector.commitment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.Statement;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.crypto.VerifiedStatement;
import org.probity.detector.governance.Parameters;
import org.probity.detector.node.ObjectStore;
import org.probity.detector.node.TestNetwork;
import org.probity.detector.program.Context;
import org.probity.detector.program.Program;
import org.probity.detector.program.Submission;
import org.probity.detector.program.Transaction;
import org.probity.detector.program.TransactionOutcome.Status;
import org.probity.detector.state.WorkingState;

/**
 * protocol.md §4.4: what a program may do in which call, and what becomes of too long an answer.
 */
class ProgramPowersTest {
  private static final Bytes KEY = Bytes.utf8("key");

  /** Does in each call what the test says. */
  private static final class Probe extends ObjectStore {
    private Consumer<Context> initialising = context -> {};
    private Consumer<Context> ticking = context -> {};
    private Consumer<Context> authorising = context -> {};
    private int outcomeBytes;

    @Override
    public void initialise(Bytes parameters, Context context) {
      super.initialise(parameters, context);
      initialising.accept(context);
    }

    @Override
    public void tick(Context context) {
      ticking.accept(context);
    }

    @Override
    public boolean authorises(Submission submission, Context context) {
      authorising.accept(context);
      return true;
    }

    @Override
    public Bytes execute(Submission submission, Context context) {
      context.state().put(KEY, Bytes.utf8("value"));
      context.send("beta", Bytes.utf8("hello"));
      return Bytes.wrap(new byte[outcomeBytes]);
    }
  }

  private final Probe program = new Probe();
  private final TestNetwork network =
      TestNetwork.of(Parameters.of(1, 2), program.id(), Bytes.EMPTY, "alpha", "beta", "gamma");
  private final Machine machine = new Machine(network.genesis(), network.node("alpha"), program);
  private final WorkingState state = new WorkingState(machine.initialState());

  private Machine.Effects submit(long chosen) throws DecodeException {
    Statement statement =
        Statement.sign(
            network.genesis().networkId(),
            Transaction.TYP,
            Bytes.utf8("any"),
            TestNetwork.signer("client"));
    VerifiedStatement signed =
        new StatementVerifier(SignatureRule.fastest(), network.genesis().networkId())
            .verify(statement.encoded(), Transaction.TYP);
    Bytes id = Transaction.clientId(TestNetwork.FOUNDED_MILLIS + 1_000, chosen);
    return machine.transaction(
        state, signed, new Transaction("alpha", id, Bytes.utf8("c"), Bytes.utf8("any")), 1);
  }

  @Test
  void nothingIsSentWhenTheStateIsMade() {
    program.initialising = context -> context.send("beta", Bytes.EMPTY);
    assertThrows(IllegalStateException.class, machine::initialState);
  }

  @Test
  void nothingIsSentOnATick() {
    program.ticking = context -> context.send("beta", Bytes.EMPTY);
    assertThrows(
        IllegalStateException.class, () -> machine.tick(state, TestNetwork.FOUNDED_MILLIS + 1));
  }

  @Test
  void aTickMayWrite() {
    program.ticking = context -> context.state().put(KEY, Bytes.utf8("ticked"));
    machine.tick(state, TestNetwork.FOUNDED_MILLIS + 1);
    assertEquals(Bytes.utf8("ticked"), Machine.application(state.tree()).get(KEY));
  }

  @Test
  void whoAuthorisesSendsNothingAndOnlyReads() {
    program.authorising = context -> context.send("beta", Bytes.EMPTY);
    assertThrows(IllegalStateException.class, () -> submit(1));
    program.authorising = context -> context.state().put(KEY, Bytes.EMPTY);
    assertThrows(IllegalStateException.class, () -> submit(1));
    program.authorising = context -> context.state().remove(KEY);
    assertThrows(IllegalStateException.class, () -> submit(1));
    program.authorising = context -> context.state().removeRange(KEY, null);
    assertThrows(IllegalStateException.class, () -> submit(1));
  }

  @Test
  void anOutcomeNoEntryHasRoomForUndoesEverything() throws DecodeException {
    var before = state.tree().root();
    program.outcomeBytes = Program.MAX_OUTCOME_BYTES + 1;
    Machine.Effects refused = submit(1);
    assertEquals(Status.OUTCOME_TOO_LONG, refused.status());
    assertEquals(6, refused.status().code());
    assertEquals(0, refused.sends().size());
    assertEquals(before, state.tree().root(), "its id included");

    program.outcomeBytes = Program.MAX_OUTCOME_BYTES;
    Machine.Effects executed = submit(1);
    assertEquals(Status.EXECUTED, executed.status());
    assertEquals(1, executed.sends().size());
    assertEquals(Bytes.utf8("value"), Machine.application(state.tree()).get(KEY));
  }
}
