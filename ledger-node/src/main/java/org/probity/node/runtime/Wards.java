package org.probity.node.runtime;

import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.probity.detector.audit.Replica;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.log.Origin;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.node.http.peer.LogStream;
import org.probity.node.http.peer.LogStreamReader;
import org.probity.node.http.peer.PeerFailure;
import org.probity.node.http.peer.PeerTransport;
import org.probity.node.http.wire.LogFrame;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the logs of all wards: one stream each, opened again with backoff when it breaks off or
 * brings something unusable. What a ward does not serve itself is asked of the others who may hold
 * it, one after the other, in turns with the ward; what is missing of a closed log is asked of them
 * alone. Lives on one event loop context; wards come and go on any thread.
 */
final class Wards {
  private static final Logger LOG = LoggerFactory.getLogger(Wards.class);

  static final long FIRST_BACKOFF_MILLIS = 100;
  static final long LAST_BACKOFF_MILLIS = 5_000;

  /** What is missing of a closed log nobody may have: it is looked for at leisure. */
  static final long LAST_CLOSED_BACKOFF_MILLIS = 30_000;

  /** What is too large to be taken here is not smaller the next time. */
  static final long TOO_LARGE_BACKOFF_MILLIS = 600_000;

  /** Frames that wait for a ward's worker; beyond it the stream pauses. */
  static final int MAX_WAITING_FRAMES = 16;

  private final Vertx vertx;
  private final PeerTransport transport;
  private final Map<String, Follow> follows = new ConcurrentSkipListMap<>();

  /** What is kept of incarnations that are closed, by origin. */
  private final Map<String, Follow> closed = new ConcurrentSkipListMap<>();

  private volatile Function<Ward, List<Copy>> copies = ward -> List.of();
  private volatile boolean started;
  private final AtomicBoolean stopped = new AtomicBoolean();

  /**
   * Where the entries of a log may be had without its node.
   *
   * @param origin of the log as it is held there: the next incarnation's begins with the closed one
   */
  record Copy(String holder, String origin) {}

  Wards(Vertx vertx, PeerTransport transport, Collection<Ward> wards) {
    this.vertx = vertx;
    this.transport = transport;
    wards.forEach(ward -> follows.put(ward.node(), new Follow(ward, true, false)));
  }

  void start() {
    started = true;
    follows.values().forEach(Follow::begin);
    closed.values().forEach(Follow::begin);
  }

  /** Where else a ward's log may be had, the likeliest first. */
  void askInstead(Function<Ward, List<Copy>> others) {
    copies = others;
  }

  /** One more that is kept here; {@link #follow} is what follows it. */
  void add(Ward ward) {
    follows.putIfAbsent(ward.node(), new Follow(ward, false, false));
  }

  /**
   * The log of an incarnation that is closed: it is served and compared with, and what is missing
   * up to the close is copied from whoever has it.
   */
  void addClosed(Ward ward) {
    Follow rest = new Follow(ward, true, true);
    if (closed.putIfAbsent(ward.stored().origin(), rest) == null && started) {
      rest.begin();
    }
  }

  /**
   * The members have let another incarnation begin: its node is not asked for this log any more.
   */
  void close(String node) {
    Follow former = follows.get(node);
    if (former != null) {
      // First of all: what the former stream still brings is not what the next one is to skip.
      former.leave();
      // Whoever shows a checkpoint of it meanwhile finds it in one of the two.
      addClosed(former.ward);
      follows.remove(node);
    }
  }

  /** Its log is followed from now on, or from the start on. */
  void follow(String node) {
    Follow follow = Objects.requireNonNull(follows.get(node), node);
    if (!follow.wanted) {
      follow.wanted = true;
      if (started) {
        follow.begin();
      }
    }
  }

  /** Its log is not followed any more; what is stored stays, and is served. */
  void rest(String node) {
    Follow follow = Objects.requireNonNull(follows.get(node), node);
    follow.wanted = false;
    follow.cancel();
  }

  /**
   * A ward has shown more than it has brought here. After a long absence the next question to it is
   * seconds away, and until then nobody else has what it answers its clients: it is asked at once.
   */
  void isBack(String node) {
    Follow follow = follows.get(node);
    if (follow != null) {
      follow.atOnce();
    }
  }

  void stop() {
    stopped.set(true);
    kept().forEach(Ward::stop);
    follows.values().forEach(Follow::cancel);
    closed.values().forEach(Follow::cancel);
  }

  Optional<Ward> ward(String node) {
    return Optional.ofNullable(follows.get(node)).map(follow -> follow.ward);
  }

