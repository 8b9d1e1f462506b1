package org.probity.simulation.trouble;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.Parameters;
import org.probity.simulation.Incident;
import org.probity.simulation.node.Disk;
import org.probity.simulation.node.Host;
import org.probity.simulation.node.SimulatedNode;
import org.probity.simulation.node.StoredEntries;
import org.probity.simulation.node.Succession;
import org.probity.simulation.node.World;
import org.probity.simulation.world.Chance;
import org.probity.simulation.world.Network;

/** The kinds of trouble, by the names that incidents have. */
public enum Trouble {
  /** Every message takes longer, each by another time: they overtake one another. */
  SLOW_LINKS {
    @Override
    void strike(World world, Incident incident, Chance chance) {
      long most = chance.between(50_000, 1_500_000);
      during(
          world,
          incident,
          new Network.Disturbance() {
            @Override
            public long delayMicros(String from, String to, Chance link) {
              return link.between(0, most);
            }
          });
    }
  },

  /** Some messages are lost. */
  LOSS {
    @Override
    void strike(World world, Incident incident, Chance chance) {
      double share = 0.02 + 0.3 * chance.share();
      during(
          world,
          incident,
          new Network.Disturbance() {
            @Override
            public boolean passes(String from, String to, Chance link) {
              return !link.happens(share);
            }
          });
    }
  },

  /** Some messages arrive twice. */
  REPETITION {
    @Override
    void strike(World world, Incident incident, Chance chance) {
      double share = 0.05 + 0.4 * chance.share();
      during(
          world,
          incident,
          new Network.Disturbance() {
            @Override
            public boolean repeats(String from, String to, Chance link) {
              return link.happens(share);
            }
          });
    }
  },

  /** Those named neither reach the others nor are reached. */
  PARTITION {
    @Override
    void strike(World world, Incident incident, Chance chance) {
      Set<String> apart = new TreeSet<>(incident.nodes());
      during(
          world,
          incident,
          new Network.Disturbance() {
            @Override
            public boolean passes(String from, String to, Chance link) {
              return apart.contains(from) == apart.contains(to);
            }
          });
    }
  },

  /** Those named are not heard, and hear. */
  ONE_WAY_PARTITION {
    @Override
    void strike(World world, Incident incident, Chance chance) {
      Set<String> mute = new TreeSet<>(incident.nodes());
      during(
          world,
          incident,
          new Network.Disturbance() {
            @Override
            public boolean passes(String from, String to, Chance link) {
              return !mute.contains(from) || mute.contains(to);
            }
          });
    }
  },

  /** Whatever goes to those named takes longer than anybody waits for it, and arrives. */
  CLOGGED_LINKS {
    @Override
    void strike(World world, Incident incident, Chance chance) {
      Set<String> clogged = new TreeSet<>(incident.nodes());
      long longer = chance.between(3_000_000, 12_000_000);
      during(
          world,
          incident,
          new Network.Disturbance() {
            @Override
            public long delayMicros(String from, String to, Chance link) {
              return clogged.contains(to) ? longer : 0;
            }
          });
    }
  },

  /** All witness seats are drawn anew. */
  SEATS_REASSIGNED {
    @Override
    void strike(World world, Incident incident, Chance chance) {
      world.agenda().put(new Action.ReassignWitnesses());
    }

    @Override
    public boolean needsVotes() {
      return true;
    }
  },

  /** Each node gets a witness more, or one less. */
  SEATS_CHANGED {
    @Override
    void strike(World world, Incident incident, Chance chance) {
      Parameters now = world.founding().genesis().parameters();
      int most = world.founding().genesis().members().size() - 2;
      boolean isMore = now.witnesses() < most && chance.happens(0.7);
      int witnesses = isMore ? now.witnesses() + 1 : now.witnesses() - 1;
      if (witnesses > now.faults()) {
        world.agenda().put(new Action.SetParameters(Parameters.of(now.faults(), witnesses)));
      }
    }

    @Override
    public boolean needsVotes() {
      return true;
    }
  },

