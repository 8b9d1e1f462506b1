package org.probity.demo.objects;

import java.util.ArrayList;
import java.util.List;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.PublicKey;

/**
 * The program's part of the genesis document.
 *
 * @param clients who may put and get, ascending, at least one
 */
public record ObjectStoreParameters(List<PublicKey> clients) {
  public static final int MAX_CLIENTS = 256;

  public ObjectStoreParameters {
    clients = clients.stream().sorted().distinct().toList();
    if (clients.isEmpty() || clients.size() > MAX_CLIENTS) {
      throw new IllegalArgumentException("1 to " + MAX_CLIENTS + " clients");
    }
  }

  public Bytes encode() {
    CborWriter out = new CborWriter().array(clients.size());
    clients.forEach(client -> out.bytes(client.toBytes()));
    return out.toBytes();
  }

  public static ObjectStoreParameters decode(Bytes encoded) throws DecodeException {
    CborReader in = new CborReader(encoded);
    int count = in.arrayHeaderUpTo(MAX_CLIENTS);
    if (count == 0) {
      throw new DecodeException("no_clients", "there is at least one client");
    }
    List<PublicKey> clients = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      PublicKey client = PublicKey.decode(in.bytes(PublicKey.BYTES));
      if (i > 0 && clients.get(i - 1).compareTo(client) >= 0) {
        throw new DecodeException("clients_not_ascending", "clients are ascending, each once");
      }
      clients.add(client);
    }
    in.end();
    return new ObjectStoreParameters(clients);
  }
}
