package org.probity.detector.log;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.probity.detector.crypto.Hash;

/**
 * RFC 6962 §2.1 written down as it stands in the RFC, recursive and slow, as an oracle independent
 * of the production code. Roots of ranges are remembered, or exhaustive tests would never end.
 */
final class ReferenceTree {
  private final List<Hash> leaves;
  private final Map<List<Integer>, Hash> remembered = new HashMap<>();

  ReferenceTree(List<Hash> leaves) {
    this.leaves = leaves;
  }

  /** {@code count} distinct leaf hashes, the same in every run. */
  static List<Hash> leaves(int count, String salt) {
    List<Hash> leaves = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      leaves.add(Rfc6962.leaf((salt + i).getBytes(StandardCharsets.UTF_8)));
    }
    return leaves;
  }

  /** MTH(D[from:to]). */
  Hash mth(int from, int to) {
    if (from == to) {
      return Hash.sha256(new byte[0]);
    }
    if (to - from == 1) {
      return leaves.get(from);
    }
    Hash known = remembered.get(List.of(from, to));
    if (known == null) {
      int k = split(to - from);
      byte[] interior = {0x01};
      known = Hash.sha256(interior, mth(from, from + k).toArray(), mth(from + k, to).toArray());
      remembered.put(List.of(from, to), known);
    }
    return known;
  }

  /** PATH(m, D[from:to]). */
  List<Hash> path(int m, int from, int to) {
    List<Hash> path = new ArrayList<>();
    int n = to - from;
    if (n > 1) {
      int k = split(n);
      if (m < k) {
        path.addAll(path(m, from, from + k));
        path.add(mth(from + k, to));
      } else {
        path.addAll(path(m - k, from + k, to));
        path.add(mth(from, from + k));
      }
    }
    return path;
  }

  /** PROOF(m, D[n]) = SUBPROOF(m, D[n], true). */
  List<Hash> proof(int m, int n) {
    return subproof(m, 0, n, true);
  }

  private List<Hash> subproof(int m, int from, int to, boolean complete) {
    int n = to - from;
    List<Hash> proof = new ArrayList<>();
    if (m == n) {
      if (!complete) {
        proof.add(mth(from, to));
      }
      return proof;
    }
    int k = split(n);
    if (m <= k) {
      proof.addAll(subproof(m, from, from + k, complete));
      proof.add(mth(from + k, to));
    } else {
      proof.addAll(subproof(m - k, from + k, to, false));
      proof.add(mth(from, from + k));
    }
    return proof;
  }

  /**
   * The multiproof of docs/format/log.md for leaves {@code [first, last)} of the first {@code n}.
   */
  List<Hash> multiproof(int first, int last, int n) {
    List<Hash> proof = new ArrayList<>();
    addMultiproof(proof, first, last, 0, n);
    return proof;
  }

  private void addMultiproof(List<Hash> proof, int first, int last, int from, int to) {
    if (last <= from || to <= first) {
      proof.add(mth(from, to));
    } else if (to - from > 1) {
      int k = from + split(to - from);
      addMultiproof(proof, first, last, from, k);
      addMultiproof(proof, first, last, k, to);
    }
  }

  /** Largest power of two smaller than n, by trying. */
  private static int split(int n) {
    int k = 1;
    while (2 * k < n) {
      k *= 2;
    }
    return k;
  }
}
