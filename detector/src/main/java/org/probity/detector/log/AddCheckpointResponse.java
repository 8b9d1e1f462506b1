package org.probity.detector.log;

import java.util.ArrayList;
import java.util.List;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;

/**
 * What a witness answers (C2SP tlog-witness), as HTTP status, content type and body. The HTTP
 * itself is the shell's.
 */
public sealed interface AddCheckpointResponse {
  String TEXT = "text/plain; charset=utf-8";
  String TLOG_SIZE = "text/x.tlog.size";

  int MAX_BYTES = 64 * 1024;

  int status();

  Bytes body();

  default String contentType() {
    return TEXT;
  }

  /** 200: consistent and durable here, with one or more cosignature lines. */
  record Cosigned(List<NoteSignature> lines) implements AddCheckpointResponse {
    public Cosigned {
      lines = List.copyOf(lines);
      if (lines.isEmpty()) {
        throw new IllegalArgumentException("no cosignature");
      }
    }

    @Override
    public int status() {
      return 200;
    }

    @Override
    public Bytes body() {
      return Bytes.utf8(String.join("\n", lines.stream().map(NoteSignature::line).toList()) + "\n");
    }
  }

  /** 400: not a request, or an old size above the checkpoint's. */
  record Malformed() implements AddCheckpointResponse {
    @Override
    public int status() {
      return 400;
    }

    @Override
    public Bytes body() {
      return Bytes.utf8("malformed request\n");
    }
  }

  /** 403: no valid signature of a key that is trusted for this origin. */
  record NoTrustedSignature() implements AddCheckpointResponse {
    @Override
    public int status() {
      return 403;
    }

    @Override
    public Bytes body() {
      return Bytes.utf8("no valid signature by a trusted key\n");
    }
  }

  /** 404: not a log that is witnessed here. */
  record UnknownOrigin() implements AddCheckpointResponse {
    @Override
    public int status() {
      return 404;
    }

    @Override
    public Bytes body() {
      return Bytes.utf8("unknown origin\n");
    }
  }

  /** 409: the witness holds another size; try again from there. */
  record WrongOldSize(long heldSize) implements AddCheckpointResponse {
    @Override
    public int status() {
      return 409;
    }

    @Override
    public String contentType() {
      return TLOG_SIZE;
    }

    @Override
    public Bytes body() {
      return Bytes.utf8(heldSize + "\n");
    }
  }

  /** 422: the proof is bad, or the held size has another root. */
  record Inconsistent() implements AddCheckpointResponse {
    @Override
    public int status() {
      return 422;
    }

    @Override
    public Bytes body() {
      return Bytes.utf8("not consistent with the checkpoint held here\n");
    }
  }

  /** Anything else that a server may answer: no statement about the checkpoint. */
  record Unexpected(int status, Bytes body) implements AddCheckpointResponse {}

  /**
   * Reads a witness's answer. Lines of a 200 are unverified: join them to the checkpoint and {@link
   * SignedNote#verify} with the witness's key. A 409 without a size is what version 1.0.0 of the
   * specification answers for another root at the same size, its successor answers 422: both are
   * {@link Inconsistent}.
   */
  static AddCheckpointResponse read(int status, String contentType, Bytes body) {
    return switch (status) {
      case 200 -> cosigned(body);
      case 400 -> new Malformed();
      case 403 -> new NoTrustedSignature();
      case 404 -> new UnknownOrigin();
      case 409 -> contentType.equals(TLOG_SIZE) ? wrongOldSize(body) : new Inconsistent();
      case 422 -> new Inconsistent();
      default -> new Unexpected(status, body);
    };
  }

  private static AddCheckpointResponse cosigned(Bytes body) {
    try {
      if (body.size() > MAX_BYTES) {
        return new Unexpected(200, Bytes.EMPTY);
      }
      String text = StrictText.utf8(body);
      List<NoteSignature> lines = new ArrayList<>();
      for (String line : text.split("\n", -1)) {
        if (!line.isEmpty() && lines.size() < SignedNote.MAX_SIGNATURES) {
          lines.add(NoteSignature.parse(line));
        }
      }
      return lines.isEmpty() ? new Unexpected(200, body) : new Cosigned(lines);
    } catch (DecodeException e) {
      return new Unexpected(200, body);
    }
  }

  private static AddCheckpointResponse wrongOldSize(Bytes body) {
    try {
      String text = StrictText.utf8(body);
      return text.endsWith("\n")
          ? new WrongOldSize(StrictText.decimal(text.substring(0, text.length() - 1)))
          : new Unexpected(409, body);
    } catch (DecodeException e) {
      return new Unexpected(409, body);
    }
  }
}
