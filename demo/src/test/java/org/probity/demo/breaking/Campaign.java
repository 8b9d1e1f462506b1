package org.probity.demo.breaking;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;

/**
 * The loop: found a consortium, break a node in one way again and again, and look after each time
 * whether everything still holds. One line of JSON for each time, to standard output and to the
 * file that {@code probity.breaking.out} names.
 */
final class Campaign implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int NODES = 4;

  private final Path folder;
  private final Mode mode;
  private final long seed;
  private final Random random;
  private int founded;
  private Stage stage;

  /** One consortium, and all that anybody has seen of it. */
  private record Stage(Banks banks, Shown shown, Customer customer, Oracles oracles, Scene scene) {}

  /** Founds and starts one. */
  Campaign(Path folder, Mode mode, long seed) throws Exception {
    this.folder = folder;
    this.mode = mode;
    this.seed = seed;
    this.random = new Random(seed);
    this.stage = found();
  }

  private Stage found() throws Exception {
    Banks banks = Banks.found(folder.resolve("consortium-" + founded++), NODES, mode);
    boolean complete = false;
    try {
      banks.startAll();
      Shown shown = new Shown();
      Customer customer = new Customer(banks, shown);
      customer.prepare();
      Stage made =
          new Stage(
              banks,
              shown,
              customer,
              new Oracles(banks, customer, shown),
              new Scene(banks, customer, random));
      complete = true;
      return made;
    } finally {
      if (!complete) {
        banks.close();
      }
    }
  }

  /** {@code probity.breaking.seed}, or one that is new each time; it is in every line. */
  static long seed() {
    return Long.getLong("probity.breaking.seed", System.nanoTime());
  }

  /** {@code probity.breaking.cycles}, or the count given. */
  static int cycles(int usual) {
    return Integer.getInteger("probity.breaking.cycles", usual);
  }

  /** Breaks a node so often; what does not hold, one line each. */
  List<String> run(Way way, int cycles) throws Exception {
    List<String> complaints = new ArrayList<>();
    for (int cycle = 0; cycle < cycles; cycle++) {
      for (String complaint : cycle(way, cycle)) {
        complaints.add(way.name() + ", seed " + seed + ", cycle " + cycle + ": " + complaint);
      }
    }
    return complaints;
  }

  private List<String> cycle(Way way, int cycle) throws Exception {
    Way.Broken broken;
    try {
      broken = way.once(stage.scene());
    } catch (Scene.Unmendable e) {
      return abandon(way, cycle, e);
    }
    stage.customer().repeatUnanswered(broken.victim());
    stage.scene().goOn(broken.victim(), stage.shown().largest(broken.victim()));
    Oracles.Judgement judgement = stage.oracles().judge(broken.victim());
    List<String> complaints = complaints(broken, judgement);
    ObjectNode line = line(way, cycle, broken, judgement);
    complaints.forEach(line.putArray("complaints")::add);
    tell(line);
    return complaints;
  }

  /** Its operator can do no more: nobody may be blamed for it, and the next one is founded. */
  private List<String> abandon(Way way, int cycle, Scene.Unmendable reason) throws Exception {
    List<String> complaints = new ArrayList<>();
    stage.oracles().evidence().forEach(each -> complaints.add("evidence: " + each));
    if (!(way.mayBeUnmendable() && mode.mayLose())) {
      complaints.add("not to be mended: " + reason.code());
    }
    ObjectNode line = begin(way, cycle).put("unmendable", reason.code());
    complaints.forEach(line.putArray("complaints")::add);
    tell(line);
    stage.banks().close();
    Scene.delete(stage.banks().layout().directory());
    stage = found();
    return complaints;
  }

  Scene scene() {
    return stage.scene();
  }

  Shown shown() {
    return stage.shown();
  }

  Oracles oracles() {
    return stage.oracles();
  }

  private List<String> complaints(Way.Broken broken, Oracles.Judgement judgement) {
    List<String> complaints = new ArrayList<>(unconditional(judgement));
    boolean mayLose = broken.mayLose() && mode.mayLose();
    if (!mayLose) {
      judgement.lost().forEach(each -> complaints.add("lost: " + each));
    }
    if (!(mayLose && broken.maySignTwice())) {
      judgement.conflicts().forEach(each -> complaints.add("signed twice: " + each));
    }
    return complaints;
  }

  /** What no way of breaking a node excuses. */
  private static List<String> unconditional(Oracles.Judgement judgement) {
    List<String> complaints = new ArrayList<>();
    judgement.badReceipts().forEach(each -> complaints.add("receipt: " + each));
    judgement.evidence().forEach(each -> complaints.add("evidence: " + each));
    judgement.distrust().forEach(each -> complaints.add("distrust: " + each));
    judgement.faults().forEach(each -> complaints.add("fault: " + each));
    judgement.unsettled().forEach(each -> complaints.add("books: " + each));
    return complaints;
  }

  private ObjectNode begin(Way way, int cycle) {
    return JSON.createObjectNode()
        .put("way", way.name())
        .put("mode", mode.toString())
        .put("seed", seed)
        .put("cycle", cycle);
  }

  private ObjectNode line(Way way, int cycle, Way.Broken broken, Oracles.Judgement judgement) {
    return begin(way, cycle)
        .put("victim", broken.victim())
        .put("how", broken.how())
        .put("acknowledged", judgement.acknowledged())
        .put("receipts", judgement.receipts())
        .put("checkpoints", judgement.checkpoints())
        .put("lost", judgement.lost().size())
        .put("conflicts", judgement.conflicts().size())
        .put("evidence", judgement.evidence().size())
        .put("refused", broken.mended().code())
        .put("nextIncarnation", broken.mended().isNextIncarnation())
        .put("readySeconds", seconds(broken.mended().readySeconds()))
        .put("trustedSeconds", seconds(judgement.trustedSeconds()))
        .put("entries", judgement.entries())
        .put("incarnation", judgement.incarnation());
  }

  private static String seconds(double seconds) {
    return String.format(Locale.ROOT, "%.1f", seconds);
  }

  private static void tell(ObjectNode line) throws IOException {
    System.out.println(line);
    Optional<String> out = Optional.ofNullable(System.getProperty("probity.breaking.out"));
    if (out.isPresent()) {
      Files.writeString(
          Path.of(out.get()),
          line + "\n",
          StandardCharsets.UTF_8,
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    }
  }

  @Override
  public void close() {
    stage.banks().close();
  }
}
