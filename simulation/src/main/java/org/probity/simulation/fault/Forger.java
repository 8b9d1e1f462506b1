package org.probity.simulation.fault;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.probity.detector.challenge.Challenge;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.AuditRule;
import org.probity.detector.commitment.AuditStatement;
import org.probity.detector.commitment.VerifiedAudit;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.Signer;
import org.probity.detector.crypto.Statement;
import org.probity.detector.evidence.EvidenceBuilder;
import org.probity.detector.evidence.Verification;
import org.probity.detector.log.CheckpointSigner;
import org.probity.detector.log.Entry;
import org.probity.detector.log.EntryFault;
import org.probity.detector.log.NoteSignature;
import org.probity.detector.log.Origin;
import org.probity.detector.log.ReceiveEntry;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.SignedNote;
import org.probity.detector.log.SigningMark;
import org.probity.detector.log.TreeHead;
import org.probity.simulation.node.SimulatedNode;
import org.probity.simulation.node.StoredEntries;
import org.probity.simulation.node.Ward;
import org.probity.simulation.world.Chance;
import org.probity.simulation.world.Request;

/**
 * Makes false artefacts out of what a target and others have truly signed. The forger's own key
 * signs what it must; nobody else's can.
 */
final class Forger {
  private static final BigInteger GROUP_ORDER =
      BigInteger.TWO.pow(252).add(new BigInteger("27742317777372353535851937790883648493"));
  private static final int HALF = 32;

  private final Stage stage;
  private final Chance chance;
  private final String target;
  private final SimulatedNode victim;
  private final Signer key;
  private final Hash networkId;

  Forger(Stage stage, String target) {
    this.stage = stage;
    this.chance = stage.chance();
    this.target = target;
    this.victim = stage.world().host(target).process();
    this.key = stage.node().logKey();
    this.networkId = stage.world().founding().genesis().networkId();
  }

  /** One bit of something true is another one. */
  Optional<Request> mutated() {
    return switch (chance.below(5)) {
      case 0 -> anyProof().map(this::flipped).map(Request.Proof::new);
      case 1 -> end().map(end -> new Request.Shown(flipped(end.bytes())));
      case 2 -> end().map(end -> new Request.Shown(malleated(end)));
      case 3 -> anyAudit().map(audit -> new Request.Audited(flipped(audit.encoded())));
      default -> forkOf(() -> end().map(end -> parsed(malleated(end)))).map(Request.Proof::new);
    };
  }

  /** True parts in a whole that is not true. */
  Optional<Request> spliced() {
    StoredEntries log = victim.disk().log();
    Optional<SignedCheckpoint> end = end();
    if (end.isEmpty()) {
      return Optional.empty();
    }
    EvidenceBuilder builder = new EvidenceBuilder(networkId);
    long last = end.get().size() - 1;
    return switch (chance.below(6)) {
      case 0 ->
          Optional.of(
              new Request.Proof(
                  builder.invalidEntry(
                      end.get(), anyCode(), List.of(chance.between(0, last)), log)));
      case 1 -> {
        long one = chance.between(0, last);
        long other = chance.between(0, last);
        yield one == other
            ? Optional.empty()
            : Optional.of(
                new Request.Proof(
                    builder.invalidEntry(
                        end.get(),
                        anyCode(),
                        List.of(Math.min(one, other), Math.max(one, other)),
                        log)));
      }
      case 2 -> forkOf(this::earlier).map(Request.Proof::new);
      case 3 -> forkOf(this::othersEnd).map(Request.Proof::new);
      case 4 ->
          anyAudit()
              .filter(audit -> audit.log().node().equals(target))
              .filter(audit -> audit.content().to().size() <= log.size())
              .map(
                  audit ->
                      new Request.Proof(
                          builder.falseAudit(
                              audit,
                              anyCode(),
                              List.of(chance.between(0, audit.content().to().size() - 1)),
                              log)));
      default ->
          anyProof()
              .flatMap(
                  proof ->
                      Optional.of(new Request.Proof(withCheckpoint(proof, end.get().bytes()))));
    };
  }

  /** True but for the name, the number, the network or the key. */
  Optional<Request> relabelled() {
    return switch (chance.below(7)) {
      case 0 -> end().map(end -> new Request.Shown(signed(end.origin(), other(end)).bytes()));
      case 1 ->
          end()
              .map(
                  end ->
                      new Request.Shown(
                          signed(
                                  new Origin(networkId, target, end.origin().incarnation() + 1),
                                  end.head())
                              .bytes()));
      case 2 ->
          end()
              .map(
                  end ->
                      new Request.Shown(
                          signed(new Origin(Hash.of(new byte[HALF]), target, 0), end.head())
                              .bytes()));
      case 3 ->
          forkOf(() -> end().map(end -> signed(end.origin(), other(end)))).map(Request.Proof::new);
      case 4 -> anyProof().map(this::renamed).map(Request.Proof::new);
      case 5 ->
          anyAudit()
              .map(
                  audit ->
                      new Request.Audited(
                          Statement.sign(
                                  Hash.of(new byte[HALF]),
                                  AuditStatement.TYP,
                                  audit.content().encode(),
                                  key)
                              .encoded()));
      default ->
          end()
              .map(
                  end ->
                      new Request.Audited(
                          AuditStatement.fromGenesis(
                                  end.origin(),
                                  other(end),
                                  stage.world().founding().genesis().programId())
                              .sign(networkId, key)
                              .encoded()));
    };
  }

