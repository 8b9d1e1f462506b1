package org.probity.detector.log;

/**
 * Names of note keys: not empty, no Unicode space, no plus sign (C2SP signed-note), and here also
 * no control character, which no note can contain.
 */
final class KeyName {
  private KeyName() {}

  static boolean isValid(String name) {
    // By char: nothing that is forbidden is outside of the basic plane, but for half a pair.
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c > ' ' && c < 0x7F && c != '+') {
        continue;
      }
      boolean isPair = i + 1 < name.length() && Character.isSurrogatePair(c, name.charAt(i + 1));
      if (isPair) {
        i++;
      } else if (isForbidden(c)) {
        return false;
      }
    }
    return !name.isEmpty();
  }

  static void require(String name) {
    if (!isValid(name)) {
      throw new IllegalArgumentException("not a key name: " + name);
    }
  }

  private static boolean isForbidden(int codePoint) {
    return codePoint == '+' || codePoint < 0x20 || isSpace(codePoint) || isSurrogate(codePoint);
  }

  private static boolean isSurrogate(int codePoint) {
    return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
  }

  /**
   * Unicode's White_Space property above the control characters, written out: Java's isWhitespace
   * leaves out the no-break spaces and adds separators, and the set must not follow the Java
   * release.
   */
  private static boolean isSpace(int codePoint) {
    return codePoint == 0x20
        || codePoint == 0x85
        || codePoint == 0xA0
        || codePoint == 0x1680
        || (codePoint >= 0x2000 && codePoint <= 0x200A)
        || codePoint == 0x2028
        || codePoint == 0x2029
        || codePoint == 0x202F
        || codePoint == 0x205F
        || codePoint == 0x3000;
  }
}
