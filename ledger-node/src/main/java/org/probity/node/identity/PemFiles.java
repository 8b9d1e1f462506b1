package org.probity.node.identity;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfoBuilder;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.jcajce.JcePKCSPBEInputDecryptorProviderBuilder;
import org.bouncycastle.pkcs.jcajce.JcePKCSPBEOutputEncryptorBuilder;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemReader;
import org.bouncycastle.util.io.pem.PemWriter;

/** Keys and certificates as PEM, in files and as text. */
public final class PemFiles {
  static final String PRIVATE_KEY = "PRIVATE KEY";
  static final String ENCRYPTED_PRIVATE_KEY = "ENCRYPTED PRIVATE KEY";
  static final String CERTIFICATE = "CERTIFICATE";
  static final String REQUEST = "CERTIFICATE REQUEST";
  static final String CRL = "X509 CRL";

  private static final int MAX_FILE_BYTES = 1 << 20;

  /** Of PBKDF2; some tenths of a second, once per key and start. */
  private static final int PASSPHRASE_ITERATIONS = 300_000;

  private static final Set<PosixFilePermission> OWNER_ONLY =
      EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
  private static final Set<PosixFilePermission> OWNER_ONLY_DIRECTORY =
      EnumSet.of(
          PosixFilePermission.OWNER_READ,
          PosixFilePermission.OWNER_WRITE,
          PosixFilePermission.OWNER_EXECUTE);
  private static final boolean IS_POSIX =
      FileSystems.getDefault().supportedFileAttributeViews().contains("posix");

  private PemFiles() {}

  /** Creates a directory for secrets, mode 0700; an existing one is left as it is. */
  public static void createPrivateDirectory(Path directory) {
    try {
      if (!Files.isDirectory(directory)) {
        Path parent = directory.toAbsolutePath().getParent();
        if (parent != null) {
          Files.createDirectories(parent);
        }
        Files.createDirectory(directory, permissions(OWNER_ONLY_DIRECTORY));
      }
    } catch (IOException e) {
      throw new IdentityException("key_file_io", "cannot create the folder " + directory, e);
    }
  }

