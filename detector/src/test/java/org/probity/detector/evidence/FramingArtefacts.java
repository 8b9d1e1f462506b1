package org.probity.detector.evidence;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.probity.detector.challenge.Answer;
import org.probity.detector.challenge.AnswerRule;
import org.probity.detector.challenge.Challenge;
import org.probity.detector.challenge.ChallengeRule;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.AuditStatement;
import org.probity.detector.commitment.Machine;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.Signer;
import org.probity.detector.crypto.Statement;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.Ballot;
import org.probity.detector.governance.Citations;
import org.probity.detector.governance.Decision;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.DecisionRule;
import org.probity.detector.governance.GovernanceState;
import org.probity.detector.governance.Incarnations;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Parameters;
import org.probity.detector.governance.Polity;
import org.probity.detector.governance.Proposal;
import org.probity.detector.governance.Refusal;
import org.probity.detector.governance.SignedBallot;
import org.probity.detector.governance.Stance;
import org.probity.detector.governance.ValidDecision;
import org.probity.detector.log.CheckpointSigner;
import org.probity.detector.log.Entry;
import org.probity.detector.log.ForkPath;
import org.probity.detector.log.Frontier;
import org.probity.detector.log.Multiproof;
import org.probity.detector.log.Origin;
import org.probity.detector.log.ReceiveEntry;
import org.probity.detector.log.SendEntry;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.SigningMark;
import org.probity.detector.log.TickEntry;
import org.probity.detector.log.TransactionEntry;
import org.probity.detector.log.TreeHead;
import org.probity.detector.node.TestNetwork;
import org.probity.detector.program.Transaction;
import org.probity.detector.program.TransactionOutcome;
import org.probity.detector.state.AccessLog;
import org.probity.detector.state.StateTree;
import org.probity.detector.state.StateWitness;

/**
 * What a coalition could put together out of everything a correct node, alpha, has ever signed, to
 * have it exposed, suspected or revoked. Each artefact is right but in the one point it is named
 * after.
 */
final class FramingArtefacts {
  private static final Hash OTHER = Hash.sha256(new byte[] {42});
  private static final BigInteger GROUP_ORDER =
      BigInteger.TWO.pow(252).add(new BigInteger("27742317777372353535851937790883648493"));
  private static final int FIRST_TICK = 1;

  /** Who is to believe it. */
  enum Judge {
    EVIDENCE("evidence verifier"),
    OTHER_PROGRAM("evidence verifier without the program"),
    CHALLENGE("challenge rule"),
    LATER_CHALLENGE("challenge rule, when alpha has begun again"),
    LATER_ANSWER("answer rule, when alpha has begun again"),
    DECISION("decision rule");

    final String text;

    Judge(String text) {
      this.text = text;
    }
  }

  /**
   * One attempt.
   *
   * @param code why it must fail
   */
  record Artefact(String part, String name, Judge judge, Supplier<Bytes> bytes, String code) {}

  /** The same with nothing wrong, and what the judge then says. */
  record Base(String name, Judge judge, Supplier<Bytes> bytes, String says) {}

  private final List<Artefact> all = new ArrayList<>();
  private final List<Base> bases = new ArrayList<>();
  private final Court court = new Court();
  private final Hash networkId = court.network.genesis().networkId();
  private final Polity polity = new Polity(court.network);
  private final DecisionChain chain = polity.chain();
  private final GovernanceState state = chain.state();
  private final Action suspend = new Action.SuspendNode("alpha");
  private final Hash proposal = new Proposal(state.epoch(), suspend).id(networkId);
  private final ChallengeRule challenges =
      ChallengeRule.founding(court.network.genesis(), court.program);
  private final DecisionRule decisions =
      new DecisionRule(court.network.genesis(), SignatureRule.fastest());

  /** GENESIS, then TICK TRANSACTION STATE, then TRANSACTION STATE twice: sizes 1, 4, 6, 8. */
  private final ByzantineLog honest = court.log("alpha", 3);

  private final ByzantineLog beta = court.log("beta", 3);

  /** Somebody who did what alpha is accused of. */
  private final ByzantineLog liar = lying();

  /** What alpha's members let it go on from when it had lost its store: all but its last batch. */
  private static final long CLOSE = 6;

  private static final Signer NEXT_KEY = TestNetwork.signer("log alpha/1");
  private final NodeRecord nextAlpha = Polity.next(court.network.node("alpha"));
  private final DecisionChain approved =
      polity.decide(
          chain,
          new Action.ApproveIncarnation(
              polity.enrolment(nextAlpha, Polity.signer(nextAlpha.member())),
              honest.checkpoint(CLOSE).head(),
              closed().state().root(),
              TestNetwork.FOUNDED_MILLIS,
              List.of()));

  private final ChallengeRule laterChallenges =
      new ChallengeRule(court.network.genesis(), court.program, () -> approved);

  /** Alpha in its next incarnation, as honest as before. */
  private final ByzantineLog next = closed().succeed(nextMachine(), NEXT_KEY).genesis();

  private String part = "";

  FramingArtefacts() {
    forks();
    notes();
    entries();
    transitions();
    audits();
    files();
    ballots();
    challenges();
    decisions();
    begunAgain();
  }

  List<Artefact> all() {
    return all;
  }

  List<Base> bases() {
    return bases;
  }

  /** What the judge says: {@code PROVEN}, {@code valid}, {@code taken}, or a stable code. */
  String verdict(Judge judge, Bytes bytes) {
    return switch (judge) {
      case EVIDENCE -> said(court.verifier.verify(bytes));
      case OTHER_PROGRAM ->
          said(new EvidenceVerifier(court.network.genesis(), Map.of()).verify(bytes));
      case CHALLENGE -> challenges.check(bytes).refusal().map(Refusal::code).orElse("valid");
      case LATER_CHALLENGE ->
          laterChallenges.check(bytes).refusal().map(Refusal::code).orElse("valid");
      case LATER_ANSWER ->
          new AnswerRule(court.network.genesis(), court.program, () -> approved)
              .check(laterChallenges.check(asked()).valid().orElseThrow(), bytes)
              .refusal()
              .map(Refusal::code)
              .orElse("valid");
      case DECISION ->
          decisions.check(bytes, state) instanceof DecisionRule.Refused refused
              ? refused.refusal().code()
              : "taken";
    };
  }

  private static String said(Verification verification) {
    return verification instanceof Verification.Rejected rejected ? rejected.code() : "PROVEN";
  }

  private void part(String name) {
    part = name;
  }

  private void add(String name, String code, Supplier<Bytes> bytes) {
    add(name, Judge.EVIDENCE, code, bytes);
  }

  private void add(String name, Judge judge, String code, Supplier<Bytes> bytes) {
    all.add(new Artefact(part, name, judge, bytes, code));
  }

  private void base(String name, Judge judge, String says, Supplier<Bytes> bytes) {
    bases.add(new Base(name, judge, bytes, says));
  }

  private ByzantineLog lying() {
    ByzantineLog log = court.log("delta", 2);
    Statement statement = court.put("delta", "key0");
    log.execute(statement);
    return log.body(
            new TransactionEntry(
                statement.encoded(), TransactionOutcome.executed(Bytes.utf8("lost")).encode()))
        .endState();
  }

  private ByzantineLog closed() {
    return honest.fork(court.network, CLOSE);
  }

