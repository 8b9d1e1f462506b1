package org.probity.benchmarks.local;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.probity.benchmarks.load.LoadReport;

/**
 * One load and what stands beside it.
 *
 * @param transfersPerSignature 1, or as many as a bank puts under one signature
 * @param nodeCpuNanos of the node's process during the load
 * @param generatorCpuNanos of this process during the load
 * @param logBytes the load added to the log, STATE and TICK entries included
 * @param bare the signature rule alone, on statements of the same size
 */
record Measurement(
    int transfersPerSignature,
    int statementsPerRequest,
    int clients,
    LoadReport load,
    long nodeCpuNanos,
    long generatorCpuNanos,
    double logBytes,
    BareRate bare) {
  private static final double MEDIAN = 0.5;
  private static final double TAIL = 0.99;

  double transfersPerSecond() {
    return load.transfersPerSecond();
  }

  double nodeCpuMicrosPerTransfer() {
    return nodeCpuNanos / 1e3 / load.transfers();
  }

  private double generatorCpuMicrosPerTransfer() {
    return generatorCpuNanos / 1e3 / load.transfers();
  }

  double logBytesPerTransfer() {
    return logBytes / load.transfers();
  }

  double bareTransfersPerSecond() {
    return bare.signaturesPerSecond() * transfersPerSignature;
  }

  /** Of what the cores could do if they did nothing but verify; the generator's share included. */
  double ratioToBareRate() {
    return transfersPerSecond() / bareTransfersPerSecond();
  }

  /** The part of the node's CPU time that the signature rule alone accounts for. */
  double signatureShareOfNodeCpu() {
    return bare.cpuMicrosPerSignature() / (nodeCpuMicrosPerTransfer() * transfersPerSignature);
  }

  double p50Millis() {
    return load.latencies().millis(MEDIAN);
  }

  double p99Millis() {
    return load.latencies().millis(TAIL);
  }

  ObjectNode toJson() {
    ObjectNode json =
        JsonNodeFactory.instance
            .objectNode()
            .put("transfersPerSignature", transfersPerSignature)
            .put("statementsPerRequest", statementsPerRequest)
            .put("clients", clients)
            .put("transfers", load.transfers())
            .put("statements", load.statements())
            .put("seconds", rounded(load.nanos() / 1e9))
            .put("throttled", load.throttled())
            .put("transfersPerSecond", rounded(transfersPerSecond()))
            .put("latencyP50Millis", rounded(p50Millis()))
            .put("latencyP99Millis", rounded(p99Millis()))
            .put("nodeCpuMicrosPerTransfer", rounded(nodeCpuMicrosPerTransfer()))
            .put("generatorCpuMicrosPerTransfer", rounded(generatorCpuMicrosPerTransfer()))
            .put("logBytesPerTransfer", rounded(logBytesPerTransfer()));
    json.putObject("bare")
        .put("signaturesPerSecond", rounded(bare.signaturesPerSecond()))
        .put("cpuMicrosPerSignature", rounded(bare.cpuMicrosPerSignature()))
        .put("transfersPerSecond", rounded(bareTransfersPerSecond()));
    return json.put("ratioToBareRate", rounded(ratioToBareRate()))
        .put("signatureShareOfNodeCpu", rounded(signatureShareOfNodeCpu()));
  }

  private static double rounded(double value) {
    return Math.round(value * 1000) / 1000.0;
  }
}
