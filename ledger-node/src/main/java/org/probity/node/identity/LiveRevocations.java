package org.probity.node.identity;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The certificates that a running node takes for revoked: by the newest list that it was ever
 * given, whatever is in the file now. Thread-safe.
 *
 * <p>A list stays in force until a newer one takes its place, also when its time is over and when
 * what was put in its place is not usable. A copy of it is kept in the node's data folder, so that
 * a restart does not go back to an older one.
 */
public final class LiveRevocations {
  private final @Nullable Path file;
  private final Path kept;
  private final List<X509Certificate> roots;
  private volatile Optional<RevocationList> inForce = Optional.empty();
  private String text = "";
  private String textKept = "";

  private LiveRevocations(@Nullable Path file, Path kept, List<X509Certificate> roots) {
    this.file = file;
    this.kept = kept;
    this.roots = List.copyOf(roots);
  }

  /** Of a node that was told of no list: nothing is revoked. */
  public static LiveRevocations none() {
    return new LiveRevocations(null, Path.of(""), List.of());
  }

  /**
   * Loads what the node begins with. Writes nothing.
   *
   * @param file where the operator puts the list
   * @param kept where the node keeps its copy
   * @param roots of the authority
   * @throws IdentityException as {@link #refresh}, if there is no copy either: the node was told to
   *     honour a list and has never had one
   */
  public static LiveRevocations load(Path file, Path kept, List<X509Certificate> roots) {
    LiveRevocations loaded = new LiveRevocations(file, kept, roots);
    loaded.readKept();
    try {
      loaded.refresh();
    } catch (IdentityException e) {
      if (loaded.inForce.isEmpty()) {
        throw e;
      }
    }
    return loaded;
  }

  private synchronized void readKept() {
    if (!Files.exists(kept)) {
      return;
    }
    try {
      String found = PemFiles.readText(kept);
      inForce = Optional.of(RevocationList.parse(String.valueOf(kept), found, roots));
      text = found;
      textKept = found;
    } catch (IdentityException e) {
      // Damaged, or by an authority of before: only the file can say what is revoked.
      inForce = Optional.empty();
    }
  }

  /** The list that counts; empty if the node was told of none. */
  public Optional<RevocationList> inForce() {
    return inForce;
  }

  /** Whether a certificate is not believed any more. Cheap: asked with every request. */
  public boolean isRevoked(X509Certificate certificate) {
    return inForce.filter(list -> list.isRevoked(certificate)).isPresent();
  }

  /**
   * Takes up what is in the file now.
   *
   * @return whether another list is in force than before
   * @throws IdentityException {@code revocation_list_unreadable}, {@code revocation_list_older}, or
   *     as {@link RevocationList#parse}; what was in force stays
   */
  public synchronized boolean refresh() {
    Path source = file;
    if (source == null) {
      return false;
    }
    String found = read(source);
    if (found.equals(text)) {
      return false;
    }
    String name = String.valueOf(source);
    RevocationList next = RevocationList.parse(name, found, roots);
    boolean isSame = inForce.filter(next::isSameAs).isPresent();
    inForce.ifPresent(list -> next.requireNoOlder(name, list));
    inForce = Optional.of(next);
    text = found;
    return !isSame;
  }

  private static String read(Path source) {
    try {
      return PemFiles.readText(source);
    } catch (IdentityException e) {
      throw new IdentityException("revocation_list_unreadable", String.valueOf(e.getMessage()), e);
    }
  }

  /**
   * Keeps a copy of what is in force.
   *
   * @throws IdentityException {@code key_file_io}; it is in force all the same
   */
  public synchronized void keep() {
    if (!text.equals(textKept)) {
      PemFiles.replaceText(kept, text);
      textKept = text;
    }
  }
}
