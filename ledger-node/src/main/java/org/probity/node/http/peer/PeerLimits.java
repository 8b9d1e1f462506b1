package org.probity.node.http.peer;

import java.time.Duration;

/**
 * What the client bounds.
 *
 * @param connect a connection must stand within this
 * @param answer a whole answer must be here within this
 * @param silence a stream without even a heart-beat for so long is given up
 * @param idle a connection without requests for so long is closed; below the listener's own
 * @param maxWaiting requests per peer that wait for the connection
 * @param maxAnswerBytes a longer answer is nonsense
 */
public record PeerLimits(
    Duration connect,
    Duration answer,
    Duration silence,
    Duration idle,
    int maxWaiting,
    int maxAnswerBytes) {

  public static PeerLimits standard() {
    return new PeerLimits(
        Duration.ofSeconds(5),
        Duration.ofSeconds(10),
        Duration.ofSeconds(35),
        Duration.ofSeconds(60),
        64,
        1 << 20);
  }
}
