package org.probity.detector.program;

import java.nio.ByteBuffer;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.log.Identifier;

/**
 * The signed content of a client transaction: {@code [1, node, client id, submitter, body]},
 * statement type {@value #TYP}.
 *
 * <p>The client id is 16 bytes: the last ledger time at which the transaction may execute
 * (milliseconds, big-endian) and 8 bytes chosen by the client. The deadline is a part of the id on
 * purpose: the same id always has the same deadline, so a node needs to remember an id no longer
 * than that, and ids sort by the time they may be forgotten.
 *
 * @param node the home node it is meant for; a signature for one node is void at every other
 * @param clientId unique per submitter
 * @param submitter on whose behalf, in the program's own terms (the ledger: an account)
 * @param body the program's own format
 */
public record Transaction(String node, Bytes clientId, Bytes submitter, Bytes body) {
  public static final String TYP = "probity/transaction";
  public static final int CLIENT_ID_BYTES = 16;
  public static final int MAX_SUBMITTER_BYTES = 64;

  private static final int VERSION = 1;
  private static final int MAX_BODY_BYTES = 32 * 1024;

  /**
   * An id that is valid until {@code notAfterMillis}; {@code chosen} must not repeat until then.
   */
  public static Bytes clientId(long notAfterMillis, long chosen) {
    return Bytes.wrap(
        ByteBuffer.allocate(CLIENT_ID_BYTES).putLong(notAfterMillis).putLong(chosen).array());
  }

  /** The last ledger time at which this may execute; negative ids are out of every horizon. */
  public long notAfterMillis() {
    return ByteBuffer.wrap(clientId.unsafeArray()).getLong();
  }

  public Bytes encode() {
    return new CborWriter()
        .array(5)
        .uint(VERSION)
        .text(node)
        .bytes(clientId)
        .bytes(submitter)
        .bytes(body)
        .toBytes();
  }

  public static Transaction decode(Bytes payload) throws DecodeException {
    CborReader in = new CborReader(payload);
    in.arrayHeader(5);
    if (in.uint() != VERSION) {
      throw new DecodeException("unknown_version", "transaction version must be " + VERSION);
    }
    Transaction decoded =
        new Transaction(
            Identifier.read(in),
            in.bytes(CLIENT_ID_BYTES),
            in.bytesUpTo(MAX_SUBMITTER_BYTES),
            in.bytesUpTo(MAX_BODY_BYTES));
    in.end();
    return decoded;
  }
}
