package org.probity.detector.log;

import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;

/**
 * Entry 0 of every log: whose log it is, which program runs it, and the state it starts from.
 *
 * <pre>{@code body = [node: tstr, incarnation: uint, programId: bstr .size 32,
 *         initialStateRoot: bstr .size 32]}</pre>
 */
public record GenesisEntry(String node, long incarnation, Hash programId, Hash initialStateRoot)
    implements EntryBody {

  public GenesisEntry {
    Identifier.require(node);
    EntryFields.requireUint(incarnation, "incarnation");
  }

  static GenesisEntry read(CborReader in) throws DecodeException {
    in.arrayHeader(4);
    return new GenesisEntry(
        Identifier.read(in), in.uint(), EntryFields.hash(in), EntryFields.hash(in));
  }

  @Override
  public EntryType type() {
    return EntryType.GENESIS;
  }

  @Override
  public void writeTo(CborWriter out) {
    out.array(4)
        .text(node)
        .uint(incarnation)
        .bytes(programId.unsafeArray())
        .bytes(initialStateRoot.unsafeArray());
  }

  @Override
  public <R> R handle(Handler<R> handler) {
    return handler.genesis(this);
  }
}
