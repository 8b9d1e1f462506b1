package org.probity.node.access;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;
import org.probity.detector.crypto.Hash;

/**
 * A bearer token: a fixed prefix, by which scanners for leaked secrets find it, and 256 random bits
 * in base64url. 256 bits cannot be guessed, so a plain SHA-256 of it may lie about: there is no
 * password to be found by trying.
 */
public final class AccessToken {
  static final String PREFIX = "probity_";
  private static final int RANDOM_BYTES = 32;

  /** Longest text that is looked at as a token. */
  static final int MAX_CHARACTERS = 128;

  private final String text;

  private AccessToken(String text) {
    this.text = text;
  }

  public static AccessToken generate(SecureRandom random) {
    byte[] secret = new byte[RANDOM_BYTES];
    random.nextBytes(secret);
    return new AccessToken(PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(secret));
  }

  /** The secret itself. */
  public String text() {
    return text;
  }

  /** What a node's file of callers holds of it: {@code printf %s TOKEN | sha256sum} too. */
  public Hash digest() {
    return digest(text);
  }

  static Hash digest(String text) {
    return Hash.sha256(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Never the secret. */
  @Override
  public String toString() {
    return "AccessToken[" + digest().toHex() + "]";
  }
}