  private static FileAttribute<?>[] permissions(Set<PosixFilePermission> permissions) {
    return IS_POSIX
        ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(permissions)}
        : new FileAttribute<?>[0];
  }

  /**
   * Writes a private key to a new file, readable by its owner alone from the first instant, and
   * syncs it.
   *
   * @throws IdentityException {@code key_file_exists}: a key is never overwritten
   */
  public static void writeSecret(Path file, Secret secret) {
    write(file, pem(PRIVATE_KEY, secret.pkcs8().toArray()), permissions(OWNER_ONLY));
  }

  /**
   * The same, encrypted if there is a passphrase.
   *
   * @param passphrase that {@link #readSecret(Path, Optional)} will be given for this file
   */
  static void writeSecret(Path file, Secret secret, Optional<String> passphrase) {
    if (passphrase.isEmpty()) {
      writeSecret(file, secret);
      return;
    }
    try {
      byte[] encrypted =
          new PKCS8EncryptedPrivateKeyInfoBuilder(secret.pkcs8().toArray())
              .build(
                  new JcePKCSPBEOutputEncryptorBuilder(NISTObjectIdentifiers.id_aes256_CBC)
                      .setProvider(new BouncyCastleProvider())
                      .setPRF(
                          new AlgorithmIdentifier(
                              PKCSObjectIdentifiers.id_hmacWithSHA256, DERNull.INSTANCE))
                      .setIterationCount(PASSPHRASE_ITERATIONS)
                      .build(passphrase.get().toCharArray()))
              .getEncoded();
      write(file, pem(ENCRYPTED_PRIVATE_KEY, encrypted), permissions(OWNER_ONLY));
    } catch (IOException | OperatorCreationException e) {
      throw new IllegalStateException("cannot encrypt a key", e);
    }
  }

  /** Writes certificates, leaf first, to a new file. */
  public static void writeCertificates(Path file, List<X509Certificate> chain) {
    write(file, pem(chain));
  }

  /**
   * Puts text in the place of a file, or where there was none: readers see the old content or the
   * new, also after a crash. Not for secrets.
   */
  static void replaceText(Path file, String text) {
    Path next = file.resolveSibling(file.getFileName() + ".new");
    try {
      Files.deleteIfExists(next);
      write(next, text);
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new IdentityException("key_file_io", "cannot replace " + file, e);
    }
  }

  /** Writes any PEM text to a new file. */
  public static void writeText(Path file, String text) {
    write(file, text);
  }

  /** The same for a secret, readable by its owner alone from the first instant. */
  public static void writePrivateText(Path file, String text) {
    write(file, text, permissions(OWNER_ONLY));
  }

  private static void write(Path file, String text, FileAttribute<?>... attributes) {
    try (FileChannel channel =
        FileChannel.open(
            file,
            EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            attributes)) {
      ByteBuffer content = ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
      while (content.hasRemaining()) {
        channel.write(content);
      }
      channel.force(true);
    } catch (FileAlreadyExistsException e) {
      throw new IdentityException(
          "key_file_exists", file + " exists and is not overwritten; move it away first", e);
    } catch (IOException e) {
      throw new IdentityException("key_file_io", "cannot write " + file, e);
    }
  }

  /** Reads a private key that is not encrypted; see the other. */
  public static Secret readSecret(Path file) {
    return readSecret(file, Optional.empty());
  }

  /**
   * Reads a private key.
   *
   * @param passphrase opens an encrypted PKCS#8 file (PBES2); unused for a plain one
   * @throws IdentityException {@code key_file_missing}, {@code key_file_permissions} if others than
   *     the owner may read it, {@code key_file_malformed}, {@code key_file_locked} if it is
   *     encrypted and the passphrase is missing or wrong, {@code key_file_io}
   */
  public static Secret readSecret(Path file, Optional<String> passphrase) {
    String text = readText(file);
    checkPermissions(file);
    List<PemObject> objects = parse(file, text);
    String type = objects.size() == 1 ? objects.get(0).getType() : "";
    try {
      if (type.equals(PRIVATE_KEY)) {
        return Secret.ofPkcs8(objects.get(0).getContent());
      }
      if (type.equals(ENCRYPTED_PRIVATE_KEY)) {
        return Secret.ofPkcs8(decrypt(file, objects.get(0).getContent(), passphrase));
      }
    } catch (GeneralSecurityException e) {
      throw new IdentityException(
          "key_file_malformed", file + " holds no Ed25519 or P-256 key: " + e.getMessage(), e);
    }
    throw new IdentityException(
        "key_file_malformed",
        file + " must hold one PKCS#8 key (BEGIN PRIVATE KEY); convert with: openssl pkcs8 -topk8");
  }

  private static byte[] decrypt(Path file, byte[] der, Optional<String> passphrase) {
    if (passphrase.isEmpty()) {
      throw new IdentityException(
          "key_file_locked", file + " is encrypted: set keys.passphrase or keys.passphraseFile");
    }
    try {
      return new PKCS8EncryptedPrivateKeyInfo(der)
          .decryptPrivateKeyInfo(
              // By instance, not installed: the JDK knows this cipher by another name.
              new JcePKCSPBEInputDecryptorProviderBuilder()
                  .setProvider(new BouncyCastleProvider())
                  .build(passphrase.get().toCharArray()))
          .getEncoded();
    } catch (IOException | PKCSException | IllegalArgumentException e) {
      throw new IdentityException(
          "key_file_locked", file + " does not open with this passphrase", e);
    }
  }

  private static void checkPermissions(Path file) {
    if (!IS_POSIX) {
      return;
    }
    try {
      Set<PosixFilePermission> excess = EnumSet.copyOf(Files.getPosixFilePermissions(file));
      excess.removeAll(OWNER_ONLY);
      excess.remove(PosixFilePermission.OWNER_EXECUTE);
      if (!excess.isEmpty()) {
        throw new IdentityException(
            "key_file_permissions",
            file + " is a private key that others may use: chmod 600 " + file);
      }
    } catch (IOException e) {
      throw new IdentityException("key_file_io", "cannot read the mode of " + file, e);
    }
  }

  /** Reads one or more certificates. */
  public static List<X509Certificate> readCertificates(Path file) {
    List<X509Certificate> certificates = new ArrayList<>();
    for (PemObject object : parse(file, readText(file))) {
      if (!object.getType().equals(CERTIFICATE)) {
        throw new IdentityException("certificate_malformed", file + " holds a " + object.getType());
      }
      try {
        certificates.add(certificate(object.getContent()));
      } catch (CertificateException e) {
        throw new IdentityException(
            "certificate_malformed", file + " holds a certificate that does not parse", e);
      }
    }
    if (certificates.isEmpty()) {
      throw new IdentityException("certificate_malformed", file + " holds no certificate");
    }
    return List.copyOf(certificates);
  }

  static X509Certificate certificate(byte[] der) throws CertificateException {
    return (X509Certificate)
        CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
  }

  /** Reads a small text file. */
  public static String readText(Path file) {
    try {
      if (Files.size(file) > MAX_FILE_BYTES) {
        throw new IdentityException("key_file_malformed", file + " is too large for PEM");
      }
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (NoSuchFileException e) {
      throw new IdentityException("key_file_missing", file + " is missing", e);
    } catch (IOException e) {
      throw new IdentityException("key_file_io", "cannot read " + file, e);
    }
  }

  private static List<PemObject> parse(Path file, String text) {
    try {
      return parse(text);
    } catch (IOException | IllegalArgumentException | IllegalStateException e) {
      throw new IdentityException("key_file_malformed", file + " is not valid PEM", e);
    }
  }

  static List<PemObject> parse(String text) throws IOException {
    try (PemReader reader = new PemReader(new StringReader(text))) {
      List<PemObject> objects = new ArrayList<>();
      for (PemObject next = reader.readPemObject(); next != null; next = reader.readPemObject()) {
        objects.add(next);
      }
      return objects;
    }
  }

  static String pem(String type, byte[] der) {
    StringWriter text = new StringWriter();
    try (PemWriter writer = new PemWriter(text)) {
      writer.writeObject(new PemObject(type, der));
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    return text.toString();
  }

  /** Certificates as text, in order. */
  public static String pem(List<X509Certificate> certificates) {
    StringBuilder text = new StringBuilder();
    for (X509Certificate certificate : certificates) {
      try {
        text.append(pem(CERTIFICATE, certificate.getEncoded()));
      } catch (CertificateException e) {
        throw new IllegalStateException("a parsed certificate has an encoding", e);
      }
    }
    return text.toString();
  }
}
