package org.probity.detector.governance;

import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.PublicKey;
import org.probity.detector.log.Identifier;

/**
 * One node in one incarnation, with the keys that speak for it (protocol.md §2.2).
 *
 * @param logKey signs checkpoints and statements
 * @param cosignerKey signs C2SP cosignatures only
 */
public record NodeRecord(
    String node, String member, long incarnation, PublicKey logKey, PublicKey cosignerKey) {

  /** The statement by which a member takes a node's keys under its name. */
  public static final String ENROLMENT_TYP = "probity/enrolment";

  public Bytes encode() {
    return new CborWriter()
        .array(5)
        .text(node)
        .text(member)
        .uint(incarnation)
        .bytes(logKey.toBytes())
        .bytes(cosignerKey.toBytes())
        .toBytes();
  }

  public static NodeRecord decode(Bytes encoded) throws DecodeException {
    CborReader in = new CborReader(encoded);
    in.arrayHeader(5);
    NodeRecord decoded =
        new NodeRecord(
            Identifier.read(in),
            Identifier.read(in),
            in.uint(),
            PublicKey.decode(in.bytes(PublicKey.BYTES)),
            PublicKey.decode(in.bytes(PublicKey.BYTES)));
    in.end();
    return decoded;
  }
}
