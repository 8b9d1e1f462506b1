package org.probity.detector.log;

import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;

/**
 * The end of a batch: the root of the authenticated state after it, where the batch before ended,
 * and the sum of the byte lengths of the entries strictly between the two, so that whoever asks for
 * a batch knows beforehand how much will come.
 *
 * <pre>{@code body = [stateRoot: bstr .size 32, previousStateIndex: uint, bytesBetween: uint]}
 * </pre>
 *
 * <p>The first batch names GENESIS, index 0, as its previous STATE.
 */
public record StateEntry(Hash stateRoot, long previousStateIndex, long bytesBetween)
    implements EntryBody {

  public StateEntry {
    EntryFields.requireUint(previousStateIndex, "index");
    EntryFields.requireUint(bytesBetween, "byte count");
  }

  static StateEntry read(CborReader in) throws DecodeException {
    in.arrayHeader(3);
    return new StateEntry(EntryFields.hash(in), in.uint(), in.uint());
  }

  @Override
  public EntryType type() {
    return EntryType.STATE;
  }

  @Override
  public void writeTo(CborWriter out) {
    out.array(3).bytes(stateRoot.unsafeArray()).uint(previousStateIndex).uint(bytesBetween);
  }

  @Override
  public <R> R handle(Handler<R> handler) {
    return handler.state(this);
  }
}
