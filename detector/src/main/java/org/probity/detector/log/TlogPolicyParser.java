package org.probity.detector.log;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.log.TlogPolicy.Quorum;

/**
 * Reads the text of a {@link TlogPolicy}, line by line.
 *
 * <p>Octets with the high bit are opaque, as the format demands: the text is read as ISO 8859-1, so
 * that a name has one char per octet, and only keys and URLs are read as UTF-8. Spaces and tabs
 * separate; {@code #} at the start of a line makes it a comment.
 */
final class TlogPolicyParser {
  static final int MAX_BYTES = 1 << 20;
  static final int MAX_LINES = 4_096;

  /** How deep groups may nest; judging a quorum recurses as deep. */
  static final int MAX_DEPTH = 32;

  private static final String NONE = "none";

  /** A defined name: what it stands for and how many groups deep that is. */
  private record Defined(Quorum quorum, int depth) {}

  private final List<TlogPolicy.Log> logs = new ArrayList<>();
  private final List<TlogPolicy.Witness> witnesses = new ArrayList<>();
  private final Map<String, Defined> names = new HashMap<>();
  private final Set<String> members = new HashSet<>();
  private @Nullable Quorum quorum;
  private int lineNumber;

  private TlogPolicyParser() {}

  static TlogPolicy parse(Bytes text) throws DecodeException {
    TlogPolicyParser parser = new TlogPolicyParser();
    if (text.size() > MAX_BYTES) {
      throw parser.bad("more than " + MAX_BYTES + " bytes");
    }
    for (byte b : text.unsafeArray()) {
      boolean isAllowed = b == '\t' || b == '\n' || b < 0 || (b >= 0x20 && b <= 0x7E);
      if (!isAllowed) {
        throw parser.bad("control character " + b);
      }
    }
    String latin = new String(text.unsafeArray(), StandardCharsets.ISO_8859_1);
    if (!latin.endsWith("\n")) {
      throw parser.bad("the last line has no newline");
    }
    for (String line : latin.substring(0, latin.length() - 1).split("\n", -1)) {
      parser.line(line);
    }
    Quorum quorum = parser.quorum;
    if (quorum == null) {
      throw parser.bad("no quorum");
    }
    return new TlogPolicy(parser.logs, parser.witnesses, quorum);
  }

  private void line(String line) throws DecodeException {
    lineNumber++;
    if (lineNumber > MAX_LINES) {
      throw bad("more than " + MAX_LINES + " lines");
    }
    List<String> words = words(line);
    if (words.isEmpty() || words.get(0).startsWith("#")) {
      return;
    }
    switch (words.get(0)) {
      case "log" -> log(words);
      case "witness" -> witness(words);
      case "group" -> group(words);
      case "quorum" -> quorum(words);
      default -> throw bad("unknown keyword");
    }
  }

  private void log(List<String> words) throws DecodeException {
    requireWords(words, 2, 3);
    NoteVerifierKey key = key(words.get(1), NoteKeyType.ED25519);
    if (logs.stream().anyMatch(log -> log.key().publicKey().equals(key.publicKey()))) {
      throw bad("the same log key twice");
    }
    logs.add(new TlogPolicy.Log(key, url(words, 2)));
  }

  private void witness(List<String> words) throws DecodeException {
    requireWords(words, 3, 4);
    NoteVerifierKey key = key(words.get(2), NoteKeyType.COSIGNATURE);
    if (witnesses.stream().anyMatch(w -> w.key().publicKey().equals(key.publicKey()))) {
      throw bad("the same witness key twice");
    }
    TlogPolicy.Witness witness = new TlogPolicy.Witness(words.get(1), key, url(words, 3));
    define(words.get(1), new Defined(new Quorum.One(witness), 0));
    witnesses.add(witness);
  }

  private void group(List<String> words) throws DecodeException {
    requireWords(words, 4, Integer.MAX_VALUE);
    List<String> memberNames = words.subList(3, words.size());
    List<Quorum> quorums = new ArrayList<>();
    int depth = 0;
    for (String name : memberNames) {
      Defined member = defined(name);
      if (!members.add(name)) {
        throw bad("a member of a group for the second time");
      }
      quorums.add(member.quorum());
      depth = Math.max(depth, member.depth() + 1);
    }
    if (depth > MAX_DEPTH) {
      throw bad("groups more than " + MAX_DEPTH + " deep");
    }
    int needed = needed(words.get(2), quorums.size());
    define(words.get(1), new Defined(new Quorum.Group(needed, List.copyOf(quorums)), depth));
  }

  private int needed(String word, int memberCount) throws DecodeException {
    if (word.equals("any")) {
      return 1;
    }
    if (word.equals("all")) {
      return memberCount;
    }
    long needed = StrictText.decimal(word);
    if (needed < 1 || needed > memberCount) {
      throw bad("a threshold out of range");
    }
    return (int) needed;
  }

  private void quorum(List<String> words) throws DecodeException {
    requireWords(words, 2, 2);
    if (quorum != null) {
      throw bad("a second quorum");
    }
    quorum = words.get(1).equals(NONE) ? new Quorum.None() : defined(words.get(1)).quorum();
  }

  private void define(String name, Defined meaning) throws DecodeException {
    if (name.equals(NONE) || names.putIfAbsent(name, meaning) != null) {
      throw bad("a name that is taken");
    }
  }

  private Defined defined(String name) throws DecodeException {
    Defined meaning = names.get(name);
    if (meaning == null) {
      throw bad("a name that is not defined above");
    }
    return meaning;
  }

  private NoteVerifierKey key(String word, NoteKeyType expected) throws DecodeException {
    NoteVerifierKey key = NoteVerifierKey.parse(utf8(word));
    if (key.type() != expected) {
      throw bad("a key of the wrong type");
    }
    return key;
  }

  private static Optional<String> url(List<String> words, int position) throws DecodeException {
    return words.size() > position ? Optional.of(utf8(words.get(position))) : Optional.empty();
  }

  private static String utf8(String latin) throws DecodeException {
    return StrictText.utf8(Bytes.wrap(latin.getBytes(StandardCharsets.ISO_8859_1)));
  }

  private void requireWords(List<String> words, int min, int max) throws DecodeException {
    if (words.size() < min || words.size() > max) {
      throw bad("too few or too many words");
    }
  }

  private static List<String> words(String line) {
    List<String> words = new ArrayList<>();
    for (String word : line.replace('\t', ' ').split(" ", -1)) {
      if (!word.isEmpty()) {
        words.add(word);
      }
    }
    return words;
  }

  private DecodeException bad(String what) {
    return new DecodeException("bad_policy", "line " + lineNumber + ": " + what);
  }
}
