package org.probity.simulation.node;

import java.util.Optional;
import org.probity.detector.log.Origin;
import org.probity.detector.program.Program;
import org.probity.simulation.world.Reply;
import org.probity.simulation.world.Request;

/**
 * What a faulty node does otherwise than a correct one, where its wire, its program and its duties
 * as a witness are. The empty implementation is a correct node.
 */
public interface Behaviour {
  Behaviour CORRECT = new Behaviour() {};

  /** What it runs while it claims to run {@code truth}. */
  default Program program(Program truth) {
    return truth;
  }

  /** Whether it signs nothing after a start before others have said what they know of its log. */
  default boolean asks() {
    return true;
  }

  /**
   * What it says at once to a request; {@link #SILENT} says nothing at all. Empty: as it should.
   */
  default Optional<Reply> serve(SimulatedNode node, String from, Request request) {
    return Optional.empty();
  }

  /** Whether a request leaves. */
  default boolean sends(SimulatedNode node, String to, Request request) {
    return true;
  }

  /** What leaves instead of an answer. */
  default Reply answers(SimulatedNode node, String to, Request request, Reply honest) {
    return honest;
  }

  /** How much of a ward's log it vouches for, of what it has replayed and of what it has stored. */
  default long vouches(long auditedSize, long storedSize) {
    return auditedSize;
  }

  /** Whether it takes a checkpoint of {@code author} that it is shown, or found, into account. */
  default boolean compares(String author) {
    return true;
  }

  /** Whether it shows anybody what it has of a log that is not its own. */
  default boolean discloses(Origin log) {
    return true;
  }

  /** Whether it proves, and tells, what it finds out about {@code accused}. */
  default boolean accuses(String accused) {
    return true;
  }

  /** Whether the member that owns it votes. */
  default boolean votes() {
    return true;
  }

  /** Whether its core hears what the members decide. */
  default boolean decides() {
    return true;
  }

  /** Whether it goes on with its log by hand: then its core does nothing, whenever it starts. */
  default boolean isWrittenByHand() {
    return false;
  }

  /** No answer. */
  Reply SILENT = new Reply.Refused("");
}
