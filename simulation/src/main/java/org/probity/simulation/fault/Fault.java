package org.probity.simulation.fault;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.log.Entry;
import org.probity.detector.log.ReceiveEntry;
import org.probity.detector.log.SendEntry;
import org.probity.detector.log.TickEntry;
import org.probity.detector.log.TransactionEntry;
import org.probity.detector.program.TransactionOutcome;
import org.probity.simulation.node.Behaviour;
import org.probity.simulation.node.Disk;
import org.probity.simulation.node.SimulatedNode;
import org.probity.simulation.world.Reply;
import org.probity.simulation.world.Request;

/** What a faulty member does, by the names that incidents have. */
public enum Fault {
  /** Payers without funds pay all the same. */
  OVERDRAFT {
    @Override
    public void enlist(Culprit culprit) {
      culprit.prepares(Lie.OVERDRAFT);
    }

    @Override
    void strike(Stage stage) {
      lie(stage, () -> stage.customers().overdraw(stage.name(), victim(stage)));
    }
  },

  /** A refused transaction is said, and logged, to be accepted. */
  LYING_OUTCOME {
    @Override
    public void enlist(Culprit culprit) {
      culprit.prepares(Lie.LYING_OUTCOME);
    }

    @Override
    void strike(Stage stage) {
      lie(stage, () -> stage.customers().overdraw(stage.name(), victim(stage)));
    }
  },

  /** Whoever signs issues money. */
  MINT {
    @Override
    public void enlist(Culprit culprit) {
      culprit.prepares(Lie.MINT);
    }

    @Override
    void strike(Stage stage) {
      lie(stage, () -> stage.customers().mint(stage.name()));
    }
  },

  /** What comes from other nodes is credited twice. */
  DOUBLE_CREDIT {
    @Override
    public void enlist(Culprit culprit) {
      culprit.prepares(Lie.DOUBLE_CREDIT);
    }

    @Override
    void strike(Stage stage) {
      lie(stage, () -> stage.customers().remit(victim(stage), stage.name()));
    }
  },

  /** What is paid to other nodes is sent twice. */
  CREDIT_SENT_TWICE {
    @Override
    public void enlist(Culprit culprit) {
      culprit.prepares(Lie.CREDIT_SENT_TWICE);
    }

    @Override
    void strike(Stage stage) {
      lie(stage, () -> stage.customers().remit(stage.name(), victim(stage)));
    }
  },

  /** What is paid to other nodes is booked as sent, and kept. */
  CREDIT_NOT_SENT {
    @Override
    public void enlist(Culprit culprit) {
      culprit.prepares(Lie.CREDIT_NOT_SENT);
    }

    @Override
    void strike(Stage stage) {
      lie(stage, () -> stage.customers().remit(stage.name(), victim(stage)));
    }
  },

  /** Of what is paid to other nodes one minor unit arrives. */
  CREDIT_ALTERED {
    @Override
    public void enlist(Culprit culprit) {
      culprit.prepares(Lie.CREDIT_ALTERED);
    }

    @Override
    void strike(Stage stage) {
      lie(stage, () -> stage.customers().remit(stage.name(), victim(stage)));
    }
  },

  /** Ledger time runs backwards. */
  CLOCK_BACKWARDS {
    @Override
    void strike(Stage stage) {
      written(stage, log -> log.add(new TickEntry(log.tickMillis() - 1)).state().sign());
    }
  },

  /** An entry names another one before it than is there. */
  BROKEN_CHAIN {
    @Override
    void strike(Stage stage) {
      written(
          stage,
          log ->
              log.raw(
                      Entry.of(
                              log.next(),
                              Hash.sha256(Bytes.utf8("other").unsafeArray()),
                              new TickEntry(log.tickMillis() + 1))
                          .bytes())
                  .state()
                  .sign());
    }
  },

  /** An entry is no entry. */
  JUNK_ENTRY {
    @Override
    void strike(Stage stage) {
      written(stage, log -> log.raw(Bytes.utf8("no entry at all")).state().sign());
    }
  },

  /** A STATE names another state than there is. */
  WRONG_STATE {
    @Override
    void strike(Stage stage) {
      written(
          stage,
          log -> log.state(Hash.sha256(Bytes.utf8("another state").unsafeArray()), 0).sign());
    }
  },

  /** A STATE is wrong about the batch it ends. */
  WRONG_BATCH_BYTES {
    @Override
    void strike(Stage stage) {
      written(stage, log -> log.state(log.lastState(), 1).sign());
    }
  },