  /** The process is gone at any instant, and comes back on what its disk holds. */
  CRASH {
    @Override
    void strike(World world, Incident incident, Chance chance) {
      SimulatedNode node = struck(world, incident);
      node.crash();
      startAtEnd(world, incident, node);
    }
  },

  /** The machine fails in the middle of a commit, or before anybody hears that it is durable. */
  CRASH_IN_COMMIT {
    @Override
    void strike(World world, Incident incident, Chance chance) {
      SimulatedNode node = struck(world, incident);
      node.disk().dieInNext(chance.oneOf(List.of(Disk.Death.values())));
      startAtEnd(world, incident, node);
    }
  },

  /** All machines are without power, and come back together, or one after another. */
  POWER_CUT {
    @Override
    void strike(World world, Incident incident, Chance chance) {
      cutPower(world, incident.forMillis() * 1_000, chance);
    }
  },

  /** Several times in a row, each soon after the last start. */
  CRASH_LOOP {
    @Override
    void strike(World world, Incident incident, Chance chance) {
      SimulatedNode node = struck(world, incident);
      long pause = Math.max(20_000, incident.forMillis() * 1_000 / 12);
      for (int i = 0; i < 6; i++) {
        at(world, 2L * i * pause + chance.between(0, pause), node::crash);
        at(world, (2L * i + 1) * pause, node::start);
      }
      startAtEnd(world, incident, node);
    }
  },

  /** The process does nothing for a while. */
  PAUSE {
    @Override
    void strike(World world, Incident incident, Chance chance) {
      SimulatedNode node = struck(world, incident);
      node.pause(true);
      at(world, incident.forMillis() * 1_000, () -> node.pause(false));
    }
  },

  /** The clock is wrong by up to a day, either way. */
  CLOCK_STEP {
    @Override
    void strike(World world, Incident incident, Chance chance) {
      SimulatedNode node = struck(world, incident);
      node.skewClock(chance.between(-86_400_000, 86_400_000));
      at(world, incident.forMillis() * 1_000, () -> node.skewClock(0));
    }
  },

  /** The clock stands still. */
  CLOCK_FREEZE {
    @Override
    void strike(World world, Incident incident, Chance chance) {
      SimulatedNode node = struck(world, incident);
      node.freezeClock();
      at(world, incident.forMillis() * 1_000, () -> node.skewClock(0));
    }
  },

  /**
   * A commit fails, or says so: the node stops signing, and since nobody knows what is on its disk
   * its operator sees to its next incarnation.
   */
  FAILED_COMMIT {
    @Override
    void strike(World world, Incident incident, Chance chance) {
      struck(world, incident).disk().failNext(chance.happens(0.5));
    }

    @Override
    public boolean needsVotes() {
      return true;
    }
  },

  /**
   * The disk takes nothing for a while: the node stops signing. Whoever restarts it meanwhile does
   * so in vain; when there is room again its operator does.
   */
  DISK_FULL {
    @Override
    void strike(World world, Incident incident, Chance chance) {
      SimulatedNode node = struck(world, incident);
      node.disk().full(true);
      long half = incident.forMillis() * 500;
      at(world, half, node::start);
      Disk disk = node.disk();
      at(world, 2 * half, () -> disk.full(false));
    }
  },

  /** A bit of a stored entry flips; the operator puts the entry back from a witness. */
  FLIPPED_BIT {
    @Override
    void strike(World world, Incident incident, Chance chance) {
      SimulatedNode node = struck(world, incident);
      long size = node.disk().log().size();
      if (size == 0) {
        return;
      }
      long index = chance.between(0, size - 1);
      node.disk().log().flipBit(index, chance.below(1 << 16));
      if (chance.happens(0.5)) {
        node.crash();
      }
      at(
          world,
          incident.forMillis() * 1_000,
          () -> {
            node.crash();
            node.disk().log().restore(index);
            node.start();
          });
    }
  },

