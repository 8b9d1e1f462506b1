package org.probity.detector.evidence;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.detector.commitment.Machine;
import org.probity.detector.crypto.Statement;
import org.probity.detector.evidence.TracedProgram.Call;
import org.probity.detector.evidence.TracedProgram.Written;
import org.probity.detector.node.ObjectStore;
import org.probity.detector.program.Context;
import org.probity.detector.program.Program;
import org.probity.detector.program.Submission;
import org.probity.detector.state.StateView;

/** What a program looks at and changes is noted, and nothing of what it does is another. */
class TracedProgramTest {
  private final Court court = new Court();
  private final TracedProgram traced = new TracedProgram(court.program);
  private final ByzantineLog log =
      new ByzantineLog(
              court.network(),
              new Machine(court.network().genesis(), court.network().node("alpha"), traced))
          .genesis();

  private Call execute(Statement statement) {
    traced.drain();
    log.execute(statement);
    List<Call> calls = traced.drain();
    assertEquals(1, calls.size());
    return calls.get(0);
  }

  @Test
  void notesWhatIsReadWrittenAndSent() {
    Bytes key = Bytes.utf8("beta/x");
    Call first = execute(court.put("alpha", "beta/x=1"));
    assertEquals(Map.of(key, new Written(null, Bytes.utf8("1"))), first.written);
    assertEquals(Set.of(), first.read);
    assertEquals(1, first.sends);

    Call second = execute(court.put("alpha", "beta/x=2"));
    assertEquals(Map.of(key, new Written(Bytes.utf8("1"), Bytes.utf8("2"))), second.written);
    assertEquals(Set.of(key), execute(court.put("alpha", "beta/x")).read);
  }

  @Test
  void whatIsRolledBackWasNotWritten() {
    Call call = execute(court.put("alpha", "k=undo"));
    assertEquals(Map.of(), call.written);
    assertEquals(0, call.sends);
  }

  @Test
  void scansReadWhatTheyFindAndRangesAreWrittenKeyByKey() {
    Program ranges =
        new ObjectStore() {
          @Override
          public Bytes execute(Submission submission, Context context) {
            StateView state = context.state();
            state.put(Bytes.utf8("a"), Bytes.utf8("1"));
            state.put(Bytes.utf8("b"), Bytes.utf8("2"));
            state.scan(Bytes.utf8("a"), Bytes.utf8("c"), 10);
            state.removeRange(Bytes.utf8("b"), Bytes.utf8("c"));
            return Bytes.EMPTY;
          }
        };
    TracedProgram program = new TracedProgram(ranges);
    ByzantineLog other =
        new ByzantineLog(
                court.network(),
                new Machine(court.network().genesis(), court.network().node("alpha"), program))
            .genesis();
    program.drain();
    other.execute(court.put("alpha", "x=y"));
    Call call = program.drain().get(0);
    assertEquals(new TreeSet<>(List.of(Bytes.utf8("a"), Bytes.utf8("b"))), call.read);
    assertEquals(
        Map.of(
            Bytes.utf8("a"), new Written(null, Bytes.utf8("1")),
            Bytes.utf8("b"), new Written(null, null)),
        call.written);
  }
}
