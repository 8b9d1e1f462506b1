package org.probity.simulation.world;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The network between nodes, and between clients and nodes: a request is answered once, later, or
 * never; whoever asks learns of that by its own patience. Either way may be slow, lossy, repeated,
 * out of order or cut, and each in one direction only.
 */
public final class Network {
  /** What whoever asks waits for an answer. */
  public static final long PATIENCE_MILLIS = 4_000;

  /** Bytes of a frame, a header and a TLS record around what is counted. */
  private static final int OVERHEAD_BYTES = 60;

  private final Timeline timeline;
  private final Trace trace;
  private final Chance chance;
  private final Map<String, Place> places = new HashMap<>();
  private final Map<String, Map<String, Way>> ways = new HashMap<>();
  private final List<Disturbance> disturbances = new ArrayList<>();
  private final Costs costs;
  private long least = 1_000;
  private long spread = 4_000;

  /** Takes what arrives somewhere. */
  @FunctionalInterface
  public interface Place {
    void arrived(String from, Request request, Consumer<Reply> answer);
  }

  /** What one way of a link does to one message. */
  public interface Disturbance {
    /** Whether the message arrives. */
    default boolean passes(String from, String to, Chance chance) {
      return true;
    }

    /** What it takes longer. */
    default long delayMicros(String from, String to, Chance chance) {
      return 0;
    }

    /** Whether it arrives twice. */
    default boolean repeats(String from, String to, Chance chance) {
      return false;
    }
  }

  public Network(Timeline timeline, Trace trace, Chance chance, Costs costs) {
    this.timeline = timeline;
    this.trace = trace;
    this.chance = chance;
    this.costs = costs;
  }

  public void place(String name, Place place) {
    places.put(name, place);
  }

  /** What a way takes, undisturbed. */
  public void delays(long leastMicros, long spreadMicros) {
    this.least = leastMicros;
    this.spread = spreadMicros;
  }

  public void disturb(Disturbance disturbance) {
    disturbances.add(disturbance);
  }

  public void calm(Disturbance disturbance) {
    disturbances.remove(disturbance);
  }

  /** From here on every link is what links should be. */
  public void heal() {
    disturbances.clear();
  }

  /**
   * Asks {@code to}.
   *
   * @param done told exactly once: the first answer, or nothing
   */
  public void ask(String from, String to, Request request, Consumer<Optional<Reply>> done) {
    Once once = new Once(done);
    Way way = way(from, to);
    costs.sent(from, request.purpose(), request.body().size() + OVERHEAD_BYTES);
    request.into(trace);
    carry(
        from,
        to,
        way.named(request.purpose()),
        () -> {
          Place place = places.get(to);
          if (place != null) {
            place.arrived(from, request, reply -> answer(from, to, request, reply, once));
          }
        });
    timeline.afterPatience(
        PATIENCE_MILLIS, way.patience(request.purpose()), () -> once.end(Optional.empty()));
  }

  private void answer(String from, String to, Request request, Reply reply, Once once) {
    Request.Purpose purpose =
        request instanceof Request.Envelope ? Request.Purpose.ACK : request.purpose();
    costs.sent(to, purpose, reply.size() + OVERHEAD_BYTES);
    reply.into(trace);
    carry(to, from, way(to, from).named(purpose), () -> once.end(Optional.of(reply)));
  }

  private Way way(String from, String to) {
    return ways.computeIfAbsent(from, none -> new HashMap<>())
        .computeIfAbsent(to, none -> new Way(from + ">" + to));
  }

  private void carry(String from, String to, String what, Runnable arrival) {
    long delay = least + (spread == 0 ? 0 : chance.between(0, spread));
    boolean passes = true;
    boolean repeats = false;
    for (Disturbance disturbance : disturbances) {
      passes &= disturbance.passes(from, to, chance);
      repeats |= disturbance.repeats(from, to, chance);
      delay += disturbance.delayMicros(from, to, chance);
    }
    if (passes) {
      timeline.after(delay, what, arrival);
      if (repeats) {
        timeline.after(delay + chance.between(0, 50_000), what + " again", arrival);
      }
    }
  }

  /** What happens on a way, as the trace calls it: most of what happens, so it is named once. */
  private static final class Way {
    private final Map<Request.Purpose, String> names = new EnumMap<>(Request.Purpose.class);
    private final Map<Request.Purpose, String> patiences = new EnumMap<>(Request.Purpose.class);

    Way(String ends) {
      for (Request.Purpose purpose : Request.Purpose.values()) {
        names.put(purpose, ends + " " + purpose);
        patiences.put(purpose, ends + " " + purpose + " patience");
      }
    }

    String named(Request.Purpose purpose) {
      return Objects.requireNonNull(names.get(purpose));
    }

    String patience(Request.Purpose purpose) {
      return Objects.requireNonNull(patiences.get(purpose));
    }
  }

  private static final class Once {
    private final Consumer<Optional<Reply>> done;
    private boolean ended;

    Once(Consumer<Optional<Reply>> done) {
      this.done = done;
    }

    void end(Optional<Reply> reply) {
      if (!ended) {
        ended = true;
        done.accept(reply);
      }
    }
  }
}
