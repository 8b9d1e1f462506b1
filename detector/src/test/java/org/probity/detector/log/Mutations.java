package org.probity.detector.log;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.probity.detector.crypto.Hash;

/** Every small change to a proof that a verifier must refuse. */
final class Mutations {
  private Mutations() {}

  /** Every single flipped bit. */
  static void everyFlippedBit(List<Hash> proof, Consumer<List<Hash>> check) {
    for (int i = 0; i < proof.size(); i++) {
      for (int bit = 0; bit < Hash.BYTES * 8; bit++) {
        List<Hash> mutant = new ArrayList<>(proof);
        mutant.set(i, flip(proof.get(i), bit));
        check.accept(mutant);
      }
    }
  }

  /** Every dropped, repeated, added and swapped hash. */
  static void everyOtherShape(List<Hash> proof, Consumer<List<Hash>> check) {
    Hash extra = Hash.sha256(new byte[] {42});
    for (int i = 0; i < proof.size(); i++) {
      List<Hash> dropped = new ArrayList<>(proof);
      dropped.remove(i);
      check.accept(dropped);
      List<Hash> repeated = new ArrayList<>(proof);
      repeated.add(i, proof.get(i));
      check.accept(repeated);
      for (int j = i + 1; j < proof.size(); j++) {
        if (!proof.get(i).equals(proof.get(j))) {
          List<Hash> swapped = new ArrayList<>(proof);
          swapped.set(i, proof.get(j));
          swapped.set(j, proof.get(i));
          check.accept(swapped);
        }
      }
    }
    for (int i = 0; i <= proof.size(); i++) {
      List<Hash> added = new ArrayList<>(proof);
      added.add(i, extra);
      check.accept(added);
    }
  }

  static Hash flip(Hash hash, int bit) {
    byte[] bytes = hash.toArray();
    bytes[bit / 8] ^= (byte) (1 << bit % 8);
    return Hash.of(bytes);
  }
}