  /** True, in bytes that nobody writes who keeps to the format. */
  Optional<Request> reencoded() {
    return switch (chance.below(3)) {
      case 0 -> anyProof().map(this::inOtherBytes).map(Request.Proof::new);
      case 1 -> anyAudit().map(audit -> new Request.Audited(inOtherBytes(audit.encoded())));
      default -> end().map(end -> new Request.Shown(noteInOtherBytes(end)));
    };
  }

  private Bytes inOtherBytes(Bytes truth) {
    List<Bytes> others = new ArrayList<>(Reencoding.headed(truth));
    others.add(Reencoding.longer(truth));
    others.add(Reencoding.trailed(truth));
    return chance.oneOf(others);
  }

  /** With spare bits, without padding, with its signature twice, with one of the forger's. */
  private Bytes noteInOtherBytes(SignedCheckpoint end) {
    String note = end.note().toString() + "\n";
    int last = note.lastIndexOf('=') - 1;
    return Bytes.utf8(
        switch (chance.below(4)) {
          case 0 -> note.substring(0, last) + (char) (note.charAt(last) + 1) + "=\n";
          case 1 -> note.substring(0, last + 1) + "\n";
          case 2 -> note + end.note().signatures().get(0).line() + "\n";
          default ->
              note
                  + signed(new Origin(networkId, stage.name(), 0), end.head())
                      .note()
                      .signatures()
                      .get(0)
                      .line()
                  + "\n";
        });
  }

  /** Whether the target takes it for what it is made of. */
  boolean isTaken(Request request) {
    if (request instanceof Request.Proof proof) {
      return victim.verifier().verify(proof.body()) instanceof Verification.Proven;
    }
    if (request instanceof Request.Audited audit) {
      return AuditRule.by(victim.chain()).check(audit.body()).valid().isPresent();
    }
    try {
      return SignedCheckpoint.parse(request.body()).size() > 0;
    } catch (DecodeException e) {
      return false;
    }
  }

  /** What nobody could answer. */
  Optional<Request> challenging() {
    Optional<SignedCheckpoint> end = end();
    if (end.isEmpty()) {
      return Optional.empty();
    }
    long size = end.get().size();
    SignedCheckpoint forged =
        signed(end.get().origin(), new TreeHead(size + 100, Hash.of(new byte[HALF])));
    return switch (chance.below(8)) {
      case 0 -> challenge(new Challenge.Audit(forged.bytes(), size, 1));
      case 1 -> challenge(new Challenge.Audit(end.get().bytes(), size, 1));
      case 2 -> challenge(new Challenge.Consistency(end.get().bytes(), forged.bytes()));
      case 3 -> othersEnd().flatMap(other -> challenge(pair(end.get(), other)));
      case 4 ->
          challenge(
              new Challenge.Client(
                  flipped(stage.customers().remittance(target, stage.name())),
                  Optional.of(end.get().bytes())));
      case 5 ->
          challenge(
              new Challenge.Client(
                  stage.customers().remittance(target, stage.name()), Optional.of(forged.bytes())));
      case 6 -> challenge(new Challenge.Decided(flipped(end.get().bytes())));
      default -> anyReceive().flatMap(receive -> challenge(message(receive)));
    };
  }

  private Challenge.Body pair(SignedCheckpoint one, SignedCheckpoint other) {
    return one.size() <= other.size()
        ? new Challenge.Consistency(one.bytes(), other.bytes())
        : new Challenge.Consistency(other.bytes(), one.bytes());
  }

  /** Messages to somebody else, or that came long ago. */
  private static Challenge.Body message(ReceiveEntry receive) {
    return new Challenge.Message(Optional.empty(), receive);
  }

  private Optional<Request> challenge(Challenge.Body body) {
    return Optional.of(
        new Request.Challenged(
            new Challenge(new Challenge.Target(target, 0), stage.name(), body)
                .sign(networkId, key)
                .encoded()));
  }

  // What is true.

  private Optional<SignedCheckpoint> end() {
    return victim.disk().log().newest();
  }

  /** An older checkpoint of the target, as a witness has it. */
  private Optional<SignedCheckpoint> earlier() {
    return stage.others().stream()
        .flatMap(
            node ->
                Optional.ofNullable(stage.world().host(node).process().wards().get(target))
                    .flatMap(ward -> ward.stored().newest())
                    .stream())
        .findFirst();
  }

  private Optional<SignedCheckpoint> othersEnd() {
    String other = chance.oneOf(stage.others());
    return other.equals(target)
        ? Optional.empty()
        : stage.world().host(other).process().disk().log().newest();
  }