  /**
   * Somebody starts the node on a backup. The signing mark is elsewhere and says that it is one: if
   * nobody has all the rest the node does not sign, and the operator finds the disk that it had.
   */
  STALE_BACKUP {
    @Override
    void strike(World world, Incident incident, Chance chance) {
      SimulatedNode node = struck(world, incident);
      Disk backup = node.disk().backup();
      at(
          world,
          incident.forMillis() * 500,
          () -> {
            if (hasTwo(world, node) || !isWhole(node)) {
              return;
            }
            node.crash();
            Disk real = node.disk();
            Disk stale = Disk.restored(backup, real);
            node.replaceDisk(stale);
            world.observer().forgotten(node.name());
            node.start();
            at(
                world,
                incident.forMillis() * 500,
                () -> {
                  // Another trouble may have ended this one, or it goes on with what it got back.
                  if (node.disk() == stale && stale.log().size() < real.log().size()) {
                    node.crash();
                    node.replaceDisk(real);
                    world.observer().forgotten(node.name());
                    node.start();
                  } else if (node.disk() != stale) {
                    world.observer().history(node.name(), real.log());
                  }
                });
          });
    }
  },

  /**
   * An old backup of all there was is put back, both copies of the signing mark among it, and
   * nothing there says so. It happens when enough witnesses have what was signed: of what nobody
   * has seen but a customer nothing is promised (protocol.md §1, §11.1). The power of all others
   * may have failed, too.
   */
  STALE_WITH_MARK {
    @Override
    void strike(World world, Incident incident, Chance chance) {
      SimulatedNode node = struck(world, incident);
      boolean isPowerCut = chance.happens(0.5);
      Disk real = node.disk();
      Disk backup = real.backup();
      long half = incident.forMillis() * 500;
      await(
          world,
          half,
          half,
          () -> node.disk() == real && node.isUp() && world.isWitnessed(node),
          () -> {
            if (hasTwo(world, node)) {
              return;
            }
            if (isPowerCut) {
              cutPower(world, half * 1_000, chance);
            }
            node.crash();
            node.replaceDisk(backup);
            world.observer().lost(node.name(), real.log());
            world.trace().tell(node.name(), "is put back");
            node.start();
          });
    }
  },

  /** What a node has kept of others' logs is gone, and it is started on the rest. */
  LOST_COPIES {
    @Override
    void strike(World world, Incident incident, Chance chance) {
      SimulatedNode node = struck(world, incident);
      if (!hasTwo(world, node)) {
        node.crash();
        node.disk().forgetWards();
        startAtEnd(world, incident, node);
      }
    }
  },

  /** The files beside the store are gone, and the operator starts the node on what is left. */
  FORGOTTEN_PROOFS {
    @Override
    void strike(World world, Incident incident, Chance chance) {
      SimulatedNode node = struck(world, incident);
      at(
          world,
          incident.forMillis() * 1_000,
          () -> {
            if (!hasTwo(world, node)) {
              node.crash();
              node.disk().forgetWhatWasTold();
              world.observer().forgotten(node.name());
              node.start();
            }
          });
    }
  },

  /**
   * A second process is started on the disk of the first, and takes over when that is gone: of two
   * at once one is refused.
   */
  DOUBLE_START {
    @Override
    void strike(World world, Incident incident, Chance chance) {
      SimulatedNode first = struck(world, incident);
      Host host = world.host(first.name());
      if (host.processes().size() > 1 || first.isAbandoned()) {
        return;
      }
      SimulatedNode second = first.twin();
      host.add(second);
      second.start();
      host.route(from -> first.isRunning() ? 0 : 1);
      at(
          world,
          incident.forMillis() * 500,
          () -> {
            if (!first.isAbandoned() && first.disk() == second.disk()) {
              first.crash();
              second.start();
              first.start();
            }
          });
      at(
          world,
          incident.forMillis() * 1_000,
          () -> {
            if (!first.isAbandoned()) {
              host.alone();
              first.start();
            }
          });
    }
  },