  private Machine nextMachine() {
    return new Machine(
        court.network.genesis(),
        Incarnations.of(approved.state(), "alpha").orElseThrow(),
        court.program);
  }

  /** Alpha has lost what it signed beyond the close; others have kept it. */
  private void begunAgain() {
    part("a node that has begun again");
    base(
        "entries that its next incarnation has promised",
        Judge.LATER_CHALLENGE,
        "valid",
        () -> later(1, new Challenge.Audit(next.checkpoint().bytes(), 1, 3)));
    List<Bytes> decided = approved.decisions().stream().map(ValidDecision::encoded).toList();
    add(
        "what it signed before and what it signs now, called a fork",
        "different_logs",
        () ->
            new EvidenceFile(
                    networkId,
                    decided,
                    new EvidenceFile.Fork(
                        next.checkpoint().bytes(), honest.checkpoint().bytes(), path(4, 8)))
                .encode());
    add(
        "its GENESIS called one that does not belong there",
        "no_fault",
        () -> nextEntry("genesis_misplaced", CLOSE));
    add(
        "its GENESIS called one behind another log",
        "no_fault",
        () -> nextEntry("genesis_wrong_close", CLOSE));
    later(
        "to the closed incarnation",
        "unknown_target",
        () -> later(0, new Challenge.Audit(honest.checkpoint().bytes(), 0, 2)));
    later(
        "entries that only the closed one has promised",
        "not_of_target",
        () -> later(1, new Challenge.Audit(honest.checkpoint().bytes(), CLOSE, 2)));
    later(
        "raised by it with its former key",
        "not_by_challenger",
        () ->
            challenge(
                "beta",
                0,
                "alpha",
                new Challenge.Audit(beta.checkpoint().bytes(), 1, 3),
                court.network.logKey("alpha")));
    base(
        "messages that its next incarnation is asked for",
        Judge.LATER_CHALLENGE,
        "valid",
        this::asked);
    later(
        "about messages behind those that only the closed one has acknowledged",
        "ack_unproven",
        () ->
            later(
                1,
                new Challenge.Message(
                    Optional.of(lost().ackFor(court.machine("beta"))), messages(sender(), 1))));
    base(
        "what its next incarnation answers",
        Judge.LATER_ANSWER,
        "valid",
        () -> acknowledged(closed().succeed(nextMachine(), NEXT_KEY).genesis()));
    add(
        "an acknowledgement that it gave beyond the close, called its answer",
        Judge.LATER_ANSWER,
        "ack_unproven",
        () -> acknowledged(honest.fork(court.network, honest.size())));
  }

  private ByzantineLog sender() {
    return sender(court.network.logKey("beta"));
  }

  /** All that beta has sent, put to alpha's next incarnation. */
  private Bytes asked() {
    return later(1, new Challenge.Message(Optional.empty(), messages(sender(), 0)));
  }

  /** What alpha signed beyond the close and does not remember: it has taken the messages in. */
  private ByzantineLog lost() {
    return received(honest.fork(court.network, honest.size()));
  }

  private ByzantineLog received(ByzantineLog by) {
    return by.receive(messages(sender(), 0)).endState();
  }

  private Bytes acknowledged(ByzantineLog by) {
    return Answer.acknowledging(received(by).ackFor(court.machine("beta")));
  }

  private void later(String name, String code, Supplier<Bytes> bytes) {
    add(name, Judge.LATER_CHALLENGE, code, bytes);
  }

  private Bytes later(long incarnation, Challenge.Body body) {
    return challenge("alpha", incarnation, "gamma", body, court.network.logKey("gamma"));
  }

  private Bytes nextEntry(String code, long index) {
    return new EvidenceBuilder(
            networkId, approved.decisions().stream().map(ValidDecision::encoded).toList())
        .invalidEntry(next.checkpoint(), code, List.of(index), next);
  }

  // FORK

  private Bytes fork(SignedCheckpoint smaller, SignedCheckpoint larger, List<Hash> path) {
    return fork(smaller.bytes(), larger.bytes(), path);
  }

  private Bytes fork(Bytes smaller, Bytes larger, List<Hash> path) {
    return new EvidenceFile(networkId, new EvidenceFile.Fork(smaller, larger, path)).encode();
  }

  private List<Hash> path(long smaller, long larger) {
    return ForkPath.build(honest, smaller, larger);
  }

  /** Of alpha's log, signed by somebody else or about another log. */
  private static SignedCheckpoint signed(Signer key, Origin origin, TreeHead head) {
    return ((CheckpointSigner.Signed)
            CheckpointSigner.guarding(key, origin, SigningMark.NOTHING_SIGNED).sign(head))
        .checkpoint();
  }

  private Bytes forkWith(Signer key, Origin origin) {
    return fork(signed(key, origin, new TreeHead(4, OTHER)), honest.checkpoint(), path(4, 8));
  }

  private void forks() {
    part("FORK");
    base(
        "two histories of a culprit",
        Judge.EVIDENCE,
        "PROVEN",
        () -> fork(honest.sign(new TreeHead(4, OTHER)), honest.checkpoint(), path(4, 8)));
    Origin origin = honest.machine().origin();
    Signer alpha = court.network.logKey("alpha");
    add(
        "two checkpoints of one history",
        "no_fault",
        () -> fork(honest.checkpoint(4), honest.checkpoint(), path(4, 8)));
    add(
        "one checkpoint twice",
        "no_fault",
        () -> fork(honest.checkpoint(), honest.checkpoint(), List.of()));
    add(
        "two checkpoints of one history, the larger first",
        "fork_not_ordered",
        () -> fork(honest.checkpoint(), honest.checkpoint(4), path(4, 8)));
    add(
        "a prefix of a power of two without its seed in the path",
        "path_malformed",
        () -> fork(honest.checkpoint(4), honest.checkpoint(), path(4, 8).subList(1, 2)));
    add(
        "a node too many in the path",
        "path_malformed",
        () -> fork(honest.checkpoint(4), honest.checkpoint(), plus(path(4, 8), OTHER)));
    add(
        "another seed than the smaller root",
        "path_wrong",
        () -> fork(honest.checkpoint(4), honest.checkpoint(), List.of(OTHER, path(4, 8).get(1))));
    add(
        "the path's nodes swapped",
        "path_wrong",
        () -> fork(honest.checkpoint(6), honest.checkpoint(), swapped(path(6, 8))));
    add(
        "the path of another log",
        "path_wrong",
        () -> fork(honest.checkpoint(4), honest.checkpoint(), ForkPath.build(beta, 4, 8)));
    add(
        "checkpoints of two nodes",
        "different_logs",
        () -> fork(beta.checkpoint(4), honest.checkpoint(), path(4, 8)));
    add(
        "a checkpoint of an incarnation that is not",
        "unknown_incarnation",
        () -> forkWith(alpha, new Origin(networkId, "alpha", 1)));
    add(
        "a checkpoint of another consortium",
        "wrong_network",
        () -> forkWith(alpha, new Origin(OTHER, "alpha", 0)));
    add(
        "a checkpoint of a node that is not",
        "unknown_node",
        () -> forkWith(alpha, new Origin(networkId, "mallory", 0)));
    add(
        "alpha's origin, beta's signature",
        "checkpoint_bad_signature",
        () -> forkWith(court.network.logKey("beta"), origin));
    add(
        "signed with alpha's cosigner key",
        "checkpoint_bad_signature",
        () -> forkWith(TestNetwork.signer("cosigner alpha"), origin));
    add(
        "signed with alpha's member's governance key",
        "checkpoint_bad_signature",
        () -> forkWith(TestNetwork.signer("governance alpha"), origin));
  }