  /** The ward, if its log is followed. */
  Optional<Ward> followed(String node) {
    return Optional.ofNullable(follows.get(node))
        .filter(follow -> follow.wanted)
        .map(follow -> follow.ward);
  }

  /** Those whose log is followed. */
  Collection<Ward> all() {
    return follows.values().stream()
        .filter(follow -> follow.wanted)
        .map(follow -> follow.ward)
        .toList();
  }

  /** Those and the ones followed before; of nodes in their present incarnations. */
  Collection<Ward> present() {
    return follows.values().stream().map(follow -> follow.ward).toList();
  }

  /** All of them, closed incarnations included. */
  Collection<Ward> kept() {
    List<Ward> all = new ArrayList<>(present());
    closed.values().forEach(follow -> all.add(follow.ward));
    return all;
  }

  /** Whether a copy of this log is here, whatever becomes of it. */
  boolean isKept(Origin log) {
    return kept().stream().anyMatch(ward -> ward.origin().equals(log));
  }

  /** What a checkpoint of this log is compared with: a log that is followed, or closed. */
  Optional<Ward> comparable(Origin log) {
    return followed(log.node())
        .filter(ward -> ward.stored().origin().equals(log.format()))
        .or(() -> Optional.ofNullable(closed.get(log.format())).map(follow -> follow.ward));
  }

  /** Keeps one ward's log coming, or what is missing of one that is closed. */
  private final class Follow {
    private final Ward ward;
    private final boolean isClosed;
    private volatile boolean wanted;

    /** Nothing more is asked for here; it is compared with until another one has it. */
    private volatile boolean left;

    private boolean begun;
    private long backoffMillis = FIRST_BACKOFF_MILLIS;
    private boolean wasAway;
    private @Nullable Stream stream;

    /** Ends the pause before the next stream. */
    private long pause;

    // What the ward did not bring is looked for elsewhere, and then at the ward again; of a closed
    // log the ward brings nothing.
    private boolean elsewhere;
    private int asked;
    private @Nullable String holder;

    /** Of a closed log: how many there are to be asked. */
    private int holders;

    private boolean isTooLarge;

    Follow(Ward ward, boolean wanted, boolean isClosed) {
      this.ward = ward;
      this.wanted = wanted;
      this.isClosed = isClosed;
    }

    void begin() {
      if (isClosed) {
        ward.closed();
        open();
        return;
      }
      boolean isFirst;
      synchronized (this) {
        isFirst = !begun;
        begun = begun || wanted;
      }
      if (wanted) {
        // The stream first: what an audit remembers may take a while to be read.
        open();
        if (isFirst) {
          ward.start();
        }
      }
    }

    void open() {
      // Whether anything is missing of a closed log its worker finds out before it answers.
      if (wanted && !left && !stopped.get()) {
        ward.expectFrom(from -> vertx.runOnContext(ignored -> openAt(from)));
      }
    }

    private boolean isWanted() {
      return wanted && !left && !stopped.get() && !(isClosed && ward.isSettled());
    }

    private synchronized void openAt(long from) {
      if (isWanted() && stream == null) {
        Stream opened = new Stream(this);
        stream = opened;
        if (isClosed && ward.isFull()) {
          compare(from, opened);
        } else {
          opened.connect(source(from, opened));
        }
      }
    }

    private LogStream source(long from, Stream reader) {
      List<Copy> others = elsewhere || isClosed ? copies.apply(ward) : List.of();
      // Of a closed one there is always the log that goes on with it.
      if (others.isEmpty() && !isClosed) {
        elsewhere = false;
        return transport.stream(ward.node(), from, reader);
      }
      Copy copy = others.get(asked % others.size());
      holder = copy.holder();
      holders = others.size();
      return CopiedLog.open(transport, holder, copy.origin(), from, reader);
    }

    /**
     * All that can be missing is a checkpoint over it, or the other half of it: the members have
     * closed another past than what is held here, or somebody else holds one. So checkpoints are
     * exchanged, and entries come only if they are those of this past.
     */
    private void compare(long from, Stream reader) {
      List<Copy> others =
          copies.apply(ward).stream()
              .filter(copy -> copy.origin().equals(ward.stored().origin()))
              .toList();
      holders = others.size();
      if (others.isEmpty()) {
        over(reader);
        return;
      }
      Copy copy = others.get(asked % others.size());
      holder = copy.holder();
      differs();
      Hash log = Hash.sha256(Bytes.utf8(copy.origin()).unsafeArray());
      transport
          .heldCheckpoint(copy.holder(), log)
          .onSuccess(held -> compare(held, copy, from, reader))
          .onFailure(failure -> over(reader));
    }

