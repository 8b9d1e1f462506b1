package org.probity.node.http;

import io.vertx.core.http.HttpServerRequest;

/** Lets everybody in, with a quota of requests under way per address. Thread-safe. */
final class AddressGate implements Gate {
  private final Quota requests;

  AddressGate(int maxRequestsPerAddress) {
    this.requests = new Quota(maxRequestsPerAddress);
  }

  @Override
  public Admission admit(HttpServerRequest request) {
    String address = ClientAddress.of(request.remoteAddress());
    if (!requests.tryEnter(address)) {
      throw new ProblemException(Problems.tooManyRequestsOfAddress());
    }
    // An address is nobody's name: what is asked is asked by nobody in particular.
    return new Admission("", () -> requests.leave(address));
  }
}
