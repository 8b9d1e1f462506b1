package org.probity.simulation.oracle;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.probity.detector.codec.Bytes;
import org.probity.simulation.fault.Expectation;
import org.probity.simulation.fault.Fault;
import org.probity.simulation.node.Host;
import org.probity.simulation.node.World;

/**
 * What came of one fault.
 *
 * @param kind of the fault
 * @param node that committed it
 * @param expectation what was to come of it
 * @param atMillis when
 * @param isAlone whether it is all that the node has done, so that what became of the node came of
 *     this
 * @param exposing how many correct nodes have exposed the culprit
 * @param exposedMillis from when the culprit turned to it until every correct node had exposed it;
 *     empty if one has not
 * @param suspectedMillis the same of the suspicion that there is in the end
 * @param evidenceBytes of the first proof against the node, or against the member that owns it; 0
 *     if there is none
 */
public record Detection(
    String kind,
    String node,
    Expectation expectation,
    long atMillis,
    boolean isAlone,
    long exposing,
    OptionalLong exposedMillis,
    OptionalLong suspectedMillis,
    int evidenceBytes) {

  /** Of every fault that was done. */
  public static List<Detection> all(World world, Watch watch) {
    List<String> correct =
        world.hosts().stream().map(Host::name).filter(node -> !watch.isFaulty(node)).toList();
    List<Detection> all = new ArrayList<>();
    for (Watch.Committed fault : watch.committed()) {
      String node = fault.node();
      List<String> accused =
          List.of(node, world.founding().genesis().node(node).orElseThrow().member());
      int bytes =
          watch.proofs().entrySet().stream()
              .filter(proof -> accused.contains(proof.getValue()))
              .map(Map.Entry::getKey)
              .mapToInt(Bytes::size)
              .findFirst()
              .orElse(0);
      all.add(
          new Detection(
              fault.incident().kind(),
              node,
              fault.expectation(),
              fault.sinceMicros() / 1_000,
              watch.incidentsOf(node) == (isOfCustomer(fault) ? 0 : 1),
              correct.stream().filter(by -> watch.exposedAt(by, node).isPresent()).count(),
              last(correct.stream().map(by -> watch.exposedAt(by, node)).toList(), fault),
              last(correct.stream().map(by -> watch.suspectedSince(by, node)).toList(), fault),
              bytes));
    }
    return all;
  }

  private static boolean isOfCustomer(Watch.Committed fault) {
    return Fault.of(fault.incident().kind()).filter(Fault::isOfCustomer).isPresent();
  }

  private static OptionalLong last(List<Optional<Long>> times, Watch.Committed fault) {
    if (times.isEmpty() || times.stream().anyMatch(Optional::isEmpty)) {
      return OptionalLong.empty();
    }
    long last = times.stream().mapToLong(Optional::get).max().orElseThrow();
    return OptionalLong.of(Math.max(0, last - fault.sinceMicros()) / 1_000);
  }
}