  private static List<Hash> plus(List<Hash> path, Hash hash) {
    List<Hash> more = new ArrayList<>(path);
    more.add(hash);
    return more;
  }

  private static List<Hash> swapped(List<Hash> path) {
    List<Hash> other = new ArrayList<>(path);
    Collections.swap(other, 0, 1);
    return other;
  }

  // Notes and signatures

  private void note(String name, String code, UnaryOperator<String> change) {
    add(
        name,
        code,
        () -> {
          String note = text(honest.checkpoint(4).bytes());
          return fork(Bytes.utf8(change.apply(note)), honest.checkpoint().bytes(), path(4, 8));
        });
  }

  private static String text(Bytes note) {
    return new String(note.toArray(), StandardCharsets.UTF_8);
  }

  /** The same note with a signature made of the 68 bytes of this one: key id, R, S. */
  private void signature(String name, String code, UnaryOperator<byte[]> change) {
    note(
        name,
        code,
        note -> {
          int at = note.lastIndexOf(' ') + 1;
          byte[] blob = Base64.getDecoder().decode(note.substring(at).trim());
          return note.substring(0, at)
              + Base64.getEncoder().encodeToString(change.apply(blob))
              + "\n";
        });
  }

  private void notes() {
    part("checkpoints");
    note(
        "another root under alpha's signature",
        "checkpoint_bad_signature",
        note -> note.replaceFirst("\n4\n[^\n]+", "\n4\n" + base64(OTHER)));
    note(
        "another size under alpha's signature",
        "checkpoint_bad_signature",
        note -> note.replaceFirst("\n4\n", "\n3\n"));
    note("a size with a leading zero", "bad_number", note -> note.replaceFirst("\n4\n", "\n04\n"));
    note("an extension line", "bad_checkpoint", note -> note.replaceFirst("\n\n", "\nextra\n\n"));
    note("Windows line ends", "note_control_character", note -> note.replace("\n", "\r\n"));
    note(
        "no newline at the end",
        "note_without_signature",
        note -> note.substring(0, note.length() - 1));
    note("text after the signature", "bad_signature_line", note -> note + "more\n");
    note(
        "a second signature line",
        "cbor_wrong_length",
        note -> note + note.substring(note.lastIndexOf('\u2014')));
    note(
        "base64 of the root without padding",
        "bad_base64",
        note -> note.replaceFirst("=\n\n", "\n\n"));
    note(
        "base64 of the root with bits after its end",
        "bad_base64",
        note -> lastLetterChanged(note));
    note(
        "base64 of the signature with white space in it",
        "bad_base64",
        note -> new StringBuilder(note).insert(note.lastIndexOf(' ') + 9, ' ').toString());
    signature("S + L in place of S", "checkpoint_bad_signature", FramingArtefacts::malleated);
    signature(
        "R not canonical",
        "checkpoint_bad_signature",
        blob -> overwritten(blob, 4, notCanonical()));
    signature(
        "R of small order, S zero",
        "checkpoint_bad_signature",
        blob -> overwritten(overwritten(blob, 4, identity()), 36, new byte[32]));
    signature(
        "a signature of 65 bytes",
        "checkpoint_not_strict",
        blob -> Arrays.copyOf(blob, blob.length + 1));
    signature("a signature of 63 bytes", "checkpoint_not_strict", blob -> Arrays.copyOf(blob, 67));
    signature(
        "another key id before the signature",
        "checkpoint_bad_signature",
        blob -> overwritten(blob, 0, new byte[4]));
  }

  private static String base64(Hash hash) {
    return Base64.getEncoder().encodeToString(hash.toArray());
  }

  /** The last letter before the padding has two bits that decode to nothing. */
  private static String lastLetterChanged(String note) {
    int at = note.indexOf("=\n\n") - 1;
    char[] text = note.toCharArray();
    String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    text[at] = alphabet.charAt(alphabet.indexOf(text[at]) | 1);
    return new String(text);
  }

  private static byte[] malleated(byte[] blob) {
    return overwritten(
        blob, blob.length - 32, plusOrder(Arrays.copyOfRange(blob, blob.length - 32, blob.length)));
  }

  /** Little-endian S to S + L: satisfies the same equation. */
  private static byte[] plusOrder(byte[] s) {
    byte[] bigEndian = new byte[32];
    for (int i = 0; i < 32; i++) {
      bigEndian[31 - i] = s[i];
    }
    byte[] sum = new BigInteger(1, bigEndian).add(GROUP_ORDER).toByteArray();
    byte[] twin = new byte[32];
    for (int i = 0; i < 32 && i < sum.length; i++) {
      twin[i] = sum[sum.length - 1 - i];
    }
    return twin;
  }

  private static byte[] overwritten(byte[] bytes, int at, byte[] with) {
    byte[] changed = bytes.clone();
    System.arraycopy(with, 0, changed, at, with.length);
    return changed;
  }

  /** p + 1, an encoding of y = 1 that is not the shortest. */
  private static byte[] notCanonical() {
    byte[] encoded = new byte[32];
    Arrays.fill(encoded, (byte) 0xff);
    encoded[0] = (byte) 0xee;
    encoded[31] = 0x7f;
    return encoded;
  }

  private static byte[] identity() {
    byte[] encoded = new byte[32];
    encoded[0] = 1;
    return encoded;
  }

  // INVALID_ENTRY

  private Bytes entryFile(
      ByzantineLog log, String code, List<Exhibit> exhibits, List<Hash> multiproof) {
    return new EvidenceFile(
            networkId,
            new EvidenceFile.InvalidEntry(
                log.checkpoint().bytes(), new EvidenceFile.Entries(code, exhibits, multiproof)))
        .encode();
  }

  /** One exhibit, with the proof for its place in alpha's log. */
  private Bytes lone(String code, long index, Bytes bytes) {
    return entryFile(
        honest,
        code,
        List.of(new Exhibit(index, bytes)),
        Multiproof.build(honest, honest.size(), List.of(index)));
  }

