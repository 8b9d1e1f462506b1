package org.probity.detector.crypto;

import com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider;
import java.security.GeneralSecurityException;
import java.security.Provider;
import java.security.Security;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.probity.detector.codec.DecodeException;

/**
 * The implementations of Ed25519 this process has. Found once, in a fixed order, each only if it
 * answers a known-answer test; what is found is never changed afterwards.
 */
public final class Ed25519Providers {
  private Ed25519Providers() {}

  /** Every available provider, the fastest first; Bouncy Castle is always among them. */
  public static List<Ed25519Provider> available() {
    return Found.PROVIDERS;
  }

  /** Corretto where its jar and its native library are there, else Bouncy Castle. */
  public static Ed25519Provider fastest() {
    return available().get(0);
  }

  /** The one that is always there. */
  public static Ed25519Provider bouncyCastle() {
    return BouncyCastleEd25519.INSTANCE;
  }

  private static final class Found {
    static final List<Ed25519Provider> PROVIDERS = find();

    private static List<Ed25519Provider> find() {
      Provider jdk = Security.getProvider("SunEC");
      List<Ed25519Provider> found = new ArrayList<>();
      if (jdk != null) {
        corretto(jdk).filter(KnownAnswer::given).ifPresent(found::add);
      }
      found.add(BouncyCastleEd25519.INSTANCE);
      if (jdk != null) {
        // Last: 4 times slower than Bouncy Castle on JDK 17, kept as a third opinion.
        jca("jdk", jdk, jdk).filter(KnownAnswer::given).ifPresent(found::add);
      }
      return List.copyOf(found);
    }

    private static Optional<Ed25519Provider> corretto(Provider keyProvider) {
      try {
        return Corretto.loaded().flatMap(provider -> jca("corretto", keyProvider, provider));
      } catch (LinkageError e) {
        // The optional jar is not on the class path, or its native library not of this platform.
        return Optional.empty();
      }
    }

    private static Optional<Ed25519Provider> jca(
        String name, Provider keyProvider, Provider provider) {
      try {
        return Optional.of(new JcaEd25519(name, keyProvider, provider));
      } catch (GeneralSecurityException e) {
        return Optional.empty();
      }
    }
  }

  /**
   * In a class of its own: the JVM links a class before it runs any of its code, so a mention of
   * the optional jar's class anywhere in {@link Found} would fail outside the try block there.
   */
  private static final class Corretto {
    static Optional<Provider> loaded() {
      AmazonCorrettoCryptoProvider provider = AmazonCorrettoCryptoProvider.INSTANCE;
      return provider.getLoadingError() == null ? Optional.of(provider) : Optional.empty();
    }
  }

  /** RFC 8032 §7.1, test 2: signs and verifies, and notices a changed message. */
  static final class KnownAnswer {
    private static final byte[] SEED =
        hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
    private static final byte[] KEY =
        hex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
    private static final byte[] MESSAGE = {0x72};
    private static final byte[] OTHER_MESSAGE = {0x73};
    private static final byte[] SIGNATURE =
        hex(
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");

    static boolean given(Ed25519Provider provider) {
      try {
        PublicKey key = PublicKey.decode(KEY);
        return Arrays.equals(SIGNATURE, provider.sign(PrivateKey.fromSeed(SEED), MESSAGE))
            && provider.rawVerify(key, MESSAGE, SIGNATURE)
            && !provider.rawVerify(key, OTHER_MESSAGE, SIGNATURE);
      } catch (DecodeException | RuntimeException | LinkageError e) {
        return false;
      }
    }

    private static byte[] hex(String digits) {
      return HexFormat.of().parseHex(digits);
    }
  }
}
