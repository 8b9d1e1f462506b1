package org.probity.detector.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.probity.detector.Seeded;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;

/** Protocol §8.1: a recorded execution can be repeated on its witness, and on nothing less. */
class AccessLogTest {
  private static Bytes hex(String hex) {
    return Bytes.fromHex(hex);
  }

  private static StateTree treeOf(String... keys) {
    StateTree tree = StateTree.EMPTY;
    for (String key : keys) {
      tree = tree.put(hex(key), Bytes.utf8("value of " + key));
    }
    return tree;
  }

  private static StateWitness record(StateTree base, Consumer<WorkingState> program) {
    AccessLog log = new AccessLog(base);
    program.accept(log.state());
    return log.witness();
  }

  private static List<Bytes> disclosedKeys(StateWitness witness) {
    List<Bytes> keys = new ArrayList<>();
    collect(witness.tree().rootNode(), keys);
    return keys;
  }

  private static void collect(Node node, List<Bytes> keys) {
    if (node instanceof Interior fork) {
      collect(fork.left, keys);
      collect(fork.right, keys);
    } else if (node instanceof Leaf leaf) {
      keys.add(leaf.key());
    }
  }

  @Test
  void whatWasRecordedRunsTheSameOnItsWitness() {
    Seeded.run(
        800,
        random -> {
          StateTree base = Keys.tree(Keys.hostileMap(random, random.nextInt(70)).entrySet());
          RandomProgram program = new RandomProgram(random, 1 + random.nextInt(25));
          RandomProgram.Run plain = program.run(new WorkingState(base));

          AccessLog log = new AccessLog(base);
          assertEquals(plain, program.run(log.state()), "recording changes nothing");

          assertEquals(new Execution.Complete<>(plain, true), log.witness().execute(program::run));
          assertEquals(base.root(), log.witness().tree().root());
          StateWitness witness = StateWitness.decode(log.witness().encoded());
          assertEquals(base.root(), witness.root());
          assertEquals(
              new Execution.Complete<>(plain, true),
              witness.execute(program::run),
              "same on the witness, and all of it used");
        });
  }

  @Test
  void withoutAnyOneOfItsLeavesItIsIncomplete() {
    Seeded.run(
        150,
        random -> {
          StateTree base = Keys.tree(Keys.hostileMap(random, 40).entrySet());
          RandomProgram program = new RandomProgram(random, 8);
          AccessLog log = new AccessLog(base);
          program.run(log.state());
          List<Bytes> disclosed = disclosedKeys(log.witness());
          for (Bytes omitted : disclosed) {
            List<Bytes> rest = new ArrayList<>(disclosed);
            rest.remove(omitted);
            StateWitness poorer = StateWitness.ofKeys(base, rest);
            assertEquals(base.root(), poorer.root());
            assertInstanceOf(Execution.Incomplete.class, poorer.execute(program::run));
          }
        });
  }

  /** An accuser who leaves things out gets no verdict, and never another result. */
  @Test
  void anyWitnessOfTheSameRootGivesTheSameResultOrNone() {
    int[] complete = new int[1];
    Seeded.run(
        800,
        random -> {
          StateTree base = Keys.tree(Keys.hostileMap(random, 30).entrySet());
          RandomProgram program = new RandomProgram(random, 4);
          RandomProgram.Run honest = program.run(new WorkingState(base));
          StateWitness chosen = StateWitness.ofKeys(base, randomKeys(base, random));
          Execution<RandomProgram.Run> execution =
              StateWitness.decode(chosen.encoded()).execute(program::run);
          if (execution instanceof Execution.Complete<RandomProgram.Run> done) {
            assertEquals(honest, done.result());
            complete[0]++;
          }
        });
    assertTrue(complete[0] > 50, "too few complete ones to mean anything: " + complete[0]);
  }

  private static List<Bytes> randomKeys(StateTree base, SplittableRandom random) {
    int omitOneIn = 2 + random.nextInt(30);
    return base.scan(Bytes.EMPTY, null, 1000).stream()
        .map(KeyValue::key)
        .filter(key -> random.nextInt(omitOneIn) > 0)
        .toList();
  }

  /**
   * After A is gone its sibling B takes the place of their fork, and a look-up of C, which in the
   * base would end at A, ends at B. Disclosing the ways to A and C in the base would not suffice.
   */
  @Test
  void aRemovalCanLeadALaterLookUpElsewhere() {
    // 40 and 41 fork at their last bit; 41 and 4100 cannot be told apart there.
    StateTree base = treeOf("40", "41", "10", "80");
    Consumer<WorkingState> program =
        state -> {
          state.remove(hex("41"));
          state.get(hex("4100"));
        };
    StateWitness witness = record(base, program);
    assertEquals(List.of(hex("40"), hex("41")), disclosedKeys(witness));
    StateWitness naive = StateWitness.ofKeys(base, List.of(hex("41"), hex("4100")));
    assertEquals(List.of(hex("41")), disclosedKeys(naive));
    assertInstanceOf(
        Execution.Incomplete.class,
        naive.execute(
            state -> {
              program.accept(state);
              return true;
            }));
  }

  @Test
  void hoistingAnUndisclosedSiblingGivesTheFullTreesRoot() {
    StateTree base = treeOf("40", "41", "42", "43", "10", "80");
    StateWitness witness = record(base, state -> state.remove(hex("10")));
    assertEquals(List.of(hex("10")), disclosedKeys(witness));
    assertEquals(base.remove(hex("10")).root(), witness.tree().remove(hex("10")).root());
  }

