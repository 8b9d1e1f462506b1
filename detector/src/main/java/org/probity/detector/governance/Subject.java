package org.probity.detector.governance;

import java.util.Optional;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.crypto.Hash;
import org.probity.detector.log.Identifier;
import org.probity.detector.log.Origin;

/** What a fault is laid to: the log of a node, or a member itself. */
public sealed interface Subject {

  /** One text for each: the origin line of the log, or {@code probity/<network id>/<member>}. */
  String format();

  /** The node, if it is a node's fault. */
  Optional<String> node();

  /** A fault laid to it: {@code [subject: tstr, kind: uint, position: uint]}. */
  default Bytes encodeFault(int kind, long position) {
    return new CborWriter().array(3).text(format()).uint(kind).uint(position).toBytes();
  }

  /** The fault id as one hash: SHA-256 of {@link #encodeFault}. */
  default Hash fault(int kind, long position) {
    return Hash.sha256(encodeFault(kind, position).unsafeArray());
  }

  /** A node in one incarnation. */
  record OfLog(Origin origin) implements Subject {
    @Override
    public String format() {
      return origin.format();
    }

    @Override
    public Optional<String> node() {
      return Optional.of(origin.node());
    }
  }

  /** A member, whatever nodes it has. */
  record OfMember(Hash networkId, String member) implements Subject {
    public OfMember {
      Identifier.require(member);
    }

    @Override
    public String format() {
      return "probity/" + networkId.toHex() + "/" + member;
    }

    @Override
    public Optional<String> node() {
      return Optional.empty();
    }
  }
}
