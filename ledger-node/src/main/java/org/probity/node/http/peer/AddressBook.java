package org.probity.node.http.peer;

import java.util.Optional;

/** Where nodes listen for peers. Asked before each request, so an address may change. */
@FunctionalInterface
public interface AddressBook {

  Optional<Address> find(String node);

  /** A place in the network; who is there is for certificates to say. */
  record Address(String host, int port) {}
}