  /** The release is changed: one that runs another program says so, one that runs this goes on. */
  UPGRADE {
    @Override
    void strike(World world, Incident incident, Chance chance) {
      SimulatedNode node = struck(world, incident);
      node.crash();
      at(
          world,
          incident.forMillis() * 500,
          () -> {
            if (!node.isUp() && node.startAs(new OtherRelease(world.program()))) {
              world
                  .observer()
                  .broken(
                      node.name(),
                      new IllegalStateException("another program runs under this one's name"));
            }
          });
      startAtEnd(world, incident, node);
    }
  },

  /**
   * The machine is gone with all that was on it. Its node goes on in another incarnation, with what
   * others have of its log, when the members have approved that.
   */
  LOST_DISK {
    @Override
    void strike(World world, Incident incident, Chance chance) {
      SimulatedNode node = struck(world, incident);
      if (node.isAbandoned() || hasTwo(world, node)) {
        return;
      }
      node.crash();
      StoredEntries lost = node.disk().log();
      node.replaceDisk(Disk.lost());
      node.start();
      world.succeed(node.name(), lost);
    }

    @Override
    public boolean needsVotes() {
      return true;
    }
  },

  /**
   * Both copies of the signing mark are gone, and the store may be an old one: the node does not
   * start. Either somebody finds the disk that it had, or it goes on in another incarnation.
   */
  LOST_MARK {
    @Override
    void strike(World world, Incident incident, Chance chance) {
      SimulatedNode node = struck(world, incident);
      boolean isOld = chance.happens(0.5);
      boolean isFound = chance.happens(0.5);
      Disk backup = node.disk().backup();
      at(
          world,
          incident.forMillis() * 500,
          () -> {
            if (node.isAbandoned() || hasTwo(world, node) || !isWhole(node)) {
              return;
            }
            node.crash();
            Disk real = node.disk();
            Disk without = isOld ? backup : real.backup();
            without.loseMark();
            node.replaceDisk(without);
            if (isOld) {
              world.observer().history(node.name(), real.log());
            }
            boolean hasStarted = node.start();
            at(
                world,
                incident.forMillis() * 500,
                () -> {
                  if (hasStarted || node.isRunning()) {
                    return;
                  }
                  if (isFound) {
                    node.replaceDisk(real);
                    node.start();
                  } else {
                    world.succeed(node.name(), real.log());
                  }
                });
          });
    }

    @Override
    public boolean needsVotes() {
      return true;
    }
  },

  /** Members stop a node on a suspicion that proves wrong, and let it go on. */
  SUSPENSION {
    @Override
    void strike(World world, Incident incident, Chance chance) {
      String node = incident.nodes().get(0);
      long untilMicros = world.timeline().nowMicros() + incident.forMillis() * 1_000;
      world.agenda().suspend(node);
      world.agenda().readmit(node, () -> world.timeline().nowMicros() >= untilMicros);
    }

    @Override
    public boolean needsVotes() {
      return true;
    }
  },

  /**
   * Whose disk is gone may have lost its keys to somebody: members stop its node, and readmit it
   * when it has begun again under other keys.
   */
  SUSPENSION_OF_LOST {
    @Override
    void strike(World world, Incident incident, Chance chance) {
      String node = incident.nodes().get(0);
      world.agenda().suspend(node);
      world
          .agenda()
          .readmit(node, () -> world.succession(node).filter(Succession::isOver).isPresent());
      at(world, incident.forMillis() * 500, () -> LOST_DISK.strike(world, incident, chance));
    }

    @Override
    public boolean needsVotes() {
      return true;
    }
  },

  /** A member leaves: its node, which has done nothing wrong, is suspended and revoked. */
  DEPARTURE {
    @Override
    void strike(World world, Incident incident, Chance chance) {
      String node = incident.nodes().get(0);
      world.agenda().suspend(node);
      world.agenda().revoke(node);
    }

    @Override
    public boolean needsVotes() {
      return true;
    }
  };