  /** A checkpoint ends in the middle of a batch. */
  CHECKPOINT_IN_BATCH {
    @Override
    void strike(Stage stage) {
      written(stage, log -> log.add(new TickEntry(log.tickMillis() + 1)).sign());
    }
  },

  /** A transaction is logged that its customer has not signed. */
  FORGED_TRANSACTION {
    @Override
    void strike(Stage stage) {
      Optional<Entry> true_ =
          HandWrittenLog.of(stage.node(), TransactionEntry.class).stream().findFirst();
      if (true_.isEmpty()) {
        return;
      }
      TransactionEntry model = (TransactionEntry) true_.get().body();
      byte[] forged = model.statement().toArray();
      forged[forged.length - 1] ^= 1;
      written(
          stage,
          log -> log.add(new TransactionEntry(Bytes.wrap(forged), model.outcome())).state().sign());
    }
  },

  /** A transaction is executed a second time. */
  REPEATED_TRANSACTION {
    @Override
    void strike(Stage stage) {
      Optional<Entry> first =
          HandWrittenLog.of(stage.node(), TransactionEntry.class).stream().findFirst();
      if (first.isPresent()) {
        written(stage, log -> log.add(first.get().body()).state().sign());
      }
    }
  },

  /** A message of a peer is logged a second time. */
  REPEATED_MESSAGE {
    @Override
    void strike(Stage stage) {
      Optional<Entry> first =
          HandWrittenLog.of(stage.node(), ReceiveEntry.class).stream().findFirst();
      if (first.isPresent()) {
        written(stage, log -> log.add(first.get().body()).state().sign());
      }
    }
  },

  /** A message is sent that nothing has led to. */
  SENT_WITHOUT_CAUSE {
    @Override
    void strike(Stage stage) {
      Optional<Entry> model = HandWrittenLog.of(stage.node(), SendEntry.class).stream().findFirst();
      if (model.isEmpty()) {
        return;
      }
      SendEntry send = (SendEntry) model.get().body();
      written(
          stage,
          log ->
              log.add(new TickEntry(log.tickMillis() + 1))
                  .add(
                      new SendEntry(
                          send.toNode(),
                          send.toIncarnation(),
                          send.sequence() + stage.chance().between(1, 5),
                          send.payload()))
                  .state()
                  .sign());
    }
  },

  /** A sequence number is used again. */
  SEQUENCE_TWICE {
    @Override
    void strike(Stage stage) {
      Optional<Entry> sent = HandWrittenLog.of(stage.node(), SendEntry.class).stream().findFirst();
      Optional<Entry> cause =
          HandWrittenLog.of(stage.node(), TransactionEntry.class).stream().findFirst();
      if (sent.isPresent() && cause.isPresent()) {
        written(stage, log -> log.add(cause.get().body()).add(sent.get().body()).state().sign());
      }
    }
  },

  /** A stranger's transaction is logged as executed. */
  STRANGERS_TRANSACTION {
    @Override
    void strike(Stage stage) {
      Bytes statement = stage.customers().strangersPayment(stage.name());
      written(
          stage,
          log ->
              log.add(
                      new TransactionEntry(
                          statement, TransactionOutcome.executed(Bytes.utf8("paid")).encode()))
                  .state()
                  .sign());
    }
  },

  /** Two histories, each shown to half of the others. */
  FORK {
    @Override
    void strike(Stage stage) {
      SimulatedNode one = stage.node();
      if (!one.isUp()) {
        return;
      }
      Disk copy = one.disk().backup();
      SimulatedNode other = new SimulatedNode(stage.world(), stage.name(), copy, stage.culprit());
      Set<String> deceived = new HashSet<>();
      stage
          .others()
          .forEach(
              node -> {
                if (stage.chance().happens(0.5)) {
                  deceived.add(node);
                }
              });
      stage.world().host(stage.name()).add(other);
      stage.world().host(stage.name()).route(from -> deceived.contains(from) ? 1 : 0);
      if (other.start() && !deceived.isEmpty() && deceived.size() < stage.others().size()) {
        stage.later(
            5_000,
            () -> {
              if (isForked(one.disk(), copy)) {
                stage.done(Expectation.EXPOSED);
              }
            });
      }
    }
  },

  /** The log goes back, and on from there in another way. */
  REWRITTEN_LOG {
    @Override
    void strike(Stage stage) {
      SimulatedNode node = stage.node();
      if (!node.isUp()) {
        return;
      }
      Disk before = node.disk().backup();
      stage.later(
          3_000,
          () -> {
            boolean hasGoneOn = node.disk().log().size() > before.log().size();
            node.crash();
            node.replaceDisk(before);
            if (node.start() && hasGoneOn) {
              stage.later(5_000, () -> stage.done(Expectation.EXPOSED_OR_SUSPECTED));
            }
          });
    }
  },