  private void entries() {
    part("INVALID_ENTRY");
    base(
        "a culprit's TICK before an earlier one",
        Judge.EVIDENCE,
        "PROVEN",
        () -> court.entry(twoTicks(-1), "tick_backwards", 1L, 3L));
    add(
        "a TICK equal to the one before",
        "no_fault",
        () -> court.entry(twoTicks(0), "tick_backwards", 1L, 3L));
    add("a correct entry called junk", "no_fault", () -> court.entry(honest, "encoding", 2L));
    add(
        "a correct transaction called forged",
        "no_fault",
        () -> court.entry(honest, "transaction_invalid", 2L));
    add(
        "two entries that follow each other called a broken chain",
        "no_fault",
        () -> court.entry(honest, "wrong_prev", 2L, 3L));
    add(
        "a checkpoint on STATE called misplaced",
        "no_fault",
        () -> court.entry(honest, "checkpoint_not_on_state", honest.size() - 1));
    add(
        "one sequence in two channels called used twice",
        "no_fault",
        () -> court.entry(sends("gamma", 0, 0), "sequence_used_twice", 2L, 3L));
    add(
        "two sequences to two incarnations called used twice",
        "no_fault",
        () -> court.entry(sends("beta", 1, 1), "sequence_used_twice", 2L, 3L));
    add("a code that no rule has", "no_fault", () -> court.entry(honest, "bad_intentions", 2L));
    add("junk in an entry's place", "not_included", () -> lone("encoding", 2, Bytes.utf8("junk")));
    add(
        "an entry of another node's log",
        "not_included",
        () -> lone("transaction_invalid", 2, beta.entry(2)));
    add(
        "an entry in another's place",
        "not_included",
        () -> lone("wrong_index", 2, honest.entry(3)));
    add(
        "the same transaction with a malleated signature",
        "not_included",
        () -> lone("transaction_invalid", 2, withStatement(FramingArtefacts::malleatedStatement)));
    add(
        "the same entry with a byte behind it",
        "not_included",
        () -> lone("encoding", 2, concat(honest.entry(2), Bytes.of((byte) 0))));
    add(
        "an inclusion proof of another tree",
        "not_included",
        () ->
            entryFile(
                honest,
                "encoding",
                List.of(new Exhibit(2, honest.entry(2))),
                Multiproof.build(beta, beta.size(), List.of(2L))));
    add(
        "an inclusion proof of a smaller tree",
        "not_included",
        () ->
            entryFile(
                honest,
                "encoding",
                List.of(new Exhibit(2, honest.entry(2))),
                Multiproof.build(honest, 4, List.of(2L))));
    add(
        "a hash too many in the inclusion proof",
        "not_included",
        () ->
            entryFile(
                honest,
                "encoding",
                List.of(new Exhibit(2, honest.entry(2))),
                plus(Multiproof.build(honest, honest.size(), List.of(2L)), OTHER)));
    add(
        "an entry shown twice",
        "not_included",
        () ->
            entryFile(
                honest,
                "tick_backwards",
                List.of(
                    new Exhibit(FIRST_TICK, honest.entry(FIRST_TICK)),
                    new Exhibit(FIRST_TICK, honest.entry(FIRST_TICK))),
                Multiproof.build(honest, honest.size(), List.of((long) FIRST_TICK))));
    add(
        "two entries shown in the wrong order",
        "not_included",
        () ->
            entryFile(
                twoTicks(5),
                "tick_backwards",
                List.of(new Exhibit(3, twoTicks(5).entry(3)), new Exhibit(1, twoTicks(5).entry(1))),
                Multiproof.build(twoTicks(5), twoTicks(5).size(), List.of(1L, 3L))));
    add(
        "an entry beyond the checkpoint",
        "not_included",
        () ->
            entryFile(
                honest,
                "encoding",
                List.of(new Exhibit(honest.size(), Bytes.utf8("junk"))),
                Multiproof.build(honest, honest.size(), List.of(2L))));
    add(
        "no entry at all",
        "not_included",
        () -> entryFile(honest, "encoding", List.of(), List.of()));
  }

  private ByzantineLog twoTicks(long later) {
    return twoTicks("alpha", later);
  }

  private ByzantineLog twoTicks(String node, long later) {
    long tick = TestNetwork.FOUNDED_MILLIS + 10;
    ByzantineLog log = court.log(node).body(new TickEntry(tick)).endState();
    return log.body(new TickEntry(tick + later)).endState();
  }

  /** To beta, and to another channel with the same number. */
  private ByzantineLog sends(String node, long incarnation, long sequence) {
    return court
        .log("alpha")
        .transaction(court.put("alpha", 77, "x=1"))
        .body(new SendEntry("beta", 0, 0, Bytes.utf8("x")))
        .body(new SendEntry(node, incarnation, sequence, Bytes.utf8("x")))
        .endState();
  }

  /** Alpha's first transaction, its statement changed. */
  private Bytes withStatement(UnaryOperator<Bytes> change) {
    try {
      Entry entry = Entry.decode(honest.entry(2));
      TransactionEntry transaction = (TransactionEntry) entry.body();
      return Entry.of(
              2,
              entry.prev(),
              new TransactionEntry(change.apply(transaction.statement()), transaction.outcome()))
          .bytes();
    } catch (DecodeException e) {
      throw new AssertionError(e);
    }
  }

  /** A statement by one signer ends with S. */
  private static Bytes malleatedStatement(Bytes statement) {
    return Bytes.wrap(malleated(statement.toArray()));
  }

  private static Bytes concat(Bytes one, Bytes other) {
    return Tampering.concat(one, other);
  }

  // INVALID_TRANSITION

  private Bytes transition(
      ByzantineLog log,
      long first,
      List<Bytes> entries,
      List<Hash> multiproof,
      StateWitness witness) {
    return transition(log, first, entries, multiproof, witness.encoded());
  }

  private Bytes transition(
      ByzantineLog log, long first, List<Bytes> entries, List<Hash> multiproof, Bytes witness) {
    return new EvidenceFile(
            networkId,
            new EvidenceFile.InvalidTransition(
                log.checkpoint().bytes(),
                new EvidenceFile.Batch(first, entries, multiproof, witness)))
        .encode();
  }

  /** Alpha's first batch with other entries, and the true proof and state. */
  private Bytes firstBatch(Bytes... entries) {
    return transition(
        honest,
        0,
        List.of(entries),
        Multiproof.buildRange(honest, honest.size(), 0, entries.length),
        honest.witness(0, 3));
  }

  private Bytes honestBatch(StateWitness witness) {
    return court.builder.invalidTransition(honest.checkpoint(), 3, 5, honest, witness);
  }

