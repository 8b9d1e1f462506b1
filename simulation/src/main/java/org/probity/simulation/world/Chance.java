package org.probity.simulation.world;

import java.util.List;
import java.util.SplittableRandom;

/**
 * All the randomness of one simulation. Every purpose has a stream of its own, made of the seed and
 * the purpose's name: a plan that is cut down draws the same numbers for what is left of it, which
 * is what lets a failing seed shrink.
 */
public final class Chance {
  private final long seed;
  private final SplittableRandom random;

  public Chance(long seed) {
    this.seed = seed;
    this.random = new SplittableRandom(mixed(seed));
  }

  /** The stream for {@code purpose}; independent of how much was drawn from this one. */
  public Chance of(String purpose) {
    long hash = seed;
    for (int i = 0; i < purpose.length(); i++) {
      hash = mixed(hash * 31 + purpose.charAt(i));
    }
    return new Chance(hash);
  }

  /** From 0 up to, and without, {@code bound}. */
  public int below(int bound) {
    return random.nextInt(bound);
  }

  /** From {@code least} up to and with {@code most}. */
  public long between(long least, long most) {
    return least == most ? least : random.nextLong(least, most + 1);
  }

  /** True with this probability. */
  public boolean happens(double probability) {
    return random.nextDouble() < probability;
  }

  /** From 0 up to, and without, 1. */
  public double share() {
    return random.nextDouble();
  }

  public long anyLong() {
    return random.nextLong();
  }

  public <T> T oneOf(List<T> choices) {
    return choices.get(below(choices.size()));
  }

  /** The finaliser of SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Generators). */
  private static long mixed(long value) {
    long z = value + 0x9e3779b97f4a7c15L;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
