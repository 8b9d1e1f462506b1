package org.probity.node.fuzz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CoseSign1;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.governance.BallotMark;
import org.probity.detector.governance.Stance;
import org.probity.detector.log.Tiles;
import org.probity.node.identity.CertificateRequest;
import org.probity.node.identity.KeyKind;
import org.probity.node.identity.Purpose;
import org.probity.node.identity.Secret;

/**
 * What a fuzzer begins with: every example of the format specification and of the recorded logs,
 * and whatever stands inside of these.
 */
final class Examples {
  private static final Path FORMAT = Path.of("..", "docs", "format");
  private static final Pattern BLOCK = Pattern.compile("```(hex|text)\n(.*?)```", Pattern.DOTALL);
  private static final int ENTRIES_OF_A_LOG = 60;
  private static final int MAX_NESTED = 12;

  private final Set<Bytes> found = new LinkedHashSet<>();

  private Examples() {}

  static List<Bytes> all() {
    Examples examples = new Examples();
    try {
      examples.fromSpecification();
      examples.fromTranscripts();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    examples.others();
    return List.copyOf(examples.found);
  }

  private void fromSpecification() throws IOException {
    for (Path page : files(FORMAT, ".md")) {
      Matcher block = BLOCK.matcher(Files.readString(page));
      while (block.find()) {
        String content = block.group(2);
        if (block.group(1).equals("hex")) {
          String digits = content.replaceAll("#.*", "").replaceAll("\\s|\"[^\"]*\"", "");
          if (digits.matches("([0-9a-f]{2})+")) {
            add(Bytes.fromHex(digits), 0);
          }
        } else {
          found.add(Bytes.utf8(content));
          for (String word : content.split("\\s+", -1)) {
            found.add(Bytes.utf8(word));
          }
        }
      }
    }
  }

  private void fromTranscripts() throws IOException {
    for (Path log : files(FORMAT.resolve("transcripts"), ".txt")) {
      try (Stream<String> lines = Files.lines(log, StandardCharsets.US_ASCII)) {
        lines
            .map(line -> line.split(" ", -1))
            .filter(words -> words.length >= 3 && words[2].matches("([0-9a-f]{2})+"))
            .limit(ENTRIES_OF_A_LOG)
            .forEach(words -> add(Bytes.fromHex(words[2]), 0));
      }
    }
  }

  /** For decoders of what is no CBOR and has no example. */
  private void others() {
    List<Bytes> entries = found.stream().filter(bytes -> bytes.size() > 100).limit(2).toList();
    found.add(Tiles.bundle(entries));
    found.add(new BallotMark(3, 1, Hash.sha256(new byte[0]), Stance.NONE).encode());
    CertificateRequest request =
        CertificateRequest.create(
            Secret.generate(KeyKind.ED25519, new SecureRandom()),
            Purpose.TLS,
            "bank-a",
            "member-a",
            List.of("example.org"));
    found.add(Bytes.utf8(request.pem()));
    String base64 = request.pem().replaceAll("-----[^-]*-----|\\s", "");
    found.add(Bytes.wrap(Base64.getDecoder().decode(base64)));
    for (String text :
        List.of(
            "tile/0/x001/x234/067",
            "tile/entries/000.p/7",
            "{\"amount\":\"12\",\"list\":[1,true,null],\"o\":{\"k\":-1}}",
            "340282366920938463463374607431768211455",
            "AAECAw==",
            """
            "order_id";"account_id";"bank_to";"account_to";"amount";"k_symbol"
            29401;1;"YZ";"87144583";2452.00;"SIPO"
            """)) {
      found.add(Bytes.utf8(text));
    }
  }

  /** The bytes, and every byte string that stands in them if they are CBOR. */
  private void add(Bytes bytes, int depth) {
    if (bytes.isEmpty() || !found.add(bytes) || depth == MAX_NESTED) {
      return;
    }
    try {
      found.add(CoseSign1.decode(bytes).unverifiedPayload());
    } catch (DecodeException e) {
      // Most are no signed payload.
    }
    CborReader in = new CborReader(bytes);
    try {
      nested(in, depth);
      in.end();
    } catch (DecodeException e) {
      // Something else than CBOR, or with a map in it; whole as it is.
    }
  }

  private void nested(CborReader in, int depth) throws DecodeException {
    if (in.nextIsArray()) {
      for (int left = in.arrayHeader(); left > 0; left--) {
        if (in.nextIsArray()) {
          // Some parts have decoders of their own.
          add(in.rawItem(), depth + 1);
        } else {
          nested(in, depth);
        }
      }
    } else if (in.nextIsBytes()) {
      add(in.bytes(), depth + 1);
    } else {
      in.skip();
    }
  }

  private static List<Path> files(Path folder, String ending) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(ending)).sorted().toList();
    }
  }
}