  private void transitions() {
    part("INVALID_TRANSITION");
    base("a culprit's wrong outcome", Judge.EVIDENCE, "PROVEN", () -> court.transition(liar, 5, 6));
    add("a correct batch", "no_fault", () -> court.transition(honest, 3, 5));
    add(
        "a correct refusal of somebody unauthorised",
        "no_fault",
        () -> {
          ByzantineLog log = court.log("alpha", 1);
          log.transaction(court.refused("alpha", Bytes.utf8("a=b"))).endState();
          return court.transition(log, log.size() - 3, log.size() - 1);
        });
    add(
        "a correct refusal of an id used for something else",
        "no_fault",
        () -> {
          ByzantineLog log = court.log("alpha", 1).transaction(court.put("alpha", 99, "a=b"));
          log.transaction(court.put("alpha", 99, "a=c")).endState();
          return court.transition(log, 3, 6);
        });
    add(
        "a correct answer that there is no such object",
        "no_fault",
        () -> {
          ByzantineLog log = court.log("alpha", 1).transaction(court.put("alpha", "nothing"));
          return court.transition(log.endState(), 3, 5);
        });
    add(
        "an entry of another log spliced in",
        "not_included",
        () -> firstBatch(honest.entry(0), honest.entry(1), beta.entry(2), honest.entry(3)));
    add(
        "two entries reordered",
        "not_included",
        () -> firstBatch(honest.entry(0), honest.entry(2), honest.entry(1), honest.entry(3)));
    add(
        "an entry hidden",
        "not_included",
        () -> firstBatch(honest.entry(0), honest.entry(1), honest.entry(3)));
    add(
        "an entry hidden, with a proof for the others",
        "not_included",
        () ->
            transition(
                honest,
                0,
                List.of(honest.entry(0), honest.entry(2)),
                Multiproof.build(honest, honest.size(), List.of(0L, 2L)),
                honest.witness(0, 3)));
    add(
        "the same transaction with a malleated signature in the batch",
        "not_included",
        () ->
            firstBatch(
                honest.entry(0),
                honest.entry(1),
                withStatement(FramingArtefacts::malleatedStatement),
                honest.entry(3)));
    add(
        "entries moved by one position",
        "not_included",
        () ->
            transition(
                honest,
                1,
                List.of(honest.entry(0), honest.entry(1)),
                Multiproof.buildRange(honest, honest.size(), 0, 2),
                honest.witness(0, 1)));
    add(
        "positions that wrap around",
        "bad_index",
        () ->
            transition(
                honest,
                Long.MAX_VALUE,
                List.of(honest.entry(0), honest.entry(1)),
                Multiproof.buildRange(honest, honest.size(), 0, 2),
                honest.witness(0, 1)));
    add(
        "execution from the middle of a batch",
        "not_from_state",
        () ->
            court.builder.invalidTransition(
                honest.checkpoint(), 1, 2, honest, honest.witness(0, 3)));
    add(
        "nothing executed",
        "no_batch",
        () ->
            court.builder.invalidTransition(
                honest.checkpoint(), 3, 3, honest, honest.witness(3, 3)));
    add(
        "two batches at once",
        "more_than_a_batch",
        () ->
            court.builder.invalidTransition(
                honest.checkpoint(), 0, 5, honest, honest.witness(0, 5)));
    add(
        "the state of another moment",
        "witness_wrong_root",
        () -> honestBatch(honest.witness(honest.stateAfter(7), 3, 5)));
    add(
        "the state with a value changed",
        "witness_wrong_root",
        () -> honestBatch(honest.witness(richer(), 3, 5)));
    add("the state of another node", "witness_wrong_root", () -> honestBatch(beta.witness(3, 5)));
    add(
        "a key of the state left out",
        "incomplete",
        () -> honestBatch(StateWitness.ofKeys(honest.stateAfter(3), List.of())));
    add(
        "more of the state than execution looks at",
        "no_fault",
        () -> {
          AccessLog log = new AccessLog(honest.stateAfter(3));
          honest.replay(log.state(), 3, 5);
          log.state().scan(Bytes.EMPTY, null, 1_000);
          return honestBatch(log.witness());
        });
    add(
        "a culprit's fault with more of the state than it takes",
        "superfluous_state",
        () -> {
          AccessLog log = new AccessLog(liar.stateAfter(5));
          log.state().scan(Bytes.EMPTY, null, 1_000);
          return court.builder.invalidTransition(liar.checkpoint(), 5, 6, liar, log.witness());
        });
    add(
        "a culprit's fault with entries after it",
        "superfluous_entries",
        () -> court.builder.invalidTransition(liar.checkpoint(), 5, 7, liar, liar.witness(5, 6)));
    add(
        "a culprit's batch too large, as a matter of execution",
        "entry_invalid",
        () -> {
          ByzantineLog log = court.log("delta");
          for (int i = 0; i < 32; i++) {
            log.transaction(court.put("delta", 700 + i, "k" + i + "=v"));
          }
          log.endState(OTHER);
          return court.builder.invalidTransition(log.checkpoint(), 0, 33, log, log.witness(0, 33));
        });
    add(
        "a culprit's forged transaction, as a matter of execution",
        "entry_invalid",
        () -> {
          ByzantineLog log = court.log("delta");
          Bytes forged = malleatedStatement(court.put("delta", 902, "a=b").encoded());
          log.body(new TransactionEntry(forged, Bytes.EMPTY)).endState(OTHER);
          return court.builder.invalidTransition(log.checkpoint(), 0, 1, log, log.witness(0, 1));
        });
    add(
        "a byte behind the state's proof",
        "witness_trailing",
        () ->
            transition(
                honest,
                3,
                List.of(honest.entry(3), honest.entry(4), honest.entry(5)),
                Multiproof.buildRange(honest, honest.size(), 3, 6),
                concat(honest.witness(3, 5).encoded(), Bytes.of((byte) 0))));
    add(
        "a culprit's entries under alpha's checkpoint",
        "not_included",
        () ->
            transition(
                honest,
                5,
                List.of(liar.entry(5), liar.entry(6)),
                Multiproof.buildRange(liar, liar.size(), 5, 7),
                liar.witness(5, 6)));
  }

  private StateTree richer() {
    return honest.stateAfter(3).put(Bytes.utf8("\u0001key0"), Bytes.utf8("much more"));
  }

  // FALSE_AUDIT: alpha as a witness that has replayed a log and signed that it is clean.

  private Bytes audit(ByzantineLog log, long from, long to) {
    return audit(log, from, to, court.program.id(), networkId, court.network.logKey("alpha"));
  }

  private Bytes audit(
      ByzantineLog log, long from, long to, Hash programId, Hash network, Signer key) {
    return auditOf(log, from, to, programId).sign(network, key).encoded();
  }

  private static AuditStatement auditOf(ByzantineLog log, long from, long to, Hash programId) {
    return new AuditStatement(log.machine().origin(), head(log, from), head(log, to), programId);
  }

  private static TreeHead head(ByzantineLog log, long size) {
    return Frontier.read(log, size).head();
  }

  /** That entries {@code (first, last]} of the log are wrong, under the AUDIT's root. */
  private Bytes accusation(Bytes audit, ByzantineLog log, long size, long first, long last) {
    List<Bytes> entries = new ArrayList<>();
    for (long index = first; index <= last; index++) {
      entries.add(log.entry(index));
    }
    return new EvidenceFile(
            networkId,
            new EvidenceFile.FalseAudit(
                audit,
                new EvidenceFile.Batch(
                    first,
                    entries,
                    Multiproof.buildRange(log, size, first, last + 1),
                    log.witness(first, last).encoded())))
        .encode();
  }

