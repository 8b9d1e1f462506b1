package org.probity.simulation.world;

import java.util.Arrays;
import org.probity.detector.crypto.Ed25519Provider;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.PrivateKey;
import org.probity.detector.crypto.PublicKey;

/**
 * What stands in for Ed25519 in most simulations, because it costs a hash and not a hundred
 * microseconds: a signature is a keyed hash of public key and message, in the shape that the rule
 * for signatures demands. Nobody in a simulation can make one for a key it does not hold, since the
 * secret of the hash is in here. Outside of a simulation it would be worth nothing; a test keeps
 * everything else that is shipped from knowing of it.
 *
 * <p>Deterministic, as Ed25519 is. Not thread-safe; counts what it is asked for.
 */
public final class KeyedSignatures implements Ed25519Provider {
  private static final int HALF = 32;
  private static final byte[] DOMAIN = Trace.ascii("probity/simulation/signature\n");

  private final byte[] secret;
  private long made;
  private long verified;

  public KeyedSignatures(long seed) {
    this.secret = Hash.sha256(DOMAIN, Trace.ascii(Long.toString(seed))).toArray();
  }

  @Override
  public String name() {
    return "keyed-hash";
  }

  @Override
  public boolean rawVerify(PublicKey key, byte[] message, byte[] signature) {
    verified++;
    return Arrays.equals(signature, signature(key, message));
  }

  @Override
  public byte[] sign(PrivateKey key, byte[] message) {
    made++;
    return signature(key.publicKey(), message);
  }

  private byte[] signature(PublicKey key, byte[] message) {
    byte[] hash = Hash.sha256(secret, key.toBytes().unsafeArray(), message).toArray();
    byte[] signature = new byte[2 * HALF];
    System.arraycopy(hash, 0, signature, 0, HALF);
    System.arraycopy(hash, 0, signature, HALF, HALF);
    // R below the field prime, S below the group order: both are little-endian.
    signature[HALF - 1] &= 0x3f;
    signature[2 * HALF - 1] &= 0x0f;
    return signature;
  }

  /** Signatures made so far. */
  public long made() {
    return made;
  }

  /** Signatures verified so far. */
  public long verified() {
    return verified;
  }
}