  /** It says nothing any more, and shows nothing. */
  SILENCE {
    @Override
    void strike(Stage stage) {
      stage
          .culprit()
          .puts(
              new Behaviour() {
                @Override
                public Optional<Reply> serve(SimulatedNode node, String from, Request request) {
                  return Optional.of(SILENT);
                }

                @Override
                public boolean sends(SimulatedNode node, String to, Request request) {
                  return false;
                }
              });
      stage.customers().remit(victim(stage), stage.name());
      stage.done(Expectation.NOTHING);
    }
  },

  /** Its witnesses do not get its log; everything else goes on. */
  WITHHELD_LOG {
    @Override
    void strike(Stage stage) {
      stage
          .culprit()
          .puts(
              new Behaviour() {
                @Override
                public Optional<Reply> serve(SimulatedNode node, String from, Request request) {
                  return request instanceof Request.Follow || request instanceof Request.Challenged
                      ? Optional.of(SILENT)
                      : Optional.empty();
                }
              });
      stage.customers().remit(stage.name(), victim(stage));
      stage.later(2_000, () -> stage.done(Expectation.EXPOSED_OR_SUSPECTED));
    }
  },

  /** It logs messages and does not transmit them. */
  UNTRANSMITTED {
    @Override
    void strike(Stage stage) {
      stage
          .culprit()
          .puts(
              new Behaviour() {
                @Override
                public boolean sends(SimulatedNode node, String to, Request request) {
                  return !(request instanceof Request.Envelope);
                }
              });
      stage.done(Expectation.NOTHING);
    }
  },

  /** It takes messages and acknowledges them long after. */
  LATE_ACKNOWLEDGEMENT {
    @Override
    void strike(Stage stage) {
      stage
          .culprit()
          .puts(
              new Behaviour() {
                @Override
                public Reply answers(SimulatedNode node, String to, Request request, Reply honest) {
                  return request instanceof Request.Envelope && stage.chance().happens(0.8)
                      ? SILENT
                      : honest;
                }
              });
      stage.done(Expectation.NOTHING);
    }
  },

  /** As a witness it vouches for whatever it has stored, and accuses nobody. */
  LAZY_WITNESS {
    @Override
    void strike(Stage stage) {
      stage.culprit().puts(new LazyWitness());
      stage.done(Expectation.NOTHING);
    }
  };

  private static final class LazyWitness implements Behaviour {
    @Override
    public long vouches(long auditedSize, long storedSize) {
      return storedSize;
    }

    @Override
    public boolean accuses(String accused) {
      return false;
    }

    @Override
    public boolean compares(String author) {
      return false;
    }
  }

  /** Writes the log on by hand. */
  private interface Continuation {
    HandWrittenLog write(HandWrittenLog log);
  }

  /** As incidents are called. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  public static Optional<Fault> of(String label) {
    return Arrays.stream(values()).filter(fault -> fault.label().equals(label)).findFirst();
  }

  /** Before the culprit starts for the first time. */
  public void enlist(Culprit culprit) {}

  /** Arranges for an incident, {@code offsetMicros} from now. */
  public void arrange(Stage stage, long offsetMicros) {
    stage
        .world()
        .timeline()
        .after(
            offsetMicros,
            "fault " + label(),
            () -> {
              stage.world().trace().tell(stage.name(), "turns to " + label());
              strike(stage);
            });
  }

  abstract void strike(Stage stage);

  private static void lie(Stage stage, Runnable temptation) {
    stage.culprit().lies(() -> stage.later(0, () -> stage.done(Expectation.EXPOSED)));
    temptation.run();
  }

  private static void written(Stage stage, Continuation continuation) {
    SimulatedNode node = stage.node();
    if (!node.isUp() || node.core().published().isEmpty()) {
      return;
    }
    HandWrittenLog log = continuation.write(new HandWrittenLog(node));
    node.retireCore();
    stage.culprit().puts(log);
    stage.done(Expectation.EXPOSED);
  }

  private static String victim(Stage stage) {
    List<String> others = stage.others();
    return others.get(stage.chance().below(others.size()));
  }

  private static boolean isForked(Disk one, Disk other) {
    long common = Math.min(one.log().size(), other.log().size());
    return common > 0 && !one.log().entry(common - 1).equals(other.log().entry(common - 1));
  }
}