    private void compare(Bytes held, Copy copy, long from, Stream reader) {
      SignedCheckpoint checkpoint;
      try {
        checkpoint = SignedCheckpoint.parse(held);
      } catch (DecodeException e) {
        over(reader);
        return;
      }
      @SuppressWarnings("unused")
      var unused =
          ward.compare(checkpoint)
              .whenComplete(
                  (comparison, failure) -> {
                    if (comparison == Replica.Comparison.AHEAD && ward.goesOnTo(checkpoint)) {
                      copyOn(copy, from, reader);
                    } else {
                      over(reader);
                    }
                  });
    }

    private synchronized void copyOn(Copy copy, long from, Stream reader) {
      if (stream == reader) {
        reader.connect(CopiedLog.open(transport, copy.holder(), copy.origin(), from, reader));
      }
    }

    private synchronized void progressed() {
      backoffMillis = FIRST_BACKOFF_MILLIS;
      isTooLarge = false;
      if (wasAway) {
        wasAway = false;
        ward.returned();
      }
      if (!elsewhere && !isClosed) {
        asked = 0;
      }
      if (!isWanted()) {
        cancel();
      }
    }

    /** Longer and longer: for a closed log when all who may have it have been asked once more. */
    private long nextPauseMillis() {
      long pause = backoffMillis;
      boolean isRoundOver = !isClosed || holders == 0 || asked % holders == 0;
      if (isRoundOver) {
        backoffMillis =
            Math.min(2 * pause, isClosed ? LAST_CLOSED_BACKOFF_MILLIS : LAST_BACKOFF_MILLIS);
      }
      return isTooLarge ? TOO_LARGE_BACKOFF_MILLIS : pause;
    }

    /** What is missing of a closed log does not go into memory, whoever is asked for it. */
    private synchronized void tooLarge() {
      isTooLarge = true;
    }

    /** A stream is over; the next one is opened after a pause, once. */
    private synchronized void over(Stream ended) {
      if (stream == ended) {
        cancel();
        wasAway = true;
        if (elsewhere || isClosed) {
          asked++;
        }
        elsewhere = !elsewhere && !isClosed;
        if (isWanted()) {
          pause = vertx.setTimer(nextPauseMillis(), timer -> open());
        }
      }
    }

    /** Only a pause is cut short, and the next one is as long as it would have been. */
    private synchronized void atOnce() {
      if (wasAway && stream == null && vertx.cancelTimer(pause)) {
        elsewhere = false;
        open();
      }
    }

    /**
     * What somebody holds of a closed log is not what is held here. If that is because its node has
     * shown two histories, whoever has all of it has the other half.
     */
    private synchronized void differs() {
      String other = holder;
      if (other != null) {
        ward.halves()
            .forEach(
                held ->
                    transport
                        .checkpoint(other, held.bytes())
                        .onFailure(failure -> LOG.debug("{} is not told", other, failure)));
      }
    }

    void leave() {
      left = true;
      cancel();
    }

    synchronized void cancel() {
      Stream open = stream;
      stream = null;
      if (open != null) {
        open.close();
      }
    }
  }

  /** One connection to a ward's log. */
  private static final class Stream implements LogStreamReader {
    private final Follow follow;
    private @Nullable LogStream connection;
    private boolean closed;
    private int waiting;
    private boolean paused;

    Stream(Follow follow) {
      this.follow = follow;
    }

    synchronized void connect(LogStream opened) {
      connection = opened;
      if (closed) {
        opened.close();
      }
    }

    synchronized void close() {
      closed = true;
      if (connection != null) {
        connection.close();
      }
    }

    @Override
    public void frame(LogFrame frame) {
      if (took()) {
        follow.ward.frame(frame, this::unusable, follow::progressed, this::handled);
      }
    }

    /** Counts a frame in; what a closed stream still brings is dropped. */
    private synchronized boolean took() {
      waiting++;
      if (waiting >= MAX_WAITING_FRAMES && connection != null && !paused) {
        paused = true;
        connection.pause();
      }
      return !closed;
    }

    private synchronized void handled() {
      waiting--;
      if (paused && connection != null && waiting <= MAX_WAITING_FRAMES / 2) {
        paused = false;
        connection.resume();
      }
    }

    @Override
    public void ended(PeerFailure reason) {
      LOG.debug("the stream of {} ended: {}", follow.ward.node(), reason.code());
      follow.over(this);
    }

    private void unusable(String code) {
      if (follow.isClosed) {
        LOG.debug("a copy of {} is of no use: {}", follow.ward.origin(), code);
        if (code.equals("range_too_large")) {
          follow.tooLarge();
        }
        follow.differs();
      } else {
        LOG.info("{} has sent what is not its log: {}", follow.ward.node(), code);
      }
      follow.over(this);
    }
  }
}
