package org.probity.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.OptionalDouble;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;
import org.probity.ledger.audit.Sums;

/** Collects what the demonstration found out; becomes its one line of JSON. */
final class Report {
  private final ObjectNode json = JsonNodeFactory.instance.objectNode();
  private final List<String> complaints = new ArrayList<>();

  Report(Path folder, Path genesis, List<String> nodes) {
    json.put("dir", folder.toString()).put("genesis", genesis.toString());
    ArrayNode array = json.putArray("nodes");
    nodes.forEach(array::add);
  }

  void transfers(long submitted, long accepted, long settled, SortedMap<String, Long> rejected) {
    ObjectNode transfers = json.putObject("transfers");
    transfers.put("submitted", submitted).put("accepted", accepted).put("settled", settled);
    ObjectNode codes = transfers.putObject("rejected");
    rejected.forEach(codes::put);
  }

  void conservation(Sums sums) {
    json.putObject("conservation")
        .put("issuedMinor", sums.issuedMinor())
        .put("balancesMinor", sums.balancesMinor())
        .put("inFlightMinor", sums.inFlightMinor())
        .put("lossMinor", sums.lossMinor());
  }

  void fault(Fault fault, @Nullable String culprit) {
    json.put("fault", fault.label()).put("culprit", culprit);
  }

  void verdicts(Detection detection, NavigableSet<String> falselyAccused) {
    ArrayNode exposed = json.putArray("exposed");
    ObjectNode exposedBy = json.putObject("exposedBy");
    for (String accused : detection.accused(Detection.EXPOSED)) {
      exposed.add(accused);
      ArrayNode by = exposedBy.putArray(accused);
      detection.accusers(Detection.EXPOSED, accused).keySet().forEach(by::add);
    }
    ArrayNode suspected = json.putArray("suspected");
    detection.accused(Detection.SUSPECTED).forEach(suspected::add);
    ArrayNode falsely = json.putArray("falselyAccused");
    falselyAccused.forEach(falsely::add);
  }

  void evidence(List<EvidenceCheck.Checked> files) {
    ArrayNode array = json.putArray("evidence");
    for (EvidenceCheck.Checked checked : files) {
      array
          .addObject()
          .put("file", checked.file().toString())
          .put("kind", checked.verdict().path("kind").asText())
          .put("bytes", checked.bytes())
          .put("verifyMillis", Math.round(checked.verifyMillis() * 100) / 100.0)
          .put("processMillis", checked.processMillis())
          .put("verdict", checked.verdict().path("verdict").asText());
    }
  }

  /** Whom a witness would have audited first, and which slots found the fault. */
  void order(ObjectNode ranking, ArrayNode audits) {
    json.set("ranking", ranking);
    json.set("audits", audits);
  }

  /** What the fault has reached. */
  void reached(ObjectNode blastRadius) {
    json.set("blastRadius", blastRadius);
  }

  /** Why the members decide nothing. */
  void notRevoked(String why) {
    json.put("notRevokedBecause", why);
  }

  void exposure(OptionalDouble seconds) {
    json.putArray("revoked");
    json.putArray("decisions");
    if (seconds.isPresent()) {
      json.put("secondsToExposure", Math.round(seconds.getAsDouble() * 1000) / 1000.0);
    } else {
      json.putNull("secondsToExposure");
    }
    json.putNull("consoleUrl");
    json.putNull("ranking");
    json.putArray("audits");
    json.putNull("blastRadius");
    json.putNull("notRevokedBecause");
  }

  /** What the members decided about the culprit. */
  void decided(String culprit, List<JsonNode> decisions) {
    json.withArray("revoked").add(culprit);
    for (JsonNode decision : decisions) {
      ObjectNode one =
          json.withArray("decisions")
              .addObject()
              .put("epoch", decision.path("epoch").asLong())
              .put("action", decision.path("action").asText())
              .put("round", decision.path("round").asInt());
      one.set("voters", decision.path("voters"));
    }
  }

  /** Something is not as it must be; the exit code will say so. */
  void complain(String what) {
    complaints.add(what);
  }

  List<String> complaints() {
    return complaints;
  }

  ObjectNode json() {
    if (!complaints.isEmpty()) {
      ArrayNode array = json.putArray("complaints");
      complaints.forEach(array::add);
    }
    return json;
  }
}