  private static final long LOOK_MICROS = 50_000;

  /** As incidents are called. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  public static Optional<Trouble> of(String label) {
    return Arrays.stream(values()).filter(trouble -> trouble.label().equals(label)).findFirst();
  }

  /** Whether the members have to decide something before all is well again. */
  public boolean needsVotes() {
    return false;
  }

  /** Whether it is of one node, and not of links. */
  public boolean isOfNode() {
    return compareTo(CRASH) >= 0;
  }

  /** Whether a node goes on without what was on its disk. */
  public boolean losesWhatThereIs() {
    return this == LOST_DISK
        || this == LOST_MARK
        || this == FAILED_COMMIT
        || this == SUSPENSION_OF_LOST
        || this == STALE_WITH_MARK
        || this == LOST_COPIES;
  }

  /**
   * Whether a disk has all that was signed on it. If not, another trouble has put something else
   * there for a while, and will put back what is kept aside now: of that nobody makes a copy.
   */
  private static boolean isWhole(SimulatedNode node) {
    return node.disk().log().size() >= node.disk().mark().size();
  }

  /**
   * Whether a node that has known more of others' logs answers with what it has of them
   * (docs/adr/boot-gate.md). Who has lost all of them says that it does not know.
   */
  public boolean isOldCopy() {
    return this == STALE_BACKUP || this == STALE_WITH_MARK;
  }

  /** Whether a node that has done nothing wrong may be stopped by it for good. */
  public boolean stops() {
    return this == SUSPENSION || this == SUSPENSION_OF_LOST || this == DEPARTURE;
  }

  /**
   * Whether it strikes none that cheat: what they have done must not be gone with their disk before
   * anybody has asked for it, and whom members stop is another matter.
   */
  public boolean sparesCulprits() {
    return losesWhatThereIs() || stops();
  }

  /** Arranges for an incident, {@code offsetMicros} from now. */
  public void arrange(World world, Incident incident, long offsetMicros) {
    Chance chance = new Chance(incident.chance());
    world
        .timeline()
        .after(
            offsetMicros,
            "trouble " + label(),
            () -> {
              world.trace().tell(String.join(",", incident.nodes()), label());
              strike(world, incident, chance);
            });
  }

  abstract void strike(World world, Incident incident, Chance chance);

  private static SimulatedNode struck(World world, Incident incident) {
    return world.host(incident.nodes().get(0)).process();
  }

  /** Whether a second process may be running on its disk. */
  private static boolean hasTwo(World world, SimulatedNode node) {
    return world.host(node.name()).processes().size() > 1;
  }

  private static void at(World world, long micros, Runnable task) {
    world.timeline().after(micros, "trouble", task);
  }

  /** As soon as something is so, looked at every now and then for some time; else never. */
  private static void await(
      World world, long micros, long mostMicros, BooleanSupplier isSo, Runnable task) {
    at(
        world,
        micros,
        () -> {
          if (isSo.getAsBoolean()) {
            task.run();
          } else if (mostMicros > 0) {
            await(world, LOOK_MICROS, mostMicros - LOOK_MICROS, isSo, task);
          }
        });
  }

  /** All is over after so long, but for whoever had something else to do. */
  private static void cutPower(World world, long micros, Chance chance) {
    boolean isTogether = chance.happens(0.5);
    for (Host host : world.hosts()) {
      SimulatedNode node = host.process();
      if (!hasTwo(world, node)) {
        node.crash();
        at(
            world,
            isTogether ? micros - chance.between(0, micros / 20) : chance.between(0, micros),
            node::start);
      }
    }
  }

  private static void startAtEnd(World world, Incident incident, SimulatedNode node) {
    at(world, incident.forMillis() * 1_000, node::start);
  }

  private static void during(World world, Incident incident, Network.Disturbance disturbance) {
    world.network().disturb(disturbance);
    at(world, incident.forMillis() * 1_000, () -> world.network().calm(disturbance));
  }
}
