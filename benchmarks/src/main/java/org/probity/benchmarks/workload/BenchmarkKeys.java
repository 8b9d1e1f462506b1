package org.probity.benchmarks.workload;

import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Ed25519Provider;
import org.probity.detector.crypto.Ed25519Providers;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.PrivateKey;
import org.probity.detector.crypto.Signer;

/** Keys that everybody can compute from their names. */
public final class BenchmarkKeys {
  private BenchmarkKeys() {}

  /** The key pair of a name. */
  public static Signer signer(String name) {
    return Signer.of(privateKey(name));
  }

  /** The private half. */
  public static PrivateKey privateKey(String name) {
    return PrivateKey.fromSeed(
        Hash.sha256(Bytes.utf8("probity benchmark " + name).unsafeArray()).toArray());
  }

  /** The provider of that name; throws IllegalArgumentException naming those there are. */
  public static Ed25519Provider provider(String name) {
    return Ed25519Providers.available().stream()
        .filter(provider -> provider.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no Ed25519 provider "
                        + name
                        + " here; there are "
                        + Ed25519Providers.available().stream()
                            .map(Ed25519Provider::name)
                            .toList()));
  }
}