  private void audits() {
    part("FALSE_AUDIT");
    base(
        "an AUDIT over a culprit's lie",
        Judge.EVIDENCE,
        "PROVEN",
        () -> accusation(audit(liar, 0, 8), liar, 8, 5, 6));
    add(
        "an AUDIT over a correct batch",
        "no_fault",
        () -> accusation(audit(beta, 0, 8), beta, 8, 5, 7));
    add(
        "a lie that comes after the AUDIT's end",
        "not_included",
        () -> accusation(audit(liar, 0, 6), liar, 8, 5, 6));
    add(
        "a lie that comes before the AUDIT's beginning",
        "not_audited",
        () -> {
          ByzantineLog longer = liar.fork(court.network, 8);
          longer.transaction(court.put("delta", 901, "z=1")).endState();
          return accusation(audit(longer, 8, 10), longer, 10, 5, 6);
        });
    add(
        "an AUDIT of alpha's own log",
        "audit_by_owner",
        () -> accusation(audit(honest, 0, 8), honest, 8, 5, 7));
    add(
        "a fault that shows only beside an entry from before the AUDIT's beginning",
        "not_audited",
        () -> {
          ByzantineLog log = twoTicks("delta", -1);
          return new EvidenceFile(
                  networkId,
                  new EvidenceFile.FalseAudit(
                      audit(log, 3, 5),
                      new EvidenceFile.Entries(
                          "tick_backwards",
                          List.of(new Exhibit(1, log.entry(1)), new Exhibit(3, log.entry(3))),
                          Multiproof.build(log, 5, List.of(1L, 3L)))))
              .encode();
        });
    add(
        "a lie in another history of the ward",
        "not_included",
        () -> accusation(audit(court.log("delta", 3), 0, 8), liar, 8, 5, 6));
    add(
        "an AUDIT in a key that is no node's",
        "audit_unknown_signer",
        () ->
            accusation(
                audit(liar, 0, 8, court.program.id(), networkId, Polity.signer("m-alpha")),
                liar,
                8,
                5,
                6));
    add(
        "an AUDIT under another program",
        "audit_wrong_program",
        () ->
            accusation(
                audit(liar, 0, 8, OTHER, networkId, court.network.logKey("alpha")), liar, 8, 5, 6));
    add(
        "an AUDIT of another consortium",
        "statement_wrong_network",
        () ->
            accusation(
                audit(liar, 0, 8, court.program.id(), OTHER, court.network.logKey("alpha")),
                liar,
                8,
                5,
                6));
    add(
        "a statement of another type called an AUDIT",
        "statement_wrong_typ",
        () ->
            accusation(
                Statement.sign(
                        networkId,
                        Ballot.TYP,
                        auditOf(liar, 0, 8, court.program.id()).encode(),
                        court.network.logKey("alpha"))
                    .encoded(),
                liar,
                8,
                5,
                6));
    add(
        "S + L in an AUDIT",
        "statement_bad_signature",
        () -> accusation(malleatedStatement(audit(liar, 0, 8)), liar, 8, 5, 6));
    add(
        "a checkpoint in an AUDIT's place",
        "cbor_unexpected_type",
        () -> accusation(liar.checkpoint().bytes(), liar, 8, 5, 6));
  }

  // Files

  /** A true proof, in other bytes. */
  private void file(String name, String code, UnaryOperator<Bytes> change) {
    add(name, code, () -> change.apply(court.transition(liar, 5, 6)));
  }

  private static final int NETWORK_AT = 2;
  private static final int KIND_AT = NETWORK_AT + 2 + Hash.BYTES;

  private void files() {
    part("files");
    file("a byte behind the file", "cbor_trailing_bytes", it -> concat(it, Bytes.of((byte) 0)));
    file("the last byte cut off", "cbor_truncated", it -> it.slice(0, it.size() - 1));
    file(
        "an array of indefinite length",
        "cbor_forbidden",
        it -> concat(concat(Bytes.of((byte) 0x9f), it.slice(1, it.size())), Bytes.of((byte) 0xff)));
    file(
        "a number that is not the shortest",
        "cbor_not_shortest",
        it ->
            concat(
                concat(it.slice(0, 1), Bytes.of((byte) 0x18, (byte) 1)), it.slice(2, it.size())));
    file(
        "a map in place of the array",
        "cbor_unexpected_type",
        it -> concat(Bytes.of((byte) 0xa5), it.slice(1, it.size())));
    file("a tag before the file", "cbor_forbidden", it -> concat(Bytes.of((byte) 0xd2), it));
    file(
        "an item too many",
        "cbor_wrong_length",
        it -> concat(Bytes.of((byte) 0x86), it.slice(1, it.size())));
    file("a version to come", "unknown_version", it -> set(it, 1, 2));
    file("a kind that is not", "unknown_kind", it -> set(it, KIND_AT, 23));
    file(
        "a transition called a fork",
        "cbor_wrong_length",
        it -> set(it, KIND_AT, FaultKind.FORK.code()));
    file(
        "another network in the file",
        "wrong_network",
        it ->
            concat(
                concat(it.slice(0, NETWORK_AT + 2), OTHER.toBytes()),
                it.slice(KIND_AT, it.size())));
    file(
        "decisions that are none",
        "cbor_unexpected_type",
        it ->
            concat(
                concat(it.slice(0, KIND_AT + 1), Bytes.of((byte) 0x81, (byte) 0x41, (byte) 0)),
                it.slice(KIND_AT + 2, it.size())));
    add(
        "a culprit's fork with a decision that nobody needs",
        "decisions_not_needed",
        () ->
            new EvidenceBuilder(
                    networkId,
                    List.of(polity.unanimous(state, new Action.ReassignWitnesses()).encode()))
                .fork(honest.sign(new TreeHead(8, OTHER)), honest.checkpoint()));
    add(
        "a file too large",
        "evidence_too_large",
        () -> Bytes.of(new byte[EvidenceVerifier.MAX_BYTES + 1]));
    add("nothing", "cbor_truncated", () -> Bytes.EMPTY);
    add(
        "a proof under rules that the judge has not",
        Judge.OTHER_PROGRAM,
        "unknown_program",
        () -> court.transition(liar, 5, 6));
    add(
        "a proof of another consortium",
        "wrong_network",
        () -> {
          Court other = new Court(Parameters.of(0, 2));
          ByzantineLog log = other.log("alpha", 2);
          return other.transition(log.endState(OTHER), 5, 6);
        });
  }

  private static Bytes set(Bytes bytes, int at, int value) {
    byte[] changed = bytes.toArray();
    changed[at] = (byte) value;
    return Bytes.wrap(changed);
  }

  // DOUBLE_BALLOT

  private Ballot ballot(long epoch, int round, String member, Stance stance, String reason) {
    Map<String, Stance> cited = new TreeMap<>();
    List.of("m-beta", "m-delta", "m-gamma").forEach(each -> cited.put(each, Stance.of(proposal)));
    return new Ballot(
        epoch,
        state.lastDecision(),
        round,
        member,
        stance,
        reason,
        round == 0 ? Citations.NONE : Citations.of(cited, state.electorate()));
  }

  private Ballot ballot(Stance stance) {
    return ballot(0, 1, "m-alpha", stance, "");
  }

  private Bytes twice(Ballot one, Ballot other) {
    return court.builder.doubleBallot(polity.sign(one), polity.sign(other));
  }

  /** The true first ballot beside any bytes; in the order of a file if they are a ballot. */
  private Bytes twice(Bytes other) {
    SignedBallot first = polity.sign(ballot(Stance.of(proposal)));
    try {
      return court.builder.doubleBallot(
          first,
          SignedBallot.verify(other, new StatementVerifier(SignatureRule.fastest(), networkId)));
    } catch (DecodeException e) {
      return new EvidenceFile(networkId, new EvidenceFile.DoubleBallot(first.encoded(), other))
          .encode();
    }
  }

  private Bytes second() {
    return SignedBallot.sign(networkId, ballot(Stance.NONE), Polity.signer("m-alpha")).encoded();
  }

  private Bytes signedBallot(Hash network, String typ, Signer... signers) {
    return Statement.sign(network, typ, ballot(Stance.NONE).encode(), List.of(signers)).encoded();
  }

