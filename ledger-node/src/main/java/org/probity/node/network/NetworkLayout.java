package org.probity.node.network;

import java.nio.file.Path;

/** Where things are in the folder of a consortium; the package doc shows it. */
public record NetworkLayout(Path directory) {
  public Path genesis() {
    return directory.resolve("genesis.cbor");
  }

  /** Both roots of the certificate authority. */
  public Path roots() {
    return directory.resolve("ca.pem");
  }

  public Path addressBook() {
    return directory.resolve("address-book.yaml");
  }

  public Path authority() {
    return directory.resolve("ca");
  }

  /** The key that issues the assets defined at the start. */
  public Path issuerKey() {
    return directory.resolve("issuer").resolve("issuer.pem");
  }

  public Path member(String member) {
    return directory.resolve("members").resolve(member);
  }

  /** The key that opens accounts on a member's nodes. */
  public Path operatorKey(String member) {
    return member(member).resolve("operator.pem");
  }

  public Path node(String node) {
    return directory.resolve("nodes").resolve(node);
  }

  public Path config(String node) {
    return node(node).resolve("node.yaml");
  }

  public Path keys(String node) {
    return node(node).resolve("keys");
  }
}
