package org.probity.detector.evidence;

import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.probity.detector.DecoderFuzz;
import org.probity.detector.Seeded;
import org.probity.detector.codec.Bytes;
import org.probity.detector.log.Entry;
import org.probity.detector.log.EntryBody;
import org.probity.detector.log.StateEntry;
import org.probity.detector.state.AccessLog;
import org.probity.detector.state.KeyValue;
import org.probity.detector.state.StateTree;
import org.probity.detector.state.StateWitness;

/**
 * A node that lies about everything signs logs and states of arbitrary bytes and has them judged.
 * The verifier may find it guilty or not; it must not stumble.
 */
class HostileFilesTest {
  private static final List<String> CODES =
      List.of(
          "encoding", "wrong_prev", "state_wrong_bytes", "batch_too_large", "sequence_used_twice");

  private final Court court = new Court();
  private final List<Offences.Offence> offences = Offences.all(court);
  private int proven;
  private int rejected;

  @Test
  void whatDecodesIsWhatWasEncoded() {
    DecoderFuzz.run(
        50,
        offences.stream().map(Offences.Offence::file).toList(),
        EvidenceFile::decode,
        EvidenceFile::encode);
  }

  @Test
  void entriesOfAnyBytes() {
    Seeded.run(
        400,
        random -> {
          ByzantineLog model = pick(random, offences).log();
          ByzantineLog log = court.empty("alpha");
          long damaged = random.nextLong(model.size());
          for (long index = 0; index < model.size(); index++) {
            Bytes entry = model.entry(index);
            log.raw(index == damaged ? damage(random, entry) : entry);
          }
          long from = Math.max(0, damaged - random.nextInt(4));
          long to = Math.min(log.size() - 1, damaged + random.nextInt(4));
          StateTree base = model.stateAfter(from);
          judge(
              court.builder.invalidTransition(
                  log.checkpoint(), from, to, log, witness(log, base, from, to)));
          TreeSet<Long> shown = new TreeSet<>(List.of(damaged, from, to));
          judge(
              court.builder.invalidEntry(
                  log.checkpoint(), pick(random, CODES), List.copyOf(shown), log));
          judge(
              court.builder.invalidEntry(
                  log.checkpoint(), pick(random, CODES), List.of(damaged), log));
        });
    assertMet();
  }

  @Test
  void statesOfAnyContent() {
    Seeded.run(
        300,
        random -> {
          ByzantineLog model =
              pick(
                      random,
                      offences.stream()
                          .filter(it -> it.kind() == FaultKind.INVALID_TRANSITION)
                          .toList())
                  .log();
          // The same entries on a state in which something means nothing.
          ByzantineLog log = court.log("alpha", 0);
          log.state().rollbackTo(scramble(random, model.stateAfter(0)));
          long first = log.endState().size() - 1;
          StateTree base = log.state().tree();
          for (long index = 1; index < model.size() && log.lastStateIndex() == first; index++) {
            append(log, Entry.decode(model.entry(index)).body());
          }
          long last =
              random.nextBoolean() ? log.size() - 1 : random.nextLong(first + 1, log.size());
          judge(
              court.builder.invalidTransition(
                  log.checkpoint(), first, last, log, witness(log, base, first, last)));
        });
    assertMet();
  }

  private static void append(ByzantineLog log, EntryBody body) {
    if (body instanceof StateEntry state) {
      log.endState(state.stateRoot());
    } else {
      log.body(body);
    }
  }

  private static StateTree scramble(SplittableRandom random, StateTree tree) {
    List<KeyValue> all = tree.scan(Bytes.EMPTY, null, 1_000);
    StateTree scrambled = tree;
    for (int i = 0; i <= random.nextInt(3); i++) {
      KeyValue victim = pick(random, all);
      scrambled =
          random.nextInt(4) == 0
              ? scrambled.remove(victim.key())
              : scrambled.put(victim.key(), damage(random, victim.value()));
    }
    return scrambled;
  }

  private static StateWitness witness(ByzantineLog log, StateTree base, long first, long last) {
    AccessLog recording = new AccessLog(base);
    try {
      log.replay(recording.state(), first, last);
    } catch (RuntimeException brokenState) {
      // As far as it went.
      return recording.witness();
    }
    return recording.witness();
  }

  private void judge(Bytes file) {
    Verification verification = court.verifier.verify(file);
    if (verification instanceof Verification.Rejected reason) {
      assertNotEquals("verifier_failed", reason.code(), reason.message());
      rejected++;
    } else {
      proven++;
    }
  }

  private void assertMet() {
    if (System.getProperty("probity.seed", "").isEmpty()) {
      assertTrue(proven > 10 && rejected > 100, proven + " proven, " + rejected + " rejected");
    }
  }

  private static Bytes damage(SplittableRandom random, Bytes bytes) {
    byte[] damaged = bytes.toArray();
    if (damaged.length == 0) {
      return Bytes.wrap(Seeded.bytes(random, 3));
    }
    int flips = 1 + random.nextInt(3);
    for (int i = 0; i < flips; i++) {
      damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
    }
    return Bytes.wrap(
        random.nextInt(5) == 0
            ? Arrays.copyOf(damaged, random.nextInt(damaged.length + 4))
            : damaged);
  }

  private static <T> T pick(SplittableRandom random, List<T> choices) {
    return choices.get(random.nextInt(choices.size()));
  }
}