  private void ballots() {
    part("DOUBLE_BALLOT");
    Signer alpha = Polity.signer("m-alpha");
    base(
        "two ballots of a member in one round",
        Judge.EVIDENCE,
        "PROVEN",
        () -> twice(ballot(Stance.of(proposal)), ballot(Stance.NONE)));
    add("one ballot twice", "no_fault", () -> twice(ballot(Stance.NONE), ballot(Stance.NONE)));
    add(
        "one vote in other words",
        "no_fault",
        () -> twice(ballot(Stance.NONE), ballot(0, 1, "m-alpha", Stance.NONE, "once more")));
    add(
        "ballots of two rounds",
        "no_fault",
        () -> twice(ballot(Stance.NONE), ballot(0, 2, "m-alpha", Stance.of(proposal), "")));
    add(
        "ballots of two epochs",
        "no_fault",
        () -> twice(ballot(Stance.NONE), ballot(1, 1, "m-alpha", Stance.of(proposal), "")));
    add(
        "a member's two ballots in the wrong order",
        "ballots_not_ordered",
        () -> {
          SignedBallot one = polity.sign(ballot(Stance.of(proposal)));
          SignedBallot other = polity.sign(ballot(Stance.NONE));
          boolean inOrder = BallotJudge.ORDER.compare(one, other) < 0;
          return new EvidenceFile(
                  networkId,
                  new EvidenceFile.DoubleBallot(
                      (inOrder ? other : one).encoded(), (inOrder ? one : other).encoded()))
              .encode();
        });
    add(
        "ballots of two members",
        "different_members",
        () -> twice(ballot(Stance.NONE), ballot(0, 1, "m-beta", Stance.of(proposal), "")));
    add(
        "a ballot signed with the log key",
        "ballot_wrong_signer",
        () -> twice(signedBallot(networkId, Ballot.TYP, court.network.logKey("alpha"))));
    add(
        "a ballot signed by another member",
        "ballot_wrong_signer",
        () -> twice(signedBallot(networkId, Ballot.TYP, Polity.signer("m-beta"))));
    add(
        "a ballot replayed from another consortium",
        "statement_wrong_network",
        () -> twice(signedBallot(OTHER, Ballot.TYP, alpha)));
    add(
        "a statement of another type called a ballot",
        "statement_wrong_typ",
        () -> twice(signedBallot(networkId, Transaction.TYP, alpha)));
    add(
        "a ballot with a second signer",
        "ballot_signer_count",
        () -> twice(signedBallot(networkId, Ballot.TYP, alpha, Polity.signer("m-beta"))));
    add("S + L in a ballot", "statement_bad_signature", () -> twice(malleatedStatement(second())));
    add(
        "a ballot with a byte behind it",
        "cbor_trailing_bytes",
        () -> twice(concat(second(), Bytes.of((byte) 0))));
    add(
        "an unprotected header that says more",
        "cbor_wrong_length",
        () -> twice(unprotected(second())));
    add("an untouched ballot under a tag", "cbor_forbidden", () -> twice(tagged(second())));
    add(
        "a protected header with a key twice",
        "cose_bad_header",
        () -> twice(doubledHeader(second())));
  }

  /** Where the COSE_Sign1 is inside a statement of one signer, and its unprotected header. */
  private static int unprotectedAt(byte[] statement) {
    for (int i = 8; i < statement.length; i++) {
      // The protected header ends with the network id; the empty map and a byte string follow.
      if ((statement[i] & 0xff) == 0xa0 && (statement[i + 1] & 0xe0) == 0x40) {
        return i;
      }
    }
    throw new AssertionError("no unprotected header");
  }

  /** Rebuilds the outer array of a statement of one signer around a changed COSE_Sign1. */
  private static Bytes statementOf(byte[] cose) {
    return new CborWriter().array(1).bytes(cose).toBytes();
  }

  private static byte[] coseOf(Bytes statement) {
    try {
      CborReader in = new CborReader(statement);
      in.arrayHeader(1);
      return in.bytes().toArray();
    } catch (DecodeException e) {
      throw new AssertionError(e);
    }
  }

  private static Bytes unprotected(Bytes statement) {
    byte[] cose = coseOf(statement);
    int at = unprotectedAt(cose);
    byte[] more = new byte[cose.length + 2];
    System.arraycopy(cose, 0, more, 0, at);
    more[at] = (byte) 0xa1;
    more[at + 1] = 0x04;
    more[at + 2] = 0x01;
    System.arraycopy(cose, at + 1, more, at + 3, cose.length - at - 1);
    return statementOf(more);
  }

  private static Bytes tagged(Bytes statement) {
    byte[] cose = coseOf(statement);
    byte[] more = new byte[cose.length + 1];
    more[0] = (byte) 0xd2;
    System.arraycopy(cose, 0, more, 1, cose.length);
    return statementOf(more);
  }

  /** {@code alg} where {@code kid} was expected: the same key of the map twice. */
  private static Bytes doubledHeader(Bytes statement) {
    byte[] cose = coseOf(statement);
    // 84 58 xx a4 01 27 04 58 20 ...
    for (int i = 0; i < 12; i++) {
      if (cose[i] == 0x01 && cose[i + 1] == 0x27 && cose[i + 2] == 0x04) {
        cose[i + 2] = 0x01;
        return statementOf(cose);
      }
    }
    throw new AssertionError("another header than expected");
  }

  // Challenges: who cannot be exposed could be suspected.

  private Bytes challenge(Challenge.Body body) {
    return challenge("alpha", 0, "gamma", body, court.network.logKey("gamma"));
  }

  private Bytes challenge(
      String target, long incarnation, String challenger, Challenge.Body body, Signer key) {
    return new Challenge(new Challenge.Target(target, incarnation), challenger, body)
        .sign(networkId, key)
        .encoded();
  }

  private Challenge.Audit audit() {
    return new Challenge.Audit(honest.checkpoint().bytes(), 1, 3);
  }

  private ReceiveEntry messages(ByzantineLog from, int skipped) {
    List<Long> sends = from.sends();
    return from.envelope(
        sends.subList(skipped, sends.size()).stream().mapToLong(Long::longValue).toArray());
  }

  private ByzantineLog sender(Signer key) {
    ByzantineLog log = new ByzantineLog(court.machine("beta"), key).genesis();
    for (int i = 0; i < 3; i++) {
      log.transaction(court.put("beta", 500 + i, "alpha/" + i + "=x")).endState();
    }
    return log;
  }

  private void challenge(String name, String code, Supplier<Bytes> bytes) {
    add(name, Judge.CHALLENGE, code, bytes);
  }

