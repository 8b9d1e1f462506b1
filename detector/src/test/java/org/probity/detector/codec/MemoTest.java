package org.probity.detector.codec;

import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MemoTest {
  private record Decoded(Bytes source) {}

  private final Memo<Decoded> memo = new Memo<>(64, Decoded::source);

  @Test
  void findsByContentAndNothingElse() {
    Decoded kept = new Decoded(Bytes.utf8("a checkpoint with a signature"));
    memo.keep(kept);

    assertSame(kept, memo.find(Bytes.utf8("a checkpoint with a signature")));
    // The same set, since what is hashed is the end alone.
    assertNull(memo.find(Bytes.utf8("A checkpoint with a signature")));
    assertNull(memo.find(Bytes.utf8("a checkpoint with a signaturE")));
    assertNull(memo.find(Bytes.EMPTY));
  }

  @Test
  void keepsTheNewestOfThoseThatShareASet() {
    Decoded[] all =
        IntStream.range(0, 5)
            .mapToObj(i -> new Decoded(Bytes.utf8(i + " with the same sixteen bytes at the end")))
            .toArray(Decoded[]::new);
    for (Decoded one : all) {
      memo.keep(one);
    }

    assertNull(memo.find(all[0].source()));
    for (int i = 1; i < all.length; i++) {
      assertSame(all[i], memo.find(all[i].source()));
    }
  }

  @Test
  void hasAPowerOfTwoOfSets() {
    assertThrows(IllegalArgumentException.class, () -> new Memo<>(96, Decoded::source));
    assertThrows(IllegalArgumentException.class, () -> new Memo<>(2, Decoded::source));
  }
}
