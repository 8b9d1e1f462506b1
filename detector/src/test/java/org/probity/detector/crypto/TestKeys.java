package org.probity.detector.crypto;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Keys that everybody knows: RFC 8032 §7.1, and as many others as a test needs. */
public final class TestKeys {
  /** RFC 8032 §7.1, test 1. */
  public static final PrivateKey RFC_1 =
      fromHex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");

  /** RFC 8032 §7.1, test 2. */
  public static final PrivateKey RFC_2 =
      fromHex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");

  private TestKeys() {}

  /** The key with this number; the same one in every run. */
  public static PrivateKey numbered(int number) {
    return named("key " + number);
  }

  /** The key with this name; the same one in every run. */
  public static PrivateKey named(String name) {
    return PrivateKey.fromSeed(Hash.sha256(name.getBytes(StandardCharsets.UTF_8)).toArray());
  }

  private static PrivateKey fromHex(String seed) {
    return PrivateKey.fromSeed(HexFormat.of().parseHex(seed));
  }
}