  private void challenges() {
    part("challenges");
    Signer gamma = court.network.logKey("gamma");
    base("entries that alpha has promised", Judge.CHALLENGE, "valid", () -> challenge(audit()));
    base(
        "messages that beta has sent to alpha",
        Judge.CHALLENGE,
        "valid",
        () ->
            challenge(
                new Challenge.Message(
                    Optional.empty(), messages(sender(court.network.logKey("beta")), 0))));
    challenge(
        "signed by another node",
        "not_by_challenger",
        () -> challenge("alpha", 0, "gamma", audit(), court.network.logKey("delta")));
    challenge(
        "signed with the member's key",
        "not_by_challenger",
        () -> challenge("alpha", 0, "gamma", audit(), Polity.signer("m-gamma")));
    challenge(
        "raised by a node that is not",
        "unknown_challenger",
        () -> challenge("alpha", 0, "mallory", audit(), gamma));
    challenge(
        "raised by alpha against itself",
        "challenges_itself",
        () -> challenge("alpha", 0, "alpha", audit(), court.network.logKey("alpha")));
    challenge(
        "to an incarnation that is not",
        "unknown_target",
        () -> challenge("alpha", 1, "gamma", audit(), gamma));
    challenge(
        "replayed from another consortium",
        "statement_wrong_network",
        () ->
            new Challenge(new Challenge.Target("alpha", 0), "gamma", audit())
                .sign(OTHER, gamma)
                .encoded());
    challenge(
        "a statement of another type called a challenge",
        "statement_wrong_typ",
        () ->
            Statement.sign(
                    networkId,
                    Ballot.TYP,
                    new Challenge(new Challenge.Target("alpha", 0), "gamma", audit()).encode(),
                    gamma)
                .encoded());
    challenge(
        "S + L in a challenge",
        "statement_bad_signature",
        () -> malleatedStatement(challenge(audit())));
    challenge(
        "a challenge with a byte behind it",
        "cbor_trailing_bytes",
        () -> concat(challenge(audit()), Bytes.of((byte) 0)));
    challenge(
        "for entries beyond the checkpoint",
        "bad_range",
        () -> challenge(new Challenge.Audit(honest.checkpoint().bytes(), honest.size() - 1, 2)));
    challenge(
        "for entries under another node's checkpoint",
        "not_of_target",
        () -> challenge(new Challenge.Audit(beta.checkpoint().bytes(), 1, 3)));
    challenge(
        "for entries under a checkpoint that alpha has not signed",
        "checkpoint_invalid",
        () ->
            challenge(
                new Challenge.Audit(
                    signed(gamma, honest.machine().origin(), new TreeHead(8, OTHER)).bytes(),
                    1,
                    3)));
    challenge(
        "to link checkpoints in the wrong order",
        "bad_order",
        () ->
            challenge(
                new Challenge.Consistency(
                    honest.checkpoint().bytes(), honest.checkpoint(4).bytes())));
    challenge(
        "about messages with those before left out",
        "ack_missing",
        () ->
            challenge(
                new Challenge.Message(
                    Optional.empty(), messages(sender(court.network.logKey("beta")), 1))));
    challenge(
        "about messages beyond those that alpha has acknowledged and the next",
        "ack_too_low",
        () -> {
          ByzantineLog sender = sender(court.network.logKey("beta"));
          ByzantineLog receiver =
              court.log("alpha").receive(sender.envelope(sender.sends().get(0))).endState();
          return challenge(
              new Challenge.Message(
                  Optional.of(receiver.ackFor(sender.machine())), messages(sender, 2)));
        });
    challenge(
        "about messages that their sender has not signed",
        "sends_unproven",
        () ->
            challenge(
                new Challenge.Message(
                    Optional.empty(), messages(sender(TestNetwork.signer("forger")), 0))));
    challenge(
        "about messages to another node",
        "receive_wrong_addressee",
        () -> {
          ByzantineLog log = court.log("beta").transaction(court.put("beta", "delta/x=1"));
          return challenge(new Challenge.Message(Optional.empty(), messages(log.endState(), 0)));
        });
    challenge(
        "about a transaction for another node",
        "wrong_audience",
        () ->
            challenge(new Challenge.Client(court.put("beta", "x=1").encoded(), Optional.empty())));
    challenge(
        "about a transaction with a malleated signature",
        "statement_bad_signature",
        () ->
            challenge(
                new Challenge.Client(
                    malleatedStatement(court.put("alpha", "x=1").encoded()), Optional.empty())));
  }

  // Decisions

  private Decision with(Decision decision, List<Bytes> ballots) {
    return new Decision(
        decision.epoch(), decision.previous(), decision.round(), decision.action(), ballots);
  }

  private Bytes instead(Bytes ballot) {
    Decision decision = polity.unanimous(state, suspend);
    List<Bytes> ballots = new ArrayList<>(decision.ballots());
    ballots.set(0, ballot);
    return with(decision, ballots).encode();
  }

  private Bytes vote(Hash network, String member, Stance stance, Signer key) {
    return SignedBallot.sign(network, Polity.first(state, member, stance), key).encoded();
  }

  private void decision(String name, String code, Supplier<Bytes> bytes) {
    add(name, Judge.DECISION, code, bytes);
  }

  private void decisions() {
    part("decisions");
    Stance aye = Stance.of(proposal);
    Signer alpha = Polity.signer("m-alpha");
    base(
        "everybody votes to suspend a node",
        Judge.DECISION,
        "taken",
        () -> polity.unanimous(state, suspend).encode());
    base(
        "a quorum confirms it",
        Judge.DECISION,
        "taken",
        () -> polity.confirmed(state, suspend).encode());
    decision(
        "a ballot short",
        "ballot_count",
        () -> {
          Decision decision = polity.unanimous(state, suspend);
          return with(decision, decision.ballots().subList(1, 4)).encode();
        });
    decision(
        "one ballot in place of all",
        "ballot_order",
        () -> {
          Decision decision = polity.unanimous(state, suspend);
          return with(decision, Collections.nCopies(4, decision.ballots().get(0))).encode();
        });
    decision(
        "ballots for something else",
        "ballot_for_other",
        () ->
            new Decision(
                    0,
                    state.lastDecision(),
                    0,
                    new Action.SuspendNode("beta"),
                    polity.unanimous(state, suspend).ballots())
                .encode());
    decision(
        "a member that voted for none",
        "ballot_for_other",
        () -> instead(vote(networkId, "m-alpha", Stance.NONE, alpha)));
    decision(
        "a ballot in another member's name",
        "wrong_signer",
        () -> instead(vote(networkId, "m-alpha", aye, Polity.signer("m-beta"))));
    decision(
        "a ballot signed with the log key of the member's node",
        "wrong_signer",
        () -> instead(vote(networkId, "m-alpha", aye, court.network.logKey("alpha"))));
    decision(
        "a ballot of somebody who has no vote",
        "not_an_elector",
        () -> instead(vote(networkId, "m-aaa", aye, alpha)));
    decision(
        "a ballot replayed from another consortium",
        "statement_wrong_network",
        () -> instead(vote(OTHER, "m-alpha", aye, alpha)));
    decision(
        "S + L in a ballot of a decision",
        "statement_bad_signature",
        () -> instead(malleatedStatement(vote(networkId, "m-alpha", aye, alpha))));
    decision(
        "a stale decision, relabelled with this epoch",
        "wrong_epoch",
        () -> {
          Ballot later = new Ballot(1, state.lastDecision(), 0, "m-alpha", aye, "", Citations.NONE);
          return instead(SignedBallot.sign(networkId, later, alpha).encoded());
        });
    decision(
        "a decision of an epoch to come",
        "wrong_epoch",
        () ->
            polity
                .unanimous(polity.decide(chain, new Action.ReassignWitnesses()).state(), suspend)
                .encode());
    decision(
        "a decision that follows another past",
        "wrong_previous",
        () ->
            new Decision(0, OTHER, 0, suspend, polity.unanimous(state, suspend).ballots())
                .encode());
    decision(
        "ballots of round 0 under round 1",
        "wrong_round",
        () ->
            new Decision(
                    0,
                    state.lastDecision(),
                    1,
                    suspend,
                    polity.unanimous(state, suspend).ballots().subList(0, 3))
                .encode());
    decision(
        "a decision with a byte behind it",
        "cbor_trailing_bytes",
        () -> concat(polity.unanimous(state, suspend).encode(), Bytes.of((byte) 0)));
  }
}