  private Optional<Bytes> anyProof() {
    List<Bytes> proofs = List.copyOf(stage.watch().proofs().keySet());
    return proofs.isEmpty() ? Optional.empty() : Optional.of(chance.oneOf(proofs));
  }

  private Optional<VerifiedAudit> anyAudit() {
    List<VerifiedAudit> audits = new ArrayList<>();
    for (Ward ward : stage.node().wards().values()) {
      audits.addAll(ward.book().newest());
    }
    audits.removeIf(audit -> stage.watch().isFaulty(audit.auditor().node()));
    return audits.isEmpty() ? Optional.empty() : Optional.of(chance.oneOf(audits));
  }

  private Optional<ReceiveEntry> anyReceive() {
    List<Entry> all =
        HandWrittenLog.of(
            stage.world().host(chance.oneOf(stage.others())).process(), ReceiveEntry.class);
    return all.isEmpty() ? Optional.empty() : Optional.of((ReceiveEntry) chance.oneOf(all).body());
  }

  // What is not.

  private Optional<Bytes> forkOf(Supplier<Optional<SignedCheckpoint>> second) {
    Optional<SignedCheckpoint> end = end();
    Optional<SignedCheckpoint> other = second.get();
    StoredEntries log = victim.disk().log();
    if (end.isEmpty()
        || other.isEmpty()
        || other.get().size() == 0
        || Math.max(end.get().size(), other.get().size()) > log.size()) {
      return Optional.empty();
    }
    boolean inOrder = other.get().size() <= end.get().size();
    return Optional.of(
        new EvidenceBuilder(networkId)
            .fork(inOrder ? other.get() : end.get(), inOrder ? end.get() : other.get(), log));
  }

  private Bytes flipped(Bytes truth) {
    byte[] bytes = truth.toArray();
    int bit = chance.below(8 * bytes.length);
    bytes[bit / 8] ^= (byte) (1 << (bit % 8));
    return Bytes.wrap(bytes);
  }

  /** The same signature with the group order added to its second half. */
  private static Bytes malleated(SignedCheckpoint checkpoint) {
    NoteSignature signature = checkpoint.note().signatures().get(0);
    byte[] bytes = signature.signature().toArray();
    BigInteger carried = BigInteger.ZERO;
    for (int i = 2 * HALF - 1; i >= HALF; i--) {
      carried = carried.shiftLeft(8).or(BigInteger.valueOf(bytes[i] & 0xff));
    }
    BigInteger other = carried.add(GROUP_ORDER);
    for (int i = HALF; i < 2 * HALF; i++) {
      bytes[i] = other.byteValue();
      other = other.shiftRight(8);
    }
    return SignedNote.of(
            checkpoint.note().text(),
            List.of(new NoteSignature(signature.name(), signature.keyId(), Bytes.wrap(bytes))))
        .bytes();
  }

  /** Of the target's log, the forger says. */
  private SignedCheckpoint signed(Origin origin, TreeHead head) {
    return ((CheckpointSigner.Signed)
            CheckpointSigner.guarding(key, origin, SigningMark.NOTHING_SIGNED).sign(head))
        .checkpoint();
  }

  private static TreeHead other(SignedCheckpoint end) {
    byte[] root = end.head().root().toArray();
    root[0] ^= 1;
    return new TreeHead(end.size(), Hash.of(root));
  }

  /** Every name in it is the target's: all names are of one length. */
  private Bytes renamed(Bytes truth) {
    byte[] bytes = truth.toArray();
    byte[] name = Bytes.utf8(target).toArray();
    for (String other : stage.watch().faulty()) {
      replace(bytes, Bytes.utf8(other).toArray(), name);
    }
    return Bytes.wrap(bytes);
  }

  private Bytes withCheckpoint(Bytes truth, Bytes checkpoint) {
    byte[] bytes = truth.toArray();
    for (String other : stage.watch().faulty()) {
      for (String witness : stage.others()) {
        Optional.ofNullable(stage.world().host(witness).process().wards().get(other))
            .flatMap(ward -> ward.stored().newest())
            .filter(held -> held.bytes().size() == checkpoint.size())
            .ifPresent(held -> replace(bytes, held.bytes().toArray(), checkpoint.toArray()));
      }
    }
    return Bytes.wrap(bytes);
  }

  private static void replace(byte[] bytes, byte[] what, byte[] with) {
    for (int i = 0; i + what.length <= bytes.length; i++) {
      if (Arrays.equals(bytes, i, i + what.length, what, 0, what.length)) {
        System.arraycopy(with, 0, bytes, i, with.length);
      }
    }
  }

  private String anyCode() {
    return chance.oneOf(List.of(EntryFault.values())).code();
  }

  private static SignedCheckpoint parsed(Bytes bytes) {
    try {
      return SignedCheckpoint.parse(bytes);
    } catch (DecodeException e) {
      throw new IllegalStateException("malleated beyond recognition", e);
    }
  }
}
