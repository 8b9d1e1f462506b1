package org.probity.simulation.fault;

import org.probity.detector.codec.DecodeException;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.simulation.node.Behaviour;
import org.probity.simulation.node.SimulatedNode;
import org.probity.simulation.world.Request;

/** Looks away from one other node, shows nobody its checkpoints, and may vouch for what it does. */
final class Accomplice implements Behaviour {
  private final String friend;
  private final boolean isVouching;

  Accomplice(String friend, boolean isVouching) {
    this.friend = friend;
    this.isVouching = isVouching;
  }

  @Override
  public boolean sends(SimulatedNode node, String to, Request request) {
    return !(request instanceof Request.Shown shown && isOfFriend(shown));
  }

  private boolean isOfFriend(Request.Shown shown) {
    try {
      return SignedCheckpoint.parse(shown.body()).origin().node().equals(friend);
    } catch (DecodeException e) {
      return false;
    }
  }

  @Override
  public long vouches(long auditedSize, long storedSize) {
    return isVouching ? storedSize : auditedSize;
  }

  @Override
  public boolean compares(String author) {
    return !author.equals(friend);
  }

  @Override
  public boolean accuses(String accused) {
    return !accused.equals(friend);
  }
}