  @Test
  void aScanBoundedByItsPrefixDisclosesNothingBeyond() {
    StateTree base = treeOf("1100", "1101", "1102", "1200", "1201", "0fff", "10", "ff");
    StateWitness prefix = record(base, state -> state.scan(hex("11"), hex("12"), 10));
    assertEquals(List.of(hex("1100"), hex("1101"), hex("1102")), disclosedKeys(prefix));
    StateWitness limited = record(base, state -> state.scan(hex("1100"), hex("12"), 2));
    assertEquals(List.of(hex("1100"), hex("1101")), disclosedKeys(limited));
  }

  @Test
  void removingARangeDisclosesItsEndsHoweverMuchIsInIt() {
    StateTree base = StateTree.EMPTY;
    for (int i = 0; i < 50_000; i++) {
      base = base.put(Hash.sha256(Bytes.utf8("key " + i).unsafeArray()).toBytes(), Bytes.EMPTY);
    }
    Consumer<WorkingState> removal = state -> state.removeRange(hex("20"), hex("e0"));
    StateWitness witness = record(base, removal);
    assertEquals(2, disclosedKeys(witness).size());
    assertTrue(witness.encoded().size() < 2048, () -> "bytes " + witness.encoded().size());
    StateTree cut = base.removeRange(hex("20"), hex("e0"));
    assertTrue(cut.size() < 14_000 && cut.size() > 11_000, () -> "keys left " + cut.size());
    assertEquals(
        new Execution.Complete<>(cut.root(), true),
        witness.execute(
            state -> {
              removal.accept(state);
              return state.root();
            }));
  }

  @Test
  void anEmptyRangeIsProvenByItsNeighbours() {
    StateTree base = treeOf("10", "20", "30", "40", "50", "60", "70");
    StateWitness witness = record(base, state -> state.scan(hex("31"), hex("3f"), 10));
    assertTrue(disclosedKeys(witness).size() <= 2, () -> disclosedKeys(witness).toString());
    assertEquals(
        new Execution.Complete<>(List.of(), true),
        witness.execute(state -> state.scan(hex("31"), hex("3f"), 10)));
    assertEquals(List.of(), disclosedKeys(record(base, s -> s.scan(hex("31"), hex("31"), 10))));
  }

  @Test
  void readingNothingDisclosesNothing() {
    StateTree base = treeOf("10", "20");
    StateWitness witness = record(base, state -> {});
    assertEquals("3fff" + base.root().toHex(), witness.encoded().toHex());
    assertEquals("0000", record(StateTree.EMPTY, state -> state.get(hex("10"))).encoded().toHex());
  }

  @Test
  void whatARolledBackAttemptLookedAtIsDisclosedToo() {
    StateTree base = treeOf("10", "20", "30", "80");
    StateWitness witness =
        record(
            base,
            state -> {
              StateTree savepoint = state.tree();
              state.put(hex("30"), hex("00"));
              state.rollbackTo(savepoint);
              state.get(hex("10"));
            });
    assertEquals(List.of(hex("10"), hex("30")), disclosedKeys(witness));
  }

  @Test
  void aProgramThatSwallowsTheExceptionStillGetsNoResult() {
    StateTree base = treeOf("10", "20", "30", "80");
    StateWitness witness = StateWitness.ofKeys(base, List.of(hex("10")));
    Execution<String> swallowed =
        witness.execute(
            state -> {
              try {
                return String.valueOf(state.get(hex("80")));
              } catch (RuntimeException e) {
                return "internal error";
              }
            });
    assertInstanceOf(Execution.Incomplete.class, swallowed);
    Execution<String> disguised =
        witness.execute(
            state -> {
              try {
                return String.valueOf(state.get(hex("80")));
              } catch (RuntimeException e) {
                throw new IllegalStateException(e);
              }
            });
    assertInstanceOf(Execution.Incomplete.class, disguised);
    assertInstanceOf(Execution.Incomplete.class, witness.execute(state -> state.tree().size()));
  }

  @Test
  void theResultOfARecordedReplayIsAPlainTree() {
    StateTree base = treeOf("10", "20");
    AccessLog log = new AccessLog(base);
    log.state().put(hex("10"), hex("01"));
    StateTree result = log.tree();
    Bytes witness = log.witness().encoded();
    assertEquals(base.put(hex("10"), hex("01")).root(), result.root());
    result.get(hex("20"));
    assertEquals(witness, log.witness().encoded());
  }

  @Test
  void theEdgesOfADisclosedTreeAreTyped() {
    StateTree tree = StateWitness.ofKeys(treeOf("10", "20", "30", "80"), List.of(hex("10"))).tree();
    assertThrows(IncompleteWitness.class, () -> tree.get(hex("80")));
    assertThrows(IncompleteWitness.class, () -> tree.put(hex("80"), hex("00")));
    assertThrows(IncompleteWitness.class, () -> tree.remove(hex("80")));
    assertThrows(IncompleteWitness.class, () -> tree.removeRange(hex("10"), hex("80")));
    assertThrows(IncompleteWitness.class, () -> tree.scan(hex("10"), null, 2));
    assertThrows(IncompleteWitness.class, tree::size);
  }

  @Test
  void superfluousDisclosureIsNoticed() {
    StateTree base = treeOf("10", "20", "30", "80");
    StateWitness witness = StateWitness.ofKeys(base, List.of(hex("10"), hex("80")));
    assertEquals(
        new Execution.Complete<>(Bytes.utf8("value of 10"), false),
        witness.execute(state -> state.get(hex("10"))));
  }
}
