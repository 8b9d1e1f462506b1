package org.probity.node.http;

import java.util.List;
import java.util.OptionalDouble;
import org.probity.node.scoring.PeerScore;

/**
 * Whom a model would like to be audited first. Advice, not evidence.
 *
 * @param enabled by the configuration
 * @param trained whether there is a model; without it nobody has a score
 * @param rows measurements that the next model is trained on
 * @param epochs since the start
 * @param epochMillis that measurements are taken together over
 * @param peers all other nodes, the highest score first
 */
public record ScoringStatus(
    boolean enabled, boolean trained, int rows, long epochs, long epochMillis, List<Peer> peers) {

  /**
   * One of them.
   *
   * @param score empty without a model
   * @param lane why its log was last replayed: {@code floor}, {@code score} or empty
   * @param why what the models said and the reasons
   */
  public record Peer(String node, OptionalDouble score, String lane, PeerScore why) {}
}
